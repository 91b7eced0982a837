"""Statements and notifications of both versions: batches, single payments, returns, pending."""

from __future__ import annotations

import pytest

from payroll.model.answers import AnswerFact
from payroll.model.errors import DamagedInputError, Said
from tests.unit.bank_status.answer_samples import (
    BLOCK,
    MESSAGE,
    OWN_IBAN,
    PAYEE_IBAN,
    balance,
    batch,
    camt,
    detail,
    entry,
    payment_fact,
    read,
)

VERSIONS = ("02", "08")
RETURN = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Compte clos</AddtlInf></RtrInf>"


@pytest.mark.parametrize("kind", ["053", "054"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_debit_without_details(kind: str, version: str) -> None:
    answer = read(
        camt(entry("9876.50", "DBIT", batch(3), version=version), kind=kind, version=version)
    )
    assert (answer.kind, answer.version) == (f"camt.{kind}", f"001.{version}")
    assert (answer.answer_id, answer.account_iban) == ("2205-31", OWN_IBAN)
    assert (answer.created_at, answer.original_message_id) == ("2022-05-31T20:00:00", "")
    place = "Stmt" if kind == "053" else "Ntfctn"
    assert answer.facts == (
        AnswerFact(
            level="entry",
            what="debit",
            code="BOOK",
            message_id=MESSAGE,
            block_id=BLOCK,
            amount_cents=987_650,
            transactions=3,
            booked=True,
            booked_on="2022-05-31",
            bank_reference="BANK-77",
            additional=("Salaires mai",),
            account_iban=OWN_IBAN,
            where=f"{place}[1]/Ntry[1]",
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_debit_with_details(version: str) -> None:
    details = (
        batch(2)
        + detail("SAL-1", "1000.00", version=version)
        + detail("SAL-2", "2000.25", version=version)
    )
    answer = read(camt(entry("3000.25", "DBIT", details, version=version), version=version))
    whole, first, second = answer.facts
    assert (whole.level, whole.transactions, whole.amount_cents) == ("entry", 2, 300_025)
    assert first == payment_fact(
        what="debit",
        code="BOOK",
        message_id=MESSAGE,
        amount_cents=100_000,
        counterparty_name="Aline Dubois",
        booked=True,
        booked_on="2022-05-31",
        bank_reference="BANK-77",
        account_iban=OWN_IBAN,
        entry="Stmt[1]/Ntry[1]",
        where="Stmt[1]/Ntry[1]/NtryDtls[1]/TxDtls[1]",
    )
    assert (second.end_to_end_id, second.amount_cents) == ("SAL-2", 200_025)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_entry_of_one_payment_is_that_payment(version: str) -> None:
    one = entry("50.00", "DBIT", detail("INV-1", version=version), version=version)
    (fact,) = read(camt(one, version=version)).facts
    assert (fact.level, fact.end_to_end_id) == ("payment", "INV-1")
    assert fact.amount_cents == 5_000  # the entry's: its only detail gives none
    assert fact.additional == ("Salaires mai",)


def test_a_detail_that_names_a_block_and_no_payment_is_the_batch() -> None:
    references = f"<PmtInfId>{BLOCK}</PmtInfId><EndToEndId>NOTPROVIDED</EndToEndId>"
    total = f"<TxDtls><Refs>{references}</Refs></TxDtls>"
    (fact,) = read(camt(entry("50.00", "DBIT", total))).facts
    assert (fact.level, fact.block_id, fact.transactions) == ("entry", BLOCK, None)
    assert fact.amount_cents == 5_000


def test_payments_without_reference_in_a_batch_are_kept() -> None:
    details = batch(2) + detail("NOTPROVIDED", "20.00") + detail("NOTPROVIDED", "30.00")
    whole, *payments = read(camt(entry("50.00", "DBIT", details))).facts
    assert (whole.level, whole.transactions) == ("entry", 2)
    assert [(f.level, f.end_to_end_id, f.amount_cents) for f in payments] == [
        ("payment", "", 2_000),
        ("payment", "", 3_000),
    ]
    (alone,) = read(camt(entry("20.00", "DBIT", batch(1) + detail("NOTPROVIDED", "20.00")))).facts
    assert (alone.level, alone.block_id) == ("payment", BLOCK)


def test_details_that_share_a_block_give_it_to_their_entry() -> None:
    def of(end_to_end_id: str, block_id: str) -> str:
        return detail(end_to_end_id, "5.00").replace(
            "<EndToEndId>", f"<PmtInfId>{block_id}</PmtInfId><EndToEndId>"
        )

    one = read(camt(entry("10.00", "DBIT", of("A", BLOCK) + of("B", BLOCK)))).facts[0]
    assert (one.level, one.block_id, one.transactions) == ("entry", BLOCK, 2)
    two = read(camt(entry("10.00", "DBIT", of("A", BLOCK) + of("B", "OTHER")))).facts[0]
    assert (two.level, two.block_id) == ("entry", "")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("sub_family", ["RRTN", "ESCT"])
def test_a_return_carries_the_original_reference_and_the_reason(
    version: str, sub_family: str
) -> None:
    details = detail("SAL-1", "1000.00", RETURN, version=version)
    back = entry("1000.00", "CRDT", details, version=version, sub_family=sub_family)
    (fact,) = read(camt(back, version=version)).facts
    assert (fact.level, fact.what, fact.end_to_end_id) == ("payment", "return", "SAL-1")
    assert (fact.reasons, fact.additional) == (("AC04",), ("Compte clos", "Salaires mai"))
    assert (fact.amount_cents, fact.counterparty_iban) == (100_000, PAYEE_IBAN)
    assert fact.booked


def test_the_other_side_is_never_our_own_account() -> None:
    """Some banks turn payer and payee of a returned payment round."""
    back = detail("SAL-1", "1000.00", RETURN)
    turned = (
        back.replace("Dbtr", "X")
        .replace("Cdtr", "Dbtr")
        .replace("X>", "Cdtr>")
        .replace("XAcct", "CdtrAcct")
    )
    assert turned != back
    for details in (back, turned):
        (fact,) = read(camt(entry("1000.00", "CRDT", details))).facts
        assert (fact.counterparty_iban, fact.counterparty_name) == (PAYEE_IBAN, "Aline Dubois")


def test_the_opening_balance_comes_before_the_closing_one_of_the_day_before() -> None:
    around = balance("PRCD", "90.00") + balance("OPBD", "100.00") + balance("CLBD", "60.00")
    answer = read(camt(entry("40.00", "DBIT"), before=around))
    assert [said.text_id for said in answer.remarks] == ["answer_statement"]
    only = balance("PRCD", "100.00") + balance("CLBD", "60.00")
    assert read(camt(entry("40.00", "DBIT"), before=only)).remarks == answer.remarks


def test_a_pending_entry_is_not_booked() -> None:
    pending = entry("1000.00", "CRDT", detail("SAL-1", "1000.00", RETURN), status="PDNG")
    (fact,) = read(camt(pending, kind="054")).facts
    assert (fact.what, fact.code, fact.booked) == ("return", "PDNG", False)
    (debit,) = read(camt(entry("9.00", "DBIT", batch(2), status="PDNG"))).facts
    assert (debit.what, debit.booked) == ("debit", False)


def test_credits_costs_and_contradictions() -> None:
    against = "<CdtDbtInd>CRDT</CdtDbtInd>"
    answer = read(
        camt(
            entry("7.00", "CRDT")
            + entry("3.50", "DBIT", sub_family="CHRG")
            + entry("9.00", "DBIT", batch(2) + detail("A", "4.00", against) + detail("B", "5.00"))
        )
    )
    assert [(fact.level, fact.what) for fact in answer.facts] == [
        ("entry", "credit"),
        ("entry", "cost"),
        ("entry", "debit"),
        ("payment", "other"),
        ("payment", "debit"),
    ]
    assert answer.remarks == (Said("answer_direction_differs", {"count": "1"}),)


def test_money_in_another_currency_is_kept_without_amount() -> None:
    answer = read(camt(entry("7.00", "DBIT", detail("A", "7.00", currency="USD"), currency="USD")))
    assert answer.facts[0].amount_cents is None
    assert answer.remarks == (Said("answer_not_euro", {"count": "2"}),)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_entry_of_another_currency_says_so_whatever_its_details_say(version: str) -> None:
    inside = detail("A", "7.00", RETURN, version=version)  # in euro
    for details in (inside, batch(2) + inside + inside):
        content = entry("7.00", "CRDT", details, currency="USD", version=version)
        facts = read(camt(content, version=version)).facts
        assert {fact.currency for fact in facts} == {"USD"}
    euro = entry("7.00", "CRDT", detail("A", "7.60", RETURN, currency="USD", version=version))
    assert {fact.currency for fact in read(camt(euro)).facts} == {""}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_entry_of_a_statement_with_a_day_and_no_status_is_booked(version: str) -> None:
    def facts(kind: str, status: str) -> tuple[AnswerFact, ...]:
        content = entry("40.00", "DBIT", detail("A", "40.00"), version=version, status=status)
        content = content.replace("<Sts></Sts>", "").replace("<Sts><Cd></Cd></Sts>", "")
        return read(camt(content, kind=kind, version=version)).facts

    assert facts("053", "") == facts("053", "BOOK")
    for kind in ("054",):  # of a notification the day may be one that is to come
        with pytest.raises(DamagedInputError, match="answer_incomplete"):
            facts(kind, "")


def test_balances_that_agree_are_told_and_those_that_do_not_are_remarked() -> None:
    around = balance("OPBD", "100.00"), balance("CLBD", "60.00")
    statement = Said(
        "answer_statement",
        {
            "number": "151",
            "opening": "100.00",
            "opening_on": "2022-05-31",
            "closing": "60.00",
            "closing_on": "2022-05-31",
        },
    )
    agree = read(camt(entry("40.00", "DBIT"), before="".join(around)))
    assert agree.remarks == (statement,)
    assert agree.statements[0].unexplained_cents == 0
    differ = read(camt(entry("30.00", "DBIT"), before="".join(around)))
    assert (differ.remarks, differ.statements[0].unexplained_cents) == ((statement,), -1000)
    pending = read(camt(entry("40.00", "DBIT", status="PDNG"), before="".join(around)))
    assert pending.statements[0].unexplained_cents == -4000
    foreign = entry("30.00", "DBIT").replace('Ccy="EUR"', 'Ccy="USD"')  # cannot be counted
    assert read(camt(foreign, before="".join(around))).statements[0].unexplained_cents == 0
    page = "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"
    second = read(camt(entry("30.00", "DBIT"), before=page + "".join(around)))
    assert second.statements == ()
    assert Said("answer_balance_differs", {"difference": "-10.00"}) in second.remarks


def test_a_copy_and_an_unfinished_statement_are_remarked() -> None:
    copy = "<CpyDplctInd>DUPL</CpyDplctInd><StmtPgntn><LastPgInd>false</LastPgInd></StmtPgntn>"
    assert [said.text_id for said in read(camt("", before=copy)).remarks] == [
        "answer_duplicate",
        "answer_more_files",
    ]


def test_statements_of_two_accounts_have_no_account_of_their_own() -> None:
    other = (
        "<Stmt><Id>2205-32</Id><Acct><Id><Othr><Id>BE62 5100 0754 7061</Id></Othr></Id></Acct>"
        f"{entry('1.00', 'DBIT')}</Stmt>"
    )
    answer = read(camt(entry("2.00", "DBIT"), more=other))
    assert (answer.answer_id, answer.account_iban) == ("2205-31 (+1)", "")
    assert answer.remarks == (Said("answer_several_accounts", {"count": "2"}),)
    assert [fact.where for fact in answer.facts] == ["Stmt[1]/Ntry[1]", "Stmt[2]/Ntry[1]"]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("<Sts>BOOK</Sts><BookgDt><Dt>2022-05-31</Dt></BookgDt>", "", "answer_incomplete"),
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>DEBIT</CdtDbtInd>", "answer_incomplete"),
        ("<Id>2205-31</Id>", "", "answer_incomplete"),
        ("<Dt>2022-05-31</Dt>", "<Dt>2022-05-32</Dt>", "answer_date"),
        ("<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>two</NbOfTxs>", "answer_count"),
        ("BANK-77", "B" * 141, "answer_long"),
        ("<GrpHdr>", "<GrpHd>", "answer_malformed"),
    ],
)
def test_what_is_missing_or_unreadable_is_refused(old: str, new: str, error: str) -> None:
    content = camt(entry("5.00", "DBIT", batch(2)))
    assert old in content
    with pytest.raises(DamagedInputError, match=error):
        read(content.replace(old, new))
