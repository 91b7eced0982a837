"""Runs, their files and registers as sides: reasons, rule hits, sites, and what fits what."""

from __future__ import annotations

import dataclasses
import io

import pandas as pd
import pytest

from payroll.model.errors import UsageError
from payroll.model.findings import FINDING_COLUMNS
from payroll.record.csv import csv_bytes
from payroll.views.diff.build import Given, Options, diff_of
from payroll.views.diff.sources import LINES, recognised
from tests.unit.views.diff.comparison_samples import ROWS, formats, keys, seen, sheet

PAYMENTS = [
    "payment_id",
    "stream",
    "payee_id",
    "creditor_name",
    "iban",
    "amount_cents",
    "remittance",
    "structured_reference",
    "end_to_end_id",
    "execution_date",
    "legal_nature",
    "status",
    "hold_rules",
    "file",
]
COLUMNS = [*LINES, "parents"]
ONE, TWO = "BE13103960626939", "BE95340094121158"
OPTIONS = Options(language="en")

Pay = tuple[str, str, str, int, str]


def payments(rows: list[Pay], month: str = "2022-05") -> bytes:
    records = [
        (
            f"P-{month}-{number}",
            stream,
            payee,
            f"Name {payee}",
            iban,
            cents,
            month,
            "",
            "E",
            f"{month}-31",
            "final",
            status,
            "R-1" if status == "held" else "",
            "f",
        )
        for number, (stream, payee, iban, cents, status) in enumerate(rows)
    ]
    return csv_bytes(frame(records, PAYMENTS))


def frame(records: list[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(records, columns=columns)
    return made.astype({name: "str" for name in columns if not name.endswith("_cents")})


def lines(rows: list[tuple[str, str, str, int, str]], month: str = "2022-05") -> bytes:
    records = [
        (f"L-{number}", stream, payee, component, month, "", "", cents, basis, "r", "x!csv!R1", "")
        for number, (stream, payee, component, cents, basis) in enumerate(rows)
    ]
    return csv_bytes(frame(records, COLUMNS))


def findings(*rows: tuple[str, str, str]) -> bytes:
    records = [("F", rule, "hold", kind, payee, "", *([""] * 6)) for rule, kind, payee in rows]
    return csv_bytes(frame(records, list(FINDING_COLUMNS)))


def run(label: str, pay: bytes, line: bytes, found: bytes | None = None) -> Given:
    files = {"payments.csv": pay, "lines.csv": line, "findings.csv": found or findings()}
    return Given(label=label, files=files)


OLD = run(
    "draft",
    payments(
        [
            ("salaries", "1", ONE, 1000, "pay"),
            ("salaries", "2", TWO, 2000, "pay"),
            ("salaries", "3", TWO, 300, "pay"),
            ("fees", "1", ONE, 50, "pay"),
        ]
    ),
    lines(
        [
            ("salaries", "1", "base_salary", 1000, "known"),
            ("salaries", "2", "base_salary", 2000, "known"),
            ("salaries", "3", "base_salary", 300, "known"),
            ("fees", "1", "fee", 50, "known"),
        ]
    ),
)
NEW = run(
    "now",
    payments(
        [
            ("salaries", "1", TWO, 1100, "pay"),
            ("salaries", "2", TWO, 1500, "held"),
            ("salaries", "4", ONE, 40, "pay"),
            ("fees", "1", ONE, 60, "pay"),
        ]
    ),
    lines(
        [
            ("salaries", "1", "base_salary", 1000, "known"),
            ("salaries", "1", "one_off_net", 130, "adjusted"),
            ("salaries", "1", "withholding", -30, "recomputed"),
            ("salaries", "2", "base_salary", 1500, "known"),
            ("salaries", "4", "base_salary", 40, "adjusted"),
            ("fees", "1", "fee", 60, "known"),
        ]
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
    files = OLD.files or {}
    found = diff_of([OLD, Given(label="p.csv", content=files["payments.csv"])], formats(), OPTIONS)
    assert not found.different


def test_two_invoices_of_one_supplier_pair_whatever_their_order() -> None:
    rows: list[Pay] = [
        ("invoices", "F1", ONE, 10, "pay"),
        ("invoices", "F1", ONE, 20, "pay"),
        ("invoices", "F1", ONE, 30, "pay"),
    ]
    now = [rows[2], ("invoices", "F1", ONE, 21, "pay"), rows[0]]
    sides = [
        Given(label=str(number), content=payments(part))  # type: ignore[arg-type]
        for number, part in enumerate((rows, now))
    ]
    found = diff_of(sides, formats(), OPTIONS).main
    assert seen(found) == [("invoices+F1", "amount", "0.20", "0.21")]


def test_another_month_does_not_compare_the_dates() -> None:
    pay: list[Pay] = [("salaries", "1", ONE, 1000, "pay")]
    sides = [Given(label=month, content=payments(pay, month)) for month in ("2022-03", "2022-05")]
    found = diff_of(sides, formats(), OPTIONS)
    assert not found.different
    assert ("cmp_note_other_month", {}) in found.notes


def test_a_register_against_a_payment_list_is_about_salaries_only() -> None:
    head = (
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
    register = sheet(
        [("1", "2022-04", "20,00", "1,00", "19,00", "1,00", "0,00", "10,50", ONE)], head
    )
    if recognised(Given(label="r.csv", content=register), formats()).kind != "register":
        pytest.skip("the headings of this sample are no register's any more")
    files = OLD.files or {}
    sides = [
        Given(label="r.csv", content=register),
        Given(label="p.csv", content=files["payments.csv"]),
    ]
    found = diff_of(sides, formats(), OPTIONS)
    assert ("salaries+1", "amount", "10.50", "10.00") in [
        (row[0], "amount", *row[2:]) for row in seen(found.main)
    ]
    assert keys(found.main, "added") == ["salaries+2", "salaries+3"]


def test_lines_do_not_compare_with_payments() -> None:
    files = OLD.files or {}
    sides = [Given(label="a.csv", content=sheet(ROWS)), OLD]
    with pytest.raises(UsageError) as caught:
        diff_of(sides, formats(), OPTIONS)
    assert caught.value.error_id == "cmp_kinds"
    lines_only = Given(label="l.csv", content=files["lines.csv"])
    assert not diff_of([lines_only, OLD], formats(), OPTIONS).different


def test_sites_come_from_the_employees_list_of_a_run() -> None:
    sources = [
        dataclasses.replace(recognised(item, formats()), sites=sites)
        for item, sites in (
            (OLD, {"1": "North", "2": "South"}),
            (NEW, {"1": "South", "2": "South"}),
        )
    ]
    from payroll.views.diff.build import diff_of_sources

    found = diff_of_sources(sources, OPTIONS).main
    rows = {row.group: row for row in found.bridge if row.kind == "site"}
    assert rows["North"].moved == -1000
    assert rows["South"].moved == 1000
    assert rows["South"].this == 2600
    assert sum(row.moved for row in rows.values()) == 0
    assert all(row.gap == 0 for row in rows.values())


def test_a_payment_list_read_with_pandas_and_written_back_is_the_same() -> None:
    files = OLD.files or {}
    text = pd.read_csv(io.BytesIO(files["payments.csv"]), dtype="str", keep_default_na=False)
    shuffled = text.sample(frac=1, random_state=1)[sorted(text.columns)]
    again = Given(label="p.csv", content=shuffled.to_csv(index=False).encode())
    assert not diff_of([OLD, again], formats(), OPTIONS).different
