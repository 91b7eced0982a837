"""Faults in adjustments and in the order, and faults that come together."""

from __future__ import annotations

from datetime import date

from faults.desk import ADJUSTMENTS, INVOICES, LINES, REGISTER, STAFF, Desk, Planted, on, run_wide
from faults.payables import WITH_VAT, due_invoice, lookalike_supplier

EVIDENCE, TYPED, APPROVED = "Pièce justificative", "Encodé par", "Approuvé par"


def iban_change_by_mail(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "iban_change", desk.register.iban())
    return on(row.id)


def one_off_x100(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "one_off_gross", "4550")
    return on(row.id)


def adjustment_self_approved(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "one_off_net", "45.50", **{APPROVED: "Noé Brouillon"})
    return on(row.id)


def adjustment_not_approved(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "one_off_net", "45.50", **{APPROVED: ""})
    return on(row.id)


def adjustment_twice(desk: Desk) -> Planted:
    row = desk.regular()
    for _ in range(2):
        desk.adjust(row.id, "one_off_net", "45.50")
    return on(row.id)


def evidence_thin(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "one_off_net", "45.50", **{EVIDENCE: "mail"})
    return on(row.id)


def adjusts_own_pay(desk: Desk) -> Planted:
    row = desk.regular()
    name = f"{row['Prénom']} {str(row['Nom']).strip()}"
    desk.adjust(row.id, "one_off_net", "45.50", **{TYPED: name})
    return on(row.id)


def adjustment_of_nobody(desk: Desk) -> Planted:
    return on(desk.adjust("987654", "one_off_net", "45.50").id)


def absence_dates_inverted(desk: Desk) -> Planted:
    row = desk.regular()
    dates = {"Du": date(2022, 5, 20), "Au": date(2022, 5, 9)}
    desk.adjust(row.id, "unpaid_absence", **dates)
    return on(row.id)


def joiner_without_master(desk: Desk) -> Planted:
    return on(desk.adjust("987654", "joiner").id)


def garnishment_x10(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "garnishment", "1500")
    return on(row.id)


def fte_of_five(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "fte_change", "5")
    return on(row.id)


def deceased_paid(desk: Desk) -> Planted:
    row = desk.regular()
    desk.adjust(row.id, "leaver", Motif="Décès")
    return on(row.id)


def leavers_not_listed(desk: Desk) -> Planted:
    for row in [row for row in desk[ADJUSTMENTS].people() if row["Type"] == "leaver"]:
        row.drop()
    return run_wide("INPUT-003")


def pay_date_in_past(desk: Desk) -> Planted:
    desk.order("pay_on = 2022-05-31", "pay_on = 2022-05-03")
    return run_wide("DATE-003")


def pay_date_late(desk: Desk) -> Planted:
    desk.order("[salaries]\npay_on = 2022-05-31", "[salaries]\npay_on = 2022-06-20")
    return run_wide("DATE-002")


def account_unknown(desk: Desk) -> Planted:
    desk.order('account = "suppliers"', 'account = "fournisseurs"')
    return run_wide("ACCT-001")


def bonus_month_is_payment_month(desk: Desk) -> Planted:
    desk.order('[bonuses]\nearned = "2022-04"', '[bonuses]\nearned = "2022-05"')
    return run_wide("DATE-005")


def fees_of_last_year(desk: Desk) -> Planted:
    desk.order('[fees]\nearned = "2022-04"', '[fees]\nearned = "2021-04"')
    return run_wide("DATE-007")


def known_month_without_register(desk: Desk) -> Planted:
    desk.order('last_known = "2022-04"', 'last_known = "2022-03"')
    return run_wide("COMPL-011", "DATE-008")


def export_old(desk: Desk) -> Planted:
    desk.order("exported_on = 2022-05-02", "exported_on = 2022-01-02")
    return run_wide("INPUT-001")


def gross_x10_and_iban_replaced(desk: Desk) -> Planted:
    row = desk.regular()
    row.scale("Traitement mensuel (temps plein)", "10")
    row["Compte bancaire"] = desk.register.iban()
    return on(row.id)


def lookalike_with_invoice_x10(desk: Desk) -> Planted:
    planted = lookalike_supplier(desk)
    desk[INVOICES].of("F99999")[0].scale(WITH_VAT, "10")
    return planted


def insider(desk: Desk) -> Planted:
    """Somebody moves a colleague's account and enters a one-off, approved by the same person."""
    row = desk.regular()
    desk.adjust(row.id, "iban_change", desk.register.iban(), **{APPROVED: "Noé Brouillon"})
    desk.adjust(row.id, "one_off_net", "950", **{APPROVED: "Noé Brouillon"})
    return on(row.id)


def three_faults_at_once(desk: Desk) -> Planted:
    """A register total, an hour of pay and an invoice, each of somebody else: all must be named."""
    total, line, bill = desk.pick(REGISTER), desk.pick(LINES), due_invoice(desk)
    total.scale("Net à payer", "10")
    line.scale("Montant", "10")
    bill.scale(WITH_VAT, "10")
    return on(total.id, line.id, bill.id)


def site_missing_from_staff_list(desk: Desk) -> Planted:
    site = desk.pick(STAFF)["Site"]
    for row in [row for row in desk[STAFF].people() if row["Site"] == site]:
        row.drop()
    return run_wide("COMPL-010")


#: Kinds of which every subject must be named, not one of them.
ALL_SUBJECTS = frozenset(
    {"three_faults_at_once", "three_moved_to_one_iban", "accounts_swapped_everywhere"}
)
#: Each of some payees.
FAULTS = (
    iban_change_by_mail,
    one_off_x100,
    adjustment_self_approved,
    adjustment_not_approved,
    adjustment_twice,
    evidence_thin,
    adjusts_own_pay,
    adjustment_of_nobody,
    absence_dates_inverted,
    joiner_without_master,
    garnishment_x10,
    fte_of_five,
    deceased_paid,
    gross_x10_and_iban_replaced,
    lookalike_with_invoice_x10,
    insider,
    three_faults_at_once,
)
#: Each of a file or of the order as a whole.
RUN_FAULTS = (
    leavers_not_listed,
    pay_date_in_past,
    pay_date_late,
    account_unknown,
    bonus_month_is_payment_month,
    fees_of_last_year,
    known_month_without_register,
    export_old,
    site_missing_from_staff_list,
)
