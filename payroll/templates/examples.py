"""One invented row per source kind, shown on the notes sheet of its template.

The numbers are the published sample numbers (IBAN, structured reference) or visibly made up.
A choice or a flag is given by its canonical value and shown in the template's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

Example = str | int | Decimal | date

_IBAN = "BE68 5390 0754 7034"

EXAMPLES: Mapping[str, Mapping[str, Example]] = {
    "employees": {
        "employee_id": "000123",
        "last_name": "Exemple",
        "first_name": "Camille",
        "iban": _IBAN,
        "status": "contractual",
        "fte": Decimal("0.8"),
        "monthly_gross": Decimal("3456.78"),
        "hire_date": date(2015, 9, 1),
        "tax_status": "single",
        "children": 2,
        "disabled_children": 0,
        "disabled": "no",
        "single_parent": "yes",
        "postcode": "6700",
        "country": "BE",
    },
    "register_totals": {
        "employee_id": "000123",
        "period": "2022-04",
        "gross": Decimal("2765.42"),
        "personal_contributions": Decimal("361.44"),
        "taxable": Decimal("2403.98"),
        "withholding": Decimal("400.00"),
        "special_contribution": Decimal("20.00"),
        "net": Decimal("1983.98"),
        "work_bonus": Decimal("0.00"),
        "iban": _IBAN,
    },
    "register_lines": {
        "employee_id": "000123",
        "period": "2022-04",
        "component": "0010",
        "amount": Decimal("2765.42"),
        "label": "Exemple",
        "quantity": Decimal("121.60"),
    },
    "premium_hours": {
        "employee_id": "000123",
        "period": "2022-04",
        "premium_code": "0700",
        "hours": Decimal("7.60"),
        "work_date": date(2022, 4, 17),
        "site": "Exemple",
    },
    "adjustments": {
        "adjustment_id": "A-001",
        "payee_id": "000123",
        "kind": "fte_change",
        "value": "0,5",
        "from": date(2022, 5, 16),
        "reason": "Exemple",
        "evidence": "Exemple 12/2022",
        "entered_by": "A. Exemple",
        "approved_by": "B. Exemple",
    },
    "practitioners": {
        "practitioner_id": "P0045",
        "name": "Dr Exemple",
        "account_holder_name": "Exemple SRL",
        "iban": _IBAN,
        "enterprise_number": "0123456749",
        "retention_rate": Decimal("0.25"),
        "contract_reference": "C-45",
    },
    "fee_statements": {
        "practitioner_id": "P0045",
        "period": "2022-04",
        "gross_fees": Decimal("12000.00"),
        "retention": Decimal("3000.00"),
        "net_due": Decimal("9000.00"),
        "reference": "R-2022-04",
    },
    "suppliers": {
        "supplier_id": "F00077",
        "name": "Exemple SA",
        "iban": _IBAN,
        "enterprise_number": "0123456749",
        "vat_number": "BE0123456749",
        "payment_terms_days": 30,
        "country": "BE",
        "town": "Arlon",
    },
    "invoices": {
        "supplier_id": "F00077",
        "invoice_number": "2022/0815",
        "invoice_date": date(2022, 4, 28),
        "due_date": date(2022, 5, 28),
        "amount": Decimal("1210.00"),
        "currency": "EUR",
        "amount_excl_vat": Decimal("1000.00"),
        "reference": "+++090/9337/55493+++",
        "blocked": "no",
    },
}
