"""Names that may be one person's, and names that are two people's."""

from __future__ import annotations

import pytest

from payroll.model.alike_names import alike, heard


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Factice Rémi", "R. Factice"),
        ("Factice Rémi", "Rémy Factisse"),
        ("Factice Rémi", "Remi FACTICE-DUPONT"),
        ("Spécimen Alexandre", "Alex Specimen"),
        ("Modèle Philippe", "Filip Modele"),
        ("Modèle Catherine", "Katherine Modèle"),
        ("Van den Exemple Jean-Pierre", "J.P. Exemple"),
        ("Exemple Marie Claire Anne", "Marie Exemple-Modèle"),
        ("Exemple Marie Thérèse", "Exemple Mraie"),
        ("Factice", "Factice Rémi"),
        ("R. F.", "Rémi Factice"),
        ("Factice-Dupont Rémi", "Dupont Rémi Jean"),
    ],
)
def test_one_person(one: str, other: str) -> None:
    assert alike(heard(one), heard(other))
    assert alike(heard(other), heard(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Modèle Anne", "Modèle Luc"),
        ("Modèle Anne", "Exemple Anne"),
        ("Modèle Anne", "M. Luc"),
        ("Prétendu-Fictif Anne-Sophie", "Untel Anne-Sophie"),
        ("Dutest François", "D'Exemple-Échantillon Françoise"),
        ("Factice Rémi", "R."),
        ("", "Factice Rémi"),
        ("", ""),
        ("Li Bo", "Lu Ba"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not alike(heard(one), heard(other))
    assert not alike(heard(other), heard(one))
