from __future__ import annotations

from payroll.model.streams import STREAMS
from payroll.record.totals import bridge, salaries_due, summary_rows
from tests.unit.views.review_samples import CHANGE_ROWS, changes_frame, small


def test_summary_rows_per_stream_and_in_all() -> None:
    run = small()
    rows = {row.stream: row for row in summary_rows(run.payments, run.frames["receivables"])}
    assert tuple(rows) == (*STREAMS, "total")
    salaries = rows["salaries"]
    assert (salaries.paid, salaries.paid_cents) == (2, 402_338)
    assert (salaries.held, salaries.held_cents) == (1, 198_712)
    assert (salaries.to_recover, salaries.to_recover_cents) == (1, -5_000)
    assert (salaries.total, salaries.total_cents) == (3, 601_050)
    assert rows["total"].total_cents == int(run.payments["amount_cents"].sum())
    assert rows["total"].total_cents == sum(rows[stream].total_cents for stream in STREAMS)


def test_salaries_due_takes_receivables_off() -> None:
    run = small()
    assert salaries_due(run.payments, run.frames["receivables"]) == 596_050


def test_the_bridge_sums_exactly() -> None:
    rows = [
        *CHANGE_ROWS,
        ("J", 0, 100, 0, 77, "column_total"),  # joiner
        ("L", 100, 0, 66, 0, "column_total"),  # leaver
        ("N", 100, 110, 50, 50, ""),  # gross moved, net did not, nobody says why
    ]
    found = bridge(changes_frame(rows))
    parts = (found.joined, found.left, found.up, found.down, found.unexplained)
    assert found.before + sum(parts) == found.after
    assert (found.joined, found.left, found.unexplained) == (77, -66, 8_712)
    assert (found.unchanged, found.unexplained_persons) == (1, 2)
