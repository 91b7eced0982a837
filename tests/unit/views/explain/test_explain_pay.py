"""`payroll explain-pay` on a run of the small hospital: what it says, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from payroll.model.errors import PayrollError, UsageError
from payroll.texts import LANGUAGES, error_lines
from payroll.views.explain import source as source_module
from payroll.views.explain.build import Stored, explain_pay
from payroll.views.explain.text import explanation_text
from payroll.views.explain.tree import Explanation, Part, explanation_json
from tests.unit.views.explain.explained import (
    ABSENT,
    FTE_CHANGE,
    GARNISHED,
    GONE,
    JOINER,
    KEPT,
    NOT_IN_REGISTER,
    NOT_ON_STAFF,
    SCALE_TWO,
    STATUTORY,
    WITHIN,
    WORK_BONUS,
)

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "explain-pay"
SHOWN = (
    WORK_BONUS,
    FTE_CHANGE,
    ABSENT,
    JOINER,
    STATUTORY,
    SCALE_TWO,
    GARNISHED,
    NOT_ON_STAFF,
    NOT_IN_REGISTER,
    GONE,
    KEPT,
    WITHIN,
)


def payroll(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PAYROLL_DEBUG"}
    return subprocess.run(
        [sys.executable, "-m", "payroll", *(str(item) for item in arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment,
    )


def salary(stored: Stored, employee: str) -> Part:
    return next(part for part in explain_pay(stored, employee).parts if part.stream == "salaries")


def comparable(found: Explanation) -> list[str]:
    """The French text without the run's id, which changes with the program."""
    shown = "\n".join(explanation_text(found, "fr"))
    return shown.replace(found.run_id, "RUN").splitlines()


