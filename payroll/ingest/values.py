"""Cells to typed values, a whole column at a time, strictly: what is unclear is never guessed.

A raw cell is '' (empty), str, int, float, bool, date, datetime or timedelta. Every parser returns
the value, or raises Unreadable with the id of what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from payroll.model.identifiers import compact_iban
from payroll.model.money import LINE_CENTS_MAX, RUN_CENTS_MAX, divide
from payroll.model.period import FIRST_DAY, LAST_DAY, Period
from payroll.rulebook.formats import plain_key

Cell = str | int | float | bool | date | datetime | time | timedelta

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']+")
_CURRENCY = re.compile(r"(?:€|EUR)", re.IGNORECASE)
_NUMBER = re.compile(r"^[0-9][0-9.,]*$|^[.,][0-9]+$")
#: Spaces and apostrophes may stand in an amount only between groups of three digits.
_GROUPED = re.compile(r"^[0-9]{1,3}( [0-9]{3})+([.,][0-9]+)?$")
#: How nearly every export writes an amount: no groups, one mark, two decimals.
_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,9}[.,][0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: Zero-width and bidirectional characters: they change what a reader sees (facts: bank-rules 4).
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
#: UTF-8 read as Windows text (Ã©), DOS text read as Windows text (e‚), and a lost character.
_MISREAD = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u203a\u20ac\u2122]|\ufffd|[A-Za-z][\u201a\u2020\u2021\u02c6\u2030\u2039]"
)
#: A time of day behind a date, as exports write it; anything else behind a date is refused.
_MIDNIGHT = re.compile(r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.0+)?)?$")
_LATIN = ("LATIN", "MODIFIER LETTER", "FEMININE ORDINAL", "MASCULINE ORDINAL")
_CLOCK = re.compile(r"^(\d{1,4}) ?[:uUhH] ?([0-5]\d)$")
#: A share of full time as contracts write it: 19/38, 28,5/38.
_SHARE = re.compile(r"^(\d{1,4}(?:[.,]\d{1,4})?) ?/ ?(\d{1,4}(?:[.,]\d{1,4})?)$")
#: Month names in French, Dutch and English, as plain_key writes them.
_MONTHS = {
    name: number
    for names in (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "january february march april may june july august september october november december",
    )
    for number, name in enumerate(names.split(), 1)
}
_YES = {"oui", "ja", "yes", "x", "1", "vrai", "true", "waar"}
_NO = {"non", "nee", "no", "0", "faux", "false", "onwaar"}
#: More hours (or units of a pay line) than any month has: beyond it exact products could overflow.
HOURS_MAX = 10_000
#: Excel's day zero; serials before 1900-03-01 are not dates anybody is paid on.
_EXCEL_EPOCH = date(1899, 12, 30)


class Unreadable(ValueError):  # noqa: N818 - reads as a state of the cell
    """This cell cannot be read as its field's type; the message is the id of what was expected."""


class Ambiguous(Unreadable):
    """This amount has two readings and its column does not settle which."""


def text_of(cell: Cell) -> str:
    """A cell as text: NFC, blanks collapsed; a whole number without its '.0'."""
    if isinstance(cell, str):
        if not (cell.isascii() and cell.isprintable()):  # ASCII has nothing to compose
            cell = unicodedata.normalize("NFC", cell).replace("\u00a0", " ")
            if _CONTROL.search(cell):
                raise Unreadable("expected_no_control_character")
        return " ".join(cell.split())
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        if abs(cell) >= 1e15:
            raise Unreadable("expected_text_identifier")
        return repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


def is_disguised(text: str) -> bool:
    """Whether a text hides something: zero-width or direction-changing characters, or letters of
    another script among Latin ones (a Cyrillic a looks like ours).
    """
    if text.isascii():
        return False
    if _INVISIBLE.search(text):
        return True
    scripts = {unicodedata.name(char, "?").split()[0] for char in text if char.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


def is_misread(text: str) -> bool:
    """Whether a text was once read in another encoding than it was written in: Ã© for é."""
    return not text.isascii() and _MISREAD.search(text) is not None


def is_foreign(text: str) -> bool:
    """Whether a text has letters, and none of them is Latin: a whole name in look-alikes, too."""
    if text.isascii():
        return False
    letters = [unicodedata.name(char, "?") for char in text if char.isalpha()]
    return bool(letters) and not any(name.startswith(_LATIN) for name in letters)


def decimal_mark(cell: Cell) -> str | None:
    """The decimal mark that a text amount shows beyond doubt ('.' or ','), else None."""
    if isinstance(cell, str) and _PLAIN_AMOUNT.fullmatch(cell):
        return cell[-3]
    digits = _unsigned(cell)[0] if isinstance(cell, str) else ""
    marks = [char for char in digits if char in ".,"]
    if not marks:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    before, after = digits.split(marks[0])
    if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
        return None
    return marks[0]


def _unsigned(cell: str) -> tuple[str, bool]:
    text = _BLANKS.sub(" ", _CURRENCY.sub("", cell)).replace("\u2212", "-").strip()
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1], True
    elif text.endswith("-"):
        text, negative = text[:-1], True
    elif text[:1] in ("-", "+"):
        text, negative = text[1:], text[0] == "-"
    text = text.strip()
    return (text.replace(" ", "") if _GROUPED.match(text) else text), negative


