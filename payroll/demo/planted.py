"""The cases planted on purpose in the sample, each recorded so that tests can ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from payroll.demo.bank import Ghost, ghost_place
from payroll.demo.identity import Register, spaced
from payroll.demo.staff import Agent, RegisterLine
from payroll.demo.vendors import Invoice, Supplier, Vendors, make_invoice

STAFF_FILE = "exports/personnel_2022-04.xlsx"
REGISTER_FILE = "exports/paie_totaux_2022-04.xlsx"
LINES_FILE = "exports/paie_lignes_2022-04.csv"
MARCH_FILE = "exports/paie_lignes_2022-03.csv"
HOURS_FILE = "exports/prestations_2022-04.csv"
MAY_HOURS_FILE = "exports/prestations_2022-05.csv"
PRACTITIONERS_FILE = "exports/prestataires.xlsx"
STATEMENTS_FILE = "exports/honoraires_2022.xlsx"
SUPPLIERS_FILE = "exports/fournisseurs.xlsx"
INVOICES_FILE = "exports/factures_ouvertes.csv"
BANK_FILE = "bank/salaires_2022-04.xml"
ADJUSTMENTS_FILE = "adjustments/ajustements_2022-05.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One row of the list that people typed after the attack; `value` as they typed it."""

    number: str
    payee: str
    kind: str
    start: date
    end: date | None = None
    value: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Plant:
    """What was planted, on whom, where it shows, and what a run should make of it."""

    kind: str
    subject_id: str
    file: str
    expected: str


@dataclass(slots=True)
class Planter:
    """Changes the clean sample; every person or supplier carries one planted case at most."""

    register: Register
    staff: list[Agent]
    vendors: Vendors
    adjustments: list[Adjustment] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    def note(self, kind: str, subject: str, file: str, expected: str) -> None:
        """Record one planted case."""
        self.plants.append(Plant(kind, subject, file, expected))

    def pick(self, fits: Callable[[Agent], bool] = lambda _: True) -> int:
        """The index of the first person without a planted case who fits."""
        index = next(
            index
            for index, agent in enumerate(self.staff)
            if index not in self._taken and fits(agent)
        )
        self._taken.add(index)
        return index

    def adjust(
        self,
        agent: Agent,
        kind: str,
        reason: str,
        evidence: str,
        *,
        start: date,
        value: str = "",
        end: date | None = None,
    ) -> None:
        """Add a row to the adjustments list."""
        number = f"AJ-{len(self.adjustments) + 1:03d}"
        row = Adjustment(
            number=number,
            payee=agent.number,
            kind=kind,
            value=value,
            start=start,
            end=end,
            reason=reason,
            evidence=evidence,
        )
        self.adjustments.append(row)


def plant_everything(planter: Planter) -> None:
    """Plant each case of the list, always in the same order."""
    _movements(planter)
    _changes(planter)
    _accounts(planter)
    _components(planter)
    _practitioners(planter)
    _suppliers(planter)
    _swapped(planter)


def full_time(agent: Agent) -> bool:
    """Whether somebody works full time on a contract."""
    return agent.fte == 100 and agent.status == "contractual"


def _movements(planter: Planter) -> None:
    staff = planter.staff
    joiner = planter.pick(full_time)
    staff[joiner] = replace(
        staff[joiner],
        hired=date(2022, 5, 2),
        components=(),
        in_register=False,
        has_roster=False,
        other_deductions=0,
    )
    planter.adjust(
        staff[joiner],
        "joiner",
        "Entrée en service",
        "Contrat signé, classeur RH 12",
        start=date(2022, 5, 2),
    )
    planter.note("joiner", staff[joiner].number, ADJUSTMENTS_FILE, "computed, 29/30")

    leaver = staff[planter.pick()]
    planter.adjust(
        leaver, "leaver", "Fin de contrat", "Lettre du 02/05/2022", start=date(2022, 5, 13)
    )
    planter.note("leaver_still_in_export", leaver.number, ADJUSTMENTS_FILE, "prorated 13/30")

    for kind, left, expected in (
        ("left_in_april", date(2022, 4, 30), "no salary in May (left before the period)"),
        ("left_in_may", date(2022, 5, 15), "prorated 15/30"),
    ):
        index = planter.pick()
        staff[index] = replace(staff[index], left=left)
        planter.note(kind, staff[index].number, STAFF_FILE, expected)

    deceased = staff[planter.pick()]
    planter.adjust(
        deceased, "leaver", "Décès", "Avis du service du personnel", start=date(2022, 5, 8)
    )
    planter.note("deceased", deceased.number, ADJUSTMENTS_FILE, "held: deceased")


