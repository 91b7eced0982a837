"""Whole sources: headings, marks, encodings, lost zeros, totals, and that no row is lost."""

from __future__ import annotations

import codecs
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.errors import PayrollError
from payroll.model.tables import FIELDS
from payroll.texts import error_lines
from tests.shipped import severity
from tests.unit.ingest.ingest_samples import (
    FEES,
    SUPPLIERS,
    formats,
    ids,
    read,
    read_many,
    suspect_book,
    workbook,
)

KINDS = sorted(FIELDS)
MASTER = (
    {"kind": "practitioners", "file": "p.csv"},
    "N° prestataire;Nom;IBAN\n00101;Nom Fictif;BE68539007547034\n".encode(),
)


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_template_headings_are_found_below_titles(kind: str, language: str) -> None:
    labels = formats().labels(kind, language)
    text = f"Titre\n\nImprimé le 2022-05-02\n{';'.join(labels.values())}\n"
    text += ";" * (len(labels) - 1) + "\n" + ";" * (len(labels) - 1) + "\n"
    tables, findings = read(text, kind=kind)
    assert tables.summaries[0].header_row == 4
    assert tables.headings["a.csv!csv"] == labels
    assert findings == []


@pytest.mark.parametrize(
    "heading", ["IBAN", " iban ", "I.B.A.N.", "Numéro  de COMPTE", "no de compte"]
)
def test_case_accents_and_punctuation_of_headings_do_not_matter(heading: str) -> None:
    tables, _ = read(SUPPLIERS.replace("IBAN", heading))
    assert tables["suppliers"]["iban"].tolist() == ["BE68539007547034"]


def test_a_heading_named_in_the_order_wins() -> None:
    text = "Code;N° fournisseur;Nom;IBAN\nF1;999;a;BE68539007547034\n"
    tables, findings = read(text, columns={"Code": "supplier_id"})
    assert tables["suppliers"]["supplier_id"].tolist() == ["F1"]
    assert [item.observed for item in findings] == ["N° fournisseur"]


def test_numeric_ids_under_a_heading_called_number_are_read() -> None:
    rows = [["Number", "Nom", "IBAN"], [17, "Nom Fictif", "BE68539007547034"]]
    tables, _ = read(workbook(("A", rows)), file="a.xlsx", columns={"Number": "supplier_id"})
    assert tables["suppliers"]["supplier_id"].tolist() == ["17"]


def test_a_row_that_ends_early_has_empty_cells_behind_its_end() -> None:
    heading = "N° fournisseur;Nom;IBAN;Catégorie\n"
    tables, findings = read(f"{heading}F1;Nom Fictif;BE68539007547034\nF2\n")
    assert tables["suppliers"]["supplier_id"].tolist() == ["F1"]
    assert tables["suppliers"]["category"].tolist() == [""]
    assert ids(findings) == ["ING-004"]


def test_a_missing_column_names_what_looks_like_it() -> None:
    with pytest.raises(PayrollError) as caught:
        read(SUPPLIERS.replace("N° fournisseur", "N° fournissseur"))
    assert caught.value.params["unknown"] == "N° fournissseur"
    assert "supplier_id (N° fournisseur)" in error_lines(caught.value, "fr")[0]
    assert "supplier_id (Leveranciersnummer)" in error_lines(caught.value, "nl")[0]


def test_each_column_has_its_own_decimal_mark() -> None:
    text = (
        "N° prestataire;Mois;Honoraires bruts;Net dû\n"
        "P1;2022-04;1.234;1,234\nP2;2022-04;0,50;0.50\n"
    )
    tables, findings = read(text, kind="fee_statements")
    assert findings == []
    assert tables["fee_statements"]["gross_fees_cents"].tolist() == [123400, 50]
    assert tables["fee_statements"]["net_due_cents"].tolist() == [123400, 50]


def test_marks_that_disagree_do_not_settle_a_column() -> None:
    text = FEES + "P1;2022-04;1.234\nP2;2022-04;0,50\nP3;2022-04;0.50\n"
    with pytest.raises(PayrollError, match="amount_ambiguous"):
        read(text, kind="fee_statements")


