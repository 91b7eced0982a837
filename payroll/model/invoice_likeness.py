"""When two invoices are one and the same, typed twice: the one likeness of a run and of the ledger.

Nothing that a person types again stays as it was: the supplier gets another number, its number
another case, the invoice a prefix, a suffix or a wrong digit. What stays is the debt: a supplier
that some mark of it names, an amount, and a number that can be told to be the other one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.frames import INT, TEXT, FrameSchema, rows_of
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
#: Columns of one length by their name (`_marked`).
_Marked = Mapping[str, npt.NDArray[np.int64]]
_NO_PAIRS: npt.NDArray[np.int64] = np.zeros((0, 2), dtype=np.int64)
#: Words that are written before or behind a number and are no part of it (fr, nl, en).
_NOISE = re.compile(
    r"\b(?:FACTUURNUMMER|FACTUUR|FACTURE|INVOICE|FACT|FAC|FRE|INV|FC|NUMERO|NUMMER|NR|NO|N|BIS|TER"
    r"|DUPLICATA|DUPLICAAT|DUPLICATE|COPIE|KOPIE|COPY|RAPPEL|HERINNERING|REMINDER)(?=\b|\d)"
)
_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def normalised_number(number: str) -> str:
    """An invoice number without case, punctuation, leading zeros, and with O read as 0."""
    text = _LEADING_ZEROS.sub("", number.upper().replace("O", "0"))
    return _LEADING_ZEROS.sub("", _SIGNS.sub("", text))


def _digits(number: str) -> tuple[str, str]:
    """The digits of an invoice number without leading zeros: of the whole, and of each group."""
    groups = _DIGITS.findall(number)
    return "".join(groups).lstrip("0"), "".join(group.lstrip("0") for group in groups)


def _digits_but_zeros(number: str) -> str:
    """What two numbers with the same digits have in common, however their zeros are written."""
    return "".join(_DIGITS.findall(number)).replace("0", "")


def _enterprise_digits(number: str) -> str:
    digits = "".join(_DIGITS.findall(number))
    return digits and digits.zfill(10)


def _letters(number: str) -> str:
    """The letters that are part of a number: no words such as "facture", "n°" or "bis"."""
    plain = _NOISE.sub("", _SIGNS.sub(" ", number.upper()))
    return "".join(char for char in plain if char.isalpha())


def one_edit_apart(left: str, right: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours separates two texts."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    begin = 0
    while begin < min(len(left), len(right)) and left[begin] == right[begin]:
        begin += 1
    a, b = left[begin:], right[begin:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def same_number(left: str, right: str, *, same_day: bool) -> bool:
    """Whether two numbers of a supplier, for one amount, may be one number typed twice.

    same_day: both invoices bear one day, or the day of one is not known. A new invoice has another
    number and another day: then only what is written around the same digits may differ, and not
    from one word to another (the rent of "avril 2022" and of "mai 2022").
    """
    if left == right or normalised_number(left) == normalised_number(right):
        return True
    if any(
        mine and mine == other for mine, other in zip(_digits(left), _digits(right), strict=True)
    ):
        words = sorted((_letters(left), _letters(right)), key=len)
        return same_day or words[1].startswith(words[0]) or words[1].endswith(words[0])
    if not same_day:
        return False
    short, long = sorted((_digits(left)[0], _digits(right)[0]), key=len)
    around = len(short) > 1 and (long.startswith(short) or long.endswith(short))
    return around or one_edit_apart(normalised_number(left), normalised_number(right))


def like_pairs(
    new: pd.DataFrame, old: pd.DataFrame, official: Collection[str] = ()
) -> npt.NDArray[np.int64]:
    """Pairs (row of new, row of old), by position, that may be one invoice; sorted, each once.

    new, old: INVOICE_FACTS. The supplier is one by number (whatever its case), enterprise number,
    account or name; the amount is the same, where both are known. official: accounts that many
    payees share. Candidates are found by joins of whole columns; only they are looked at.
    """
    if new.empty or old.empty:
        return _NO_PAIRS
    left, right = _sides(new, old, official)
    cents = right["amount_cents"]
    known, unknown = _where(right, cents > 0), _where(right, cents == 0)
    pairs = [_candidates(left, known, "debt", name) for name in ("normal", "digits", "day")]
    pairs.append(_candidates(left, _where(known, known["day"] < 0), "debt"))
    pairs.append(_candidates(_where(left, left["day"] < 0), known, "debt"))
    pairs += [_candidates(left, unknown, "mark", name) for name in ("normal", "digits")]
    found = _unique(np.concatenate(pairs))
    keep = [
        same_number(first, second, same_day=day == other or "" in (day, other))
        for (first, day), (second, other) in zip(
            _texts(new, found[:, 0]), _texts(old, found[:, 1]), strict=True
        )
    ]
    kept: npt.NDArray[np.int64] = found[np.array(keep, dtype=bool)]
    return kept


def same_number_pairs(
    new: pd.DataFrame, old: pd.DataFrame, official: Collection[str] = ()
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Pairs as of `like_pairs` with one number but for its writing, and another amount.

    The second tells of which both invoices bear one day, or one bears none that is known: a number
    that begins anew with the year comes back with another amount and another day.
    """
    if new.empty or old.empty:
        return _NO_PAIRS, np.zeros(0, dtype=np.bool_)
    found = _unique(_candidates(*_sides(new, old, official), "mark", "normal"))
    first, second = new.iloc[found[:, 0]], old.iloc[found[:, 1]]
    cents = first["amount_cents"].to_numpy(), second["amount_cents"].to_numpy()
    other = (cents[0] != cents[1]) & (cents[0] > 0) & (cents[1] > 0)
    days = first["day"].to_numpy(), second["day"].to_numpy()
    one_day = (days[0] == days[1]) | (days[0] == "") | (days[1] == "")
    return found[other], one_day[other]


