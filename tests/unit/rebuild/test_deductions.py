"""Deductions from the net: the closed list and the fifth of art. 23, law of 12 April 1965."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from payroll.model.errors import PayrollError
from payroll.model.findings import Finding
from payroll.rebuild.deductions import KNOWN, most_deductible
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.deductions import named
from payroll.rulebook.parameters import load_parameters
from tests.unit.rebuild.staff_samples import BOOK, ORDER, Person, adjustment, tables_of
from tests.unit.rebuild.test_bank_month import ZOE, paid
from tests.unit.rebuild.test_bank_month import rebuilt as by_bank

MAY_9 = date(2022, 5, 9)
ANN = Person(number="00001")


def month(
    people: Sequence[Person], rows: Sequence[Any] = (), *, repeat: bool = True
) -> tuple[StaffResult, list[Finding]]:
    """May with one-off net amounts (cents as euro text, reason); repeat: the employer's choice."""
    parameter = BOOK.parameters[KNOWN]
    value = parameter.values[0].model_copy(update={"value": "repeat" if repeat else "leave_out"})
    chosen = parameter.model_copy(update={"values": (value,)})
    book = replace(BOOK, parameters={**BOOK.parameters, KNOWN: chosen})
    typed = [
        {
            **adjustment(people[0], "one_off_net", value, MAY_9, reason=reason),
            "adjustment_id": f"A{number}",
        }
        for number, (value, reason) in enumerate(rows)
    ]
    result = rebuild_salaries(RebuildInput(tables_of(people, typed), ORDER, book))
    return result, result.findings


def amounts(result: StaffResult, component: str) -> list[int]:
    rows = result.lines[result.lines["component"] == component]
    return rows["amount_cents"].tolist()


def net_before(result: StaffResult) -> int:
    """Net after tax and social retentions: everything but the deductions."""
    own = result.lines["component"].isin(["other_deductions", "garnishment", "one_off_net"])
    return int(result.lines.loc[~own, "amount_cents"].sum())


