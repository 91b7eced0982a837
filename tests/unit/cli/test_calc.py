"""`payroll calc`: the published and derived cases to the cent, and every way to say no."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from payroll.model.order import CalculationSource, SourceOrder
from payroll.model.period import Period
from payroll.model.tables import CALCULATION, FIELDS, fields_of
from payroll.store import load_rule_files, rules_folder
from tests.reference.gross_to_net import gross_to_net
from tests.reference.random_people import random_people
from tests.unit.cli.command_line import Payroll

CASES = Path(__file__).parents[2] / "cases"
TAX = {
    "single": "single",
    "m1": "married_one_income",
    "m2": "married_two_incomes",
    "married, spouse no income": "married_one_income",
    "married, spouse with income": "married_two_incomes",
}
COLUMNS = (
    "employee_id",
    "gross_cents",
    "personal_contribution_cents",
    "work_bonus_cents",
    "taxable_cents",
    "withholding_cents",
    "fiscal_work_bonus_cents",
    "special_contribution_cents",
    "net_cents",
)
HEADINGS = {
    "canonical": [
        "employee_id",
        "status",
        "fte",
        "monthly_gross",
        "tax_status",
        "children",
        "disabled",
    ],
    "fr": [
        "N° agent",
        "Statut",
        "ETP",
        "Traitement mensuel brut",
        "Situation fiscale",
        "Enfants à charge",
        "Agent handicapé",
    ],
    "nl": [
        "Personeelsnummer",
        "Statuut",
        "VTE",
        "Bruto maandwedde (voltijds)",
        "Fiscale toestand",
        "Kinderen ten laste",
        "Handicap werknemer",
    ],
    "en": [
        "Employee number",
        "Employment status",
        "FTE",
        "Monthly gross (full-time)",
        "Tax status",
        "Dependent children",
        "Disabled",
    ],
}
WORDS = {
    "nl": {
        "contractual": "Contractueel",
        "statutory": "Vastbenoemd",
        "single": "Alleenstaande",
        "married_one_income": "Gehuwd 1 inkomen",
        "married_two_incomes": "Gehuwd 2 inkomens",
        "yes": "ja",
        "no": "nee",
    },
    "fr": {
        "contractual": "Contractuel",
        "statutory": "Statutaire",
        "single": "Isolé",
        "married_one_income": "Marié 1 revenu",
        "married_two_incomes": "Marié 2 revenus",
        "yes": "oui",
        "no": "non",
    },
}
Row = dict[str, str]


def cases(name: str) -> list[Row]:
    with (CASES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def derived(month: str) -> tuple[list[list[str]], list[list[str | int]]]:
    """(input rows, expected rows) of the derived cases of a month."""
    rows, expected = [], []
    for case in cases("gross_to_net_2022_derived.csv"):
        if case["month"] != month:
            continue
        family, children = case["family"].removesuffix(" child").split(", ")
        rows.append(
            [
                case["id"],
                "statutory" if case["status"] == "s" else "contractual",
                "1",
                case["gross"],
                TAX[family.removesuffix("-disabled")],
                children,
                "yes" if family.endswith("-disabled") else "no",
            ]
        )
        expected.append(
            [
                case["id"],
                *(
                    cents(case[name])
                    for name in (
                        "gross",
                        "contribution",
                        "work_bonus",
                        "taxable",
                        "withholding_before_fiscal_bonus",
                        "fiscal_work_bonus",
                        "special_contribution",
                        "net",
                    )
                ),
            ]
        )
    return rows, expected


def published() -> tuple[list[list[str]], list[list[str | int]]]:
    """The full-time rows of the FGTB simulator of January 2021."""
    rows, expected = [], []
    for case in cases("gross_to_net_2021_01_published.csv"):
        if "32/40" in case["family"]:
            continue
        disabled = "disabled" in case["family"]
        family = "single" if disabled else case["family"]
        rows.append(
            [
                case["id"],
                "contractual",
                "1",
                case["gross"],
                TAX[family],
                "0",
                "yes" if disabled else "no",
            ]
        )
        expected.append(
            [
                case["id"],
                *(
                    cents(case[name])
                    for name in (
                        "gross",
                        "nsso",
                        "work_bonus",
                        "taxable",
                        "withholding_before_fiscal_bonus",
                        "fiscal_work_bonus",
                        "special_contribution",
                        "net",
                    )
                ),
            ]
        )
    return rows, expected


def csv_file(path: Path, rows: list[list[str]], headings: str = "canonical") -> Path:
    words = WORDS.get(headings, {})
    comma = headings in ("fr", "nl")
    lines = [HEADINGS[headings]]
    lines += [
        [words.get(cell, cell.replace(".", ",") if comma else cell) for cell in row] for row in rows
    ]
    path.write_text("\n".join(";".join(line) for line in lines) + "\n", "utf-8")
    return path


def read(content: bytes) -> list[list[str | int]]:
    assert b"\r" not in content
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8")))
    assert tuple(header) == COLUMNS
    return [[row[0], *map(int, row[1:])] for row in rows]


MONTHS = {"2021-01": published(), "2022-04": derived("Apr 2022"), "2022-05": derived("May 2022")}


@pytest.mark.parametrize("headings", sorted(HEADINGS))
@pytest.mark.parametrize("month", sorted(MONTHS))
def test_the_reference_cases_to_the_cent(
    payroll: Payroll, tmp_path: Path, month: str, headings: str
) -> None:
    rows, expected = MONTHS[month]
    assert len(rows) >= 4
    done = payroll("calc", month, csv_file(tmp_path / "list.csv", rows, headings))
    assert done.code == 0, done.stderr
    assert read(done.stdout) == expected


@pytest.mark.parametrize("month", sorted(MONTHS))
def test_a_workbook_gives_the_same(payroll: Payroll, tmp_path: Path, month: str) -> None:
    rows, expected = MONTHS[month]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Simulatie", None])
    sheet.append([])
    sheet.append(HEADINGS["nl"])
    for row in rows:
        words = [WORDS["nl"].get(cell, cell) for cell in row]
        sheet.append([*words[:2], 1, float(row[3]), words[4], int(row[5]), words[6]])
    book.save(tmp_path / "lijst.xlsx")
    done = payroll("calc", month, tmp_path / "lijst.xlsx", language="nl")
    assert done.code == 0, done.stderr
    assert read(done.stdout) == expected


def test_part_time_is_a_share_of_the_full_time_gross(payroll: Payroll, tmp_path: Path) -> None:
    """2,450.01 x 0.5 is 1,225.005: half a cent up. The bonus is half that of a full-time wage that
    is 83.60 hours' pay, rounded by the hour (14.65), in 167.20 hours.
    """
    rows = [
        ["H", "contractual", "0.5", "2450.01", "single", "0", "no"],
        ["F", "contractual", "1", "2450.01", "single", "0", "no"],
    ]
    half, _ = read(payroll("calc", "2022-05", csv_file(tmp_path / "a.csv", rows)).stdout)
    assert half[1] == 122_501
    assert half[2] == 16_011  # 13.07 % of 1,225.01
    assert half[3] == 5_270  # half of 233.05 - 0.2313 x (14.65 x 167.20 - 1,897.55) = 105.39


@pytest.mark.parametrize("month", ["2021-10", "2022-04", "2022-05"])
def test_random_people_agree_with_the_reference(
    payroll: Payroll, tmp_path: Path, month: str
) -> None:
    """Every family, working time and threshold, against the slow calculator from the facts."""
    fields = [item.name for item in fields_of(CALCULATION)]
    lines, expected = [";".join(fields)], []
    times = ("1", "0.5", "0.8", "0.75", "0.333333", "0.0263", "0.999999")
    people = [person for person in random_people(400, seed=20) if person.gross > 0]
    for number, person in enumerate(people):
        fte = times[number % len(times)]
        gross = (person.gross * Decimal(fte)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        pay = gross_to_net(
            replace(
                person,
                gross=gross,
                work_days=Fraction(fte) * len(Period.parse(month).working_days),
                part_time=fte != "1",
                exceptional=Decimal(0),
                pension_base=None,
                taxable_extra=Decimal(0),
            ),
            month,
        )
        values = {name: getattr(person, name, "") for name in fields} | {
            "employee_id": f"P{number}",
            "fte": fte,
            "monthly_gross": person.gross,
            **dict.fromkeys(("exceptional", "pension_base"), ""),
        }
        words = {True: "yes", False: "no"}
        lines.append(
            ";".join(
                words[value] if isinstance(value, bool) else str(value) for value in values.values()
            )
        )
        amounts = (
            gross,
            pay.contribution,
            pay.work_bonus,
            pay.taxable,
            pay.withholding,
            pay.fiscal_work_bonus,
            pay.special_contribution,
            pay.net,
        )
        expected.append([f"P{number}", *(int(amount * 100) for amount in amounts)])
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    done = payroll("calc", month, tmp_path / "a.csv")
    assert done.code == 0, done.stderr
    assert read(done.stdout) == expected


def test_only_five_columns_are_needed_and_the_others_default_to_none() -> None:
    assert [item.name for item in fields_of(CALCULATION) if item.required] == [
        "employee_id",
        "status",
        "fte",
        "monthly_gross",
        "tax_status",
    ]
    more = set(fields_of(CALCULATION)) - set(FIELDS["employees"])
    assert len(more) == 11
    assert not any(item.required for item in more)


def test_unused_columns_of_a_staff_list_do_not_matter(payroll: Payroll, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Nom;N° agent;Statut;ETP;Traitement mensuel brut;Situation fiscale;IBAN;Date d'entrée\n"
        "=1+1;000001;Contractuel;1;3000,00;Isolé;pas un compte;jamais\n",
        "cp1252",
    )
    done = payroll("calc", "2022-05", path)
    assert done.code == 0, done.stderr
    assert read(done.stdout)[0][0] == "000001"
    assert "jamais" not in done.stderr


BAD = {
    "unreadable gross": (
        ["B", "contractual", "1", "abc", "single", "0", "no"],
        "ING-002",
        "R3, monthly_gross",
    ),
    "third decimal": (
        ["B", "contractual", "1", "1000.005", "single", "0", "no"],
        "ING-002",
        "R3, monthly_gross",
    ),
    "gross above the limit": (
        ["B", "contractual", "1", "10000000.01", "single", "0", "no"],
        "ING-002",
        "R3, monthly_gross",
    ),
    "empty gross": (
        ["B", "contractual", "1", "", "single", "0", "no"],
        "ING-004",
        "R3, monthly_gross",
    ),
    "zero gross": (
        ["B", "contractual", "1", "0.00", "single", "0", "no"],
        "REG-008",
        "R3, monthly_gross",
    ),
    "negative gross": (
        ["B", "contractual", "1", "-5.00", "single", "0", "no"],
        "REG-008",
        "R3, monthly_gross",
    ),
    "unknown status": (
        ["B", "interim", "1", "2000.00", "single", "0", "no"],
        "ING-002",
        "R3, status",
    ),
    "unknown household": (
        ["B", "contractual", "1", "2000.00", "engaged", "0", "no"],
        "ING-002",
        "R3, tax_status",
    ),
    "no working time": (
        ["B", "contractual", "0", "2000.00", "single", "0", "no"],
        "REG-009",
        "R3, fte",
    ),
    "120 percent": (
        ["B", "contractual", "1.2", "2000.00", "single", "0", "no"],
        "ING-002",
        "R3, fte",
    ),
    "unreadable children": (
        ["B", "contractual", "1", "2000.00", "single", "two", "no"],
        "ING-003",
        "R3, children",
    ),
    "half a child": (
        ["B", "contractual", "1", "2000.00", "single", "0.5", "no"],
        "ING-003",
        "R3, children",
    ),
    "unreadable flag": (
        ["B", "contractual", "1", "2000.00", "single", "0", "maybe"],
        "ING-003",
        "R3, disabled",
    ),
    "id twice": (
        ["A", "contractual", "1", "2000.00", "single", "0", "no"],
        "ING-005",
        "R3, employee_id",
    ),
    "no id": (
        ["", "contractual", "1", "2000.00", "single", "0", "no"],
        "ING-001",
        "R3, employee_id",
    ),
    "formula as id": (
        ["=A\u200b", "contractual", "1", "2000.00", "single", "0", "no"],
        "ING-009",
        "R3, employee_id",
    ),
}


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_row_is_named_and_left_out(
    payroll: Payroll, tmp_path: Path, name: str, language: str
) -> None:
    row, rule_id, place = BAD[name]
    good = ["A", "contractual", "1", "3000.00", "single", "0", "no"]
    last = ["C", "contractual", "1", "3000.00", "single", "0", "no"]
    done = payroll(
        "calc", "2022-05", csv_file(tmp_path / "a.csv", [good, row, last]), language=language
    )
    assert done.code == 1
    assert [item[0] for item in read(done.stdout)] == ["A", "C"]
    assert f"{rule_id}  " in done.stderr
    assert f"a.csv!csv!{place}" in done.stderr
    assert "→ " in done.stderr
    assert "{" not in done.stderr


def test_a_formula_without_value_and_an_error_cell_are_not_zero(
    payroll: Payroll, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS["canonical"])
    sheet.append(["A", "contractual", 1, 3000, "single", 0, "no"])
    sheet.append(["B", "contractual", 1, "=1000+2000", "single", 0, "no"])
    book.save(tmp_path / "a.xlsx")
    done = payroll("calc", "2022-05", tmp_path / "a.xlsx")
    assert done.code == 1
    assert [item[0] for item in read(done.stdout)] == ["A"]
    assert "ING-008" in done.stderr
    assert "a.xlsx!Sheet!R3, monthly_gross" in done.stderr


ONE = [["A", "contractual", "1", "2000.00", "single", "0", "no"]]


@pytest.mark.parametrize("month", ["2022-13", "2022-00", "202205", "mai 2022", "0000-05", ""])
def test_a_malformed_month_is_a_usage_error(payroll: Payroll, tmp_path: Path, month: str) -> None:
    done = payroll("calc", month, csv_file(tmp_path / "a.csv", ONE))
    assert done.code == 2
    assert "2022-05" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize(
    ("month", "figure"),
    [
        ("2019-05", "personal_contribution"),
        ("2023-05", "work_bonus"),
        ("2024-02", "work_bonus"),
        ("2024-05", "work_bonus_low"),
        ("2027-05", "work_bonus_low"),
    ],
)
def test_a_month_without_figures_is_refused_by_name(
    payroll: Payroll, tmp_path: Path, month: str, figure: str, language: str
) -> None:
    done = payroll("calc", month, csv_file(tmp_path / "a.csv", ONE), language=language)
    assert done.code == 3
    assert done.stdout == b""
    assert month in done.stderr
    assert f" {figure} " in done.stderr


def test_a_month_is_refused_even_when_no_row_is_sound(payroll: Payroll, tmp_path: Path) -> None:
    rows = [["A", "contractual", "1", "abc", "single", "0", "no"]]
    assert payroll("calc", "2019-05", csv_file(tmp_path / "a.csv", rows)).code == 3
    done = payroll("calc", "2022-05", csv_file(tmp_path / "a.csv", rows))
    assert done.code == 1
    assert read(done.stdout) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, "none.csv"),
        ("empty.csv", b"", "empty.csv"),
        ("broken.xlsx", b"PK\x03\x04 not really", "broken.xlsx"),
        ("text.xlsx", b"employee_id;status\n", "text.xlsx"),
        ("columns.csv", b"employee_id;status;fte\nA;contractual;1\n", "monthly_gross"),
        ("nul.csv", b"employee_id;status\nA\x00;contractual\n", "nul.csv!csv!R2"),
        ("open.csv", b'employee_id;status;fte\n"A;contractual;1\n', "open.csv"),
        (
            "two.csv",
            b"employee_id;status;fte;monthly_gross;tax_status\nA;contractual;1;1.234;single\n",
            "two.csv!csv!R2",
        ),
    ],
)
def test_a_damaged_file(
    payroll: Payroll, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = payroll("calc", "2022-05", path, "-o", tmp_path / "out.csv")
    assert done.code == 4, done.stderr
    assert words in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_output_is_private_replaced_whole_and_never_the_input(
    payroll: Payroll, tmp_path: Path
) -> None:
    source, out = csv_file(tmp_path / "a.csv", ONE), tmp_path / "new" / "nets.csv"
    done = payroll("calc", "2022-05", source, "-o", out)
    assert done.code == 0, done.stderr
    assert done.text.strip() == str(out)
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(read(out.read_bytes())) == 1
    out.write_bytes(b"old" * 10_000)
    out.chmod(0o644)
    assert payroll("calc", "2022-05", source, "-o", out).code == 0
    assert len(read(out.read_bytes())) == 1
    assert [item.name for item in out.parent.iterdir()] == ["nets.csv"]
    before = source.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    for same in (source, link, tmp_path / "new" / ".." / "a.csv"):
        done = payroll("calc", "2022-05", source, "-o", same)
        assert done.code == 2
        assert source.read_bytes() == before
    done = payroll("calc", "2022-05", source, "-o", tmp_path / "new")
    assert done.code == 3
    assert "Traceback" not in done.stderr
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.csv", "link.csv", "new"]


def test_json_holds_rows_and_findings(payroll: Payroll, tmp_path: Path) -> None:
    rows = [*ONE, ["B", "contractual", "1", "abc", "single", "0", "no"]]
    done = payroll("calc", "2022-05", csv_file(tmp_path / "a.csv", rows), "--json")
    assert done.code == 1
    found = json.loads(done.stdout)
    assert found["month"] == "2022-05"
    assert [set(row) for row in found["rows"]] == [set(COLUMNS)]
    assert found["rows"][0]["gross_cents"] == 200_000
    assert found["left_out"] == 1
    by_rule = {item["rule_id"]: item for item in found["findings"]}
    assert by_rule["ING-002"]["source"] == "a.csv!csv!R3, monthly_gross"
    assert by_rule["ING-002"]["remedy"]
    assert {item["observed"] for item in found["findings"] if item["rule_id"] == "PARAM-001"} == {
        "parameter:fiscal_work_bonus_percent",
        "parameter:full_time_week_hours",
    }


def test_unverified_figures_are_named_only_when_they_shape_something(
    payroll: Payroll, tmp_path: Path
) -> None:
    low = payroll("calc", "2022-05", csv_file(tmp_path / "a.csv", ONE))
    assert "fiscal_work_bonus_percent" in low.stderr
    rows = [["A", "statutory", "1", "2000.00", "single", "0", "no"]]
    assert "PARAM-001" not in payroll("calc", "2022-05", csv_file(tmp_path / "a.csv", rows)).stderr


def test_another_rules_folder(payroll: Payroll, tmp_path: Path) -> None:
    for name, content in load_rule_files(rules_folder()).items():
        path = tmp_path / "rules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b"value = 13.07\n", b"value = 10\n"))
    source = csv_file(tmp_path / "a.csv", ONE)
    done = payroll("calc", "2022-05", source, "--rules", tmp_path / "rules")
    assert read(done.stdout)[0][2] == 20_000
    assert payroll("calc", "2022-05", source, "--rules", tmp_path / "none").code == 2


def test_no_order_may_name_the_table_of_calc() -> None:
    with pytest.raises(ValueError, match="source_kind"):
        SourceOrder(kind=CALCULATION, file="a.csv")
    assert CalculationSource(file="C:/a.csv").kind == CALCULATION


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_help_has_an_example_and_names_the_template(payroll: Payroll, language: str) -> None:
    done = payroll("calc", "--help", "--lang", language)
    assert "payroll calc 2022-05" in done.text
    assert "payroll template employees" in done.text
