"""review.html: one file that opens from a USB stick, asks for nothing else and runs no script."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from jinja2 import Environment, StrictUndefined, Template

from payroll.model.backtest import CLASSES, Backtest
from payroll.model.money import euros_shown
from payroll.review.backtest import Section, headline, sections
from payroll.review.data import ReviewData
from payroll.review.tables import summary_rows

#: The plot's size in its own units; a bar's height follows the logarithm of its count.
WIDTH, HEIGHT, BAR_SPACE = 900, 220, 0.82


@dataclass(frozen=True, slots=True)
class Bar:
    """One class of signed differences: its words, its count, and where its bar stands."""

    words: str
    count: int
    x: float
    y: float
    width: float
    height: float
    exact: bool


def build_page(data: ReviewData) -> bytes:
    """The page as bytes; identical data give identical bytes. Every text is escaped."""
    found = data.rebuilt.backtest
    parts = sections(found, data.language) if len(found.rows) else ()
    return (
        _template()
        .render(
            language=data.language,
            say=data.say,
            title=data.say("wb_title_summary"),
            identity=data.say(
                "wb_identity", employer=data.employer_name, period=data.period, run=data.run_id
            ),
            streams=_streams(data),
            backtest=parts,
            backtest_title=data.say("bt_title", month=found.period),
            backtest_line=headline(found, data.language),
            shown=lambda section: _shown(section, data.language),
            bars=bars(found, data.language) if parts else (),
            width=WIDTH,
            height=HEIGHT,
        )
        .encode()
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    source = resources.files(__package__).joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True)  # fmt: skip
    return environment.from_string(source)


def bars(found: Backtest, language: str) -> tuple[Bar, ...]:
    """The distribution of rebuilt less known net, from far below to far above."""
    ends = [float(end) for end in CLASSES]
    difference = found.difference()
    size = np.searchsorted(np.array(ends), np.abs(difference), side="left")
    place = np.sign(difference) * size + len(CLASSES)
    counts = np.bincount(place, minlength=2 * len(CLASSES) + 1).tolist()
    step = WIDTH / len(counts)
    top = math.log1p(max(counts))
    made = []
    for number, count in enumerate(counts):
        height = round(math.log1p(count) / top * (HEIGHT - 60), 1) if count else 0.0
        made.append(
            Bar(
                words=_bar_words(number - len(CLASSES), language), count=count,
                x=round((number + (1 - BAR_SPACE) / 2) * step, 1), y=round(HEIGHT - 36 - height, 1),
                width=round(step * BAR_SPACE, 1), height=height, exact=number == len(CLASSES),
            )
        )  # fmt: skip
    return tuple(made)


def _bar_words(number: int, language: str) -> str:
    """The far end of a class of signed differences: '0', '≤ 1', '> 250', '≥ -1' ..."""
    if number == 0:
        return "0"
    sign, size = ("-" if number < 0 else "", abs(number))
    if size == len(CLASSES):
        limit = sign + euros_shown(CLASSES[-1], language)
        return f"< {limit}" if number < 0 else f"> {limit}"
    limit = sign + euros_shown(CLASSES[size], language)
    return f"≥ {limit}" if number < 0 else f"≤ {limit}"


def _streams(data: ReviewData) -> list[tuple[str, list[str]]]:
    rows = []
    for row in summary_rows(data.payments, data.rebuilt.receivables):
        last = row.stream == "total"
        if row.total or last:
            label = data.say("column_total" if last else f"stream_{row.stream}")
            amounts = (row.paid_cents, row.held_cents, row.total_cents)
            paid, held, total = (euros_shown(cents, data.language) for cents in amounts)
            rows.append((label, [str(row.paid), paid, str(row.held), held, total]))
    return rows


def _shown(section: Section, language: str) -> list[list[tuple[str, str]]]:
    """The cells of a section as (kind, text)."""
    kinds = [kind for _, kind in section.columns]
    return [
        [
            (kind, euros_shown(int(value), language) if kind == "euro" else str(value))
            for kind, value in zip(kinds, row, strict=True)
        ]
        for row in section.rows
    ]
