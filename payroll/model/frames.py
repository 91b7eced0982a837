"""Frame schemas: the columns, dtypes, key and sort order a stage promises when it returns.

pandas silently turns integers into floats on merge, pivot, reindex and concat; `conform` is where
that is caught. Dtypes are four: text (str, never null, '' = missing), int64 (never null),
day (datetime64[s], NaT = missing) and bool. pandas takes half a second to import: it is imported
where a frame is made, so that what makes none does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from payroll.model.errors import require
from payroll.model.money import RUN_CENTS_MAX
from payroll.model.period import Period
from payroll.model.streams import STREAMS

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

TEXT = "str"
INT = "int64"
DAY = "datetime64[s]"
BOOL = "bool"


#: Every value that some columns may have. A list that grows (STREAMS) is given itself.
Closed = Mapping[str, Collection[str]]
#: Where the amount of a line comes from.
BASES = ("known", "recomputed", "adjusted", "residual", "estimated")
#: Why a component of the register is not copied.
NATURES_DROPPED = ("one_off", "variable", "arrears", "unknown")
#: What a payment is, from the weakest to the strongest claim that its amount is right.
LEGAL_NATURES = ("advance", "part_payment", "full_estimate", "final")


@dataclass(frozen=True, slots=True)
class FrameSchema:
    """The promise: `columns` (name -> dtype, in order), a unique `key` (may be empty), `sort`.

    cents_max: no amount is larger. Sources keep to the line limit; what is computed of them may
    pass it, is held (PAY-003) and stays far from int64's edge. closed: text columns with every
    value that they may have; forms: those that are read again, by what raises ValueError for any
    other text; both may be '' where may_lack says so. positive: whole numbers of at least 1.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    cents_max: int = RUN_CENTS_MAX
    closed: Closed = field(default_factory=dict)
    forms: Mapping[str, Callable[[str], object]] = field(default_factory=dict)
    may_lack: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()

    def odd_row(self, name: str, values: Sequence[Any]) -> int | None:
        """The first row whose value a column may not have, whatever its dtype; None = none."""
        odd: Collection[Any] = ()
        none = {""} if name in self.may_lack else set()
        if name in self.closed:
            odd = set(values).difference(self.closed[name], none)
        elif name in self.forms:
            odd = {value for value in set(values) - none if not _reads(self.forms[name], value)}
        elif name in self.positive:
            odd = {value for value in values if value < 1}
        elif name.endswith("_cents"):
            odd = {value for value in values if abs(value) > self.cents_max}
        if not odd:
            return None
        return next(row for row, value in enumerate(values) if value in odd)

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame in this schema's column order and sort order, or raise InvariantError.

        Nothing is converted, with one exception: an empty frame takes the schema's dtypes.
        """
        wanted, given = list(self.columns), frame.columns.tolist()
        missing = [name for name in wanted if name not in given]
        require(not missing, f"{self.name}: columns missing: {missing}")
        if frame.empty:
            return self.empty()
        if given != wanted:
            frame = frame[wanted]
        for name in wanted:
            self._require_sound(name, frame[name])
        if self.key:
            distinct = len(set(rows_of(frame, *self.key)))
            require(distinct == len(frame), f"{self.name}: key repeats")
        if self.sort:
            # rows come sorted, or in a few sorted runs: Python merges runs, pandas begins anew
            keys = list(rows_of(frame, *self.sort))
            order = sorted(range(len(keys)), key=keys.__getitem__)
            if order != list(range(len(keys))):
                frame = frame.iloc[order]
        return frame.reset_index(drop=True)

    def _require_sound(self, name: str, column: pd.Series[Any]) -> None:
        """Raise InvariantError for a column of another dtype, or with a value it may not have."""
        from pandas.api.types import infer_dtype

        dtype, found = self.columns[name], str(column.dtype)
        require(found == dtype, f"{self.name}.{name}: dtype is {found}, not {dtype}")
        values = column.to_numpy()
        if name.endswith("_cents"):
            big = values.max() > self.cents_max or values.min() < -self.cents_max
            require(not big, f"{self.name}.{name}: an amount is beyond the limit")
        elif dtype == TEXT:
            kind = infer_dtype(values, skipna=False)  # faster than `isna`
            require(kind == "string", f"{self.name}.{name}: text is null")
        if name in self.closed or name in self.forms or name in self.positive:
            odd = self.odd_row(name, values.tolist())
            require(odd is None, f"{self.name}.{name}: a value is none of its column")

    def empty(self) -> pd.DataFrame:
        """A frame of this schema without rows."""
        return _without_rows(tuple(self.columns.items())).copy()

    def from_rows(self, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
        """Build and conform a small frame from records (for the few, never the hot path)."""
        import pandas as pd

        rows = list(rows)
        if not rows:
            return self.empty()
        data = {
            name: pd.Series([row[name] for row in rows], dtype=dtype)
            for name, dtype in self.columns.items()
        }
        return self.conform(pd.DataFrame(data))


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


@cache
def _without_rows(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Made once for each schema: pandas takes longer for each of its columns than for a copy."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in columns})


#: One row = payee x component x earning period. The sum of a payee's lines in a stream is what
#: that payee is due in it (a negative sum is a receivable, not a payment).
LINES = FrameSchema(
    "lines",
    {
        "line_id": TEXT,  # L-<12 hex>, from the content of the key columns
        "stream": TEXT,
        "payee_id": TEXT,
        "component": TEXT,
        "earning_period": TEXT,
        "quantity": TEXT,  # as shown to a reader: '17/30', '7.60'
        "rate": TEXT,
        "amount_cents": INT,
        "basis": TEXT,  # known | recomputed | adjusted | residual | estimated
        "rule_id": TEXT,
        "source": TEXT,
        "parents": TEXT,  # line_ids this one was derived from, joined by ' '
        "legal_nature": TEXT,  # final | full_estimate | part_payment | advance
        "payment_group": TEXT,  # lines with the same stream, payee and group make one payment
    },
    key=("line_id",),
    sort=("stream", "payee_id", "payment_group", "earning_period", "component", "line_id"),
    closed={"stream": STREAMS, "basis": BASES, "legal_nature": LEGAL_NATURES},
    forms={"earning_period": Period.parse},
)

#: One row per line's payment group: where the money goes. Joined to LINES by its key.
PAYMENT_TARGETS = FrameSchema(
    "payment_targets",
    {
        "stream": TEXT,
        "payee_id": TEXT,
        "payment_group": TEXT,
        "creditor_name": TEXT,
        "iban": TEXT,  # as found, compacted to upper case without spaces; '' = missing
        "country": TEXT,
        "remittance": TEXT,
        "structured_reference": TEXT,  # 12 digits (BBA) or RF.. (ISO 11649), else ''
        "source": TEXT,
    },
    key=("stream", "payee_id", "payment_group"),
    sort=("stream", "payee_id", "payment_group"),
    closed={"stream": STREAMS},
)

PAYMENTS = FrameSchema(
    "payments",
    {
        "payment_id": TEXT,
        "stream": TEXT,
        "payee_id": TEXT,
        "creditor_name": TEXT,
        "iban": TEXT,
        "amount_cents": INT,
        "remittance": TEXT,
        "structured_reference": TEXT,
        "end_to_end_id": TEXT,
        "execution_date": TEXT,  # ISO
        "legal_nature": TEXT,
        "status": TEXT,  # pay | held
        "hold_rules": TEXT,  # rule ids joined by ' '
        "file": TEXT,  # sepa/<stream>_<date>_<nn>.xml, '' when held
        "payment_group": TEXT,  # internal; not written to payments.csv
    },
    key=("payment_id",),
    sort=("stream", "payee_id", "payment_id"),
    closed={"stream": STREAMS, "status": ("pay", "held"), "legal_nature": LEGAL_NATURES},
    forms={"execution_date": date.fromisoformat},
    may_lack=("execution_date",),
)

#: Register components and adjustments that were deliberately not paid, each with its reason.
NOT_CARRIED_OVER = FrameSchema(
    "not_carried_over",
    {
        "payee_id": TEXT,
        "component": TEXT,
        "label": TEXT,
        "nature": TEXT,
        "amount_cents": INT,
        "reason": TEXT,  # an id of the text catalogue
        "source": TEXT,
    },
    sort=("payee_id", "component", "source"),
    closed={"nature": NATURES_DROPPED},
)

#: Payees known to be due something that this run cannot work out: paid later, never silently zero.
TO_SETTLE = FrameSchema(
    "to_settle",
    {"stream": TEXT, "payee_id": TEXT, "reason": TEXT, "source": TEXT},
    sort=("stream", "payee_id", "reason"),
    closed={"stream": STREAMS},
)

#: Amounts that people or suppliers owe us after netting: never in a payment file.
RECEIVABLES = FrameSchema(
    "receivables",
    {
        "stream": TEXT,
        "payee_id": TEXT,
        "payment_group": TEXT,
        "amount_cents": INT,  # negative
        "source": TEXT,
    },
    sort=("stream", "payee_id", "payment_group"),
    closed={"stream": STREAMS},
)


def text_values(texts: Sequence[Any] | npt.NDArray[Any]) -> pd.api.extensions.ExtensionArray:
    """Texts as a column of a frame to be; a Series of them takes pandas far longer to make."""
    import pandas as pd

    found: pd.api.extensions.ExtensionArray
    found = pd.array(texts, dtype=TEXT)  # type: ignore[call-overload]  # its stubs know no "str"
    return found


def rows_of(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns: pandas takes far longer to walk a column than its list."""
    return zip(*(frame[name].tolist() for name in names), strict=True)


def iso_days(column: pd.Series[Any]) -> list[str]:
    """A column of days as ISO texts, '' for a missing one."""
    import numpy as np

    texts: list[str] = np.datetime_as_string(column.to_numpy("datetime64[D]")).tolist()
    return ["" if text == "NaT" else text for text in texts]


def join_texts(values: Iterable[str], separator: str = "; ") -> str:
    """Join the distinct non-empty texts in first-seen order."""
    return separator.join(dict.fromkeys(value for value in values if value))
