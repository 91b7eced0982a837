"""Faults in the staff list and in last month's register."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from faults.desk import HOURS, LINES, REGISTER, STAFF, Desk, Planted, Row, on, run_wide
from payroll.demo.identity import spaced

GROSS, ACCOUNT = "Traitement mensuel (temps plein)", "Compte bancaire"


def gross_x10(desk: Desk) -> Planted:
    row = desk.regular()
    row.scale(GROSS, "10")
    return on(row.id)


def gross_divided_by_10(desk: Desk) -> Planted:
    row = desk.regular()
    row.scale(GROSS, "0.1")
    return on(row.id)


def gross_digits_swapped(desk: Desk) -> Planted:
    """3 456.78 typed as 4 356.78."""

    def two_unlike(row: Row) -> bool:
        text = str(row.money(GROSS))
        return text[0] != text[1] != "0"

    row = desk.regular(two_unlike)
    text = str(row.money(GROSS))
    row[GROSS] = Decimal(text[1] + text[0] + text[2:])
    return on(row.id)


def fte_as_percent(desk: Desk) -> Planted:
    row = desk.regular()
    row["ETP"] = Decimal(80)
    return on(row.id)


def fte_halved(desk: Desk) -> Planted:
    row = desk.regular()
    row["ETP"] = Decimal("0.50")
    return on(row.id)


def iban_replaced(desk: Desk) -> Planted:
    row = desk.regular()
    row[ACCOUNT] = spaced(desk.register.iban())
    return on(row.id)


def iban_digit_wrong(desk: Desk) -> Planted:
    row = desk.regular()
    text = str(row[ACCOUNT]).replace(" ", "")
    row[ACCOUNT] = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    return on(row.id)


def iban_abroad(desk: Desk) -> Planted:
    row = desk.regular()
    row[ACCOUNT] = desk.register.foreign_iban("FR")
    return on(row.id)


def iban_of_colleague(desk: Desk) -> Planted:
    row, other = desk.regular(), desk.regular()
    while other.id == row.id:
        other = desk.regular()
    row[ACCOUNT] = other[ACCOUNT]
    for paid in desk[REGISTER].of(row.id):  # already so last month: no change gives it away
        paid["IBAN"] = other[ACCOUNT]
    return on(row.id, other.id)


def three_moved_to_one_iban(desk: Desk) -> Planted:
    iban, moved = desk.register.iban(), set()
    while len(moved) < 3:
        row = desk.regular()
        row[ACCOUNT] = iban
        moved.add(row.id)
    return on(*moved)


def many_ibans_replaced(desk: Desk) -> Planted:
    """A hacked export: a tenth of the staff has new accounts."""
    rows = [row for row in desk[STAFF].people() if row.id not in desk.taken]
    for row in desk.random.sample(rows, max(4, len(rows) // 7)):
        row[ACCOUNT] = desk.register.iban()
    return run_wide("MOVE-001")


def iban_missing(desk: Desk) -> Planted:
    row = desk.regular()
    row[ACCOUNT] = None
    return on(row.id)


def row_missing(desk: Desk) -> Planted:
    row = desk.regular()
    row.drop()
    return on(row.id)


def person_under_two_numbers(desk: Desk) -> Planted:
    row = desk.regular()
    again = row.copy(**{"N° agent": "990001", "Date d'entrée": date(2022, 5, 2)})
    again[ACCOUNT] = desk.register.iban()
    return on(row.id, again.id)


def row_twice_with_other_gross(desk: Desk) -> Planted:
    row = desk.regular()
    row.copy().scale(GROSS, "1.1")
    return on(row.id)


def leave_year_wrong(desk: Desk) -> Planted:
    row = desk.regular(lambda row: not isinstance(row["Date d'entrée"], str))
    row["Date de sortie"] = date(2021, 5, 31)
    return on(row.id)


def hired_next_month(desk: Desk) -> Planted:
    row = desk.regular()
    row["Date d'entrée"] = date(2022, 6, 1)
    return on(row.id)


def more_disabled_children(desk: Desk) -> Planted:
    row = desk.regular()
    row["Dont handicapés"] = int(row["Enfants à charge"] or 0) + 1  # type: ignore[arg-type]
    return on(row.id)


def twenty_children(desk: Desk) -> Planted:
    row = desk.regular()
    row["Enfants à charge"] = 20
    return on(row.id)


def single_parent_and_married(desk: Desk) -> Planted:
    row = desk.regular(lambda row: str(row["Situation fiscale"]).startswith("Marié"))
    row["Parent isolé"] = "Oui"
    return on(row.id)


def tax_status_wrong(desk: Desk) -> Planted:
    row = desk.regular(lambda row: row["Situation fiscale"] == "Isolé" and row.money(GROSS) > 3_000)
    row["Situation fiscale"], row["Parent isolé"] = "Marié 1 revenu", "Non"
    return on(row.id)


def status_wrong(desk: Desk) -> Planted:
    row = desk.regular(lambda row: row["Statut"] == "Contractuel" and row.money(GROSS) > 3_000)
    row["Statut"] = "Statutaire"
    return on(row.id)


def national_number_wrong(desk: Desk) -> Planted:
    row = desk.regular()
    text = str(row["Registre national"])
    row["Registre national"] = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    return on(row.id)


def birth_date_wrong(desk: Desk) -> Planted:
    row = desk.regular()
    birth = row["Date de naissance"]
    row["Date de naissance"] = birth.replace(year=birth.year + 1)  # type: ignore[union-attr]
    return on(row.id)


def name_disguised(desk: Desk) -> Planted:
    row = desk.regular(lambda row: "a" in str(row["Nom"]) or "e" in str(row["Nom"]))
    row["Nom"] = str(row["Nom"]).replace("a", "\u0430").replace("e", "\u0435")
    return on(row.id)


def holder_of_another_name(desk: Desk) -> Planted:
    row = desk.regular()
    row["Titulaire du compte"] = "Zyx Wvutsrq"
    return on(row.id)


def list_cut_off(desk: Desk) -> Planted:
    """The last fifth of the list is missing, and nobody declared its totals."""
    rows = list(desk[STAFF].people())
    for row in rows[-len(rows) // 5 :]:
        row.drop()
    return run_wide("COMPL-010")


def row_lost_in_transfer(desk: Desk) -> Planted:
    """One row is missing, and the sender declared totals."""
    desk.keep_totals = True
    desk.regular().drop()
    return run_wide("ING-006")


def register_net_x10(desk: Desk) -> Planted:
    row = desk.pick(REGISTER)
    row.scale("Net à payer", "10")
    return on(row.id)


def register_contributions_div10(desk: Desk) -> Planted:
    row = desk.pick(REGISTER)
    row.scale("Cotisations personnelles", "0.1")
    return on(row.id)


def register_consistent_x10(desk: Desk) -> Planted:
    """Every amount of a person ten times too high, totals and lines alike: it all adds up."""
    row = desk.pick(REGISTER)
    for heading in desk[REGISTER].headings[2:12]:
        row.scale(heading, "10")
    for line in desk[LINES].of(row.id):
        line.scale("Montant", "10")
    return on(row.id)


def withholding_negative(desk: Desk) -> Planted:
    row = desk.pick(REGISTER, lambda row: row.money("Précompte professionnel") > 0)
    row["Net à payer"] = row.money("Net à payer") + 2 * row.money("Précompte professionnel")
    row.scale("Précompte professionnel", "-1")
    return on(row.id)


def net_negative(desk: Desk) -> Planted:
    row = desk.pick(REGISTER)
    row.scale("Net à payer", "-1")
    return on(row.id)


def garnishment_too_high(desk: Desk) -> Planted:
    row = desk.pick(REGISTER, lambda row: row.money("Net à payer") > 1_500)
    net = row.money("Net à payer")
    taken = (net * Decimal("0.7")).quantize(Decimal("0.01"))
    row["Saisies / cessions"] = row.money("Saisies / cessions") + taken
    row["Net à payer"] = net - taken
    return on(row.id)


def register_iban_missing(desk: Desk) -> Planted:
    row = desk.pick(REGISTER)
    row["IBAN"] = None
    return on(row.id)


def register_twice(desk: Desk) -> Planted:
    row = desk.pick(REGISTER)
    row.copy().scale("Net à payer", "1.1")
    return on(row.id)


def line_x10(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] == "1100")
    row.scale("Montant", "10")
    return on(row.id)


def line_and_gross_x10(desk: Desk) -> Planted:
    """A supplement ten times too high that was really paid so last month."""
    row = desk.pick(LINES, lambda row: row["Code"] == "1100" and row.money("Montant") > 95)
    more = row.money("Montant") * 9
    row.scale("Montant", "10")
    for total in desk[REGISTER].of(row.id):
        for heading in ("Brut", "Imposable", "Net à payer"):
            total[heading] = total.money(heading) + more
    return on(row.id)


def line_missing(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] == "1000")
    row.drop()
    return on(row.id)


def line_twice(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] == "1000")
    row.copy()
    return on(row.id)


def one_off_under_recurring_code(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] in ("2000", "3000"))
    row["Code"], row["Libellé"] = "4000", "Prime unique"
    return on(row.id)


def unknown_code(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] == "1100")
    row["Code"] = "7777"
    return on(row.id)


def line_negative(desk: Desk) -> Planted:
    row = desk.pick(LINES, lambda row: row["Code"] == "1100")
    row.scale("Montant", "-1")
    return on(row.id)


def hours_x10(desk: Desk) -> Planted:
    row = desk.pick(HOURS, lambda row: row.money("Heures") >= 4)
    row.scale("Heures", "10")
    return on(row.id)


def hours_x100(desk: Desk) -> Planted:
    row = desk.pick(HOURS, lambda row: row.money("Heures") >= 4)
    row.scale("Heures", "100")
    return on(row.id)


def hours_twice(desk: Desk) -> Planted:
    row = desk.pick(HOURS)
    row.copy()
    return on(row.id)


def hours_negative(desk: Desk) -> Planted:
    row = desk.pick(HOURS)
    row.scale("Heures", "-1")
    return on(row.id)


def hours_of_another_month(desk: Desk) -> Planted:
    row = desk.pick(HOURS)
    row["Date de prestation"] = date(2022, 5, 3)
    return on(row.id)


def hours_of_nobody(desk: Desk) -> Planted:
    row = desk.pick(HOURS).copy(**{"N° agent": "987654"})
    return on(row.id)


def sunday_on_wednesday(desk: Desk) -> Planted:
    row = desk.pick(HOURS, lambda row: row["Code prestation"] == "DIM")
    row["Date de prestation"] = date(2022, 4, 6)
    return on(row.id)


def premium_code_unknown(desk: Desk) -> Planted:
    desk.pick(HOURS)["Code prestation"] = "XYZ"
    return run_wide("REB-030")


def site_hours_missing(desk: Desk) -> Planted:
    site = desk.pick(HOURS)["Site"]
    for row in [row for row in desk[HOURS].people() if row["Site"] == site]:
        row.drop()
    return run_wide("COMPL-016")


def all_hours_x10(desk: Desk) -> Planted:
    """Minutes read as hours: every row small enough to pass alone is ten times too high."""
    for row in desk[HOURS].people():
        if row.money("Heures") <= 8:
            row.scale("Heures", "10")
    return run_wide("VAR-006")


#: Each of some payees.
FAULTS = (
    gross_x10,
    gross_divided_by_10,
    gross_digits_swapped,
    fte_as_percent,
    fte_halved,
    iban_replaced,
    iban_digit_wrong,
    iban_abroad,
    iban_of_colleague,
    three_moved_to_one_iban,
    iban_missing,
    row_missing,
    person_under_two_numbers,
    row_twice_with_other_gross,
    leave_year_wrong,
    hired_next_month,
    more_disabled_children,
    twenty_children,
    single_parent_and_married,
    tax_status_wrong,
    status_wrong,
    national_number_wrong,
    birth_date_wrong,
    name_disguised,
    holder_of_another_name,
    register_net_x10,
    register_contributions_div10,
    register_consistent_x10,
    withholding_negative,
    net_negative,
    garnishment_too_high,
    register_iban_missing,
    register_twice,
    line_x10,
    line_and_gross_x10,
    line_missing,
    line_twice,
    one_off_under_recurring_code,
    unknown_code,
    line_negative,
    hours_x10,
    hours_x100,
    hours_twice,
    hours_negative,
    hours_of_another_month,
    hours_of_nobody,
    sunday_on_wednesday,
)
#: Each of a file or of the order as a whole.
RUN_FAULTS = (
    many_ibans_replaced,
    list_cut_off,
    row_lost_in_transfer,
    premium_code_unknown,
    site_hours_missing,
    all_hours_x10,
)
