"""How long an account that changed rests before it is paid, and from which day that counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from payroll.checks.cooling_off import account_cooling_off
from payroll.model.findings import Finding
from tests.shipped import controls, override
from tests.unit.checks.examples import IBAN, check_data

OLD = "BE71096123456769"
RULE = "IBAN-007"
FAILED = {"period": "2022-04", "execution_date": "2022-05-27", "iban": OLD, "state": "failed"}


def found(example: dict[str, Any], **params: object) -> list[Finding]:
    """What the rule finds where the pay day is 31 May and the run is made on the 23rd."""
    control = controls()[RULE]
    control = override(RULE, params={**control.params, **params})
    return account_cooling_off(check_data(example), control)


def listed(day: date | None, kind: str = "employees", file: str = "master.xlsx") -> dict[str, Any]:
    source = {"kind": kind, "file": file, **({"exported_on": day} if day else {})}
    return {"source": [source]}


def changed(day: date | None, **more: Any) -> dict[str, Any]:
    return {"register_totals": [{"iban": OLD}], "payments": [{}], "order": listed(day), **more}


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2022, 5, 22), True),  # nine days before
        (date(2022, 5, 21), False),  # ten
        (date(2022, 5, 2), False),
        (None, True),  # the list does not say its day: that of the run, eight days before
        (date(2022, 7, 1), True),  # a day to come is none: that of the run
    ],
)
def test_it_counts_from_the_day_of_the_list(day: date | None, *, held: bool) -> None:
    assert bool(found(changed(day))) is held


def test_both_accounts_and_both_days_are_told() -> None:
    (item,) = found(changed(date(2022, 5, 22)))
    assert (item.rule_id, item.observed, item.limit) == (RULE, IBAN, OLD)
    assert dict(item.params) == {"recorded": "2022-05-22", "until": "2022-06-01"}


def test_an_employer_adds_days() -> None:
    assert not found(changed(date(2022, 5, 2)))
    assert found(changed(date(2022, 5, 2)), extra_days=20)


def asked_for(day: date, exported: date | None) -> dict[str, Any]:
    """An adjustment that changed the account, from a day, in a list of another."""
    place = "adjustments.xlsx!S!R5"
    target = {"stream": "salaries", "payee_id": "E1", "iban": IBAN}
    return {
        "register_totals": [{"iban": OLD}],
        "adjustments": [{"kind": "iban_change", "value": IBAN, "from": day}],
        "payments": [{}],
        "targets": [{**target, "source": f"master.xlsx!S!R5; {place}"}],
        "order": listed(exported, "adjustments", "adjustments.xlsx"),
    }


@pytest.mark.parametrize(
    ("day", "exported", "held"),
    [
        (date(2022, 5, 1), date(2022, 5, 2), False),
        (date(2022, 5, 1), date(2022, 5, 22), True),  # an early day in a list of late: of late
        (date(2022, 5, 22), date(2022, 5, 2), True),
        (date(2022, 5, 1), None, True),
    ],
)
def test_of_an_adjustment_the_later_of_its_day_and_its_list(
    day: date, exported: date | None, *, held: bool
) -> None:
    assert bool(found(asked_for(day, exported))) is held


@pytest.mark.parametrize("reissue", [True, False])
def test_a_payment_to_the_old_account_is_older_than_the_change(*, reissue: bool) -> None:
    example = {
        "payments": [{}],
        "order": {**listed(date(2022, 5, 2))},
        "released": [{**FAILED, "period": "2022-05" if reissue else "2022-04"}],
        "created_at": datetime(2022, 5, 30, 9),  # noqa: DTZ001
        "reissue": reissue,
    }
    (item,) = found(example)
    assert item.params["recorded"] == "2022-05-27"
    assert not found({**example, "released": [{**FAILED, "iban": IBAN}]})


def test_the_bank_alone_knows_the_account_before() -> None:
    bank = {"bank_payments": [{"iban": OLD}], "payments": [{}]}
    assert [item.limit for item in found({**bank, "order": listed(date(2022, 5, 22))})] == [OLD]
    assert not found({**bank, "order": listed(date(2022, 5, 2))})


def test_no_change_or_no_account_is_none() -> None:
    assert not found({"register_totals": [{}], "payments": [{}]})
    assert not found({"register_totals": [{"iban": OLD}], "payments": [{"iban": ""}]})
    assert not found({"register_totals": [{"iban": ""}], "payments": [{}]})
