"""The sample's tables: which headings each export has, and how untidily it is filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from payroll.demo.files import Cell, Export, Row, amount, french, french_day
from payroll.demo.identity import spaced
from payroll.demo.planted import Adjustment
from payroll.demo.staff import LABELS, Agent, PremiumHours, RegisterLine
from payroll.demo.vendors import Invoice, Practitioner, Statement, Supplier

HOUSE = "INTERCOMMUNALE FICTIVE DE SANTÉ - Hôpital Fictif Sainte-Modèle"
APRIL = "2022-04"

STATUS = {"contractual": "Contractuel", "statutory": "Statutaire"}
TAX_STATUS = {
    "single": "Isolé",
    "married_one_income": "Marié 1 revenu",
    "married_two_incomes": "Marié 2 revenus",
}

STAFF_HEADINGS = (
    "N° agent",
    "Nom",
    "Prénom",
    "Registre national",
    "Date de naissance",
    "Langue",
    "Compte bancaire",
    "Titulaire du compte",
    "Statut",
    "Catégorie",
    "Site",
    "Centre de frais",
    "ETP",
    "Traitement mensuel (temps plein)",
    "Date d'entrée",
    "Date de sortie",
    "Situation fiscale",
    "Enfants à charge",
    "Dont handicapés",
    "Agent handicapé",
    "Parent isolé",
    "Autres personnes à charge",
    "Conjoint handicapé",
    "Rue",
    "Numéro",
    "Code postal",
    "Localité",
    "Pays",
    "Fraction pécule de vacances",
)
TOTALS_HEADINGS = (
    "N° agent",
    "Mois",
    "Brut",
    "Cotisations personnelles",
    "Bonus à l'emploi",
    "Imposable",
    "Précompte professionnel",
    "Bonus fiscal",
    "Cotisation spéciale",
    "Autres retenues",
    "Saisies / cessions",
    "Net à payer",
    "IBAN",
)
LINES_HEADINGS = ("N° agent", "Mois", "Code", "Libellé", "Quantité", "Montant")
HOURS_HEADINGS = ("N° agent", "Mois", "Code prestation", "Heures", "Date de prestation", "Site")
PRACTITIONER_HEADINGS = (
    "N° prestataire",
    "Nom",
    "Titulaire du compte",
    "IBAN",
    "N° INAMI",
    "N° BCE",
    "Taux de rétention",
    "Référence convention",
)
STATEMENT_HEADINGS = (
    "N° prestataire",
    "Mois",
    "Honoraires bruts",
    "Rétention",
    "Net dû",
    "Référence",
)
SUPPLIER_HEADINGS = (
    "N° fournisseur",
    "Nom",
    "IBAN",
    "N° BCE",
    "N° TVA",
    "Catégorie",
    "Priorité",
    "Délai de paiement (jours)",
    "Pays",
    "Localité",
)
INVOICE_HEADINGS = (
    "N° fournisseur",
    "N° facture",
    "Date facture",
    "Date d'échéance",
    "Montant TVAC",
    "Montant HTVA",
    "Communication",
    "Bloquée",
    "Retenue sociale",
    "Retenue fiscale",
)
ADJUSTMENT_HEADINGS = (
    "N° ajustement",
    "N° bénéficiaire",
    "Type",
    "Valeur",
    "Du",
    "Au",
    "Motif",
    "Pièce justificative",
    "Encodé par",
    "Approuvé par",
)


def _yes(flag: bool) -> str:
    return "Oui" if flag else "Non"


def staff_table(staff: Sequence[Agent]) -> Export:
    """Personnel by site, with a blank row and a subtotal after each; untidy on purpose."""
    rows: list[Row] = []
    order = {agent.number: index for index, agent in enumerate(staff)}
    for site in sorted({agent.site for agent in staff}):
        members = sorted((a for a in staff if a.site == site), key=lambda agent: agent.number)
        rows += [_staff_row(order[agent.number], agent) for agent in members]
        rows += [_sum_row(f"Sous-total site {site}", members), ()]
    rows.append(_sum_row("TOTAL", staff))
    return Export(
        name="Personnel",
        titles=(HOUSE, "Export personnel au 30/04/2022"),
        headings=STAFF_HEADINGS,
        rows=rows,
    )


def _sum_row(label: str, staff: Sequence[Agent]) -> Row:
    blanks: list[Cell] = [None] * (STAFF_HEADINGS.index("Traitement mensuel (temps plein)") - 1)
    return [label, *blanks, amount(sum(agent.monthly_cents for agent in staff))]


def _staff_row(index: int, agent: Agent) -> Row:
    home = agent.household
    monthly = amount(agent.monthly_cents)
    street, building, postcode, town = agent.address
    return [
        agent.number,
        agent.last_name + ("  " if index % 13 == 5 else ""),
        agent.first_name,
        _national_number(agent.national_number, dotted=index % 2 == 0),
        agent.birth,
        agent.language,
        spaced(agent.iban) if index % 3 == 0 else agent.iban,
        agent.holder,
        STATUS[agent.status],
        agent.category,
        agent.site,
        agent.cost_centre,
        french(amount(agent.fte)) if index % 10 == 7 else amount(agent.fte),
        french(monthly) if index % 11 == 3 else monthly,
        french_day(agent.hired) if index % 9 == 4 else agent.hired,
        agent.left,
        TAX_STATUS[home.tax_status],
        home.children,
        home.disabled_children,
        _yes(home.disabled),
        _yes(home.single_parent),
        home.other_dependants,
        _yes(home.spouse_disabled),
        street,
        building,
        postcode,
        town,
        "BE",
        None if agent.holiday_share is None else amount(agent.holiday_share),
    ]


def _national_number(number: str, *, dotted: bool) -> str:
    if not dotted:
        return number
    return f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"


def totals_table(staff: Sequence[Agent]) -> Export:
    """April's register, one row per person paid, and the account that was paid."""
    rows: list[Row] = []
    total = 0
    for index, agent in enumerate(sorted(staff, key=lambda agent: agent.number)):
        if not agent.in_register:
            continue
        pay, iban = agent.pay, agent.paid_iban or agent.iban
        total += pay.net
        cents = (
            pay.gross,
            pay.personal_contributions,
            pay.work_bonus,
            pay.taxable,
            pay.withholding,
            pay.fiscal_work_bonus,
            pay.special_contribution,
            pay.other_deductions,
            pay.garnishment,
            pay.net,
        )
        rows.append([agent.number, APRIL, *map(amount, cents), spaced(iban) if index % 4 else iban])
    rows.append(["TOTAL", *[None] * 10, amount(total)])
    return Export(
        name="Totaux",
        titles=(HOUSE, "Livre de paie - totaux par agent - avril 2022"),
        headings=TOTALS_HEADINGS,
        rows=rows,
    )


