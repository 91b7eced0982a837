"""The month as a whole: streams that are ordered, and no others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payroll.model.order import Employer
from payroll.model.period import Period
from payroll.model.sections import EarnedOrder, StreamOrder
from payroll.rebuild.month import rebuild
from payroll.rulebook.book import RuleBook, load_rulebook
from tests.unit.rebuild.payables_doubles import BE, OGM, order, tables

RULES = Path(__file__).parents[3] / "rules"
SOURCE = tables(
    practitioners=[{"practitioner_id": "P1", "name": "Doctor", "iban": BE[0]}],
    fee_statements=[
        {"practitioner_id": "P1", "period": "2022-04", "gross_fees": 900, "net_due": 700}
    ],
    suppliers=[{"supplier_id": "S1", "name": "Company", "iban": BE[1]}],
    invoices=[
        {
            "supplier_id": "S1",
            "invoice_number": "A1",
            "invoice_date": "2022-04-01",
            "due_date": "2022-05-15",
            "amount": 500,
            "reference": OGM,
        }
    ],
    adjustments=[
        {
            "adjustment_id": "A1",
            "payee_id": "S1",
            "kind": "hold",
            "reason": "r",
            "evidence": "e",
            "entered_by": "x",
            "from": "2022-05-01",
        }
    ],
)


@pytest.fixture(scope="module")
def whole_book() -> RuleBook:
    files = sorted(RULES.rglob("*.toml"))
    return load_rulebook({path.relative_to(RULES).as_posix(): path.read_bytes() for path in files})


@pytest.fixture(scope="module")
def employer() -> Employer:
    return Employer.model_validate(
        {
            "name": "Hospital",
            "enterprise_number": "0403019261",
            "language": "nl",
            "account": [{"id": "main", "iban": BE[2], "bank_profile": "generic_be"}],
        }
    )


def test_only_what_is_ordered_is_run(whole_book: RuleBook, employer: Employer) -> None:
    rebuilt, findings = rebuild(SOURCE, order(), whole_book, employer)
    paid = rebuilt.payments[["stream", "payee_id", "amount_cents"]].to_numpy().tolist()
    assert paid == [["fees", "P1", 700], ["invoices", "S1", 500]]
    assert rebuilt.changes.empty
    assert [(item.rule_id, item.subject_id) for item in findings] == [("REB-010", "S1")]
    fees_only = order().model_copy(update={"invoices": None})
    rebuilt, _ = rebuild(SOURCE, fees_only, whole_book, employer)
    assert rebuilt.payments["stream"].tolist() == ["fees"]


def test_all_four_streams_run_on_nothing_but_payables(
    whole_book: RuleBook, employer: Employer
) -> None:
    staff: dict[str, Any] = {"pay_on": date(2022, 5, 31), "account": "main"}
    everything = order().model_copy(
        update={
            "salaries": StreamOrder(**staff),
            "bonuses": EarnedOrder(earned=Period(2022, 4), **staff),
        }
    )
    rebuilt, findings = rebuild(SOURCE, everything, whole_book, employer)
    assert len(rebuilt.payments) == 2
    assert ("REB-010", "S1") in {(item.rule_id, item.subject_id) for item in findings}
    assert {item.rule_id for item in findings} <= set(whole_book.controls)
