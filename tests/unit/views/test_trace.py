from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from payroll.record.files import FRAMES, StoredFrames, frame_files
from payroll.record.run import Run
from payroll.texts import languages
from payroll.views.trace import Trace, trace, trace_json, trace_text
from tests.record_samples import PAYRUN, employer_toml
from tests.unit.views.review_samples import FINDING_ROWS, payment


def line(line_id: str, payee: str, cents: int, **more: str) -> dict:
    return {
        "line_id": line_id,
        "stream": "salaries",
        "payee_id": payee,
        "component": "base_salary",
        "earning_period": "2022-05",
        "quantity": "",
        "rate": "",
        "amount_cents": cents,
        "basis": "known",
        "rule_id": "KNOWN-001",
        "source": "exports/r.csv!csv!R5",
        "parents": "",
        "payment_id": "",
    } | more


LINE_ROWS = [
    line("L-a", "00042", 300_000, payment_id="P-000001"),
    line(
        "L-c",
        "00042",
        0,
        component="residual",
        basis="residual",
        parents="L-b",
        payment_id="P-000001",
    ),
    line(
        "L-b",
        "00042",
        -84_967,
        component="withholding",
        basis="estimated",
        parents="L-a L-zz",
        quantity="15/30",
        rate="0,5",
        payment_id="P-000001",
    ),
    line("L-d", "00043", 100, stream="bonuses", parents="L-e"),
    line("L-e", "00043", -300, stream="bonuses", parents="L-d"),
    line("L-f", "S1", 100_000, stream="invoices", payment_id="P-000006"),
    line("L-h", "S2", 4_000, stream="invoices", payment_id="P-000008"),
    line("L-i", "F1", 5_000, stream="fees", payment_id="P-000009"),
    line("L-g", "S1", 21_000, stream="invoices", payment_id="P-000007"),
]
PAYMENT_ROWS = [
    payment(1, "salaries", "00042", "Élodie D'Haese", 215_033),
    payment(2, "salaries", "00043", "Bram Peeters", 198_712, "IBAN-001"),
    payment(6, "invoices", "S1", "Fournil", 100_000),
    payment(7, "invoices", "S1", "Fournil", 21_001),
]
PAID_ROWS = [payment(8, "invoices", "S2", "Ancien", 4_000)]
WAITING_ROWS = [payment(9, "fees", "F1", "Dr Retour", 5_000)]


def run_of(**frames: list[dict]) -> Run:
    """A run that holds nothing but these rows."""
    return Run(
        run_id="2022-05-abcdef",
        refused=False,
        created_at=datetime(2022, 5, 23, 9),  # noqa: DTZ001 - local time
        code_version="0",
        inputs_digest="",
        inputs={"payrun.toml": PAYRUN, "employer.toml": employer_toml()},
        rules={},
        frames={
            **{name: schema.empty() for name, schema in FRAMES.items()},
            **{name: FRAMES[name].from_rows(rows) for name, rows in frames.items()},
        },
    )


def traced(wanted: str) -> Trace:
    run = run_of(
        payments=PAYMENT_ROWS,
        lines=LINE_ROWS,
        findings=FINDING_ROWS,
        already_paid=PAID_ROWS,
        awaiting_reissue=WAITING_ROWS,
    )
    found = trace(run, wanted, "fr")
    assert found is not None
    return found


def test_from_a_payment_to_lines_parents_rules_and_cells() -> None:
    found = traced("P-000001")
    (part,) = found.payments
    assert part.lines_cents == 215_033
    lines = {item.line_id: item for item in part.lines}
    assert set(lines) == {"L-a", "L-b", "L-c"}
    (opened,) = lines["L-c"].parents
    assert [parent.line_id for parent in opened.parents] == ["L-a", "L-zz"]
    assert lines["L-b"].shown_above
    shown = "\n".join(trace_text(found, "fr"))
    for words in (
        "2\u202f150,33 EUR, À payer",
        "cellule exports/r.csv!csv!R5",
        "règle KNOWN-001",
        "15/30 × 0,5 · estimé",
        "ligne L-zz absente",
        "égale au paiement",
    ):
        assert words in shown
    assert "déjà montrée" in shown


