"""Fee statements that were paid do not come back under the name of another month."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shipped import severity
from tests.trips.checks import found

#: Gross fees of April by practitioner.
APRIL = {"P1": "9100.10", "P2": "820.20", "P3": "7300.30", "P4": "640.40"}
ACCOUNT = "BE71096123456769"


def statements(month: str, fees: dict[str, str], **more: Any) -> list[dict[str, Any]]:
    return [
        {"practitioner_id": payee, "period": month, "gross_fees": cents, **more}
        for payee, cents in fees.items()
    ]


def payments(fees: dict[str, str], **more: Any) -> list[dict[str, Any]]:
    return [
        {"stream": "fees", "payee_id": payee, "amount": cents, "iban": f"BE{payee}", **more}
        for payee, cents in fees.items()
    ]


def told(rule: str = "PRACT-007", **example: Any) -> list[tuple[str, str, str, str]]:
    return [
        (item.subject_id, item.observed, item.limit, str(severity(item)))
        for item in found(rule, example)
    ]


def released(fees: dict[str, str], month: str = "2022-03", **more: Any) -> list[dict[str, Any]]:
    return [{**row, "period": month} for row in payments(fees, **more)]


def test_most_statements_under_the_name_of_the_next_month_stop_the_run() -> None:
    by_ledger = {"payments": payments(APRIL), "released": released(APRIL)}
    by_source = statements("2022-03", APRIL)
    now = statements("2022-04", APRIL)
    expected = [("run", "17861.00", "2022-03", "block")]
    for example in ({"fee_statements": now}, {"fee_statements": [*now, *by_source]}):
        assert told("PRACT-008", **example, **by_ledger) == expected
        assert {row[0] for row in told(**example, **by_ledger)} == set(APRIL)
    assert told("PRACT-008", fee_statements=[*now, *by_source]) == expected
    for cents, blocks in ({"P4": "1.00"}, True), ({"P4": "1.00", "P3": "2.00"}, False):
        rows = [*now, *statements("2022-03", {**APRIL, **cents})]
        assert bool(told("PRACT-008", fee_statements=rows)) is blocks


@pytest.mark.parametrize("amount", ["net_due", "retention"])
def test_the_same_fees_of_a_few_are_told_and_one_cent_makes_two_months(amount: str) -> None:
    others = {**APRIL, "P2": "820.21", "P3": "7300.31", "P4": "640.41"}
    rows = [*statements("2022-04", APRIL), *statements("2022-03", others)]
    assert told(fee_statements=rows) == [("P1", "9100.10", "2022-03", "warn")]
    differs = [*rows[:-4], *statements("2022-03", others, **{amount: "12.00"})]
    assert told(fee_statements=differs) == []


@pytest.mark.parametrize(
    ("number", "before", "level"),
    [
        ("HON-12", "HON-12", "hold"),
        ("HON-12", "hon 12", "hold"),
        ("HON/2022-03/P1", "HON/2022-03/P1", "hold"),
        ("HON/2022-03/P1", "", "hold"),  # the list of that month is no longer there
        ("03/2022-17", "", "hold"),
        ("202203-17", "x", "hold"),
        ("HON/2022-04/P1", "HON/2022-03/P1", "warn"),
        ("du 2022-04 (avance 2022-03)", "", "warn"),
        ("HON-13", "HON-12", "warn"),
        ("", "", "warn"),
    ],
)
def test_the_statement_of_another_month_is_known_by_its_number(
    number: str, before: str, level: str
) -> None:
    one = {"P1": "9100.10"}
    now = statements("2022-04", one, reference=number)
    rows = [*now, *statements("2022-03", one, reference=before)]
    assert told(fee_statements=rows) == [("P1", "9100.10", "2022-03", level)]
    paid = {"payments": payments(one), "released": released(one)}
    if not before:
        assert told(fee_statements=now, **paid) == [("P1", "9100.10", "2022-03", level)]


def test_what_every_statement_bears_is_a_label_and_no_number() -> None:
    rows = statements("2022-04", APRIL, reference="Honoraires")
    rows += statements("2022-03", {"P1": "9100.10"}, reference="Honoraires")
    assert told(fee_statements=rows) == [("P1", "9100.10", "2022-03", "warn")]
    own = [
        row
        for month in ("2022-02", "2022-03", "2022-04")
        for row in statements(month, {"P1": "9100.10"}, reference="CONV-7")
    ]
    assert told(fee_statements=own) == [("P1", "9100.10", "2022-03", "warn")]


def test_the_ledger_knows_a_practitioner_who_was_renumbered_by_the_account() -> None:
    one = {"P1": "9100.10"}
    now = {"fee_statements": statements("2022-04", one)}
    paid = payments(one, iban=ACCOUNT)
    before = released({"P9": "9100.10"}, iban=ACCOUNT)
    held = [("P1", "9100.10", "2022-03", "hold")]
    assert told(**now, payments=paid, released=before) == held
    flat = [(*held[0][:3], "warn")]
    assert told(**now, payments=paid, released=released(one)) == flat  # the same number
    for other in ({"state": "failed"}, {"amount": "9100.11"}, {"iban": "BE0"}, {"stream": "x"}):
        assert told(**now, payments=paid, released=[{**before[0], **other}]) == []
    assert told(**now, payments=paid, released=[{**before[0], "period": "2022-04"}]) == []
    assert told(**now, payments=paid, released=before, reissue=True) == []
    assert told(payments=paid, released=before) == [], "an advance rests on what was paid"


def test_a_flat_fee_is_told_and_stops_nobody() -> None:
    months = ("2022-02", "2022-03", "2022-04")
    rows = [row for month in months for row in statements(month, APRIL)]
    assert {(payee, level) for payee, _, _, level in told(fee_statements=rows)} == {
        (payee, "warn") for payee in APRIL
    }
    assert told("PRACT-008", fee_statements=rows) == []
    # what the sources and the ledger both know is one month
    march = statements("2022-03", {"P1": "9100.10"})
    now = statements("2022-04", {"P1": "9100.10"})
    known = {"payments": payments({"P1": "9100.10"}), "released": released({"P1": "9100.10"})}
    both = told("PRACT-008", fee_statements=[*now, *march], **known)
    assert both == [], "one practitioner is no month"
