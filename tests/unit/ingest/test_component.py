"""The component of an adjustment as people head and name it, in three languages."""

from __future__ import annotations

import pytest

from tests.unit.ingest.ingest_samples import ids, read

HEAD = "N° ajustement;N° agent;Type;Valeur;Du;Motif;Pièce;Encodé par;{}\n"
ROW = "A1;000123;Saisie;250,00;01/05/2022;acte du 20/04/2022;acte;A. Exemple;{}\n"


@pytest.mark.parametrize(
    ("heading", "word", "component"),
    [
        ("Composante", "Pension alimentaire", "maintenance"),
        ("Nature de la dette", "créance alimentaire", "maintenance"),
        ("Component", "ONDERHOUDSGELD", "maintenance"),
        ("Aard van de schuld", "Alimentatie", "maintenance"),
        ("Kind of debt", "child support", "maintenance"),
        ("Composante", "Dette ordinaire", "garnishment"),
        ("Component", "Gewone schuld", "garnishment"),
        ("component", "maintenance", "maintenance"),
        ("Composante", "", ""),
    ],
)
def test_headings_and_words(heading: str, word: str, component: str) -> None:
    tables, findings = read(HEAD.format(heading) + ROW.format(word), kind="adjustments")
    assert ids(findings) == []
    assert tables["adjustments"]["component"].tolist() == [component]


def test_another_word_is_a_pay_code_as_written_and_makes_no_debt_of_another_kind() -> None:
    tables, _ = read(HEAD.format("Composante") + ROW.format("amende"), kind="adjustments")
    assert tables["adjustments"]["component"].tolist() == ["amende"]


def test_a_list_without_the_column_is_read_as_before() -> None:
    content = (HEAD.format("x") + ROW.format("")).replace(";x\n", "\n").replace("le;\n", "le\n")
    tables, findings = read(content, kind="adjustments")
    assert ids(findings) == []
    assert tables["adjustments"]["component"].tolist() == [""]
