"""Each kind of adjustment, each person who does not fit, each finding about staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from payroll.model.findings import Finding, Severity, SubjectKind
from payroll.model.money import typed_cents
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import iban_changes, parse_days, parse_fraction, read_adjustments
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.components import DatedPolicy
from tests.shipped import severity
from tests.unit.rebuild.slow_month import slow_pay
from tests.unit.rebuild.staff_samples import (
    ALONE,
    BOOK,
    IBAN,
    ORDER,
    OTHER_IBAN,
    Person,
    adjustment,
    table,
    tables_of,
)

ANN = Person(number="00001", components=(("1000", 300_000), ("1100", 10_000)))
BEN = Person(number="00002", garnishment=12_000, other_deductions=1_250)
#: 16 to 31 May are 15 thirtieths: half of 3,000.00, at a full-time wage without work bonus.
HALF = [Fraction(0)] * 15 + [Fraction(1)] * 16
HALF_A_MONTH = slow_pay("contractual", ALONE, [("1000", 150_000)], HALF, "2022-05").net


def run(
    people: list[Person], rows: list[dict[str, Any]] | None = None, **others: pd.DataFrame
) -> StaffResult:
    return rebuild_salaries(RebuildInput(tables_of(people, rows or [], **others), ORDER, BOOK))


def net(result: StaffResult, number: str) -> int:
    lines = result.lines
    return int(lines.loc[lines["payee_id"] == number, "amount_cents"].sum())


def rules(findings: list[Finding], number: str) -> list[str]:
    return sorted(item.rule_id for item in findings if item.subject_id == number)


def line(result: StaffResult, number: str, component: str) -> Any:
    rows = result.lines[
        (result.lines["payee_id"] == number) & (result.lines["component"] == component)
    ]
    assert len(rows) == 1
    return next(rows.itertuples())


def test_an_unchanged_person_gets_exactly_the_known_lines() -> None:
    result = run([ANN, BEN])
    assert [net(result, "00001"), net(result, "00002")] == [ANN.net, BEN.net]
    assert set(result.lines["basis"]) == {"known"}
    assert set(result.lines["legal_nature"]) == {"final"}
    assert result.changes["reasons"].tolist() == ["", ""]
    assert [item.rule_id for item in result.findings] == ["REB-072"]  # Ben's other deductions
    assert line(result, "00002", "garnishment").amount_cents == -12_000
    assert line(result, "00001", "function_supplement").rule_id == "component:function_supplement"
    assert set(result.targets["iban"]) == {IBAN}
    assert set(result.targets["remittance"]) == {"Salaire 2022-05"}


def test_what_a_residual_shaped_is_provisional() -> None:
    """The law explains all of Ann's pay, and not all of Ben's."""
    result = run([ANN, replace(BEN, unexplained=1)])
    natures = result.lines.groupby("payee_id")["legal_nature"].agg(set).to_dict()
    assert natures == {"00001": {"final"}, "00002": {"full_estimate"}}


@pytest.mark.parametrize(
    ("code", "reason"), [("2000", "variable"), ("3000", "one_off"), ("3100", "arrears")]
)
def test_what_does_not_come_back_is_dropped_and_listed(code: str, reason: str) -> None:
    person = replace(ANN, components=(*ANN.components, (code, 20_000)))
    result = run([person])
    assert line(result, "00001", "base_salary").basis == "known"
    assert result.not_carried_over[["nature", "amount_cents", "reason"]].values.tolist() == [
        [reason, 20_000, f"reason_{reason}_dropped"]
    ]
    assert result.changes["reasons"].tolist() == [f"reason_{reason}_dropped"]
    assert set(result.lines["legal_nature"]) == {"final"}
    assert net(result, "00001") == ANN.net  # 3,100 euro without it, and no work bonus to change


def test_an_unknown_code_is_copied_and_held_with_its_cell() -> None:
    result = run([replace(ANN, components=(("1000", 300_000), ("9999", 5_000)))])
    [finding] = result.findings
    assert (finding.rule_id, severity(finding), finding.observed) == (
        "REB-001",
        Severity.HOLD,
        "9999",
    )
    assert finding.source == "lines.csv!csv!R21, component"
    assert line(result, "00001", "9999").amount_cents == 5_000


def test_a_change_of_working_time_shows_its_formula() -> None:
    result = run([ANN], [adjustment(ANN, "fte_change", "0,50", date(2022, 5, 16))])
    base = line(result, "00001", "base_salary")
    assert (base.quantity, base.rate, base.amount_cents) == ("15/30 + 15/30", "1→0.5", 225_000)
    assert base.source == "lines.csv!csv!R20; adj.xlsx!A!R2"
    assert base.rule_id == "component:base_salary parameter:proration_days_per_month"
    assert result.changes["reasons"].tolist() == ["reason_fte_change"]


@pytest.mark.parametrize(
    ("rows", "quantity"),
    [
        ([("leaver", "", date(2022, 5, 13), None)], "13/30"),
        ([("unpaid_absence", "", date(2022, 5, 9), date(2022, 5, 20))], "18/30"),
        ([("unpaid_absence", "", date(2022, 4, 20), date(2022, 6, 3))], "0/30"),
        ([("unpaid_absence", "4", None, None)], "26/30"),
        ([("unpaid_absence", "4", date(2022, 5, 30), None)], "29/30"),
        ([("leaver", "", None, date(2022, 5, 31))], ""),
        (
            [
                ("leaver", "", date(2022, 5, 20), None),
                ("unpaid_absence", "", date(2022, 5, 16), date(2022, 5, 31)),
            ],
            "15/30",
        ),
    ],
)
def test_days_of_an_incomplete_month(rows: list[Any], quantity: str) -> None:
    result = run([ANN], [adjustment(ANN, *row) for row in rows])
    bases = result.lines.loc[result.lines["component"] == "base_salary", "quantity"].tolist()
    assert bases == ([quantity] if quantity != "0/30" else [])


def test_net_adjustments_are_lines_of_their_own() -> None:
    rows = [
        adjustment(ANN, "one_off_net", "45.50", date(2022, 5, 1)),
        adjustment(ANN, "garnishment", "150,00", date(2022, 5, 1)),
        adjustment(BEN, "one_off_gross", "120.00", date(2022, 5, 1)),
    ]
    result = run([ANN, BEN], rows)
    assert net(result, "00001") == ANN.net + 4_550 - 15_000
    assert rules(result.findings, "00001") == ["REB-023"]
    assert line(result, "00002", "one_off_gross").amount_cents == 12_000
    more = (*BEN.components, ("one_off_gross", 12_000))
    by_law = [
        slow_pay("contractual", ALONE, rows, Fraction(1), "2022-05").net
        for rows in (BEN.components, more)
    ]
    assert net(result, "00002") - BEN.net == by_law[1] - by_law[0]
    reasons = dict(zip(result.changes["payee_id"], result.changes["reasons"], strict=True))
    assert reasons["00001"] == "reason_one_off_added reason_garnishment_added"
    assert "rebuild:last_known_ratio" not in set(result.lines["rule_id"])


def seizable() -> int:
    """What the law lets be seized of ANN's net, in cents."""
    typed = [adjustment(ANN, "garnishment", "50000", date(2022, 5, 1))]
    (told,) = [item for item in run([ANN], typed).findings if item.rule_id == "REB-050"]
    return int(told.limit.replace(".", ""))


