"""A small May, or another month, with holiday pay: the files of a workspace, and its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from payroll.model.order import parse_payrun
from payroll.pipeline import build_run
from payroll.record.run import Run, RunRequest
from payroll.rulebook.book import load_rulebook
from tests.record_samples import employer_toml, shipped_rules

CREATED = datetime(2022, 5, 23, 9)  # noqa: DTZ001 - local time, as in the order
IBANS = ("BE68539007547034", "BE71096123456769", "BE43068999999501", "BE62510007547061")
STAFF = (
    "employee_id,last_name,first_name,iban,status,fte,monthly_gross,hire_date,leave_date,"
    "tax_status,children,birth_date,holiday_share"
)
TOTALS = (
    "employee_id,period,gross,personal_contributions,taxable,withholding,special_contribution,net,"
    "garnishment"
)
LINES = "employee_id,period,component,amount"


def euro(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of staff; amounts in cents. march: the lines of March, code -> amount; {} = not in
    its register. kept: contributions, withholding and special contribution of April.
    """

    number: str = "00001"
    gross: int = 306_000
    march: Mapping[str, int] = field(default_factory=lambda: {"1000": 300_000})
    april_more: Mapping[str, int] = field(default_factory=dict)
    status: str = "statutory"
    children: int = 0
    hired: str = "2010-01-01"
    left: str = ""
    born: str = "1980-06-15"
    share: str = ""
    kept: tuple[int, int, int] = (33_813, 70_000, 2_861)
    garnishment: int = 0

    @property
    def april(self) -> int:
        return self.gross + sum(self.april_more.values())

    @property
    def net(self) -> int:
        return self.april - sum(self.kept)


def files(
    members: Sequence[Member], order: str, *, period: str = "2022-05", march: bool = True
) -> dict[str, bytes]:
    """The inputs of a run: April as last known month, and the register of March where asked for."""
    last = "2022-04" if period == "2022-05" else f"2022-{int(period[-2:]) - 1:02d}"
    staff, totals, lines = [STAFF], [TOTALS], [LINES]
    for at, one in enumerate(members):
        staff.append(
            f"{one.number},Fictif,Zoé{chr(97 + at)},{IBANS[at]},{one.status},1,{euro(one.gross)},"
            f"{one.hired},{one.left},single,{one.children},{one.born},{one.share}"
        )
        own, tax, special = map(euro, one.kept)
        totals.append(
            f"{one.number},{last},{euro(one.april)},{own},{euro(one.april - one.kept[0])},{tax},"
            f"{special},{euro(one.net - one.garnishment)},{euro(one.garnishment)}"
        )
        for code, cents in {"1000": one.gross, **one.april_more}.items():
            lines.append(f"{one.number},{last},{code},{euro(cents)}")
        if march:
            for code, cents in one.march.items():
                lines.append(f"{one.number},2022-03,{code},{euro(cents)}")
    tables = {"employees": staff, "register_totals": totals, "register_lines": lines}
    head = f'period = "{period}"\nlast_known = "{last}"\ncreated_at = {period}-23T09:00:00\n'
    sources = "".join(
        f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n' for kind in tables
    )
    found = {f"exports/{kind}.csv": "\n".join(rows).encode() for kind, rows in tables.items()}
    found["payrun.toml"] = (head + order + sources).encode()
    found["employer.toml"] = employer_toml()
    return found


def order(
    holiday: str | None = 'basis_month = "2022-03"\npercentage = 92\n',
    *,
    day: str = "2022-05-31",
    salaries: bool = True,
    none: Sequence[str] = ("joiners", "leavers", "deceased"),
    more: str = "",
) -> str:
    """The tables of payrun.toml; holiday: the keys of [holiday_pay], None = no such table."""
    text = f'[salaries]\npay_on = {day}\naccount = "main"\n' if salaries else ""
    text += "" if holiday is None else f"[holiday_pay]\n{holiday}"
    declared = "".join(f'{name} = "Zoé Modèle, 2022-05-20"\n' for name in none)
    return f"{text}{more}[none_known]\n{declared}"


def run(
    content: Mapping[str, bytes],
    *,
    ledger: bytes | None = None,
    rules: Mapping[str, bytes] | None = None,
) -> Run:
    """The run of these inputs, by the rules that shipped or others."""
    inputs = dict(content) | ({} if ledger is None else {"ledger.csv": ledger})
    found, employer = parse_payrun(inputs)
    return build_run(
        RunRequest(
            order=found,
            employer=employer,
            inputs=inputs,
            rulebook=load_rulebook(rules or shipped_rules()),
            created_at=CREATED,
        )
    )


def amounts(made: Run, payee: str = "00001") -> dict[str, int]:
    """Component -> its amount, of one person."""
    lines = made.lines[made.lines["payee_id"] == payee]
    sums = lines.groupby("component")["amount_cents"].sum()
    return {str(name): int(cents) for name, cents in sums.items()}


def rules_hit(made: Run) -> dict[str, list[str]]:
    """Rule -> the subjects of its findings."""
    found: dict[str, list[str]] = {}
    for rule, subject in zip(made.findings["rule_id"], made.findings["subject_id"], strict=True):
        found.setdefault(rule, []).append(subject)
    return found
