"""For every rule of fees, invoices and payments: the smallest list in which it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from payroll.model.findings import Finding
from payroll.model.released import RELEASED, LedgerExtract
from payroll.rebuild.invoices import rebuild_invoices
from payroll.rebuild.payments import assemble_payments
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild import test_fees, test_invoices, test_payments
from tests.unit.rebuild.payables_doubles import book, order, tables
from tests.unit.rebuild.test_fees import doctor, statement
from tests.unit.rebuild.test_invoices import invoice, supplier

WRONG = "***010/8068/17184***"


def fees(*statements: dict[str, Any], listed: bool = True, **fields: Any) -> list[Finding]:
    """Statements of P1, a practitioner on the list with a contract of 15 percent."""
    doctors = [doctor("P1", **{"retention_rate": 150_000, **fields})] if listed else []
    return test_fees.rebuilt(doctors, list(statements)).findings


def history(*months: str) -> list[Finding]:
    return fees(*(statement("P1", 100_000, month) for month in months))


def invoices(*rows: dict[str, Any]) -> list[Finding]:
    return test_invoices.rebuilt([supplier()], list(rows)).findings


def known(state: str) -> list[Finding]:
    """An invoice that the ledger knows in that state."""
    row = dict.fromkeys(RELEASED.columns, "") | {
        "stream": "invoices",
        "payee_id": "S1",
        "item": "A1",
        "state": state,
        "amount_cents": 100,
        "item_cents": 100,
    }
    source = tables(suppliers=[supplier()], invoices=[invoice("A1", 100)])
    released = LedgerExtract(RELEASED.from_rows([row]), reissue=False)
    return rebuild_invoices(RebuildInput(source, order(), book(), "en", released)).findings


def payments(*cents: int) -> list[Finding]:
    rows = [("fees", "P1", "", amount, "final", f"a!b!R{row}") for row, amount in enumerate(cents)]
    lines = test_payments.lines_of(rows)
    targets = test_payments.targets_of(lines)
    return assemble_payments(lines, targets, test_payments.MAY, test_payments.KEY)[2]


def credited(*cents: int) -> list[Finding]:
    rows = [invoice(f"A{number}", amount) for number, amount in enumerate(cents)]
    source = tables(suppliers=[supplier()], invoices=rows)
    found = rebuild_invoices(RebuildInput(source, order(), book(), "en", LedgerExtract()))
    return assemble_payments(found.lines, found.targets, test_payments.MAY, test_payments.KEY)[2]


TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    "PAY-001": lambda: payments(100, -150),
    "PAY-002": lambda: payments(100, -100),
    "PAY-003": lambda: payments(10**9, 1),
    "PAY-004": lambda: credited(100, -150),
    "FEE-001": lambda: fees(statement("P1", 100), listed=False),
    "FEE-002": lambda: fees(statement("P1", 100, net_due=90, retention=20)),
    "FEE-003": lambda: fees(statement("P1", 100), retention_rate=None),
    "FEE-004 whole": lambda: history("2022-01", "2022-02", "2022-03"),
    "FEE-004": lambda: history("2022-03"),
    "FEE-005": fees,
    "FEE-006": lambda: history("2022-03", "2022-04"),
    "FEE-007": lambda: fees(statement("P1", 100), statement("P1", 100)),
    "FEE-008": lambda: fees(statement("P1", 100, reference=WRONG)),
    "INV-001": lambda: invoices(invoice("A1", 100, blocked=True)),
    "INV-002": lambda: invoices(invoice("A1", 100, due_date="2022-06-11")),
    "INV-003": lambda: invoices(invoice("A1", 100), invoice("A1", 120)),
    "INV-004": lambda: invoices(invoice("A1", 100, due_date=None)),
    "INV-005": lambda: invoices(invoice("A1", 100, "S9")),
    "INV-006": lambda: invoices(invoice("A1", 100, reference=WRONG)),
    "INV-007": lambda: invoices(_works("1,00")),
    "INV-008": lambda: invoices(_works("peut-être")),
    "INV-009": lambda: invoices(invoice("A1", 12_100, withholding_social="oui")),
    "INV-010": lambda: invoices(invoice("C1", -12_100, withholding_social="oui")),
    "INV-011": lambda: invoices(invoice("A1", 100, currency="USD")),
    "LED-002": lambda: known("live"),
    "LED-004": lambda: known("failed"),
}


def _works(asked: str) -> dict[str, Any]:
    """An invoice for works of 100 euro without VAT."""
    return invoice("A1", 12_100, amount_excl_vat=10_000, withholding_social=asked)
