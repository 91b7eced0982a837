"""Last month's payments out of statements: what names a payee is read, the rest is said."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from payroll.bank_status.recognise import VERSIONS, read_answer
from payroll.ingest.bank_statement import is_statement, read_statement
from payroll.ingest.read import read_sources
from payroll.model.answers import AnswerFact, BankAnswer
from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding
from payroll.model.order import SourceOrder, payrun_model
from payroll.model.tables import SourceTables
from payroll.texts import error_lines, languages
from tests.unit.ingest.bank_samples import IBANS, bank, block, pain001, staff, tx
from tests.unit.ingest.ingest_samples import formats, ids

A, B, C, D, E = IBANS


def fact(level: Any = "payment", what: Any = "debit", **others: Any) -> AnswerFact:
    given = {
        "amount_cents": 200_000,
        "counterparty_iban": A,
        "counterparty_name": "ANNE MODELE",
        "booked_on": "2022-04-29",
        "where": "Ntry[1]",
    }
    return AnswerFact(level=level, what=what, **{**given, **others})


def rows(*facts: AnswerFact) -> tuple[pd.DataFrame, list[Finding]]:
    answer = BankAnswer(
        kind="coda",
        version="2",
        answer_id="2204 !1",
        created_at="",
        account_iban=C,
        original_message_id="",
        sha256="",
        facts=facts,
    )
    frame, read, summary = read_statement(SourceOrder(kind="bank_payments", file="s.cod"), answer)
    assert summary.rows_read == summary.rows_used + summary.rows_excluded
    return frame, read.findings


def test_only_what_left_the_account_for_a_payee_counts() -> None:
    frame, findings = rows(
        fact("entry", code="1-01-05-000", amount_cents=350_000, transactions=2),
        fact(code="5-01-05-000"),
        fact(code="5-01-05-000", amount_cents=150_000),
        fact(what="credit"),
        fact(what="return"),
        fact(what="cost"),
        fact(code="0-01-01-000", additional=("FACTURE", "118")),
    )
    assert not findings
    assert frame["amount_cents"].tolist() == [200_000, 150_000, 200_000]
    assert frame["category_purpose"].tolist() == ["SALA", "SALA", "OTHR"]
    assert frame["remittance"].tolist()[-1] == "FACTURE 118"
    assert frame["source"].tolist() == ["s.cod!2204__1!R1", "s.cod!2204__1!R2", "s.cod!2204__1!R3"]
    assert set(frame["execution_date"]) == {pd.Timestamp("2022-04-29")}
    assert set(frame["debtor_iban"]) == {C}


def test_a_total_without_its_details_is_said() -> None:
    frame, findings = rows(
        fact("entry", amount_cents=900_000),
        fact("entry", amount_cents=200_000),
        fact(),
        fact(amount_cents=None),
        fact("entry", amount_cents=10),
    )
    assert len(frame) == 1
    assert [(item.rule_id, item.observed) for item in findings] == [
        ("ING-012", "9000.00"),
        ("ING-012", "-"),
        ("ING-012", "0.10"),
    ]


def camt(*payments: tuple[str, str, str], day: str = "2022-04-29", number: str = "118") -> bytes:
    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Cdtr><Nm>{name}</Nm>"
        f"</Cdtr><CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>"
        "</Ntry>"
        for name, iban, amount in payments
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2022-04-30T20:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{number}</Id><CreDtTm>2022-04-30T20:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{C}</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


ANNE, BART = ("ANNE MODELE", A, "2000.00"), ("BART VOORBEELD", B, "1500.00")
LIST = staff(("1042", "Anne", "Modèle", A), ("1043", "Bart", "Voorbeeld", D))


def read(*contents: bytes) -> tuple[SourceTables, list[Finding]]:
    sources = [LIST, *(bank(content, f"{n}.xml") for n, content in enumerate(contents))]
    order = payrun_model().model_validate(
        {"period": "2022-05", "last_known": "2022-04", "source": [item for item, _ in sources]}
    )
    files = {str(item["file"]): content for item, content in sources}
    return read_sources(order, files, formats(), read_answer)


def test_a_statement_is_matched_as_an_order_is() -> None:
    tables, findings = read(camt(ANNE, BART))
    assert not findings
    assert tables.bank["payee_id"].tolist() == ["1042", "1043"]
    assert tables.bank["source"].tolist() == ["0.xml!118!R1", "0.xml!118!R2"]
    assert tables.has("bank_payments")


def test_what_a_statement_only_confirms_counts_once() -> None:
    order = pain001(block(tx("ANNE MODELE", A), tx("BART VOORBEELD", B, "1500.00")))
    tables, findings = read(camt(ANNE, BART, ("ZOE FICTIF", E, "10.00")), order)
    assert sorted(tables.bank["amount_cents"]) == [1_000, 150_000, 200_000]
    (told,) = findings
    assert (told.rule_id, told.observed, told.limit) == ("ING-021", "2", "3500.00")
    (statement,) = [item for item in tables.summaries if item.file == "0.xml"]
    assert (statement.rows_read, statement.rows_used, statement.rows_excluded) == (3, 1, 2)
    assert (statement.totals_cents["amount"], statement.excluded_cents["amount"]) == (
        1_000,
        350_000,
    )


def test_two_statements_of_one_day_overlap_and_of_two_days_do_not() -> None:
    again, findings = read(camt(ANNE), camt(ANNE, BART, number="119"))
    assert (len(again.bank), ids(findings)) == (2, ["ING-021"])
    later, findings = read(camt(ANNE), camt(ANNE, day="2022-05-02", number="120"))
    assert (len(later.bank), findings) == (2, [])
    twice, findings = read(camt(ANNE, ANNE))
    assert (len(twice.bank), findings) == (2, [])


def test_a_statement_says_of_nobody_that_he_is_on_the_staff() -> None:
    """Without any list, whoever a statement pays may be a supplier: nobody becomes a payee."""
    order = payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "source": [{"kind": "bank_payments", "file": "s.xml"}],
        }
    )
    tables, _ = read_sources(order, {"s.xml": camt(ANNE)}, formats(), read_answer)
    assert tables.bank["payee_id"].tolist() == [""]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (camt(ANNE), True),
        (camt(ANNE).decode().encode("utf-16"), True),
        (b"0" * 128, True),
        (pain001(block(tx())), False),
        (b"%PDF", False),
        (b"0;1;2", False),
    ],
)
def test_a_statement_is_known_by_its_content(content: bytes, *, found: bool) -> None:
    assert is_statement(content) is found


def test_a_damaged_statement_is_refused_in_its_readers_words() -> None:
    with pytest.raises(DamagedInputError) as caught:
        read(camt(ANNE)[:-30])
    assert caught.value.error_id == "answer_malformed"


@pytest.mark.parametrize("language", languages())
def test_what_is_refused_is_told_every_kind_that_is_read(language: str) -> None:
    error = DamagedInputError("bank_xml_other", where="a.xml", found="pain.008.001.02")
    expected = error_lines(error, language)[1]
    for kind, (first, last) in VERSIONS.items():
        if kind.startswith("camt"):
            assert kind in expected
            assert re.search(rf"{first:02}\D+{last}", expected.partition(kind)[2])
    assert re.search(r"pain\.001\.001 \(\w+ 02 \w+ 13\)", expected)
    assert "CODA 2" in expected
