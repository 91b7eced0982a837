"""The sample workspace as bytes: a pure function of size and seed (layout: DESIGN, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from payroll.demo import exports
from payroll.demo import planted as cases
from payroll.demo.bank import Ghost, salary_file
from payroll.demo.files import amount, csv_bytes, workbook_bytes
from payroll.demo.identity import Register
from payroll.demo.planted import PLANTED_SUPPLIERS, Adjustment, Plant, Planter
from payroll.demo.planted_absences import plant_absences, plant_first_job
from payroll.demo.staff import SITES, Agent, PremiumHours, make_staff, month_hours
from payroll.demo.vendors import Vendors, make_invoices, make_practitioners, make_suppliers

PERIOD_FOLDER, JUNE_FOLDER = "2022-05", "2022-06"


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; `invoices` are the ordinary ones, next to a dozen planted."""

    sites: int
    staff: int
    practitioners: int
    suppliers: int
    invoices: int


PLANTED_INVOICES = 12

_HOLIDAY_PAY = """\
# Le pécule de vacances : 92 % du traitement de mars, payé avec le salaire de mai.
[holiday_pay]
basis_month = "2022-03"
percentage = 92
pay_on = 2022-05-31
account = "main"
"""
_NO_HOLIDAY_PAY = """\
# Ce qui est vide ou n'est pas dû ce mois-ci : qui le déclare, et quand.
[none_known]
holiday_pay = "Noëlle Fictif, 2022-06-20 : payé avec le salaire de mai"
"""
SIZES: Mapping[str, Size] = {
    "small": Size(sites=2, staff=40, practitioners=8, suppliers=15, invoices=25),
    "hospital": Size(sites=6, staff=4_000, practitioners=450, suppliers=1_200, invoices=3_000),
}


@dataclass(frozen=True, slots=True)
class Hospital:
    """Everything the workspace tells, before it is written down."""

    register: Register
    staff: tuple[Agent, ...]
    hours: tuple[PremiumHours, ...]
    may_hours: tuple[PremiumHours, ...]
    vendors: Vendors
    adjustments: tuple[Adjustment, ...]
    plants: tuple[Plant, ...]
    ghost: Ghost
    accounts: tuple[str, str]
    employer_number: str


@lru_cache(maxsize=2)
def make_hospital(size: str, seed: int) -> Hospital:
    """Build the sample: clean people first, then the planted cases. Unknown sizes: KeyError."""
    counts = SIZES[size]
    register = Register(Random(seed))  # noqa: S311 - a reproducible sample, no secret
    accounts = (register.iban(), register.iban())
    employer_number = register.enterprise_number()
    staff = make_staff(register, counts.staff, SITES[: counts.sites])
    practitioners, statements = make_practitioners(register, counts.practitioners)
    suppliers = make_suppliers(register, counts.suppliers)
    ordinary = suppliers[:-PLANTED_SUPPLIERS]
    invoices = make_invoices(register, ordinary, counts.invoices - PLANTED_INVOICES)
    vendors = Vendors(practitioners, statements, suppliers, invoices)
    planter = Planter(register, staff, vendors)
    cases.plant_everything(planter)
    plant_absences(planter)
    hours = tuple(month_hours(register.random, planter.staff))
    ghost = cases.plant_at_bank(planter)
    plant_first_job(planter)
    gone = {row.payee for row in planter.adjustments if row.kind == "leaver"}
    there = [agent for agent in planter.staff if agent.left is None and agent.number not in gone]
    may_hours = tuple(month_hours(register.random, there, 5))
    return Hospital(
        register=register,
        staff=tuple(planter.staff),
        hours=hours,
        may_hours=may_hours,
        vendors=vendors,
        adjustments=tuple(planter.adjustments),
        plants=tuple(planter.plants),
        ghost=ghost,
        accounts=accounts,
        employer_number=employer_number,
    )


