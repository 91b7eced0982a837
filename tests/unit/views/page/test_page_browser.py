"""The review page as people use it, in a real headless Chromium: search, filters, keys, paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from payroll.record.run import Run
from payroll.texts import languages, text
from payroll.views.page.page import build_page
from tests.record_samples import payees_frame, with_frames
from tests.unit.views.calculation_sample import PERSON, with_a_calculation
from tests.unit.views.page.browser import CHROMIUM, Browser
from tests.unit.views.review_samples import finding, findings_frame, large, small

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (scripts/test.py installs it on a Debian)"
)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(tab: Browser, tmp_path: Path) -> Browser:
    """The small run's page, freshly opened from a file in a light window."""
    return opened(tab, tmp_path, with_a_calculation())


def opened(tab: Browser, folder: Path, run: Run) -> Browser:
    path = folder / "review.html"
    path.write_bytes(build_page(run))
    tab.size(1280, 900)
    tab.prefer("light")
    tab.open("about:blank")
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(path.as_uri())
    tab.settle()
    return tab


def shown(tab: Browser, selector: str) -> list[str]:
    """The texts of the visible elements."""
    return tab.run(
        f"[...document.querySelectorAll({selector!r})].filter((one) => one.checkVisibility())"
        ".map((one) => one.textContent.replace(/[ \\n]+/g, ' ').trim())"
    )


def visit(tab: Browser, payee: str) -> None:
    """Go to the page of a payee (kind letter : id)."""
    tab.open(tab.run("location.href.split('#')[0]") + f"#p={payee}")
    tab.wait("!document.getElementById('person').hidden")
    tab.settle()


def focused(tab: Browser) -> str:
    return tab.run("document.activeElement.id || document.activeElement.innerText")


def choose(tab: Browser, select: str, value: str) -> None:
    tab.run(
        f"(({select!r}), (one => {{ one.value = {value!r};"
        " one.dispatchEvent(new Event('change', {bubbles: true})) })"
        f"(document.getElementById({select!r})))"
    )


@pytest.mark.parametrize("language", languages())
def test_it_opens_from_a_file_without_request_or_complaint(
    tab: Browser, tmp_path: Path, language: str
) -> None:
    opened(tab, tmp_path, with_a_calculation(language))
    assert tab.complaints == []
    assert tab.requests == [(tmp_path / "review.html").as_uri()]
    assert tab.run("document.documentElement.className") == "ready"
    assert shown(tab, "#h-payees") == [text("page_payees_title", language, count=8)]


def test_the_policy_stops_a_request_even_if_a_script_were_to_try(page: Browser) -> None:
    assert page.run("fetch('https://example.org/').then(() => 'out', () => 'stopped')") == "stopped"
    assert (
        page.run(
            "new Promise((done) => { const one = new Image(); one.onerror = () =>"
            " done('stopped'); one.onload = () => done('out');"
            " one.src = 'file:///etc/hostname'; })"
        )
        == "stopped"
    )
    assert any("Content Security Policy" in words for words in page.complaints)


def test_search_by_name_without_accents_and_by_number(page: Browser) -> None:
    page.press("/", "/")
    assert focused(page) == "q"
    page.type("haese elod")
    assert shown(page, "#payee-list a") == ["Élodie D'Haese"]
    assert shown(page, "#overview, #more") == []
    page.press("Escape")
    assert len(shown(page, "#payee-list a")) == 8
    page.type("0004")
    assert len(shown(page, "#payee-list a")) == 4
    page.type("zzz")
    assert shown(page, "#payee-count") == [text("page_js_nobody", "fr")]


def test_filters_of_the_payees_and_of_the_held(page: Browser) -> None:
    choose(page, "f-state", "held")
    assert shown(page, "#payee-list td:first-child") == ["00043", "00099"]
    choose(page, "f-rule", "IBAN-001")
    assert shown(page, "#payee-list td:first-child") == ["00043"]
    page.run("document.getElementById('f-clear').click()")
    choose(page, "f-state", "unexplained")
    assert shown(page, "#payee-list td:first-child") == ["00043"]
    assert len(shown(page, "#held-list > li")) == 2
    choose(page, "held-site", "Arlon")
    assert shown(page, "#held-list h3") == ["Bram Peeters"]
    choose(page, "held-site", "")
    choose(page, "held-rule", "ING-002")
    assert shown(page, "#held-list h3") == ["Ana Ruiz"]
    choose(page, "held-stream", "salaries")
    assert shown(page, "#held-list h3") == []
    assert shown(page, "#held-count") == ["0 sur 2"]


def test_a_rule_leads_to_its_payees(page: Browser) -> None:
    page.run("document.querySelector('[data-rule-only=\"VAR-002\"]').click()")
    assert shown(page, "#payee-list td:first-child") == ["00044"]
    assert focused(page) == "f-rule"


