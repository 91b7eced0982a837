"""When two invoices are one and the same, typed twice: the one likeness of a run and of the ledger.

Nothing that a person types again stays as it was: the supplier gets another number, its number
another case, the invoice a prefix, a suffix or a wrong digit. What stays is the debt: a supplier
that some mark of it names, an amount, and a number that can be told to be the other one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

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
#: Words that are written before or behind a number and are no part of it (fr, nl, en).
_NOISE = re.compile(
    r"\b(?:FACTUURNUMMER|FACTUUR|FACTURE|INVOICE|FACT|FAC|FRE|INV|FC|NUMERO|NUMMER|NR|NO|N|BIS|TER"
    r"|DUPLICATA|DUPLICAAT|DUPLICATE|COPIE|KOPIE|COPY|RAPPEL|HERINNERING|REMINDER)(?=\b|\d)"
)


def normalised_number(number: str) -> str:
    """An invoice number without case, punctuation, leading zeros, and with O read as 0."""
    text = number.upper().replace("O", "0")
    text = re.sub(r"(?<!\d)0+(?=\d)", "", text)
    text = re.sub(r"[\W_]+", "", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def _digits(number: str) -> tuple[str, str]:
    """The digits of an invoice number without leading zeros: of the whole, and of each group."""
    groups = re.findall(r"\d+", number)
    return "".join(groups).lstrip("0"), "".join(group.lstrip("0") for group in groups)


def _digits_but_zeros(number: str) -> str:
    """What two numbers with the same digits have in common, however their zeros are written."""
    return _digits(number)[0].replace("0", "")


def _letters(number: str) -> str:
    """The letters that are part of a number: no words such as "facture", "n°" or "bis"."""
    plain = _NOISE.sub("", re.sub(r"[\W_]+", " ", number.upper()))
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
    if normalised_number(left) == normalised_number(right):
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
    payees share. Candidates are found by merges on whole columns; only they are looked at.
    """
    left, right = _marked(new, official), _marked(old, official)
    known = right[right["amount_cents"] > 0]
    unknown = right[right["amount_cents"] == 0]
    pairs = [
        _candidates(left, known, ["amount_cents", name]) for name in ("normal", "digits", "day")
    ]
    pairs.append(_candidates(left, known[known["day"] == ""], ["amount_cents"]))
    pairs.append(_candidates(left[left["day"] == ""], known, ["amount_cents"]))
    pairs += [_candidates(left, unknown, [name]) for name in ("normal", "digits")]
    found = np.unique(np.concatenate(pairs), axis=0)
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
    found = _candidates(_marked(new, official), _marked(old, official), ["normal"])
    first, second = new.iloc[found[:, 0]], old.iloc[found[:, 1]]
    cents = first["amount_cents"].to_numpy(), second["amount_cents"].to_numpy()
    other = (cents[0] != cents[1]) & (cents[0] > 0) & (cents[1] > 0)
    days = first["day"].to_numpy(), second["day"].to_numpy()
    one_day = (days[0] == days[1]) | (days[0] == "") | (days[1] == "")
    return found[other], one_day[other]


def _texts(frame: pd.DataFrame, rows: npt.NDArray[np.int64]) -> Iterable[tuple[str, str]]:
    return rows_of(frame.iloc[rows], "number", "day")


def _marked(frame: pd.DataFrame, official: Collection[str]) -> pd.DataFrame:
    """One row per invoice and mark of its supplier: mark, row, and what is compared."""
    enterprise = frame["enterprise_number"].str.replace(r"\D", "", regex=True)
    known = {name: " ".join(sorted(bank_words(name))) for name in frame["name"].unique()}
    marks = {
        "P": frame["payee_id"].str.casefold().str.replace(r"[\W_]+", "", regex=True),
        "E": enterprise.str.zfill(10).where(enterprise != "", ""),
        "A": frame["iban"].mask(frame["iban"].isin(list(official)), ""),
        "N": frame["name"].map(known).astype("str"),
    }
    numbers = frame["number"].unique()
    normal = frame["number"].map({item: normalised_number(item) for item in numbers})
    digits = frame["number"].map({item: _digits_but_zeros(item) for item in numbers})
    base = pd.DataFrame(
        {
            "row": np.arange(len(frame)),
            "amount_cents": frame["amount_cents"].to_numpy(),
            "normal": normal.astype("str").to_numpy(),
            "digits": digits.astype("str").to_numpy(),
            "day": frame["day"].to_numpy(),
        }
    )
    parts = [
        base.assign(mark=(name + mark).to_numpy())[(mark != "").to_numpy()]
        for name, mark in marks.items()
    ]
    marked: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return marked


def _candidates(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.int64]:
    texts = [name for name in keys if name != "amount_cents"]
    for name in texts:
        left, right = left[left[name] != ""], right[right[name] != ""]
    columns = ["mark", *keys, "row"]
    both = left[columns].merge(right[columns], on=["mark", *keys], suffixes=("", "_old"))
    found = both[["row", "row_old"]].to_numpy(dtype=np.int64)
    return np.unique(found, axis=0) if len(found) else found.reshape(0, 2)
