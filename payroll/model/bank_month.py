"""Last month's salaries as the bank paid them, one row per employee."""

from __future__ import annotations

import pandas as pd

#: ISO 20022 category purposes: a salary, and what a statement books for whatever reason.
SALARY, UNKNOWN = "SALA", "OTHR"


def salaries_paid(bank: pd.DataFrame) -> pd.DataFrame:
    """Per employee of BANK_PAYMENT_ROWS: payee_id, name, iban, amount_cents, times, source.

    A payment marked as a salary goes before any other of the same person; of several such the
    largest is taken, `times` tells how many there were.
    """
    rows = bank[bank["payee_kind"] == "employee"]
    rows = rows.assign(salary=rows["category_purpose"] == SALARY)
    marked = rows.groupby("payee_id")["salary"].transform("any")
    rows = rows[rows["salary"] | ~marked.astype(bool)]
    rows = rows.assign(times=rows.groupby("payee_id")["source"].transform("size").astype("int64"))
    rows = rows.sort_values("amount_cents", ascending=False, kind="stable")
    rows = rows.drop_duplicates("payee_id").sort_index().reset_index(drop=True)
    return rows[["payee_id", "name", "iban", "amount_cents", "times", "source"]]