@pytest.mark.parametrize("more", [0, 1])
def test_a_typed_garnishment_takes_no_more_than_the_law_lets_it(more: int) -> None:
    most = seizable()
    assert 0 < most < ANN.net
    value = f"{(most + more) / 100:.2f}"
    result = run([ANN], [adjustment(ANN, "garnishment", value, date(2022, 5, 1))])
    assert net(result, "00001") == ANN.net - most
    assert rules(result.findings, "00001") == (["REB-050"] if more else ["REB-023"])
    assert "garnishment_added" in result.changes["reasons"].iat[0]


def test_garnishments_of_one_person_add_up_to_the_seizable_part_the_smallest_first() -> None:
    most = seizable()
    values = ("9999.00", f"{most / 100 - 10:.2f}", "8.00", "5.00")
    rows = [adjustment(ANN, "garnishment", value, date(2022, 5, 1)) for value in values]
    result = run([ANN, BEN], rows)
    assert net(result, "00001") == ANN.net - most
    assert net(result, "00002") == BEN.net
    told = {
        item.observed: item.params["part"] for item in result.findings if item.rule_id == "REB-050"
    }
    assert told == {f"{most / 100 - 10:.2f}": f"{most / 100 - 13:.2f}", "9999.00": "0.00"}


@pytest.mark.parametrize(
    ("component", "reason", "taken"),
    [
        ("maintenance", "raison", True),
        ("garnishment", "Pension alimentaire", False),  # a reason is for people
        ("", "Pension alimentaire", False),
        ("", "aucune pension alimentaire", False),
    ],
)
def test_maintenance_has_no_limit_where_the_component_says_so(
    component: str, reason: str, *, taken: bool
) -> None:
    typed = adjustment(ANN, "garnishment", "1500", date(2022, 5, 1), reason=reason)
    result = run([ANN], [{**typed, "component": component}])
    assert net(result, "00001") == ANN.net - (150_000 if taken else seizable())
    assert rules(result.findings, "00001") == (["REB-023"] if taken else ["REB-050"])


