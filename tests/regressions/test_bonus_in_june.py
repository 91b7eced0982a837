"""A bonus paid in a quarter's last month settles with the quarter, and its explanation agrees."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from payroll.model.findings import SubjectKind
from payroll.store import load_payee
from payroll.views.explain.explain import explain
from tests.command import payroll
from tests.reference.gross_to_net import quarter_settlement, special_contribution
from tests.regressions.test_quarter_explained import EMPLOYER, ORDER, TABLES

HOURS = "employee_id,period,premium_code,hours,work_date\n1,2022-05,NUIT,100.00,2022-05-05\n"
PARTS = ("special_contribution", "special_contribution_settlement")


def test_salary_and_bonus_take_together_what_the_quarter_owes(tmp_path: Path) -> None:
    exports = tmp_path / "2022-06" / "exports"
    exports.mkdir(parents=True)
    (tmp_path / "employer.toml").write_text(EMPLOYER, "utf-8")
    order = ORDER.format(period="2022-06", last="2022-05")
    bonuses = '[bonuses]\nearned = "2022-05"\npay_on = 2022-06-29\naccount = "main"\n'
    order = order.replace("[none_known]", bonuses + "[none_known]")
    for kind, table in {**TABLES, "premium_hours": HOURS}.items():
        (exports / f"{kind}.csv").write_text(table.replace("{june}", ""), "utf-8")
        order += f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n'
    (tmp_path / "2022-06" / "payrun.toml").write_text(order, "utf-8")
    done = payroll("run", tmp_path / "2022-06")
    assert done.returncode in (0, 1), done.stderr
    folder = Path(done.stdout.strip())
    with (folder / "lines.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))

    def sum_of(*components: str) -> Decimal:
        cents = [int(row["amount_cents"]) for row in lines if row["component"] in components]
        return Decimal(sum(cents)) / 100

    june = sum_of("base_salary", "index_step", "bonus_gross")
    gross = {row["component"] for row in lines if int(row["amount_cents"]) > 0}
    assert "bonus_gross" in gross
    wages = [Decimal("1500.00"), Decimal("2100.00")]
    taken = sum((special_contribution(wage, "single", "2022-04") for wage in wages), Decimal(0))
    due = quarter_settlement([*wages, june], taken, "single", "2022-06")
    assert sum_of(*PARTS) == -due, gross
    (bonus,) = [
        part
        for part in explain(load_payee(folder, SubjectKind.EMPLOYEE, "1"), "fr").parts
        if part.stream == "bonuses"
    ]
    assert bonus.steps[-1].step_id == "special_contribution_quarter"
    own = [row for row in lines if row["stream"] == "bonuses"]
    assert bonus.sum_cents == sum(int(row["amount_cents"]) for row in own)