def _texts(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> Iterable[tuple[str, str]]:
    return rows_of(frame.iloc[rows], "number", "day")


def _sides(
    new: pd.DataFrame, old: pd.DataFrame, official: Collection[str]
) -> tuple[_Marked, _Marked]:
    """Both frames as `_marked`; one that is compared with itself is looked at once."""
    if new is old:
        both = _marked(new, official)
        return both, both
    both = _marked(pd.concat([new, old], ignore_index=True), official)
    left, right = _where(both, both["row"] < len(new)), _where(both, both["row"] >= len(new))
    return left, {**right, "row": right["row"] - len(new)}


def _where(marked: _Marked, wanted: npt.NDArray[np.bool_]) -> _Marked:
    return {name: column[wanted] for name, column in marked.items()}


def _marked(frame: pd.DataFrame, official: Collection[str]) -> _Marked:
    """One row per invoice and mark of its supplier: row, amount_cents, and what is compared.

    mark, debt (mark and amount), normal, digits, day: equal numbers for equal texts, which are
    compared far faster; -1 where there is none.
    """
    shared = frozenset(official)
    marks = [
        _coded(frame["payee_id"], lambda text: _SIGNS.sub("", text.casefold())),
        _coded(frame["enterprise_number"], _enterprise_digits),
        _coded(frame["iban"], lambda text: "" if text in shared else text),
        _coded(frame["name"], lambda text: " ".join(sorted(bank_words(text)))),
    ]
    base = {
        "row": np.arange(len(frame)),
        "amount_cents": frame["amount_cents"].to_numpy(),
        "normal": _coded(frame["number"], normalised_number),
        "digits": _coded(frame["number"], _digits_but_zeros),
        "day": _coded(frame["day"], str),
    }
    # a number is no account: marks of two kinds have no number in common
    mark = np.concatenate([item * len(marks) + kind for kind, item in enumerate(marks)])
    amount = np.tile(pd.factorize(base["amount_cents"])[0], len(marks))
    every = {name: np.tile(column, len(marks)) for name, column in base.items()}
    every |= {"mark": mark, "debt": pd.factorize(mark * (len(frame) + 1) + amount)[0]}
    return _where(every, np.concatenate(marks) >= 0)


def _coded(column: pd.Series[str], plain: Callable[[str], str]) -> npt.NDArray[np.int64]:
    """One number per distinct text once it is made plain, which each is once; -1 for ''."""
    codes, texts = pd.factorize(column)
    plainly = np.array([plain(text) for text in texts], dtype=object)
    numbers = np.where(plainly == "", -1, pd.factorize(plainly)[0])
    coded: npt.NDArray[np.int64] = numbers.astype("int64")[codes]
    return coded


def _candidates(left: _Marked, right: _Marked, whose: str, what: str = "") -> npt.NDArray[np.int64]:
    """Pairs of rows with one mark (or debt), and the same text `what`; some more than once.

    A join of numbers: pandas takes milliseconds for each of its own, however few the rows.
    """
    if what:
        left, right = (_where(side, side[what] >= 0) for side in (left, right))
    mine, theirs = left[whose], right[whose]
    if what:
        span = max(left[what].max(initial=0), right[what].max(initial=0)) + 1
        mine, theirs = mine * span + left[what], theirs * span + right[what]
    order = np.argsort(theirs, kind="stable")
    ordered = theirs[order]
    first, behind = (np.searchsorted(ordered, mine, side) for side in ("left", "right"))
    times = behind - first
    nth = np.arange(times.sum()) - np.repeat(times.cumsum() - times, times)
    olds = right["row"][order[np.repeat(first, times) + nth]]
    return np.column_stack([np.repeat(left["row"], times), olds])


def _unique(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Pairs of row numbers sorted, each once."""
    span = int(pairs.max(initial=0)) + 1  # of two numbers in one, far below 2^63
    firsts, seconds = np.divmod(np.unique(pairs[:, 0] * span + pairs[:, 1]), span)
    return np.column_stack([firsts, seconds])
