"""The values of the rule book that shaped this run: what they are, since when, and how sure."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import partial

from payroll.model.frames import rows_of
from payroll.model.order import PayrunOrder
from payroll.model.period import Period
from payroll.model.streams import STREAMS
from payroll.render.table import Column, Table
from payroll.rulebook.book import RuleBook
from payroll.rulebook.figures import Days, Figure, figure_of
from payroll.views.explain.arithmetic import figure_value
from payroll.views.shown import Shown

#: The least sure first.
STATUSES = ("unverified", "secondary", "sourced", "")
#: A scale with more rows than this is told by their number.
_ROWS_SHOWN = 3


def parameters(shown: Shown) -> Table:
    """Each value that stands behind a line of this run, the unverified ones first."""
    rows = sorted(
        _used(shown).values(),
        key=lambda row: (STATUSES.index(row[0].status), row[0].figure_id, str(row[0].from_)),
    )
    figures = [figure for figure, _, _ in rows]
    paid = [
        ", ".join(shown.words("stream_", (name for name in STREAMS if name in streams)))
        for _, streams, _ in rows
    ]
    known = [figure.title.get(shown.language, figure.figure_id) for figure in figures]
    since = ["" if figure.from_ is None else str(figure.from_) for figure in figures]
    return Table.of(
        "parameters",
        (
            Column("wb_col_certainty", "mark", 18, "wb_value_"),
            [figure.status or "none" for figure in figures],
        ),
        (Column("wb_col_value_id", "text", 42), [figure.figure_id for figure in figures]),
        (Column("wb_col_title", "wrap", 40), known),
        (Column("wb_col_value", "wrap", 30), [_value(figure, shown) for figure in figures]),
        (Column("wb_col_since", "day", 12), since),
        (Column("wb_col_streams", "wrap", 18), paid),
        (Column("wb_col_lines", "count", 10), [count for _, _, count in rows]),
        (Column("wb_col_value_source", "wrap", 60), [figure.source for figure in figures]),
        frozen_columns=2,
        note={"count": sum(figure.status == "unverified" for figure in figures)},
    )


def titles(shown: Shown) -> dict[str, str]:
    """Id of a used value -> its title in the review's language."""
    return {
        figure.figure_id: figure.title.get(shown.language, figure.figure_id)
        for figure, _, _ in _used(shown).values()
    }


def _used(shown: Shown) -> dict[tuple[str, str], tuple[Figure, set[str], int]]:
    """(figure id, since) -> the figure, the streams it served, how many lines stand on it."""
    return shown.once(_worked_out)


def _worked_out(shown: Shown) -> dict[tuple[str, str], tuple[Figure, set[str], int]]:
    book, lines = shown.run.rulebook, shown.run.lines
    found: dict[tuple[str, str], tuple[Figure, set[str], int]] = {}
    lines = lines[lines["amount_cents"] != 0]
    keys = rows_of(lines, "stream", "earning_period", "rule_id")
    for (stream, earned, rule_ids), count in sorted(Counter(keys).items()):
        days = _days(shown.run.order, stream, earned)
        behind = partial(book.values_behind, law=book.law(days.earning, days.payment))
        tokens = {token for rule in rule_ids.split() for token in behind(rule)}
        for token in sorted(tokens):
            figure = _figure(book, token, days)
            key = (figure.figure_id, str(figure.from_))
            _, streams, before = found.setdefault(key, (figure, set(), 0))
            streams.add(stream)
            found[key] = (figure, streams, before + count)
    return found


def _figure(book: RuleBook, token: str, days: Days) -> Figure:
    """A figure, or its bare id where the rule book does not know it."""
    return figure_of(book, token, days) or Figure(figure_id=token, title={})


def _days(order: PayrunOrder, stream: str, earned: str) -> Days:
    month = Period.parse(earned)
    ordered = order.stream(stream)
    payment: date = month.last_day if ordered is None else ordered.pay_on
    return Days(month.last_day, payment)


def _value(figure: Figure, shown: Shown) -> str:
    if len(figure.rows) > _ROWS_SHOWN:
        return shown.say("wb_scale_rows", count=len(figure.rows))
    return figure_value(figure, shown.language)
