"""The currency of a row: euro under many words, anything else never taken for euro in silence."""

from __future__ import annotations

import pytest

from payroll.model.findings import SubjectKind
from tests.unit.ingest.ingest_samples import ids, read, read_many, workbook

INVOICE = (
    "N° fournisseur;N° facture;Date facture;Montant;{heading}\nF1;A1;08/04/2022;1000,00;{cell}\n"
)


@pytest.mark.parametrize(
    "heading",
    ["Devise", "Monnaie", "Munt", "Valuta", "Currency", "Cur.", "Devise facture", "currency"],
)
@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("EUR", "EUR"),
        ("eur ", "EUR"),
        ("€", "EUR"),
        ("EUR (€)", "EUR"),
        ("Euro", "EUR"),
        ("", ""),
        ("USD", "USD"),
        ("$", "$"),
        ("gbp", "gbp"),
        ("EUR USD", "EUR USD"),
        ("ЕUR", "ЕUR"),
    ],
)
def test_the_currency_of_an_invoice_is_read(heading: str, cell: str, read_as: str) -> None:
    tables, findings = read(INVOICE.format(heading=heading, cell=cell), kind="invoices")
    assert tables["invoices"]["currency"].tolist() == [read_as]
    assert "ING-014" not in ids(findings)


FEES = "N° prestataire;Mois;Honoraires bruts;{heading}\n"


@pytest.mark.parametrize("heading", ["Devise", "Valuta", "Devise de paiement", "currency"])
def test_a_currency_column_that_no_field_takes_holds_whom_it_concerns(heading: str) -> None:
    text = (
        FEES.format(heading=heading)
        + "P1;2022-04;1,00;USD\nP2;2022-04;2,00;EUR\nP3;2022-04;3,00;\n"
    )
    tables, findings = read(text, kind="fee_statements")
    told = [item for item in findings if item.rule_id == "ING-023"]
    assert [(item.subject_kind, item.subject_id) for item in told] == [
        (SubjectKind.PRACTITIONER, "P1")
    ]
    assert told[0].observed == "USD"
    assert told[0].source == f"a.csv!csv!R2, {heading}"
    assert len(tables["fee_statements"]) == 3


def test_all_in_euro_is_mere_information() -> None:
    text = FEES.format(heading="Devise") + "P1;2022-04;1,00;EUR\nP2;2022-04;2,00;€\n"
    assert ids(read(text, kind="fee_statements")[1]) == ["ING-014"]


def test_a_date_under_a_heading_with_such_a_word_is_no_currency() -> None:
    text = FEES.format(heading="Valuta datum") + "P1;2022-04;1,00;31/05/2022\n"
    assert ids(read(text, kind="fee_statements")[1]) == ["ING-014"]
    text = FEES.format(heading="Valuta") + "P1;2022-04;1,00;840\n"
    assert "ING-023" in ids(read(text, kind="fee_statements")[1])


def test_an_adjustment_in_another_currency_holds_the_payee_that_the_lists_name() -> None:
    adjustments = (
        "adjustment_id;payee_id;kind;value;reason;evidence;entered_by;Devise\n"
        "A1;F1;one_off_net;100,00;raison;pièce;Anne Modèle;CHF\n"
    )
    suppliers = "N° fournisseur;Nom;IBAN\nF1;Nom Fictif;BE68539007547034\n"
    _, findings = read_many(
        [
            ({"kind": "adjustments", "file": "a.csv"}, adjustments.encode()),
            ({"kind": "suppliers", "file": "b.csv"}, suppliers.encode()),
        ]
    )
    told = [item for item in findings if item.rule_id == "ING-023"]
    assert [(item.subject_kind, item.subject_id) for item in told] == [(SubjectKind.SUPPLIER, "F1")]


def test_a_second_column_of_invoices_is_judged_too() -> None:
    heads = [
        ["Supplier", "Invoice number", "Invoice date", "Amount", "Devise", "Devise du contrat"]
    ]
    rows = [["F1", "A1", "08/04/2022", "10,00", "EUR", "USD"]]
    found = read(workbook(("A", heads + rows)), kind="invoices", file="a.xlsx")[1]
    assert "ING-023" in ids(found)