def number(cell: Cell, mark: str | None = None) -> Decimal:
    """An exact number; `mark` is the column's decimal mark where the column settles it."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Unreadable("expected_amount")
    if isinstance(cell, int | float):
        if not abs(cell) < 1e12:  # also not a number
            raise Unreadable("expected_amount")
        return _without_noise(Decimal(repr(cell)))
    digits, negative = _unsigned(cell)
    if not _NUMBER.match(digits):
        raise Unreadable("expected_amount")
    own = decimal_mark(cell)
    if own is None and ("." in digits or "," in digits):
        if mark is None:
            raise Ambiguous("expected_amount")
        own = mark
    group = {".": ",", ",": ".", None: ""}[own]
    whole, _, part = digits.partition(own) if own else (digits, "", "")
    groups = whole.split(group) if group else [whole]
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(g) != 3 for g in groups[1:])):
        raise Unreadable("expected_amount")
    try:
        value = Decimal(f"{''.join(groups) or '0'}.{part or '0'}")
    except InvalidOperation as error:
        raise Unreadable("expected_amount") from error
    return -value if negative else value


def _without_noise(value: Decimal) -> Decimal:
    """A spreadsheet's number without the noise of its binary sum: 2256.0299999999997 is 2256.03.

    Only when what falls away is below a billionth; a true third decimal stays and is refused.
    """
    rounded = value.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return rounded if abs(rounded - value) < Decimal("1e-9") else value


def scaled(places: int, expected: str) -> Callable[[Decimal], int]:
    """A parser's last step: a Decimal with at most so many places, as an integer of that unit."""

    def convert(value: Decimal) -> int:
        shifted = value.scaleb(places)
        if shifted != shifted.to_integral_value() or abs(shifted) > RUN_CENTS_MAX:
            raise Unreadable(expected)
        return int(shifted)

    return convert


_to_any_cents = scaled(2, "expected_amount")
_to_millionths = scaled(6, "expected_ratio")
_to_hundredths = scaled(2, "expected_hours")


def money(cell: Cell, mark: str | None) -> int:
    """Cents; a third decimal is refused."""
    cents = plain_cents(cell)
    if cents is None:
        cents = _to_any_cents(number(cell, mark))
    if abs(cents) > LINE_CENTS_MAX:
        raise Unreadable("expected_below_limit")
    return cents


def plain_cents(cell: Cell) -> int | None:
    """The cents of an amount as nearly all are written, as `number` would find them; else None.

    Below a billion, a number cell is equal to whole cents divided by 100 only when its own shortest
    decimal text is that amount: both have fewer digits than a number cell tells apart.
    """
    if isinstance(cell, str):
        if not _PLAIN_AMOUNT.fullmatch(cell):
            return None
        return int(cell[:-3] + cell[-2:])
    if not isinstance(cell, float) or not abs(cell) < 1e9:
        return None
    cents = round(cell * 100)
    return cents if cents / 100 == cell else None


def total(text: str) -> int:
    """Cents of a declared total, which may exceed what a single line may."""
    return _to_any_cents(number(text, "."))


def ratio(cell: Cell, mark: str | None) -> int:
    """Millionths: '0,8', 0.8, '80 %' and '4/5' are 800000."""
    if isinstance(cell, str) and (share := _SHARE.match(cell.strip())):
        part, whole = (Decimal(item.replace(",", ".")) for item in share.groups())
        if not 0 <= part <= whole or not whole:
            raise Unreadable("expected_ratio")
        return _to_millionths((part / whole).quantize(Decimal("0.000001"), ROUND_HALF_EVEN))
    percent = isinstance(cell, str) and cell.strip().endswith("%")
    plain = cell.strip().removesuffix("%").strip() if isinstance(cell, str) else cell
    value = number(plain, mark or ("," if "," in str(plain) else "."))
    value = value / 100 if percent else value
    if not 0 <= value <= 1:
        raise Unreadable("expected_ratio")
    if isinstance(cell, int | float):  # a third is 0.333333 in a spreadsheet
        value = value.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return _to_millionths(value)


