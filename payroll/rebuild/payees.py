"""Whom the sources name, and who typed the adjustments: for the record, as the lists have them."""

from __future__ import annotations

import pandas as pd

from payroll.model.findings import SubjectKind
from payroll.model.frames import TEXT
from payroll.model.record_frames import PAYEES, TYPED
from payroll.model.tables import SourceTables

_ID = ["payee_kind", "payee_id"]


def payees_named(tables: SourceTables) -> pd.DataFrame:
    """PAYEES: everybody on a list; where no register is left, also whom the bank's file names.

    A list goes before the bank's file.
    """
    staff = tables["employees"].rename(columns={"employee_id": "payee_id"})
    name = (staff["first_name"] + " " + staff["last_name"]).str.strip()
    bank = tables.bank if tables.bank_alone else tables.bank.iloc[:0]
    parts = [
        staff[["payee_id", "site"]].assign(name=name, payee_kind=SubjectKind.EMPLOYEE.value),
        *(_of_list(tables, kind) for kind in (SubjectKind.PRACTITIONER, SubjectKind.SUPPLIER)),
        bank[[*_ID, "name"]].drop_duplicates(_ID, keep="last").assign(site=""),
    ]
    rows = [part.astype(dict.fromkeys(PAYEES.columns, TEXT)) for part in parts if len(part)]
    if not rows:
        return PAYEES.empty()
    found = pd.concat(rows, ignore_index=True).drop_duplicates(_ID)
    return PAYEES.conform(found[found["payee_id"] != ""])


def _of_list(tables: SourceTables, kind: SubjectKind) -> pd.DataFrame:
    rows = tables[f"{kind}s"].rename(columns={f"{kind}_id": "payee_id"})
    return rows[["payee_id", "name"]].assign(payee_kind=kind.value, site="")


def adjustments_typed(tables: SourceTables) -> pd.DataFrame:
    """TYPED: every adjustment that was read, used or not."""
    return TYPED.conform(tables["adjustments"])
