"""The 14 points of what a good spreadsheet diff is (facts: emergency-payroll 4), one by one."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from payroll.model.errors import DamagedInputError, UsageError
from payroll.model.exact import Exact
from payroll.views.diff.render import SHOWN, build_page, build_workbook, print_screen
from payroll.views.diff.words import Words
from tests.unit.views.diff.comparison_samples import HEAD, ROWS, diff, keys, seen, sheet

A = sheet(ROWS)


def with_row(number: int, column: str, value: str) -> list[tuple[str, ...]]:
    rows = [list(row) for row in ROWS]
    rows[number][HEAD.index(column)] = value
    return [tuple(row) for row in rows]


def workbook(found, **options):  # type: ignore[no-untyped-def]
    return openpyxl.load_workbook(
        io.BytesIO(build_workbook(found, "en", everything=options.get("everything", False)))
    )


def screen(found, *, everything: bool = False) -> str:  # type: ignore[no-untyped-def]
    console = Console(record=True, width=240, file=io.StringIO())
    print_screen(found, Words("en"), console, everything=everything)
    return console.export_text()


def test_1_rows_pair_by_key_never_by_position() -> None:
    rows = with_row(1, "Net à payer", "950,00")
    moved = sheet([rows[3], rows[1], rows[0], rows[2]])
    assert seen(diff(A, moved).main) == [("000002", "Net à payer", "900.00", "950.00")]


def test_1_payee_and_component_make_a_key_together() -> None:
    head = ("Matricule", "Code", "Montant")
    old = sheet([("1", "BASE", "10,00"), ("1", "PRIME", "5,00"), ("2", "BASE", "7,00")], head)
    new = sheet([("2", "BASE", "7,00"), ("1", "PRIME", "6,00"), ("1", "BASE", "10,00")], head)
    found = diff(old, new).main
    assert len(found.request.keys) == 2
    assert seen(found) == [("1+PRIME", "Montant", "5.00", "6.00")]


def test_1_a_column_that_counts_rows_is_no_key() -> None:
    head = ("Rang", "Libellé", "Montant")
    old = sheet([("1", "x", "5,00"), ("2", "y", "6,00"), ("3", "z", "7,00")], head)
    new = sheet([("1", "z", "7,00"), ("2", "x", "5,00"), ("3", "y", "6,00")], head)
    found = diff(old, new, ignored=("Rang",)).main
    assert found.request.keys == ("libelle",)
    assert not found.different


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("Net à payer", "1234.5"),
        ("Net à payer", "1.234,50"),
        ("Net à payer", "€ 1 234,50"),
        ("Début", "2020-03-01"),
        ("Début", "1-3-2020"),
        ("IBAN", "be13103960626939"),
        ("Nom", "  Dupont "),
        ("Statut", "contractuel  "),
    ],
)
def test_2_values_are_typed(column: str, written: str) -> None:
    assert not diff(A, sheet(with_row(0, column, written))).different


def test_2_column_order_and_spelling_of_headings_do_not_matter() -> None:
    turned = sheet(
        [row[::-1] for row in ROWS],
        ["NET A PAYER", "debut", "Statut", "iban", "NOM", "N°  agent"],
        ",",
    )
    assert not diff(A, turned).different


def test_2_zeros_that_a_number_cell_lost_are_no_difference(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(list(HEAD))
    for row in ROWS:
        page.append([int(row[0]), *row[1:5], float(row[5].replace(" ", "").replace(",", "."))])
    book.save(tmp_path / "b.xlsx")
    assert not diff(A, (tmp_path / "b.xlsx").read_bytes()).different


def test_3_exact_with_an_explicit_tolerance() -> None:
    nearly = sheet(with_row(0, "Net à payer", "1 234,51"))
    exact = diff(A, nearly).main
    assert [item.units for item in exact.bridge[:1] for item in [Exact(item.changes, 2)]] == [1]
    eased = diff(A, nearly, tolerance=Decimal("0.01"))
    assert not eased.different
    assert sum(item.within for item in eased.main.counts) == 1
    assert eased.main.bridge[0].within == 1
    assert diff(
        A, sheet(with_row(0, "Net à payer", "1 234,52")), tolerance=Decimal("0.01")
    ).different


def test_4_one_row_per_change_with_typed_numbers() -> None:
    book = workbook(diff(A, sheet(with_row(1, "Net à payer", "-950,00"))))
    page = book["Unexplained amounts"]
    headings = [cell.value for cell in page[5]]
    row = dict(zip(headings, page[6], strict=True))
    assert [row[name].value for name in ("Old", "New", "Delta")] == [900, -950, -1850]
    assert row["%"].value == pytest.approx(-1850 / 900)
    assert row["Old"].number_format == "#,##0.00"
    assert row["Where"].value == "a.csv!csv!R3 → b.csv!csv!R3"
    assert {"Reason", "Rule hits", "N° agent"} <= set(headings)


def test_4_a_date_is_a_date() -> None:
    book = workbook(diff(A, sheet(with_row(1, "Début", "05/03/2020"))))
    page = book["Other values"]
    row = dict(zip([cell.value for cell in page[5]], page[6], strict=True))
    assert str(row["New"].value) == "2020-03-05 00:00:00"


def test_5_counts_totals_and_a_bridge_that_closes() -> None:
    rows = [*with_row(1, "Net à payer", "950,00")[1:], ("000009", "Neuf", "", "", "", "10,01")]
    row = diff(A, sheet(rows)).main.bridge[0]
    assert (row.last, row.joiners, row.leavers, row.changes, row.this) == (
        463450,
        1001,
        -123450,
        5000,
        346001,
    )
    assert row.gap == 0


def test_6_largest_difference_first_as_a_number() -> None:
    rows = [
        (*row[:5], amount)
        for row, amount in zip(ROWS, ("1 243,50", "0,00", "510,00", "2 009,00"), strict=True)
    ]
    assert [row[0] for row in seen(diff(A, sheet(rows)).main)] == [
        "000002",
        "000003",
        "000001",
        "000004",
    ]


def test_7_accounts_names_and_status_stand_above_amounts() -> None:
    rows = with_row(0, "IBAN", "BE95340094121158")
    rows[1] = (*rows[1][:1], "Durand-Modele", *rows[1][2:])
    rows[2] = (*rows[2][:3], "contractuel", *rows[2][4:])
    rows[3] = (*rows[3][:5], "1,00")
    said = screen(diff(A, sheet(rows)))
    parts = ["! Account ", "! Name ", "statutaire", "−1,999.00".replace("−", "-")]
    tables = said[said.index("Bank accounts, names and statuses that changed") :]
    places = [tables.index(part) for part in parts]
    assert places == sorted(places)


def test_8_explained_apart_from_unexplained() -> None:
    head = (*HEAD, "Motif")
    old = sheet([(*row, "") for row in ROWS], head)
    rows = [[*row, ""] for row in ROWS]
    rows[0][5], rows[0][6] = "1 300,00", "Promotion"
    rows[1][5] = "100,00"
    found = diff(old, sheet(rows, head)).main
    amounts = (found.changes["column"] == found.measure).to_numpy()
    assert found.explained[amounts].tolist() == [False, True]


def many(count: int, amount: str) -> bytes:
    return sheet([(f"{number:06d}", amount) for number in range(count)], ("Matricule", "Net"))


def test_9_nothing_is_cut_without_saying_so() -> None:
    found = diff(many(1431, "1,00"), many(1431, "2,00"))
    said = screen(found)
    assert "Showing 200 of 1,431" in said
    assert said.count("~ Changed   00") == SHOWN
    assert screen(found, everything=True).count("~ Changed   00") == 1431
    page = build_page(found, "en", everything=False).decode()
    assert "Showing 200 of 1,431" in page
    assert workbook(found)["Unexplained amounts"].max_row == 5 + 1431


def test_10_unchanged_rows_are_counted_not_shown() -> None:
    found = diff(A, sheet(with_row(0, "Net à payer", "1,00")))
    assert found.main.unchanged == 3
    assert "000003" not in screen(found)


def test_11_three_sides_show_first_what_moved_since_the_draft() -> None:
    draft = with_row(0, "Net à payer", "1 300,00")
    now = [*draft]
    now[1] = (*now[1][:5], "901,00")
    found = diff(A, sheet(draft), sheet(now))
    assert seen(found.main) == [("000002", "Net à payer", "900.00", "901.00")]
    assert found.rest is not None
    assert seen(found.rest) == [("000001", "Net à payer", "1234.50", "1300.00")]
    said = screen(found)
    assert "1,300.00" not in said
    assert re.search(r"already in the draft \(--all shows them\)\s+1 ", said)
    assert "1,300.00" in screen(found, everything=True)
    assert found.base is not None
    assert found.base.bridge[0].changes == 6550 + 100


def test_11_a_row_gone_or_new_since_the_draft() -> None:
    new = ("000009", "Neuf", "", "", "", "10,00")
    found = diff(A, sheet([*ROWS[1:], new]), sheet([*ROWS[2:], new]))
    assert keys(found.main, "removed") == ["000002"]
    assert found.rest is not None
    assert keys(found.rest, "removed") == ["000001"]
    assert keys(found.rest, "added") == ["000009"]


def test_12_same_bytes_each_time() -> None:
    changed = sheet(with_row(0, "Net à payer", "1,00"))
    for build in (build_workbook, build_page):
        one, two = (build(diff(A, changed), "fr", everything=False) for _ in range(2))
        assert one == two


EVIL = '=HYPERLINK("http://x")'


def test_13_no_text_becomes_a_formula_and_negative_numbers_stay_numbers() -> None:
    rows = with_row(0, "Nom", EVIL)
    rows[1] = (*rows[1][:5], "-900,00")
    book = workbook(diff(A, sheet(rows)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    evil = [cell for cell in cells if cell.value == EVIL]
    assert evil
    assert all(cell.data_type == "s" and cell.style_id for cell in evil)
    assert all(str(cell.value).startswith("=SUBTOTAL") for cell in cells if cell.data_type == "f")
    assert any(cell.value == -900 and cell.data_type == "n" for cell in cells)


def test_13_an_apostrophe_that_made_a_text_safe_is_no_difference() -> None:
    assert not diff(
        sheet(with_row(0, "Nom", f"'{EVIL}")), sheet(with_row(0, "Nom", EVIL))
    ).different


def test_14_colour_and_word_or_sign() -> None:
    page = build_page(
        diff(A, sheet(with_row(0, "IBAN", "BE95340094121158"))), "fr", everything=False
    ).decode()
    assert '<td class="mark account">! Compte</td>' in page


def test_the_page_asks_for_nothing_and_escapes() -> None:
    page = build_page(
        diff(A, sheet(with_row(0, "Nom", "<script>alert(1)</script>"))), "nl", everything=False
    ).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=[\"'](?!#)", page)


# --- keys ---------------------------------------------------------------------------------------


def test_without_a_key_the_candidates_are_named() -> None:
    with pytest.raises(UsageError) as caught:
        diff(A, sheet([*ROWS, ROWS[0]]))
    assert caught.value.error_id == "cmp_key_missing"
    assert {"column": "N° agent", "count": "1"} in [
        dict(item.params) for item in caught.value.detail
    ]


def test_a_repeated_key_is_shown_and_its_row_added() -> None:
    found = diff(A, sheet([*ROWS, (*ROWS[0][:5], "7,00")]), keys=("n° AGENT",)).main
    assert dict(found.repeated) == {"000001": (1, 2)}
    assert keys(found, "added") == ["000001"]
    assert not len(found.changes)
    assert found.bridge[0].this - found.bridge[0].last == 700


def test_unknown_columns_are_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        diff(A, A, keys=("Numéro",))
    assert "Net à payer" in caught.value.params["columns"]
    with pytest.raises(UsageError):
        diff(A, A, ignored=("Numéro",))


def test_ignored_columns_are_not_compared() -> None:
    assert not diff(A, sheet(with_row(0, "Statut", "x")), ignored=("statut",)).different


def test_a_column_of_one_side_only_is_a_difference_that_is_said() -> None:
    found = diff(A, sheet([(*row, "x") for row in ROWS], (*HEAD, "Remarque")))
    assert found.different
    assert found.only_new == ("Remarque",)


def test_amounts_with_two_readings_are_compared_as_texts_and_said() -> None:
    head = ("Matricule", "Net")
    found = diff(
        sheet([("1", "1.234"), ("2", "5.678")], head), sheet([("1", "1.234"), ("2", "5.679")], head)
    )
    assert ("cmp_note_two_readings", {"column": "Net"}) in found.notes
    assert seen(found.main) == [("2", "Net", "5.678", "5.679")]


def test_a_total_row_is_set_aside_and_counted() -> None:
    found = diff(A, sheet([*ROWS, ("", "Total", "", "", "", "4 634,50")]))
    assert not found.different
    assert ("cmp_note_totals", {"side": "b.csv", "count": 1}) in found.notes


def test_an_empty_amount_is_not_zero() -> None:
    found = diff(sheet(with_row(0, "Net à payer", "0,00")), sheet(with_row(0, "Net à payer", "")))
    assert seen(found.main) == [("000001", "Net à payer", "0.00", "")]


def test_sheets_without_common_columns_cannot_be_compared() -> None:
    with pytest.raises(UsageError) as caught:
        diff(A, sheet([("1", "2")], ("x", "y")))
    assert caught.value.error_id == "cmp_nothing_shared"


def test_a_damaged_file_is_damaged() -> None:
    with pytest.raises(DamagedInputError):
        diff(A, b"PK\x03\x04 nothing")
