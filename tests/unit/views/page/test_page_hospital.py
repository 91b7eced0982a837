"""The review page of the whole sample hospital: small, quick, and right for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from payroll.atomic_files import write_tree
from payroll.demo.workspace import demo_files
from payroll.pipeline import build_run
from payroll.record.run import Run
from payroll.rulebook.book import load_rulebook
from payroll.store import load_payrun, load_rule_files, rules_folder
from payroll.views.page.page import build_page
from tests.unit.views.page.browser import CHROMIUM, Browser


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hospital")
    write_tree(folder, demo_files("hospital", 1))
    found = load_payrun(folder / "2022-05")
    return build_run(found.request(load_rulebook(load_rule_files(rules_folder()))))


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, hospital: Run) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "review.html").write_bytes(build_page(hospital))
    browser = Browser(folder / "profile")
    browser.open((folder / "review.html").as_uri())
    yield browser
    browser.close()


def test_it_is_small_and_always_the_same(hospital: Run) -> None:
    content = build_page(hospital)
    assert len(content) < 6_000_000
    assert build_page(hospital) == content


STEPS_ADD_UP = """(() => {
  const data = JSON.parse(document.getElementById('data').textContent), wrong = [];
  const cents = (cell) => /\\d/.test(cell.textContent) ? Number(cell.textContent.replace(/[^0-9-]/g, '')) : 0;
  let seen = 0;
  for (let at = 0; at < data.id.length; at += 23) {
    history.replaceState(null, '', '#p=' + data.kind[at] + ':' + encodeURIComponent(data.id[at]));
    dispatchEvent(new Event('hashchange'));
    const steps = [...document.querySelectorAll('#person table')].find((one) => one.rows[0].cells.length === 5 && one.querySelector('tr.whole'));
    if (!steps) continue;
    const rows = [...steps.tBodies[0].rows], net = rows.findLastIndex((row) => row.className === 'whole');
    const named = new Map(data.steps.map(([step, words]) => [words, step]));
    const minus = ['personal_contribution', 'withholding', 'special_contribution'], apart = ['base_salary', 'taxable'];
    for (const column of [1, 3]) {
      const sum = rows.slice(0, net).reduce((all, row) => { const step = named.get(row.cells[0].textContent);
        return apart.includes(step) ? all : all + (minus.includes(step) ? -1 : 1) * cents(row.cells[column]); }, 0);
      const paid = rows.slice(net, -1).reduce((all, row) => all + cents(row.cells[column]), 0);
      if (sum !== cents(rows[net].cells[column]) || paid !== cents(rows.at(-1).cells[column])) wrong.push([data.id[at], column, sum, paid]);
    }
    seen += 1;
  }
  return [seen, wrong];
})()"""  # noqa: E501


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_everybodys_steps_add_up_from_gross_to_what_is_paid(tab: Browser) -> None:
    seen, wrong = tab.run(STEPS_ADD_UP)
    assert wrong == []
    assert seen > 150
    assert tab.complaints == []


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_page_shows_what_the_run_came_to(tab: Browser, hospital: Run) -> None:
    tab.run("location.hash = ''")
    tab.wait("document.getElementById('person').hidden")
    held = hospital.payments[hospital.payments["status"] == "held"]
    shown = tab.run("document.querySelectorAll('#held-list > li').length")
    streams = held["stream"].isin(["fees", "invoices"])  # one entry per payee of each kind
    assert held["payee_id"].nunique() <= shown <= held["payee_id"].nunique() + int(streams.sum())
    tab.run("document.querySelector('#q').focus()")
    tab.type(held["payee_id"].iloc[0])
    assert tab.run("document.querySelectorAll('#payee-list tr').length") == 1