def test_a_changed_account_is_used_and_its_cell_named() -> None:
    result = run([ANN], [adjustment(ANN, "iban_change", "BE71 0961 2345 6769")])
    assert result.targets["iban"].tolist() == [OTHER_IBAN]
    assert result.targets["source"].tolist() == ["staff.xlsx!P!R2; adj.xlsx!A!R2"]
    changes = iban_changes(
        tables_of([ANN], [adjustment("S1", "iban_change", "be71 0961")]), date(2022, 5, 31)
    )
    assert changes.values.tolist() == [["S1", "BE710961", "adj.xlsx!A!R2"]]


@pytest.mark.parametrize(
    ("hired", "rule", "paid"),
    [
        (date(2022, 5, 16), "REB-020", HALF_A_MONTH),
        (date(2015, 5, 1), "REB-008", 150_000),
        (date(2022, 6, 1), "REB-027", 0),
    ],
)
def test_somebody_without_a_known_month(hired: date, rule: str, paid: int) -> None:
    result = run([Person(number="00004", hired=hired, in_register=False)])
    assert rules(result.findings, "00004") == [rule]
    assert net(result, "00004") == paid
    assert result.to_settle["payee_id"].tolist() == (["00004"] if paid else [])
    nature = {"REB-020": {"final"}, "REB-008": {"advance"}, "REB-027": set()}[rule]
    assert set(result.lines["legal_nature"]) == nature


@pytest.mark.parametrize(
    ("method", "percent", "months", "expected"),
    [
        ("same_as_last", 100, 1, 200_001),
        ("percent_of_last_net", 80, 1, 160_001),
        ("mean_of_months", 100, 3, 195_001),
    ],
)
def test_a_policy_may_go_by_earlier_months(
    method: str, percent: int, months: int, expected: int
) -> None:
    person = Person(number="00005", in_register=False)
    past = table(
        "register_totals",
        [
            {
                "employee_id": "00005",
                "period": f"2022-{month:02d}",
                "gross_cents": gross,
                "net_cents": net,
                "other_deductions_cents": 1,
                "source": f"t!t!R{month}",
            }
            for month, gross, net in ((1, 1, 1), (2, 290_000, 190_000), (3, 300_000, 200_000))
        ],
    )
    entry = {
        "from": date(2022, 1, 1),
        "method": method,
        "percent": percent,
        "months": months,
        "legal_nature": "advance",
        "source": "test",
        "status": "sourced",
    }
    old = BOOK.policies["unknown_part_of_gross"]
    policy = old.model_copy(update={"values": (DatedPolicy.model_validate(entry),)})
    book = replace(BOOK, policies={**BOOK.policies, "unknown_part_of_gross": policy})
    tables = tables_of([person, Person(number="00006", in_register=False)], register_totals=past)
    if method == "mean_of_months":
        frames = dict(tables.frames)
        frames["register_totals"] = past.iloc[1:].reset_index(drop=True)
        tables = SourceTables(frames)
    result = rebuild_salaries(RebuildInput(tables, ORDER, book))
    assert net(result, "00005") == expected
    assert net(result, "00006") == 0
    assert result.to_settle["reason"].tolist() == ["reason_not_in_register", "reason_nothing_known"]


