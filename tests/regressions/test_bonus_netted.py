"""A bonus that the 15-euro step of the withholding turns below zero is paid with the salary."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from payroll.model.findings import SubjectKind
from payroll.store import load_payee
from payroll.views.explain.explain import explain
from payroll.views.explain.text import explanation_text
from tests.command import payroll
from tests.regressions.test_quarter_explained import EMPLOYER

IBAN = "BE68539007547034"
ORDER = """period = "2022-05"
last_known = "2022-04"
created_at = 2022-05-20T09:00:00
[salaries]
pay_on = 2022-05-31
account = "main"
[bonuses]
earned = "2022-04"
pay_on = {bonus_day}
account = "main"
[none_known]
joiners = "Zoé Modèle, 2022-05-20"
leavers = "Zoé Modèle, 2022-05-20"
holiday_pay = "Zoé Modèle, 2022-05-20"
"""
REGISTER = (
    "employee_id,period,gross,personal_contributions,taxable,withholding,special_contribution,net"
)
#: Monthly gross in steps of 70 cents over more than one step of 15 euro of taxable pay.
GROSS = [310_000 + 70 * number for number in range(26)]


def euro(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def run(folder: Path, bonus_day: str = "2022-05-31") -> Path:
    """A run of these people, a quarter of an hour of night work each."""
    exports = folder / "2022-05" / "exports"
    exports.mkdir(parents=True)
    (folder / "employer.toml").write_text(EMPLOYER, "utf-8")
    staff = ["employee_id,last_name,first_name,iban,status,fte,monthly_gross,hire_date,tax_status"]
    register = [REGISTER]
    hours = ["employee_id,period,premium_code,hours,work_date"]
    for number, gross in enumerate(GROSS, 1):
        staff.append(
            f"{number},Fictif{number},Zoé,{IBAN},contractual,1,{euro(gross)},2010-01-01,single"
        )
        own = (gross * 1307 + 5_000) // 10_000
        parts = (gross, own, gross - own, 60_000, 2_000, gross - own - 62_000)
        register.append(f"{number},2022-04,{','.join(map(euro, parts))}")
        hours.append(f"{number},2022-04,NUIT,0.25,2022-04-05")
    order = ORDER.format(bonus_day=bonus_day)
    for kind, rows in (
        ("employees", staff),
        ("register_totals", register),
        ("premium_hours", hours),
    ):
        (exports / f"{kind}.csv").write_text("\n".join(rows) + "\n", "utf-8")
        order += f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n'
    (folder / "2022-05" / "payrun.toml").write_text(order, "utf-8")
    done = payroll("run", folder / "2022-05")
    assert done.returncode in (0, 1), done.stderr
    return Path(done.stdout.strip())


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("netted"))


def test_the_salary_bears_a_bonus_below_zero_and_nobody_owes_anything(folder: Path) -> None:
    lines = rows(folder, "lines.csv")
    netted = [line for line in lines if line["component"] == "bonus_netted"]
    assert netted
    assert rows(folder, "receivables.csv") == []
    assert sum(int(line["amount_cents"]) for line in netted) == 0
    paid = {
        (row["stream"], row["payee_id"]): int(row["amount_cents"])
        for row in rows(folder, "payments.csv")
    }
    for payee in {line["payee_id"] for line in netted}:
        own = [line for line in lines if line["payee_id"] == payee]
        sums = {
            stream: sum(int(line["amount_cents"]) for line in own if line["stream"] == stream)
            for stream in ("salaries", "bonuses")
        }
        assert sums == {"salaries": paid["salaries", payee], "bonuses": 0}
        assert ("bonuses", payee) not in paid
        (bonus,) = [
            int(line["amount_cents"])
            for line in own
            if line["component"] == "bonus_netted" and line["stream"] == "salaries"
        ]
        assert -1_000 < bonus < 0
    (change,) = [
        row for row in rows(folder, "changes.csv") if row["payee_id"] == netted[0]["payee_id"]
    ]
    assert "reason_bonus_netted" in change["reasons"]


def test_the_explanation_says_that_it_is_a_bonus(folder: Path) -> None:
    payee = next(
        line["payee_id"]
        for line in rows(folder, "lines.csv")
        if line["component"] == "bonus_netted"
    )
    found = explain(load_payee(folder, SubjectKind.EMPLOYEE, payee), "fr")
    said = " ".join("\n".join(explanation_text(found, "fr")).split())
    assert said.count("elle est imputée sur le salaire payé le même jour") == 2


def test_on_another_day_it_stays_what_the_person_owes(tmp_path: Path) -> None:
    folder = run(tmp_path, "2022-05-30")
    assert "bonus_netted" not in {line["component"] for line in rows(folder, "lines.csv")}
    assert {row["stream"] for row in rows(folder, "receivables.csv")} == {"bonuses"}