def _changes(planter: Planter) -> None:
    staff = planter.staff
    part_time = staff[planter.pick(full_time)]
    planter.adjust(
        part_time,
        "fte_change",
        "Passage à mi-temps",
        "Avenant du 28/04/2022",
        start=date(2022, 5, 16),
        value="0.50",
    )
    planter.note("fte_change", part_time.number, ADJUSTMENTS_FILE, "15/30 full, 15/30 half-time")

    absent = staff[planter.pick()]
    planter.adjust(
        absent,
        "unpaid_absence",
        "Congé sans solde",
        "Demande signée du 11/04/2022",
        start=date(2022, 5, 9),
        end=date(2022, 5, 20),
    )
    planter.note("unpaid_absence", absent.number, ADJUSTMENTS_FILE, "12/30 deducted")

    index = planter.pick(lambda agent: replace(agent, garnished=True).pay.garnishment > 5_000)
    staff[index] = replace(staff[index], garnished=True)
    planter.note("garnishment_in_register", staff[index].number, REGISTER_FILE, "kept")

    seized = staff[planter.pick(full_time)]
    planter.adjust(
        seized,
        "garnishment",
        "Saisie-arrêt exécution",
        "Exploit d'huissier du 06/05/2022",
        start=date(2022, 5, 1),
        value="150.00",
    )
    planter.note("garnishment_new", seized.number, ADJUSTMENTS_FILE, "150.00 deducted from May")

    gross, net = staff[planter.pick(full_time)], staff[planter.pick(full_time)]
    planter.adjust(
        gross,
        "one_off_gross",
        "Prime de tutorat",
        "Décision 2022/118",
        start=date(2022, 5, 1),
        value="120.00",
    )
    planter.note("one_off_gross", gross.number, ADJUSTMENTS_FILE, "120.00 gross added")
    planter.adjust(
        net,
        "one_off_net",
        "Remboursement de frais",
        "Note de frais 77",
        start=date(2022, 5, 1),
        value="45.50",
    )
    planter.note("one_off_net", net.number, ADJUSTMENTS_FILE, "45.50 net added")


def _accounts(planter: Planter) -> None:
    staff = planter.staff
    two_incomes = "married_two_incomes"
    first = planter.pick(lambda agent: agent.household.tax_status == two_incomes)
    second = planter.pick(lambda agent: agent.household.tax_status == two_incomes)
    holder = f"M. et Mme {staff[first].last_name}-{staff[second].last_name}"
    staff[first] = replace(staff[first], holder=holder)
    staff[second] = replace(
        staff[second], holder=holder, iban=staff[first].iban, address=staff[first].address
    )
    for index in (first, second):
        planter.note("couple_sharing_iban", staff[index].number, STAFF_FILE, "IBAN shared: warn")

    changed = staff[planter.pick()]
    planter.adjust(
        changed,
        "iban_change",
        "Changement de compte demandé par courriel",
        "Courriel du 17/05/2022, non rappelé",
        start=date(2022, 5, 17),
        value=spaced(planter.register.iban()),
    )
    planter.note(
        "iban_changed_after_attack", changed.number, ADJUSTMENTS_FILE, "IBAN changed: hold"
    )

    silent = planter.pick()
    staff[silent] = replace(staff[silent], paid_iban=planter.register.iban())
    planter.note(
        "iban_differs_from_register",
        staff[silent].number,
        STAFF_FILE,
        "IBAN not the one paid: hold",
    )


def _components(planter: Planter) -> None:
    staff = planter.staff
    for kind, code, cents, expected in (
        ("one_off_in_april", "3000", 25_000, "not copied to May, listed"),
        ("arrears_in_april", "3100", 8_437, "not copied to May, listed"),
    ):
        index = planter.pick(
            lambda agent, code=code: code not in {line.code for line in agent.components}  # type: ignore[misc]
        )
        extra = RegisterLine(code=code, cents=cents)
        staff[index] = replace(staff[index], components=(*staff[index].components, extra))
        planter.note(kind, staff[index].number, LINES_FILE, expected)
    index = planter.pick(
        lambda agent: (
            agent.household.tax_status == "single"
            and agent.pay.withholding > 30_000
            and sum(other.household == agent.household for other in staff) > 1
        )
    )
    home = staff[index].household
    married = replace(home, tax_status="married_one_income", single_parent=False)
    staff[index] = replace(staff[index], household=married, paid_household=home)
    planter.note(
        "april_unexplained", staff[index].number, STAFF_FILE, "April net cannot be explained: hold"
    )
    missing = planter.pick(lambda agent: agent.irregular)
    staff[missing] = replace(staff[missing], has_roster=False)
    planter.note("roster_missing", staff[missing].number, HOURS_FILE, "bonus listed to true up")


def _practitioners(planter: Planter) -> None:
    vendors = planter.vendors
    company, absent, net_due, retention = vendors.practitioners[1:5]
    planter.note("company_account", company.number, PRACTITIONERS_FILE, "paid to the holder's name")
    vendors.statements = [
        row
        for row in vendors.statements
        if not (row.number == absent.number and row.period == "2022-04")
    ]
    planter.note("statement_missing", absent.number, STATEMENTS_FILE, "advance on mean of 3 months")
    for row in vendors.statements:
        if row.number == net_due.number:
            row.net_due = row.gross - row.gross * net_due.rate // 100
        elif row.number == retention.number:
            row.retention = row.gross * retention.rate // 100
    planter.note("fee_net_due", net_due.number, STATEMENTS_FILE, "net_due paid")
    planter.note("fee_retention", retention.number, STATEMENTS_FILE, "gross less retention paid")