@pytest.mark.parametrize("employee", [WORK_BONUS, GARNISHED])
def test_golden(stored: Stored, employee: str) -> None:
    """scripts/update_golden.py rewrites it (EXPLAIN_GOLDEN=1) and shows the difference."""
    path = GOLDEN / f"{employee}.txt"
    shown = comparable(explain_pay(stored, employee))
    if os.environ.get("EXPLAIN_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(shown) + "\n", "utf-8")
    assert shown == path.read_text("utf-8").splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("employee", SHOWN)
def test_every_language_fits_the_screen(stored: Stored, employee: str, language: str) -> None:
    rows = explanation_text(explain_pay(stored, employee), language)
    assert max(map(len, rows)) <= 100
    assert not [row for row in rows if "{" in row or "\n" in row]
    assert rows == [row.rstrip() for row in rows]


def test_dutch_and_english_say_the_same_amounts(stored: Stored) -> None:
    found = explain_pay(stored, WORK_BONUS)
    dutch, english = ("\n".join(explanation_text(found, name)) for name in ("nl", "en"))
    for words in (
        "Persoonlijke RSZ-bijdrage",
        "2.086,21 × 13,07 %",
        "Werkbonus",
        "De bekende maand, april 2022",
    ):
        assert words in dutch
    for words in ("Work bonus", "2,086.21 × 13.07%", "The known month, April 2022"):
        assert words in english


def test_everybody_of_the_run_is_explained_and_adds_up(stored: Stored) -> None:
    staff = stored.lines[stored.lines["stream"].isin(["salaries", "bonuses"])]
    for employee in staff["payee_id"].unique()[::3]:
        for part in explain_pay(stored, employee).parts:
            gross = sum(line.cents for line in part.gross)
            deductions = sum(item.line.cents for item in part.deductions)
            net = part.net_cents or 0
            assert net + (part.residual_cents or 0) + deductions == part.sum_cents
            if part.stream == "salaries" and part.estimate is None:
                assert gross + sum(step.sign * step.cents for step in part.steps) == net
            paid = 0 if part.payment is None else part.payment.cents
            assert paid == max(part.sum_cents, 0)


def test_a_change_of_working_time_shows_its_days(stored: Stored) -> None:
    part = salary(stored, FTE_CHANGE)
    share = part.gross[0].proration
    assert share is not None
    assert share.parts == ((15, 1_000_000), (15, 500_000))
    shown = "\n".join(explanation_text(explain_pay(stored, FTE_CHANGE), "fr"))
    assert "2\u202f412,99 × (15/30 + 15/30 × 50 %)" in shown
    assert "÷ 75 % = " in shown  # the reference wage of the work bonus


def test_absence_and_joiner_show_their_thirtieths(stored: Stored) -> None:
    assert salary(stored, ABSENT).gross[0].proration is not None
    part = salary(stored, JOINER)
    assert (part.gross[0].base_cents, part.known) == (374_545, ())
    assert [note.note for note in part.notes] == ["no_known_month"]


def test_scale_two_shows_both_parts_of_the_quotient(stored: Stored) -> None:
    part = salary(stored, SCALE_TWO)
    items = [item.item for step in part.steps for item in step.items]
    assert {"quotient", "income_own", "bracket_share_own", "bracket_share_spouse"} <= set(items)


def test_what_the_law_changed_is_told_with_both_figures(stored: Stored) -> None:
    part = salary(stored, WORK_BONUS)
    ((before, after),) = part.changes[0].figures
    assert before is not None
    assert [str(before.from_), str(after.from_)] == ["2022-04-01", "2022-05-01"]
    assert part.residual_cents == 0


def test_a_garnishment_and_a_bonus(stored: Stored) -> None:
    month, bonus = explain_pay(stored, GARNISHED).parts
    (seized,) = month.deductions
    assert seized.note is not None
    assert seized.note.note == "garnishment_follows"
    assert seized.items[-1].cents == -seized.line.cents == 113_064
    (more,) = bonus.deductions
    assert (more.line.cents, bonus.sum_cents, bonus.payment) == (-(bonus.net_cents or 0), 0, None)


def test_a_garnishment_below_the_maximum_stays_or_is_held_to_it(stored: Stored) -> None:
    for employee, note, seized in (
        (KEPT, "garnishment_kept", 10_000),
        (WITHIN, "garnishment_within", None),
    ):
        (deduction,) = [
            item
            for item in salary(stored, employee).deductions
            if item.line.component == "garnishment"
        ]
        assert deduction.note is not None
        assert deduction.note.note == note
        maximum = deduction.items[-1].cents
        assert -deduction.line.cents == (maximum if seized is None else seized)


def test_somebody_who_left_and_is_paid_nothing_is_told_why(stored: Stored) -> None:
    part = salary(stored, GONE)
    assert (part.gross, part.payment) == ((), None)
    assert [note.note for note in part.notes] == ["left_before"]
    shown = "\n".join(explanation_text(explain_pay(stored, GONE), "fr"))
    assert "Sortie de service avant ce mois" in shown
    assert "exports/personnel_2022-04.xlsx!Personnel!R" in shown


def test_estimates_say_why_and_how(stored: Stored) -> None:
    by_ratio, by_policy = salary(stored, NOT_ON_STAFF), salary(stored, NOT_IN_REGISTER)
    for part, why in ((by_ratio, "why_not_on_staff"), (by_policy, "why_not_in_register")):
        assert part.estimate is not None
        assert part.estimate.why.note == why
        assert not part.steps
    assert by_ratio.estimate is not None
    assert by_ratio.estimate.figure is None
    assert by_policy.estimate is not None
    assert by_policy.estimate.figure is not None
    assert by_policy.estimate.figure.figure_id == "policy:unknown_part_of_gross"
    shown = "\n".join(explanation_text(explain_pay(stored, NOT_IN_REGISTER), "fr"))
    assert "ESTIMATION" in shown
    assert "RETENU par REB-008" in shown


def test_json_shape(run_folder: Path, stored: Stored) -> None:
    done = payroll("explain-pay", run_folder, WORK_BONUS, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == json.loads(json.dumps(explanation_json(explain_pay(stored, WORK_BONUS))))
    assert {"run_id", "employee_id", "period", "facts", "parts", "findings"} <= set(found)
    part = found["parts"][0]
    step = part["steps"][0]
    assert step["step_id"] == "personal_contribution"
    item = step["items"][0]
    assert (item["item"], item["rate"]) == ("contribution_contractual", "1307/10000")
    figure = item["figure"]
    assert figure["figure_id"] == "parameter:contribution_contractual_percent"
    assert {"value", "from", "status", "source", "title"} <= set(figure)


def test_a_run_that_says_something_else_is_refused(stored: Stored) -> None:
    lines, payments = stored.lines.copy(), stored.payments.copy()
    mine = lines["payee_id"] == WORK_BONUS
    lines.loc[mine & (lines["component"] == "withholding"), "amount_cents"] += 1
    payments.loc[payments["payee_id"] == WORK_BONUS, "amount_cents"] += 1
    for changed in (replace(stored, lines=lines), replace(stored, payments=payments)):
        with pytest.raises(PayrollError) as caught:
            explain_pay(changed, WORK_BONUS)
        assert (caught.value.error_id, caught.value.exit_code) == ("explain_differs", 3)
        assert "rien n'est montré" in error_lines(caught.value, "fr")[0]
    assert explain_pay(replace(stored, lines=lines), FTE_CHANGE).parts  # others are as they were


def test_a_changed_file_is_refused(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / run_folder.name
    shutil.copytree(run_folder, copy)
    (copy / "review.xlsx").write_bytes(b"opened and saved by somebody")
    assert payroll("explain-pay", copy, WORK_BONUS).returncode == 0
    rules = copy / "rulebook" / "scales" / "work_bonus.toml"
    rules.write_bytes(rules.read_bytes().replace(b"233.05", b"233.06"))
    done = payroll("explain-pay", copy, WORK_BONUS)
    assert done.returncode == 3
    assert "rulebook/scales/work_bonus.toml" in done.stderr
    assert done.stdout == ""


def test_an_unknown_person_is_a_usage_error_with_near_ids(stored: Stored, run_folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        explain_pay(stored, WORK_BONUS[1:])
    assert WORK_BONUS in caught.value.params["near"]
    done = payroll("explain-pay", run_folder, "nobody")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_where_one_persons_rows_do_not_decide_all_rows_are_used(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should somebody else's data ever shape a line, the whole month is rebuilt instead."""
    expected = explain_pay(stored, WORK_BONUS)
    only = source_module._only
    seen = []
    monkeypatch.setattr(source_module, "_only", lambda tables, _: only(tables, "nobody"))
    original = source_module._rebuilt
    monkeypatch.setattr(
        source_module,
        "_rebuilt",
        lambda run, tables, employee: (
            seen.append(len(tables["employees"])) or original(run, tables, employee)
        ),
    )
    assert explain_pay(stored, WORK_BONUS).parts[0].steps == expected.parts[0].steps
    assert seen[0] == 0
    assert seen[1] > 1


def test_trace_tells_rules_by_title_and_keeps_ids_in_json(run_folder: Path) -> None:
    done = payroll("trace", run_folder, WORK_BONUS, "--lang", "fr")
    assert done.returncode == 0, done.stderr
    for words in (
        "▸ Précompte professionnel · depuis le 01/01/2021 · sourcé",
        "loi modifiée",
        f"payroll explain-pay {run_folder} {WORK_BONUS}",
    ):
        assert words in done.stdout.replace("\u00a0", " ")
    assert "step:" not in done.stdout
    assert "change:" not in done.stdout
    data = json.loads(payroll("trace", run_folder, WORK_BONUS, "--json").stdout)
    rules = {line["rule_id"] for part in data["payments"] for line in part["lines"]}
    assert "step:personal_contribution" in rules


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_has_an_example(language: str) -> None:
    done = payroll("explain-pay", "--help", "--lang", language)
    assert "payroll explain-pay 2022-05/runs/" in done.stdout
