"""Runs, their files and registers as sides: reasons, rule hits, sites, and what fits what."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from payroll.model.errors import UsageError
from payroll.model.record_frames import CHANGES, FINDINGS, PAYEES, RECORD_LINES, RECORD_PAYMENTS
from payroll.record.csv import csv_bytes
from payroll.record.files import FRAMES
from payroll.record.run import Run
from payroll.texts import text
from payroll.views.diff.build import Given, Options, diff_of
from payroll.views.diff.own_files import REVIEW
from payroll.views.diff.sources import recognised
from tests.unit.views.diff.comparison_samples import ROWS, formats, keys, seen, sheet

ONE, TWO = "BE13103960626939", "BE95340094121158"
OPTIONS = Options(language="en")
FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "hospital-small"
ORDERS = {
    "employer.toml": (FIXTURE / "employer.toml").read_bytes(),
    "payrun.toml": (FIXTURE / "2022-05" / "payrun.toml").read_bytes(),
}
REGISTER = (
    "Matricule",
    "Période",
    "Brut",
    "ONSS",
    "Imposable",
    "Précompte",
    "Cotisation spéciale",
    "Net à payer",
    "IBAN",
)

Pay = tuple[str, str, str, int, str]


def payments(rows: list[Pay], month: str = "2022-05") -> pd.DataFrame:
    return RECORD_PAYMENTS.from_rows(
        {
            "payment_id": f"P-{month}-{number}",
            "stream": stream,
            "payee_id": payee,
            "creditor_name": f"Name {payee}",
            "iban": iban,
            "amount_cents": cents,
            "remittance": month,
            "structured_reference": "",
            "end_to_end_id": "E",
            "execution_date": f"{month}-31",
            "legal_nature": "final",
            "status": status,
            "hold_rules": "R-1" if status == "held" else "",
            "file": "f",
        }
        for number, (stream, payee, iban, cents, status) in enumerate(rows)
    )


def lines(rows: list[tuple[str, str, str, int, str]], month: str = "2022-05") -> pd.DataFrame:
    blank = dict.fromkeys(RECORD_LINES.columns, "")
    return RECORD_LINES.from_rows(
        {
            **blank,
            "line_id": f"L-{number}",
            "stream": stream,
            "payee_id": payee,
            "component": component,
            "earning_period": month,
            "amount_cents": cents,
            "basis": basis,
            "rule_id": "r",
            "source": "x!csv!R1",
        }
        for number, (stream, payee, component, cents, basis) in enumerate(rows)
    )


def findings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    blank = dict.fromkeys(FINDINGS.columns, "")
    return FINDINGS.from_rows(
        {
            **blank,
            "finding_id": f"F-{number}",
            "rule_id": rule,
            "severity": "hold",
            "subject_kind": kind,
            "subject_id": payee,
        }
        for number, (rule, kind, payee) in enumerate(rows)
    )


def changes(**reasons: str) -> pd.DataFrame:
    """Payee -> reasons of the salary, as `p1="reason_leaver"`."""
    blank = {name: 0 for name in CHANGES.columns if name.endswith("_cents")}
    return CHANGES.from_rows(
        {
            **blank,
            "stream": "salaries",
            "payee_id": payee.removeprefix("p"),
            "had_before": True,
            "reasons": told,
        }
        for payee, told in reasons.items()
    )


def sites(**where: str) -> pd.DataFrame:
    return PAYEES.from_rows(
        {
            "payee_kind": "employee",
            "payee_id": payee.removeprefix("p"),
            "name": f"Name {payee}",
            "site": site,
        }
        for payee, site in where.items()
    )


def run(label: str, *frames: pd.DataFrame, **more: pd.DataFrame) -> Given:
    """A side with the record of a month; frames: payments, lines and findings, in that order."""
    found = {name: schema.empty() for name, schema in FRAMES.items()}
    found |= dict(zip(("payments", "lines", "findings"), frames, strict=False)) | more
    record = Run(
        run_id=f"2022-05-{label}",
        refused=False,
        created_at=datetime.fromisoformat("2022-05-23T09:00:00"),
        code_version="",
        inputs_digest="",
        inputs=ORDERS,
        rules={},
        frames=found,
    )
    return Given(label=label, run=record)


def file_of(side: Given, name: str) -> bytes:
    """A file of the side's run folder."""
    assert side.run is not None
    return csv_bytes(side.run.frames[name])


def rows(table: str) -> list[Pay]:
    """Rows of payments or of lines: stream, payee, account or component, cents, status or basis."""
    cells = [line.split() for line in table.strip().splitlines()]
    return [(stream, payee, what, int(cents), how) for stream, payee, what, cents, how in cells]


