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
from payroll.model.findings import Severity
from payroll.model.money import Cents, divide, euros_shown
from payroll.model.streams import SALARIES, STREAMS
from payroll.record.totals import SummaryRow, already_released, salaries_due, summary_rows
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
from payroll.views.review_data import ReviewData
from payroll.views.workbook.backtest import Section, headline, sections


def build_page(data: ReviewData) -> bytes:
    """The page as bytes; identical data give identical bytes. Every text is escaped."""
    style, script = _asset("page.css"), _asset("page.js")
    held = held_payees(data)
    everybody = payees(data)
    eur = partial(euros_shown, language=data.language)
    return (
        _template()
        .render(
            language=data.language,
            say=data.say,
            data=data,
            eur=eur,
            style=style,
            script=script,
            style_digest=_digest(style),
            script_digest=_digest(script),
            identity=data.say(
                "wb_identity", employer=data.employer_name, period=data.period, run=data.run_id
            ),
            held=held[:MOST_HELD],
            held_left=max(len(held) - MOST_HELD, 0),
            held_count=len(held),
            held_cents=sum(item.cents for item in held),
            payee_count=len(everybody),
            full_limit=PAYEES_IN_FULL,
            choices=_choices(data, held),
            rules=rule_counts(data),
            stream_choices=[(name, data.say(f"stream_{name}")) for name in STREAMS],
            rule_choices=_same(data.findings["rule_id"].tolist()),
            sites=_same(data.sites.values()),
            STRIP=STRIP,
            WIDTH=WIDTH,
            HEIGHT=HEIGHT,
            json=embedded(data),
            href=_href,
            **_totals(data),
            **_salaries(data),
            **_backtest(data),
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


def _totals(data: ReviewData) -> dict[str, Any]:
    """The rows of the streams with their bars, and the numbers at the top."""
    *rows, total = summary_rows(data.payments, data.rebuilt.receivables)
    shown = [row for row in rows if row.total or row.to_recover]
    top = max((row.total_cents for row in shown), default=0)

    def bar(row: SummaryRow) -> tuple[int, int]:
        return share(row.paid_cents, top), share(row.held_cents, top)

    severities = data.findings["severity"].value_counts().to_dict()
    return {
        "streams": [(row, bar(row)) for row in shown],
        "total": total,
        "warnings": int(severities.get(str(Severity.WARN), 0)),
        "files": data.files,
        "reissue": data.reissue,
        "earlier": already_released(data.rebuilt.left_out, data.findings),
    }


def _salaries(data: ReviewData) -> dict[str, Any]:
    """Bridge, distribution and movers of the salaries; empty without salaries."""
    changes = data.rebuilt.changes_of(SALARIES.name)
    delta: Cents = (changes["net_after_cents"] - changes["net_before_cents"]).to_numpy()
    strips = bridge_strips(changes)
    before = strips[0].cents if strips else 0
    after = strips[-1].cents if strips else 0
    found = movers(changes)
    rebuilt = data.rebuilt
    none = rebuilt.receivables.head(0)
    due = salaries_due(data.payments, rebuilt.receivables) + sum(
        salaries_due(frame, none) for frame in (rebuilt.left_out, rebuilt.set_aside)
    )
    return {
        "bridge": strips,
        "movers": found,
        "reasons": lambda text: data.reasons([text])[0],
        "moved": int((delta != 0).sum()),
        "gap": due - after if strips else 0,
        "change_bars": bars(delta, CHANGE_CLASSES, data.language),
        "net_change": after - before,
        "net_percent": divide((after - before) * 1_000, before) if before > 0 else None,
        "percent": lambda tenths: _percent(tenths, data.language),
        "unexplained": sum(strip.people for strip in strips if strip.name == "unexplained"),
    }


def _percent(tenths: int, language: str) -> str:
    """A percentage with its sign, from tenths of a percent."""
    sign = "+" if tenths > 0 else "-" if tenths < 0 else ""
    whole, part = divmod(abs(tenths), 10)
    return f"{sign}{whole}{'.' if language == 'en' else ','}{part} %"


def _backtest(data: ReviewData) -> dict[str, Any]:
    found = data.rebuilt.backtest
    parts = sections(found, data.language) if len(found.rows) else ()
    return {
        "backtest": parts,
        "backtest_period": found.period,
        "backtest_line": headline(found, data.language),
        "backtest_bars": bars(found.difference(), CLASSES, data.language) if parts else (),
        "shown": lambda section: _shown(section, data.language),
    }


def _choices(data: ReviewData, held: tuple[Held, ...]) -> dict[str, list[tuple[str, str]]]:
    """What the held list can be narrowed to: only what occurs in it, as (value, words)."""
    streams = {stream for item in held for stream in item.streams}
    return {
        "stream": [(name, data.say(f"stream_{name}")) for name in STREAMS if name in streams],
        "rule": _same(rule for item in held for rule in item.rules),
        "site": _same(item.site for item in held),
    }


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices that are their own words, in order, each once."""
    return [(value, value) for value in sorted(set(values)) if value]


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