def told(findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    return {
        item.rule_id: (item.observed, item.limit)
        for item in findings
        if "REB-070" <= item.rule_id <= "REB-074"
    }


def test_a_deduction_of_no_kind_is_left_out_and_the_salary_goes() -> None:
    plain, _ = month([ANN])
    result, findings = month([ANN], [("-50", "reprise")])
    assert amounts(result, "one_off_net") == []
    assert result.lines["amount_cents"].sum() == plain.lines["amount_cents"].sum()
    assert told(findings) == {"REB-070": ("50.00", "0.00")}
    (row,) = result.not_carried_over.to_dict("records")
    assert (row["component"], row["amount_cents"]) == ("one_off_net", -5_000)
    assert (row["label"], row["reason"]) == ("reprise", "reason_deduction_unknown")


def test_a_deduction_on_the_list_is_taken_and_names_its_kind() -> None:
    result, findings = month([ANN], [("-50", "avance payée le 2 mai")])
    assert amounts(result, "one_off_net") == [-5_000]
    line = result.lines[result.lines["component"] == "one_off_net"]
    assert line["rule_id"].tolist() == ["deduction:cash_advance"]
    assert told(findings) == {}
    assert result.not_carried_over.empty


def test_all_together_take_a_fifth_and_the_rest_is_listed() -> None:
    """The known deduction comes first, then what was typed in its order."""
    person = replace(ANN, other_deductions=10_000)
    result, findings = month([person], [("-100", "avance"), ("-900", "dommages et intérêts")])
    fifth = net_before(result) // 5
    assert amounts(result, "other_deductions") == [-10_000]
    assert sorted(amounts(result, "one_off_net")) == [-(fifth - 20_000), -10_000]
    assert told(findings)["REB-071"][0] == "900.00"
    rest = result.not_carried_over
    assert rest["amount_cents"].tolist() == [-(90_000 - (fifth - 20_000))]
    assert rest["reason"].tolist() == ["reason_deduction_beyond"]


@pytest.mark.parametrize(
    "reason",
    [
        "dommages: fraude constatée",
        "départ avant la liquidation des dommages et intérêts",
        "cotisation assurance groupe",
    ],
)
def test_the_fifth_does_not_hold_for_fraud_leaving_or_what_it_is_counted_after(reason: str) -> None:
    result, findings = month([ANN], [("-900", reason)])
    assert amounts(result, "one_off_net") == [-90_000]
    assert told(findings) == {}


def test_what_is_outside_the_fifth_uses_none_of_it_up() -> None:
    rows = [("-900", "dommages: fraude constatée"), ("-900", "avance"), ("-1", "avance")]
    result, _ = month([ANN], rows)
    fifth = net_before(result) // 5
    assert sorted(amounts(result, "one_off_net")) == [-90_000, -fifth]


def test_the_fifth_is_cut_to_the_cent_and_of_no_net_below_zero() -> None:
    nets = np.array([-10_000, 0, 4, 5, 202_353, 202_354])
    assert most_deductible(nets, ORDER, BOOK).tolist() == [0, 0, 0, 1, 40_470, 40_470]


def test_a_net_amount_in_favour_needs_no_kind() -> None:
    result, findings = month([ANN], [("50", "frais")])
    assert amounts(result, "one_off_net") == [5_000]
    assert told(findings) == {}


def test_the_registers_deductions_are_repeated_with_one_finding_for_all() -> None:
    people = [replace(ANN, other_deductions=1_250), Person(number="00002", other_deductions=2_000)]
    result, findings = month(people)
    assert sorted(amounts(result, "other_deductions")) == [-2_000, -1_250]
    assert told(findings) == {"REB-072": ("2", "32.50")}


def test_the_registers_deductions_are_cut_to_the_fifth_of_this_month() -> None:
    result, findings = month([replace(ANN, other_deductions=90_000)])
    fifth = net_before(result) // 5
    assert amounts(result, "other_deductions") == [-fifth]
    assert told(findings)["REB-073"] == ("900.00", f"{fifth // 100}.{fifth % 100:02d}")
    assert result.not_carried_over["amount_cents"].tolist() == [fifth - 90_000]
    reasons = result.changes["reasons"].iat[0].split()
    assert "reason_deduction_limited" in reasons


def test_the_employer_may_choose_to_leave_the_registers_deductions_out() -> None:
    result, findings = month([replace(ANN, other_deductions=1_250)], repeat=False)
    assert amounts(result, "other_deductions") == []
    assert told(findings) == {"REB-074": ("1", "12.50")}
    assert result.not_carried_over["reason"].tolist() == ["reason_deduction_not_repeated"]


def test_a_garnishment_takes_of_what_the_deductions_leave() -> None:
    """The net that it may take from is that after the deductions as they are taken."""
    person = replace(ANN, other_deductions=90_000, garnishment=1_000)
    result, _ = month([person])
    fifth = net_before(result) // 5
    assert result.garnished["seizable_cents"].tolist() == [net_before(result) - fifth]


def test_without_a_register_the_fifth_is_of_what_the_bank_paid() -> None:
    row = adjustment("00001", "one_off_net", "-900", MAY_9, reason="avance")
    result = by_bank([paid("00001", 200_000)], ZOE, adjustments=[row])
    assert amounts(result, "one_off_net") == [-40_000]


@pytest.mark.parametrize(
    ("component", "words", "code"),
    [
        ("cash_advance", "", "cash_advance"),
        ("", "Voorschot van 2 mei", "cash_advance"),
        ("", "Loan of a friend", None),
        ("", "avance et amende", None),
        ("", "dommages et intérêts, par dol", "fraud"),
        ("", "dollars", None),
    ],
)
def test_what_names_a_kind(component: str, words: str, code: str | None) -> None:
    found = named(BOOK.deductions, component, words, MAY_9)
    assert (found.code if found else None) == code


def test_a_choice_that_nothing_works_out_is_refused() -> None:
    table = {
        "unit": "text",
        "choices": ["repeat"],
        "checked_on": MAY_9,
        "title": {},
        "values": [{"from": MAY_9, "value": "double", "source": "nobody", "status": "unverified"}],
    }
    with pytest.raises(PayrollError, match=r"field_choices.*double"):
        load_parameters({"parameters/own.toml": {"parameter": {"known_deductions": table}}})