OLD = run(
    "draft",
    payments(
        rows(f"""
            salaries  1  {ONE}  1000  pay
            salaries  2  {TWO}  2000  pay
            salaries  3  {TWO}   300  pay
            fees      1  {ONE}    50  pay
        """)
    ),
    lines(
        rows("""
            salaries  1  base_salary  1000  known
            salaries  2  base_salary  2000  known
            salaries  3  base_salary   300  known
            fees      1  fee            50  known
        """)
    ),
)
NEW = run(
    "now",
    payments(
        rows(f"""
            salaries  1  {TWO}  1100  pay
            salaries  2  {TWO}  1500  held
            salaries  4  {ONE}    40  pay
            fees      1  {ONE}    60  pay
        """)
    ),
    lines(
        rows("""
            salaries  1  base_salary  1000  known
            salaries  1  one_off_net   130  adjusted
            salaries  1  withholding   -30  recomputed
            salaries  2  base_salary  1500  known
            salaries  4  base_salary    40  adjusted
            fees      1  fee            60  known
        """)
    ),
    findings(("IBAN-003", "employee", "1"), ("VAR-001", "employee", "2")),
)


def test_between_runs_the_lines_say_why() -> None:
    found = diff_of([OLD, NEW], formats(), OPTIONS).main
    evidence = found.request.evidence
    assert evidence.reasons["salaries", "1"] == (
        "one_off_net +1.30 (adjusted); withholding tax -0.30 (recomputed)"
    )
    explained = {
        (row[0], row[1]): bool(why) for row, why in zip(seen(found), found.explained, strict=True)
    }
    assert explained["salaries+1", "amount"]  # an adjustment and what follows from it
    assert explained["fees+1", "amount"]  # the statement says so
    assert not explained["salaries+2", "amount"]  # known pay that differs: nobody says why
    assert evidence.rules["salaries", "2"] == "VAR-001"
    assert keys(found, "added") == ["salaries+4"]
    assert keys(found, "removed") == ["salaries+3"]


def test_the_bridge_closes_per_stream_with_adjustments_apart() -> None:
    rows = {row.group: row for row in diff_of([OLD, NEW], formats(), OPTIONS).main.bridge}
    assert set(rows) == {"total", "fees", "salaries"}
    pay = rows["salaries"]
    assert (pay.last, pay.joiners, pay.leavers, pay.changes, pay.adjustments, pay.this) == (
        3300,
        40,
        -300,
        -530,
        130,
        2640,
    )
    assert all(row.gap == 0 for row in rows.values())


def test_the_pay_lines_are_keyed_on_payee_and_component() -> None:
    detail = diff_of([OLD, NEW], formats(), OPTIONS).detail
    assert detail is not None
    assert seen(detail)[0] == ("salaries+2+base_salary", "amount_cents", "20.00", "15.00")
    assert "salaries+1+one_off_net" in keys(detail, "added")


def test_a_run_is_its_payments() -> None:
    alone = Given(label="p.csv", content=file_of(OLD, "payments"))
    found = diff_of([OLD, alone], formats(), OPTIONS)
    assert not found.different


def test_two_invoices_of_one_supplier_pair_whatever_their_order() -> None:
    rows: list[Pay] = [
        ("invoices", "F1", ONE, 10, "pay"),
        ("invoices", "F1", ONE, 20, "pay"),
        ("invoices", "F1", ONE, 30, "pay"),
    ]
    now = [rows[2], ("invoices", "F1", ONE, 21, "pay"), rows[0]]
    sides = [
        Given(label=str(number), content=csv_bytes(payments(part)))  # type: ignore[arg-type]
        for number, part in enumerate((rows, now))
    ]
    found = diff_of(sides, formats(), OPTIONS).main
    assert seen(found) == [("invoices+F1", "amount", "0.20", "0.21")]


def test_another_month_does_not_compare_the_dates() -> None:
    pay: list[Pay] = [("salaries", "1", ONE, 1000, "pay")]
    sides = [
        Given(label=month, content=csv_bytes(payments(pay, month)))
        for month in ("2022-03", "2022-05")
    ]
    found = diff_of(sides, formats(), OPTIONS)
    assert not found.different
    assert ("cmp_note_other_month", {}) in found.notes


def test_a_register_against_a_payment_list_is_about_salaries_only() -> None:
    register = sheet(
        [("1", "2022-04", "20,00", "1,00", "19,00", "1,00", "0,00", "10,50", ONE)], REGISTER
    )
    if recognised(Given(label="r.csv", content=register), formats()).kind != "register":
        pytest.skip("the headings of this sample are no register's any more")
    sides = [
        Given(label="r.csv", content=register),
        Given(label="p.csv", content=file_of(OLD, "payments")),
    ]
    found = diff_of(sides, formats(), OPTIONS)
    assert ("salaries+1", "amount", "10.50", "10.00") in [
        (row[0], "amount", *row[2:]) for row in seen(found.main)
    ]
    assert keys(found.main, "added") == ["salaries+2", "salaries+3"]


