"""A run folder damaged by whoever also made its manifest say so: a refusal that names the file.

What is written is always read back; what is read is what a run writes. Everything else is said as
DamagedInputError (exit code 4) by every verb that reads a run, never as an error of the program.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from payroll.model.errors import DamagedInputError
from payroll.record.csv import csv_bytes
from payroll.record.files import FRAMES, StoredFrames, file_of
from tests.command import payroll
from tests.error_cases import TINY

#: Who has a salary, a finding and an invoice in fixtures/tiny.
EMPLOYEE = "024211"
VERBS: dict[str, tuple[str, ...]] = {
    "trace": ("RUN", EMPLOYEE),
    "explain-pay": ("RUN", EMPLOYEE),
    "diff": ("SOUND", "RUN"),
    "decide": ("RUN",),
    "verify": ("RUN",),
    "approve": ("RUN", "--by", "Zoé Modèle"),
    "release": ("RUN", "--by", "Zoé Modèle"),
}
#: Verbs that read the frame: whoever does not read a file does not miss it.
READ_BY = {
    "payments.csv": ("trace", "explain-pay", "diff", "approve", "release"),
    "lines.csv": ("trace", "explain-pay", "diff"),
    "findings.csv": ("trace", "diff", "decide"),
    "line-sums.csv": ("explain-pay",),
    "people.csv": ("explain-pay",),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody touched."""
    workspace = tmp_path_factory.mktemp("sound") / "w"
    shutil.copytree(TINY, workspace)
    assert payroll("run", workspace / "2022-05").returncode in (0, 1)
    return next((workspace / "2022-05/runs").iterdir())


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A copy of its workspace, to be damaged."""
    shutil.copytree(sound.parents[2], tmp_path / "w")
    return tmp_path / "w" / "2022-05/runs" / sound.name


def relist(run: Path) -> None:
    """Make the manifest say what the files are now."""
    path = run / "manifest.json"
    manifest = json.loads(path.read_bytes())
    files = [item for item in sorted(run.rglob("*")) if item.is_file() and item != path]
    manifest["files"] = {
        item.relative_to(run).as_posix(): hashlib.sha256(item.read_bytes()).hexdigest()
        for item in files
    }
    path.write_text(json.dumps(manifest), "utf-8")


def told(verb: str, sound: Path, run: Path) -> tuple[int, str]:
    places = {"RUN": run, "SOUND": sound}
    done = payroll(verb, *(places.get(word, word) for word in VERBS[verb]))
    assert done.returncode != 70, (verb, done.stderr)
    return done.returncode, done.stderr


def cell(column: str, value: str) -> Callable[[bytes], bytes]:
    """A change of every value of a column, whose cells hold no comma."""

    def change(content: bytes) -> bytes:
        rows = [line.split(",") for line in content.decode().splitlines()]
        place = rows[0].index(column)
        for row in rows[1:]:
            row[place] = value
        return "".join(",".join(row) + "\n" for row in rows).encode()

    return change


DAMAGES: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("payments.csv", "!R", lambda content: content + b'"'),
    ("lines.csv", "!R", lambda content: content[:-60]),
    ("findings.csv", "!R", lambda content: content.replace(b"\n", b'\n"', 2)),
    ("payments.csv", "!R1", lambda content: content.replace(b"status", b"state", 1)),
    ("findings.csv", "!R2", lambda content: content.replace(b"\n", b"\n\xff", 1)),
    ("people.csv", "!R2, gross_cents", cell("gross_cents", "9" * 23)),
    ("people.csv", "!R2, in_register", cell("in_register", "2")),
    ("people.csv", "!R2, children", cell("children", "\u0663")),
]


@pytest.mark.parametrize(("file", "place", "change"), DAMAGES)
def test_a_file_that_no_run_writes_is_named(
    file: str, place: str, change: Callable[[bytes], bytes], sound: Path, run: Path
) -> None:
    path = run / file
    path.write_bytes(change(path.read_bytes()))
    relist(run)
    for verb in READ_BY[file]:
        code, stderr = told(verb, sound, run)
        assert code == 4, (verb, stderr)
        whole = verb in ("approve", "release")  # they build the run again: the file says enough
        assert (file if whole else f"{file}{place}") in stderr, (verb, stderr)
    assert told("verify", sound, run)[0] in (1, 4)


#: Column -> a value that is none of it, wherever a frame has the column.
ODD = {
    "stream": "bonusses",
    "status": "paid",
    "severity": "fatal",
    "subject_kind": "person",
    "payee_kind": "person",
    "basis": "guess",
    "rounding": "up",
    "legal_nature": "gift",
    "state": "lost",
    "denominator": "-1",
    "earning_period": "2022-13",
    "execution_date": "tomorrow",
}


def test_every_closed_list_is_known_to_its_schema() -> None:
    for schema in FRAMES.values():
        known = {*schema.closed, *schema.forms, *schema.positive}
        assert set(ODD) & set(schema.columns) <= known, schema.name


@pytest.mark.parametrize("column", ODD)
def test_a_value_of_no_closed_list_is_refused_with_file_row_and_column(
    column: str, sound: Path
) -> None:
    tried = 0
    for name, schema in FRAMES.items():
        file = file_of(name)
        frame = StoredFrames({file: (sound / file).read_bytes()}, "run")[name]
        if column not in schema.columns or frame.empty:
            continue
        value = int(ODD[column]) if column == "denominator" else ODD[column]
        content = csv_bytes(frame.assign(**{column: value}))
        with pytest.raises(DamagedInputError) as refused:
            StoredFrames({file: content}, "run")[name]
        assert refused.value.error_id == "run_file_unreadable"
        assert refused.value.where == f"run/{file}!R2, {column}"
        tried += 1
    assert tried


def test_a_nature_that_no_component_has_is_refused() -> None:
    schema = FRAMES["not_carried_over"]
    row = ["0" if name == "amount_cents" else "odd" for name in schema.columns]
    content = f"{','.join(schema.columns)}\n{','.join(row)}\n".encode()
    with pytest.raises(DamagedInputError) as refused:
        StoredFrames({"not-carried-over.csv": content}, "run")["not_carried_over"]
    assert refused.value.where == "run/not-carried-over.csv!R2, nature"


@pytest.mark.parametrize(
    "gone",
    [
        "inputs",
        "inputs/payrun.toml",
        "inputs/employer.toml",
        "rulebook",
        "rulebook/controls",
        *READ_BY,
    ],
)
def test_what_is_gone_is_named(gone: str, sound: Path, run: Path) -> None:
    path = run / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    relist(run)
    verbs = READ_BY.get(gone, tuple(VERBS))
    for verb in verbs:
        code, stderr = told(verb, sound, run)
        if gone != "rulebook/controls":  # of a book without controls nothing is missed at once
            assert code in (1, 4) if verb == "verify" else code == 4, (verb, stderr)
            assert gone in stderr


def test_an_unknown_rule_is_named(sound: Path, run: Path) -> None:
    path = run / "findings.csv"
    path.write_text(
        re.sub(r"\n(F-\w+),[A-Z]+-\d+", r"\n\1,NONE-001", path.read_text("utf-8")), "utf-8"
    )
    relist(run)
    subject = next(csv.DictReader(path.read_text("utf-8").splitlines()))["subject_id"]
    for verb, words in (("decide", ("--lang", "nl")), ("trace", (subject, "--lang", "nl"))):
        done = payroll(verb, run, *words)
        assert done.returncode == 4
        assert "findings.csv!R2, rule_id" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["rows"].update({"lines.csv": "x"}),
        lambda manifest: manifest.update(rows=[]),
        lambda manifest: manifest.update(run_id=5),
        lambda manifest: manifest["files"].update({"lines.csv": 5}),
        lambda manifest: manifest.update(files=[]),
    ],
)
def test_a_manifest_of_another_form_is_named(
    change: Callable[[dict[str, object]], object], sound: Path, run: Path
) -> None:
    path = run / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    for verb in VERBS:
        code, stderr = told(verb, sound, run)
        assert code == 4, (verb, stderr)
        assert "manifest.json" in stderr


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5_000, b"\xff", b"[]"]
)
def test_a_manifest_that_is_none_is_named(content: bytes, sound: Path, run: Path) -> None:
    (run / "manifest.json").write_bytes(content)
    for verb in ("trace", "explain-pay", "verify", "release"):
        code, stderr = told(verb, sound, run)
        assert code == 4, (verb, stderr)
        assert "manifest.json" in stderr


@pytest.mark.parametrize(
    "file", ["payments.csv", "lines.csv", "findings.csv", "inputs/payrun.toml"]
)
@pytest.mark.parametrize("verb", ["trace", "explain-pay", "diff", "decide"])
def test_an_altered_record_is_not_shown(verb: str, file: str, sound: Path, run: Path) -> None:
    path = run / file
    path.write_bytes(path.read_bytes() + b"\n")
    code, stderr = told(verb, sound, run)
    if verb == "explain-pay" and file == "findings.csv":
        assert code in (0, 4)  # it reads them only of somebody who has some
    else:
        assert code == 4, stderr
        assert file in stderr
