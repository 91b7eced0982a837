"""The facts of a file come from its bytes; bytes that contradict themselves are refused."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import pytest

from payroll.model.errors import InvariantError
from payroll.model.file_facts import Block
from payroll.sepa.adapter import MessageHeader, Transaction
from payroll.sepa.facts import file_facts
from payroll.sepa.stream import write_message

PAID = (
    Transaction("E-1", 150_059, "Ana Fictif", "BE68539007547034", "Mai"),
    Transaction("E-2", 1, "Bram Fictief", "NL91ABNA0417164300", "Mai"),
)


def written(version: str = "pain.001.001.09", bic: str = "") -> bytes:
    header = MessageHeader(
        version=version,
        message_id="M-1",
        payment_information_id="M-1-P",
        created_at=datetime(2026, 11, 24, 9, 0, 7),  # noqa: DTZ001 - local, as in the file
        initiator_id="BE0912364677",
        debtor_name="Hopital Fictif",
        debtor_iban="BE88063954965641",
        debtor_bic=bic,
        execution_date=date(2026, 11, 30),
        batch_booking=False,
    )
    return write_message(header, PAID)


@pytest.mark.parametrize("version", ["pain.001.001.03", "pain.001.001.09"])
@pytest.mark.parametrize("bic", ["", "GKCCBEBB"])
def test_facts_of_a_file(version: str, bic: str) -> None:
    content = written(version, bic)
    facts = file_facts("sepa/x.xml", content)
    assert (facts.version, facts.debtor_bic) == (version, bic)
    assert (facts.message_id, facts.initiator_id) == ("M-1", "BE0912364677")
    assert facts.blocks == (Block(block_id="M-1-P", count=2, total_cents=150_060),)
    assert (facts.count, facts.total_cents, facts.size_bytes) == (2, 150_060, len(content))
    assert (facts.execution_date, facts.batch_booking) == (date(2026, 11, 30), False)
    assert facts.created_at.isoformat() == "2026-11-24T09:00:07"
    assert facts.category_purpose == ""
    assert facts.lines.to_numpy().tolist() == [
        ["E-1", 150_059, "BE68539007547034"],
        ["E-2", 1, "NL91ABNA0417164300"],
    ]
    assert facts.sha256 == hashlib.sha256(content).hexdigest()
    assert (len(facts.sha1), len(facts.md5)) == (40, 32)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<NbOfTxs>2", b"<NbOfTxs>3"),
        (b"<CtrlSum>1500.60", b"<CtrlSum>1500.61"),
        (b'"EUR">0.01', b'"EUR">0.02'),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_a_number_or_a_sum_that_is_not_so_is_refused(old: bytes, new: bytes, *, last: bool) -> None:
    content = written()
    head, found, tail = content.rpartition(old) if last else content.partition(old)
    assert found
    with pytest.raises(InvariantError, match="another number or sum"):
        file_facts("sepa/x.xml", head + new + tail)