def _swapped(planter: Planter) -> None:
    """Accounts that the attackers exchanged in the staff export and in the register alike: only
    the bank still knows the real ones (`plant_at_bank` draws the first one's).
    """
    staff = planter.staff
    first, second = planter.pick(), planter.pick()
    for index, other in ((first, staff[second].iban), (second, staff[first].iban)):
        planter.note(
            "accounts_swapped",
            staff[index].number,
            BANK_FILE,
            "not the account the bank paid: hold",
        )
        staff[index] = replace(staff[index], iban=other, bank_iban=staff[index].iban)


def plant_at_bank(planter: Planter) -> Ghost:
    """An account changed everywhere but at the bank, and a ghost; drawn after everything else."""
    staff, register = planter.staff, planter.register
    index = planter.pick()
    staff[index] = replace(staff[index], bank_iban=register.iban())
    planter.note(
        "account_changed_everywhere",
        staff[index].number,
        BANK_FILE,
        "not the account the bank paid: hold",
    )
    planter.note(
        "ghost_paid", ghost_place(BANK_FILE, staff), BANK_FILE, "paid by the bank, on no list: warn"
    )
    return Ghost(register.agent_number(), "SPECTRE IMAGINAIRE", register.iban(), 187_642)


#: Suppliers at the end of the list that receive no ordinary invoice, one planted case each.
PLANTED_SUPPLIERS = 8


def _suppliers(planter: Planter) -> None:
    vendors, register = planter.vendors, planter.register
    for index, kind in ((0, "blocked_invoice"), (1, "not_yet_due"), (2, "structured_reference")):
        invoice = vendors.invoices[index]
        invoice.blocked = kind == "blocked_invoice"
        invoice.due = date(2022, 6, 25) if kind == "not_yet_due" else date(2022, 5, 20)
        invoice.reference = register.structured_communication()
        planter.note(kind, invoice.supplier, INVOICES_FILE, "paid" if index == 2 else "not paid")
    without, french, german, builder, painter, double, large, small = vendors.suppliers[
        -PLANTED_SUPPLIERS:
    ]
    without.iban = ""
    _bill(planter, without, "2022/0031", 41_250)
    planter.note("supplier_without_iban", without.number, SUPPLIERS_FILE, "IBAN missing: hold")
    for supplier, country, town in ((french, "FR", "Essai-les-Modèles"), (german, "DE", "Muster")):
        supplier.iban, supplier.country = register.foreign_iban(country), country
        supplier.enterprise_number, supplier.town = "", town
        planter.note("foreign_supplier", supplier.number, SUPPLIERS_FILE, "paid abroad")
    _bill(planter, french, "FR-7781", 93_480).reference = register.creditor_reference()
    _bill(planter, german, "RE-20220411", 187_333)
    _works(planter, builder, painter)
    _credits_and_duplicate(planter, double, large, small)


def _works(planter: Planter, builder: Supplier, painter: Supplier) -> None:
    builder.works, painter.works = ("social", "tax"), ("social",)
    for supplier, excluded in ((builder, 845_000), (painter, 212_345)):
        supplier.category = "Travaux"
        _bill(planter, supplier, f"T-{excluded // 1000}", excluded)
        planter.note("works_retention", supplier.number, INVOICES_FILE, "retentions split off")


def _credits_and_duplicate(
    planter: Planter, double: Supplier, large: Supplier, small: Supplier
) -> None:
    original = _bill(planter, double, "FA-2022/0417", 154_321)
    copy = replace(original, number="FA2022-0417")
    planter.vendors.invoices.append(copy)
    planter.note("duplicate_invoice", double.number, INVOICES_FILE, "near-duplicate: hold")

    _bill(planter, large, "8841", 70_275)
    _credit(planter, large, "NC-8850", -99_174)
    planter.note("credit_note_larger", large.number, INVOICES_FILE, "receivable, no payment")

    _bill(planter, small, "V22-118", 120_000)
    _bill(planter, small, "V22-126", 33_318)
    _credit(planter, small, "NC22-009", -6_215)
    planter.note("credit_note_smaller", small.number, INVOICES_FILE, "netted in one payment")


def _bill(planter: Planter, supplier: Supplier, number: str, excluded: int) -> Invoice:
    invoice = make_invoice(planter.register, supplier, number, excluded)
    planter.vendors.invoices.append(invoice)
    return invoice


def _credit(planter: Planter, supplier: Supplier, number: str, excluded: int) -> None:
    note = _bill(planter, supplier, number, excluded)
    note.day, note.due = date(2022, 5, 3), None
