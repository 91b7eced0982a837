"""The sample workspace as bytes: a pure function of size and seed (layout: DESIGN, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from payroll.demo import exports
from payroll.demo import planted as cases
from payroll.demo.bank import Ghost, salary_file
from payroll.demo.files import amount, csv_bytes, workbook_bytes
from payroll.demo.identity import Register
from payroll.demo.planted import PLANTED_SUPPLIERS, Adjustment, Plant, Planter
from payroll.demo.staff import SITES, Agent, PremiumHours, april_hours, make_staff
from payroll.demo.vendors import Vendors, make_invoices, make_practitioners, make_suppliers

PERIOD_FOLDER = "2022-05"


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; `invoices` are the ordinary ones, next to a dozen planted."""

    sites: int
    staff: int
    practitioners: int
    suppliers: int
    invoices: int


PLANTED_INVOICES = 12

_NONE_KNOWN = """\
# Ce qui est vide ou n'est pas dû ce mois-ci : qui le déclare, et quand.
[none_known]
holiday_pay = "Noëlle Fictif, 2022-05-20 : payé en juin"
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
    hours = tuple(april_hours(register.random, planter.staff))
    ghost = cases.plant_at_bank(planter)
    return Hospital(
        register=register,
        staff=tuple(planter.staff),
        hours=hours,
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


def demo_files(size: str, seed: int) -> dict[str, bytes]:
    """The sample workspace: relative path -> bytes, the same on every call and platform."""
    hospital = make_hospital(size, seed)
    vendors = hospital.vendors
    cover = ("Fichier fictif : aucune personne réelle.", "Les données sont sur l'autre feuille.")
    inside = {
        "payrun.toml": _payrun(hospital).encode(),
        cases.STAFF_FILE: workbook_bytes(exports.staff_table(hospital.staff), cover=cover),
        cases.REGISTER_FILE: workbook_bytes(exports.totals_table(hospital.staff)),
        cases.LINES_FILE: csv_bytes(exports.lines_table(hospital.staff)),
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
    files = {"employer.toml": _employer(hospital).encode()}
    files.update({f"{PERIOD_FOLDER}/{path}": content for path, content in inside.items()})
    return files


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
        _NONE_KNOWN,
        *_sources(hospital),
    ]
    return "\n".join(lines)


_SHEETS = {"employees": 'sheet = "Personnel"\n'}


def _sources(hospital: Hospital) -> list[str]:
    staff, vendors = hospital.staff, hospital.vendors
    paid = [agent for agent in staff if agent.in_register]
    monthly = amount(sum(agent.monthly_cents for agent in staff))
    net = amount(sum(agent.pay.net for agent in paid))
    fees = amount(sum(row.gross for row in vendors.statements))
    open_total = amount(sum(row.cents for row in vendors.invoices))
    named = (
        (
            "employees",
            cases.STAFF_FILE,
            f'control = {{ rows = {len(staff)}, monthly_gross = "{monthly}" }}\n',
        ),
        (
            "register_totals",
            cases.REGISTER_FILE,
            f'control = {{ rows = {len(paid)}, net = "{net}" }}\n',
        ),
        ("register_lines", cases.LINES_FILE, ""),
        ("premium_hours", cases.HOURS_FILE, f"control = {{ rows = {len(hospital.hours)} }}\n"),
        ("practitioners", cases.PRACTITIONERS_FILE, ""),
        (
            "fee_statements",
            cases.STATEMENTS_FILE,
            f'control = {{ rows = {len(vendors.statements)}, gross_fees = "{fees}" }}\n',
        ),
        ("suppliers", cases.SUPPLIERS_FILE, ""),
        (
            "invoices",
            cases.INVOICES_FILE,
            f'control = {{ rows = {len(vendors.invoices)}, amount = "{open_total}" }}\n',
        ),
    )
    sources = [
        f'[[source]]\nkind = "{kind}"\nfile = "{file}"\nexported_on = 2022-05-{day}\n'
        f"{_SHEETS.get(kind, '')}{extra}"
        for (kind, file, extra), day in zip(named, ("02",) * 7 + ("13",), strict=True)
    ]
    last = f'[[source]]\nkind = "adjustments"\nfile = "{cases.ADJUSTMENTS_FILE}"\n'
    count = len(paid) + 1
    total = amount(sum(agent.pay.net for agent in paid) + hospital.ghost.cents)
    bank = (
        f'[[source]]\nkind = "bank_payments"\nfile = "{cases.BANK_FILE}"\n'
        f'control = {{ rows = {count}, amount = "{total}" }}\n'
    )
    return [*sources, last + "exported_on = 2022-05-20\n", bank]
