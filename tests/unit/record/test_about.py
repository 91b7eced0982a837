"""The rows about one payee: the same as by reading everything, and only of what they are about."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.errors import DamagedInputError
from payroll.model.findings import SubjectKind
from payroll.model.frames import TEXT, FrameSchema
from payroll.record.about import FilesOnDemand, PayeeRecord, read_payee
from payroll.record.csv import csv_bytes, rows_about, rows_by_name
from payroll.record.files import FRAMES, file_of
from tests.unit.views.review_samples import FINDING_ROWS, payment

SCHEMA = FrameSchema("rows", {"id": TEXT, "more": TEXT})
CELLS = st.text(st.sampled_from("a1,\"'=\n\r é;"), max_size=4)


def frame_of(rows: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame({"id": [a for a, _ in rows], "more": [b for _, b in rows]}).astype("str")


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    wanted=st.lists(CELLS, min_size=1, max_size=3),
)
def test_the_rows_are_those_of_the_whole_file(
    rows: list[tuple[str, str]], wanted: list[str]
) -> None:
    content = csv_bytes(frame_of(rows))
    expected = [row for row in rows_by_name(content, SCHEMA) if row["id"] in wanted]
    assert rows_about(content, SCHEMA, "id", wanted, count=len(rows)) == expected
    assert [row["id"] for row in expected] == [name for name, _ in rows if name in wanted]


def test_a_cell_with_a_line_break_does_not_hide_a_row() -> None:
    content = csv_bytes(frame_of([("7", "two\nlines"), ("8", "7"), ("7", "one")]))
    found = rows_about(content, SCHEMA, "id", ["7"], count=3)
    assert [row["more"] for row in found] == ["two\nlines", "one"]


@pytest.mark.parametrize("value", ["", "\n", 'a"b', "a\n"])
def test_what_no_line_holds_as_it_stands_is_found_too(value: str) -> None:
    content = csv_bytes(frame_of([(value, "x"), ("other", "y")]))
    for count in (1, 2):
        found = rows_about(content, SCHEMA, "id", [value], count=count)
        assert [row["more"] for row in found] == ["x"]
    assert rows_about(content.rstrip(b"\n"), SCHEMA, "id", ["other"], count=1)


def test_half_a_character_of_the_command_line_is_in_no_row() -> None:
    content = csv_bytes(frame_of([("?", "x")]))
    assert rows_about(content, SCHEMA, "id", ["\udce9"], count=1) == []


def record(payee_id: str, kind: SubjectKind = SubjectKind.EMPLOYEE, **gone: None) -> PayeeRecord:
    frames = {name: schema.empty() for name, schema in FRAMES.items()}
    rows = [
        payment(1, "salaries", "00042", "Élodie", 215_033),
        payment(2, "invoices", "00042", "Fournil", 100),
        payment(3, "bonuses", "=1", "Formule", 1),
    ]
    frames["payments"] = FRAMES["payments"].from_rows(rows[:2])
    frames["already_paid"] = FRAMES["already_paid"].from_rows(rows[2:])
    frames["findings"] = FRAMES["findings"].from_rows(FINDING_ROWS)
    files = {file_of(name): csv_bytes(frame) for name, frame in frames.items() if name not in gone}
    files |= dict.fromkeys(("inputs/payrun.toml", "inputs/employer.toml", "rulebook/a.toml"), b"")
    counts = {file_of(name): len(frame) for name, frame in frames.items()}
    manifest = {"run_id": "2022-05-abcdef", "rows": counts}
    return read_payee(manifest, files, "run", kind=kind, payee_id=payee_id)


def test_an_id_that_a_person_and_a_supplier_share_is_told_apart() -> None:
    for kind, stream, cents in (
        (SubjectKind.EMPLOYEE, "salaries", 215_033),
        (SubjectKind.SUPPLIER, "invoices", 100),
    ):
        ((row, not_made),) = record("00042", kind).payments
        assert (row["stream"], row["amount_cents"], not_made) == (stream, cents, "")


def test_a_payment_that_the_run_does_not_make_says_so_and_a_formula_is_a_text() -> None:
    ((row, not_made),) = record("=1").payments
    assert (row["payee_id"], row["amount_cents"], not_made) == ("=1", 1, "already_paid")


def test_findings_are_of_their_subject() -> None:
    found = record("00099").rows("findings")
    assert found
    assert {row["subject_id"] for row in found} == {"00099"}


def test_a_file_is_read_once_and_only_when_it_is_asked_for() -> None:
    asked: list[str] = []
    files = FilesOnDemand(["a.csv", "b.csv"], lambda name: asked.append(name) or name.encode())
    assert (sorted(files), len(files), "c.csv" in files, asked) == (
        ["a.csv", "b.csv"],
        2,
        False,
        [],
    )
    assert (files["b.csv"], files["b.csv"], asked) == (b"b.csv", b"b.csv", ["b.csv"])
    with pytest.raises(KeyError):
        files["c.csv"]


def test_a_typing_error_is_told_the_ids_that_look_like_it() -> None:
    assert record("0042").near("payments", "findings")[0] == "00042"
    assert "00042" in record("nobody").near("payments")


def test_what_is_missing_or_has_another_form_is_said() -> None:
    with pytest.raises(DamagedInputError) as caught:
        record("00042", people=None).rows("people")
    assert (caught.value.error_id, caught.value.where) == ("run_file_unreadable", "run/people.csv")
    broken = record("00042")
    broken.files["payments.csv"] = b"payee_id\n00042\n"  # type: ignore[index]
    with pytest.raises(DamagedInputError, match="run_file_unreadable"):
        broken.rows("payments")
    with pytest.raises(DamagedInputError, match="run_file_unreadable"):
        read_payee({"run_id": "x"}, {}, "run", kind=SubjectKind.EMPLOYEE, payee_id="1")
