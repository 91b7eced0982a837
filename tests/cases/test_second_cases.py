"""The second file of cases, through `payroll calc` to the cent; garnishments by their step."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from payroll.calc import calc
from payroll.gross_to_net.columns import Trail
from payroll.gross_to_net.engine import run_step
from payroll.model.period import Period
from tests.columns import BOOK, law_of

HERE = Path(__file__).parent
Row = Mapping[str, str]
FAMILIES = {
    "single": "single",
    "married, spouse without income": "married_one_income",
    "married, spouse with income": "married_two_incomes",
}
COUNTS = {"children": "children", "disabled": "disabled_children"}


def rows() -> list[Row]:
    with (HERE / "may_2022_second.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ROWS = {row["id"]: row for row in rows()}


def expected(row: Row) -> dict[str, int]:
    """What a row says must come out, '(product ...)' left out."""
    found = re.findall(r"(\w+)=(-?\d+)", row["expected"])
    return {name: int(cents) for name, cents in found}


def number(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} in {text}"
    return found[1]


def family(text: str) -> str:
    return next(code for words, code in FAMILIES.items() if words in text)


def calculated(month: str, **cells: str) -> dict[str, int]:
    """One row of `payroll calc`."""
    given = {"employee_id": "00001", "fte": "1", "tax_status": "single"} | cells
    stream = io.StringIO()
    table = csv.writer(stream)
    table.writerows([list(given), list(given.values())])
    result = calc("case.csv", stream.getvalue().encode(), Period.parse(month), BOOK)
    assert not result.left_out
    row: dict[str, int] = result.rows.drop(columns="employee_id").iloc[0].to_dict()
    return row


def payslip(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """M: a whole month's pay of one family; the pension base is the gross."""
    text = row["inputs"]
    cells = {
        "status": "statutory" if "statutory" in text else "contractual",
        "fte": number(r"FTE ([\d.]+)", text),
        "monthly_gross": number(r"gross ([\d.]+)", text),
        "tax_status": family(text),
    }
    for words, field in COUNTS.items():
        if found := re.search(rf"(?<!spouse ){words}=(\d+)", text):
            cells[field] = found[1]
    for words, field in (("spouse disabled=", "spouse_disabled"), ("worker disabled=", "disabled")):
        if words in text:
            cells[field] = "yes" if f"{words}1" in text else "no"
    return calculated(row["month"], **cells), expected(row)


def special(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """J: the special contribution of a wage."""
    wage = number(r"wage ([\d.]+)", row["inputs"])
    cells = {"status": "contractual", "monthly_gross": wage, "tax_status": family(row["inputs"])}
    return calculated(row["month"], **cells), expected(row)


def part_time(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """P: the work bonus of a part-timer."""
    text = row["inputs"]
    cells = {"fte": number(r"FTE ([\d.]+)", text), "monthly_gross": number(r"gross ([\d.]+)", text)}
    return calculated(row["month"], status="contractual", **cells), expected(row)


def joiner(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """Q: the work bonus of an incomplete month."""
    day = number(r"joiner (\d+) May", row["inputs"])
    gross = number(r"full time ([\d,.]+),", row["inputs"]).replace(",", "")
    cells = {"status": "contractual", "monthly_gross": gross, "employed_from": f"2022-05-{day}"}
    return calculated(row["month"], **cells), expected(row)


def holiday(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """H: holiday pay beside the month's salary, which it leaves as it is."""
    text = row["inputs"]
    salary = {
        "status": "statutory" if "statutory" in text else "contractual",
        "monthly_gross": number(r"May monthly gross ([\d.]+)", text),
        "children": number(r"children (\d+)", text),
    }
    cells = {
        "holiday_basis": number(r"allowance ([\d.]+)", text),
        "holiday_percentage": number(r"(\d+) %", text) + "%",
        "holiday_share": number(r"fraction of 2021 ([\d.]+)", text),
    }
    found, without = calculated(row["month"], **salary, **cells), calculated(row["month"], **salary)
    assert {name: found[name] for name in without} == without
    short = {name: found[f"holiday_pay_{name}_cents"] for name in ("contribution", "withholding")}
    short |= {"gross": found["holiday_pay_cents"], "net": found["holiday_pay_net_cents"]}
    return short, expected(row)


def quarter(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """K: what June settles; a month without a wage was before the service."""
    month, wages = row["month"], re.findall(r"'([\d.]+)'", row["inputs"])
    cells = {"status": "contractual", "tax_status": family(row["inputs"])}
    monthly = [
        calculated(month, monthly_gross=wage, **cells)["special_contribution_cents"]
        if float(wage)
        else 0
        for wage in wages
    ]
    found = calculated(
        month,
        monthly_gross=wages[2],
        quarter_first=wages[0],
        quarter_second=wages[1],
        quarter_withheld=f"{sum(monthly[:2]) / 100:.2f}",
        **cells,
    )
    settled = found["special_contribution_settlement_cents"]
    sums = {"withheld_monthly": sum(monthly), "settlement": settled}
    return sums | {"due_quarter": sum(monthly) + settled}, expected(row)


def index(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """X: the monthly amount of an annual scale amount at 138.01."""
    annual = number(r"138.01 ([\d.]+);", row["inputs"])
    known = number(r"pays ([\d.]+)", row["inputs"])
    found = calculated(row["month"], status="statutory", monthly_gross=known, scale_annual=annual)
    return {"june_base_cents": found["gross_cents"]}, expected(row)


def allowance(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """A: the household allowance of statutory staff bears tax and no social security."""
    scale = number(r"scale salary ([\d,.]+),", row["inputs"]).replace(",", "")
    more = number(r"allowance ([\d.]+)", row["inputs"])
    cells = {"status": "statutory", "monthly_gross": scale}
    found = calculated(row["month"], **cells, household_allowance=more)
    alone, said = calculated(row["month"], **cells), expected(row)
    own = found["personal_contribution_cents"]
    assert found["special_contribution_cents"] == alone["special_contribution_cents"]
    assert found["taxable_cents"] == alone["taxable_cents"] + int(more.replace(".", ""))
    return {"sum": own}, {"sum": said["health"] + said["pension"]}


def seized(row: Row) -> tuple[dict[str, int], dict[str, int]]:
    """G: what may be taken of a calendar month's payments together."""
    text, law = row["inputs"], law_of(row["month"]).step("garnishment")
    salary = int(number(r"salary ([\d.]+)", text).replace(".", ""))
    more = int(number(r"holiday pay\) ([\d.]+)", text).replace(".", "").ljust(1, "0"))
    more = more if "." in number(r"holiday pay\) ([\d.]+)", text) else more * 100
    children = np.array([int(number(r"children (\d+)", text))], dtype=np.int64)
    alone, whole = (
        int(run_step(law, Trail(), np.array([net], dtype=np.int64), children)[0])
        for net in (salary, salary + more)
    )
    return {"seized_on_salary": alone, "seized_on_rest": whole - alone, "total": whole}, expected(
        row
    )


CASES: Mapping[str, Callable[[Row], tuple[dict[str, int], dict[str, int]]]] = {
    "M": payslip,
    "J": special,
    "P": part_time,
    "Q": joiner,
    "H": holiday,
    "K": quarter,
    "X": index,
    "A": allowance,
    "G": seized,
}


@pytest.mark.parametrize("case", ROWS)
def test_every_case_to_the_cent(case: str) -> None:
    found, said = CASES[case[0]](ROWS[case])
    assert said
    assert {name: found[name] for name in said} == said
