"""review.html: one file that opens from a USB stick and asks for nothing else.

The totals, pictures and held payees are written as text and need no script. The script beside this
module adds search, filters and a page per person, from data embedded in the file. A content
security policy allows that one script and that one style by their digests, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from payroll.model.backtest import CLASSES
from payroll.model.exact import Exact
from payroll.model.findings import Severity
from payroll.model.money import Cents, divide
from payroll.model.streams import SALARIES, STREAMS
from payroll.record.run import Run
from payroll.record.totals import DUE, SummaryRow, already_released, salaries_due, summary_rows
from payroll.render.table import Table, cell_text
from payroll.texts.shown import euros_shown, exact_shown
from payroll.views.backtest_tables import backtest_tables, headline
from payroll.views.movements import holiday_pay_of, person_moves
from payroll.views.page.charts import (
    CHANGE_CLASSES,
    HEIGHT,
    STRIP,
    WIDTH,
    bars,
    bridge_strips,
    movers,
    share,
)
from payroll.views.page.data import PAYEES_IN_FULL, embedded, payees
from payroll.views.page.held import MOST_HELD, Held, held_payees, rule_counts
from payroll.views.shown import Shown


def build_page(run: Run, language: str = "") -> bytes:
    """The page as bytes; the same run gives the same bytes. Every text is escaped.

    language: the employer's, unless another one is asked for.
    """
    shown = Shown(run, language)
    style, script = _asset("page.css"), _asset("page.js")
    held = held_payees(shown)
    everybody = payees(run)
    eur = partial(euros_shown, language=shown.language)
    return (
        _template()
        .render(
            language=shown.language,
            say=shown.say,
            name=shown.name,
            run=run,
            eur=eur,
            style=style,
            script=script,
            style_digest=_digest(style),
            script_digest=_digest(script),
            identity=shown.say(
                "wb_identity", employer=run.employer.name, period=run.order.period, run=run.run_id
            ),
            held=held[:MOST_HELD],
            held_left=max(len(held) - MOST_HELD, 0),
            held_count=len(held),
            held_cents=sum(item.cents for item in held),
            payee_count=len(everybody),
            full_limit=PAYEES_IN_FULL,
            choices=_choices(shown, held),
            rules=rule_counts(shown),
            stream_choices=[(name, shown.say(f"stream_{name}")) for name in STREAMS],
            rule_choices=_same(shown.findings["rule_id"].tolist()),
            sites=_same(run.sites.values()),
            STRIP=STRIP,
            WIDTH=WIDTH,
            HEIGHT=HEIGHT,
            json=embedded(shown),
            href=_href,
            **_totals(shown),
            **_salaries(shown),
            **_backtest(shown),
        )
        .encode()
    )


@lru_cache(maxsize=3)
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _digest(content: str) -> str:
    """The digest by which the content security policy knows an inline element."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_asset("page.html.j2"))


def _href(kind: str, payee_id: str) -> str:
    """The address of a payee's page within this file, as page.js writes it."""
    plain = "".join(
        mark
        if mark.isascii() and (mark.isalnum() or mark in "-_.~")
        else "".join(f"%{byte:02X}" for byte in mark.encode())
        for mark in payee_id
    )
    return f"#p={kind[0]}:{plain}"


def _totals(shown: Shown) -> dict[str, Any]:
    """The rows of the streams with their bars, and the numbers at the top."""
    *rows, total = summary_rows(shown.run.payments, shown.run.frames["receivables"])
    present = [row for row in rows if row.total or row.to_recover]
    top = max((row.total_cents for row in present), default=0)

    def bar(row: SummaryRow) -> tuple[int, int]:
        return share(row.paid_cents, top), share(row.held_cents, top)

    severities = shown.findings["severity"].value_counts().to_dict()
    return {
        "streams": [(row, bar(row)) for row in present],
        "total": total,
        "warnings": int(severities.get(str(Severity.WARN), 0)),
        "files": shown.run.sepa_files,
        "reissue": shown.run.reissue,
        "own_rules": shown.own_rules,
        "earlier": already_released(shown.run.frames["already_paid"], shown.findings),
    }


def _salaries(shown: Shown) -> dict[str, Any]:
    """Bridge, distribution and movers of the salaries; empty without salaries."""
    people = person_moves(shown)
    delta: Cents = people["delta_cents"].to_numpy()
    holidays = holiday_pay_of(shown.run.lines, SALARIES.name)
    along = int(holidays["amount_cents"].sum())
    strips = bridge_strips(people, (along, holidays["payee_id"].nunique()))
    before = strips[0].cents if strips else 0
    after = strips[-1].cents if strips else 0
    found = movers(people)
    due = salaries_due(*(shown.run.frames[name] for name in DUE))
    return {
        "bridge": strips,
        "movers": found,
        "reasons": lambda text: shown.reasons([text])[0],
        "moved": int((delta != 0).sum()),
        "gap": due - after if strips else 0,
        "change_bars": bars(delta, CHANGE_CLASSES, shown.language),
        "net_change": after - along - before if strips else 0,
        "net_percent": divide((after - along - before) * 1_000, before) if before > 0 else None,
        "percent": lambda tenths: _percent(tenths, shown.language),
        "unexplained": sum(strip.people for strip in strips if strip.name == "unexplained"),
    }


def _percent(tenths: int, language: str) -> str:
    """A percentage with its sign, from tenths of a percent."""
    return f"{'+' if tenths > 0 else ''}{exact_shown(Exact(tenths, 1), language)} %"


def _backtest(shown: Shown) -> dict[str, Any]:
    found = shown.run.backtest
    parts = backtest_tables(found, shown.language) if len(found.rows) else ()
    return {
        "backtest": parts,
        "backtest_period": found.period,
        "backtest_line": headline(found, shown.language),
        "backtest_bars": bars(found.difference(), CLASSES, shown.language) if parts else (),
        "cells": lambda table: _cells(table, shown.language),
    }


def _choices(shown: Shown, held: tuple[Held, ...]) -> dict[str, list[tuple[str, str]]]:
    """What the held list can be narrowed to: only what occurs in it, as (value, words)."""
    streams = {stream for item in held for stream in item.streams}
    return {
        "stream": [(name, shown.say(f"stream_{name}")) for name in STREAMS if name in streams],
        "rule": _same(rule for item in held for rule in item.rules),
        "site": _same(item.site for item in held),
    }


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices that are their own words, in order, each once."""
    return [(value, value) for value in sorted(set(values)) if value]


def _cells(table: Table, language: str) -> list[list[tuple[str, str]]]:
    """The cells of a table as (kind, text); counts as plain digits, as everywhere on the page."""
    return [
        [
            (
                column.kind,
                str(value) if column.kind == "count" else cell_text(column, value, language),
            )
            for column, value in zip(table.columns, row, strict=True)
        ]
        for row in table.rows()
    ]
