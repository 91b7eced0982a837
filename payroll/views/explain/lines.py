"""Lines of lines.csv with what they were made of: whole month and share, hours and rate."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from payroll.model.components import BASE_SALARY, HOLIDAY_GROSS, INDEX_STEP
from payroll.model.money import Rounding, divide
from payroll.model.period import Period
from payroll.model.streams import STREAMS
from payroll.record.about import PayeeRecord, Row
from payroll.rulebook.components import by_alias, plain
from payroll.rulebook.figures import Days, Figure, figure_of, plain_texts
from payroll.views.explain.recorded import days_of, require_recorded
from payroll.views.explain.tree import ExplainedLine, Hours, Proration, YearShare

FULL_TIME, DAYS = 10**6, 30


def lines_of(record: PayeeRecord, stream: str) -> list[ExplainedLine]:
    """The person's lines of a stream, in the order of lines.csv."""
    return [_line(record, row) for row in record.lines if row["stream"] == stream]


def dropped_lines(record: PayeeRecord) -> list[ExplainedLine]:
    """The lines of the known month that do not come back; `basis` is their nature."""
    return [
        ExplainedLine(
            line_id="",
            component=row["component"],
            cents=row["amount_cents"],
            title=_title(record, row["component"]),
            basis=row["nature"],
            source=row["source"],
        )
        for row in record.rows("not_carried_over")
    ]


def _title(record: PayeeRecord, component: str) -> dict[str, str] | None:
    known = by_alias(record.rulebook.components).get(plain(component))
    return None if known is None else plain_texts(known.title)


def _title_of(record: PayeeRecord, row: Row) -> dict[str, str] | None:
    """The title of a line; that of an index step names what was raised."""
    title = _title(record, row["component"])
    if row["component"] != INDEX_STEP or title is None:
        return title
    of = _title(record, row["rule_id"].partition(" ")[0].removeprefix("component:"))
    if of is None:
        return title
    return {language: f"{words} · {of[language]}" for language, words in title.items()}


def _line(record: PayeeRecord, row: Row) -> ExplainedLine:
    by_hours = STREAMS[row["stream"]].rates_on_first_day
    days = days_of(record)
    if by_hours:
        days = Days(Period.parse(row["earning_period"]).first_day, days.payment)
    line = ExplainedLine(
        line_id=row["line_id"],
        component=row["component"],
        title=_title_of(record, row),
        cents=row["amount_cents"],
        basis=row["basis"],
        source=row["source"],
        quantity=row["quantity"],
        rate=row["rate"],
        figures=figures_of(record, row["rule_id"], days),
    )
    product = record.sums.get(line.line_id)
    if product is None:
        return line
    factors = product["base"] * product["numerator"], product["denominator"]
    given = divide(*factors, Rounding(product["rounding"]))
    require_recorded(record, given == line.cents)
    if by_hours:
        return _with_hours(record, line, product)
    if line.component in HOLIDAY_GROSS:
        return _with_year(record, line, product)
    return _with_share(record, line, product)


def figures_of(record: PayeeRecord, rule_id: str, days: Days) -> tuple[Figure, ...]:
    """What the words of a rule id stand for; pay codes and steps say nothing more than their line
    and are left out.
    """
    tokens = [token for token in rule_id.split() if not token.startswith(("component:", "step:"))]
    found = (figure_of(record.rulebook, token, days) for token in tokens)
    return tuple(figure for figure in found if figure is not None)


def _with_share(record: PayeeRecord, line: ExplainedLine, product: Row) -> ExplainedLine:
    """A line of an incomplete month: its whole amount, and the days or else the share of them."""
    if not line.quantity and line.component != BASE_SALARY:
        return line  # scaled as the gross is: the ratio is told once for all of them
    line = replace(line, base_cents=product["base"])
    if line.component == INDEX_STEP and product["rounding"] == Rounding.DOWN:
        return line  # of a whole month: both coefficients stand in the rate
    over, rest = divmod(product["denominator"], DAYS)
    parts = None if rest else _parts(record, line, product["numerator"])
    if parts is None:
        return replace(line, share=Fraction(product["numerator"], product["denominator"]))
    return replace(line, proration=Proration(parts=parts, over_millionths=over))


def _with_year(record: PayeeRecord, line: ExplainedLine, product: Row) -> ExplainedLine:
    """Holiday pay: basis x percentage x share of the year."""
    percentage = _number(record, line.rate.removesuffix("%")) / 100
    share = _number(record, line.quantity)
    whole = Fraction(product["numerator"], product["denominator"])
    require_recorded(record, percentage * share == whole)
    days, mark, _ = line.quantity.partition("/")
    of_year = YearShare(percentage=percentage, share=share, thirtieths=int(days) if mark else None)
    return replace(line, base_cents=product["base"], of_year=of_year)


def _parts(
    record: PayeeRecord, line: ExplainedLine, worked: int
) -> tuple[tuple[int, int], ...] | None:
    """The days at each working time, as quantity and rate say; None where they do not tell.

    The known working time stands first in the rate, whether a day of the month has it or not.
    """
    person = record.row("people")
    own = FULL_TIME if person is None else max(person["fte_millionths"], 0) or FULL_TIME
    shown = (line.quantity or f"{DAYS}/{DAYS}").split("+")
    days = [int(_number(record, part.split("/")[0])) for part in shown]
    rates = [_number(record, part) for part in line.rate.split("→") if part]
    times = [int(part * FULL_TIME) for part in rates] or [own]
    parts = tuple(zip(days, times[-len(days) :], strict=False))
    told = len(parts) == len(days) and sum(count * time for count, time in parts) == worked
    return parts if told else None


def _number(record: PayeeRecord, text: str) -> Fraction:
    """A number within a quantity or a rate, as the rebuild shows them."""
    found = None
    with suppress(ValueError, ZeroDivisionError):
        found = Fraction(text)
    require_recorded(record, found is not None)
    return found or Fraction()


def _with_hours(record: PayeeRecord, line: ExplainedLine, product: Row) -> ExplainedLine:
    """Hours x rate x index, or hours x the hourly part of a monthly gross."""
    values = {item.figure_id.partition(":")[0]: item for item in line.figures}
    rate, factor = values.get("premium"), values.get("parameter")
    if rate is None or factor is None:
        return line
    hours = Hours(
        hundredths=int(_number(record, line.quantity) * 100),
        rate=Fraction(rate.value or 0),
        factor=Fraction(factor.value or 0),
        monthly_gross_cents=product["base"] if rate.unit == "percent_of_hourly" else None,
    )
    exact = Fraction(product["base"] * product["numerator"], product["denominator"])
    require_recorded(record, hours.raw == exact)
    return replace(line, title=rate.title, hours=hours)
