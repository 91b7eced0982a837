"""The last month of a quarter: its settlement is a step of the law, never part of the gross."""

from __future__ import annotations

from pathlib import Path

import pytest

from payroll.model.findings import SubjectKind
from payroll.store import load_payee
from payroll.views.explain.explain import explain
from payroll.views.explain.text import explanation_text
from payroll.views.explain.tree import Explanation
from tests.command import payroll

TABLES = {
    "employees": (
        "employee_id,last_name,first_name,iban,status,fte,monthly_gross,hire_date,tax_status\n"
        "1,Fictif,Zoé,BE68539007547034,statutory,1,2100.00,2010-01-01,single\n"
    ),
    "register_totals": (
        "employee_id,period,gross,personal_contributions,taxable,withholding,"
        "special_contribution,net\n"
        "1,2022-04,1500.00,165.75,1334.25,60.00,0.00,1274.25\n"
        "1,2022-05,2100.00,232.05,1867.95,220.05,6.52,1641.38\n"
        "{june}"
    ),
}
JUNE = "1,2022-06,2100.00,232.05,1867.95,220.05,-6.52,1654.42\n"
EMPLOYER = """name = "Modèle"
enterprise_number = "0912364677"
language = "fr"
[[account]]
id = "main"
iban = "BE88063954965641"
bank_profile = "generic_be_2022"
[release]
approvals = 2
approvers = ["Zoé Modèle", "Hervé Spécimen"]
"""
ORDER = """period = "{period}"
last_known = "{last}"
created_at = {period}-20T09:00:00
[salaries]
pay_on = {period}-29
account = "main"
[none_known]
joiners = "Zoé Modèle, {period}-20"
leavers = "Zoé Modèle, {period}-20"
holiday_pay = "Zoé Modèle, {period}-20"
"""


def explained(folder: Path, period: str, last: str, june: str = "") -> Explanation:
    exports = folder / period / "exports"
    exports.mkdir(parents=True)
    (folder / "employer.toml").write_text(EMPLOYER, "utf-8")
    order = ORDER.format(period=period, last=last)
    for kind, table in TABLES.items():
        (exports / f"{kind}.csv").write_text(table.replace("{june}", june), "utf-8")
        order += f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n'
    (folder / period / "payrun.toml").write_text(order, "utf-8")
    done = payroll("run", folder / period)
    assert done.returncode in (0, 1), done.stderr
    return explain(load_payee(Path(done.stdout.strip()), SubjectKind.EMPLOYEE, "1"), "fr")


@pytest.fixture(scope="module")
def june(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    return explained(tmp_path_factory.mktemp("june"), "2022-06", "2022-05")


def test_june_shows_the_settlement_after_the_month_s_own_contribution(june: Explanation) -> None:
    (part,) = (part for part in june.parts if part.stream == "salaries")
    assert sum(line.cents for line in part.gross) == 214_194  # the index of 1 June in it
    # 4.22 % of 2,141.94 - 1,945.38; the quarter's 5,741.94 owes nothing: 8.29 and May's 6.52 back
    assert [(step.step_id, step.sign * step.cents) for step in part.steps[-2:]] == [
        ("special_contribution", -829),
        ("special_contribution_quarter", 1_481),
    ]
    assert part.net_cents == part.sum_cents


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Brut soumis à l'ONSS du trimestre"),
        ("nl", "Bruto onderworpen aan RSZ, kwartaal"),
        ("en", "Gross of the quarter subject to NSSO"),
    ],
)
def test_the_wages_of_the_quarter_are_shown(language: str, words: str, june: Explanation) -> None:
    rows = explanation_text(june, language)
    assert not [row for row in rows if "special_contribution" in row]
    (wages,) = (row for row in rows if words in row)
    assert "741,94" in wages or "741.94" in wages


def test_july_compares_june_with_its_settlement(tmp_path: Path) -> None:
    found = explained(tmp_path, "2022-07", "2022-06", JUNE)
    (part,) = (part for part in found.parts if part.stream == "salaries")
    compared = {row.entry: (row.first_cents, row.second_cents) for row in part.known}
    assert compared["special_contribution"] == (652, 652)
    assert compared["net"] == (165_442, 165_442)
    assert not part.residual_cents