def planted(size: str, seed: int) -> list[dict[str, str]]:
    """Each case planted on purpose: kind, subject_id, file, and what a run should make of it."""
    return [
        {
            "kind": plant.kind,
            "subject_id": plant.subject_id,
            "file": f"{PERIOD_FOLDER}/{plant.file}",
            "expected": plant.expected,
        }
        for plant in make_hospital(size, seed).plants
    ]


def demo_files(size: str, seed: int, until: str = PERIOD_FOLDER) -> dict[str, bytes]:
    """The sample workspace: relative path -> bytes, the same on every call and platform.

    until: the last month in it; June 2022 is the second one of the outage, paid by the exports of
    April, the list of May and May's rosters.
    """
    hospital = make_hospital(size, seed)
    months = {PERIOD_FOLDER: _may(hospital)}
    if until == JUNE_FOLDER:
        months[JUNE_FOLDER] = _june(hospital, months[PERIOD_FOLDER])
    files = {"employer.toml": _employer(hospital).encode()}
    for month, inside in months.items():
        files.update({f"{month}/{path}": content for path, content in inside.items()})
    return files


def _may(hospital: Hospital) -> dict[str, bytes]:
    vendors = hospital.vendors
    cover = ("Fichier fictif : aucune personne réelle.", "Les données sont sur l'autre feuille.")
    return {
        "payrun.toml": _payrun(hospital).encode(),
        cases.STAFF_FILE: workbook_bytes(exports.staff_table(hospital.staff), cover=cover),
        cases.REGISTER_FILE: workbook_bytes(exports.totals_table(hospital.staff)),
        cases.LINES_FILE: csv_bytes(exports.lines_table(hospital.staff)),
        cases.MARCH_FILE: csv_bytes(exports.march_table(hospital.staff)),
        cases.HOURS_FILE: csv_bytes(exports.hours_table(hospital.hours)),
        cases.PRACTITIONERS_FILE: workbook_bytes(
            exports.practitioners_table(vendors.practitioners)
        ),
        cases.STATEMENTS_FILE: workbook_bytes(exports.statements_table(vendors.statements)),
        cases.SUPPLIERS_FILE: workbook_bytes(exports.suppliers_table(vendors.suppliers)),
        cases.INVOICES_FILE: csv_bytes(exports.invoices_table(vendors.invoices), thousands=True),
        cases.BANK_FILE: salary_file(hospital.staff, hospital.ghost, hospital.accounts[0]),
        cases.ADJUSTMENTS_FILE: workbook_bytes(exports.adjustments_table(hospital.adjustments)),
    }


def _june(hospital: Hospital, may: Mapping[str, bytes]) -> dict[str, bytes]:
    sources = [
        item
        for item in _sources(hospital)
        if item.kind in _STAFF_SOURCES and item.file != cases.MARCH_FILE
    ]
    count = len(hospital.may_hours)
    hours = Source("premium_hours", cases.MAY_HOURS_FILE, "2022-06-02", {"rows": str(count)})
    order = (
        (
            'period = "2022-06"\nlast_known = "2022-04"\ncreated_at = 2022-06-20T09:00:00\n'
            'prepared_by = "Noé Brouillon"\n'
        ),
        '[salaries]\npay_on = 2022-06-30\naccount = "main"\n',
        '[bonuses]\nearned = "2022-05"\npay_on = 2022-06-30\naccount = "main"\n',
        _NO_HOLIDAY_PAY,
        *(item.toml() for item in (*sources, hours)),
    )
    table = exports.hours_table(hospital.may_hours, PERIOD_FOLDER)
    return {
        "payrun.toml": "\n".join(order).encode(),
        **{item.file: may[item.file] for item in sources},
        cases.MAY_HOURS_FILE: csv_bytes(table),
    }


