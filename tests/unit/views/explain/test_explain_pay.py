"""`payroll explain-pay` on a run of the small hospital: what it says, and what it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from payroll.model.errors import PayrollError, UsageError
from payroll.record.about import PayeeRecord
from payroll.record.csv import csv_bytes, read_frame
from payroll.record.files import FRAMES, file_of
from payroll.record.findings import findings_in
from payroll.store import load_run
from payroll.texts import error_lines, languages
from payroll.views.explain.explain import explain as explain_in
from payroll.views.explain.text import explanation_text
from payroll.views.explain.tree import Explanation, Part, explanation_json
from payroll.views.trace import trace
from tests.command import payroll
from tests.unit.views.explain.conftest import Recorded
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


def explain(record: PayeeRecord, language: str = "fr") -> Explanation:
    return explain_in(record, language)


def salary(recorded: Recorded, employee: str) -> Part:
    return next(part for part in explain(recorded(employee)).parts if part.stream == "salaries")


def comparable(found: Explanation) -> list[str]:
    """The French text without the run's id, which changes with the program."""
    shown = "\n".join(explanation_text(found, "fr"))
    return shown.replace(found.run_id, "RUN").splitlines()


@pytest.mark.parametrize("employee", [WORK_BONUS, GARNISHED])
def test_golden(recorded: Recorded, employee: str) -> None:
    """scripts/update_golden.py rewrites it (EXPLAIN_GOLDEN=1) and shows the difference."""
    path = GOLDEN / f"{employee}.txt"
    shown = comparable(explain(recorded(employee)))
    if os.environ.get("EXPLAIN_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(shown) + "\n", "utf-8")
    assert shown == path.read_text("utf-8").splitlines()


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("employee", SHOWN)
def test_every_language_fits_the_screen(recorded: Recorded, employee: str, language: str) -> None:
    rows = explanation_text(explain_in(recorded(employee), language), language)
    assert max(map(len, rows)) <= 100
    assert not [row for row in rows if "{" in row or "\n" in row]
    assert rows == [row.rstrip() for row in rows]


def test_dutch_and_english_say_the_same_amounts(recorded: Recorded) -> None:
    found = explain(recorded(WORK_BONUS))
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


def test_everybody_of_the_run_is_explained_and_adds_up(
    run_folder: Path, recorded: Recorded
) -> None:
    lines = read_frame((run_folder / "lines.csv").read_bytes(), FRAMES["lines"])
    staff = lines[lines["stream"].isin(["salaries", "bonuses"])]
    for employee in staff["payee_id"].unique()[::3]:
        for part in explain(recorded(employee)).parts:
            gross = sum(line.cents for line in part.gross)
            deductions = sum(item.line.cents for item in part.deductions)
            net = part.net_cents or 0
            own = part.sum_cents - part.along_cents
            assert net + (part.residual_cents or 0) + deductions == own
            if part.stream == "salaries" and part.estimate is None:
                assert gross + sum(step.sign * step.cents for step in part.steps) == net
            paid = 0 if part.payment is None else part.payment.cents
            # holiday pay goes with the salary
            assert part.stream == "holiday_pay" or paid == max(part.sum_cents, 0)


def test_a_change_of_working_time_shows_its_days(recorded: Recorded) -> None:
    part = salary(recorded, FTE_CHANGE)
    share = part.gross[0].proration
    assert share is not None
    assert share.parts == ((15, 1_000_000), (15, 500_000))
    shown = "\n".join(explanation_text(explain(recorded(FTE_CHANGE)), "fr"))
    assert "2\u202f412,99 × (15/30 + 15/30 × 50 %)" in shown
    # 10 working days at full time and 12 at half: the hours of the work bonus
    assert "2\u202f048,23 ÷ 121,6 = 16,8439…, arrondi" in shown
    assert "16,84 × 167,2 = 2\u202f815,648, arrondi" in shown


def test_absence_and_joiner_show_their_thirtieths(recorded: Recorded) -> None:
    assert salary(recorded, ABSENT).gross[0].proration is not None
    part = salary(recorded, JOINER)
    assert (part.gross[0].base_cents, part.known) == (374_545, ())
    assert [note.note for note in part.notes] == ["no_known_month"]


def test_scale_two_shows_both_parts_of_the_quotient(recorded: Recorded) -> None:
    part = salary(recorded, SCALE_TWO)
    items = [item.item for step in part.steps for item in step.items]
    assert {"quotient", "income_own", "bracket_share_own", "bracket_share_spouse"} <= set(items)


def test_what_the_law_changed_is_told_with_both_figures(recorded: Recorded) -> None:
    part = salary(recorded, WORK_BONUS)
    ((before, after),) = part.changes[0].figures
    assert before is not None
    assert [str(before.from_), str(after.from_)] == ["2022-04-01", "2022-05-01"]
    assert part.residual_cents == 0


def test_a_garnishment_and_a_bonus(recorded: Recorded) -> None:
    month, _, bonus = explain(recorded(GARNISHED)).parts
    (seized,) = month.deductions
    assert seized.note is not None
    assert seized.note.note == "garnishment_follows"
    assert seized.items[-1].cents == -seized.line.cents == 113_064
    (more,) = bonus.deductions
    assert (more.line.cents, bonus.sum_cents, bonus.payment) == (-(bonus.net_cents or 0), 0, None)


def test_a_garnishment_below_the_maximum_stays_or_is_held_to_it(recorded: Recorded) -> None:
    for employee, note, seized in (
        (KEPT, "garnishment_kept", 10_000),
        (WITHIN, "garnishment_within", None),
    ):
        (deduction,) = [
            item
            for item in salary(recorded, employee).deductions
            if item.line.component == "garnishment"
        ]
        assert deduction.note is not None
        assert deduction.note.note == note
        maximum = deduction.items[-1].cents
        assert -deduction.line.cents == (maximum if seized is None else seized)


def test_somebody_who_left_and_is_paid_nothing_is_told_why(recorded: Recorded) -> None:
    part = salary(recorded, GONE)
    assert (part.gross, part.payment) == ((), None)
    assert [note.note for note in part.notes] == ["left_before"]
    shown = "\n".join(explanation_text(explain(recorded(GONE)), "fr"))
    assert "Sortie de service avant ce mois" in shown
    assert "exports/personnel_2022-04.xlsx!Personnel!R" in shown


def test_estimates_say_why_and_how(recorded: Recorded) -> None:
    by_ratio, by_policy = salary(recorded, NOT_ON_STAFF), salary(recorded, NOT_IN_REGISTER)
    for part, why in ((by_ratio, "why_not_on_staff"), (by_policy, "why_not_in_register")):
        assert part.estimate is not None
        assert part.estimate.why.note == why
        assert not part.steps
    assert by_ratio.estimate is not None
    assert by_ratio.estimate.figure is None
    assert by_policy.estimate is not None
    assert by_policy.estimate.figure is not None
    assert by_policy.estimate.figure.figure_id == "policy:unknown_part_of_gross"
    shown = "\n".join(explanation_text(explain(recorded(NOT_IN_REGISTER)), "fr"))
    assert "ESTIMATION" in shown
    assert "RETENU par REB-008" in shown


def test_json_shape(run_folder: Path, recorded: Recorded) -> None:
    done = payroll("explain-pay", run_folder, WORK_BONUS, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == json.loads(json.dumps(explanation_json(explain(recorded(WORK_BONUS)))))
    assert {"run_id", "employee_id", "period", "facts", "parts", "findings"} <= set(found)
    part = found["parts"][0]
    step = part["steps"][0]
    assert step["step_id"] == "personal_contribution"
    item = step["items"][0]
    assert (item["item"], item["rate"]) == ("contribution_contractual", "1307/10000")
    figure = item["figure"]
    assert figure["figure_id"] == "parameter:contribution_contractual_percent"
    assert {"value", "from", "status", "source", "title"} <= set(figure)


def with_file(
    record: PayeeRecord, frame: str, change: Callable[[pd.DataFrame], None]
) -> PayeeRecord:
    """The record with one of its files changed, and the manifest's digest with it."""
    schema = FRAMES[frame]
    rows = read_frame(record.files[file_of(frame)], schema)
    change(rows)
    files = {**record.files, file_of(frame): csv_bytes(rows)}
    return replace(record, files=files)


def more(
    column: str, by: int = 1, *, of: str = "payee_id", who: str = WORK_BONUS
) -> Callable[[pd.DataFrame], None]:
    """A cent more, or some, in a column of a person's first row."""

    def change(rows: pd.DataFrame) -> None:
        rows.loc[rows.index[rows[of] == who][0], column] += by

    return change


@pytest.mark.parametrize(
    ("frame", "column", "by"),
    [
        ("lines", "amount_cents", 1),
        ("payments", "amount_cents", 1),
        ("people", "gross_cents", 1),
        ("people", "nsso_cents", 100),
        ("people", "children", 1),
        ("people", "known_gross_cents", 1),
        ("people", "known_nsso_cents", 100),
        ("backtest", "net_known_cents", 1),
        ("backtest", "withholding_rebuilt_cents", 1),
        ("changes", "law_cents", 1),
    ],
)
def test_a_record_that_does_not_agree_with_itself_is_refused(
    recorded: Recorded, frame: str, column: str, by: int
) -> None:
    changed = with_file(recorded(WORK_BONUS), frame, more(column, by))
    with pytest.raises(PayrollError) as caught:
        explain(changed)
    assert (caught.value.error_id, caught.value.exit_code) == ("explain_differs", 3)
    assert "rien n'est montré" in error_lines(caught.value, "fr")[0]
    assert explain(replace(changed, payee_id=SCALE_TWO)).parts  # others are as they were


def test_a_line_and_its_payment_changed_alike_are_refused_all_the_same(recorded: Recorded) -> None:
    def withheld(rows: pd.DataFrame) -> None:
        mine = (rows["payee_id"] == WORK_BONUS) & (rows["component"] == "withholding")
        rows.loc[mine, "amount_cents"] += 1

    changed = with_file(recorded(WORK_BONUS), "lines", withheld)
    changed = with_file(changed, "payments", more("amount_cents"))
    with pytest.raises(PayrollError, match="explain_differs"):
        explain(changed)


def test_a_line_that_is_not_the_product_of_its_factors_is_refused(recorded: Recorded) -> None:
    record = recorded(FTE_CHANGE)
    line_id = salary(recorded, FTE_CHANGE).gross[0].line_id
    changed = with_file(record, "line_sums", more("numerator", of="line_id", who=line_id))
    assert explain(changed).parts[0].gross[0].cents  # a millionth of a day moves no cent ...
    assert explain(changed).parts[0].gross[0].proration is None  # ... but tells no days any more
    changed = with_file(record, "line_sums", more("base", 2, of="line_id", who=line_id))
    with pytest.raises(PayrollError, match="explain_differs"):
        explain(changed)


def test_days_that_quantity_and_rate_do_not_tell_are_shown_as_a_share(recorded: Recorded) -> None:
    """The working time came back within the month: the rate names it once, the days do not tell."""

    def came_back(rows: pd.DataFrame) -> None:
        mine = (rows["payee_id"] == FTE_CHANGE) & (rows["quantity"] != "")
        mine &= ~rows["component"].str.startswith("holiday_pay")
        rows.loc[mine, "quantity"] = "12/30 + 18/30"

    found = explain(with_file(recorded(FTE_CHANGE), "lines", came_back))
    line = found.parts[0].gross[0]
    assert (line.proration, line.share) == (None, Fraction(3, 4))
    assert "2\u202f412,99 × 75 %" in "\n".join(explanation_text(found, "fr"))


def test_a_payment_of_an_earlier_run_is_shown_with_the_reason(recorded: Recorded) -> None:
    """Who was paid by an earlier run is explained, too; the first run alone could be, once."""
    record = recorded(WORK_BONUS)
    payments = read_frame(record.files["payments.csv"], FRAMES["payments"])
    mine = payments["payee_id"] == WORK_BONUS
    counts = {**record.counts, "already-paid.csv": int(mine.sum())}
    files = {
        **record.files,
        "payments.csv": csv_bytes(payments[~mine]),
        "already-paid.csv": csv_bytes(payments[mine]),
    }
    found = explain(replace(record, files=files, counts=counts))
    assert found.parts[0].payment is not None
    assert found.parts[0].payment.status == "already_paid"
    assert "Released by an earlier run" in "\n".join(explanation_text(found, "en"))


def test_only_the_record_and_the_rules_of_pay_are_read(recorded: Recorded) -> None:
    """No source, no control, no format, no bank; and one person's rows are all that is needed.

    In the employer's language: the words of a finding in another are those of its control.
    """
    record = recorded(GARNISHED)
    needed = (
        "inputs/payrun.toml",
        "inputs/employer.toml",
        "rulebook/parameters/",
        "rulebook/scales/",
    )
    files = {name: record.files[name] for name in record.files if name.startswith(needed)}
    for frame, schema in FRAMES.items():
        rows = read_frame(record.files[file_of(frame)], schema)
        names = {"findings": "subject_id", "line_sums": "line_id"}
        column = names.get(frame, "payee_id")
        own = {line["line_id"] for line in record.lines} | {GARNISHED}
        if column in rows:
            rows = rows[rows[column].isin(own)]
        files[file_of(frame)] = csv_bytes(rows)
    assert explain(replace(record, files=files)) == explain(record)


def test_a_run_of_an_older_program_is_told_so(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / run_folder.name
    shutil.copytree(run_folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    del manifest["files"]["people.csv"]
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    done = payroll("explain-pay", copy, WORK_BONUS, "--lang", "en")
    assert done.returncode == 4
    assert "people.csv: This file of the run is missing" in done.stderr
    del manifest["rows"]
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert "manifest.json: This file" in payroll("explain-pay", copy, "1", "--lang", "en").stderr


def test_what_it_does_not_need_is_not_imported(run_folder: Path) -> None:
    """Half a second for one person: without pandas, and nothing that reads or rebuilds."""
    code = (
        "import sys\n"
        "from payroll.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "explain-pay", str(run_folder), WORK_BONUS],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    loaded = done.stdout.rpartition("LOADED ")[2]
    assert "'payroll.views.explain.explain'" in loaded
    for name in ("pandas", "ingest", "rebuild", "checks", "pipeline", "record.run", "sepa"):
        assert f"'{name}'" not in loaded
        assert f"'payroll.{name}'" not in loaded


def test_a_changed_file_is_refused(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / run_folder.name
    shutil.copytree(run_folder, copy)
    (copy / "review.xlsx").write_bytes(b"opened and saved by somebody")
    assert payroll("explain-pay", copy, WORK_BONUS).returncode == 0
    rules = copy / "rulebook" / "scales" / "work_bonus.toml"
    rules.write_bytes(rules.read_bytes().replace(b"233.05", b"233.06"))
    done = payroll("explain-pay", copy, WORK_BONUS)
    assert done.returncode == 4
    assert "rulebook/scales/work_bonus.toml" in done.stderr
    assert done.stdout == ""


def test_an_unknown_person_is_a_usage_error_with_near_ids(
    recorded: Recorded, run_folder: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        explain(recorded(WORK_BONUS[1:]))
    assert WORK_BONUS in caught.value.params["near"]
    done = payroll("explain-pay", run_folder, "nobody")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


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


@pytest.mark.parametrize("language", languages())
def test_help_has_an_example(language: str) -> None:
    done = payroll("explain-pay", "--help", "--lang", language)
    assert "payroll explain-pay 2022-05/runs/" in done.stdout


@pytest.mark.parametrize("language", languages())
def test_findings_are_said_in_the_readers_language(
    run_folder: Path, recorded: Recorded, language: str
) -> None:
    run = load_run(run_folder).run
    found = findings_in(run, language)
    told = 0
    for employee in SHOWN:
        own = found[(found["subject_id"] == employee) & (found["subject_kind"] == "employee")]
        said = [row[2] for row in explain(recorded(employee), language).findings]
        assert said == own["message"].tolist()
        traced = trace(run, employee, language)
        assert traced is not None
        shown = {str(row["message"]) for part in traced.payments for row in part.findings}
        assert shown <= set(said)
        told += len(said)
    assert told > 5