def test_a_joiner_without_personnel_data_waits() -> None:
    result = run([ANN], [adjustment("00099", "joiner", "", date(2022, 5, 2))])
    assert rules(result.findings, "00099") == ["REB-006"]
    assert result.to_settle[["payee_id", "reason"]].values.tolist() == [
        ["00099", "reason_joiner_without_data"]
    ]


def test_who_left_before_gets_nothing_and_is_named() -> None:
    left = replace(ANN, left=date(2022, 4, 30))
    result = run([left, BEN], [adjustment(BEN, "leaver", "", date(2022, 4, 15), reason="Décès")])
    assert result.lines.empty
    assert result.targets.empty
    assert rules(result.findings, "00001") == ["REB-026"]
    assert rules(result.findings, "00002") == ["REB-009", "REB-013", "REB-026"]
    assert result.changes["net_after_cents"].tolist() == [0, 0]


def test_somebody_of_the_register_who_is_not_on_the_list_keeps_the_known_net() -> None:
    result = run([replace(ANN, in_staff=False)])
    assert net(result, "00001") == ANN.net
    assert result.targets[["iban", "creditor_name"]].values.tolist() == [[OTHER_IBAN, ""]]


def test_without_household_data_a_changed_gross_goes_by_ratio() -> None:
    """Half a month of 3,100.00 gives half of the known net: nothing tells the family situation."""
    unknown = replace(ANN, in_staff=False, unexplained=1)
    row = adjustment(unknown, "unpaid_absence", "", date(2022, 5, 1), date(2022, 5, 15))
    result = run([unknown], [row])
    assert net(result, "00001") == (unknown.net + 1) // 2
    estimated = result.lines[result.lines["basis"] == "estimated"]
    assert len(estimated)
    assert set(estimated["rule_id"]) == {"rebuild:last_known_ratio"}
    assert set(result.lines["legal_nature"]) == {"full_estimate"}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (("fte_change", "80 heures", date(2022, 5, 9)), "REB-012"),
        (("fte_change", "50", date(2022, 5, 9)), "REB-012"),
        (("fte_change", "1", date(2022, 5, 9)), "REB-014"),
        (("fte_change", "0.5", None), "REB-013"),
        (("fte_change", "0.5", date(2022, 4, 9)), "REB-013"),
        (("one_off_gross", "1.234", date(2022, 5, 1)), "REB-012"),
        (("one_off_gross", "", date(2022, 5, 1)), "REB-012"),
        (("one_off_net", "10", date(2022, 6, 1)), "REB-013"),
        (("garnishment", "-10", date(2022, 5, 1)), "REB-012"),
        (("garnishment", "10", date(2022, 6, 1)), "REB-013"),
        (("unpaid_absence", "", date(2022, 5, 1)), "REB-013"),
        (("unpaid_absence", "", date(2022, 5, 9), date(2022, 5, 8)), "REB-013"),
        (("leaver", "", None), "REB-013"),
        (("leaver", "", date(2022, 6, 30)), "REB-013"),
        (("iban_change", ""), "REB-012"),
        (("joiner", "", date(2022, 5, 2)), "REB-014"),
    ],
)
def test_an_adjustment_that_cannot_be_used_holds_its_payee(row: Any, rule: str) -> None:
    result = run([ANN], [adjustment(ANN, *row)])
    assert rules(result.findings, "00001") == [rule]
    assert all(severity(item) is Severity.HOLD for item in result.findings)
    assert all(item.source.startswith("adj.xlsx!A!R2, ") for item in result.findings)
    assert net(result, "00001") == ANN.net


@pytest.mark.parametrize(("days", "found"), [("5", ["REB-037"]), ("2", [])])
def test_days_that_the_dates_do_not_give_hold_the_person(days: str, found: list[str]) -> None:
    row = adjustment(ANN, "unpaid_absence", days, date(2022, 5, 9), date(2022, 5, 10))
    result = run([ANN], [row])
    assert rules(result.findings, "00001") == found
    assert line(result, "00001", "base_salary").quantity == "28/30"


