"""Decisions from outside: list, decide, sheet, next run; nothing recorded when something errs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from payroll.model.errors import UsageError
from payroll.release.decide import Wish, decide, decision_context
from tests.command import payroll
from tests.test_end_to_end import FIXTURE

WHO = ("--by", "Zoé Modèle", "--reason", "confirmé au numéro connu", "--evidence", "note 12")


def ran(month: Path) -> Path:
    return Path(payroll("run", month).stdout.strip())


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the sample before any decision, built once; a test works on a copy."""
    workspace = tmp_path_factory.mktemp("first") / "w"
    shutil.copytree(FIXTURE, workspace)
    return ran(workspace / "2022-05")


@pytest.fixture
def run(first_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(first_run.parents[2], tmp_path / "w")
    return tmp_path / "w" / "2022-05" / "runs" / first_run.name


@pytest.fixture
def month(run: Path) -> Path:
    return run.parents[1]


def waiting(run: Path) -> dict[str, dict[str, str]]:
    """By rule the findings to decide (the last one of a rule)."""
    return {row["rule_id"]: row for row in json.loads(payroll("decide", run, "--json").stdout)}


def rows(run: Path, name: str) -> list[dict[str, str]]:
    with (run / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def status(run: Path, payee: str) -> set[str]:
    return {row["status"] for row in rows(run, "payments") if row["payee_id"] == payee}


def test_decide_run_again_and_only_that_payee_moves(month: Path, run: Path) -> None:
    found = waiting(run)["BACK-001"]
    assert status(run, found["subject_id"]) >= {"held"}
    done = payroll("decide", run, found["finding_id"][:9], "--pay", *WHO)
    assert done.returncode == 0, done.stderr
    again = ran(month)
    assert again != run
    assert (again / "inputs" / "decisions.toml").read_bytes() == (
        month / "decisions.toml"
    ).read_bytes()
    moved = {
        (old["payee_id"], old["status"], new["status"])
        for old, new in zip(rows(run, "payments"), rows(again, "payments"), strict=True)
        if old["status"] != new["status"]
    }
    assert moved == {(found["subject_id"], "held", "pay")}
    decided = [row["decision"] for row in rows(again, "findings") if row["decision"]]
    assert len(decided) == 1
    assert decided[0].startswith("pay: Zoé Modèle")
    manifest = json.loads((again / "manifest.json").read_bytes())
    assert [item["finding"] for item in manifest["decisions"]] == [found["finding_id"]]
    assert payroll("verify", again).returncode == 0
    assert (month / "decisions.toml").stat().st_mode & 0o077 == 0


def test_two_people_in_turn(month: Path, run: Path) -> None:
    found = waiting(run)["DUP-011"]
    assert payroll("decide", run, found["finding_id"], "--pay", *WHO).returncode == 0
    assert status(ran(month), found["subject_id"]) == {"held"}
    same = payroll("decide", run, found["finding_id"], "--pay", *WHO)
    assert same.returncode == 2
    second = ("--by", "Noëlle Fictif", *WHO[2:])
    assert payroll("decide", run, found["finding_id"], "--pay", *second).returncode == 0
    assert status(ran(month), found["subject_id"]) == {"pay"}


def filled(run: Path, tmp_path: Path, values: dict[str, tuple[str, ...]], sheet: str) -> Path:
    """A copy of the review workbook with decisions typed in, by rule."""
    book = openpyxl.load_workbook(run / "review.xlsx")
    page = book[sheet]
    for row in page.iter_rows(min_row=6):
        for cell, value in zip(row[-6:], values.get(str(row[2].value), ()), strict=False):
            cell.value = value
    path = tmp_path / "rempli.xlsx"
    book.save(path)
    return path


def test_the_sheet_filled_in_is_read_back(month: Path, run: Path, tmp_path: Path) -> None:
    entries = {
        "BACK-001": ("payer", "Zoé Modèle", "fiche de paie vue", "classeur 3"),
        "DUP-011": ("PAYER", "Zoé Modèle", "deux livraisons", "BL 7", "Noëlle Fictif", "BL 8"),
        "REB-009": ("retenir", "Zoé Modèle", "décès confirmé", "avis"),
    }
    path = filled(run, tmp_path, entries, "Décisions")
    done = payroll("decide", run, "--from", path)
    assert done.returncode == 0, done.stderr
    assert (month / "decisions.toml").read_text("utf-8").count("[[decision]]") == 4
    again = ran(month)
    before, after = waiting(run), waiting(again)
    assert set(before) - set(after) == {"BACK-001", "DUP-011", "REB-009"}
    assert status(again, before["DUP-011"]["subject_id"]) == {"pay"}
    assert status(again, before["REB-009"]["subject_id"]) == {"held"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("peut-être", "Zoé Modèle", "vu", "pièce"), "Décisions!R"),
        (("payer", "", "vu avec elle", "pièce"), "Décisions!R"),
        (("payer", "Zoé Modèle", "", "pièce"), "Décisions!R"),
    ],
)
def test_one_wrong_row_records_nothing(
    month: Path, run: Path, tmp_path: Path, entry: tuple[str, ...], said: str
) -> None:
    good = ("payer", "Zoé Modèle", "fiche de paie vue", "classeur 3")
    path = filled(run, tmp_path, {"BACK-001": good, "DUP-011": entry}, "Décisions")
    done = payroll("decide", run, "--from", path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (month / "decisions.toml").exists()


def test_what_cannot_be_decided_says_why(month: Path, run: Path, tmp_path: Path) -> None:
    never = waiting(run)["IBAN-002"]["finding_id"]
    warning = next(
        row
        for row in rows(run, "findings")
        if row["severity"] == "warn" and row["subject_kind"] == "employee"
    )
    of_run = next(row for row in rows(run, "findings") if row["subject_kind"] == "run")
    for arguments in (
        (never, "--pay", *WHO),
        (warning["finding_id"], "--pay", *WHO),
        (of_run["finding_id"], "--hold", *WHO),
        ("F-000000000000", "--pay", *WHO),
        ("F-", "--pay", *WHO),
        (never, "--pay"),
        (never,),
        ("--from", tmp_path),
        ("--from", run / "payments.csv"),
        (warning["finding_id"], "--pay", "--hold", *WHO),
    ):
        done = payroll("decide", run, *arguments)
        assert done.returncode in (2, 4), arguments
        assert "Traceback" not in done.stderr
    assert not (month / "decisions.toml").exists()
    assert payroll("decide", run, warning["finding_id"], "--hold", *WHO).returncode == 0
    assert "held" in status(ran(month), warning["subject_id"])


def test_who_decides_on_an_older_run_is_told_of_the_newer_one(run: Path) -> None:
    assert "newer run" not in payroll("decide", run, "--lang", "en").stderr
    newer = run.with_name("2022-05-ffffff")
    newer.mkdir()
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["created_at"] = "2099-01-01T00:00:00"
    (newer / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    broken = run.with_name("2022-05-eeeeee")
    broken.mkdir()
    (broken / "manifest.json").write_text("[]", "utf-8")
    assert "a newer run exists, 2022-05-ffffff" in payroll("decide", run, "--lang", "en").stderr


def test_whoever_typed_the_adjustment_does_not_clear_it(month: Path, run: Path) -> None:
    deceased = waiting(run)["REB-009"]
    book = openpyxl.load_workbook(month / "adjustments" / "ajustements_2022-05.xlsx")
    table = [
        [str(cell or "").strip() for cell in row] for row in book.active.iter_rows(values_only=True)
    ]
    heading = next(row for row in table if "Encodé par" in row)
    typist = next(
        row[heading.index("Encodé par")]
        for row in table
        if row[heading.index("N° bénéficiaire")] == deceased["subject_id"]
    )
    refused = payroll("decide", run, deceased["finding_id"], "--pay", "--by", typist, *WHO[2:])
    assert refused.returncode == 2
    assert not (month / "decisions.toml").exists()


def test_a_refused_month_is_decided_on_its_folder(tmp_path: Path) -> None:
    """The employer's own rule blocks below 100 %; a block leaves no run folder to decide on."""
    shutil.copytree(FIXTURE, tmp_path / "w")
    month = tmp_path / "w" / "2022-05"
    shipped = Path(__file__).parent.parent / "rules" / "controls" / "backtest.toml"
    entry = "[[control]]" + shipped.read_text("utf-8").split("[[control]]")[2]
    entry = entry.replace('severity = "warn"', 'severity = "block"')
    own = month.parent / "rules" / "controls" / "own.toml"
    own.parent.mkdir(parents=True)
    own.write_text(entry.replace("minimum_percent = 80", "minimum_percent = 100"), "utf-8")
    refused = payroll("run", month)
    assert refused.returncode == 3
    assert not (month / "runs").exists()
    found = waiting(month)["BACK-002"]["finding_id"]
    assert found in refused.stderr
    assert payroll("decide", month, found, "--pay", *WHO).returncode == 0
    assert payroll("run", month).returncode == 1


def test_an_altered_run_is_no_ground_for_a_decision(run: Path) -> None:
    found = waiting(run)["BACK-001"]["finding_id"]
    path = run / "findings.csv"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"BACK-001", b"BACK-002"))
    done = payroll("decide", run, found, "--pay", *WHO)
    assert done.returncode == 4
    assert "findings.csv" in done.stderr


