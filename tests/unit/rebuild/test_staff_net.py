"""Known net, law of two months, residual and garnishment: cases one can follow by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from payroll.model.findings import Severity
from payroll.model.order import payrun_model
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.shipped import severity
from tests.unit.rebuild.slow_month import Family, seizable, slow_pay
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, adjustment, tables_of

CHANGE = "change:work_bonus@2022-05-01"
LOW = Person(number="00001", components=(("1000", 220_000),), monthly=220_000)
HIGH = Person(number="00002", components=(("1000", 400_000),), monthly=400_000)
ABSENCE = ("unpaid_absence", "", date(2022, 5, 9), date(2022, 5, 20))


def net(result: StaffResult, number: str = "00001") -> int:
    lines = result.lines
    return int(lines.loc[lines["payee_id"] == number, "amount_cents"].sum())


def lines_of(result: StaffResult, number: str = "00001") -> dict[str, Any]:
    own = result.lines[result.lines["payee_id"] == number]
    assert own["component"].is_unique
    return {row.component: row for row in own.itertuples()}


def changed(*people: Person, rows: list[Any] | None = None) -> StaffResult:
    return rebuild_salaries(RebuildInput(tables_of(people, rows or []), ORDER, BOOK))


def test_what_the_law_changed_is_added_and_named() -> None:
    """2,200 euro: work bonus 149.92 in April; 233.05 - 0.2313 x 302.45 = 163.09 in May."""
    result = changed(LOW, HIGH)
    [low, high] = [lines_of(result, number) for number in ("00001", "00002")]
    assert low["work_bonus"].amount_cents == 16_309
    assert (low["work_bonus"].basis, low["work_bonus"].rule_id) == (
        "recomputed",
        f"step:work_bonus {CHANGE}",
    )
    assert low["special_contribution"].basis == "known"
    assert low["special_contribution"].rule_id == "step:special_contribution"
    by_law = slow_pay("contractual", Family(), LOW.components, Fraction(1), "2022-05").net
    assert net(result) - LOW.net == by_law - LOW.april.net
    assert by_law > LOW.april.net
    assert net(result, "00002") == HIGH.net  # no work bonus: the law says the same in both months
    assert {line.basis for line in high.values()} == {"known"}
    assert result.changes["reasons"].tolist() == ["reason_law_change", ""]
    assert set(result.lines["legal_nature"]) == {"final"}


@pytest.mark.parametrize("unexplained", [-350, 1, 12_345])
def test_what_the_rules_do_not_know_cancels_out(unexplained: int) -> None:
    known = replace(HIGH, unexplained=unexplained)
    assert net(changed(known), "00002") == known.net
    shorter = [changed(item, rows=[adjustment(item, *ABSENCE)]) for item in (HIGH, known)]
    assert net(shorter[0], "00002") - net(shorter[1], "00002") == unexplained
    residual = lines_of(shorter[1], "00002")["residual"]
    assert (residual.amount_cents, residual.basis, residual.rule_id) == (
        -unexplained,
        "residual",
        "rebuild:residual",
    )
    assert "residual" not in lines_of(shorter[0], "00002")


def test_nothing_paid_leaves_nothing_to_anchor() -> None:
    known = replace(HIGH, unexplained=12_345)
    row = adjustment(known, "unpaid_absence", "", date(2022, 5, 1), date(2022, 5, 31))
    assert changed(known, rows=[row]).lines.empty


def test_a_premium_of_april_is_taxed_as_such_and_does_not_return() -> None:
    """D03: 2,500 euro beside 2,500: withholding 877.56, contribution 326.75 on the premium."""
    person = Person(number="00001", components=(("1000", 250_000), ("3000", 250_000)))
    alone = replace(person, components=(("1000", 250_000),))
    assert person.april.withholding - alone.april.withholding == 87_756
    result = changed(person)
    by_law = slow_pay("contractual", Family(), alone.components, Fraction(1), "2022-05")
    assert net(result) == by_law.net  # the register is what the law gives: no residual
    assert result.changes["reasons"].tolist() == ["reason_one_off_dropped reason_law_change"]


def test_statutory_staff_pay_pension_on_its_own_base() -> None:
    """3.55 % of 3,500.00 and 7.50 % of 3,000.00; no work bonus, so May is April."""
    person = Person(
        number="00001", status="statutory", components=(("1000", 300_000), ("4000", 50_000))
    )
    result = changed(person)
    assert lines_of(result)["personal_contribution"].amount_cents == -(12_425 + 22_500)
    assert "work_bonus" not in lines_of(result)
    assert net(result) == person.net


def test_a_joiner_is_paid_in_full_by_the_law() -> None:
    joiner = Person(
        number="00003", hired=date(2022, 5, 16), in_register=False, monthly=220_000, fte=500_000
    )
    result = changed(joiner, rows=[adjustment(joiner, "joiner", "", date(2022, 5, 16))])
    base = lines_of(result, "00003")["base_salary"]
    days = [Fraction(0)] * 15 + [Fraction(1, 2)] * 16
    assert (base.amount_cents, base.quantity, base.basis) == (55_000, "15/30", "recomputed")
    by_law = slow_pay("contractual", Family(), [("1000", 55_000)], days, "2022-05")
    # 12 of 22 working days at half time: 45.60 of 167.20 hours, 12.06 an hour, 27 %
    assert by_law.work_bonus == 5_550
    assert net(result, "00003") == by_law.net
    assert set(result.lines["legal_nature"]) == {"final"}
    assert set(result.lines["basis"]) == {"recomputed"}
    assert "residual" not in lines_of(result, "00003")
    assert result.to_settle["reason"].tolist() == ["reason_joiner"]
    assert not result.findings


# --- garnishment -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "children"),
    [(Family(), 0), (Family(children=2), 2), (Family(children=2, disabled_children=1), 2)],
)
def test_a_garnishment_at_the_legal_maximum_follows_the_net(family: Family, children: int) -> None:
    """Each dependent child lowers it by 73.00 once: a disabled child counts as two for tax only."""
    person = replace(HIGH, family=family)
    most = seizable(person.net_before, children, date(2022, 4, 30))
    person = replace(person, garnishment=most)
    assert net(changed(person), "00002") == person.net
    result = changed(person, rows=[adjustment(person, *ABSENCE)])
    garnished = lines_of(result, "00002")["garnishment"]
    left = net(result, "00002") - garnished.amount_cents
    assert -garnished.amount_cents == seizable(left, children, date(2022, 5, 31)) < most
    assert (garnished.basis, garnished.rule_id) == ("recomputed", "step:garnishment")
    assert [item.rule_id for item in result.findings] == ["REB-039"]


@pytest.mark.parametrize(("fixed", "seized"), [(10_000, 10_000), (200_000, 200_000)])
def test_an_instalment_and_maintenance_stay(fixed: int, seized: int) -> None:
    """100.00 is far below the maximum; 2,000.00, above it, can only be maintenance: no limit."""
    person = replace(HIGH, garnishment=fixed)
    result = changed(person, rows=[adjustment(person, *ABSENCE)])
    garnished = lines_of(result, "00002")["garnishment"]
    assert (-garnished.amount_cents, garnished.basis) == (seized, "known")
    told = [(item.rule_id, item.observed) for item in result.findings]
    assert told == ([("REB-045", "2000.00")] if fixed > 100_000 else [])


def test_an_instalment_stays_within_the_maximum_of_the_month() -> None:
    person = replace(HIGH, garnishment=90_000)  # of a net above 2,400 euro
    result = changed(person, rows=[adjustment(person, "leaver", "", date(2022, 5, 18))])
    garnished = lines_of(result, "00002")["garnishment"]
    left = net(result, "00002") - garnished.amount_cents
    assert -garnished.amount_cents == seizable(left, 0, date(2022, 5, 31)) < 90_000
    assert [item.rule_id for item in result.findings] == ["REB-039"]


def test_whether_it_was_the_maximum_is_judged_by_the_known_months_limits() -> None:
    """December 2021: above 1,490.00 everything but 110.00 was seized, now above 1,538.00."""
    person = replace(HIGH, garnishment=seizable(HIGH.net_before, 0, date(2021, 12, 31)))
    result = month_after(person, "2021-12", "2022-01", date(2022, 1, 31))
    garnished = lines_of(result, "00002")["garnishment"]
    left = net(result, "00002") - garnished.amount_cents
    assert -garnished.amount_cents == seizable(left, 0, date(2022, 1, 31))


def test_without_bands_a_garnishment_stays_and_its_person_is_held() -> None:
    """No bands are known from 2024 on; everybody else is paid."""
    person = replace(HIGH, status="statutory", garnishment=10_000)
    for debtor in (person, replace(person, number="00009", garnishment=0)):
        result = month_after(debtor, "2023-12", "2024-01", date(2024, 1, 31))
        taken = lines_of(result, debtor.number).get("garnishment")
        assert (0 if taken is None else -taken.amount_cents) == debtor.garnishment
        found = [(item.rule_id, severity(item), item.observed) for item in result.findings]
        held = [("REB-040", Severity.HOLD, "garnishment_bands")]
        assert found == (held if debtor.garnishment else [])
        assert {item.stream for item in result.findings} <= {""}  # the bonus is held too


def month_after(person: Person, known: str, period: str, pay_on: date) -> StaffResult:
    order = payrun_model().model_validate(
        {
            "period": period,
            "last_known": known,
            "source": [],
            "salaries": {"pay_on": pay_on, "account": "main"},
        }
    )
    return rebuild_salaries(RebuildInput(tables_of([person], known=known), order, BOOK))
