"""A bonus that counts for the work bonus of the month of its work, by choice of the rules."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from payroll.model.findings import SubjectKind
from payroll.publish import sealed
from payroll.rebuild.bonuses import rebuild_bonuses
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.record.about import read_payee
from payroll.record.folder import record_files
from payroll.record.manifest import MANIFEST
from payroll.rulebook.bonus_month import WORK_BONUS_MONTH
from payroll.rulebook.book import RuleBook
from payroll.views.explain.explain import explain
from payroll.views.explain.text import explanation_text
from tests.holiday_samples import Member, files, order, run
from tests.record_samples import shipped_rules
from tests.reference.gross_to_net import special_contribution, work_bonus
from tests.reference.money import cents, percent
from tests.reference.withholding import withholding
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, tables_of
from tests.unit.rebuild.test_index import order_of

NIGHTS = Decimal("370.98")  # 100 hours x 2.0079 x 1.8476
HOURS = [("00001", "NUIT", 10_000)]
REDUCTION = Decimal(26)  # single


def by_month_earned() -> RuleBook:
    parameter = BOOK.parameters[WORK_BONUS_MONTH]
    values = tuple(item.model_copy(update={"value": "earned"}) for item in parameter.values)
    changed = parameter.model_copy(update={"values": values})
    return replace(BOOK, parameters={**BOOK.parameters, WORK_BONUS_MONTH: changed})


EARNED = by_month_earned()


def net(gross: Decimal, bonus: Decimal, month: str) -> Decimal:
    """What a gross and a work bonus leave a single person in a month."""
    own = percent(Decimal("13.07"), gross)
    taxable = gross - own + bonus
    tax = withholding(taxable, 1, month, REDUCTION)
    fiscal = min(percent(Decimal("33.14"), bonus), tax)
    return taxable - tax + fiscal - special_contribution(gross, "single", month)


def made(person: Person, book: RuleBook = EARNED, period: str = "2022-05") -> StreamResult:
    ordered = ORDER if period == "2022-05" else order_of(period, "2022-04")
    return rebuild_bonuses(RebuildInput(tables_of([person], [], HOURS), ordered, book))


@pytest.mark.parametrize("scale", [186_034, 220_000, 247_701, 284_798, 320_000])
@pytest.mark.parametrize("march", [0, 12_300])
def test_the_work_bonus_of_april_is_settled_with_it(scale: int, march: int) -> None:
    """April's wage is that without March's hours; May's work bonus stays as it is."""
    lines = (("1000", scale), *([("2000", march)] if march else []))
    found = made(Person(number="00001", components=lines, monthly=scale))
    wage = Decimal(scale) / 100
    april = [work_bonus(pay, "2022-04").total for pay in (wage, wage + NIGHTS)]
    may = work_bonus(wage, "2022-05").total
    later = net(wage + NIGHTS, may + april[1] - april[0], "2022-05")
    more = later - net(wage, may, "2022-05")
    assert int(found.lines["amount_cents"].sum()) == int(cents(more) * 100)
    assert set(found.lines["legal_nature"]) == {"final"}
    own = found.lines[found.lines["component"] == "work_bonus"]["amount_cents"].sum()
    assert own == int((april[1] - april[0]) * 100)


def test_part_time_and_statutory_staff() -> None:
    half = Person(number="00001", components=(("1000", 110_000),), monthly=220_000, fte=500_000)
    days = Fraction(21, 2)
    given = [
        work_bonus(pay, "2022-04", days, part_time=True).total
        for pay in (Decimal(1100), Decimal(1100) + NIGHTS)
    ]
    own = made(half).lines
    assert own.loc[own["component"] == "work_bonus", "amount_cents"].tolist() == [
        int((given[1] - given[0]) * 100)
    ]
    statutory = replace(half, status="statutory")
    paid, earned = (made(statutory, book).lines["amount_cents"].sum() for book in (BOOK, EARNED))
    assert paid == earned


def test_a_month_that_nobody_knows_is_an_estimate() -> None:
    """June's run pays May's hours, and May is known to no register."""
    person = Person(number="00001", components=(("4000", 220_000),), monthly=220_000)
    tables = tables_of([person], [], HOURS)
    hours = tables["premium_hours"].assign(period="2022-05")
    given = order_of("2022-06", "2022-04").model_copy(
        update={
            "bonuses": ORDER.bonuses.model_copy(
                update={"earned": ORDER.period, "pay_on": date(2022, 6, 28)}
            )
        }
    )
    found = rebuild_bonuses(
        RebuildInput(type(tables)({**tables.frames, "premium_hours": hours}), given, EARNED)
    )
    may = [work_bonus(pay, "2022-05").total for pay in (Decimal(2200), Decimal(2200) + NIGHTS)]
    own = found.lines[found.lines["component"] == "work_bonus"]["amount_cents"].sum()
    assert own == int((may[1] - may[0]) * 100)
    assert set(found.lines["legal_nature"]) == {"full_estimate"}


def test_the_explanation_of_such_a_run() -> None:
    """And the run is proved from its record."""
    rules = dict(shipped_rules())
    name = "parameters/work_bonus.toml"
    rules[name] = rules[name].replace(b'value = "paid"', b'value = "earned"')
    body = order(None, none=("joiners", "leavers", "deceased", "holiday_pay"))
    body = '[bonuses]\nearned = "2022-04"\npay_on = 2022-05-31\naccount = "main"\n' + body
    body = body + '[[source]]\nkind = "premium_hours"\nfile = "exports/hours.csv"\n'
    content = files([Member(status="contractual", gross=220_000)], body)
    content["exports/hours.csv"] = (
        b"employee_id,period,premium_code,hours\n00001,2022-04,NUIT,100\n"
    )
    found = run(content, rules=rules)
    record = sealed(found, record_files(found))
    payee = read_payee(
        json.loads(record[MANIFEST]), record, "run", kind=SubjectKind.EMPLOYEE, payee_id="00001"
    )
    for language, words in (
        ("fr", "Bonus du mois où la prime a été gagnée, régularisé"),
        ("nl", "Werkbonus van de maand waarin de premie verdiend is"),
        ("en", "Work bonus of the month in which the bonus was earned, settled"),
    ):
        shown = "\n".join(explanation_text(explain(payee, language), language))
        assert words in shown
