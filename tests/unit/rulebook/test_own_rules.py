"""The employer's own rules are told whatever they say, and none can keep itself from being told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payroll.model.errors import PayrollError
from payroll.model.findings import Severity
from payroll.rulebook.book import load_rulebook
from payroll.rulebook.controls import Control, Texts
from payroll.rulebook.own_rules import own_rules
from payroll.texts import languages
from tests.shipped import OWN_PREMIUM, controls, override, override_file, rule_files

PAY_DAY = date(2022, 5, 31)


def told(*changed: Control, **others: bytes) -> list[str]:
    files = {**rule_files(), **(override_file(*changed) if changed else {}), **others}
    return own_rules(files, {PAY_DAY}).lines("en")


def test_without_own_rules_there_is_nothing_to_tell() -> None:
    assert told() == []


def test_each_change_is_a_line_and_what_switches_a_control_off_comes_first() -> None:
    params = {**controls()["VAR-001"].params, "hold_percent": "60"}
    found = told(
        override("COMPL-001", valid_from=date(2099, 1, 1)),
        override("FEE-004", params={"severity_whole": "warn"}),
        override("IBAN-003", severity="warn", override="one"),
        override("VAR-001", params=params, title=_title("VAR-001", en="Net pay moved")),
    )
    off = "COMPL-001, Valid from: 2022-01-01 -> 2099-01-01"
    assert found == [
        f"{off}; this control is not in force on 2022-05-31",
        "FEE-004, severity_whole: informs -> warns",
        "IBAN-003, Severity: holds -> warns",
        "IBAN-003, Override: two people -> one person",
        "VAR-001, hold_percent: 30 -> 60",
        "VAR-001, Title (en): Net pay changed -> Net pay moved",
    ]


def test_an_end_that_lies_behind_the_pay_day_switches_nothing_off() -> None:
    ended = override("COMPL-001", valid_to=date(2022, 12, 31))
    assert told(ended) == ["COMPL-001, Valid to: - -> 2022-12-31"]
    past = override("COMPL-001", valid_to=date(2022, 5, 1))
    assert told(past)[0].endswith("; this control is not in force on 2022-05-31")


def test_figures_pay_codes_and_new_rules_are_told_too() -> None:
    law = rule_files()["parameters/contributions.toml"].replace(b"value = 13.07", b"value = 12.00")
    new = override("COMPL-001", id="OWN-001")
    found = told(
        new,
        **{
            "workspace/parameters/law.toml": law,
            "workspace/parameters/own.toml": OWN_PREMIUM.encode(),
        },
    )
    title = "OWN-001: added (Paid after leaving)"
    assert f"{title}; holds, in force from 2022-01-01" in found
    assert "premium:own: added (Local premium)" in found
    assert "parameter:contribution_contractual_percent 2021-01-01, value: 13.07 -> 12" in found


@pytest.mark.parametrize("language", languages())
def test_every_line_is_in_words(language: str) -> None:
    files = {**rule_files(), **override_file(override("COMPL-001", valid_from=date(2099, 1, 1)))}
    (line,) = own_rules(files, {PAY_DAY}).lines(language)
    assert "COMPL-001" in line
    assert "2022-05-31" in line
    assert "{" not in line


def test_a_new_control_that_does_not_count_yet_says_so() -> None:
    later = override(
        "COMPL-001", id="OWN-001", severity=Severity("warn"), valid_from=date(2099, 1, 1)
    )
    (line,) = told(later)
    added, start, off = line.split("; ")
    assert added == "OWN-001: added (Paid after leaving)"
    assert start == "warns, in force from 2099-01-01"
    assert off == "this control is not in force on 2022-05-31"


SOFTER = ("controls/bank_details.toml", b'kind = "iban_changed"\nseverity = "hold"', b"hold")


def test_rules_of_another_folder_differ_from_those_that_shipped() -> None:
    """A run may be made with --rules, or with a file of the program that somebody changed."""
    name, old, word = SOFTER
    other = dict(rule_files())
    other[name] = other[name].replace(old, old.replace(word, b"warn"))
    found = own_rules(other, {PAY_DAY})
    assert found.files == (name,)
    assert found.heading("en") == "The employer's own rules: 1 difference from the program's."
    files, line = found.lines("en")
    assert files.startswith(f"Rule files that are not those of the program (1): {name}; another")
    assert line == "IBAN-003, Severity: holds -> warns"


def test_a_file_that_says_nothing_else_is_named_all_the_same() -> None:
    other = {**rule_files(), "controls/sepa.toml": rule_files()["controls/sepa.toml"] + b"# seen\n"}
    found = own_rules(other, {PAY_DAY})
    assert found
    assert (found.files, found.rules) == (("controls/sepa.toml",), ())


def test_a_control_that_the_folder_lacks_comes_first() -> None:
    """Also the one that tells of own rules: nothing of this is left to the controls."""
    other = {**rule_files(), "controls/parameters.toml": b""}
    found = own_rules(other, {PAY_DAY}).lines("en")[1:]
    off = "; this control is not in force on 2022-05-31"
    assert f"PARAM-002: removed (The employer's own rules){off}" in found
    assert all(line.endswith(off) for line in found)


def test_many_files_are_counted() -> None:
    files = {name: content + b"# seen" for name, content in rule_files().items()}
    assert f"(+{len(files) - 4})" in own_rules(files).lines("en")[0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"severity": "info"}, "severity"),
        ({"valid_from": date(2099, 1, 1)}, "valid_from"),
        ({"valid_to": date(2022, 5, 1)}, "valid_to"),
        ({"streams": ("fees",)}, "streams"),
        ({"requires": ("register_totals",), "if_missing": "skip"}, "requires"),
        ({"if_missing": "skip"}, "if_missing"),
        ({"override": "one"}, "override"),
        ({"subject": "file"}, "subject"),
        ({"kind": "rules_not_checked"}, "kind"),
        ({"params": {"days": 1}}, "params"),
    ],
)
def test_no_rule_file_silences_the_control_that_tells_of_own_rules(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(PayrollError) as caught:
        load_rulebook({**rule_files(), **override_file(override("PARAM-002", **fields))})
    assert caught.value.where == f"workspace/controls/overrides.toml, PARAM-002, {field}"
    assert caught.value.exit_code == 3


def _title(rule_id: str, **words: str) -> Texts:
    return controls()[rule_id].title.model_copy(update=words)
