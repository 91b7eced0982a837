"""Two people are two people, however somebody typed a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.people import named_in, same_person

LISTED = ("Zoé Modèle", "Hervé Spécimen", "Noëlle Fictif", "Jean Dupont", "Jean Marie Dupont")


@pytest.mark.parametrize(
    "typed",
    [
        "MODELE Zoe",
        "zoé  modèle",
        "Modèle, Zoé",
        "Zoé-Modèle",
        "Dr. Zoé Modèle",
        "Mme Modèle",
        "Z. Modèle",
        "Modèle Z",
        "zmodele",
        "modelez",
        "zoe.modele",
        "zoe_modele2",
        "zoe.modele@hopital.example",
        "ZM",
        "Zoé Anne Modèle",
        "Z\u043e\u00e9 Mod\u00e8le",  # a Cyrillic o
        "Zo\u200bé Modèle",
    ],
)
def test_one_person_however_typed(typed: str) -> None:
    assert same_person("Zoé Modèle", typed, LISTED)
    assert same_person(typed, "Zoé Modèle", LISTED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoé Modèle", "Hervé Spécimen"),
        ("Zoé Modèle", "Zoé Spécimen"),
        ("Jean Dupont", "Jeanne Dupont"),
        ("Jean Dupont", "P. Dupont"),
        ("Jean Dupont", "Jean Marie Dupont"),  # both are listed: each is a person
        ("zmodele", "hspecimen"),
        ("ZM", "HS"),
        ("", "Zoé Modèle"),
        ("", ""),
        ("...", "Zoé Modèle"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not same_person(one, other, LISTED)
    assert not same_person(other, one, LISTED)


def test_who_is_not_listed_is_taken_for_one_when_in_doubt() -> None:
    assert same_person("Jean Dupont", "Jean Marie Dupont", ("Jean Dupont",))
    assert same_person("J. Dupont", "Jeanne Dupont", LISTED)


@pytest.mark.parametrize("typed", ["zoe modele", "MODÈLE Zoé", "Mme Zoé Modèle"])
def test_a_listed_name_is_found_as_it_stands(typed: str) -> None:
    assert named_in(typed, LISTED) == "Zoé Modèle"


@pytest.mark.parametrize("typed", ["Z. Modèle", "zmodele", "Modèle", "", "Passant Inconnu"])
def test_who_signs_gives_a_whole_name(typed: str) -> None:
    assert named_in(typed, LISTED) == ""


def test_a_name_listed_twice_names_nobody() -> None:
    assert named_in("Zoé Modèle", ("Zoé Modèle", "Modèle Zoé")) == ""


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_may_be_compared_and_both_ways_alike(one: str, other: str) -> None:
    assert same_person(one, other) == same_person(other, one)
    assert named_in(one, [other]) in ("", other)
