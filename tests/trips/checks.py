"""For every rule that a check evaluates: its own example, and one for each case it tells apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from payroll.checks.catalogue import CATALOGUE
from payroll.model.findings import Finding
from tests.shipped import controls
from tests.unit.checks.examples import check_data

INVOICE = {"invoice_number": "1", "amount": "100.00"}
BANK = {"payee_id": "E1", "name": "GASTON FAUX", "matched_by": "iban_only"}


def found(rule_id: str, example: Mapping[str, Any]) -> list[Finding]:
    """What the check of a rule raises, before its severity is known."""
    control = controls()[rule_id]
    return CATALOGUE[control.kind](check_data(example), control)


def moved(after: str) -> dict[str, Any]:
    """Somebody whose net moved, with a known reason."""
    change = {"net_before": "2000.00", "net_after": after, "reasons": "reason_leaver"}
    return {"changes": [change]}


#: A case that a rule tells apart, as `<rule> <case>` -> an example of it.
CASES: Mapping[str, Mapping[str, Any]] = {
    "BANK-002 probable": {
        "payments": [{}],
        "bank_payments": [BANK],
        "register_totals": [{"net": "2000.00"}],
    },
    "BANK-009 missing": {
        "register_totals_repeated": {"count": 4, "net": "2000.00"},
        "bank_payments": [{"payee_id": "S9", "payee_kind": "supplier"}],
    },
    "BANK-009 payables": {
        "payments": [{"payee_id": "S1", "stream": "invoices"}],
        "bank_payments": [{}],
    },
    "BANK-012 reissue": {"payments": [{}], "beside": [{}], "reissue": True},
    "BANK-012 statement": {
        "payments": [{}],
        "beside": [{"looks_like": "statement"}],
        "order": {"source": [{"kind": "bank_payments", "file": "bank/april.xml"}]},
    },
    "DUP-011 uncertain": {
        "invoices": [
            INVOICE,
            {"invoice_number": "01", "amount": "250.00", "invoice_date": "2022-03-01"},
        ]
    },
    "SUPP-022 new": {
        "suppliers": [{"enterprise_number": "0468651441"}],
        "payments": [{"stream": "invoices", "payee_id": "S1", "amount": "45000.00"}],
        "released": [{"stream": "invoices", "payee_id": "S2", "period": "", "item": "9"}],
    },
    "PRACT-007 flat": {
        "fee_statements": [
            {"period": f"2022-0{month}", "gross_fees": "9.10"} for month in (2, 3, 4)
        ]
    },
    "INPUT-016 no_list": {
        "order": {"prepared_by": "Inconnu Passant"},
        "employer": {"release": {"approvers": ["Zoé Modèle"]}},
    },
    "INPUT-013 other_kinds": {"adjustments": [{"kind": "fte_change", "evidence": "mail"}]},
    "LED-006 account": {
        "payments": [{"stream": "invoices", "payee_id": "S1", "amount": "100.00"}],
        "released": [
            {"stream": "invoices", "payee_id": "S2", "period": "", "item": "9", "amount": "100.00"}
        ],
    },
    "LED-007 uncertain": {
        "suppliers": [{}],
        "invoices": [INVOICE],
        "payments": [{"stream": "invoices", "payee_id": "S1", "amount": "100.00"}],
        "payment_keys": [{"period": "", "item": "1"}],
        "released": [
            {
                "stream": "invoices",
                "payee_id": "S1",
                "period": "",
                "item": "01",
                "item_cents": 9_000,
                "item_day": "2021-01-04",
            }
        ],
    },
    "SUPP-003 one_of_two": {
        "suppliers": [{"category": "travaux"}],
        "invoices": [{**INVOICE, "withholding_social": "oui"}],
    },
    "SUPP-008 near": {"invoices": [{"amount": "130.00", "amount_excl_vat": "100.00"}]},
    "SUPP-009 usual": {
        "invoices": [
            {"supplier_id": "S1", "amount": "90000.00"},
            *({"supplier_id": f"S{n}", "amount": "100.00"} for n in range(2, 6)),
        ]
    },
    "VAR-001 hold_explained": moved("2900.00"),
    "VAR-001 warn_explained": moved("2250.00"),
    "VAR-002 explained": moved("200.00"),
}
TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    rule_id: partial(found, rule_id, control.example["trip"])
    for rule_id, control in controls().items()
    if not control.raised
} | {name: partial(found, name.partition(" ")[0], example) for name, example in CASES.items()}
