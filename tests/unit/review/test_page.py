"""The review page: complete, escaped, without request or script, the same in every language."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from review_samples import small

from payroll.model.backtest import BACKTEST, STEPS, Backtest, Cause
from payroll.review.backtest import headline, sections, sheet
from payroll.review.data import ReviewData
from payroll.review.page import bars, build_page
from payroll.texts import LANGUAGES, text


def backtest(differences: list[int]) -> Backtest:
    """A back-test whose people differ so much in withholding and net."""
    count = len(differences)
    columns: dict[str, object] = {
        f"{step}_{side}_cents": np.full(count, 200_000, dtype=np.int64)
        for step in STEPS for side in ("known", "rebuilt")
    }  # fmt: skip
    columns["withholding_rebuilt_cents"] = 200_000 - np.array(differences, dtype=np.int64)
    columns["net_rebuilt_cents"] = 200_000 + np.array(differences, dtype=np.int64)
    rows = pd.DataFrame(columns).assign(
        payee_id=[f"{number:05d}" for number in range(count)], source="t.xlsx!T!R5"
    )
    rows = rows.astype({"payee_id": "str", "source": "str"})
    cause = Cause(
        step="withholding", kind="category", value="<b>Cadre & Cie</b>", people=3, members=4,
        low_cents=-100, high_cents=1_200, typical_cents=1_200,
    )  # fmt: skip
    return Backtest(period="2022-04", rows=BACKTEST.conform(rows), causes=(cause,))


DIFFERENCES = [0] * 90 + [1, -50, 1_200, 1_200, 1_200, -4_000, 30_000]


def with_backtest(language: str = "fr") -> ReviewData:
    data = small(language)
    return replace(data, rebuilt=replace(data.rebuilt, backtest=backtest(DIFFERENCES)))


class Reader(HTMLParser):
    """Collects what a browser would fetch or run, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "onclick")]

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_and_fetches_nothing(language: str) -> None:
    data = with_backtest(language)
    page = Reader()
    content = build_page(data).decode()
    page.feed(content)
    assert page.fetched == []
    assert not {"script", "link", "img", "iframe", "b"} & set(page.tags)
    words = "\n".join(page.words)
    assert headline(data.rebuilt.backtest, language) in words
    assert "catégorie <b>Cadre & Cie</b>" in words or language != "fr"
    for part in sections(data.rebuilt.backtest, language):
        assert text(part.title, language) in words
    assert build_page(data).decode() == content


def test_every_person_stands_in_one_bar() -> None:
    drawn = bars(backtest(DIFFERENCES), "fr")
    assert sum(bar.count for bar in drawn) == len(DIFFERENCES)
    assert {bar.words: bar.count for bar in drawn if bar.count} == {
        "≥ -100,00": 1, "≥ -1,00": 1, "0": 90, "≤ 0,01": 1, "≤ 25,00": 3, "> 250,00": 1,
    }  # fmt: skip
    assert max(drawn, key=lambda bar: bar.height).exact
    assert all(bar.y >= 0 and (bar.height > 0) == (bar.count > 0) for bar in drawn)


def test_the_sheet_lists_who_differs_largest_first() -> None:
    table = sheet(with_backtest())
    assert table.note == {"agree": 90, "compared": 97, "month": "2022-04"}
    assert table.values[0][:2] == ["00096", "00095"]
    assert table.values[5] == [30_000, -4_000, 1_200, 1_200, 1_200, -50, 1]
    assert set(table.values[2]) == {"Précompte professionnel"}


def test_a_run_without_back_test_has_a_page_all_the_same() -> None:
    page = build_page(small("fr")).decode()
    assert "<svg" not in page
    assert text("wb_part_streams", "fr") in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_real_browser_shows_it_without_complaint(tmp_path: Path) -> None:
    path = tmp_path / "review.html"
    path.write_bytes(build_page(with_backtest()))
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         "--virtual-time-budget=1000", f"--user-data-dir={tmp_path / 'profile'}",
         path.as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.count("<rect") == len(bars(backtest(DIFFERENCES), "fr"))
    assert "Content Security Policy" not in done.stderr
