"""For every rule of reading sources: a source in which it is found."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import xlsxwriter

from payroll.model.findings import Finding
from tests.unit.ingest import test_bank_statement as statements
from tests.unit.ingest import test_identities as numbers
from tests.unit.ingest.bank_samples import bank, block, pain001, tx
from tests.unit.ingest.ingest_samples import FEES, SUPPLIERS, read, read_many, suspect_book
from tests.unit.ingest.test_totals import GOOD, HEAD, NAMELESS, TOTAL, UNREADABLE

IBAN = "BE68539007547034"


def suppliers(more: str = "", content: str = SUPPLIERS) -> list[Finding]:
    return read(content + more)[1]


def fees(text: str, /, **control: object) -> list[Finding]:
    return read(HEAD + text, kind="fee_statements", control=control)[1]


def without_last(content: str) -> bytes:
    """The list in the encoding of an old Windows, a name with an accent in it."""
    return content.replace("Nom Fictif", "Été Fictif").encode("cp1252")


def hidden_row() -> bytes:
    """A workbook with one row that nobody sees."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("A")
    for number, line in enumerate(SUPPLIERS.splitlines()):
        sheet.write_row(number, 0, line.split(";"))
    sheet.set_row(1, None, None, {"hidden": True})
    book.close()
    return buffer.getvalue()


def bank_totals() -> list[Finding]:
    return read_many([bank(pain001(block(tx(), totals="<NbOfTxs>5</NbOfTxs>")))])[1]


def bank_twice() -> list[Finding]:
    order = pain001(block(tx("ANNE MODELE", IBAN)))
    return statements.read(statements.camt(statements.ANNE), order)[1]


def zeros(*listed: object, paid: str) -> list[Finding]:
    return numbers.numbers_of(numbers.master(*listed), numbers.fees(*paid.split()))[2]


TRIPS: Mapping[str, Callable[[], list[Finding]]] = {
    "ING-001": lambda: suppliers(f";Sans Numéro;{IBAN}\n"),
    "ING-002": lambda: fees(UNREADABLE),
    "ING-003": lambda: fees("P1;2022-04;100,00;abc\n"),
    "ING-004": lambda: fees("P1;;100,00;\n"),
    "ING-005": lambda: suppliers(f"F1;Nom Autre;{IBAN}\n"),
    "ING-006": lambda: fees(GOOD, rows=3),
    "ING-007": lambda: fees(GOOD + TOTAL),
    "ING-008": lambda: read(
        suspect_book(b"<f>1+1</f>", "formula"), kind="fee_statements", file="a.xlsx"
    )[1],
    "ING-009": lambda: suppliers(content=SUPPLIERS.replace("Nom Fictif", "M\u0430rtin")),
    "ING-010": lambda: read(hidden_row(), file="a.xlsx")[1],
    "ING-011": lambda: zeros("0012", "0013", paid="12 0013"),
    "ING-012": lambda: statements.rows(statements.fact("entry", amount_cents=900_000))[1],
    "ING-013": lambda: read(without_last(SUPPLIERS))[1],
    "ING-014": lambda: suppliers(content="N° fournisseur;Nom;IBAN;Humeur\nF1;Nom;;bonne\n"),
    "ING-015 held": lambda: fees(GOOD + UNREADABLE, rows=3),
    "ING-015": lambda: fees(GOOD + NAMELESS, rows=3),
    "ING-016": lambda: fees(GOOD + UNREADABLE, gross_fees=600),
    "ING-017": lambda: zeros(12, 13, 140, paid="0012 0013 0140"),
    "ING-022": lambda: read(
        f"N° fournisseur;Nom;IBAN;Note\nF1;Nom Fictif;{IBAN};BE71096123456769\n",
        columns={"Note": "iban"},
    )[1],
    "ING-018": lambda: read(
        FEES + "P1;2022-04;1,00\nP2;2022-04;2,00;3\nP3;2022-04;3,00\n", kind="fee_statements"
    )[1],
    "ING-019": lambda: suppliers(f"F2;ZoÃ©;{IBAN}\n"),
    "ING-020": bank_totals,
    "ING-021": bank_twice,
    "ING-023": lambda: suppliers(content="N° fournisseur;Nom;IBAN;Devise\nF1;Nom;;USD\n"),
}
