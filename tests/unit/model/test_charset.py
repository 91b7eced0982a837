import pytest

from payroll.model.charset import SENDABLE, convert, convert_texts, identifier_problem
from payroll.sepa.privacy import has_national_number


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Łukasz Øster", "Lukasz Oster"),
        ("D’Hondt", "D'Hondt"),
        ("Müller & Söhne", "Muller + Sohne"),
        ("Æsop Œuvre Straße İnci Þór Đoković", "AEsop OEuvre Strasse Inci THor Dokovic"),
        ("éèêëàçïôûüöäñ", "eeeeaciouuoan"),
        ("a\u00a0b\tc\r\nd   e ", "a b c d e"),
        ("n° 5 – 6 … € @#!*%$=;<>[]{}|^\\", "n. 5 - 6 ... E ......-,..()()/./"),
        ("«x» ‐y_z~", "'x' -y-z-"),
        ("smile ☺", "smile ."),
        ("e\u0301 composed", "e composed"),
    ],
)
def test_the_table(before: str, after: str) -> None:
    assert convert(before).text == after
    assert SENDABLE.fullmatch(after)


@pytest.mark.parametrize(
    ("text", "problem", "sign"),
    [
        ("M\u0430rie Dupont", "script", "U+0430"),  # Cyrillic look-alike
        ("Γιώργος", "script", "U+0393"),
        ("李雷", "script", "U+674E"),
        ("Anna\u200bDupont", "hidden", "U+200B"),
        ("Anna\u202eDupont", "hidden", "U+202E"),
        ("Anna\x00", "hidden", "U+0000"),
    ],
)
def test_what_is_never_guessed(text: str, problem: str, sign: str) -> None:
    converted = convert(text)
    assert (converted.problem, converted.sign) == (problem, sign)


def test_only_what_changes_is_listed() -> None:
    assert list(convert_texts(["Anna", "Zoé", "Anna", "Zoé"])) == ["Zoé"]


@pytest.mark.parametrize(
    ("identifier", "problem"),
    [
        ("P-1", ""),
        ("/A", "slash"),
        ("A/", "slash"),
        ("A//B", "slash"),
        ("A" * 36, "length"),
        ("é", "charset"),
        ("", "empty"),
        (" A", "empty"),
        ("A/B", ""),
    ],
)
def test_identifiers_are_never_mended(identifier: str, problem: str) -> None:
    assert identifier_problem(identifier) == problem


def test_a_national_number_is_seen_in_any_spelling() -> None:
    assert has_national_number("ref 85073003328")
    assert has_national_number("85.07.30-033.28 mai")
    assert not has_national_number("85073003329")  # wrong check digits
    assert not has_national_number("010806817183")  # a longer number
