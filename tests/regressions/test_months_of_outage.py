"""Whole small runs: a partial April, a garnishment typed over a known one, June after an outage."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from payroll.model.findings import SubjectKind
from payroll.store import load_payee
from payroll.views.explain.explain import explain
from payroll.views.explain.text import explanation_text
from tests.command import payroll
from tests.regressions.test_quarter_explained import EMPLOYER, ORDER

STAFF = (
    "employee_id,last_name,first_name,iban,status,fte,monthly_gross,hire_date,tax_status\n"
    "1,Fictif,Zoé,BE68539007547034,statutory,1,2100.00,{hired},single\n"
)
TOTALS = (
    "employee_id,period,gross,personal_contributions,taxable,withholding,"
    "special_contribution,garnishment,net\n"
)
WHOLE = "1,{month},2100.00,232.05,1867.95,220.05,6.52,{garnishment},{net}\n"
#: Ten of thirty days, with 3 cents that the rules do not explain.
PART = "1,2022-04,700.00,77.35,622.65,0.00,0.00,0.00,622.62\n"
LINES = "employee_id,period,component,amount\n1,{month},1000,{amount}\n"
ADJUSTMENTS = "adjustment_id,payee_id,kind,value,from,to,reason,evidence,entered_by,approved_by\n"
TYPED = "A1,1,{kind},{value},{start},,raison,courrier,Zoé,Hervé\n"


@dataclass(frozen=True, slots=True)
class Done:
    """A run: its folder, the salary's lines by component, and (rule, severity) of findings."""

    folder: Path
    lines: Mapping[str, int]
    findings: Mapping[str, Mapping[str, str]]

    def explanation(self) -> str:
        """The proved explanation of the one person."""
        found = explain(load_payee(self.folder, SubjectKind.EMPLOYEE, "1"), "en")
        return "\n".join(explanation_text(found, "en"))


def run(folder: Path, tables: Mapping[str, str], period: str, last: str) -> Done:
    exports = folder / period / "exports"
    exports.mkdir(parents=True)
    (folder / "employer.toml").write_text(EMPLOYER, "utf-8")
    order = ORDER.format(period=period, last=last)
    for kind, table in tables.items():
        (exports / f"{kind}.csv").write_text(table, "utf-8")
        order += f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n'
    (folder / period / "payrun.toml").write_text(order, "utf-8")
    done = payroll("run", folder / period)
    assert done.returncode in (0, 1), done.stderr
    found = Path(done.stdout.strip())
    rows = {name: _rows(found / f"{name}.csv") for name in ("lines", "findings")}
    lines: dict[str, int] = {}
    for row in rows["lines"]:
        lines[row["component"]] = lines.get(row["component"], 0) + int(row["amount_cents"])
    return Done(found, lines, {row["rule_id"]: row for row in rows["findings"]})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def staff(hired: str = "2010-01-01") -> str:
    return STAFF.format(hired=hired)


def adjusted(kind: str, value: str, start: str) -> str:
    return ADJUSTMENTS + TYPED.format(kind=kind, value=value, start=start)


def partial(folder: Path, hired: str = "2010-01-01", more: Mapping[str, str] | None = None) -> Done:
    tables = {
        "employees": staff(hired),
        "register_totals": TOTALS + PART,
        "register_lines": LINES.format(month="2022-04", amount="700.00"),
        **(more or {}),
    }
    return run(folder, tables, "2022-05", "2022-04")


@pytest.mark.parametrize("way", ["hired", "return"])
def test_a_partial_april_becomes_a_whole_may(way: str, tmp_path: Path) -> None:
    if way == "hired":
        done = partial(tmp_path, "2022-04-21")
    else:
        done = partial(tmp_path, more={"adjustments": adjusted("return", "", "2022-04-21")})
    assert sum(done.lines.values()) == 164_138
    assert "residual" not in done.lines
    assert done.findings["REB-058"]["severity"] == "warn"
    assert not {"REG-020", "REB-024"} & done.findings.keys()
    shown = done.explanation()
    assert "2,100.00 × 30/30" in shown
    assert "The residual of the known month is not kept: that month was not whole." in shown


def test_less_than_the_contract_without_a_reason_holds_with_both_amounts(tmp_path: Path) -> None:
    done = partial(tmp_path)
    assert done.lines["base_salary"] == 70_000
    told = done.findings["REG-020"]
    assert told["severity"] == "hold"
    assert (told["observed"], told["limit"]) == ("2100.00", "700.00")


@pytest.mark.parametrize(("typed", "taken"), [("", 15_000), ("120.00", 12_000)])
def test_a_typed_garnishment_is_not_taken_beside_the_register_s(
    typed: str, taken: int, tmp_path: Path
) -> None:
    tables = {
        "employees": staff(),
        "register_totals": TOTALS
        + WHOLE.format(month="2022-04", garnishment="150.00", net="1491.38"),
    }
    if typed:
        tables["adjustments"] = adjusted("garnishment", typed, "2022-05-01")
    done = run(tmp_path, tables, "2022-05", "2022-04")
    assert done.lines["garnishment"] == -taken
    assert sum(done.lines.values()) == 164_138 - taken
    assert ("REB-057" in done.findings) == bool(typed)
    assert "garnishment" in done.explanation().casefold()


def test_june_after_two_months_without_a_register(tmp_path: Path) -> None:
    """March is the last known month: April's index and June's at once, in one line."""
    tables = {
        "employees": staff(),
        "register_totals": TOTALS + WHOLE.format(month="2022-03", garnishment="0", net="1641.38"),
    }
    may = run(tmp_path, tables, "2022-05", "2022-03")
    june = run(tmp_path, tables, "2022-06", "2022-03")
    for done, new in ((may, 18_476), (june, 18_845)):
        gained = 210_000 * new // 18_114 - 210_000
        assert done.lines["index_step"] == gained
        assert done.lines["base_salary"] == 210_000
        told = done.findings["REB-046"]
        assert (told["observed"], told["limit"]) == (f"1.{new - 10_000}", "1.8114")
        assert f"1.8114 → 1.{new - 10_000}" in done.explanation()