def lines_table(staff: Sequence[Agent]) -> Export:
    """April's register by component."""
    return _lines(APRIL, "avril 2022", [(agent, agent.components) for agent in staff])


def march_table(staff: Sequence[Agent]) -> Export:
    """What is paid monthly, by the register of March: the basis of holiday pay."""
    paid = [(agent, agent.march) for agent in staff if agent.in_register]
    return _lines("2022-03", "mars 2022", paid)


def _lines(
    period: str, month: str, staff: Sequence[tuple[Agent, Sequence[RegisterLine]]]
) -> Export:
    rows: list[Row] = []
    total = 0
    for agent, components in sorted(staff, key=lambda item: item[0].number):
        for line in components:
            hours = amount(line.hours) if line.hours else None
            rows.append(
                [agent.number, period, line.code, LABELS[line.code], hours, amount(line.cents)]
            )
            total += line.cents
    rows.append(["TOTAL", None, None, None, None, amount(total)])
    titles = (HOUSE, f"Livre de paie - composantes - {month}")
    return Export(name="csv", titles=titles, headings=LINES_HEADINGS, rows=rows)


def hours_table(hours: Sequence[PremiumHours], period: str = APRIL) -> Export:
    """A month's nights and weekends, as the roster system gave them."""
    rows: list[Row] = [
        [row.number, period, row.code, amount(row.hours), row.day, row.site]
        for row in sorted(hours, key=lambda row: (row.number, row.day, row.code))
    ]
    month = {"2022-04": "avril", "2022-05": "mai"}[period]
    titles = (HOUSE, f"Prestations irrégulières - {month} 2022")
    return Export(name="csv", titles=titles, headings=HOURS_HEADINGS, rows=rows)


