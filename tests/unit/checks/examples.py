"""Build a small CheckData from the few fields that matter; everything else is neutral."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from payroll.checks.data import CheckData
from payroll.model.backtest import BACKTEST, Backtest
from payroll.model.beside import FILES_BESIDE
from payroll.model.frames import (
    DAY,
    LINES,
    NOT_CARRIED_OVER,
    PAYMENT_TARGETS,
    PAYMENTS,
    RECEIVABLES,
    TO_SETTLE,
    FrameSchema,
    rows_of,
)
from payroll.model.order import Employer, payrun_model
from payroll.model.record_frames import CHANGES
from payroll.model.released import PAYMENT_KEYS, RELEASED, LedgerExtract
from payroll.model.results import Rebuilt
from payroll.model.tables import (
    BANK_PAYMENT_ROWS,
    BANK_PAYMENTS,
    FIELDS,
    KINDS,
    PAYEE_FIELD,
    SourceSummary,
    SourceTables,
    table_schema,
)
from payroll.rulebook.parameters import load_parameters
from payroll.rulebook.toml import load_toml

PARAMETERS = load_parameters(
    {
        path.name: load_toml(path.name, path.read_bytes())
        for path in sorted((Path(__file__).parents[3] / "rules" / "parameters").glob("*.toml"))
    }
)

IBAN = "BE68539007547034"
OURS = "BE88063954965641"
_EMPTY: Mapping[str, object] = {"str": "", "int64": 0, "bool": False, DAY: pd.NaT}
_SCALE = {"_cents": 100, "_millionths": 1_000_000, "_hundredths": 100}

#: Neutral values of source rows and of result rows, where emptiness would itself be a fault.
SOURCE_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "employees": {
        "employee_id": "E1",
        "last_name": "Modèle",
        "first_name": "Anne",
        "iban": IBAN,
        "status": "contractual",
        "fte": "1",
        "monthly_gross": "3000.00",
        "hire_date": date(2010, 1, 1),
        "tax_status": "single",
    },
    "register_totals": {"employee_id": "E1", "period": "2022-04", "iban": IBAN},
    "register_lines": {"employee_id": "E1", "period": "2022-04"},
    "premium_hours": {"employee_id": "E1", "period": "2022-04"},
    "adjustments": {"payee_id": "E1", "approved_by": "Luc Exemple", "entered_by": "Anne Modèle"},
    "practitioners": {"practitioner_id": "P1", "name": "Dr Modèle", "iban": IBAN},
    "fee_statements": {"practitioner_id": "P1", "period": "2022-04"},
    "suppliers": {"supplier_id": "S1", "name": "Modèle SRL", "iban": IBAN},
    "invoices": {
        "supplier_id": "S1",
        "invoice_number": "1",
        "amount": "100.00",
        "invoice_date": date(2022, 4, 20),
    },
}
BANK_DEFAULTS: Mapping[str, object] = {
    "payee_kind": "employee",
    "payee_id": "E1",
    "matched_by": "name",
    "name": "ANNE MODELE",
    "iban": IBAN,
    "amount": "2000.00",
    "category_purpose": "SALA",
    "execution_date": date(2022, 4, 29),
    "debtor_iban": OURS,
}
RESULTS: Mapping[str, tuple[FrameSchema, Mapping[str, object]]] = {
    "lines": (
        LINES,
        {
            "stream": "salaries",
            "payee_id": "E1",
            "component": "base_salary",
            "earning_period": "2022-05",
            "basis": "known",
            "source": "pay.xlsx!S!R5",
        },
    ),
    "targets": (PAYMENT_TARGETS, {}),
    "payments": (
        PAYMENTS,
        {
            "stream": "salaries",
            "payee_id": "E1",
            "creditor_name": "Anne Modèle",
            "iban": IBAN,
            "amount": "2000.01",
            "status": "pay",
        },
    ),
    "not_carried_over": (NOT_CARRIED_OVER, {"payee_id": "E2"}),
    "to_settle": (TO_SETTLE, {"stream": "bonuses", "payee_id": "E1"}),
    "changes": (CHANGES, {"stream": "salaries", "payee_id": "E1"}),
    "receivables": (RECEIVABLES, {"stream": "salaries", "payee_id": "E1"}),
    "backtest": (BACKTEST, {"payee_id": "E1", "source": "totals.xlsx!T!R5"}),
}
_BESIDE = {"file": "bank/salaries.xml", "bytes": 900, "sha256": "a" * 64, "looks_like": "order"}
_STREAM = {"pay_on": date(2022, 5, 31), "account": "main"}
ORDER: Mapping[str, Any] = {
    "period": "2022-05",
    "last_known": "2022-04",
    "salaries": _STREAM,
    "bonuses": {**_STREAM, "earned": "2022-04"},
    "fees": {**_STREAM, "earned": "2022-04"},
    "invoices": {**_STREAM, "due_until": date(2022, 6, 10)},
    "source": [],
}
EMPLOYER: Mapping[str, Any] = {
    "name": "Hôpital Modèle",
    "enterprise_number": "0468651441",
    "account": [{"id": "main", "iban": OURS, "bank_profile": "generic_be"}],
}


def _value(column: str, dtype: str, row: Mapping[str, object]) -> object:
    if column in row:
        value = row[column]
        return pd.Timestamp(value) if dtype == DAY and not pd.isna(value) else value  # type: ignore[call-overload,arg-type]
    for suffix, scale in _SCALE.items():
        name = column.removesuffix(suffix)
        if name != column and name in row:
            return int(Decimal(str(row[name])) * scale)
    if column.endswith("_given"):
        return column.removesuffix("_given") in row
    return _EMPTY[dtype]


def frame_of(schema: FrameSchema, rows: list[Mapping[str, object]]) -> pd.DataFrame:
    """A frame of a schema from partial rows: amounts as text without their suffix."""
    known = {name.removesuffix(tail) for name in schema.columns for tail in ("", *_SCALE)}
    for row in rows:
        unknown = set(row) - known
        if unknown:
            raise AssertionError(f"an example names unknown fields of {schema.name}: {unknown}")
    data = {
        name: pd.Series([_value(name, dtype, row) for row in rows], dtype=dtype)
        for name, dtype in schema.columns.items()
    }
    return pd.DataFrame(data) if rows else schema.empty()


def _repeated(example: Mapping[str, Any], name: str, payee: str) -> list[dict[str, object]]:
    """`<name>_repeated = { count = n, ... }`: n rows of people E0, E1 ...; a source that ends in
    !R gets the row numbers that the rows of a table get.
    """
    row = dict(example.get(f"{name}_repeated", {}))
    rows = [{**row, payee: f"E{number}"} for number in range(row.pop("count", 0))]
    for number, item in enumerate(rows, 5):
        item.pop("count", None)
        if str(item.get("source", "")).endswith("!R"):
            item["source"] = f"{item['source']}{number}"
    return rows


def _tables(example: Mapping[str, Any]) -> SourceTables:
    frames, summaries = {}, []
    for kind in KINDS:
        given = [*_repeated(example, kind, PAYEE_FIELD[kind]), *example.get(kind, [])]
        rows = [
            {
                "source": f"{kind}.xlsx!S!R{number}",
                **({"adjustment_id": f"A{number}"} if kind == "adjustments" else {}),
                **SOURCE_DEFAULTS[kind],
                **row,
            }
            for number, row in enumerate(given, 5)
        ]
        frames[kind] = frame_of(table_schema(kind), rows)
        if given:
            summaries.append(
                SourceSummary(
                    kind=kind,
                    file=f"{kind}.xlsx",
                    sheet="S",
                    sha256="",
                    encoding="",
                    header_row=4,
                    rows_read=len(rows),
                    rows_used=len(rows),
                    rows_excluded=0,
                )
            )
    bank = [
        {"source": f"bank.xml!B!R{number}", **BANK_DEFAULTS, **row}
        for number, row in enumerate(example.get(BANK_PAYMENTS, []), 1)
    ]
    bank += [
        {**BANK_DEFAULTS, **row, "source": f"bank.xml!C!R{number}"}
        for number, row in enumerate(_repeated(example, BANK_PAYMENTS, "payee_id"), 1)
    ]
    frames[BANK_PAYMENTS] = frame_of(BANK_PAYMENT_ROWS, bank)
    if bank:
        summaries.append(
            SourceSummary(
                kind=BANK_PAYMENTS,
                file="bank.xml",
                sheet="",
                sha256="",
                encoding="",
                header_row=0,
                rows_read=len(bank),
                rows_used=len(bank),
                rows_excluded=0,
            )
        )
    headings = {f"{kind}.xlsx!S": {item.name: item.name for item in FIELDS[kind]} for kind in KINDS}
    return SourceTables(frames, tuple(summaries), headings)


def _rebuilt(example: Mapping[str, Any]) -> Rebuilt:
    given = {name: list(example.get(name, [])) for name in RESULTS}
    for name in RESULTS:
        given[name] += _repeated(example, name, "payee_id")
    keys = ("stream", "payee_id", "payment_group")
    payments = [
        {"payment_id": f"P-{number}", **RESULTS["payments"][1], **row}
        for number, row in enumerate(given["payments"], 1)
    ]
    given["payments"] = payments
    given["targets"] = given["targets"] or [
        {
            **{name: row.get(name, "") for name in (*keys, "creditor_name", "iban")},
            "source": f"master.xlsx!S!R{number}",
        }
        for number, row in enumerate(payments, 5)
    ]
    frames = {
        name: frame_of(schema, [{**defaults, **row} for row in given[name]])
        for name, (schema, defaults) in RESULTS.items()
    }
    found = Backtest(period="2022-04", rows=frames.pop("backtest"))
    return Rebuilt(**frames, backtest=found)


def _payment_keys(example: Mapping[str, Any], rebuilt: Rebuilt) -> pd.DataFrame:
    """The keys of the payments: those of an ordinary month, but for what the example says."""
    earned = {"salaries": "2022-05", "bonuses": "2022-04", "fees": "2022-04", "invoices": ""}
    rows = [
        {"payment_id": payment, "stream": stream, "payee_id": payee, "period": earned[stream]}
        for payment, stream, payee in rows_of(rebuilt.payments, "payment_id", "stream", "payee_id")
    ]
    for row, own in zip(rows, example.get("payment_keys", ()), strict=False):
        row.update(own)
    return frame_of(PAYMENT_KEYS, rows)


def _ledger(example: Mapping[str, Any]) -> LedgerExtract:
    """What the ledger would say; `released` rows begin as May's salary of E1."""
    first = {
        "stream": "salaries",
        "payee_id": "E1",
        "period": "2022-05",
        "state": "live",
        "end_to_end_id": "E-before",
        "run_id": "2022-05-aaaaaa",
        "iban": IBAN,
        "creditor_name": "Anne Modele",
        "execution_date": "2022-05-31",
    }
    rows = [{**first, **row} for row in example.get("released", ())]
    return LedgerExtract(frame_of(RELEASED, rows), bool(example.get("reissue")))


def check_data(example: Mapping[str, Any]) -> CheckData:
    """A CheckData from an example table of a rule file (or of a test)."""
    order: dict[str, Any] = dict(ORDER)
    for name, value in example.get("order", {}).items():
        order[name] = {**order.get(name, {}), **value} if isinstance(value, dict) else value
    rebuilt = _rebuilt(example)
    return CheckData(
        ledger=_ledger(example),
        payment_keys=_payment_keys(example, rebuilt),
        order=payrun_model().model_validate(order),
        employer=Employer.model_validate({**EMPLOYER, **example.get("employer", {})}),
        tables=_tables(example),
        rebuilt=rebuilt,
        parameters=PARAMETERS,
        created_at=example.get("created_at", datetime(2022, 5, 23, 9)),  # noqa: DTZ001
        value_status=example.get("value_status", {}),
        own_rules=tuple(example.get("own_rules", ())),
        beside=frame_of(FILES_BESIDE, [{**_BESIDE, **row} for row in example.get("beside", ())]),
    )
