"""No register is left: this month's salaries are what the bank paid last month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from payroll.model.findings import Severity
from payroll.model.tables import BANK_PAYMENT_ROWS, BANK_PAYMENTS, SourceSummary, SourceTables
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from payroll.rulebook.components import EstimationPolicy
from tests.shipped import severity
from tests.unit.rebuild.staff_samples import (
    BOOK,
    IBAN,
    ORDER,
    OTHER_IBAN,
    Person,
    adjustment,
    tables_of,
)


def summary(kind: str) -> SourceSummary:
    return SourceSummary(
        kind=kind,
        file=f"{kind}.x",
        sheet="",
        sha256="",
        encoding="",
        header_row=0,
        rows_read=1,
        rows_used=1,
        rows_excluded=0,
    )


def paid(payee: str, cents: int, iban: str = IBAN, category: str = "SALA") -> dict[str, Any]:
    return {
        "name": "MODELE ZOE",
        "iban": iban,
        "amount_cents": cents,
        "category_purpose": category,
        "payee_kind": "employee",
        "payee_id": payee,
        "matched_by": "reference",
    }


def tables(
    bank: list[dict[str, Any]], *people: Person, adjustments: list[dict[str, Any]] | None = None
) -> SourceTables:
    """People of the staff list, none in a register, and the bank's payments."""
    staff = [replace(person, in_register=False) for person in people]
    found = tables_of(staff, adjustments or [])
    empty = {"str": "", "int64": 0, "datetime64[s]": pd.NaT}
    rows = BANK_PAYMENT_ROWS.from_rows(
        {
            **{name: empty[dtype] for name, dtype in BANK_PAYMENT_ROWS.columns.items()},
            **row,
            "source": f"b.xml!SAL!R{number}",
        }
        for number, row in enumerate(bank, 1)
    )
    kinds = [BANK_PAYMENTS, *(["employees"] if people else [])]
    return SourceTables(
        {**found.frames, BANK_PAYMENTS: rows}, tuple(summary(kind) for kind in kinds)
    )


def rebuilt(bank: list[dict[str, Any]], *people: Person, **others: Any) -> StaffResult:
    return rebuild_salaries(RebuildInput(tables(bank, *people, **others), ORDER, BOOK))


def amounts(result: StaffResult) -> dict[str, int]:
    sums: dict[str, int] = result.lines.groupby("payee_id")["amount_cents"].sum().to_dict()
    return sums


def ids(result: StaffResult, payee: str = "") -> list[str]:
    return [item.rule_id for item in result.findings if item.subject_id == payee or not payee]


ZOE, NOE = Person(number="00001"), Person(number="00002")


def test_everybody_gets_what_the_bank_paid_and_the_line_says_so() -> None:
    result = rebuilt([paid("00001", 201_234), paid("00002", 150_001)], ZOE, NOE)
    assert amounts(result) == {"00001": 201_234, "00002": 150_001}
    line = result.lines.iloc[0]
    assert (line["component"], line["basis"], line["legal_nature"]) == (
        "net_as_paid",
        "estimated",
        "full_estimate",
    )
    assert (line["rule_id"], line["source"]) == ("policy:net_as_bank_paid", "b.xml!SAL!R1")
    assert result.to_settle["reason"].tolist() == ["reason_paid_by_bank"] * 2
    assert ids(result) == ["REB-047"]
    (told,) = result.findings
    assert (told.observed, told.limit, severity(told)) == ("2", "3512.35", Severity.WARN)
    assert result.changes["net_before_cents"].sum() == result.changes["net_after_cents"].sum()


def test_without_a_list_name_and_account_come_from_the_bank() -> None:
    result = rebuilt([paid("BANK-0A1B2C3D", 201_234, OTHER_IBAN)])
    (target,) = result.targets.to_dict("records")
    assert (target["creditor_name"], target["iban"]) == ("MODELE ZOE", OTHER_IBAN)
    assert target["source"] == "b.xml!SAL!R1"


def test_with_a_list_the_account_is_the_lists_for_the_controls_to_compare() -> None:
    result = rebuilt([paid("00001", 201_234, OTHER_IBAN)], ZOE)
    assert result.targets["iban"].tolist() == [IBAN]


def test_whom_the_bank_did_not_pay_waits_or_is_held() -> None:
    result = rebuilt([paid("00001", 201_234)], ZOE, NOE)
    assert "REB-008" in ids(result, "00002")
    assert set(result.to_settle["reason"]) == {"reason_paid_by_bank", "reason_not_in_register"}


def test_a_joiner_is_paid_by_contract_beside_those_of_the_bank() -> None:
    new = replace(NOE, hired=date(2022, 5, 2))
    joins = [adjustment(NOE, "joiner", start=date(2022, 5, 2))]
    result = rebuilt([paid("00001", 201_234)], ZOE, new, adjustments=joins)
    lines = result.lines[result.lines["payee_id"] == "00002"]
    assert "recomputed" in set(lines["basis"])
    assert amounts(result)["00001"] == 201_234
    assert not [name for name in ids(result) if name != "REB-047"]