def practitioners_table(practitioners: Sequence[Practitioner]) -> Export:
    """Independent practitioners with their contract's retention."""
    rows: list[Row] = [
        [
            doctor.number,
            doctor.name + (" " if index % 7 == 2 else ""),
            doctor.holder,
            spaced(doctor.iban) if index % 2 else doctor.iban,
            doctor.inami,
            doctor.enterprise_number,
            amount(doctor.rate),
            doctor.contract,
        ]
        for index, doctor in enumerate(practitioners)
    ]
    titles = (HOUSE, "Prestataires indépendants - conventions en cours")
    return Export(name="Prestataires", titles=titles, headings=PRACTITIONER_HEADINGS, rows=rows)


def statements_table(statements: Sequence[Statement]) -> Export:
    """Four months of fee statements with a total row."""
    rows: list[Row] = [
        [
            row.number,
            row.period,
            amount(row.gross),
            None if row.retention is None else amount(row.retention),
            None if row.net_due is None else amount(row.net_due),
            f"HON/{row.period}/{row.number}",
        ]
        for row in statements
    ]
    rows += [(), ["TOTAL", None, amount(sum(row.gross for row in statements))]]
    titles = (HOUSE, "États d'honoraires - janvier à avril 2022")
    return Export(name="Honoraires", titles=titles, headings=STATEMENT_HEADINGS, rows=rows)


def suppliers_table(suppliers: Sequence[Supplier]) -> Export:
    """The supplier master."""
    rows: list[Row] = [
        [
            row.number,
            row.name + ("   " if index % 5 == 1 else ""),
            spaced(row.iban) if index % 2 else row.iban,
            row.enterprise_number,
            f"BE{row.enterprise_number}" if row.enterprise_number else "",
            row.category,
            row.priority,
            row.terms,
            row.country,
            row.town,
        ]
        for index, row in enumerate(suppliers)
    ]
    titles = (HOUSE, "Fournisseurs actifs au 30/04/2022")
    return Export(name="Fournisseurs", titles=titles, headings=SUPPLIER_HEADINGS, rows=rows)


def invoices_table(invoices: Sequence[Invoice]) -> Export:
    """Open invoices and credit notes, with a total row."""
    rows: list[Row] = [
        [
            row.supplier,
            row.number,
            row.day,
            row.due,
            amount(row.cents),
            amount(row.excluded),
            row.reference,
            "oui" if row.blocked else "non",
            "oui" if "social" in row.works else "",
            "oui" if "tax" in row.works else "",
        ]
        for row in sorted(invoices, key=lambda row: (row.supplier, row.day, row.number))
    ]
    rows.append(["TOTAL", None, None, None, amount(sum(row.cents for row in invoices))])
    titles = (HOUSE, "Factures ouvertes au 13/05/2022")
    return Export(name="csv", titles=titles, headings=INVOICE_HEADINGS, rows=rows)


def adjustments_table(adjustments: Sequence[Adjustment]) -> Export:
    """What people typed after the attack."""
    rows: list[Row] = []
    for row in adjustments:
        start: date | str = row.start
        if row.number == "AJ-004":
            start = french_day(row.start)
        rows.append(
            [
                row.number,
                row.payee,
                row.kind,
                row.value,
                start,
                row.end,
                row.reason,
                row.evidence,
                "Noé Brouillon",
                "Zoé Modèle",
            ]
        )
    titles = (HOUSE, "Ajustements de mai 2022, encodés du 16 au 20/05/2022")
    return Export(name="Ajustements", titles=titles, headings=ADJUSTMENT_HEADINGS, rows=rows)
