"""The review page as a file: complete, escaped, without a request, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.backtest import BACKTEST, CLASSES, STEPS, Backtest, Cause
from payroll.model.record_frames import RECORD_PAYMENTS
from payroll.record.run import BacktestFacts, Run
from payroll.texts import catalogue, languages, text
from payroll.views.backtest_tables import backtest_tables, everybody, headline
from payroll.views.movements import step_of, with_kinds
from payroll.views.page import data as page_data
from payroll.views.page import held as page_held
from payroll.views.page.charts import BRIDGE, STRIP, bars, bridge_strips, movers, part_of
from payroll.views.page.held import held_payees, rule_counts
from payroll.views.page.page import build_page
from payroll.views.shown import Shown
from payroll.views.workbook.content import held as held_sheet
from tests.record_samples import payees_frame, run_of, with_frames
from tests.unit.views.review_samples import (
    CHANGE_ROWS,
    PAYMENT_ROWS,
    changes_frame,
    finding,
    findings_frame,
    large,
    small,
)


def backtest(differences: list[int]) -> Backtest:
    """A back-test whose people differ so much in withholding and net."""
    count = len(differences)
    columns: dict[str, object] = {
        f"{step}_{side}_cents": np.full(count, 200_000, dtype=np.int64)
        for step in STEPS
        for side in ("known", "rebuilt")
    }
    columns["withholding_rebuilt_cents"] = 200_000 - np.array(differences, dtype=np.int64)
    columns["net_rebuilt_cents"] = 200_000 + np.array(differences, dtype=np.int64)
    rows = pd.DataFrame(columns).assign(
        payee_id=[f"{number:05d}" for number in range(count)], source="t.xlsx!T!R5"
    )
    rows = rows.astype({"payee_id": "str", "source": "str"})
    cause = Cause(
        step="withholding",
        kind="category",
        value="<b>Cadre & Cie</b>",
        people=3,
        members=4,
        low_cents=-100,
        high_cents=1_200,
        typical_cents=1_200,
    )
    return Backtest(period="2022-04", rows=BACKTEST.conform(rows), causes=(cause,))


DIFFERENCES = [0] * 90 + [1, -50, 1_200, 1_200, 1_200, -4_000, 30_000]


def with_backtest(language: str = "fr") -> Run:
    found = backtest(DIFFERENCES)
    facts = BacktestFacts(period=found.period, causes=found.causes)
    return replace(with_frames(small(language), backtest=found.rows), backtest_facts=facts)


class Reader(HTMLParser):
    """Collects what a browser would fetch or run, and the words outside scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.raw:
            self.raw[self.cdata_elem][-1] += data
        else:
            self.words.append(data.strip())


def read(run: Run) -> tuple[Reader, str, dict[str, Any]]:
    content = build_page(run).decode()
    page = Reader()
    page.feed(content)
    return page, content, json.loads(page.raw["script"][0])


@pytest.mark.parametrize("language", languages())
def test_the_page_says_everything_and_fetches_nothing(language: str) -> None:
    run = with_backtest(language)
    page, content, _ = read(run)
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"link", "img", "iframe", "object", "embed", "base", "b"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    words = "\n".join(page.words)
    assert headline(run.backtest, language) in words
    assert "catégorie <b>Cadre & Cie</b>" in words or language != "fr"
    for part in backtest_tables(run.backtest, language):
        assert text(f"wb_title_{part.id}", language) in words
    assert build_page(run).decode() == content


