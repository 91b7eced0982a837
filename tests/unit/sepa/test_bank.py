from dataclasses import replace
from datetime import date

import pytest

from payroll.model.errors import PayrollError
from payroll.model.streams import BONUSES, SALARIES
from payroll.rulebook.bank import load_bank_profiles
from tests.unit.sepa.sepa_samples import profiles


def test_the_two_generic_profiles() -> None:
    found = profiles()
    assert found["generic_be"].version(date(2026, 11, 30)) == "pain.001.001.09"
    assert found["generic_be_2022"].version(date(2022, 5, 31)) == "pain.001.001.03"
    sending = found["generic_be"].sending
    assert sending("salaries").category_purpose == "SALA"
    assert sending("salaries").batch_booking
    assert sending("bonuses").purpose_of("final") == "BONU"
    assert sending("invoices").category_purpose == "SUPP"
    assert sending("fees").category_purpose == ""


def test_a_bank_takes_otherwise_what_its_profile_names_and_nothing_else() -> None:
    own = {"bonuses": {"purpose": {"advance": "ADVA"}, "priority": ""}}
    profile = load_bank_profiles({"bank/x.toml": _entry(streams=own)})["generic_be"]
    assert profile.sending("bonuses") == replace(
        BONUSES.sending, purpose={"advance": "ADVA"}, priority=""
    )
    assert profile.sending("bonuses").purpose_of("final") == ""
    assert profile.sending("salaries") == SALARIES.sending


@pytest.mark.parametrize(
    ("country", "day", "inside", "address"),
    [
        ("BE", "2022-05-31", True, False),
        ("LU", "2022-05-31", True, False),
        ("GB", "2022-05-31", True, True),
        ("CH", "2022-05-31", True, True),
        ("RS", "2022-05-31", False, True),
        ("RS", "2026-11-30", True, True),
        ("MD", "2022-05-31", False, True),
        ("US", "2026-11-30", False, True),
    ],
)
def test_sepa_countries_are_dated(country: str, day: str, inside: bool, address: bool) -> None:
    profile = profiles()["generic_be"]
    assert profile.in_sepa(country, date.fromisoformat(day)) is inside
    assert profile.needs_debtor_address(country) is address


def _entry(**changes: object) -> dict[str, object]:
    entry = profiles()["generic_be"].model_dump(by_alias=True, exclude={"countries"})
    return {"profile": [entry | changes]}


@pytest.mark.parametrize(
    "changes",
    [
        {"max_transactions": 2},
        {"streams": {"salaires": {}}},
        {"streams": {"fees": {"date_rule": "later"}}},
        {"streams": {"fees": {"colour": "red"}}},
        {"colour": "red"},
        {"cut_off": "noon"},
        {"unverified": ["colour"]},
        {"max_bytes": 0},
    ],
)
def test_a_wrong_profile_names_its_file(changes: dict[str, object]) -> None:
    with pytest.raises(PayrollError) as caught:
        load_bank_profiles({"bank/x.toml": _entry(**changes)})
    assert caught.value.error_id == "rule_entry_invalid"
    assert "bank/x.toml" in caught.value.where


def test_an_id_stands_once_and_a_workspace_replaces_it() -> None:
    with pytest.raises(PayrollError) as caught:
        load_bank_profiles({"bank/a.toml": _entry(), "bank/b.toml": _entry()})
    assert caught.value.error_id == "rule_entry_twice"
    found = load_bank_profiles(
        {"bank/a.toml": _entry(), "workspace/bank/a.toml": _entry(max_transactions=10)}
    )
    assert found["generic_be"].max_transactions == 10


def test_a_date_before_the_first_version_is_refused() -> None:
    with pytest.raises(PayrollError) as caught:
        profiles()["generic_be"].version(date(1999, 1, 1))
    assert caught.value.error_id == "bank_message_not_in_force"