def test_leading_zeros_lost_are_restored_from_the_list() -> None:
    fees = (FEES + "101;2022-04;10,00\n0101;2022-03;10,00\n999;2022-04;1,00\n").encode()
    tables, findings = read_many([MASTER, ({"kind": "fee_statements", "file": "f.csv"}, fees)])
    assert tables["fee_statements"]["practitioner_id"].tolist() == ["00101", "00101", "999"]
    assert [(item.rule_id, item.observed) for item in findings] == [("ING-011", "2")]


def test_zeros_are_not_restored_when_two_people_would_fit() -> None:
    master = (MASTER[0], MASTER[1] + b"0101;Autre Fictif;BE68539007547034\n")
    fees = (FEES + "101;2022-04;10,00\n").encode()
    tables, findings = read_many([master, ({"kind": "fee_statements", "file": "f.csv"}, fees)])
    assert tables["fee_statements"]["practitioner_id"].tolist() == ["101"]
    assert "ING-011" not in ids(findings)


def test_numbers_of_legal_length_get_their_zeros_back_from_number_cells() -> None:
    rows = [["N° fournisseur", "Nom", "IBAN", "N° BCE"], ["F1", "a", "BE68539007547034", 403019261]]
    tables, _ = read(workbook(("A", rows)), file="a.xlsx")
    assert tables["suppliers"]["enterprise_number"].tolist() == ["0403019261"]


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", []),
        ("cp1252", b"", ["ING-013"]),
        ("utf-8-sig", b"", []),
        ("utf-16", b"", []),
        ("utf-16-be", codecs.BOM_UTF16_BE, []),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(encoding: str, mark: bytes, told: list[str], end: str) -> None:
    text = SUPPLIERS.replace("Nom Fictif", "Noëlle Œuvre").replace("\n", end)
    tables, findings = read(mark + text.encode(encoding))
    assert tables["suppliers"]["name"].tolist() == ["Noëlle Œuvre"]
    assert ids(findings) == told


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_and_line_numbers(delimiter: str) -> None:
    text = SUPPLIERS.replace(";", delimiter) + f'F2{delimiter}"deux\nlignes"{delimiter}\n'
    text += f'F3{delimiter}"a{delimiter}""b"""{delimiter}\n'
    tables, _ = read(text)
    seen = delimiter.replace("\t", " ")
    assert tables["suppliers"]["name"].tolist() == ["Nom Fictif", "deux lignes", f'a{seen}"b"']
    assert tables["suppliers"]["source"].tolist() == [
        "a.csv!csv!R2",
        "a.csv!csv!R3",
        "a.csv!csv!R5",
    ]


@pytest.mark.parametrize(
    ("control", "blocked"),
    [
        ({"rows": 2}, False),
        ({"rows": 3}, True),
        ({"gross_fees": "1234,56"}, False),
        ({"gross_fees": "1234.56"}, False),
        ({"gross_fees": "1234.57"}, True),
        ({"rows": 2, "gross_fees": "0.00"}, True),
    ],
)
def test_a_declared_total_that_differs_blocks(control: dict[str, object], blocked: bool) -> None:
    text = FEES + "P1;2022-04;1.234,00\nP2;2022-04;0,56\n"
    _, findings = read(text, kind="fee_statements", control=control)
    assert [(item.rule_id, str(severity(item))) for item in findings] == (
        [("ING-006", "block")] if blocked else []
    )


def test_a_declared_total_may_count_the_rows_set_aside() -> None:
    text = FEES + "P1;2022-04;10,00\n;2022-04;5,00\nTOTAL;;15,00\n"
    for total in ("10.00", "15.00"):
        _, findings = read(text, kind="fee_statements", control={"gross_fees": total})
        told = ["ING-015"] if total == "15.00" else []
        assert sorted(ids(findings)) == ["ING-001", "ING-007", *told]


@pytest.mark.parametrize("name", ["Mar\u200btin", "Mar\u202etin", "\ufeffMartin"])
def test_a_name_with_invisible_letters_is_held(name: str) -> None:
    _, findings = read(SUPPLIERS.replace("Nom Fictif", name))
    assert [
        (item.rule_id, str(severity(item)), item.subject_id, item.source) for item in findings
    ] == [("ING-009", "hold", "F1", "a.csv!csv!R2, Nom")]


