from __future__ import annotations

import json

import pandas as pd
import pytest

from payroll.model.frames import LINES, PAYMENTS
from payroll.texts import LANGUAGES
from payroll.views.trace import Trace, trace, trace_json, trace_text
from tests.unit.views.review_samples import FINDING_ROWS, findings_frame, payment


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
        "legal_nature": "full_estimate",
        "payment_group": "",
    } | more


LINE_ROWS = [
    line("L-a", "00042", 300_000),
    line(
        "L-b",
        "00042",
        -84_967,
        component="withholding",
        basis="estimated",
        parents="L-a L-zz",
        quantity="15/30",
        rate="0,5",
    ),
    line("L-c", "00042", 0, component="residual", basis="residual", parents="L-b"),
    line("L-d", "00043", 100, stream="bonuses", parents="L-e"),
    line("L-e", "00043", -300, stream="bonuses", parents="L-d"),
    line("L-f", "S1", 100_000, stream="invoices", payment_group="a"),
    line("L-g", "S1", 21_000, stream="invoices", payment_group="b"),
]
PAYMENT_ROWS = [
    payment(1, "salaries", "00042", "Élodie D'Haese", 215_033),
    payment(2, "salaries", "00043", "Bram Peeters", 198_712, "IBAN-001"),
    payment(6, "invoices", "S1", "Fournil", 100_000) | {"payment_group": "a"},
    payment(7, "invoices", "S1", "Fournil", 21_001) | {"payment_group": "b"},
]


def traced(wanted: str, *, groups: bool = True) -> Trace:
    payments, lines = PAYMENTS.from_rows(PAYMENT_ROWS), LINES.from_rows(LINE_ROWS)
    if not groups:
        payments = payments.drop(columns="payment_group")
        lines = lines.drop(columns=["payment_group", "legal_nature"])
    found = trace(payments, lines, findings_frame(FINDING_ROWS), wanted)
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


def test_groups_split_a_payee_and_a_gap_is_said_aloud() -> None:
    (part,) = traced("P-000007").payments
    assert (part.lines_cents, part.shared) == (21_000, False)
    assert "NOT equal" in "\n".join(trace_text(traced("P-000007"), "en"))


def test_without_groups_the_lines_are_said_to_be_shared() -> None:
    found = traced("P-000007", groups=False)
    assert found.payments[0].shared
    assert found.payments[0].lines_cents == 121_000
    assert "all payments of this payee" in "\n".join(trace_text(found, "en"))


def test_a_held_person_without_payment_is_still_found() -> None:
    found = traced("00099")
    assert found.payments == ()
    assert "R88, Brut" in "\n".join(trace_text(found, "nl"))


def test_an_unknown_id_is_none() -> None:
    empty = findings_frame([])
    assert trace(PAYMENTS.empty(), LINES.empty(), empty, "nothing") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_json_for_every_language(language: str) -> None:
    for wanted in ("P-000001", "00043", "S1", "L-c", "00099"):
        assert all(isinstance(row, str) for row in trace_text(traced(wanted), language))
    whole = trace_json(traced("P-000001"))
    assert json.loads(json.dumps(whole))["payments"][0]["lines_cents"] == 215_033


def test_frames_read_from_csv_work_as_they_are() -> None:
    lines = LINES.from_rows(LINE_ROWS)
    assert str(pd.DataFrame(lines)["amount_cents"].dtype) == "int64"
    assert traced("S1").matched == "payee_id"
