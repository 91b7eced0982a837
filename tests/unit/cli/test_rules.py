"""`payroll rules`: list, explain and lint say it all; diff says whose pay changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from payroll import texts
from payroll.atomic_files import write_tree
from payroll.demo.workspace import demo_files
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.entries import entries
from payroll.store import load_payrun, load_rule_files, rules_folder, write_run
from payroll.texts import languages
from payroll.views.rules import explained
from tests.shipped import OWN_PREMIUM
from tests.unit.cli.command_line import Payroll

Rules = Callable[..., Path]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """A copy of the shipped rules with texts replaced: (file, old, new) each."""

    def make(*changed: tuple[str, str, str], name: str = "other") -> Path:
        folder = tmp_path / name
        for file, content in load_rule_files(rules_folder()).items():
            text = content.decode()
            for where, old, new in changed:
                if where == file:
                    assert old in text, (where, old)
                    text = text.replace(old, new)
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return folder

    return make


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample hospital's run, with a rule of the employer's own over the program's."""
    folder = tmp_path_factory.mktemp("workspace")
    write_tree(folder, demo_files("small", 1))
    own = folder / "rules" / "parameters" / "own.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN_PREMIUM, "utf-8")
    found = load_payrun(folder)
    output = build_run(found.request(load_rulebook(load_rule_files(rules_folder(), folder))))
    return write_run(found.folder / "runs", output.run_id, publish(output))[0]


CONTRIBUTION = ("parameters/contributions.toml", "value = 13.07", "value = 13.10")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder()))


def test_list_at_a_date(payroll: Payroll) -> None:
    done = payroll("rules", "list", "--at", "2022-05-31")
    assert done.code == 0
    lines = {tuple(line.split()[:2]): line for line in done.text.splitlines()}
    kinds = list(dict.fromkeys(kind for kind, _ in lines))
    assert kinds == [
        "parameter",
        "scale",
        "step",
        "component",
        "premium",
        "policy",
        "deduction",
        "control",
    ]
    for key, words in {
        ("parameter", "contribution_contractual_percent"): "13.07 percent",
        ("parameter", "special_contribution_minimum_wage"): "1095.10 euro",
        ("parameter", "fiscal_work_bonus_percent"): "unverified 2022-01-01",
        ("scale", "work_bonus"): "1897.55 / 2904.93 / 233.05 / 0.2313",
        ("scale", "withholding_brackets"): "4 rows",
        ("step", "withholding"): "withholding_by_table",
        ("component", "base_salary"): "recurring, gross, ordinary",
        ("premium", "night"): "2.0079 euro_per_hour_indexed",
        ("policy", "fee_advance"): "mean_of_months 100 % (advance)",
        ("control", "IBAN-001"): "hold iban_invalid",
    }.items():
        assert words in lines[key], lines[key]
    later = payroll("rules", "list", "--at", "2023-06-01").text.splitlines()
    by_key = {tuple(line.split()[:2]): line.split() for line in later}
    assert by_key["scale", "work_bonus"][2:5] == ["-", "-", "2023-01-01"]
    assert by_key["step", "withholding"][2] == "withholding_by_formula"
    before = payroll("rules", "list", "--at", "2019-01-01").text.splitlines()
    by_key = {tuple(line.split()[:2]): line.split() for line in before}
    assert by_key["scale", "work_bonus"][2:5] == ["-", "-", "-"]
    assert by_key["control", "IBAN-001"][2:4] == ["-", "-"]


def test_list_for_a_machine(payroll: Payroll) -> None:
    found = json.loads(payroll("rules", "list", "--at", "2022-05-31", "--json").stdout)
    assert found["at"] == "2022-05-31"
    row = next(item for item in found["entries"] if item["id"] == "index_coefficient")
    assert (row["kind"], row["value"], row["since"]) == (
        "parameter",
        "1.8476 coefficient",
        "2022-04-01",
    )


def test_explain_a_step_shows_formula_rounding_and_figures(payroll: Payroll) -> None:
    text = payroll("rules", "explain", "step:fiscal_work_bonus", "--at", "2022-05-31").text
    for words in (
        "step:fiscal_work_bonus  Fiscal work bonus",
        "taken off the withholding tax",
        "fiscal_bonus_one_part",
        "[sourced]",
        "bonus half_up",
        "payment_date",
        "Figures on 2022-05-31",
        "33.14 percent  [UNVERIFIED] recalled, no 2022 text read",
        "fiscal_bonus_two_parts",
        "fiscal_work_bonus_very_low_percent",
    ):
        assert words in text, words