def test_the_list_is_sorted_by_any_column(page: Browser) -> None:
    page.run("document.querySelector('[data-sort=pay]').click()")
    assert shown(page, "#payee-list td:first-child")[:2] == ["P7", "00042"]
    assert page.run("document.querySelectorAll('[aria-sort=descending]').length") == 1
    page.run("document.querySelector('[data-sort=pay]').click()")
    assert shown(page, "#payee-list td:first-child")[-1] == "P7"


def test_the_keyboard_alone_goes_to_a_person_and_back(page: Browser) -> None:
    page.press("Tab")
    assert focused(page) == text("page_skip", "fr")
    page.press("Tab")
    assert focused(page) == "q"
    page.type("00")
    page.press("ArrowDown")
    page.press("ArrowDown")
    page.press("ArrowUp")
    page.press("End")
    assert focused(page) == "Ana Ruiz"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("Home")
    page.press("Enter")
    page.wait("!document.getElementById('person').hidden")
    assert page.run("location.hash") == "#p=e:00042"
    assert focused(page) == "h-person"
    assert shown(page, "#payees") == []
    page.press("Escape")
    page.wait("document.getElementById('person').hidden")
    assert page.run("location.hash") == ""
    assert focused(page) == "Élodie D'Haese"


def cells(tab: Browser, words: str) -> list[str]:
    """The cells of the row that begins with some words."""
    rows = tab.run(
        "[...document.querySelectorAll('#person tr')].map((row) =>"
        " [...row.cells].map((one) => one.innerText.replace(/\\s+/g, ' ').trim()))"
    )
    return next(row for row in rows if row[0].startswith(words))


def test_a_person_has_steps_lines_findings_and_payments(page: Browser) -> None:
    visit(page, f"e:{PERSON}")
    say = text
    assert focused(page) == "h-person"
    assert cells(page, "Avertissement")[1] == "VAR-002"
    assert cells(page, "Salaires")[1:3] == ["1 873,05", "À payer le 2022-05-31"]
    assert cells(page, say("bt_step_gross", "fr"))[1:] == ["3 200,00"] * 2 + ["2 900,00", "-300,00"]
    withheld = cells(page, say("bt_step_withholding", "fr"))
    assert withheld[1:] == ["719,76", "720,87", "615,92", "-103,84"]
    assert cells(page, say("bt_step_taxable", "fr"))[3] == "2 520,97"
    assert cells(page, say("bt_step_net", "fr"))[1:4] == ["2 050,00", "2 050,00", "1 893,05"]
    assert cells(page, say("page_js_third", "fr"))[1:4] == ["-20,00", "", "-20,00"]
    assert cells(page, say("page_js_net_paid", "fr"))[1:4] == ["2 030,00", "", "1 873,05"]
    assert cells(page, "Prime unique")[2] == "500,00"
    line = cells(page, "Traitement barémique component")
    assert (line[2], line[5], line[6]) == ("repris", "2 900,00", "exports/r.csv!csv!R7")
    assert cells(page, say("page_js_sum", "fr"))[5] == "1 873,05"
    command = f"payroll explain-pay 2022-05/runs/2022-05-a1b2c3 {PERSON}"
    assert shown(page, "#person code") == [command]


def test_an_unknown_address_shows_the_overview(page: Browser) -> None:
    page.open(page.run("location.href") + "#p=e:%E0nobody")
    page.wait("location.hash")
    page.settle()
    assert shown(page, "h1") == [text("wb_title_summary", "fr")]
    assert page.complaints == []


def test_names_of_any_kind_stay_text(tab: Browser, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)></script>"
    named = payees_frame({("employee", "00043"): evil})
    opened(tab, tmp_path, with_frames(small(), payees=named))
    assert evil in shown(tab, "#payee-list a")
    visit(tab, "e:00043")
    assert shown(tab, "#h-person") == [evil]
    assert tab.run("document.images.length") == 0


