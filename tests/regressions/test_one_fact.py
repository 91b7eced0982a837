"""A fact that a house control and the SEPA stage both knew is told once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from payroll.model.findings import SubjectKind, finding
from payroll.model.order import payrun_model
from payroll.record.run import Run
from payroll.rulebook.ruling import in_force
from tests import test_damaged_inputs as damaged
from tests.test_damaged_inputs import AGENT, STAFF


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return damaged.run(tmp_path_factory.mktemp("sound"))


def new_rules(output: Run, sound: Run) -> list[str]:
    frame = output.findings
    return sorted(frame.loc[~frame["finding_id"].isin(sound.findings["finding_id"]), "rule_id"])


@pytest.mark.parametrize(
    ("day", "rules"),
    [("2022-05-29", ["SEPA-021"]), ("2022-07-29", ["DATE-002", "SEPA-023"])],
    ids=["Sunday", "far ahead"],
)
def test_a_day_is_told_once(day: str, rules: list[str], tmp_path: Path, sound: Run) -> None:
    before = ("[salaries]\npay_on = ", "percentage = 92\npay_on = ")  # they are paid together
    change = {f"{words}2022-05-31": f"{words}{day}" for words in before}
    output = damaged.run(tmp_path, replace=change)
    # who is held counts in no total: that of the others is another one than before; an earlier day
    # comes sooner after a change of account
    told = new_rules(output, sound)
    assert [rule for rule in told if rule not in ("VAR-003", "IBAN-007")] == rules


@pytest.mark.parametrize(
    ("iban", "rules"),
    [
        # changed accounts, both: the country of the second is outside SEPA in 2022
        ("CH9300762011623852957", ["IBAN-003", "MOVE-004"]),
        ("RS35260005601001611379", ["IBAN-003", "MOVE-004", "SEPA-008", "SEPA-008"]),
    ],
)
def test_a_country_is_told_once_and_for_held_payees_too(
    iban: str, rules: list[str], tmp_path: Path, sound: Run
) -> None:
    content = damaged.with_cell(STAFF, AGENT, "Compte bancaire", iban)
    output = damaged.run(tmp_path, {STAFF: content})
    # who is held counts in no total: that of the others is another one than before
    assert [rule for rule in new_rules(output, sound) if rule != "VAR-003"] == rules
    damaged.assert_only_held(output, sound, AGENT)


def test_a_file_of_one_payment_is_told_since_the_bank_verifies_names() -> None:
    controls = damaged.rulebook().controls
    alone = finding("SEPA-020", SubjectKind.FILE, "sepa/fees_01.xml", stream="fees")
    for day, told in (("2025-10-08", False), ("2025-10-09", True)):
        order = payrun_model().model_validate(
            {
                "period": "2022-05",
                "last_known": "2022-04",
                "source": [],
                "fees": {"earned": "2022-04", "pay_on": day, "account": "main"},
            }
        )
        assert in_force([alone], controls, order) == ([alone] if told else [])


def test_what_cannot_be_written_for_the_bank_is_told_whatever_the_date() -> None:
    """The payment is left out of the file by the stage: that is never left unsaid."""
    shipped = damaged.rulebook().controls
    controls = {
        rule_id: shipped[rule_id].model_copy(update={"valid_from": date(2099, 1, 1)})
        for rule_id in ("SEPA-011", "REB-010")
    }
    order = payrun_model().model_validate(
        {"period": "2022-05", "last_known": "2022-04", "source": []}
    )
    cannot, asked = (finding(rule_id, SubjectKind.SUPPLIER, "F1") for rule_id in controls)
    assert in_force([cannot, asked], controls, order) == [cannot]


def test_the_countries_of_sepa_stand_in_one_rule_file() -> None:
    files = damaged.rulebook().files
    listing = [name for name, content in files.items() if b'"RS"' in content or b"RS =" in content]
    assert listing == ["bank/sepa_countries.toml"]