def hours(cell: Cell, mark: str | None) -> int:
    """Hundredths of an hour: '7,60', 7.6, '7:36', '7h36', '7u36' and a spreadsheet duration."""
    if isinstance(cell, timedelta):
        return _clock_hours(round(cell.total_seconds()))
    if isinstance(cell, time):
        return _clock_hours(cell.hour * 3600 + cell.minute * 60 + cell.second)
    clock = _CLOCK.match(cell.strip()) if isinstance(cell, str) else None
    if clock:
        return _clock_hours(int(clock[1]) * 3600 + int(clock[2]) * 60)
    value = number(cell, mark)
    if abs(value) > HOURS_MAX:
        raise Unreadable("expected_hours")
    return _to_hundredths(value)


def _clock_hours(seconds: int) -> int:
    """Minutes do not fit hundredths of an hour: 7:20 is 7.33, half-up."""
    if abs(seconds) > HOURS_MAX * 3600:
        raise Unreadable("expected_hours")
    return divide(seconds, 36)


def count(cell: Cell, mark: str | None) -> int:
    """A whole number, not negative."""
    value = number(cell, mark)
    if value != value.to_integral_value() or not 0 <= value <= 10**9:
        raise Unreadable("expected_count")
    return int(value)


def day(cell: Cell) -> date:
    """A date: a date cell, a serial in a number cell, dd/mm/yyyy (also - and .) or yyyy-mm-dd."""
    if isinstance(cell, date):
        found = cell.date() if isinstance(cell, datetime) else cell
        if not FIRST_DAY <= found <= LAST_DAY:
            raise Unreadable("expected_day")
        return found
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if float(cell).is_integer() and 60 < cell < 110_000:
            return _EXCEL_EPOCH + timedelta(days=int(cell))
        raise Unreadable("expected_day")
    text = _MIDNIGHT.sub("", str(cell).strip())
    for pattern in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if FIRST_DAY <= found <= LAST_DAY:
            return found
    raise Unreadable("expected_day")


def period(cell: Cell) -> str:
    """A month as '2022-04': also 04/2022, 202204, 4/2022, 'avril 2022' and any date in it."""
    try:
        return str(Period.parse(str(_month_of(cell))))
    except ValueError:
        raise Unreadable("expected_period") from None


def _month_of(cell: Cell) -> Period:
    if isinstance(cell, date):
        return Period(cell.year, cell.month)
    text = text_of(cell)
    match = re.fullmatch(r"(\d{4})[-/]?(\d{2})", text)
    year, month = (match[1], match[2]) if match else ("", "")
    if not match and (match := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text)):
        month, year = match[1], match[2]
    named = re.fullmatch(r"([^\W\d]{3,12})[ -]+(\d{4})", text)
    if named and plain_key(named[1]) in _MONTHS:
        return Period(int(named[2]), _MONTHS[plain_key(named[1])])
    if match and 1 <= int(month) <= 12:
        return Period(int(year), int(month))
    found = day(text)
    return Period(found.year, found.month)


def flag(cell: Cell, words: Mapping[str, str] | None = None) -> bool:
    """Yes or no, in three languages; `words` are those of the source's format."""
    text = text_of(cell)
    word = plain_key(text)
    if text and not word:
        raise Unreadable("expected_flag")
    word = (words or {}).get(word, word)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("expected_flag")


def choice(cell: Cell, words: Mapping[str, str]) -> str:
    """The canonical choice that a word stands for."""
    found = words.get(plain_key(text_of(cell)))
    if found is None:
        raise Unreadable("expected_choice")
    return found


def named(cell: Cell, words: Mapping[str, str]) -> str:
    """The canonical name that a word stands for, else the text itself."""
    text = text_of(cell)
    return words.get(plain_key(text), text)


def currency(cell: Cell, words: Mapping[str, str]) -> str:
    """EUR for every word that stands for it, with or without the sign; else the text itself."""
    text = text_of(cell)
    word = plain_key(text.replace("€", ""))
    if not text.replace("€", "").strip():
        return "EUR" if text else ""
    return words.get(word, text)


def iban(cell: Cell) -> str:
    """An IBAN, upper case without spaces; whether it is payable is a control's business."""
    return compact_iban(text_of(cell))
