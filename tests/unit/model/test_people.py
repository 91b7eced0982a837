"""Two people are two people, however somebody typed a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.model.errors import UsageError
from payroll.model.order import Employer
from payroll.model.people import named_in, same_person
from payroll.model.refusals import parse_toml

LISTED = ("Zoé Modèle", "Hervé Spécimen", "Noëlle Fictif", "Jean Dupont")


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
    assert same_person("Zoé Modèle", typed)
    assert same_person(typed, "Zoé Modèle")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoé Modèle", "Hervé Spécimen"),
        ("Zoé Modèle", "Zoé Spécimen"),
        ("Jean Dupont", "Jeanne Dupont"),
        ("Jean Dupont", "P. Dupont"),
        ("Jean Dupont (finances)", "Jean Marie Dupont"),
        ("Jean Dupont (finances)", "Jean Dupont (direction)"),
        ("zmodele", "hspecimen"),
        ("ZM", "HS"),
        ("", "Zoé Modèle"),
        ("", ""),
        ("...", "Zoé Modèle"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert not same_person(other, one)


def test_in_doubt_two_names_are_of_one_person() -> None:
    assert same_person("Jean Dupont", "Jean Marie Dupont")
    assert same_person("Jean Dupont", "Jean Dupont (finances)")
    assert same_person("J. Dupont", "Jeanne Dupont")


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


def employer(*approvers: str, preparers: tuple[str, ...] = ()) -> Employer:
    listed = "".join(f'[[release.approvers]]\nname = "{name}"\n' for name in approvers)
    content = (
        'name = "Hôpital"\nenterprise_number = "0468651441"\n'
        '[[account]]\nid = "main"\niban = "BE71096123456769"\nbank_profile = "generic_be_2022"\n'
        f"[release]\npreparers = {list(preparers)}\n{listed}"
    )
    return parse_toml(Employer, "employer.toml", content.encode())


ALIASES = (
    "Z. Modèle",
    "zmodele",
    "Zoé Modèle-Exemple",
    "Zoé Anne Modèle",
    "Modèle Zoé",
    "Dr Zoé Modèle",
    "zoe.modele@hopital.example",
    "Mme Modèle",
)


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize("prepares", [False, True])
def test_one_person_is_not_listed_under_two_names(alias: str, prepares: bool) -> None:
    approvers = ["Zoé Modèle", "Hervé Spécimen"]
    preparers = ["Noé Brouillon"]
    (preparers if prepares else approvers).append(alias)
    for order in (1, -1):
        with pytest.raises(UsageError) as error:
            employer(*approvers[::order], preparers=tuple(preparers))
        assert error.value.error_id == "order_invalid"
        for name in ("Zoé Modèle", alias):
            assert any(name in str(said.params.values()) for said in error.value.detail)


def test_two_people_of_one_name_are_told_apart_by_a_word_in_each_name() -> None:
    with pytest.raises(UsageError):
        employer("Jean Dupont", "Jean Dupont (finances)")
    made = employer("Jean Dupont (direction)", "Jean Dupont (finances)", "Jeanne Dupont")
    first, second, third = made.people
    assert not same_person(first, second)
    assert same_person("Jean Dupont", first)
    assert same_person("Jean Dupont", second)
    assert not same_person(second, third)


def test_one_may_approve_and_prepare_under_one_name() -> None:
    assert employer("Zoé Modèle", "Hervé Spécimen", preparers=("Zoé Modèle", "zoe  modele"))
