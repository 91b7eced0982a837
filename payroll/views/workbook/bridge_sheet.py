"""The sheet of the bridge: the salaries as a waterfall, streams and sites as tables, the spread."""

from __future__ import annotations

from payroll.model.money import euros_shown
from payroll.render.table import GREY
from payroll.views.shown import Shown
from payroll.views.workbook.movements import (
    CLASSES,
    STEPS,
    Moves,
    distribution,
    person_moves,
    site_moves,
    stream_moves,
)
from payroll.views.workbook.sheet_layout import (
    BLUE,
    FALL,
    NAVY,
    ORANGE,
    RISE,
    Page,
    Paper,
    new_chart,
)

CHART_ROWS = 16
#: What a step is between in the waterfall, as columns of its table.
_PARTS = ("amount", "base", "total", "up", "down")


def page() -> Page:
    """The bridge and the distribution of the changes."""
    return Page(id="bridge", draw=_draw, widths=(34, *(15,) * 11))


def _draw(paper: Paper, shown: Shown) -> None:
    moves = stream_moves(shown)
    people = person_moves(shown)
    charts = paper.row + 1
    paper.row = charts + CHART_ROWS
    _table(paper, shown, moves)
    _sites(paper, shown)
    spread = _spread(paper, shown, distribution(people))
    fall = _waterfall(paper, shown, moves[0])
    end, paper.row = paper.row, charts
    if len(people):
        paper.chart(_waterfall_chart(paper, shown, moves[0], *fall), CHART_ROWS, 0, 6)
        paper.chart(_spread_chart(paper, shown, *spread), CHART_ROWS, 6, 6)
    paper.row = end


def _table(paper: Paper, shown: Shown, moves: tuple[Moves, ...]) -> None:
    month = shown.run.backtest.period
    steps = ("before", *STEPS)
    paper.part(
        shown.say("wb_part_bridge_streams"),
        (shown.say("column_stream"), "text"),
        *((shown.say(f"wb_bridge_{step}", month=month), "euro") for step in steps),
        (shown.say("wb_bridge_after"), "euro"),
        (shown.say("wb_bridge_gap"), "euro"),
    )
    for row in moves:
        last = row.name == "total"
        name = shown.say("column_total" if last else f"stream_{row.name}")
        place = paper.row + 1
        paper.line(
            ("text", name),
            *(("euro", row.amount(step)) for step in steps),
            ("euro", (f"=SUM(B{place}:J{place})", row.after)),
            ("euro", row.gap),
            bold=last,
        )
        paper.verdict(len(steps) + 2, len(steps) + 2)


def _sites(paper: Paper, shown: Shown) -> None:
    """The salaries of each site; beside them the bonuses, which have no last known amount."""
    sites = site_moves(shown)
    if not sites:
        return
    month = shown.run.backtest.period
    steps = ("before", *STEPS[:-1])
    paper.part(
        shown.say("wb_part_bridge_sites"),
        (shown.say("wb_col_site"), "text"),
        *((shown.say(f"wb_bridge_{step}", month=month), "euro") for step in steps),
        (shown.say("wb_bridge_after"), "euro"),
        (shown.say("wb_bridge_gap"), "euro"),
        (shown.say("stream_bonuses"), "euro"),
    )
    first = paper.row + 1
    for row, bonuses in sites:
        place = paper.row + 1
        paper.line(
            ("text", row.name or shown.say("wb_site_unknown")),
            *(("euro", row.amount(step)) for step in steps),
            ("euro", (f"=SUM(B{place}:I{place})", row.after)),
            ("euro", row.gap),
            ("euro", bonuses),
        )
        paper.verdict(len(steps) + 2, len(steps) + 2)
    last = paper.row
    sums = [sum(row.amount(step) for row, _ in sites) for step in steps]
    sums += [
        sum(row.after for row, _ in sites),
        sum(row.gap for row, _ in sites),
        sum(bonuses for _, bonuses in sites),
    ]
    paper.line(
        ("text", shown.say("column_total")),
        *(
            ("euro", (f"=SUM({letter}{first}:{letter}{last})", amount))
            for letter, amount in zip("BCDEFGHIJKL", sums, strict=True)
        ),
        bold=True,
    )


def _spread(paper: Paper, shown: Shown, counts: list[tuple[int, int, int]]) -> tuple[int, int]:
    """How many people's net moved by how much; (first, last) row of the table."""
    paper.part(
        shown.say("wb_part_spread"),
        (shown.say("wb_col_class"), "text"),
        (shown.say("wb_col_explained_count"), "count"),
        (shown.say("wb_col_unexplained_count"), "count"),
    )
    first = paper.row
    for number, well, ill in counts:
        paper.line(("text", _class_words(number, shown)), ("count", well), ("count", ill))
    return first, paper.row - 1


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


def _waterfall(paper: Paper, shown: Shown, moves: Moves) -> tuple[int, int]:
    """The steps of the salaries, with what the chart draws; (first, last) row of the table."""
    paper.part(
        shown.say("wb_part_waterfall"),
        (shown.say("wb_col_step"), "text"),
        *((shown.say(f"wb_fall_{name}"), "euro") for name in _PARTS),
    )
    first, running = paper.row, moves.before
    month = shown.run.backtest.period
    name = shown.say("wb_bridge_before", month=month)
    paper.line(("text", name), *_drawn(moves.before, total=moves.before))
    for step in STEPS[:-1]:
        amount = moves.steps[step]
        if not amount:
            continue
        base = min(running, running + amount)
        paper.line(
            ("text", shown.say(f"wb_bridge_{step}")),
            *_drawn(amount, base=base, up=max(amount, 0), down=max(-amount, 0)),
        )
        running += amount
    paper.line(("text", shown.say("wb_bridge_after")), *_drawn(moves.after, total=moves.after))
    return first, paper.row - 1


def _drawn(amount: int, **parts: int) -> list[tuple[str, int]]:
    found = {"amount": amount, **parts}
    return [("euro", found.get(name, 0)) for name in _PARTS]


def _waterfall_chart(paper: Paper, shown: Shown, moves: Moves, first: int, last: int) -> object:
    names = paper.cells(0, first, last)
    look: dict[str, dict[str, object]] = {
        "base": {"fill": {"none": True}, "border": {"none": True}},
        "total": {"fill": {"color": NAVY}},
        "up": {"fill": {"color": RISE}},
        "down": {"fill": {"color": FALL}},
    }
    series: list[dict[str, object]] = [
        {
            "name": shown.say(f"wb_fall_{name}"),
            "categories": names,
            "gap": 40,
            "values": paper.cells(_PARTS.index(name) + 1, first, last),
            **look[name],
        }
        for name in _PARTS[1:]
    ]
    chart = new_chart(
        paper.book, "column", shown.say("wb_chart_bridge"), series, stacked=True, min=_floor(moves)
    )
    legend = {"name": "Calibri", "size": 9, "color": GREY}
    chart.set_legend({"position": "bottom", "font": legend, "delete_series": [0]})
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


def _spread_chart(paper: Paper, shown: Shown, first: int, last: int) -> object:
    series: list[dict[str, object]] = [
        {
            "name": shown.say(name),
            "categories": paper.cells(0, first, last),
            "gap": 30,
            "values": paper.cells(column, first, last),
            "fill": {"color": colour},
        }
        for name, column, colour in (
            ("wb_col_explained_count", 1, BLUE),
            ("wb_col_unexplained_count", 2, ORANGE),
        )
    ]
    return new_chart(paper.book, "column", shown.say("wb_chart_spread"), series, stacked=True)
