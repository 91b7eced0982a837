"""The cases of a payslip through whole runs: one workspace a month, one person a row.

Holiday pay and garnishments stand in tests/unit/rebuild/test_holiday_pay.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest

from payroll.record.run import Run
from tests.cases.test_second_cases import COUNTS, ROWS, Row, expected, family, number
from tests.holiday_samples import order, run
from tests.record_samples import employer_toml
from tests.reference.gross_to_net import Person, TaxStatus, gross_to_net, special_contribution
from tests.reference.money import weekdays
from tests.unit.sepa.sepa_samples import belgian_iban

NOT_INDEXED = "4000"
STAFF = (
    "employee_id,last_name,first_name,iban,status,fte,monthly_gross,hire_date,tax_status,"
    "children,disabled_children,spouse_disabled,scale_annual"
)
TOTALS = (
    "employee_id,period,gross,personal_contributions,work_bonus,taxable,withholding,"
    "fiscal_work_bonus,special_contribution,net"
)
KNOWN = {"2022-03": "2022-02", "2022-05": "2022-04", "2022-06": "2022-05", "2022-12": "2022-11"}


@dataclass(frozen=True, kw_only=True)
class Member:
    """Who a row tells of. monthly: at full time; paid: components of the registers, by month."""

    monthly: Decimal
    paid: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    statutory: bool = False
    fte: str = "1"
    hired: str = "2010-01-01"
    family: TaxStatus = "single"
    counts: Mapping[str, int] = field(default_factory=dict)
    annual: str = ""

    def register(self, month: str) -> tuple[str, list[str]] | None:
        """The totals and lines of a month, by the reference; None where there was no pay."""
        lines = self.paid.get(month, {})
        if not lines:
            return None
        outside = lines.get("1010", Decimal(0)) if self.statutory else Decimal(0)
        gross, part_time = sum(lines.values(), Decimal(0)), self.fte != "1"
        person = Person(
            "statutory" if self.statutory else "contractual",
            gross - outside,
            taxable_extra=outside,
            work_days=Fraction(self.fte) * weekdays(month) if part_time else None,
            part_time=part_time,
            tax_status=self.family,
            children=self.counts.get("children", 0),
            disabled_children=self.counts.get("disabled_children", 0),
            spouse_disabled=bool(self.counts.get("spouse_disabled", 0)),
        )
        pay = gross_to_net(person, month)
        totals = (
            f"{month},{gross},{pay.contribution},{pay.work_bonus},{pay.taxable},{pay.withholding},"
            f"{pay.fiscal_work_bonus},{pay.special_contribution},{pay.net}"
        )
        return totals, [f"{month},{code},{amount}" for code, amount in lines.items()]


def known(month: str, monthly: Decimal, fte: str = "1", code: str = "1000") -> Mapping[str, object]:
    """What a person was paid in the last known month: `monthly` x fte."""
    part = (monthly * Decimal(fte)).quantize(Decimal("0.01"))
    return {"monthly": monthly, "fte": fte, "paid": {KNOWN[month]: {code: part}}}


def before_index(wage: Decimal, old: int, new: int) -> Decimal:
    """What an index, the third decimal dropped, raised to a wage."""
    cents = int(wage * 100)
    guess = cents * old // new
    found = next(c for c in range(guess - 2, guess + 3) if c + c * (new - old) // old == cents)
    return Decimal(found) / 100


def payslip(row: Row) -> Member:
    text = row["inputs"]
    gross = Decimal(number(r"gross ([\d.]+)", text))
    if row["month"] == "2022-12":
        gross = before_index(gross, 19_222, 19_607)
    counts = {"spouse_disabled": int("spouse disabled=1" in text)}
    for words, name in COUNTS.items():
        found = [part for part in text.replace(";", ",").split(",") if f"{words}=" in part]
        found = [part for part in found if "spouse" not in part]
        counts[name] = int(found[0].rpartition("=")[2]) if found else 0
    return Member(
        **known(row["month"], gross),
        statutory="statutory" in text,
        family=family(text),
        counts=counts,
    )


def special(row: Row) -> Member:
    wage = Decimal(number(r"wage ([\d.]+)", row["inputs"]))
    return Member(**known(row["month"], wage), family=family(row["inputs"]))


def part_time(row: Row) -> Member:
    text = row["inputs"]
    gross, fte = Decimal(number(r"gross ([\d.]+)", text)), number(r"FTE ([\d.]+)", text)
    return Member(**known(row["month"], gross, fte))


def joiner(row: Row) -> Member:
    gross = number(r"full time ([\d,.]+),", row["inputs"]).replace(",", "")
    day = number(r"joiner (\d+) May", row["inputs"])
    return Member(monthly=Decimal(gross), hired=f"2022-05-{day}")


def quarter(row: Row) -> Member:
    """Wages that follow no index; who was in service in June alone joins by an annual amount."""
    wages = [Decimal(wage) for wage in re.findall(r"'([\d.]+)'", row["inputs"])]
    home = family(row["inputs"])
    if not wages[0]:
        return Member(monthly=wages[2], hired="2022-06-01", annual="22287.08", family=home)
    paid = {
        month: {NOT_INDEXED: wage}
        for month, wage in zip(("2022-04", "2022-05"), wages[:2], strict=True)
    }
    return Member(monthly=wages[2], paid=paid, family=home)


def index(row: Row) -> Member:
    paid = Decimal(number(r"pays ([\d.]+)", row["inputs"]))
    annual = number(r"138.01 ([\d.]+);", row["inputs"])
    return Member(**known(row["month"], paid), statutory=True, annual=annual)


def allowance(row: Row) -> Member:
    scale = Decimal(number(r"scale salary ([\d,.]+),", row["inputs"]).replace(",", ""))
    more = Decimal(number(r"allowance ([\d.]+)", row["inputs"]))
    paid = {KNOWN[row["month"]]: {"1000": scale, "1010": more}}
    return Member(monthly=scale, paid=paid, statutory=True)


MEMBERS: Mapping[str, Callable[[Row], Member]] = {
    "M": payslip,
    "J": special,
    "P": part_time,
    "Q": joiner,
    "K": quarter,
    "X": index,
    "A": allowance,
}
CASES = {case: MEMBERS[case[0]](row) for case, row in ROWS.items() if case[0] in MEMBERS}


@cache
def run_of(month: str) -> Run:
    """The run of a month with everybody whose row is of it."""
    staff, totals, lines = [STAFF], [TOTALS], ["employee_id,period,component,amount"]
    for at, (case, one) in enumerate(CASES.items()):
        if ROWS[case]["month"] != month:
            continue
        flags = [one.counts.get(name, 0) for name in ("children", "disabled_children")]
        spouse = "yes" if one.counts.get("spouse_disabled") else "no"
        status = "statutory" if one.statutory else "contractual"
        staff.append(
            f"{case},Fictif,Zoé{case.lower()[0]}{chr(97 + at)},{belgian_iban(at)},{status},"
            f"{one.fte},{one.monthly},{one.hired},{one.family},{flags[0]},{flags[1]},{spouse},"
            f"{one.annual}"
        )
        for known_month in one.paid:
            found = one.register(known_month)
            if found:
                totals.append(f"{case},{found[0]}")
                lines += [f"{case},{line}" for line in found[1]]
    tables = {"employees": staff, "register_totals": totals, "register_lines": lines}
    last = month + ("-31" if month != "2022-06" else "-30")
    head = f'period = "{month}"\nlast_known = "{KNOWN[month]}"\ncreated_at = {month}-20T09:00:00\n'
    body = order(None, day=last, none=("joiners", "leavers", "deceased", "holiday_pay"))
    content = {f"exports/{kind}.csv": "\n".join(rows).encode() for kind, rows in tables.items()}
    named = "".join(
        f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n' for kind in tables
    )
    content |= {"payrun.toml": (head + body + named).encode(), "employer.toml": employer_toml()}
    return run(content)


def amounts(case: str) -> dict[str, int]:
    """What the run pays somebody, per component, by its sign."""
    lines = run_of(ROWS[case]["month"]).lines
    own: dict[str, int] = (
        lines[lines["payee_id"] == case].groupby("component")["amount_cents"].sum().to_dict()
    )
    return own


def told(case: str) -> Iterator[tuple[str, int]]:
    """The amounts of a row's case as its run has them, under the names of the file."""
    own = amounts(case)
    base = own.get("base_salary", 0) + own.get("index_step", 0)
    yield "net_cents", sum(own.values())
    yield "gross_cents", base
    yield "taxable_cents", base + own["personal_contribution"] + own.get("work_bonus", 0)
    yield "june_base_cents", base
    for name, sign in (
        ("personal_contribution", -1),
        ("work_bonus", 1),
        ("withholding", -1),
        ("fiscal_work_bonus", 1),
        ("special_contribution", -1),
    ):
        yield f"{name}_cents", sign * own.get(name, 0)
    yield "settlement", -own.get("special_contribution_settlement", 0)


@pytest.mark.parametrize("case", CASES)
def test_every_case_by_a_run_to_the_cent(case: str) -> None:
    said, found = expected(ROWS[case]), dict(told(case))
    if case[0] == "A":
        wage = Decimal(number(r"special base=(\d+)", ROWS[case]["expected"])) / 100
        due = special_contribution(wage, "single", ROWS[case]["month"])
        found |= {"special": found["special_contribution_cents"]}
        found |= {"both": found["personal_contribution_cents"]}
        said = {"both": said["health"] + said["pension"], "special": int(due * 100)}
    if case[0] == "K":
        said = {"settlement": said["settlement"]}
    assert said
    assert {name: found[name] for name in said} == said
