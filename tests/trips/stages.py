"""For every rule of the bank files, the decisions and the engine: where it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from payroll.checks.data import cannot_evaluate, figure_missing, source_missing
from payroll.checks.decisions import judge
from payroll.model.findings import Finding
from payroll.sepa.files import write_sepa
from tests.shipped import controls
from tests.unit.checks import test_decisions as deciding
from tests.unit.checks.examples import check_data
from tests.unit.sepa.sepa_samples import CREATED_AT, employer, frame, order, payment, profiles
from tests.unit.sepa.test_files import GB, RS, write


def sent(**changes: object) -> list[Finding]:
    """Two payments of one stream, the first with other fields."""
    return write(payment(1, **changes), payment(2))[3]


def paid_on(day: str, *, hour: int = 9) -> list[Finding]:
    rows = frame(payment(1), payment(2))
    made = CREATED_AT.replace(hour=hour)
    return write_sepa(rows, order(day), employer(), profiles(), made)[3]


def decided(rule: str, *, known: bool = True) -> list[Finding]:
    """One person clears a finding that is there, or that is gone."""
    found = deciding.finding(rule)
    there = [found] if known else []
    return judge(there, [deciding.decided(found)], deciding.CONTROLS, deciding.TYPED).findings


def payee_without_value() -> list[Finding]:
    data = check_data({"register_totals": [{"employee_id": "E1", "iban": ""}]})
    rows = data.register
    return cannot_evaluate(data, controls()["IBAN-003"], rows, kind="employee", cell="iban")


def without_figure() -> list[Finding]:
    day = check_data({}).order.period.first_day
    return figure_missing(controls()["REG-007"], "minimum_monthly_wage", day)


TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    "SEPA-001": partial(sent, creditor_name="M\u0430rie"),
    "SEPA-002": partial(sent, creditor_name="Anna\u200b"),
    "SEPA-003": partial(sent, creditor_name="N" * 71),
    "SEPA-004": partial(sent, creditor_name="..."),
    "SEPA-005": partial(sent, remittance="x" * 141),
    "SEPA-006": partial(sent, structured_reference="010806817100"),
    "SEPA-007": partial(sent, remittance="NISS 85.07.30-033.28"),
    "SEPA-008": partial(sent, iban=RS),
    "SEPA-009": lambda: write(payment(1, iban=GB), payment(2), town="")[3],
    "SEPA-010": partial(sent, amount_cents=0),
    "SEPA-011": partial(sent, iban=""),
    "SEPA-020": lambda: write(payment(1))[3],
    "SEPA-021": partial(paid_on, "2022-06-05"),
    "SEPA-022": partial(paid_on, "2022-05-26"),
    "SEPA-023": partial(paid_on, "2022-06-23"),
    "SEPA-024": partial(paid_on, "2022-05-23", hour=14),
    "SEPA-025": sent,
    "DEC-001": lambda: decided(deciding.ONE, known=False),
    "DEC-002": lambda: decided(deciding.NEVER),
    "DEC-003": lambda: decided(deciding.TWO),
    "EVAL-001": payee_without_value,
    "EVAL-002": lambda: source_missing(controls()["REG-001"], "register_totals"),
    "EVAL-003": without_figure,
}
