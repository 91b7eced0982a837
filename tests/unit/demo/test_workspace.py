"""The sample workspace: the same bytes always, clean but for what is planted."""

from __future__ import annotations

import io
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from stdnum.be import iban as be_iban
from stdnum.be import nn, ogm_vcs, vat

from payroll.demo import exports, planted, staff
from payroll.demo.bank import ghost_place
from payroll.demo.workspace import PERIOD_FOLDER, SIZES, Hospital, demo_files, make_hospital
from payroll.demo.workspace import planted as planted_cases
from payroll.model.identifiers import compact_iban, iban_problem, structured_reference
from payroll.model.order import Employer, payrun_model

FIXTURE = Path(__file__).parents[3] / "fixtures" / "hospital-small"
KINDS = {
    "joiner",
    "leaver_still_in_export",
    "left_in_april",
    "left_in_may",
    "deceased",
    "fte_change",
    "unpaid_absence",
    "garnishment_in_register",
    "garnishment_new",
    "one_off_gross",
    "one_off_net",
    "couple_sharing_iban",
    "iban_changed_after_attack",
    "iban_differs_from_register",
    "one_off_in_april",
    "arrears_in_april",
    "april_unexplained",
    "roster_missing",
    "company_account",
    "statement_missing",
    "fee_net_due",
    "fee_retention",
    "blocked_invoice",
    "not_yet_due",
    "structured_reference",
    "supplier_without_iban",
    "foreign_supplier",
    "works_retention",
    "duplicate_invoice",
    "credit_note_larger",
    "credit_note_smaller",
    "accounts_swapped",
    "account_changed_everywhere",
    "ghost_paid",
    "sick_unpaid",
    "sick_in_april",
    "holiday_share_unknown",
}


@pytest.fixture(params=["small", "hospital"])
def hospital(request: pytest.FixtureRequest) -> Hospital:
    return make_hospital(str(request.param), 1)


def subjects(kind: str, size: str = "small") -> list[str]:
    return [case["subject_id"] for case in planted_cases(size, 1) if case["kind"] == kind]


def csv_rows(name: str) -> Iterator[list[str]]:
    text = demo_files("small", 1)[f"{PERIOD_FOLDER}/{name}"].decode("cp1252")
    return (line.split(";") for line in text.split("\r\n") if line)


def test_the_committed_fixture_is_what_the_generator_makes() -> None:
    found = {
        path.relative_to(FIXTURE).as_posix(): path.read_bytes()
        for path in sorted(FIXTURE.rglob("*"))
        if path.is_file()
    }
    made = demo_files("small", 1)
    assert found.keys() == made.keys()
    assert [name for name in made if made[name] != found[name]] == []


@pytest.mark.parametrize("size", ["small", "hospital"])
def test_same_seed_same_bytes_and_another_seed_other_bytes(size: str) -> None:
    first = demo_files(size, 7)
    make_hospital.cache_clear()
    assert demo_files(size, 7) == first
    if size == "small":
        assert demo_files(size, 8) != first


@pytest.mark.parametrize("seed", range(2, 22))
def test_any_seed_can_be_planted(seed: int) -> None:
    assert {case["kind"] for case in planted_cases("small", seed)} == KINDS


def test_sizes_are_as_promised(hospital: Hospital) -> None:
    size = next(size for size in SIZES.values() if size.staff == len(hospital.staff))
    vendors = hospital.vendors
    assert len(vendors.practitioners) == size.practitioners
    assert len(vendors.suppliers) == size.suppliers
    assert len(vendors.invoices) == size.invoices
    assert {agent.site for agent in hospital.staff} == set(staff.SITES[: size.sites])
    assert {agent.household for agent in hospital.staff} == set(staff.HOUSEHOLDS)
    assert {agent.status for agent in hospital.staff} == {"contractual", "statutory"}


def test_every_subject_of_a_planted_case_exists(hospital: Hospital) -> None:
    vendors = hospital.vendors
    known = {agent.number for agent in hospital.staff}
    known |= {doctor.number for doctor in vendors.practitioners}
    known |= {supplier.number for supplier in vendors.suppliers}
    known |= {ghost_place(planted.BANK_FILE, hospital.staff)}
    assert {plant.subject_id for plant in hospital.plants} <= known
    assert {plant.kind for plant in hospital.plants} == KINDS


def test_register_identity_to_the_cent(hospital: Hospital) -> None:
    for agent in hospital.staff:
        pay = agent.pay
        assert pay.taxable == pay.gross - pay.personal_contributions + pay.work_bonus
        assert pay.net == (
            pay.taxable
            - pay.withholding
            + pay.fiscal_work_bonus
            - pay.special_contribution
            - pay.other_deductions
            - pay.garnishment
        )
        assert pay.gross == sum(line.cents for line in agent.components)
        assert pay.net > 0 or not agent.in_register


