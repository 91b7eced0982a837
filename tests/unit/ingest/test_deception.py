"""Files made to deceive, or written by unusual programs: read right, or refused."""

from __future__ import annotations

import pytest

from payroll.ingest import values
from payroll.ingest.values import Unreadable
from payroll.model.errors import PayrollError
from tests.shipped import severity
from tests.unit.ingest.ingest_samples import (
    FEES,
    SUPPLIERS,
    ids,
    read,
    read_many,
    repacked,
    suspect_book,
    workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
BOOK = workbook(("A", [line.split(";") for line in SUPPLIERS.splitlines()]))


@pytest.mark.parametrize(
    "cell", [b"<f>1+1</f>", b"<f>1+1</f><v></v>", b"<f/><v />", b"<v>#N/A</v>"]
)
@pytest.mark.parametrize(("prefix", "quote"), [(b"x:", b'"'), (b"", b"'"), (b"x:", b"'")])
def test_a_prefix_or_other_quotes_hide_no_formula(cell: bytes, prefix: bytes, quote: bytes) -> None:
    kind = "error" if b"#" in cell else "formula"
    _, findings = read(
        suspect_book(cell, kind, prefix, quote), kind="fee_statements", file="a.xlsx"
    )
    assert [(item.rule_id, item.source) for item in findings] == [
        ("ING-008", "a.xlsx!A!R2, Net dû")
    ]


def test_a_formula_in_a_cell_without_a_place_is_seen() -> None:
    content = repacked(suspect_book(b"<f>1+1</f>", "formula"), SHEET, b'<c r="D2">', b"<c>")
    _, findings = read(content, kind="fee_statements", file="a.xlsx")
    assert [item.source for item in findings] == ["a.xlsx!A!R2, Net dû"]


@pytest.mark.parametrize("name", ["M\u0430rtin", "\u039cartin"])
def test_a_word_of_two_alphabets_is_held(name: str) -> None:
    _, findings = read(SUPPLIERS.replace("Nom Fictif", name))
    assert [
        (item.rule_id, str(severity(item)), item.subject_id, item.source) for item in findings
    ] == [("ING-009", "hold", "F1", "a.csv!csv!R2, Nom")]


@pytest.mark.parametrize(
    "name", ["\u0410\u0421\u041c\u0415", "\u0391\u039a\u039c\u0397", "\uff21\uff23\uff2d\uff25"]
)
def test_a_whole_name_in_another_alphabet_is_held_in_a_latin_list(name: str) -> None:
    """ACME in Cyrillic, Greek and full-width letters: no reader sees the difference."""
    rows = f"F2;{name};BE68539007547034\nF3;Été SA;BE68539007547034\n"
    _, findings = read(SUPPLIERS + rows)
    assert [
        (item.rule_id, str(severity(item)), item.subject_id, item.source) for item in findings
    ] == [("ING-009", "hold", "F2", "a.csv!csv!R3, Nom")]


def test_an_invoice_number_of_look_alikes_is_held() -> None:
    rows = "F1;A-17;01/02/2022;12,50\nF1;\u0410-17;01/02/2022;12,50\nF1;18;01/02/2022;2,00\n"
    head = "N° fournisseur;N° facture;Date facture;Montant TVAC\n"
    _, findings = read(head + rows, kind="invoices")
    assert [(item.rule_id, item.source) for item in findings] == [
        ("ING-009", "a.csv!csv!R3, N° facture")
    ]


def test_a_list_in_another_alphabet_is_no_disguise() -> None:
    greek = "F2;Αθηνά;BE68539007547034\nF3;Νίκος;BE68539007547034\n"
    assert ids(read(SUPPLIERS + greek)[1]) == []


def test_titles_do_not_hide_the_columns_of_a_short_list() -> None:
    tables, _ = read("Titre\n\nImprimé le 2022-05-02\n" + FEES, kind="fee_statements")
    assert tables.summaries[0].header_row == 4


def test_digits_of_other_scripts_are_no_amount() -> None:
    with pytest.raises(Unreadable):
        values.money("\u0663", None)


def test_a_doubtful_flag_is_not_a_no() -> None:
    text = (
        "N° fournisseur;N° facture;Date facture;Montant TVAC;Bloquée\nF1;A1;01/02/2022;12,50;{}\n"
    )
    _, findings = read(text.format("?"), kind="invoices")
    assert ids(findings) == ["ING-003"]
    tables, findings = read(text.format("En litige"), kind="invoices")
    assert (findings, tables["invoices"]["blocked"].tolist()) == ([], [True])


def test_a_workbook_that_hides_its_size_is_refused_before_it_unpacks() -> None:
    big = repacked(BOOK, SHEET, b"<sheetData>", b" " * 40_000_000 + b"<sheetData>")
    at = big.rindex(b"PK\x01\x02", 0, big.rindex(SHEET.encode()))
    lying = big[: at + 24] + (5000).to_bytes(4, "little") + big[at + 28 :]
    with pytest.raises(PayrollError, match="zip_bomb"):
        read(lying, file="a.xlsx")


def test_a_dtd_after_a_long_comment_is_refused() -> None:
    hidden = b"<!--" + b" " * 5000 + b"--><!DOCTYPE a><worksheet"
    with pytest.raises(PayrollError, match="entities_refused"):
        read(repacked(BOOK, SHEET, b"<worksheet", hidden), file="a.xlsx")


@pytest.mark.parametrize("place", [b"XFD1048576", b"ALL1048576", b"A99999999999", b"ZZZZZZ9"])
def test_a_stray_cell_far_away_does_not_fill_the_memory(place: bytes) -> None:
    content = repacked(BOOK, SHEET, b'r="A2"', b'r="' + place + b'"')
    with pytest.raises(PayrollError, match="too_large"):
        read(content, file="a.xlsx")


def test_a_row_that_a_delimiter_split_holds_its_payee_only() -> None:
    rows = "P1;2022-04;1,00\nP2;2022-04;2,00;3\nP3;2022-04;3,00\n"
    tables, findings = read(FEES + rows, kind="fee_statements")
    assert tables["fee_statements"]["practitioner_id"].tolist() == ["P1", "P3"]
    assert [
        (item.rule_id, str(severity(item)), item.subject_id, item.source) for item in findings
    ] == [("ING-018", "hold", "P2", "a.csv!csv!R3")]


@pytest.mark.parametrize(
    "text",
    [
        FEES + "P1;2022-04;1,00;x\nP2;2022-04;2,00\n",  # every second row: the delimiter is wrong
        FEES.replace(";", ",") + "P1,2022-04,1\nP2,2022-04,2,50\nP3,2022-04,3\n",  # or an amount
        "Mois;N° prestataire;Honoraires bruts\n2022-04;P1;1,00;x\n2022-04;P2;2\n2022-04;P3;3\n",
    ],
)
def test_where_the_payee_of_a_split_row_is_not_sure_the_file_is_refused(text: str) -> None:
    with pytest.raises(PayrollError, match="row_too_long"):
        read(text, kind="fee_statements")


@pytest.mark.parametrize("name", ["JosÃ© Fictif", "Zo\u2030 Fictif", "Jos\ufffd Fictif", "AgnÃ¨s"])
def test_accents_read_in_a_wrong_encoding_are_told_with_their_rows(name: str) -> None:
    _, findings = read(SUPPLIERS + f"F2;{name};BE68539007547034\n")
    assert [
        (item.rule_id, str(severity(item)), item.observed, item.limit) for item in findings
    ] == [("ING-019", "warn", "1", "R3")]


def test_a_utf8_file_joined_to_a_windows_one_is_told() -> None:
    windows = (SUPPLIERS + "F2;José;BE68539007547034\n").encode("cp1252")
    content = windows + "F3;Zoë;BE68539007547034\n".encode()
    _, findings = read_many([({"kind": "suppliers", "file": "a.csv"}, content)])
    assert {item.rule_id: item.limit for item in findings}["ING-019"] == "R4"


@pytest.mark.parametrize(
    "name", ["José", "Zoë", "JOÃO", "Noëlle d’Été", "N° 5 « bis »", "Âge d'or"]
)
def test_right_accents_are_not_taken_for_wrong_ones(name: str) -> None:
    _, findings = read(SUPPLIERS + f"F2;{name};BE68539007547034\n")
    assert not findings


def test_an_account_taken_from_another_column_than_the_one_headed_so_is_held() -> None:
    """The order's `columns` may be somebody's way to another account."""
    mine, other = "BE68539007547034", "BE71096123456769"
    text = (
        "N° fournisseur;Nom;IBAN;Remarque\n"
        f"F1;Nom Fictif;{mine};{other}\n"
        f"F2;Autre Fictif;{mine};BE68 5390 0754 7034\n"  # the same account in both
        f"F3;Tiers Fictif;;{other}\n"  # nothing under the known heading
    )
    tables, findings = read(text, columns={"Remarque": "iban"})
    assert tables["suppliers"]["iban"].tolist() == [other, mine, other]
    told = [item for item in findings if item.rule_id == "ING-022"]
    assert [(item.subject_id, item.observed) for item in told] == [("F1", other)]
    assert told[0].limit == f"{mine} (IBAN)"
    assert told[0].source.endswith("R2, Remarque")


def test_a_column_that_says_nothing_of_money_may_be_taken_from_anywhere() -> None:
    text = "N° fournisseur;Nom;IBAN;Raison\nF1;Nom Fictif;BE68539007547034;Autre Fictif\n"
    assert not [i for i in read(text, columns={"Raison": "name"})[1] if i.rule_id == "ING-022"]