def ground(tab: Browser) -> int:
    """How light the page's ground is, 0 to 765."""
    colour = tab.run("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_dark_by_preference_and_by_button(page: Browser) -> None:
    assert ground(page) > 600
    page.prefer("dark")
    assert ground(page) < 150
    page.run("document.getElementById('theme').click()")
    assert ground(page) > 600
    page.prefer("light")
    page.run("document.getElementById('theme').click()")
    assert ground(page) < 150
    assert page.run("document.getElementById('theme').getAttribute('aria-pressed')") == "true"
    page.prefer("dark", media="print")
    assert ground(page) == 765


CONTRAST = """(() => {
  const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
    const one = part / 255; return one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (one) => { for (; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor; if (!/, 0\\)/.test(colour)) return colour; }
    return 'rgb(255, 255, 255)'; };
  return [...document.querySelectorAll('main *, header *')].filter((one) => one.checkVisibility()
      && !one.closest('svg, :disabled') && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => { const pair = [getComputedStyle(one).color, ground(one)].map(light).sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), one.outerHTML.slice(0, 80)]; })
    .filter(([contrast]) => contrast < 4.5);
})()"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(page: Browser, scheme: str) -> None:
    page.prefer(scheme)
    assert page.run(CONTRAST) == []
    visit(page, f"e:{PERSON}")
    assert page.run(CONTRAST) == []


def test_everything_that_is_operated_has_a_name_and_headings_are_in_order(page: Browser) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    operated = {"button", "link", "searchbox", "combobox", "image"}
    nameless = [
        node
        for node in tree
        if not node["ignored"]
        and node["role"]["value"] in operated
        and not node["name"]["value"].strip()
    ]
    assert nameless == []
    levels = page.run(
        "[...document.querySelectorAll('h1, h2, h3')]"
        ".filter((one) => one.checkVisibility()).map((one) => +one.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.run(
        "new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size ==="
        " document.querySelectorAll('[id]').length"
    )
    assert page.run(
        "[...document.querySelectorAll('th')].every((one) => one.scope || one.ariaHidden)"
    )


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(page: Browser, width: int) -> None:
    page.size(width, 800)
    assert page.run("document.documentElement.scrollWidth") == width
    visit(page, f"e:{PERSON}")
    assert page.run("document.documentElement.scrollWidth") == width


def test_without_script_the_totals_and_the_held_are_there(tab: Browser, tmp_path: Path) -> None:
    tab.without_script()
    try:
        opened_path = tmp_path / "review.html"
        opened_path.write_bytes(build_page(with_a_calculation()))
        tab.open(opened_path.as_uri())
        document = tab.call("DOM.getDocument")["root"]["nodeId"]
        visible = tab.call("DOM.getOuterHTML", nodeId=document)["outerHTML"]
        assert "ready" not in visible.split("<head>", maxsplit=1)[0]
        printed = words_of(tab.printed(), tmp_path)
    finally:
        tab.without_script(off=False)
    if printed is not None:
        assert "L'IBAN est faux." in printed
        assert text("page_no_script", "fr").split(",", maxsplit=1)[0] in visible


def words_of(pdf: bytes, folder: Path) -> str | None:
    """The words of a PDF, or None where no tool reads it."""
    assert pdf.startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        return None
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def test_on_paper_every_held_payee_with_remedy_and_no_control(
    page: Browser, tmp_path: Path
) -> None:
    choose(page, "held-rule", "ING-002")  # what is filtered away on screen is printed all the same
    printed = words_of(page.printed(), tmp_path)
    page.prefer("light", media="print")
    assert shown(page, "button, input, select, output") == []
    assert len(shown(page, "#held-list > li")) == 2
    assert shown(page, "#payees") == []
    if printed is not None:
        for words in (
            "Bram Peeters",
            "Demandez le compte à l'agent par téléphone.",
            "Prenez contact avec le notaire.",
            "Corrigez la cellule.",
        ):
            assert words in printed
        assert text("page_search", "fr") not in printed
    page.prefer("light")


def test_a_picture_of_it_is_not_blank(page: Browser) -> None:
    light = page.picture()
    page.prefer("dark")
    assert light.startswith(b"\x89PNG")
    assert len(light) > 30_000
    assert page.picture() != light


DRAWN = """(() => {
  const q = document.getElementById('q'), found = [];
  for (const words of ['p', 'pr', 'prenom 79', '007', 'nom 4 2', '']) {
    q.value = words; q.dispatchEvent(new Event('input'));
    found.push(document.getElementById('payee-list').children.length);
  }
  return found;
})()"""


def test_a_search_among_8000_payees_draws_one_page_of_them(tab: Browser, tmp_path: Path) -> None:
    """Which is what keeps it below the time of a key stroke."""
    opened(tab, tmp_path, large(8_000))
    assert shown(tab, "#payee-count") == ["1 à 50 sur 8003"]
    drawn = tab.run(DRAWN)
    assert max(drawn) == 50
    assert min(drawn) > 0
    tab.run("document.getElementById('next').click()")
    assert shown(tab, "#payee-count") == ["51 à 100 sur 8003"]
    tab.run("document.querySelector('#payee-list a').focus()")
    tab.press("PageDown")
    assert shown(tab, "#payee-count") == ["101 à 150 sur 8003"]


def test_a_hundred_thousand_payees_open_and_say_what_is_left_out(
    tab: Browser, tmp_path: Path
) -> None:
    opened(tab, tmp_path, large(100_000))
    assert tab.complaints == []
    assert any("100003" in words for words in shown(tab, ".note"))
    assert max(tab.run(DRAWN)) == 50
    visit(tab, "e:000020")
    assert text("page_js_not_full", "fr") in shown(tab, "#person .note")


def test_findings_of_a_run_are_all_there(tab: Browser, tmp_path: Path) -> None:
    rows = [
        finding("R-1", "warn", "run", "", "", str(n), "", f"words {n}", "", "") for n in range(5)
    ]
    opened(tab, tmp_path, with_frames(small(), findings=findings_frame(rows)))
    tab.run("document.querySelector('#findings summary').click()")
    tab.settle()
    assert shown(tab, "#findings li") == ["words 1", "words 2", "words 3", "words 4"]
