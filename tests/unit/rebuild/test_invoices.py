"""Invoices: what is due, credit notes netted, retentions split off, against a slow reference."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.findings import Severity
from payroll.model.money import euros
from payroll.model.period import Period
from payroll.model.released import RELEASED, LedgerExtract
from payroll.model.tables import no_tables
from payroll.rebuild.invoices import invoices_not_ordered, rebuild_invoices
from payroll.rebuild.payables import listed
from payroll.rebuild.payments import assemble_payments
from payroll.rebuild.retentions import read_withholding
from payroll.rebuild.stream import RebuildInput, StreamResult
from tests.columns import BOOK
from tests.shipped import severity
from tests.unit.rebuild.payables_doubles import BE, FR, OGM, book, order, paid, rules, tables

SOCIAL, TAX = "BE76679000019295", "BE33679200232046"


def supplier(number: str = "S1", **fields: Any) -> dict[str, Any]:
    return {
        "supplier_id": number,
        "name": f"Company {number}",
        "iban": BE[0],
        "enterprise_number": "0403019261",
        **fields,
    }


def invoice(number: str, amount: int, payee: str = "S1", **fields: Any) -> dict[str, Any]:
    return {
        "supplier_id": payee,
        "invoice_number": number,
        "invoice_date": "2022-04-01",
        "due_date": "2022-05-15",
        "amount": amount,
        **fields,
    }


def rebuilt(suppliers: list[dict[str, Any]], invoices: list[dict[str, Any]]) -> StreamResult:
    return rebuild_invoices(
        RebuildInput(tables(suppliers=suppliers, invoices=invoices), order(), book(), "en")
    )


def test_without_any_source_nothing_happens() -> None:
    result = rebuild_invoices(RebuildInput(no_tables(), order(), book(), "nl"))
    assert result.lines.empty
    assert result.targets.empty
    assert result.findings == []


def test_one_payment_per_supplier_and_one_per_structured_reference() -> None:
    result = rebuilt(
        [supplier()],
        [
            invoice("A1", 100),
            invoice("A2", 200),
            invoice("A3", 400, reference="+++010/8068/17183+++"),
            invoice("A4", 800, reference="RF18539007547034"),
            invoice("A5", 1_600, reference="x"),
        ],
    )
    assert paid(result.lines) == {("S1", ""): 1_900, ("S1", "ref:A3"): 400, ("S1", "ref:A4"): 800}
    targets = result.targets.set_index("payment_group")
    assert targets.loc["", "remittance"] == "Invoices A1, A2, A5"
    assert targets.loc["ref:A3", "structured_reference"] == OGM
    assert targets.loc["ref:A4", "structured_reference"] == "RF18539007547034"
    assert targets.loc[["ref:A3", "ref:A4"], "remittance"].tolist() == ["", ""]
    assert result.findings == []


def test_credit_notes_net_everything_of_their_supplier() -> None:
    result = rebuilt(
        [supplier()],
        [
            invoice("A1", 100),
            invoice("A2", 400, reference=OGM),
            invoice("C1", -150, due_date="2022-09-01"),
        ],
    )
    assert paid(result.lines) == {("S1", ""): 350}
    assert result.lines["component"].tolist() == ["credit_note", "invoice", "invoice"]
    assert result.targets["structured_reference"].tolist() == [""]
    assert result.targets["remittance"].tolist() == ["Invoices A1, A2, C1"]


def test_a_credit_note_larger_than_its_invoices_is_a_receivable() -> None:
    result = rebuilt([supplier()], [invoice("A1", 100), invoice("C1", -150)])
    payments, receivables, findings = assemble_payments(
        result.lines, result.targets, Period(2022, 5), "0403019261"
    )
    assert payments.empty
    assert receivables["amount_cents"].tolist() == [-50]
    assert [(item.rule_id, item.observed, item.limit) for item in findings] == [
        ("PAY-001", "-0.50", ""),
        ("PAY-004", "-0.50", "1.50"),
    ]
    assert findings[0].source == "invoices.csv!csv!R3; invoices.csv!csv!R2"


def test_what_is_left_out_is_said() -> None:
    result = rebuilt(
        [supplier(payment_terms_days=60), supplier("S2")],
        [
            invoice("A1", 100, blocked=True),
            invoice("A2", 200, due_date="2022-06-11"),
            invoice("A3", 300, due_date="2022-07-01"),
            invoice("A4", 400, due_date=None, invoice_date="2022-05-01"),  # 60 days: 30 June
            invoice("B1", 500, "S2", due_date=None, invoice_date="2022-05-11"),  # 30: 10 June
            invoice("B2", 600, "S2", due_date=None, invoice_date="2022-05-12"),
            invoice("B3", 0),
            invoice("B4", 700, due_date="2022-06-10"),
        ],
    )
    assert paid(result.lines) == {("S1", ""): 700, ("S2", ""): 500}
    assert rules(result.findings) == [
        ("INV-001", "S1"),
        ("INV-002", "S1"),
        ("INV-002", "S2"),
        ("INV-004", "S1"),
        ("INV-004", "S2"),
        ("PAY-002", "S1"),
    ]
    assert {severity(item) for item in result.findings} == {Severity.INFO}
    later = next(item for item in result.findings if item.rule_id == "INV-002")
    assert (later.observed, later.limit, later.params) == (
        "9.00",
        "2022-06-10",
        {"rows": "3", "first": "2022-06-11", "last": "2022-07-01"},
    )
    assert later.source == "; ".join(f"invoices.csv!csv!R{row}" for row in (3, 4, 5))


def test_a_repeated_number_is_paid_once_and_held() -> None:
    result = rebuilt([supplier()], [invoice("A1", 100), invoice("A1", 120), invoice("A1", 100)])
    assert paid(result.lines) == {("S1", ""): 100}
    assert rules(result.findings) == [("INV-003", "S1"), ("INV-003", "S1")]
    first = result.findings[0]
    assert first.source == "invoices.csv!csv!R3, invoice_number"
    assert first.params["first"] == "invoices.csv!csv!R2, invoice_number"
    assert (first.observed, first.limit, severity(first)) == ("1.20", "1.00", Severity.HOLD)


def test_unknown_supplier_and_wrong_reference() -> None:
    result = rebuilt(
        [supplier()],
        [invoice("A1", 100, "S9"), invoice("A3", 100, reference="***010/8068/17184***")],
    )
    assert rules(result.findings) == [("INV-005", "S9"), ("INV-006", "S1")]
    unknown = result.targets.set_index("payee_id").loc["S9"]
    assert (unknown["iban"], unknown["source"]) == ("", "invoices.csv!csv!R2")
    wrong = next(item for item in result.findings if item.rule_id == "INV-006")
    assert severity(wrong) is Severity.HOLD
    assert wrong.source == "invoices.csv!csv!R3, reference"
    assert set(result.targets["structured_reference"]) == {""}


def test_a_belgian_reference_to_an_account_abroad_is_free_text() -> None:
    result = rebuilt(
        [supplier(iban=FR, country="FR")],
        [invoice("A1", 100, reference="+++010/8068/17183+++"), invoice("A2", 50)],
    )
    targets = result.targets.set_index("payment_group")
    assert targets.loc["ref:A1", "remittance"] == "+++010/8068/17183+++"
    assert targets.loc["ref:A1", "structured_reference"] == ""
    assert targets.loc["", "remittance"] == "Invoices A2"


def test_both_retentions_become_payments_of_their_own() -> None:
    result = rebuilt(
        [supplier()],
        [
            invoice(
                "T/1",
                12_101,
                amount_excl_vat=10_001,
                withholding_social="oui",
                withholding_tax="15 %",
                reference=OGM,
            )
        ],
    )
    social, tax = 3_500, 1_500  # 3500.35 and 1500.15
    assert paid(result.lines) == {
        ("S1", "ref:T/1"): 12_101 - social - tax,
        ("S1", "social:T/1"): social,
        ("S1", "tax:T/1"): tax,
    }
    targets = result.targets.set_index("payment_group")
    assert targets.loc["social:T/1", "iban"] == SOCIAL
    assert targets.loc["tax:T/1", "iban"] == TAX
    assert targets.loc["social:T/1", "creditor_name"] == "ONSS"
    assert "0403019261, invoice T/1" in targets.loc["tax:T/1", "remittance"]
    line = result.lines[result.lines["payment_group"] == "tax:T/1"].iloc[0]
    assert (line["rate"], line["rule_id"]) == ("15%", "parameter:works_retention_tax_percent")
    parent = result.lines[result.lines["component"] == "invoice"]["line_id"].iloc[0]
    assert line["parents"] == parent
    assert result.findings == []


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", ("none", 0)),
        ("Non", ("none", 0)),
        ("nee", ("none", 0)),
        ("0", ("none", 0)),
        ("0,00", ("none", 0)),
        ("X", ("legal", 0)),
        ("VRAI", ("legal", 0)),
        ("1", ("legal", 0)),
        ("35 %", ("legal", 0)),
        ("35,0%", ("legal", 0)),
        ("15%", ("unreadable", 0)),
        ("1.234,56 €", ("amount", 123_456)),
        ("1,234.56", ("amount", 123_456)),
        ("1 234,5", ("amount", 123_450)),
        ("350", ("amount", 35_000)),
        ("1.234", ("unreadable", 0)),
        ("peut-être", ("unreadable", 0)),
        ("-5", ("unreadable", 0)),
        ("0.35", ("amount", 35)),
    ],
)
def test_withholding_cells(value: str, read: tuple[str, int]) -> None:
    assert read_withholding(value, Fraction(35)) == read


@pytest.mark.parametrize(
    ("fields", "retained", "rule"),
    [
        ({"amount_excl_vat": 10_000, "withholding_social": "35,01"}, 3_501, []),
        ({"amount_excl_vat": 10_000, "withholding_social": "35,02"}, 3_502, ["INV-007"]),
        ({"withholding_social": "oui"}, 0, ["INV-009"]),
        ({"withholding_social": "20,00"}, 2_000, ["INV-009"]),
        ({"amount_excl_vat": 13_000, "withholding_social": "oui"}, 0, ["INV-009"]),
        ({"amount_excl_vat": 10_000, "withholding_social": "?"}, 0, ["INV-008"]),
        ({"amount_excl_vat": 10_000, "withholding_social": "non"}, 0, []),
    ],
)
def test_retentions_that_must_be_judged(
    fields: dict[str, Any], retained: int, rule: list[str]
) -> None:
    result = rebuilt([supplier()], [invoice("T1", 12_100, **fields)])
    sums = paid(result.lines)
    assert sums[("S1", "")] == 12_100 - retained
    assert sums.get(("S1", "social:T1"), 0) == retained
    assert [item.rule_id for item in result.findings] == rule
    assert all(severity(item) is Severity.HOLD for item in result.findings)


def test_a_credit_note_is_never_retained_from() -> None:
    result = rebuilt(
        [supplier()],
        [invoice("C1", -121, amount_excl_vat=-100, withholding_tax="oui"), invoice("A1", 500)],
    )
    assert paid(result.lines) == {("S1", ""): 379}
    assert rules(result.findings) == [("INV-010", "S1")]


def test_a_list_that_is_too_long_is_shortened_visibly() -> None:
    numbers = [f"2022/{number:05d}" for number in range(40)]
    text = listed(numbers, 130)
    shown, _, hidden = text.rpartition(" ... +")
    assert len(text) <= 130
    assert len(shown.split(", ")) + int(hidden) == 40
    assert listed(["x" * 200, "y"], 100).endswith("... +1")
    assert len(listed(["x" * 200], 100)) == 100
    result = rebuilt([supplier()], [invoice(number, 100) for number in numbers])
    assert len(result.targets["remittance"].iloc[0]) <= 140


days = st.dates(date(2022, 3, 1), date(2022, 6, 20))
flags = st.sampled_from(["", "oui", "0", "10,00", "peut-être"])
records = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2", "S9"]),
        st.integers(0, 8),
        st.integers(-300_000, 900_000),
        days,
        st.one_of(st.none(), days),
        st.booleans(),
        st.sampled_from(["", OGM, "+++010/8068/17184+++", "note"]),
        flags,
        flags,
        st.one_of(st.none(), st.integers(0, 120)),
    ),
    max_size=14,
)


@settings(max_examples=50, deadline=None)
@given(records=records)
def test_like_a_slow_calculation_invoice_by_invoice(records: list[Any]) -> None:
    suppliers = [supplier(payment_terms_days=45), supplier("S2", iban=FR)]
    invoices = [
        invoice(
            f"N{number}",
            amount,
            payee,
            invoice_date=day,
            due_date=due,
            blocked=blocked,
            reference=reference,
            withholding_social=social,
            withholding_tax=tax,
            amount_excl_vat=None if share is None else amount * share // 121,
        )
        for payee, number, amount, day, due, blocked, reference, social, tax, share in records
    ]
    result = rebuilt(suppliers, invoices)
    expected = _slowly(invoices)
    assert {key: cents for key, cents in paid(result.lines).items() if cents} == expected
    payments, receivables, _ = assemble_payments(
        result.lines, result.targets, Period(2022, 5), "0403019261"
    )
    total = int(payments["amount_cents"].sum()) + int(receivables["amount_cents"].sum())
    assert total == sum(expected.values())
    assert (payments["amount_cents"] > 0).all()
    # every row is used or named: its cell stands in a line or in a finding
    named = " ".join([*result.lines["source"], *(item.source for item in result.findings)])
    for row in range(2, len(invoices) + 2):
        assert f"invoices.csv!csv!R{row}" in named
    left_out = [
        item for item in result.findings if item.rule_id in ("INV-001", "INV-003", "INV-002")
    ]
    used = sum(result.lines["amount_cents"])
    excluded = sum(Fraction(item.observed) * 100 for item in left_out)
    assert used + excluded == sum(item["amount"] for item in invoices)
    assert all(euros(0) != item.observed or item.rule_id != "INV-007" for item in result.findings)


def _slowly(invoices: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """One invoice after the other, in fractions of a euro; shares no code with the package."""
    seen: set[tuple[str, str]] = set()
    open_ones = []
    for item in invoices:
        key = (item["supplier_id"], item["invoice_number"])
        due = item["due_date"] or item["invoice_date"] + timedelta(
            days=45 if item["supplier_id"] == "S1" else 30
        )
        if key not in seen and not item["blocked"]:
            credit = item["amount"] < 0
            if credit or due <= date(2022, 6, 10):
                open_ones.append(item)
        seen.add(key)
    sums: dict[tuple[str, str], Fraction] = {}
    for item in open_ones:
        payee, number, amount = item["supplier_id"], item["invoice_number"], item["amount"]
        netted = any(other["amount"] < 0 and other["supplier_id"] == payee for other in open_ones)
        group = f"ref:{number}" if item["reference"] == OGM and not netted else ""
        left = Fraction(amount)
        for office, percent in (("social", 35), ("tax", 15)):
            word, without = item[f"withholding_{office}"], item["amount_excl_vat"]
            share = Fraction(0)
            if amount > 0 and word == "oui" and without is not None and 0 < without <= amount:
                share = Fraction(floor(Fraction(without * percent, 100) + Fraction(1, 2)))
            elif amount > 0 and word == "10,00":
                share = Fraction(1_000)
            left -= share
            office_key = (payee, f"{office}:{number}")
            sums[office_key] = sums.get(office_key, Fraction(0)) + share
        sums[(payee, group)] = sums.get((payee, group), Fraction(0)) + left
    return {key: int(value) for key, value in sums.items() if value}


def test_every_invoice_read_says_what_became_of_it() -> None:
    result = rebuilt(
        [supplier()],
        [
            invoice("A1", 12_100, amount_excl_vat=10_000, withholding_social="oui"),
            invoice("A1", 999),
            invoice("A2", 200, blocked=True),
            invoice("A3", 0, due_date="2022-12-31"),
            invoice("A4", 400, due_date="2022-12-31"),
            invoice("A5", -300),
        ],
    )
    found = result.open_invoices
    assert found["state"].tolist() == ["", "repeated", "blocked", "nothing", "not_due", ""]
    assert found["retained_cents"].tolist() == [-3_500, 0, 0, 0, 0, 0]
    own = result.lines[result.lines["component"].isin(["invoice", "credit_note"])]
    assert found["line_id"].tolist().count("") == 4
    assert {*found["line_id"]} - {""} == {*own["line_id"]}


@pytest.mark.parametrize(
    ("state", "reissue", "expected"),
    [
        ("live", False, ["already_paid", ""]),
        ("failed", False, ["awaiting_reissue", ""]),
        ("failed", True, ["", "awaiting_reissue"]),
        ("live", True, ["already_paid", "awaiting_reissue"]),
    ],
)
def test_an_invoice_that_the_ledger_knows_says_so(
    state: str, reissue: bool, expected: list[str]
) -> None:
    row = dict.fromkeys(RELEASED.columns, "") | {
        "stream": "invoices",
        "payee_id": "S1",
        "item": "A1",
        "state": state,
        "amount_cents": 100,
        "item_cents": 100,
    }
    source = tables(suppliers=[supplier()], invoices=[invoice("A1", 100), invoice("A2", 200)])
    ledger = LedgerExtract(RELEASED.from_rows([row]), reissue)
    result = rebuild_invoices(RebuildInput(source, order(), BOOK, "en", ledger))
    assert result.open_invoices["state"].tolist() == expected


def test_a_run_that_pays_no_invoices_still_lists_what_was_read() -> None:
    source = tables(invoices=[invoice("A1", 100), invoice("A1", 100), invoice("A2", 0)])
    assert invoices_not_ordered(source)["state"].tolist() == ["not_due", "repeated", "nothing"]
    assert invoices_not_ordered(no_tables()).empty


def test_an_invoice_in_another_currency_is_not_paid_and_holds_its_supplier() -> None:
    result = rebuilt(
        [supplier(), supplier("S2")],
        [
            invoice("A1", 100_000, currency="USD"),
            invoice("A2", -5_000, currency="GBP"),
            invoice("A3", 700, currency="USD", blocked=True),
            invoice("A4", 25_050, currency="EUR"),
            invoice("B1", 300, "S2"),
        ],
    )
    found = [item for item in result.findings if item.rule_id == "INV-011"]
    assert [(item.subject_id, item.params["number"]) for item in found] == [
        ("S1", "A1"),
        ("S1", "A2"),
    ]
    assert [item.params["currency"] for item in found] == ["USD", "GBP"]
    assert severity(found[0]) is Severity.HOLD
    assert sorted(result.lines["amount_cents"]) == [300, 25_050]
    assert result.open_invoices["state"].tolist() == [
        "foreign_currency",
        "foreign_currency",
        "blocked",
        "",
        "",
    ]