def test_holds_name_every_kind_of_payee() -> None:
    suppliers = table("suppliers", [{"supplier_id": "F1", "name": "Fictif", "source": "s!s!R2"}])
    rows = [
        adjustment(ANN, "hold"),
        adjustment("F1", "hold"),
        adjustment("X9", "hold"),
        adjustment("F1", "one_off_gross", "5", date(2022, 5, 1)),
        adjustment(BEN, "hold", reason="Overleden op 3 mei"),
    ]
    _, findings = read_adjustments(tables_of([ANN, BEN], rows, suppliers=suppliers), ORDER)
    assert rules(findings, "00001") == ["REB-010"]
    assert rules(findings, "00002") == ["REB-009", "REB-010"]
    assert rules(findings, "F1") == ["REB-010", "REB-011"]
    assert rules(findings, "X9") == ["REB-010", "REB-011"]
    kinds = {item.subject_id: item.subject_kind for item in findings}
    assert kinds["F1"] is SubjectKind.SUPPLIER


def test_register_arithmetic_that_fails_holds_and_still_pays_the_known_net() -> None:
    odd = replace(ANN, extra=(("net_cents", 199_999),))
    gap = replace(BEN, components=(("1000", 310_000),), extra=(("gross_cents", 311_000),))
    result = run([odd, gap])
    assert rules(result.findings, "00001") == ["REB-004"]
    assert rules(result.findings, "00002") == ["REB-003", "REB-004"]
    assert [net(result, "00001"), net(result, "00002")] == [199_999, gap.net]
    assert line(result, "00001", "residual").basis == "residual"
    assert line(result, "00002", "gross_residual").amount_cents == 1_000


def test_totals_without_lines_and_lines_without_totals() -> None:
    lines = table(
        "register_lines",
        [
            {
                "employee_id": "00001",
                "period": "2022-04",
                "component": "1000",
                "amount_cents": 310_000,
                "source": "l!l!R2",
            },
            {
                "employee_id": "00077",
                "period": "2022-04",
                "component": "1000",
                "amount_cents": 1,
                "source": "l!l!R3",
            },
        ],
    )
    result = run([ANN, BEN], register_lines=lines)
    assert rules(result.findings, "00002") == ["REB-021"]
    assert line(result, "00002", "base_salary").amount_cents == BEN.gross
    assert rules(result.findings, "00077") == ["REB-007"]
    assert result.to_settle["payee_id"].tolist() == ["00077"]


def test_no_known_ratio_uses_the_policy() -> None:
    """Nothing paid in April: half the gross where the household is not known either."""
    person = replace(ANN, components=(), in_staff=False)
    rows = [adjustment(ANN, "one_off_gross", "100", date(2022, 5, 1))]
    result = run([person], rows)
    assert net(result, "00001") == 5_000
    assert rules(result.findings, "00001") == ["REB-022"]
    assert line(result, "00001", "deductions_estimated").rule_id == "policy:no_ratio_part_of_gross"
    on_the_list = run([replace(person, in_staff=True)], rows)
    by_law = slow_pay("contractual", ALONE, [("1000", 10_000)], Fraction(1), "2022-05")
    assert net(on_the_list, "00001") == by_law.net
    assert rules(on_the_list.findings, "00001") == []


def test_nothing_at_all_is_no_error() -> None:
    result = run([])
    assert result.lines.empty
    assert result.changes.empty


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("120", 12_000),
        ("120,5", 12_050),
        (" 1 200,00 € ", 120_000),
        ("-3.10", -310),
        ("1.234", None),
        ("1.234,56", None),
        ("12a", None),
        ("", None),
        ("1e3", None),
    ],
)
def test_money_is_read_strictly(typed: str, cents: int | None) -> None:
    assert typed_cents(typed) == cents


def test_fractions_and_days_are_read_strictly() -> None:
    assert [parse_fraction(item) for item in ("0,8", "80 %", "1", "0", "1.1", "x")] == [
        800_000,
        800_000,
        1_000_000,
        None,
        None,
        None,
    ]
    assert [parse_days(item) for item in ("4", "4,0", "0", "31", "-1", "0.5")] == [
        4,
        4,
        None,
        None,
        None,
        None,
    ]
