"""What the rebuild hands back: lines of pay with their ids."""

from __future__ import annotations

from hashlib import blake2b
from sys import intern
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.frames import INT, LINES, TEXT, FrameSchema, text_values
from payroll.model.line_sums import proved
from payroll.model.money import Cents, Rounding

#: The content a line's id is made of; `n` separates lines that agree in all of it.
ID_COLUMNS = ("stream", "payee_id", "payment_group", "component", "earning_period", "source")
#: How the amount of a line came about where it is one product: round(base x numerator /
#: denominator), half up where no other rounding stands; a denominator of 0 says that it is none.
FACTORS = {"base": INT, "numerator": INT, "denominator": INT, "rounding": TEXT}
NO_PRODUCT = {name: "" if kind == TEXT else np.int64(0) for name, kind in FACTORS.items()}
#: What a stream comes to: LINES, with the factors of each amount.
FACTORED_LINES = FrameSchema(
    "factored_lines", {**LINES.columns, **FACTORS}, key=LINES.key, sort=LINES.sort
)
#: Lines of staff while they are worked out; `person` is a position in the frame of the staff.
#: flags_of: the component whose place in the bases the line takes, '' = its own.
STAFF_LINES = FrameSchema(
    "staff_lines",
    {
        "person": INT,
        "component": TEXT,
        "amount_cents": INT,
        "basis": TEXT,
        "rule_id": TEXT,
        "source": TEXT,
        "quantity": TEXT,
        "rate": TEXT,
        "flags_of": TEXT,
        **FACTORS,
    },
)


def staff_lines(person: npt.NDArray[np.integer[Any]], **columns: object) -> pd.DataFrame:
    """STAFF_LINES of these positions; a column is one value per position or one for all.

    An absent column is '' or 0.
    """
    if not len(person):
        return STAFF_LINES.empty()
    found: dict[str, Any] = {}
    for name, dtype in STAFF_LINES.columns.items():
        value = person if name == "person" else columns.get(name, 0 if dtype == INT else "")
        values = np.asarray(value, dtype=np.int64) if dtype == INT else _texts(value)
        column = np.broadcast_to(values, (len(person),))
        found[name] = column if dtype == INT else text_values(column)
    return STAFF_LINES.conform(pd.DataFrame(found))


def _texts(value: object) -> npt.NDArray[np.object_]:
    """Texts as objects: of numpy's own each is another, and a large run has a few of them
    a million times.
    """
    given = np.asarray(value)
    if given.dtype.kind != "U" or not given.ndim:
        return given.astype(object)
    return np.array([intern(text) for text in given.tolist()], dtype=object)


def stands_for(lines: pd.DataFrame) -> pd.Series[str]:
    """The component whose place in the bases each line (component, flags_of) takes."""
    return lines["component"].mask(lines["flags_of"] != "", lines["flags_of"])


def lines_of_some(
    person: npt.NDArray[np.intp],
    component: str,
    amount: Cents,
    texts: tuple[npt.NDArray[np.str_], npt.NDArray[np.str_], npt.NDArray[np.object_]],
) -> pd.DataFrame:
    """STAFF_LINES of one component for some people, those without an amount left out.

    amount and texts (basis, rule, source) are those of everybody.
    """
    basis, rule, source = texts
    person = person[amount[person] != 0]
    return staff_lines(
        person,
        component=component,
        amount_cents=amount[person],
        basis=basis[person],
        rule_id=rule[person],
        source=source[person],
    )


def line_ids(frame: pd.DataFrame) -> pd.Series[str]:
    """L- and 12 hex digits over ID_COLUMNS and n (0, 1, ... for repeats, in frame order).

    The same rows give the same ids in every run, whatever their amount.
    """
    columns = [frame[name].tolist() for name in ID_COLUMNS]
    seen: dict[str, int] = {}
    taken: set[str] = set()
    ids: list[str] = []
    for row in zip(*columns, strict=True):
        key = "|".join(row)
        number = seen[key] = seen.get(key, -1) + 1
        line_id = _digest(f"{key}|{number}")
        while line_id in taken:  # 48 bits: expected once in some hundred runs of a million lines
            key += "|again"
            line_id = _digest(key)
        taken.add(line_id)
        ids.append(line_id)
    return pd.Series(ids, index=frame.index, dtype=TEXT)


def finish_lines(frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows their line_id (unless they have it), '' or 0 for what is absent, and conform to
    FACTORED_LINES.

    The amounts stay as they are; a row with amount 0 is no line and falls away.
    """
    frame = frame[frame["amount_cents"] != 0]
    absent = [name for name in FACTORED_LINES.columns if name not in (*frame.columns, "line_id")]
    frame = frame.assign(**{name: _nothing(name, frame.index) for name in absent})
    if "line_id" not in frame:
        frame = frame.assign(line_id=line_ids(frame))
    return FACTORED_LINES.conform(frame)


def _nothing(column: str, index: pd.Index) -> pd.Series[str] | pd.Series[int]:
    if FACTORED_LINES.columns[column] == INT:
        return pd.Series(0, index, dtype=INT)
    return pd.Series("", index, dtype=TEXT)


def line_sums(lines: pd.DataFrame) -> pd.DataFrame:
    """LINE_SUMS of FACTORED_LINES, each proved to give the amount of its line."""
    rows = lines[lines["denominator"] != 0]
    rounding = rows["rounding"].mask(rows["rounding"] == "", Rounding.HALF_UP.value)
    return proved(rows.assign(rounding=rounding.astype("str")), lines)


def text_by(ids: pd.Series[str], keys: pd.Series[str], values: pd.Series[str]) -> pd.Series[str]:
    """The text that `values` has for each id, by unique `keys`; '' for an id without one."""
    where = pd.Index(keys).get_indexer(pd.Index(ids))
    found = np.append(values.to_numpy(dtype=object), "")[where]
    return pd.Series(found, ids.index, dtype=TEXT)


def _digest(key: str) -> str:
    return f"L-{blake2b(key.encode(), digest_size=6).hexdigest()}"