def test_explain_a_scale_aligns_its_rows_by_date(payroll: Payroll) -> None:
    lines = payroll("rules", "explain", "special_contribution_individual").text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("  2022-04-01"))
    block = lines[start + 1 : start + 7]
    assert len({len(line) for line in block}) == 1
    assert [line.split() for line in block[1:]] == [
        ["0.00", "0.00", "0"],
        ["1945.38", "0.00", "4.22"],
        ["2190.18", "10.33", "1.1"],
        ["3737.00", "27.35", "3.38"],
        ["4100.00", "39.61", "1.1"],
    ]
    assert "[sourced]" in lines[start]


@pytest.mark.parametrize("language", languages())
def test_every_entry_can_be_explained(book: RuleBook, language: str) -> None:
    for kind, found in entries(book).items():
        for entry_id, entry in found.items():
            day = date(2022, 5, 31)
            lines = list(explained(book, kind, entry_id, entry, day=day, language=language))
            assert lines[0].startswith(f"{kind}:{entry_id}  ")
            text = "\n".join(lines)
            assert str(entry.checked_on) in text
            for value in getattr(entry, "values", ()):
                status = texts.text(f"explain_{value.status}", language)
                assert f"[{status}] {value.source}" in text


def test_explain_a_control_shows_its_figures(payroll: Payroll) -> None:
    text = payroll("rules", "explain", "REG-003").text
    assert "13.07 percent  [sourced]" in text
    assert "108 percent  [sourced]" in text


def test_explain_a_control_shows_from_when_to_when_it_is_in_force(payroll: Payroll) -> None:
    lines = payroll("rules", "explain", "REG-003", language="en").text.splitlines()
    assert "Valid from: 2022-01-01" in lines
    assert "Valid to: -" in lines


def test_explain_an_unknown_id_names_near_ones(payroll: Payroll) -> None:
    done = payroll("rules", "explain", "wrok_bonus")
    assert done.code == 2
    assert "work_bonus" in done.stderr
    found = json.loads(payroll("rules", "explain", "work_bonus", "--json").stdout)
    assert [item["kind"] for item in found] == ["scale", "step"]
    rows = found[0]["entry"]["values"][4]["rows"]
    assert rows == [["1897.55", "2904.93", "233.05", "0.2313"]]


@pytest.mark.parametrize("language", languages())
def test_lint_warns_and_passes(payroll: Payroll, rules: Rules, language: str) -> None:
    folder = rules(
        ("parameters/contributions.toml", "checked_on = 2026-11-24", "checked_on = 2020-01-01"),
        ("parameters/steps.toml", '"garnishment_by_bands"', '"garnishment_by_band"'),
    )
    done = payroll("rules", "lint", "--rules", folder, language=language)
    assert done.code == 0
    assert "parameter:manual_worker_base_percent" in done.stderr
    assert "2020-01-01" in done.stderr
    assert "garnishment_by_band" in done.stderr
    assert "{" not in done.stderr
    found = json.loads(payroll("rules", "lint", "--rules", folder, "--json").stdout)
    assert {item["doubt"] for item in found["remarks"]} == {"stale", "unverified", "function"}
    assert found["policies"] == 6


def test_lint_of_a_book_that_does_not_load(payroll: Payroll, rules: Rules, tmp_path: Path) -> None:
    folder = rules(("parameters/contributions.toml", 'status = "sourced"', 'status = "sure"'))
    done = payroll("rules", "lint", "--rules", folder)
    assert done.code == 3
    assert "parameters/contributions.toml, contribution_contractual_percent" in done.stderr
    assert payroll("rules", "lint", "--rules", tmp_path / "none").code == 2


def test_diff_of_two_folders(payroll: Payroll, rules: Rules, tmp_path: Path) -> None:
    same, other = rules(name="same"), rules(CONTRIBUTION)
    done = payroll("rules", "diff", rules_folder(), same)
    assert (done.code, done.stdout) == (0, b"")
    done = payroll("rules", "diff", rules_folder(), other)
    assert done.code == 1
    assert done.text.splitlines() == [
        "~ parameter:contribution_contractual_percent  2021-01-01 value: 13.07 -> 13.1",
        "~ parameter:contribution_holiday_pay_percent  2021-01-01 value: 13.07 -> 13.1",
    ]
    found = json.loads(payroll("rules", "diff", rules_folder(), other, "--json").stdout)
    assert found == {
        "rules": [
            {
                "what": "changed",
                "kind": "parameter",
                "id": name,
                "from": "2021-01-01",
                "field": "value",
                "old": "13.07",
                "new": "13.1",
            }
            for name in ("contribution_contractual_percent", "contribution_holiday_pay_percent")
        ]
    }
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "none", tmp_path / "empty"):
        assert payroll("rules", "diff", rules_folder(), folder).code == 2
    (other / "parameters" / "steps.toml").write_text("[[step", "utf-8")
    assert payroll("rules", "diff", rules_folder(), other).code == 3


