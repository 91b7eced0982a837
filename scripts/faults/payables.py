"""Faults in practitioners, fee statements, suppliers and invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from faults.desk import DOCTORS, INVOICES, STATEMENTS, SUPPLIERS, Desk, Planted, Row, on, run_wide

WITH_VAT, WITHOUT = "Montant TVAC", "Montant HTVA"
DAY, DUE, NUMBER = "Date facture", "Date d'échéance", "N° facture"


def _fee(desk: Desk) -> Row:
    return desk.pick(
        STATEMENTS,
        lambda row: row["Mois"] == "2022-04" and row["Net dû"] is None and row["Rétention"] is None,
    )


def fee_x10(desk: Desk) -> Planted:
    row = _fee(desk)
    row.scale("Honoraires bruts", "10")
    return on(row.id)


def fee_divided_by_10(desk: Desk) -> Planted:
    row = _fee(desk)
    row.scale("Honoraires bruts", "0.1")
    return on(row.id)


def fee_negative(desk: Desk) -> Planted:
    row = _fee(desk)
    row.scale("Honoraires bruts", "-1")
    return on(row.id)


def fee_twice(desk: Desk) -> Planted:
    row = _fee(desk)
    row.copy(**{"Référence": "HON/2022-04/bis"})
    return on(row.id)


def retention_unlike_contract(desk: Desk) -> Planted:
    row = _fee(desk)
    row["Rétention"] = (row.money("Honoraires bruts") / 100).quantize(Decimal("0.01"))
    return on(row.id)


def net_due_above_gross(desk: Desk) -> Planted:
    row = _fee(desk)
    row["Net dû"] = row.money("Honoraires bruts") + 100
    return on(row.id)


def retention_of_180_percent(desk: Desk) -> Planted:
    row = desk.pick(DOCTORS)
    row["Taux de rétention"] = Decimal(180)
    return on(row.id)


def doctor_on_staff_account(desk: Desk) -> Planted:
    row, agent = desk.pick(DOCTORS), desk.regular()
    row["IBAN"] = agent["Compte bancaire"]
    return on(row.id, agent.id)


def doctor_abroad(desk: Desk) -> Planted:
    row = desk.pick(DOCTORS)
    row["IBAN"] = desk.register.foreign_iban("DE")
    return on(row.id)


def inami_wrong(desk: Desk) -> Planted:
    row = desk.pick(DOCTORS)
    text = str(row["N° INAMI"])
    row["N° INAMI"] = f"{text[:5]}{(int(text[5]) + 1) % 10}{text[6:]}"
    return on(row.id)


def inami_of_another(desk: Desk) -> Planted:
    row = desk.pick(DOCTORS)
    again = row.copy(**{"N° prestataire": "P99999", "IBAN": desk.register.iban()})
    desk[STATEMENTS].of(row.id)[-1].copy(**{"N° prestataire": "P99999"})
    return on(row.id, again.id)


def doctor_not_listed(desk: Desk) -> Planted:
    row = desk.pick(DOCTORS, lambda row: len(desk[STATEMENTS].of(row.id)) == 4)
    row.drop()
    return on(row.id)


def statements_missing(desk: Desk) -> Planted:
    rows = [row for row in desk[STATEMENTS].people() if row["Mois"] == "2022-04"]
    for row in rows[: len(rows) * 2 // 5]:
        row.drop()
    return run_wide("COMPL-017", "VAR-007")


def _open(row: Row) -> bool:
    due = row[DUE]
    return (
        row["Bloquée"] == "non"
        and row.money(WITH_VAT) > 0
        and (
            due is None or due <= date(2022, 6, 10)  # type: ignore[operator]
        )
    )


def due_invoice(desk: Desk, above: int = 0) -> Row:
    return desk.pick(INVOICES, lambda row: _open(row) and row.money(WITH_VAT) > above)


def lookalike_supplier(desk: Desk) -> Planted:
    bill = due_invoice(desk)
    old = desk[SUPPLIERS].of(bill.id)[0]
    words = str(old["Nom"]).split()
    new = old.copy(
        **{"N° fournisseur": "F99999", "Nom": " ".join([words[0] + words[0][-1], *words[1:]])}
    )
    new["IBAN"], number = desk.register.iban(), desk.register.enterprise_number()
    new["N° BCE"], new["N° TVA"] = number, f"BE{number}"
    bill.copy(**{"N° fournisseur": "F99999", NUMBER: "77-1", "Communication": ""})
    return on(old.id, new.id)


def _belgian(desk: Desk) -> Row:
    """A Belgian supplier with an invoice that is due."""
    due = {row.id for row in desk[INVOICES].people() if _open(row)}
    return desk.pick(SUPPLIERS, lambda row: row["Pays"] == "BE" and row.id in due)


def supplier_abroad(desk: Desk) -> Planted:
    row = _belgian(desk)
    row["IBAN"] = desk.register.foreign_iban("DE")
    return on(row.id)


def supplier_on_staff_account(desk: Desk) -> Planted:
    row, agent = desk[SUPPLIERS].of(due_invoice(desk).id)[0], desk.regular()
    row["IBAN"] = agent["Compte bancaire"]
    return on(row.id, agent.id)


def supplier_not_listed(desk: Desk) -> Planted:
    row = desk[SUPPLIERS].of(due_invoice(desk).id)[0]
    row.drop()
    return on(row.id)


def supplier_is_ourselves(desk: Desk) -> Planted:
    row = desk[SUPPLIERS].of(due_invoice(desk).id)[0]
    text = desk.files["employer.toml"].decode()
    row["IBAN"] = text.split('iban = "')[1].split('"')[0]
    return on(row.id)


def enterprise_number_wrong(desk: Desk) -> Planted:
    row = _belgian(desk)
    text = str(row["N° BCE"])
    row["N° BCE"] = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    return on(row.id)


def enterprise_number_copied(desk: Desk) -> Planted:
    row, other = _belgian(desk), _belgian(desk)
    while other.id == row.id:
        other = _belgian(desk)
    row["N° BCE"] = other["N° BCE"]
    return on(row.id, other.id)


def invoice_x10(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row.scale(WITH_VAT, "10")
    return on(row.id)


def invoice_x100_both_amounts(desk: Desk) -> Planted:
    row = due_invoice(desk, 2_000)
    for heading in (WITH_VAT, WITHOUT):
        row.scale(heading, "100")
    return on(row.id)


def invoice_number_varied(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row.copy(**{NUMBER: f"F{row[NUMBER]}"})
    return on(row.id)


def invoice_number_again(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row.copy().scale(WITH_VAT, "1.01")
    return on(row.id)


def invoice_under_other_number(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row.copy(**{NUMBER: "REF-77-XQ", "Communication": ""})
    return on(row.id)


def invoice_reference_wrong(desk: Desk) -> Planted:
    row = desk.pick(INVOICES, lambda row: _open(row) and str(row["Communication"]).startswith("+"))
    text = str(row["Communication"])
    row["Communication"] = f"{text[:3]}{(int(text[3]) + 1) % 10}{text[4:]}"
    return on(row.id)


def invoice_reference_of_another(desk: Desk) -> Planted:
    row = desk.pick(INVOICES, lambda row: _open(row) and str(row["Communication"]).startswith("+"))
    other = due_invoice(desk)
    while other.id == row.id:
        other = due_invoice(desk)
    other["Communication"] = row["Communication"]
    return on(row.id, other.id)


def invoice_in_future(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row[DAY], row[DUE] = date(2022, 6, 3), date(2022, 6, 9)
    return on(row.id)


def invoice_due_before_written(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row[DUE] = date(2022, 2, 1)
    return on(row.id)


def invoice_year_wrong(desk: Desk) -> Planted:
    row = due_invoice(desk)
    row[DAY] = row[DAY].replace(year=2020)  # type: ignore[union-attr]
    return on(row.id)


def credit_note_positive(desk: Desk) -> Planted:
    row = due_invoice(desk)
    note = row.copy(**{NUMBER: "NC-2022-31", "Communication": ""})
    note.scale(WITH_VAT, "0.9")
    note.scale(WITHOUT, "0.9")
    return on(row.id)


def order_split(desk: Desk) -> Planted:
    row = due_invoice(desk)
    for number, amount in (("SP-1", 18_000), ("SP-2", 17_500)):
        part = row.copy(**{NUMBER: number, "Communication": "", WITHOUT: Decimal(amount)})
        part[WITH_VAT] = Decimal(amount) * Decimal("1.21")
    return on(row.id)


def works_retention_unsaid(desk: Desk) -> Planted:
    row = desk[SUPPLIERS].of(due_invoice(desk).id)[0]
    row["Catégorie"] = "Travaux"
    return on(row.id)


#: Each of some payees.
FAULTS = (
    fee_x10,
    fee_divided_by_10,
    fee_negative,
    fee_twice,
    retention_unlike_contract,
    net_due_above_gross,
    retention_of_180_percent,
    doctor_on_staff_account,
    doctor_abroad,
    inami_wrong,
    inami_of_another,
    doctor_not_listed,
    lookalike_supplier,
    supplier_abroad,
    supplier_on_staff_account,
    supplier_not_listed,
    supplier_is_ourselves,
    enterprise_number_wrong,
    enterprise_number_copied,
    invoice_x10,
    invoice_x100_both_amounts,
    invoice_number_varied,
    invoice_number_again,
    invoice_under_other_number,
    invoice_reference_wrong,
    invoice_reference_of_another,
    invoice_in_future,
    invoice_due_before_written,
    invoice_year_wrong,
    credit_note_positive,
    order_split,
    works_retention_unsaid,
)
#: Each of a file or of the order as a whole.
RUN_FAULTS = (statements_missing,)