def test_lines_do_not_compare_with_payments() -> None:
    sides = [Given(label="a.csv", content=sheet(ROWS)), OLD]
    with pytest.raises(UsageError) as caught:
        diff_of(sides, formats(), OPTIONS)
    assert caught.value.error_id == "cmp_kinds"
    lines_only = Given(label="l.csv", content=file_of(OLD, "lines"))
    assert not diff_of([lines_only, OLD], formats(), OPTIONS).different


def with_frame(side: Given, **frames: pd.DataFrame) -> Given:
    """The side with other frames in its record."""
    assert side.run is not None
    return replace(side, run=replace(side.run, frames={**side.run.frames, **frames}))


def test_sites_are_those_of_the_record() -> None:
    given = [
        with_frame(OLD, payees=sites(p1="North", p2="South")),
        with_frame(NEW, payees=sites(p1="South", p2="South")),
    ]
    found = diff_of(given, formats(), OPTIONS).main
    rows = {row.group: row for row in found.bridge if row.kind == "site"}
    assert rows["North"].moved == -1000
    assert rows["South"].moved == 1000
    assert rows["South"].this == 2600
    assert sum(row.moved for row in rows.values()) == 0
    assert all(row.gap == 0 for row in rows.values())


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "rule or scale changed since last month; no longer: leaver; "),
        ("fr", "règle ou barème modifié depuis le dernier mois; n'est plus le cas : "),
        ("nl", "regel of schaal gewijzigd sinds vorige maand; geldt niet meer: "),
    ],
)
def test_reasons_are_those_of_the_record_in_the_readers_language(
    language: str, wanted: str
) -> None:
    """What is new, and what no longer holds; a reason that stood in both runs explains nothing."""
    given = [
        with_frame(OLD, changes=changes(p1="reason_fte_change reason_leaver", p2="reason_leaver")),
        with_frame(
            NEW, changes=changes(p1="reason_fte_change reason_law_change", p2="reason_leaver")
        ),
    ]
    options = replace(OPTIONS, language=language)
    reasons = diff_of(given, formats(), options).main.request.evidence.reasons
    assert reasons["salaries", "1"].startswith(wanted), reasons
    assert reasons["salaries", "2"].count(";") == 0  # its line alone


def test_against_the_last_known_register_the_runs_own_reasons_count() -> None:
    register = sheet(
        [("1", "2022-04", "20,00", "1,00", "19,00", "1,00", "0,00", "10,50", ONE)], REGISTER
    )
    now = with_frame(NEW, changes=changes(p1="reason_leaver"))
    given = [Given(label="r.csv", content=register), now]
    found = diff_of(given, formats(), OPTIONS).main
    assert found.request.evidence.reasons == {("salaries", "1"): "leaver"}
    assert found.explained.all()


@pytest.mark.parametrize("mark", [";", ","])
def test_a_file_of_a_run_that_a_spreadsheet_saved_is_still_that_file(mark: str) -> None:
    content = io.BytesIO(file_of(OLD, "lines"))
    rows = pd.read_csv(content, dtype="str", keep_default_na=False)
    saved = rows[rows.columns[::-1]].to_csv(index=False, sep=mark).encode("utf-8-sig")
    side = Given(label="l.csv", content=saved)
    assert recognised(side, formats()).kind == "lines"
    assert not diff_of([OLD, side], formats(), OPTIONS).different


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_a_review_alone_is_its_payments(language: str) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = text("wb_sheet_payments", language)
    for title in (["review"], [""], [""], [""]):
        page.append(title)
    page.append([text(title, language) for title, _, _ in REVIEW.values()])
    assert OLD.run is not None
    for row in OLD.run.payments.to_dict("records"):
        words = {
            "stream": text(f"stream_{row['stream']}", language),
            "status": text(f"wb_status_{row['status']}", language),
            "legal_nature": text(f"wb_legal_{row['legal_nature']}", language),
            "amount": row["amount_cents"] / 100,
            "execution_date": date.fromisoformat(row["execution_date"]),
            "reference": row["remittance"],
        }
        page.append([words.get(name, row.get(name)) for name in REVIEW])
    content = io.BytesIO()
    book.save(content)
    side = Given(label="review.xlsx", content=content.getvalue())
    assert recognised(side, formats()).kind == "review"
    found = diff_of([OLD, side], formats(), OPTIONS)
    assert found.main.unchanged == len(OLD.run.payments)
    assert not found.different


def test_a_payment_list_read_with_pandas_and_written_back_is_the_same() -> None:
    content = io.BytesIO(file_of(OLD, "payments"))
    text = pd.read_csv(content, dtype="str", keep_default_na=False)
    shuffled = text.sample(frac=1, random_state=1)[sorted(text.columns)]
    again = Given(label="p.csv", content=shuffled.to_csv(index=False).encode())
    assert not diff_of([OLD, again], formats(), OPTIONS).different
