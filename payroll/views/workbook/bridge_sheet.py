"""The sheet of the bridge: the salaries as a waterfall, streams and sites as tables, the spread."""

from __future__ import annotations

from payroll.render.sheet_layout import BLUE, ORANGE, SMALL, SheetLayout
from payroll.render.table import Column
from payroll.render.xlsx import FALL, NAVY, RISE, Book
from payroll.render.xlsx_rows import column_letters
from payroll.texts.shown import euros_shown
from payroll.views.movements import (
    CLASSES,
    STEPS,
    Moves,
    distribution,
    person_moves,
    site_moves,
    stream_moves,
)
from payroll.views.shown import Shown

CHART_ROWS = 16
#: What a step is between in the waterfall, as columns of its table.
_PARTS = ("amount", "base", "total", "up", "down")


def draw(book: Book, shown: Shown) -> None:
    """The bridge and the distribution of the changes."""
    layout = SheetLayout(book, "bridge", (34, *(15,) * 13))
    moves = stream_moves(shown)
    people = person_moves(shown)
    charts = layout.row + 1
    layout.row = charts + CHART_ROWS
    _table(layout, shown, moves)
    _sites(layout, shown)
    _spread(layout, shown, distribution(people))
    spread = (layout.first, layout.row - 1)
    _waterfall(layout, shown, moves[0])
    fall = (layout.first, layout.row - 1)
    end, layout.row = layout.row, charts
    if len(people):
        layout.chart(_waterfall_chart(layout, moves[0], fall), CHART_ROWS, 0, 6)
        layout.chart(_spread_chart(layout, spread), CHART_ROWS, 6, 6)
    layout.row = end
    layout.finish()


def _table(layout: SheetLayout, shown: Shown, moves: tuple[Moves, ...]) -> None:
    steps = ("before", *STEPS)
    layout.part(
        "wb_part_bridge_streams",
        Column("column_stream", "text"),
        *(Column(f"wb_bridge_{step}", "euro") for step in (*steps, "after", "gap")),
        month=shown.run.backtest.period,
    )
    for row in moves:
        last = row.name == "total"
        name = shown.say("column_total" if last else f"stream_{row.name}")
        place = layout.row + 1
        layout.line(
            name,
            *(row.amount(step) for step in steps),
            (f"=SUM(B{place}:{column_letters(len(steps))}{place})", row.after),
            row.gap,
            bold=last,
        )
        layout.verdict(len(steps) + 2, len(steps) + 2)


def _sites(layout: SheetLayout, shown: Shown) -> None:
    """The salaries of each site; beside them the bonuses, which have no last known amount."""
    sites = site_moves(shown)
    if not sites:
        return
    steps = ("before", *STEPS[:-1])
    layout.part(
        "wb_part_bridge_sites",
        Column("wb_col_site", "text"),
        *(Column(f"wb_bridge_{step}", "euro") for step in (*steps, "after", "gap")),
        Column("stream_bonuses", "euro"),
        month=shown.run.backtest.period,
    )
    for row, bonuses in sites:
        place = layout.row + 1
        layout.line(
            row.name or shown.say("wb_site_unknown"),
            *(row.amount(step) for step in steps),
            (f"=SUM(B{place}:{column_letters(len(steps))}{place})", row.after),
            row.gap,
            bonuses,
        )
        layout.verdict(len(steps) + 2, len(steps) + 2)
    layout.totals(shown.say("column_total"))


def _spread(layout: SheetLayout, shown: Shown, counts: list[tuple[int, int, int]]) -> None:
    """How many people's net moved by how much."""
    layout.part(
        "wb_part_spread",
        Column("wb_col_class", "text"),
        Column("wb_col_explained_count", "count"),
        Column("wb_col_unexplained_count", "count"),
    )
    for number, well, ill in counts:
        layout.line(_class_words(number, shown), well, ill)


def _class_words(number: int, shown: Shown) -> str:
    """A class of changes in words: above or at most so much, or no change."""

    def signed(cents: int) -> str:
        return ("+" if cents > 0 else "") + euros_shown(cents, shown.language)[:-3]

    if number == len(CLASSES):
        return f"> {signed(CLASSES[-1])}"
    end = CLASSES[number]
    if end == 0:
        return shown.say("wb_class_same")
    if number == 0:
        return f"≤ {signed(end)}"
    if end == -1:
        return shown.say("wb_class_from_to", low=signed(CLASSES[number - 1]), high="0")
    low = CLASSES[number - 1]
    return shown.say("wb_class_from_to", low=signed(low) if low else "0", high=signed(end))


def _waterfall(layout: SheetLayout, shown: Shown, moves: Moves) -> None:
    """The steps of the salaries, with what the chart draws."""
    parts = [Column(f"wb_fall_{name}", "euro") for name in _PARTS]
    layout.part("wb_part_waterfall", Column("wb_col_step", "text"), *parts)
    running, month = moves.before, shown.run.backtest.period
    name = shown.say("wb_bridge_before", month=month)
    layout.line(name, *_drawn(moves.before, total=moves.before))
    for step in STEPS[:-1]:
        amount = moves.steps[step]
        if not amount:
            continue
        base = min(running, running + amount)
        layout.line(
            shown.say(f"wb_bridge_{step}"),
            *_drawn(amount, base=base, up=max(amount, 0), down=max(-amount, 0)),
        )
        running += amount
    layout.line(shown.say("wb_bridge_after"), *_drawn(moves.after, total=moves.after))


def _drawn(amount: int, **parts: int) -> list[int]:
    found = {"amount": amount, **parts}
    return [found.get(name, 0) for name in _PARTS]


def _waterfall_chart(layout: SheetLayout, moves: Moves, rows: tuple[int, int]) -> object:
    looks: dict[str, dict[str, object]] = {
        "base": {"fill": {"none": True}, "border": {"none": True}},
        "total": {"fill": {"color": NAVY}},
        "up": {"fill": {"color": RISE}},
        "down": {"fill": {"color": FALL}},
    }
    series = [(f"wb_fall_{name}", _PARTS.index(name) + 1, look) for name, look in looks.items()]
    chart = layout.columns(
        "wb_chart_bridge", rows, *series, gap=40, stacked=True, min=_floor(moves)
    )
    chart.set_legend({"position": "bottom", "font": SMALL, "delete_series": [0]})
    return chart


def _floor(moves: Moves) -> int:
    """Where the axis begins, so that steps far smaller than the totals are seen; whole euro."""
    running, low, high = moves.before, moves.before, moves.before
    for step in STEPS:
        running += moves.steps[step]
        low, high = min(low, running), max(high, running)
    room = max((high - low) // 2, low // 50)
    floor = max(low - room, 0) // 100
    size: int = 10 ** max(len(str(floor)) - 2, 0)
    return floor // size * size


def _spread_chart(layout: SheetLayout, rows: tuple[int, int]) -> object:
    well = ("wb_col_explained_count", 1, {"fill": {"color": BLUE}})
    ill = ("wb_col_unexplained_count", 2, {"fill": {"color": ORANGE}})
    return layout.columns("wb_chart_spread", rows, well, ill, gap=30, stacked=True)