@pytest.mark.parametrize("ending", ["", ".xlsx", ".html"])
def test_the_next_review_sees_only_what_moved(
    month: Path, run: Path, tmp_path: Path, ending: str
) -> None:
    """A run compared with the one before its decision: one status, not one cent."""
    found = waiting(run)["BACK-001"]
    payroll("decide", run, found["finding_id"], "--pay", *WHO)
    out = ("-o", tmp_path / f"ecart{ending}") if ending else ("--json",)
    done = payroll("diff", run, ran(month), *out)
    assert done.returncode == 1, done.stderr
    if ending:
        assert (tmp_path / f"ecart{ending}").stat().st_size > 1_000
        return
    assert found["subject_id"] in done.stdout
    assert payroll("diff", run, run).returncode == 0


def test_what_waits_is_told_in_the_readers_language(run: Path) -> None:
    wanted = {"fr": "les règles donnent", "nl": "de regels geven", "en": "the rules give"}
    for language, words in wanted.items():
        told = payroll("decide", run, "--lang", language)
        assert words in told.stdout, language
        rows = json.loads(payroll("decide", run, "--json", "--lang", language).stdout)
        assert words in next(row["message"] for row in rows if row["rule_id"] == "BACK-001")


def test_a_folder_and_its_month_are_decided_on_alike(month: Path, run: Path) -> None:
    """The record of a folder, and the run of a month as it is built: one and the same context."""
    folder, built = decision_context(run), decision_context(month)
    assert folder.month == built.month == month
    for language in ("fr", "nl", "en"):
        assert folder.waiting(language).equals(built.waiting(language))
    for name in ("findings", "adjustments"):
        assert folder.run.frames[name].equals(built.run.frames[name])


def test_a_folder_is_read_never_built_again(
    month: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who typed what stands in the record: no source is read a second time."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the month is not built again")

    monkeypatch.setattr("payroll.release.decide.build_run", never)
    monkeypatch.setattr("payroll.release.decide.load_payrun", never)
    context = decision_context(run)
    typist = context.run.frames["adjustments"]["entered_by"].iloc[0]
    found = context.waiting("en").set_index("rule_id").loc["REB-009"]
    wish = Wish(
        finding=str(found["finding_id"]), action="pay", by=typist, reason="seen", evidence="none"
    )
    with pytest.raises(UsageError) as refused:
        decide(context, [wish])
    assert refused.value.error_id == "decision_own_adjustment"
    assert not (month / "decisions.toml").exists()