@pytest.mark.parametrize("people", [(ZOE,), ()])
def test_leavers_are_paid_for_their_days_or_not_at_all(people: tuple[Person, ...]) -> None:
    half = [adjustment("00001", "leaver", end=date(2022, 5, 15))]
    result = rebuilt([paid("00001", 200_001)], *people, adjustments=half)
    assert amounts(result) == {"00001": 100_001}
    line = result.lines.iloc[0]
    assert line["quantity"] == "15/30"
    assert line["rule_id"] == "policy:net_as_bank_paid parameter:proration_days_per_month"
    assert line["source"] == "b.xml!SAL!R1; adj.xlsx!A!R2"
    gone = [adjustment("00001", "leaver", end=date(2022, 4, 30))]
    result = rebuilt([paid("00001", 200_001)], *people, adjustments=gone)
    assert amounts(result) == {}
    assert "REB-026" in ids(result, "00001")


def test_who_left_by_the_list_of_staff_is_not_paid_and_said() -> None:
    result = rebuilt([paid("00001", 200_000)], replace(ZOE, left=date(2022, 4, 30)))
    assert amounts(result) == {}
    assert ids(result, "00001") == ["REB-026"]


def test_the_other_adjustments_reach_people_known_from_the_bank_alone() -> None:
    typed = [
        adjustment("BANK-1", "one_off_net", "45.50", date(2022, 5, 1)),
        adjustment("BANK-2", "hold"),
        adjustment("BANK-2", "iban_change", OTHER_IBAN, date(2022, 5, 2)),
        adjustment("BANK-3", "unpaid_absence", "3"),
        adjustment("BANK-9", "hold"),
    ]
    bank = [paid(f"BANK-{number}", 100_000) for number in (1, 2, 3)]
    result = rebuilt(bank, adjustments=typed)
    assert amounts(result) == {"BANK-1": 104_550, "BANK-2": 100_000, "BANK-3": 90_000}
    assert ids(result, "BANK-2") == ["REB-010"]
    assert "REB-011" in ids(result, "BANK-9")
    ibans = dict(zip(result.targets["payee_id"], result.targets["iban"], strict=True))
    assert ibans["BANK-2"] == OTHER_IBAN


def test_who_joined_and_was_paid_already_is_held() -> None:
    joins = [adjustment("00001", "joiner", start=date(2022, 5, 2))]
    assert "REB-014" in ids(rebuilt([paid("00001", 100_000)], ZOE, adjustments=joins), "00001")


def test_hired_within_the_month_means_a_part_of_it() -> None:
    late = replace(ZOE, hired=date(2022, 4, 11))
    assert "REB-024" in ids(rebuilt([paid("00001", 100_000)], late), "00001")


def test_of_two_payments_the_largest_is_taken_and_held() -> None:
    result = rebuilt([paid("00001", 35_000), paid("00001", 180_000)], ZOE)
    assert amounts(result) == {"00001": 180_000}
    (held,) = [item for item in result.findings if item.rule_id == "REB-048"]
    assert (severity(held), held.observed, held.limit) == (Severity.HOLD, "2", "1800.00")


def test_a_payment_marked_as_salary_goes_before_a_larger_one() -> None:
    result = rebuilt([paid("00001", 500_000, category="BONU"), paid("00001", 180_000)], ZOE)
    assert amounts(result) == {"00001": 180_000}
    assert "REB-048" not in ids(result)


def test_with_a_register_the_banks_file_pays_nobody() -> None:
    found = tables_of([ZOE])
    bank = tables([paid("00001", 999_999), paid("00009", 1)]).bank
    kinds = ("employees", "register_totals", BANK_PAYMENTS)
    both = SourceTables({**found.frames, BANK_PAYMENTS: bank}, tuple(map(summary, kinds)))
    result = rebuild_salaries(RebuildInput(both, ORDER, BOOK))
    assert "net_as_paid" not in set(result.lines["component"])
    assert set(result.lines["payee_id"]) == {"00001"}
    assert "REB-047" not in ids(result)


def test_doctors_and_suppliers_of_the_file_get_no_salary() -> None:
    rows = [paid("00001", 100_000), {**paid("P1", 900_000), "payee_kind": "practitioner"}]
    assert amounts(rebuilt(rows, ZOE)) == {"00001": 100_000}


def policy(group: str, method: str) -> dict[str, Any]:
    value = {
        "from": date(2022, 1, 1),
        "method": method,
        "percent": 90,
        "legal_nature": "part_payment",
        "source": "a choice",
        "status": "unverified",
    }
    title = {"fr": "titre", "nl": "titel", "en": "title"}
    return {
        "id": "x",
        "group": group,
        "title": title,
        "checked_on": date(2022, 1, 1),
        "values": [value],
    }


def test_the_policys_share_is_paid() -> None:
    own = EstimationPolicy.model_validate(policy("paid_by_bank", "same_as_bank"))
    policies = {**BOOK.policies, "net_as_bank_paid": own}
    result = rebuild_salaries(
        RebuildInput(tables([paid("00001", 100_005)], ZOE), ORDER, replace(BOOK, policies=policies))
    )
    assert amounts(result) == {"00001": 90_005}
    assert set(result.lines["legal_nature"]) == {"part_payment"}


@pytest.mark.parametrize(
    ("group", "method"), [("paid_by_bank", "contractual_base"), ("joiner", "same_as_bank")]
)
def test_the_method_and_the_group_belong_together(group: str, method: str) -> None:
    with pytest.raises(ValidationError, match="policy_bank"):
        EstimationPolicy.model_validate(policy(group, method))