def test_diff_of_a_run_and_a_folder(payroll: Payroll, run: Path) -> None:
    """The run's own rule is all that the plain folder lacks; over the run's inputs it counts."""
    done = payroll("rules", "diff", run, rules_folder())
    assert done.code == 1
    assert [line.split()[:2] for line in done.text.splitlines()] == [
        ["-", "premium:own"],
        ["-", "premium:own"],
    ]
    done = payroll("rules", "diff", run, rules_folder(), "--against", run)
    assert done.code == 0, done.text
    assert "Total" in done.text


def test_diff_against_a_run_says_whose_pay_changes(
    payroll: Payroll, rules: Rules, run: Path
) -> None:
    other = rules(CONTRIBUTION)
    done = payroll("rules", "diff", rules_folder(), other, "--against", run, "--json")
    assert done.code == 1, done.stderr
    found = json.loads(done.stdout)
    rows = found["pay"]
    assert rows
    sizes = [abs(row["difference_cents"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    for row in rows:
        assert row["difference_cents"] == row["new_cents"] - row["old_cents"]
    assert {row["stream"] for row in rows} <= {"salaries", "bonuses"}
    for stream, total in found["totals"].items():
        gap = sum(row["difference_cents"] for row in rows if row["stream"] == stream)
        assert total["new_cents"] - total["old_cents"] == gap
    assert found["refused"] == {"old": [], "new": []}
    text = payroll("rules", "diff", rules_folder(), other, "--against", run)
    assert text.code == 1
    assert rows[0]["payee_id"] in text.text
    assert f"{len(rows)} payee" in text.stderr


def test_diff_names_who_is_held_and_a_refusal(payroll: Payroll, rules: Rules, run: Path) -> None:
    other = rules(
        (
            "controls/bank_details.toml",
            'kind = "iban_shared_within"\nseverity = "warn"',
            'kind = "iban_shared_within"\nseverity = "hold"',
        ),
        (
            "controls/bank_details.toml",
            'kind = "iban_changed"\nseverity = "hold"',
            'kind = "iban_changed"\nseverity = "warn"',
        ),
    )
    found = json.loads(
        payroll("rules", "diff", rules_folder(), other, "--against", run, "--json").stdout
    )
    assert found["newly_held"]
    assert not [row for row in found["pay"] if row["difference_cents"]]
    back = json.loads(
        payroll("rules", "diff", other, rules_folder(), "--against", run, "--json").stdout
    )
    assert sorted(map(str, back["no_longer_held"])) == sorted(map(str, found["newly_held"]))
    blocking = rules(
        (
            "controls/bank_details.toml",
            'kind = "iban_shared_within"\nseverity = "warn"',
            'kind = "iban_shared_within"\nseverity = "block"',
        ),
        name="blocking",
    )
    done = payroll("rules", "diff", rules_folder(), blocking, "--against", run)
    assert done.code == 1
    assert "New: the run would be refused (IBAN-004)." in done.stderr


def test_diff_against_an_altered_run_is_refused(
    payroll: Payroll, run: Path, tmp_path: Path
) -> None:
    copy = tmp_path / run.name
    shutil.copytree(run, copy)
    (copy / "inputs" / "payrun.toml").write_bytes(b"# nothing")
    done = payroll("rules", "diff", rules_folder(), rules_folder(), "--against", copy)
    assert done.code == 4
    assert "payrun.toml" in done.stderr
    done = payroll("rules", "diff", rules_folder(), rules_folder(), "--against", tmp_path)
    assert done.code == 2


def test_an_unverified_figure_that_shaped_pay_is_a_finding_of_the_run(run: Path) -> None:
    """The work bonus of May 2022 gives a fiscal bonus, whose share nobody verified (PARAM-001)."""
    lines = (run / "findings.csv").read_text("utf-8").splitlines()
    found = [line for line in lines if ",PARAM-001," in line]
    assert [line for line in found if ",parameter:fiscal_work_bonus_percent," in line]
    assert not [line for line in found if ",parameter:contribution_contractual_percent," in line]
    assert not [line for line in found if ",premium:own," in line]


@pytest.mark.parametrize("verb", ["lint", "list", "explain", "diff"])
@pytest.mark.parametrize("language", languages())
def test_help_has_an_example(payroll: Payroll, verb: str, language: str) -> None:
    done = payroll("rules", verb, "--help", "--lang", language)
    assert done.code == 0
    assert f"payroll rules {verb}" in done.text


def test_a_run_refuses_what_lint_refuses(payroll: Payroll, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[3] / "fixtures" / "tiny", tmp_path / "w")
    own = tmp_path / "w" / "rules" / "controls" / "own.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[[controls]]", "utf-8")
    run = payroll("run", tmp_path / "w" / "2022-05")
    assert run.code == 3
    assert "[[control]] (controls/)" in run.stderr
    assert payroll("rules", "lint", "--workspace", tmp_path / "w").stderr == run.stderr
