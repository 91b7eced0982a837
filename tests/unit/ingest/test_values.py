"""One cell to one value: what is clear is read exactly, what is not is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.ingest import values
from payroll.ingest.values import Ambiguous, Cell, Unreadable
from payroll.model.money import LINE_CENTS_MAX


@pytest.mark.parametrize(
    ("cell", "mark", "cents"),
    [
        ("1.234,56", None, 123456),
        ("1,234.56", None, 123456),
        ("1 234,56", None, 123456),
        ("1\u202f234,5", None, 123450),
        ("1'234.50", None, 123450),
        ("1234", None, 123400),
        ("-12,30", None, -1230),
        ("12,30-", None, -1230),
        ("(12,30)", None, -1230),
        ("\u221212,30", None, -1230),
        ("+5", None, 500),
        ("€ 12,30", None, 1230),
        ("12,30 EUR", None, 1230),
        (",50", None, 50),
        ("0,123", None, None),
        ("1.234", ",", 123400),
        ("1.230", ".", 123),
        ("1.234.567", None, 123456700),
        (1234.5, None, 123450),
        (12, None, 1200),
        (0.1, None, 10),
        (1e3, None, 100000),
        ("0", None, 0),
        (-0.01, None, -1),
        ("1.2.3", None, None),
        ("1.23.456,00", None, None),
        ("12,345", ".", 1234500),
        ("12,3x", None, None),
        ("--5", None, None),
        ("", None, None),
        ("1,2,3.4", None, None),
        (1.005, None, None),
        (True, None, None),
        (date(2022, 5, 1), None, None),
        (float("nan"), None, None),
        (float("inf"), None, None),
        (1e300, None, None),
        ("²", None, None),
        ("1e5", None, None),
        ("9" * 30, None, None),
    ],
)
def test_money(cell: Cell, mark: str | None, cents: int | None) -> None:
    if cents is None:
        with pytest.raises(Unreadable):
            values.money(cell, mark)
    else:
        assert values.money(cell, mark) == cents


@pytest.mark.parametrize("text", ["1.234", "1,234", "999.000", "12,500", "-1.234", "(1.234)"])
def test_an_amount_with_two_readings_is_never_guessed(text: str) -> None:
    with pytest.raises(Ambiguous):
        values.money(text, None)


@given(
    st.floats(-(10**10), 10**10)
    | st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)
    | st.from_regex(r"-?[0-9]{1,10}[.,][0-9]{2}", fullmatch=True)
)
def test_the_short_way_to_an_amount_finds_what_the_long_way_does(cell: float | str) -> None:
    try:
        expected = values.number(cell) * 100
    except Unreadable:
        expected = None
    if expected is not None and expected == int(expected) and abs(expected) <= LINE_CENTS_MAX:
        assert values.money(cell, None) == expected
    else:
        with pytest.raises(Unreadable):
            values.money(cell, None)


STYLES: dict[str, Callable[[str, str], str]] = {
    "fr": lambda whole, part: f"{whole.replace(',', '.')},{part}",
    "fr-be thin": lambda whole, part: whole.replace(",", "\u202f") + f",{part} €",
    "plain": lambda whole, part: f"{whole.replace(',', '')},{part}",
    "en": lambda whole, part: f"{whole}.{part}",
    "ch": lambda whole, part: whole.replace(",", "'") + f".{part}",
}


@given(st.integers(-(10**9), 10**9), st.sampled_from(sorted(STYLES)))
def test_money_written_is_money_read(cents: int, style: str) -> None:
    written = STYLES[style](f"{abs(cents) // 100:,}", f"{abs(cents) % 100:02d}")
    for text in (f"-{written}", f"({written})") if cents < 0 else (written, f" {written} "):
        assert values.money(text, None) == cents


@given(
    st.one_of(
        st.text(max_size=12),
        st.text("0123456789.,-+()€ %:'/", max_size=12),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.datetimes(),
        st.timedeltas(),
    )
)
def test_any_cell_is_a_value_or_unreadable(cell: Cell) -> None:
    numeric = (values.money, values.ratio, values.hours, values.count)
    parsers: list[Callable[[Cell], object]] = [
        values.text_of,
        values.day,
        values.period,
        values.flag,
        values.iban,
        lambda item: values.choice(item, {"a": "a"}),
        *((lambda item, f=f, m=m: f(item, m)) for f in numeric for m in (None, ".", ",")),
    ]
    for parse in parsers:
        try:
            parse(cell)
        except Unreadable:
            continue


@pytest.mark.parametrize(
    ("parse", "cell", "expected"),
    [
        (values.day, "31/05/2022", date(2022, 5, 31)),
        (values.day, "1-5-2022", date(2022, 5, 1)),
        (values.day, "01.05.2022", date(2022, 5, 1)),
        (values.day, "2022-05-01T00:00:00", date(2022, 5, 1)),
        (values.day, datetime(2022, 5, 1, tzinfo=UTC), date(2022, 5, 1)),
        (values.day, 44682, date(2022, 5, 1)),
        (values.day, 44682.0, date(2022, 5, 1)),
        (values.day, "31/02/2022", None),
        (values.day, "05/31/2022", None),
        (values.day, 44682.5, None),
        (values.day, 7, None),
        (values.day, "01/05/22", None),
        (values.day, True, None),
        (values.period, "2022-04", "2022-04"),
        (values.period, "04/2022", "2022-04"),
        (values.period, 202204, "2022-04"),
        (values.period, "4/2022", "2022-04"),
        (values.period, date(2022, 4, 15), "2022-04"),
        (values.period, "2022-13", None),
        (values.period, "avril", None),
        (values.flag, "Oui", True),
        (values.flag, "NEE", False),
        (values.flag, "x", True),
        (values.flag, 0, False),
        (values.flag, 1, True),
        (values.flag, True, True),
        (values.flag, "peut-être", None),
        (values.text_of, "  a\u00a0 b ", "a b"),
        (values.text_of, 12.0, "12"),
        (values.text_of, "e\u0301", "é"),
        (values.text_of, 1e16, None),
        (values.text_of, "a\x01b", None),
        (values.iban, "be68 5390 0754 7034", "BE68539007547034"),
    ],
)
def test_other_values(parse: Callable[[Cell], object], cell: Cell, expected: object) -> None:
    if expected is None:
        with pytest.raises(Unreadable):
            parse(cell)
    else:
        assert parse(cell) == expected


@pytest.mark.parametrize(
    ("parse", "cell", "expected"),
    [
        (values.ratio, "0,8", 800_000),
        (values.ratio, 0.8, 800_000),
        (values.ratio, 1, 1_000_000),
        (values.ratio, "80 %", 800_000),
        (values.ratio, "0.8", 800_000),
        (values.ratio, "plein", None),
        (values.ratio, "0,0000001", None),
        (values.hours, "7,60", 760),
        (values.hours, "7:36", 760),
        (values.hours, "7:20", 733),
        (values.hours, timedelta(hours=7, minutes=36), 760),
        (values.hours, 7.6, 760),
        (values.hours, "7:60", None),
        (values.hours, 7.125, None),
        (values.count, 2.0, 2),
        (values.count, "2", 2),
        (values.count, -1, None),
        (values.count, 1.5, None),
    ],
)
def test_other_numbers(
    parse: Callable[[Cell, str | None], int], cell: Cell, expected: int | None
) -> None:
    if expected is None:
        with pytest.raises(Unreadable):
            parse(cell, None)
    else:
        assert parse(cell, None) == expected


@pytest.mark.parametrize(
    ("cell", "millionths"),
    [
        ("3/4", 750_000),
        ("19/38", 500_000),
        ("28,5 / 38", 750_000),
        ("38/38", 1_000_000),
        ("1/3", 333_333),
        ("0/38", 0),
        ("4/3", None),
        ("1/0", None),
        ("3/", None),
        ("a/b", None),
    ],
)
def test_a_share_of_full_time_may_be_a_fraction(cell: str, millionths: int | None) -> None:
    if millionths is None:
        with pytest.raises(Unreadable):
            values.ratio(cell, None)
    else:
        assert values.ratio(cell, None) == millionths


@pytest.mark.parametrize("cell", ["7:36", "7u36", "7h36", "7 h 36", "7H36", "7,60"])
def test_hours_and_minutes_as_people_write_them(cell: str) -> None:
    assert values.hours(cell, ",") == 760


@pytest.mark.parametrize(
    "cell", ["avril 2022", "April 2022", "AVRIL-2022", "04/2022", "2022-04", "april  2022"]
)
def test_a_month_by_its_name(cell: str) -> None:
    assert values.period(cell) == "2022-04"


@pytest.mark.parametrize("cell", ["avril", "apr 2022", "brumaire 2022", "avril 22", "april 20222"])
def test_a_month_that_is_not_clear_is_refused(cell: str) -> None:
    with pytest.raises(Unreadable):
        values.period(cell)
