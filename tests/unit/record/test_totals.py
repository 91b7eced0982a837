from __future__ import annotations

from payroll.model.streams import STREAMS
from payroll.record.totals import salaries_due, summary_rows
from tests.unit.views.review_samples import small


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