@pytest.mark.parametrize("name", ["Noëlle Œuvre-Ñandú", "Αθηνά", "Петров", "D’Août (2) & Fils"])
def test_a_name_in_one_script_is_not_held(name: str) -> None:
    assert read(SUPPLIERS.replace("Nom Fictif", name))[1] == []


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (b"<f>1+1</f>", "formula"),
        (b"<f>1+1</f><v/>", "formula"),
        (b"<f>1+1</f><v></v>", "formula"),
        (b"<f/><v />", "formula"),
        (b"<v>#N/A</v>", "error"),
    ],
)
def test_a_cell_that_only_looks_empty_is_never_zero(cell: bytes, kind: str) -> None:
    _, findings = read(suspect_book(cell, kind), kind="fee_statements", file="a.xlsx")
    assert [(item.rule_id, item.source) for item in findings] == [
        ("ING-008", "a.xlsx!A!R2, Net dû")
    ]


ROWS = [
    "P1;2022-04;1234,56",
    "P2;2022-04;0,44",
    "P3;2022-04;x",
    ";2022-04;1,00",
    "TOTAL;;99,00",
    "",
    "N° prestataire;Mois;Honoraires bruts",
    "P4;;2,00",
    "P5;2022-04;",
    ";;",
    "Sous-total site 1;;7,00",
    "P6;mai;3,00",
]


@settings(max_examples=60, deadline=None)
@given(st.permutations(ROWS), st.lists(st.sampled_from(ROWS), max_size=5))
def test_no_row_is_lost_in_any_order(rows: list[str], more: list[str]) -> None:
    mixed = [*rows, *more]
    random.Random(len(more)).shuffle(mixed)  # noqa: S311 - an order, no secret
    tables, findings = read(FEES + "\n".join(mixed) + "\n", kind="fee_statements")
    summary = tables.summaries[0]
    told = ("P3", ";2022", "P4", "P5", "P6")
    totals = sum(row.startswith(("TOTAL", "Sous-total")) for row in mixed)
    assert summary.rows_read == summary.rows_used + summary.rows_excluded
    assert summary.rows_used == sum(row.startswith(("P1", "P2")) for row in mixed)
    assert summary.rows_excluded == sum(row.startswith(told) for row in mixed) + totals
    assert len([item for item in findings if item.rule_id != "ING-007"]) == (
        summary.rows_excluded - totals
    )
    assert summary.totals_cents["gross_fees"] == int(
        tables["fee_statements"]["gross_fees_cents"].sum()
    )


def test_two_sheets_of_one_workbook_each_keep_their_own_headings() -> None:
    book = workbook(
        ("P", [["Number", "Nom", "IBAN"], [17, "Nom Fictif", "BE68539007547034"]]),
        ("H", [["N° prestataire", "Mois", "Honoraires bruts"], ["17", "2022-04", 100]]),
    )
    orders = (
        {"kind": "suppliers", "file": "a.xlsx", "sheet": "P", "columns": {"Number": "supplier_id"}},
        {"kind": "fee_statements", "file": "a.xlsx", "sheet": "H"},
    )
    tables, _ = read_many([(order, book) for order in orders])
    assert tables.cell("a.xlsx!P!R2", "supplier_id") == "a.xlsx!P!R2, Number"
    assert tables.cell("a.xlsx!H!R2", "practitioner_id") == "a.xlsx!H!R2, N° prestataire"
    assert tables.cell("a.xlsx!P!R2; a.xlsx!H!R2", "name").endswith(", Nom")


def test_one_sheet_named_once_and_meant_once_is_the_same_source_twice() -> None:
    rows = [["N° fournisseur", "Nom", "IBAN"], ["F1", "a", "BE68539007547034"]]
    orders = ({"sheet": "A"}, {})
    with pytest.raises(PayrollError) as caught:
        read_many(
            [
                ({"kind": "suppliers", "file": "a.xlsx", **order}, workbook(("A", rows)))
                for order in orders
            ]
        )
    assert caught.value.error_id == "source_twice"