def _employer(hospital: Hospital) -> str:
    main, suppliers = hospital.accounts
    return f"""\
# Fictif : aucune institution ni personne réelle. Fictitious: no real institution or person.
name = "Intercommunale Fictive de Santé"
enterprise_number = "{hospital.employer_number}"
language = "fr"
town = "Modèleville"
country = "BE"

[[account]]
id = "main"
iban = "{main}"
bank_profile = "generic_be_2022"

[[account]]
id = "suppliers"
iban = "{suppliers}"
bank_profile = "generic_be_2022"

[release]
approvals = 2
approvers = ["Zoé Modèle", "Hervé Spécimen", "Noëlle Fictif"]
preparers = ["Noé Brouillon"]
"""


def _payrun(hospital: Hospital) -> str:
    lines = [
        (
            'period = "2022-05"\nlast_known = "2022-04"\ncreated_at = 2022-05-23T09:00:00\n'
            'prepared_by = "Noé Brouillon"\n'
        ),
        '[salaries]\npay_on = 2022-05-31\naccount = "main"\n',
        '[bonuses]\nearned = "2022-04"\npay_on = 2022-05-31\naccount = "main"\n',
        '[fees]\nearned = "2022-04"\npay_on = 2022-05-31\naccount = "main"\n',
        '[invoices]\ndue_until = 2022-06-10\npay_on = 2022-05-30\naccount = "suppliers"\n',
        _HOLIDAY_PAY,
        *(item.toml() for item in _sources(hospital)),
    ]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Source:
    """One [[source]] of an order; control: the sender's totals, as TOML values."""

    kind: str
    file: str
    exported_on: str = ""
    control: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""

    def toml(self) -> str:
        """The table as it stands in payrun.toml."""
        found = f'[[source]]\nkind = "{self.kind}"\nfile = "{self.file}"\n'
        found += f"exported_on = {self.exported_on}\n" if self.exported_on else ""
        found += f'sheet = "{self.sheet}"\n' if self.sheet else ""
        totals = ", ".join(f"{name} = {value}" for name, value in self.control.items())
        return found + (f"control = {{ {totals} }}\n" if totals else "")


#: What June is paid by, of the sources of May.
_STAFF_SOURCES = ("employees", "register_totals", "adjustments", "bank_payments", "register_lines")


def _sources(hospital: Hospital) -> list[Source]:
    staff, vendors = hospital.staff, hospital.vendors
    paid = [agent for agent in staff if agent.in_register]
    net = sum(agent.pay.net for agent in paid)

    def control(rows: int, **total: int) -> dict[str, str]:
        return {"rows": str(rows), **{k: f'"{amount(cents)}"' for k, cents in total.items()}}

    may_2 = "2022-05-02"
    return [
        Source(
            "employees",
            cases.STAFF_FILE,
            may_2,
            control(len(staff), monthly_gross=sum(agent.monthly_cents for agent in staff)),
            "Personnel",
        ),
        Source("register_totals", cases.REGISTER_FILE, may_2, control(len(paid), net=net)),
        Source("register_lines", cases.LINES_FILE, may_2),
        Source("register_lines", cases.MARCH_FILE, may_2),
        Source("premium_hours", cases.HOURS_FILE, may_2, control(len(hospital.hours))),
        Source("practitioners", cases.PRACTITIONERS_FILE, may_2),
        Source(
            "fee_statements",
            cases.STATEMENTS_FILE,
            may_2,
            control(
                len(vendors.statements), gross_fees=sum(row.gross for row in vendors.statements)
            ),
        ),
        Source("suppliers", cases.SUPPLIERS_FILE, may_2),
        Source(
            "invoices",
            cases.INVOICES_FILE,
            "2022-05-13",
            control(len(vendors.invoices), amount=sum(row.cents for row in vendors.invoices)),
        ),
        Source("adjustments", cases.ADJUSTMENTS_FILE, "2022-05-20"),
        Source(
            "bank_payments",
            cases.BANK_FILE,
            control=control(len(paid) + 1, amount=net + hospital.ghost.cents),
        ),
    ]
