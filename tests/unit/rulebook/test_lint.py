"""What lint remarks on, and what stops a rule book from loading at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import pytest

from payroll.gross_to_net.engine import FUNCTIONS
from payroll.model.errors import PayrollError
from payroll.rebuild.figures import READ_DIRECTLY
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.compare import RuleChange, changes
from payroll.rulebook.entries import entries, find, near, users, value_text
from payroll.rulebook.lint import Remark, remarks
from payroll.store import load_rule_files, rules_folder

DAY = date(2026, 11, 24)
CONTRIBUTIONS = "parameters/contributions.toml"
BONUS = "parameters/work_bonus.toml"
STEPS = "parameters/steps.toml"


@lru_cache(maxsize=1)
def files() -> Mapping[str, bytes]:
    return load_rule_files(rules_folder())


@lru_cache(maxsize=8)
def book(*changed: tuple[str, str, str], extra: str = "") -> RuleBook:
    """The shipped book with texts of its files replaced (file, old, new), and a file more."""
    content = dict(files())
    for name, old, new in changed:
        assert old.encode() in content[name], (name, old)
        content[name] = content[name].replace(old.encode(), new.encode())
    if extra:
        content["parameters/extra.toml"] = extra.encode()
    return load_rulebook(content)


def lint(changed: RuleBook, day: date = DAY) -> set[Remark]:
    return set(remarks(changed, day, FUNCTIONS.keys(), READ_DIRECTLY))


EXTRA = """
[parameter.extra]
unit = "euro"
checked_on = 2026-11-24
title = { fr = "Un", nl = "Een", en = "One" }
[[parameter.extra.values]]
from = 2022-01-01
value = 1
source = "a test"
status = "sourced"
"""


def test_the_shipped_book_has_unverified_values_and_no_other_remark() -> None:
    assert {remark.doubt for remark in lint(book())} == {"unverified"}
    assert set(book().parameters) >= READ_DIRECTLY


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        (CONTRIBUTIONS, "parameter:contribution_contractual_percent"),
        ("scales/work_bonus.toml", "scale:work_bonus"),
        (STEPS, "step:withholding"),
        ("parameters/components.toml", "component:base_salary"),
        ("parameters/premiums.toml", "premium:night"),
        ("parameters/estimation.toml", "policy:fee_advance"),
        ("controls/bank_details.toml", "control:IBAN-001"),
        ("bank/generic_be.toml", "bank:generic_be"),
    ],
)
def test_every_kind_grows_stale(name: str, entry: str) -> None:
    old = book((name, "checked_on = 2026-11-24", "checked_on = 2025-01-01"))
    stale = {remark.entry: remark.detail for remark in lint(old) if remark.doubt == "stale"}
    assert stale[entry] == "2025-01-01"
    assert entry not in {remark.entry for remark in lint(book()) if remark.doubt == "stale"}


def test_an_end_is_not_an_unverified_value() -> None:
    found = {remark for remark in lint(book()) if remark.doubt == "unverified"}
    assert Remark("unverified", "parameter:fiscal_work_bonus_percent", "2022-01-01") in found
    assert not {r for r in found if r.detail == "2023-01-01"}


def test_an_unused_figure() -> None:
    assert Remark("unused", "parameter:extra") in lint(book(extra=EXTRA))
    used = EXTRA.replace("extra", "hours_per_year").encode()
    own = load_rulebook({**files(), "workspace/parameters/extra.toml": used})
    assert not [r for r in lint(own) if r.doubt == "unused"]


def test_a_title_without_a_language() -> None:
    remark = Remark("title", "parameter:extra", "nl")
    for title in ('fr = "Un", en = "One"', 'fr = "Un", nl = " ", en = "One"'):
        changed = EXTRA.replace('fr = "Un", nl = "Een", en = "One"', title)
        assert remark in lint(book(extra=changed))


def test_an_unknown_function() -> None:
    changed = book((STEPS, 'function = "contributions"', 'function = "contribution"'))
    assert Remark("function", "step:personal_contribution", "contribution") in lint(changed)


@pytest.mark.parametrize(
    "line", ['source = "', 'status = "sourced"', "checked_on = 2026-11-24", 'unit = "percent"']
)
def test_a_figure_without_source_status_unit_or_check_does_not_load(line: str) -> None:
    text = files()[CONTRIBUTIONS].decode()
    kept = [item for item in text.splitlines() if not item.startswith(line)]
    with pytest.raises(PayrollError, match="rule_entry_invalid") as caught:
        load_rulebook({**files(), CONTRIBUTIONS: "\n".join(kept).encode()})
    assert "contribution_contractual_percent" in caught.value.where
    assert caught.value.exit_code == 3


def test_an_empty_source_does_not_load() -> None:
    for name, entry in (("scales/work_bonus.toml", "work_bonus"), (BONUS, "full_time")):
        text = files()[name].decode()
        lines = ['source = ""' if item.startswith("source") else item for item in text.splitlines()]
        with pytest.raises(PayrollError, match="rule_entry_invalid") as caught:
            load_rulebook({**files(), name: "\n".join(lines).encode()})
        assert entry in caught.value.where


def test_entries_are_found_alone_or_with_their_kind() -> None:
    both = [(kind, entry_id) for kind, entry_id, _ in find(book(), "work_bonus")]
    assert both == [("scale", "work_bonus"), ("step", "work_bonus")]
    assert [item[0] for item in find(book(), "step:work_bonus")] == ["step"]
    assert not find(book(), "policy:work_bonus")
    assert near(book(), "step:wrok_bonus")[0] == "work_bonus"
    assert "IBAN-001" in near(book(), "iban-01")
    assert users(book())["contribution_contractual_percent"] == [
        "step:personal_contribution",
        "REG-002",
        "REG-003",
    ]
    assert set(entries(book())) == {
        "parameter",
        "scale",
        "step",
        "component",
        "premium",
        "policy",
        "deduction",
        "control",
    }


def test_two_equal_books_do_not_differ() -> None:
    assert changes(book(), book()) == []


def test_every_difference_by_id_and_date() -> None:
    new = book(
        (CONTRIBUTIONS, "value = 13.07", "value = 13.10"),
        ("scales/work_bonus.toml", "2904.93, 233.05", "2904.93, 230.05"),
        (STEPS, '{ bonus = "half_up" }', '{ bonus = "down" }'),
        ("parameters/premiums.toml", '"FER", "FEEST"', '"FER"'),
        ("controls/bank_details.toml", 'severity = "block"', 'severity = "warn"'),
        ("bank/generic_be.toml", "max_days = ", "max_days = 1 # "),
        ("formats/suppliers.toml", '"Nom du fournisseur"', '"Nom complet du fournisseur"'),
        extra=EXTRA,
    )
    found = {(item.kind, item.entry, item.at, item.field): item for item in changes(book(), new)}

    def values(*key: str) -> tuple[str | None, str | None]:
        item = found.pop(key)  # type: ignore[call-overload]
        return item.old, item.new

    contractual = ("parameter", "contribution_contractual_percent", "2021-01-01", "value")
    assert values(*contractual) == ("13.07", "13.1")
    of_holiday_pay = ("parameter", "contribution_holiday_pay_percent", "2021-01-01", "value")
    assert values(*of_holiday_pay) == ("13.07", "13.1")
    assert values("scale", "work_bonus", "2022-05-01", "rows 1897.55") == (
        "1897.55, 2904.93, 233.05, 0.2313",
        "1897.55, 2904.93, 230.05, 0.2313",
    )
    for day in ("2021-01-01", "2024-04-01"):
        assert values("step", "fiscal_work_bonus", day, "rounding.bonus") == ("half_up", "down")
    assert values("premium", "holiday", "", "aliases") == ("FER, FEEST", "FER")
    assert values("control", "ACCT-001", "", "severity") == ("block", "warn")
    assert values("bank", "generic_be", "", "max_days")[1] == "1"
    assert values("parameter", "extra", "", "") == (None, "One")
    assert values("parameter", "extra", "2022-01-01", "") == (None, "1")
    assert {key[0] for key in found} <= {"format"}
    back = {(item.what, item.entry) for item in changes(new, book())}
    assert ("removed", "extra") in back
    assert ("changed", "ACCT-001") in back


def test_a_dated_value_more_or_ended() -> None:
    ended = EXTRA + "[[parameter.extra.values]]\nfrom = 2023-01-01\nended = true\n"
    ended += 'source = "a test"\nstatus = "sourced"\n'
    assert changes(book(extra=EXTRA), book(extra=ended)) == [
        RuleChange("parameter", "extra", "2023-01-01", "", None, "ended")
    ]


def test_plain_values() -> None:
    values = [item.value for item in book().parameters["index_coefficient"].values]
    assert [value_text(value) for value in values[:4]] == ["1.7758", "1.8114", "1.8476", "1.8845"]
    assert value_text(DAY) == "2026-11-24"