def test_the_policy_allows_the_one_style_and_the_one_script_and_no_request() -> None:
    page, content, _ = read(small())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', content)
    assert policy is not None

    def digest(words: str) -> str:
        found = hashlib.sha256(words.encode()).digest()
        return f"'sha256-{base64.b64encode(found).decode()}'"

    assert policy[1].split("; ") == [
        "default-src 'none'",
        f"style-src {digest(page.raw['style'][0])}",
        f"script-src {digest(page.raw['script'][1])}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert len(page.raw["style"]) == 1
    assert len(page.raw["script"]) == 2


def test_style_and_script_ask_for_nothing_and_touch_no_fraction() -> None:
    package = resources.files("payroll.views.page")
    style, script = (package.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    forbidden = r"fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(|importScripts"
    assert not re.search(rf"{forbidden}|localStorage|indexedDB|cookie|https?:|//\w+\.", script)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
    assert not re.search(r"toFixed|parseFloat|parseInt|/ ?100\b|NumberFormat", script)
    assert not re.search(r"url\(|@import|https?:|expression", style)
    assert "</" not in script + style
    assert max(script.count("\n"), style.count("\n")) < 400


def test_every_text_that_the_script_asks_for_exists_and_no_other() -> None:
    script = resources.files("payroll.views.page").joinpath("page.js").read_text("utf-8")
    asked = set(re.findall(r'say\("(\w+)"', script))
    asked |= {f"flag_{name}" for name in ("held", "owed", "warn", "unexplained", "later")}
    asked |= {"block", "hold", "warn", "info"}
    known = {name[8:] for name in catalogue() if name.startswith("page_js_")}
    assert asked == known


HOSTILE = "</script><script>alert(1)</script><!-- \u2028 & \"'"


def test_no_name_or_message_can_leave_its_place() -> None:
    rows = [
        {**row, "creditor_name": HOSTILE, "payee_id": f"<{row['payee_id']}>"}
        for row in PAYMENT_ROWS
    ]
    found = [
        finding(
            "IBAN-001",
            "hold",
            "employee",
            "<00043>",
            "",
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
        )
    ]
    run = run_of(
        {
            "payments": RECORD_PAYMENTS.from_rows(rows),
            "findings": findings_frame(found),
            "payees": payees_frame({}, [(("employee", "<00043>"), HOSTILE)]),
        },
        employer_name=HOSTILE.replace("\u2028", ""),
    )
    page, content, embedded = read(run)
    assert page.tags.count("script") == 2
    assert HOSTILE in embedded["name"]
    assert HOSTILE in embedded["findings"]["message"]
    assert content.count("alert(1)</script>") == 0
    assert "#p=e:%3C00043%3E" in page.addresses


@given(st.lists(st.text("ab12 é", max_size=3), max_size=30))
def test_a_coded_column_is_the_column(values: list[str]) -> None:
    found = page_data.coded(values)
    back = [found["d"][at] for at in found["i"]] if isinstance(found, dict) else found
    assert back == values


def test_everybody_is_embedded_with_every_cent() -> None:
    run = small()
    _, _, found = read(run)
    assert found["id"] == ["00042", "00043", "00044", "00045", "00099", "P7", "S1", "S2"]
    assert found["kind"] == "eeeeepss"
    payments = found["payments"]
    assert sum(payments["n"]) == len(run.payments)
    assert payments["n"][0] == 2
    assert sum(payments["cents"]) == int(run.payments["amount_cents"].sum())
    assert sum(found["findings"]["n"]) == 4  # the fifth is about the run


def test_too_many_payees_are_shown_without_their_lines_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full, _, found = read(with_backtest("en"))
    assert found["full"]
    assert "known_month" in found
    monkeypatch.setattr(page_data, "PAYEES_IN_FULL", 3)
    monkeypatch.setattr("payroll.views.page.page.PAYEES_IN_FULL", 3)
    page, _, found = read(with_backtest("en"))
    assert not found["full"]
    assert not {"lines", "known_month"} & set(found)
    note = text("page_not_full", "en", count=len(found["id"]), limit=3)
    assert note in page.words
    assert not any("beyond" in words for words in full.words)


@pytest.mark.parametrize("language", languages())
def test_the_held_are_those_of_the_workbook(language: str) -> None:
    shown = Shown(small(language))
    rows = list(zip(*held_sheet(shown).values, strict=True))
    people = {item.payee_id: item for item in held_payees(shown)}
    assert {row[1] for row in rows} == set(people)
    for payee_id, item in people.items():
        own = [row for row in rows if row[1] == payee_id]
        assert item.cents == sum(row[3] or 0 for row in own)
        for why in item.why:
            assert any(why.message in row[5] and why.remedy in row[6] for row in own)
    page, _, _ = read(shown.run)
    for item in people.values():
        for why in item.why:
            assert {why.message, why.remedy} <= set(page.words)


def test_more_held_than_the_page_writes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payroll.views.page.page.MOST_HELD", 1)
    page, _, _ = read(small("en"))
    assert text("page_held_left", "en", count=1, shown=1) in page.words


def test_every_rule_is_counted_and_says_how_much_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        finding("R-1", "warn", "run", "", "", str(n), "", f"words {n}", "", "") for n in range(5)
    ]
    rows.append(finding("R-1", "warn", "employee", "00042", "", "", "", "of a payee", "", ""))
    monkeypatch.setattr(page_held, "MOST_OTHERS", 3)
    (found,) = rule_counts(Shown(with_frames(small(), findings=findings_frame(rows))))
    assert (found.count, found.payees, found.left) == (6, 1, 1)
    assert found.others == ("words 1", "words 2", "words 3")


def test_the_bridge_closes_and_has_a_word_for_every_part() -> None:
    changes = changes_frame(
        [
            *CHANGE_ROWS,
            ("1", 0, 0, 0, 150_000, "reason_joiner"),
            ("2", 0, 0, 9_000, 0, "reason_leaver"),
            ("3", 0, 0, 9_000, 8_000, "reason_fte_change reason_law_change"),
            ("4", 0, 0, 9_000, 8_000, "reason_one_off_dropped reason_law_change"),
            ("5", 0, 0, 9_000, 8_000, "reason_variable_dropped"),
            ("6", 0, 0, 9_000, 9_300, "reason_law_change"),
            ("7", 9_000, 9_180, 9_000, 9_180, "reason_index_step"),
        ]
    )
    changes["index_cents"] = changes["index_cents"].mask(changes["payee_id"] == "7", 180)
    people = with_kinds(changes)
    strips = bridge_strips(people)
    before, *parts, after = strips
    assert before.cents + sum(part.cents for part in parts) == after.cents
    assert after.cents == changes["net_after_cents"].sum()
    assert before.cents == changes["net_before_cents"].sum()
    assert {part.name for part in parts} == set(BRIDGE)
    (unexplained,) = (part for part in parts if part.name == "unexplained")
    assert unexplained.cents == people.loc[people["kind"] == "unexplained", "delta_cents"].sum()
    assert all(strip.x >= 0 and strip.x + strip.width <= STRIP for strip in strips)
    for name in ("before", "after", *BRIDGE):
        assert text(f"page_bridge_{name}", "nl")
    assert bridge_strips(people.head(0)) == ()


def test_every_reason_that_the_rebuild_gives_has_its_group() -> None:
    reasons = [name for name in catalogue() if name.startswith("reason_")]
    kept = {
        "reason_garnishment_recomputed",
        "reason_no_roster",
        "reason_hours_unknown_person",
        "reason_hours_without_base",
        "reason_hours_unusable",
        "reason_paid_by_bank",
        "reason_index_step",  # a step of its own, whatever else moved
        "reason_bonus_netted",
        "reason_deduction_beyond",
        "reason_deduction_limited",
        "reason_deduction_not_repeated",
        "reason_deduction_unknown",
    }
    other = {name for name in reasons if part_of(step_of(name), name) == "other"}
    assert other <= kept | {
        name for name in reasons if {"fee", "hours", "holiday"} & {*name.split("_")}
    }


def test_the_movers_are_those_who_move_most() -> None:
    found = movers(with_kinds(changes_frame(CHANGE_ROWS)), count=2)
    assert [item.payee_id for item in found] == ["00045", "00044"]
    assert [item.bar.cents for item in found] == [-181_010, -15_695]
    assert found[1].percent == -77
    assert all(item.bar.x + item.bar.width == STRIP // 2 for item in found)


def test_every_person_stands_in_one_bar() -> None:
    drawn = bars(backtest(DIFFERENCES).difference(), CLASSES, "fr")
    assert sum(bar.count for bar in drawn) == len(DIFFERENCES)
    assert {bar.words: bar.count for bar in drawn if bar.count} == {
        "≥ -100": 1,
        "≥ -1": 1,
        "0": 90,
        "≤ 0,01": 1,
        "≤ 25": 3,
        "> 250": 1,
    }
    assert max(drawn, key=lambda bar: bar.height).exact
    assert all(bar.y >= 0 and (bar.height > 0) == (bar.count > 0) for bar in drawn)


def test_the_sheet_lists_who_differs_largest_first() -> None:
    table = everybody(Shown(with_backtest()))
    assert table.note == {"agree": 90, "compared": 97, "month": "2022-04"}
    assert table.values[0][:2] == ["00096", "00095"]
    assert table.values[5] == [30_000, -4_000, 1_200, 1_200, 1_200, -50, 1]
    assert set(table.values[2]) == {"Précompte professionnel"}


def test_a_run_of_invoices_alone_has_a_page_all_the_same() -> None:
    run = with_frames(small("fr"), changes=changes_frame([]), findings=findings_frame([]))
    page, _, _ = read(replace(run, sepa_files=()))
    assert "svg" in page.tags
    assert text("wb_part_bridge", "fr") not in page.words
    assert text("wb_part_streams", "fr") in page.words


def test_a_hundred_thousand_payees_do_not_break_it() -> None:
    run = large(100_000)
    content = build_page(run)
    assert len(content) < 40_000_000
    assert text("page_held_left", "fr", shown=2_000, count=3_000) in content.decode()
