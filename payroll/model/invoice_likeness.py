"""When two invoices are one and the same, typed twice: the one likeness of a run and of the ledger.

Nothing that a person types again stays as it was: the supplier gets another number, its number
another case, the invoice a prefix, a suffix or a wrong digit. What stays is the debt: a supplier
that some mark of it names, an amount, and a number that can be told to be the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.frames import INT, TEXT, FrameSchema, rows_of
from payroll.model.invoice_numbers import (
    digits_but_zeros,
    digits_of,
    in_a_series,
    normalised_number,
    one_edit_apart,
    parts_sorted,
    same_number,
    telling,
    without_signs,
)
from payroll.model.person_names import bank_words

#: Invoices to compare. enterprise_number: digits or as written. amount_cents: 0 = not known. day:
#: of the invoice, ISO, '' = not known.
INVOICE_FACTS = FrameSchema(
    "invoice_facts",
    {
        "payee_id": TEXT,
        "enterprise_number": TEXT,
        "iban": TEXT,
        "name": TEXT,
        "number": TEXT,
        "amount_cents": INT,
        "day": TEXT,
    },
)
#: A column of texts as the place of each in a list where each stands once.
_Distinct = tuple[npt.NDArray[np.intp], list[str]]
#: Columns of one length by their name (`_marked`).
_Marked = Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two frames of INVOICE_FACTS whose likeness is asked for, and both as `_marked`."""

    new: pd.DataFrame
    old: pd.DataFrame
    left: _Marked
    right: _Marked

    def pairs(self, *found: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Pairs of row numbers sorted, each once; within one frame the earlier row comes first."""
        pairs = np.concatenate(found)
        if self.new is self.old:
            pairs = pairs[pairs[:, 0] < pairs[:, 1]]
        span = int(pairs.max(initial=0)) + 1  # of two numbers in one, far below 2^63
        both = np.sort(pairs[:, 0] * span + pairs[:, 1])  # faster than np.unique, which hashes
        firsts, seconds = np.divmod(both[np.diff(both, prepend=-1) > 0], span)
        return np.column_stack([firsts, seconds])


#: What may be typed otherwise of an amount; days in which no next invoice comes; invoices of one
#: supplier and amount from which on they are a series.
_CENTS = 100
_DAYS = 20
_SERIES = 12
#: Ranges of amounts of two euro: near amounts lie in one of the first, or in one of the second.
_DEBTS = ("debt", "debt_beside")
_NO_PAIRS: npt.NDArray[np.int64] = np.zeros((0, 2), dtype=np.int64)


def compared(new: pd.DataFrame, old: pd.DataFrame, official: Collection[str] = ()) -> Compared:
    """Two frames of INVOICE_FACTS as their likeness is found; one that is both is compared within.

    official: accounts that many payees share.
    """
    if new.empty or old.empty:
        return Compared(new, old, {}, {})
    if new is old:
        marked = _marked(new, official)
        return Compared(new, old, marked, marked)
    marked = _marked(pd.concat([new, old], ignore_index=True), official)
    right = _where(marked, marked["row"] >= len(new))
    right = {**right, "row": right["row"] - len(new)}
    return Compared(new, old, _where(marked, marked["row"] < len(new)), right)


def like_pairs(both: Compared, *, paid: bool = False) -> npt.NDArray[np.int64]:
    """Pairs (row of new, row of old), by position, that may be one invoice; sorted, each once.

    Within one frame no row is paired with itself, and of two the earlier comes first. The supplier
    is one by number (whatever its case), enterprise number, account or name; the amount is the same
    but for some cents (`_near`), where both are known. paid: old was paid and must not be paid
    again: the same supplier, amount and day are enough, whatever the number; and the same number,
    amount and day, whoever the supplier. Candidates are found by joins of whole columns; only they
    are looked at.
    """
    new, old, left, right = both.new, both.old, both.left, both.right
    if new.empty or old.empty:
        return _NO_PAIRS
    cents = right["amount_cents"]
    known, unknown = _where(right, cents > 0), _where(right, cents == 0)
    pairs = [_candidates(left, unknown, "mark", name) for name in ("normal", "digits")]
    for debt in ("exact", *_DEBTS):
        one, two = (left, known) if debt == "exact" else _seldom(left, known, debt)
        names = ("normal", "parts", "digits", "day")
        pairs += [_candidates(one, two, debt, name) for name in names]
        pairs.append(_candidates(one, _where(two, two["day"] < 0), debt))
        pairs.append(_candidates(_where(one, one["day"] < 0), two, debt))
    found = _near(new, old, both.pairs(*pairs))
    keep = [
        same_number(first, second, same_day=day == other or "" in (day, other))
        for (first, day), (second, other) in zip(
            _texts(new, found[:, 0]), _texts(old, found[:, 1]), strict=True
        )
    ]
    kept = [found[np.array(keep, dtype=bool)], _one_digit_and_day(both, known)]
    if paid:
        kept += [_candidates(left, known, "exact", "day"), _of_anybody(both, known)]
    return both.pairs(*kept)


def _near(
    new: pd.DataFrame, old: pd.DataFrame, pairs: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The pairs with one amount but for at most a euro and a hundredth of it: somebody typed the
    cents otherwise. An amount that is not known is near to all.
    """
    first = new["amount_cents"].to_numpy()[pairs[:, 0]]
    second = old["amount_cents"].to_numpy()[pairs[:, 1]]
    apart = np.abs(first - second)
    near: npt.NDArray[np.int64] = pairs[
        (second == 0) | ((apart <= _CENTS) & (apart * 100 <= first))
    ]
    return near


def _one_digit_and_day(both: Compared, known: _Marked) -> npt.NDArray[np.int64]:
    """Pairs of one amount with one edit between the numbers, and two days that no series of
    invoices explains: days near each other, or the later invoice has the lower number.

    An amount that a supplier asks for again and again is of a series.
    """
    dated = [_where(side, side["ordinal"] > 0) for side in (both.left, known)]
    few = [(*_seldom(dated[0], dated[1], debt), debt) for debt in _DEBTS]
    pairs = [_candidates(one, two, debt) for one, two, debt in few]
    found = _near(both.new, both.old, both.pairs(*pairs))
    facts = [_by_row(side, ("ordinal", "series")) for side in dated]
    days, numbers = (
        facts[0][name][found[:, 0]] - facts[1][name][found[:, 1]] for name in ("ordinal", "series")
    )
    odd = (days != 0) & ((np.abs(days) <= _DAYS) | (np.sign(days) * np.sign(numbers) < 0))
    found = found[odd]
    keep = [
        one_edit_apart(normalised_number(first), normalised_number(second))
        for (first, _), (second, _) in zip(
            _texts(both.new, found[:, 0]), _texts(both.old, found[:, 1]), strict=True
        )
    ]
    kept: npt.NDArray[np.int64] = found[np.array(keep, dtype=bool)]
    return kept


def _seldom(left: _Marked, right: _Marked, name: str) -> tuple[_Marked, _Marked]:
    """The rows whose `name` both sides have, and neither more than some times."""
    size = int(max(left[name].max(initial=0), right[name].max(initial=0))) + 1
    counts = [np.bincount(side[name], minlength=size) for side in (left, right)]
    few = (counts[0] * counts[1] > 0) & (np.maximum(*counts) <= _SERIES)
    return _where(left, few[left[name]]), _where(right, few[right[name]])


def _of_anybody(both: Compared, known: _Marked) -> npt.NDArray[np.int64]:
    """Pairs with one telling number, amount and day, whoever the suppliers are."""
    one, two = (
        _where(side, (side["telling"] >= 0) & (side["day"] >= 0)) for side in (both.left, known)
    )
    found = both.pairs(_candidates(one, two, "amount", "telling"))
    days = [_by_row(side, ("day",))["day"] for side in (one, two)]
    same: npt.NDArray[np.int64] = found[days[0][found[:, 0]] == days[1][found[:, 1]]]
    return same


def _by_row(side: _Marked, names: tuple[str, ...]) -> _Marked:
    """Columns by the number of the row, of which `side` may have several or none."""
    found = {}
    for name in names:
        found[name] = np.zeros(int(side["row"].max(initial=-1)) + 1, dtype=np.int64)
        found[name][side["row"]] = side[name]
    return found


def same_number_pairs(both: Compared) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Pairs as of `like_pairs` with one number but for its writing, and another amount.

    The second tells of which both invoices bear one day, or one bears none that is known: a number
    that begins anew with the year comes back with another amount and another day.
    """
    if both.new.empty or both.old.empty:
        return _NO_PAIRS, np.zeros(0, dtype=np.bool_)
    found = both.pairs(_candidates(both.left, both.right, "mark", "normal"))
    first, second = both.new.iloc[found[:, 0]], both.old.iloc[found[:, 1]]
    cents = first["amount_cents"].to_numpy(), second["amount_cents"].to_numpy()
    other = (cents[0] != cents[1]) & (cents[0] > 0) & (cents[1] > 0)
    days = first["day"].to_numpy(), second["day"].to_numpy()
    one_day = (days[0] == days[1]) | (days[0] == "") | (days[1] == "")
    return found[other], one_day[other]


def _texts(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> Iterable[tuple[str, str]]:
    return rows_of(frame.iloc[rows], "number", "day")


def _where(marked: _Marked, wanted: npt.NDArray[np.bool_]) -> _Marked:
    return {name: column[wanted] for name, column in marked.items()}


def _marked(frame: pd.DataFrame, official: Collection[str]) -> _Marked:
    """One row per invoice and mark of its supplier: row, amount_cents, and what is compared.

    mark, exact (mark and amount), _DEBTS (mark and a range of amounts), normal, parts, digits,
    telling, day, amount: equal numbers for equal texts, which are compared far faster; -1 where
    there is none. ordinal: the day as a number, 0 = not known; series: the number's digits as one.
    """
    shared = frozenset(official)
    marks = [
        _coded(_distinct(frame["payee_id"]), lambda text: without_signs(text.casefold())),
        _coded(_distinct(frame["enterprise_number"]), _enterprise_digits),
        _coded(_distinct(frame["iban"]), lambda text: "" if text in shared else text),
        _coded(_distinct(frame["name"]), lambda text: " ".join(sorted(bank_words(text)))),
    ]
    numbers, days = _distinct(frame["number"]), _distinct(frame["day"])
    base = {
        "row": np.arange(len(frame)),
        "amount_cents": frame["amount_cents"].to_numpy(),
        "normal": _coded(numbers, normalised_number),
        "parts": _coded(numbers, parts_sorted),
        "telling": _coded(numbers, telling),
        "digits": _coded(numbers, digits_but_zeros),
        "day": _coded(days, str),
        "ordinal": _valued(days, _ordinal),
        "series": _valued(numbers, in_a_series),
    }
    # a number is no account: marks of two kinds have no number in common
    mark = np.concatenate([item * len(marks) + kind for kind, item in enumerate(marks)])
    every = {name: np.tile(column, len(marks)) for name, column in base.items()}
    cents = every["amount_cents"]
    ranges = (cents, cents // (2 * _CENTS), (cents + _CENTS) // (2 * _CENTS))
    for name, values in zip(("exact", *_DEBTS), ranges, strict=True):
        every[name] = pd.factorize(mark * (len(frame) + 1) + pd.factorize(values)[0])[0]
    every |= {"mark": mark, "amount": pd.factorize(cents)[0]}
    return _where(every, np.concatenate(marks) >= 0)


def _distinct(column: pd.Series[str]) -> _Distinct:
    codes, texts = pd.factorize(column)
    return codes, texts.tolist()


def _coded(column: _Distinct, plain: Callable[[str], str]) -> npt.NDArray[np.int64]:
    """One number per distinct text once it is made plain, which each is once; -1 for ''."""
    codes, texts = column
    plainly = np.array([plain(text) for text in texts], dtype=object)
    numbers = np.where(plainly == "", -1, pd.factorize(plainly)[0])
    coded: npt.NDArray[np.int64] = numbers.astype("int64")[codes]
    return coded


def _valued(column: _Distinct, value: Callable[[str], int]) -> npt.NDArray[np.int64]:
    """The number that each distinct text has."""
    codes, texts = column
    values = np.array([value(text) for text in texts], dtype=np.int64)
    valued: npt.NDArray[np.int64] = values[codes]
    return valued


def _enterprise_digits(number: str) -> str:
    digits = digits_of(number)
    return digits and digits.zfill(10)


def _ordinal(day: str) -> int:
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:  # a ledger has what a file said
        return 0


def _candidates(left: _Marked, right: _Marked, whose: str, what: str = "") -> npt.NDArray[np.int64]:
    """Pairs of rows with one mark (or debt), and the same text `what`; some more than once.

    A join of numbers: pandas takes milliseconds for each of its own, however few the rows.
    """
    mine, theirs, rows, olds = left[whose], right[whose], left["row"], right["row"]
    if what:
        span = max(left[what].max(initial=0), right[what].max(initial=0)) + 1
        some, others = left[what] >= 0, right[what] >= 0
        mine, theirs = (mine * span + left[what])[some], (theirs * span + right[what])[others]
        rows, olds = rows[some], olds[others]
    order = np.argsort(theirs, kind="stable")
    ordered = theirs[order]
    first, behind = (np.searchsorted(ordered, mine, side) for side in ("left", "right"))
    times = behind - first
    nth = np.arange(times.sum()) - np.repeat(times.cumsum() - times, times)
    olds = olds[order[np.repeat(first, times) + nth]]
    return np.column_stack([np.repeat(rows, times), olds])