def test_an_end_to_end_id_finds_its_payment() -> None:
    found = traced("2022-05-000001")
    assert found.matched == "end_to_end_id"
    assert found.payments[0].record["payment_id"] == "P-000001"


def test_a_payee_shows_payments_findings_and_lines_that_made_no_payment() -> None:
    found = traced("00043")
    salaries, bonuses = found.payments
    assert [item["rule_id"] for item in salaries.findings] == ["IBAN-001", "DEC-001"]
    assert (bonuses.record, bonuses.lines_cents) == ({}, -200)
    shown = "\n".join(trace_text(found, "en"))
    assert "Lines without a payment in this stream: -2.00 EUR" in shown
    assert "HOLDS the payment · IBAN-001" in shown


def test_lines_that_name_each_other_do_not_loop() -> None:
    (part,) = traced("L-d").payments
    (top,) = part.lines
    assert top.parents[0].parents[0].shown_above


def test_a_line_stands_under_its_payment_alone() -> None:
    found = traced("L-g")
    assert found.matched == "line_id"
    (part,) = found.payments
    assert part.record["payment_id"] == "P-000007"
    assert [item.line_id for item in part.lines] == ["L-g"]


def test_a_payment_has_its_own_lines_alone_and_a_gap_is_said_aloud() -> None:
    for number, line_id, cents, equal in ((6, "L-f", 100_000, True), (7, "L-g", 21_000, False)):
        found = traced(f"P-00000{number}")
        (part,) = found.payments
        assert [item.line_id for item in part.lines] == [line_id]
        assert part.lines_cents == cents
        assert ("NOT equal" not in "\n".join(trace_text(found, "en"))) == equal


def test_a_supplier_shows_each_payment_with_its_own_lines() -> None:
    parts = traced("S1").payments
    shown = [(part.record["payment_id"], [item.line_id for item in part.lines]) for part in parts]
    assert shown == [("P-000006", ["L-f"]), ("P-000007", ["L-g"])]


@pytest.mark.parametrize(
    ("payment_id", "line_id", "made", "words"),
    [
        ("P-000008", "L-h", "already_paid", "Released by an earlier run"),
        ("P-000009", "L-i", "awaiting_reissue", "another run"),
    ],
)
def test_a_payment_that_the_run_does_not_make_says_why_and_has_its_lines(
    payment_id: str, line_id: str, made: str, words: str
) -> None:
    for wanted in (payment_id, line_id):
        (part,) = traced(wanted).payments
        assert (part.record["payment_id"], part.made) == (payment_id, made)
        assert [item.line_id for item in part.lines] == [line_id]
        shown = "\n".join(trace_text(traced(wanted), "en"))
        assert words in shown
        assert "To pay" not in shown


def test_a_held_person_without_payment_is_still_found() -> None:
    found = traced("00099")
    assert found.payments == ()
    assert "R88, Brut" in "\n".join(trace_text(found, "nl"))


def test_an_unknown_id_is_none() -> None:
    assert trace(run_of(), "nothing", "fr") is None


@pytest.mark.parametrize("language", languages())
def test_text_and_json_for_every_language(language: str) -> None:
    for wanted in ("P-000001", "00043", "S1", "L-c", "00099"):
        assert all(isinstance(row, str) for row in trace_text(traced(wanted), language))
    whole = trace_json(traced("P-000001"))
    assert json.loads(json.dumps(whole))["payments"][0]["lines_cents"] == 215_033


def test_a_run_read_back_from_its_files_is_traced_the_same() -> None:
    run = run_of(payments=PAYMENT_ROWS, lines=LINE_ROWS, findings=FINDING_ROWS)
    read = replace(run, frames=StoredFrames(frame_files(run.frames), "run"))
    found = trace(read, "S1", "fr")
    assert found is not None
    assert found.matched == "payee_id"
    assert found == trace(run, "S1", "fr")
