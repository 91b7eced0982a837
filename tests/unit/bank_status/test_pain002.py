"""Status reports: every level, every reason, verification of payee on an axis of its own."""

from __future__ import annotations

import pytest

from payroll.model.answers import AnswerFact
from payroll.model.errors import DamagedInputError, Said
from tests.unit.bank_status.answer_samples import (
    MESSAGE,
    block,
    original,
    pain002,
    payment_fact,
    read,
    reason,
    transaction,
)

VERSIONS = ("03", "10")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_file_refused(version: str) -> None:
    group = (
        "<OrgnlNbOfTxs>4012</OrgnlNbOfTxs><OrgnlCtrlSum>9876543.21</OrgnlCtrlSum>"
        "<GrpSts>RJCT</GrpSts>" + reason("AM10", "Control sum", "differs")
    )
    answer = read(pain002("", version=version, group=group))
    assert (answer.kind, answer.version) == ("pain.002", f"001.{version}")
    assert (answer.answer_id, answer.created_at) == ("STS-1", "2022-05-30T10:00:00")
    assert (answer.account_iban, answer.original_message_id) == ("", MESSAGE)
    assert answer.facts == (
        AnswerFact(
            level="file",
            what="status",
            code="RJCT",
            message_id=MESSAGE,
            amount_cents=987_654_321,
            transactions=4012,
            reasons=("AM10",),
            additional=("Control sum", "differs"),
            where="OrgnlGrpInfAndSts[1]",
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_taken_in_part_with_two_payments_refused(version: str) -> None:
    body = block(
        transaction("SAL-1", "RJCT", reason("AC04"), original("1234.5", version=version))
        + transaction("SAL-2", "RJCT", reason("BE01") + reason("NARR", "Nom inconnu"))
    )
    answer = read(pain002(body, version=version, group="<GrpSts>PART</GrpSts>"))
    whole, first, second = answer.facts
    assert (whole.level, whole.code, whole.reasons) == ("file", "PART", ())
    assert first == payment_fact(
        what="status",
        code="RJCT",
        message_id=MESSAGE,
        amount_cents=123_450,
        counterparty_name="Aline Dubois",
        reasons=("AC04",),
        where="OrgnlPmtInfAndSts[1]/TxInfAndSts[1]",
    )
    assert (second.end_to_end_id, second.reasons) == ("SAL-2", ("BE01", "NARR"))
    assert second.additional == ("Nom inconnu",)
    assert second.amount_cents is None


def test_reasons_are_collected_at_each_level() -> None:
    answer = read(
        pain002(
            block(reason("DT06", "moved") + transaction("SAL-1", "", reason("AC06")), "ACWC"),
            group=reason("FF01", "see below"),
        )
    )
    assert [(fact.level, fact.code, fact.reasons) for fact in answer.facts] == [
        ("file", "", ("FF01",)),
        ("block", "ACWC", ("DT06",)),
        ("payment", "", ("AC06",)),
    ]
    assert {fact.what for fact in answer.facts} == {"status"}


def test_a_level_that_says_nothing_is_no_fact() -> None:
    assert [f.level for f in read(pain002(block(transaction("SAL-1", "ACSC")))).facts] == [
        "payment"
    ]
    assert read(pain002(block(""))).facts == ()


@pytest.mark.parametrize("code", ["RVNC", "RCVC", "RVCM", "RVMC", "RVNM", "RVNA"])
def test_verification_of_payee_is_never_a_status(code: str) -> None:
    body = block(transaction("SAL-1", code, "", original("10.00", version="10")))
    answer = read(pain002(body, version="10", group=f"<GrpSts>{code}</GrpSts>"))
    assert [(fact.level, fact.what, fact.code) for fact in answer.facts] == [
        ("file", "vop", code),
        ("payment", "vop", code),
    ]


def test_two_reports_keep_their_own_times_whatever_the_order_of_reading() -> None:
    late = read(
        pain002(
            block(transaction("A", "RJCT")), created="2022-05-31T09:00:00+02:00", message_id="STS-2"
        )
    )
    early = read(pain002(block(transaction("A", "ACSP")), created="2022-05-30T09:00:00"))
    assert (late.created_at, late.answer_id) == ("2022-05-31T09:00:00+02:00", "STS-2")
    assert early.created_at == "2022-05-30T09:00:00"
    assert late.sha256 != early.sha256
    assert [late.facts[0].code, early.facts[0].code] == ["RJCT", "ACSP"]


def test_the_bank_s_own_codes_and_counts_are_told_and_are_no_reasons() -> None:
    own = "<StsRsnInf><Rsn><Prtry>X99</Prtry></Rsn></StsRsnInf>"
    counts = "<NbOfTxsPerSts><DtldNbOfTxs>3</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>"
    none = "<NbOfTxsPerSts><DtldNbOfTxs>0</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>"
    answer = read(pain002(block(transaction("A", "RJCT", own)), group=counts + none))
    assert (answer.facts[0].reasons, answer.facts[0].additional) == ((), ("X99",))
    assert answer.remarks == (Said("answer_count_per_status", {"code": "RJCT", "count": "3"}),)


@pytest.mark.parametrize(
    ("amount", "currency", "remark"),
    [("10.00", "USD", "answer_not_euro"), ("10.005", "EUR", "answer_parts_of_a_cent")],
)
def test_an_amount_that_is_not_exact_in_euro_is_none_with_a_remark(
    amount: str, currency: str, remark: str
) -> None:
    told = original(amount, currency=currency)
    answer = read(pain002(block(transaction("A", "RJCT", "", told))))
    assert answer.facts[0].amount_cents is None
    assert answer.remarks == (Said(remark, {"count": "1"}),)


@pytest.mark.parametrize("amount", ["-10.00", "1e3", "12,50", "ten", "1.", "٣.00"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(DamagedInputError, match="answer_amount"):
        read(pain002(block(transaction("A", "RJCT", "", original(amount)))))


def test_a_payment_before_the_file_it_is_about_is_refused() -> None:
    text = pain002(block(transaction("A", "RJCT")))
    start, end = text.index("<OrgnlGrpInfAndSts>"), text.index("<OrgnlPmtInfAndSts>")
    moved = text[:start] + text[end:].replace(
        "</CstmrPmtStsRpt>", text[start:end] + "</CstmrPmtStsRpt>"
    )
    for content in (moved, text[:start] + text[end:]):
        with pytest.raises(DamagedInputError, match="answer_incomplete"):
            read(content)


def test_two_values_where_one_is_expected_are_refused() -> None:
    twice = transaction("A", "RJCT").replace("</TxSts>", "</TxSts><TxSts>ACSC</TxSts>")
    with pytest.raises(DamagedInputError, match="answer_twice") as caught:
        read(pain002(block(twice)))
    assert caught.value.params == {"element": "TxSts"}
    assert caught.value.where == "answer, OrgnlPmtInfAndSts[1]/TxInfAndSts[1]"
    group = "</OrgnlGrpInfAndSts><OrgnlGrpInfAndSts><OrgnlMsgId>ANOTHER</OrgnlMsgId>"
    with pytest.raises(DamagedInputError, match="answer_twice"):
        read(pain002("", group=group))


def test_fillers_are_no_identifiers_and_texts_are_cut_and_cleaned() -> None:
    text = "a" * 300
    body = block(transaction("NOTPROVIDED", "RJCT", reason("NARR", f"x\n  y\u202ez {text}")))
    fact = read(pain002(body)).facts[0]
    assert fact.end_to_end_id == ""
    assert fact.additional[0].startswith("x y z aaa")
    assert len(fact.additional[0]) == 210