def test_identifiers_are_valid_and_unique(hospital: Hospital) -> None:
    vendors = hospital.vendors
    accounts = Counter(agent.iban for agent in hospital.staff)
    accounts.update(doctor.iban for doctor in vendors.practitioners)
    accounts.update(supplier.iban for supplier in vendors.suppliers if supplier.iban)
    assert [count for count in accounts.values() if count > 1] == [2]
    for account in accounts:
        assert iban_problem(account) == ""
        if account.startswith("BE"):
            be_iban.validate(account)
    for agent in hospital.staff:
        nn.validate(agent.national_number)
        assert nn.get_birth_date(agent.national_number) == agent.birth
        assert len({line.code for line in agent.components}) == len(agent.components)
    companies = [supplier.enterprise_number for supplier in vendors.suppliers]
    for number in filter(None, companies):
        vat.validate(number)
    for doctor in vendors.practitioners:
        assert 97 - int(doctor.inami[:6]) % 97 == int(doctor.inami[6:8])
    for invoice in vendors.invoices:
        if invoice.reference:
            assert structured_reference(invoice.reference)[0]
        if invoice.reference.startswith("+++"):
            ogm_vcs.validate(invoice.reference.strip("+"))


def test_only_the_planted_invoice_repeats(hospital: Hospital) -> None:
    amounts = Counter((row.supplier, row.cents) for row in hospital.vendors.invoices)
    numbers = Counter(
        (row.supplier, "".join(filter(str.isalnum, row.number)))
        for row in hospital.vendors.invoices
    )
    for counts in (amounts, numbers):
        repeated = [key[0] for key, count in counts.items() if count > 1]
        size = "small" if len(hospital.staff) < 100 else "hospital"
        assert repeated == subjects("duplicate_invoice", size)


def test_hours_fall_on_days_that_fit_and_go_to_those_who_work_them(hospital: Hospital) -> None:
    weekday = {"SAM": {5}, "DIM": {6}}
    for row in hospital.hours:
        assert row.day.weekday() in weekday.get(row.code, set(range(7)))
        assert row.code != "FER" or row.day == date(2022, 4, 18)
    expected = {a.number for a in hospital.staff if a.irregular and a.has_roster}
    assert {row.number for row in hospital.hours} == expected


def test_order_and_employer_are_valid_and_control_totals_match_the_files() -> None:
    files = demo_files("small", 1)
    Employer.model_validate(tomllib.loads(files["employer.toml"].decode()))
    order = payrun_model().model_validate(
        tomllib.loads(files[f"{PERIOD_FOLDER}/payrun.toml"].decode())
    )
    assert {f"{PERIOD_FOLDER}/{source.file}" for source in order.source} == {
        name for name in files if {"exports", "adjustments", "bank"} & set(name.split("/"))
    }
    invoices = next(source for source in order.source if source.kind == "invoices")
    body = [row for row in csv_rows(planted.INVOICES_FILE) if row[0].startswith("F0")]
    total = sum(int(row[4].replace(".", "").replace(",", "")) for row in body)
    assert invoices.control["rows"] == len(body)
    assert str(invoices.control["amount"]).replace(".", "") == str(total)
    bank = next(source for source in order.source if source.kind == "bank_payments")
    content = files[f"{PERIOD_FOLDER}/{bank.file}"].decode()
    assert bank.control["rows"] == content.count("<CdtTrfTxInf>")
    assert content.count(f"<CtrlSum>{bank.control['amount']}</CtrlSum>") == 1


def test_the_personnel_sheet_is_as_untidy_as_promised() -> None:
    content = demo_files("small", 1)[f"{PERIOD_FOLDER}/{planted.STAFF_FILE}"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Lisez-moi", "Personnel"]
    table = [list(row) for row in book["Personnel"].iter_rows(values_only=True)]
    assert "INTERCOMMUNALE FICTIVE" in str(table[0][0])
    assert tuple(table[3]) == exports.STAFF_HEADINGS
    body = table[4:]
    column = {name: index for index, name in enumerate(exports.STAFF_HEADINGS)}

    def cells(heading: str) -> list[object]:
        return [row[column[heading]] for row in body if str(row[0]).isdigit()]

    assert len(cells("Nom")) == 40
    assert all(str(number).startswith("0") for number in cells("N° agent"))
    assert any(str(name).endswith(" ") for name in cells("Nom"))
    assert any(" " in str(account) for account in cells("Compte bancaire"))
    assert {type(value) for value in cells("Traitement mensuel (temps plein)")} == {float, str}
    assert str in {type(value) for value in cells("Date d'entrée")}
    assert any(all(cell is None for cell in row) for row in body)
    assert sum("Sous-total site" in str(row[0]) for row in body) == 2
    assert body[-1][0] == "TOTAL"


def test_planted_accounts_show_in_the_files() -> None:
    hospital = make_hospital("small", 1)
    by_number = {agent.number: agent for agent in hospital.staff}
    first, second = subjects("couple_sharing_iban")
    assert by_number[first].iban == by_number[second].iban
    silent = by_number[subjects("iban_differs_from_register")[0]]
    assert silent.paid_iban not in ("", silent.iban)
    moved = next(row for row in hospital.adjustments if row.kind == "iban_change")
    assert moved.payee == subjects("iban_changed_after_attack")[0]
    assert moved.start == date(2022, 5, 17)
    assert iban_problem(compact_iban(moved.value)) == ""
