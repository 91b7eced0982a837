"""read(write(run)) is the run, whatever its texts and its kind (faults: test_plant_faults)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payroll.atomic_files import write_tree
from payroll.demo.workspace import demo_files
from payroll.model.frames import BOOL, DAY, INT, RECEIVABLES, TEXT, FrameSchema
from payroll.model.order import parse_payrun
from payroll.model.released import RELEASED
from payroll.pipeline import build_run
from payroll.publish import sealed
from payroll.record.csv import csv_bytes, read_frame, rows_about
from payroll.record.files import FRAMES, frame_files
from payroll.record.folder import read_run, record_files
from payroll.record.run import Run, RunRequest, differences
from payroll.rulebook.book import load_rulebook
from payroll.store import load_payrun, load_run, write_run
from tests.record_samples import read_back, shipped_rules
from tests.release_world import World, hospital, sent_file, status_report

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {schema.name: schema for schema in (*FRAMES.values(), RELEASED)}
#: Texts that a spreadsheet, a CSV reader or a careless program would take for something else.
BEGINNINGS = (
    "",
    "=",
    "+",
    "-",
    "@",
    "'",
    "''=",
    "\t",
    "\r",
    "\n",
    '"',
    ",",
    ";",
    " ",
    "\ufeff",
    "_x000d_",
)
NASTY = ("", "NA", "NaN", "null", "None", "1e5", "+1", "-1,5", "-1\n", "00042", "\r\n", '"', "''")
LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
#: A cell that many sources stand in: longer than what Python's reader takes by itself.
LONG = st.builds(str.__mul__, st.sampled_from(("a!R7; ", '",', "\n", "é")), st.just(140_000))
TEXTS = st.sampled_from(NASTY) | st.builds(
    str.__add__,
    st.sampled_from(BEGINNINGS),
    st.text(LETTERS | st.sampled_from('",\n\r\t='), max_size=8),
)
VALUES: Mapping[str, st.SearchStrategy[object]] = {
    TEXT: TEXTS,
    INT: st.integers(-(2**63), 2**63 - 1),
    BOOL: st.booleans(),
    DAY: st.none() | st.dates(),
}


@st.composite
def frames(draw: st.DrawFn) -> tuple[FrameSchema, pd.DataFrame]:
    """A frame of one of the schemas, empty or of a few rows of anything."""
    schema = SCHEMAS[draw(st.sampled_from(sorted(SCHEMAS)))]
    count = draw(st.integers(0, 3))
    columns = {
        name: draw(st.lists(values_of(schema, name), min_size=count, max_size=count))
        for name in schema.columns
    }
    frame = pd.DataFrame(
        {
            name: pd.Series(pd.to_datetime(values) if dtype == DAY else values, dtype=dtype)
            for (name, dtype), values in zip(schema.columns.items(), columns.values(), strict=True)
        }
    )
    return schema, frame.drop_duplicates(list(schema.key) or None, ignore_index=True)


def values_of(schema: FrameSchema, name: str) -> st.SearchStrategy[object]:
    """Everything that a column may hold."""
    if name in schema.closed:
        lacking = [""] if name in schema.may_lack else []
        return st.sampled_from([*schema.closed[name], *lacking])
    if name in schema.forms:
        return st.just("2022-05" if name == "earning_period" else "2022-05-31")
    if name in schema.positive:
        return st.integers(1, 2**63 - 1)
    if name.endswith("_cents"):
        return st.integers(-schema.cents_max, schema.cents_max)
    return VALUES[schema.columns[name]]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames())
def test_a_frame_is_read_back_as_it_was(sample: tuple[FrameSchema, pd.DataFrame]) -> None:
    schema, frame = sample
    content = csv_bytes(frame)
    back = read_frame(content, schema)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    assert back.equals(frame)
    cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r"))]


@settings(max_examples=5, deadline=None)
@given(LONG)
def test_a_cell_may_be_of_any_length(text: str) -> None:
    before = csv.field_size_limit()
    row = {"stream": "invoices", "payee_id": "1", "payment_group": "", "amount_cents": -1}
    frame = RECEIVABLES.from_rows([{**row, "source": text}])
    content = csv_bytes(frame)
    pd.testing.assert_frame_equal(read_frame(content, RECEIVABLES), frame)
    assert rows_about(content, RECEIVABLES, "payee_id", ["1"], count=1)[0]["source"] == text
    assert csv.field_size_limit() == before


def require_same(run: Run, back: Run) -> None:
    assert differences(run, back) == ()
    assert frame_files(run.frames) == frame_files(back.frames)
    assert (run.order, run.employer, run.reissue) == (back.order, back.employer, back.reissue)
    assert (run.names, run.sites) == (back.names, back.sites)
    assert sealed(run, record_files(run)) == sealed(back, record_files(back))


def built(inputs: Mapping[str, bytes]) -> Run:
    order, employer = parse_payrun(inputs)
    assert order.created_at is not None
    return build_run(
        RunRequest(
            order=order,
            employer=employer,
            inputs=inputs,
            rulebook=load_rulebook(shipped_rules()),
            created_at=order.created_at,
        )
    )


def test_the_small_sample_also_from_the_disk(tmp_path: Path) -> None:
    run = built(load_payrun(ROOT / "fixtures" / "hospital-small" / "2022-05").inputs)
    require_same(run, read_back(run))
    folder, _ = write_run(tmp_path, run.run_id, sealed(run, record_files(run)))
    stored = load_run(folder)
    require_same(run, read_run(stored.manifest, stored.files, "run"))


def test_the_hospital(tmp_path: Path) -> None:
    write_tree(tmp_path, demo_files("hospital", 1))
    run = built(load_payrun(tmp_path / "2022-05").inputs)
    assert all(len(run.frames[name]) for name in ("payments", "lines", "line_sums", "people"))
    require_same(run, read_back(run))


def test_a_reissue_and_the_runs_around_it(tmp_path: Path) -> None:
    world = World(tmp_path, hospital())
    world.pay("2022-05")
    sent = sent_file(next(world.folder.glob("2022-05/outbox/*_fees_*.xml")))
    failed = sent.payments[0][0]
    world.answer(status_report(sent, payments={failed: "RJCT"}))
    _, waiting = world.run("2022-05")
    assert len(waiting.frames["awaiting_reissue"]) == 1
    assert len(waiting.frames["already_paid"])
    folder, again = world.run("2022-05", reissue=True)
    assert again.reissue
    assert len(again.payments) == 1
    _, later = world.run("2022-06")
    for run in (waiting, again, later):
        require_same(run, read_back(run))
    stored = load_run(folder)
    require_same(again, read_run(stored.manifest, stored.files, "run"))


def test_a_refused_run() -> None:
    inputs = dict(load_payrun(ROOT / "fixtures" / "hospital-small" / "2022-05").inputs)
    order = inputs["payrun.toml"].decode()
    inputs["payrun.toml"] = order.replace("rows = 39,", "rows = 38,").encode()
    run = built(inputs)
    assert run.refused
    assert run.sepa_files == ()
    require_same(run, read_back(run))
