"""Numbers that lost their zeros: put back beyond doubt, told, and their findings follow them."""

from __future__ import annotations

import pytest

from payroll.model.findings import Finding
from tests.shipped import severity
from tests.unit.ingest.ingest_samples import ids, read_many, workbook

IBAN = "BE68539007547034"
FEES = "N° prestataire;Mois;Honoraires bruts\n"
Source = tuple[dict[str, object], bytes]


def master(*numbers: object) -> Source:
    """A list of practitioners made in a spreadsheet: numbers are number cells."""
    rows = [["N° prestataire", "Nom", "IBAN"], *([item, f"Nom {item}", IBAN] for item in numbers)]
    return {"kind": "practitioners", "file": "m.xlsx"}, workbook(("A", rows))


def fees(*numbers: str, amount: str = "10,00") -> Source:
    rows = "".join(f"{item};2022-04;{amount}\n" for item in numbers)
    return {"kind": "fee_statements", "file": "f.csv"}, (FEES + rows).encode()


def numbers_of(*sources: Source) -> tuple[list[str], list[str], list[Finding]]:
    tables, findings = read_many(sources)
    listed = tables["practitioners"]["practitioner_id"].tolist()
    return listed, tables["fee_statements"]["practitioner_id"].tolist(), findings


def test_a_list_of_number_cells_gets_its_zeros_back_from_the_other_exports() -> None:
    listed, paid, findings = numbers_of(master(12, 13, 140), fees("0012", "0013", "0140"))
    assert listed == paid == ["0012", "0013", "0140"]
    assert [(item.rule_id, severity(item), item.observed, item.limit) for item in findings] == [
        ("ING-017", "warn", "3", "4")
    ]


def test_rows_that_are_not_used_count_as_listed() -> None:
    rows = [["N° prestataire", "Nom", "IBAN"], [12, "a", IBAN], [13, "", IBAN], [14, "", IBAN]]
    listing: Source = ({"kind": "practitioners", "file": "m.xlsx"}, workbook(("A", rows)))
    listed, paid, findings = numbers_of(listing, fees("0012", "0013", "0014", "13"))
    assert listed == ["0012"]
    assert paid == ["0012", "0013", "0014", "0013"]
    assert {item.subject_id for item in findings if item.rule_id == "ING-004"} == {"0013", "0014"}


def test_who_stands_on_the_list_only_gets_the_same_length() -> None:
    listed, paid, _ = numbers_of(master(12, 13, 7), fees("0012", "0013", "13"))
    assert listed == ["0012", "0013", "0007"]
    assert paid == ["0012", "0013", "0013"]


@pytest.mark.parametrize(
    ("numbers", "others"),
    [
        ((12, 13), ("0012", "00013")),  # two lengths
        ((12, 13), ("0012", "12345")),  # a longer number: not one length
        ((12, 13), ("0077", "0078", "0012")),  # most of them are others
        ((12, "0013"), ("0012", "0013")),  # the list knows zeros
        ((12, "F13"), ("0012", "0013")),  # not all are digits
        ((12, 13), ("12", "13")),  # nothing was lost
    ],
)
def test_what_is_not_beyond_doubt_stays(
    numbers: tuple[object, ...], others: tuple[str, ...]
) -> None:
    listed, _, findings = numbers_of(master(*numbers), fees(*others))
    assert listed == [str(item) for item in numbers]
    assert "ING-017" not in ids(findings)


def test_findings_follow_the_number_of_their_payee() -> None:
    _, _, findings = numbers_of(
        master(12, 13),
        fees("0012", "0013"),
        ({"kind": "fee_statements", "file": "g.csv"}, (FEES + "13;2022-03;abc\n").encode()),
    )
    (found,) = [item for item in findings if item.rule_id == "ING-002"]
    assert (found.subject_kind, found.subject_id) == ("practitioner", "0013")


def test_an_adjustment_finds_its_payee_without_zeros() -> None:
    head = "N° ajustement;N° bénéficiaire;Nature;Motif;Pièce;Saisi par\n"
    source: Source = (
        {"kind": "adjustments", "file": "a.csv"},
        (head + "1;13;Blocage;erreur;mail;Anne\n").encode(),
    )
    tables, findings = read_many([master("0012", "0013"), source])
    if not tables["adjustments"].empty:
        assert tables["adjustments"]["payee_id"].tolist() == ["0013"]
    assert {item.subject_id for item in findings if item.subject_kind != "file"} <= {"0013"}
    assert "ING-011" in ids(findings)
