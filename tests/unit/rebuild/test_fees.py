"""Fees: nets from statements, contracts and history; nobody lost, nothing twice."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.findings import Severity
from payroll.model.tables import no_tables
from payroll.rebuild.fees import rebuild_fees
from payroll.rebuild.stream import RebuildInput, StreamResult
from tests.shipped import severity
from tests.unit.rebuild.payables_doubles import BE, FR, OGM, book, order, paid, rules, tables


def doctor(number: str, **fields: Any) -> dict[str, Any]:
    return {"practitioner_id": number, "name": f"Doctor {number}", "iban": BE[0], **fields}


def statement(number: str, gross: int, period: str = "2022-04", **fields: Any) -> dict[str, Any]:
    return {"practitioner_id": number, "period": period, "gross_fees": gross, **fields}


def rebuilt(doctors: list[dict[str, Any]], statements: list[dict[str, Any]]) -> StreamResult:
    source = tables(practitioners=doctors, fee_statements=statements)
    return rebuild_fees(RebuildInput(source, order(), book(), "fr"))


def test_without_any_source_nothing_happens() -> None:
    result = rebuild_fees(RebuildInput(no_tables(), order(), book(), "en"))
    assert result.lines.empty
    assert result.targets.empty
    assert result.findings == []


@pytest.mark.parametrize(
    ("fields", "rate", "net"),
    [
        ({"net_due": 80_000}, None, 80_000),
        ({"net_due": 80_000, "retention": 20_000}, 150_000, 80_000),
        ({"retention": 12_345}, 150_000, 87_655),
        ({}, 150_000, 85_000),
        ({}, 0, 100_000),
    ],
)
def test_the_net_comes_from_the_best_that_is_given(
    fields: dict[str, int], rate: int | None, net: int
) -> None:
    result = rebuilt([doctor("P1", retention_rate=rate)], [statement("P1", 100_000, **fields)])
    assert paid(result.lines) == {("P1", ""): net}
    assert result.findings == []
    assert set(result.lines["legal_nature"]) == {"final"}
    fee = result.lines[result.lines["component"] == "fee"]
    assert fee["amount_cents"].tolist() == [100_000]
    retention = result.lines[result.lines["component"] == "fee_retention"]
    assert retention["amount_cents"].sum() == net - 100_000
    assert set(retention["parents"]) <= set(fee["line_id"])


def test_a_contract_rate_is_rounded_half_up_to_the_cent() -> None:
    result = rebuilt([doctor("P1", retention_rate=125_000)], [statement("P1", 1_004)])
    retention = result.lines[result.lines["component"] == "fee_retention"]
    assert retention["amount_cents"].tolist() == [-126]  # 125.5 -> 126
    assert retention["rate"].tolist() == ["12.5%"]
    assert retention["basis"].tolist() == ["recomputed"]


def test_a_statement_that_contradicts_itself_is_held() -> None:
    result = rebuilt([doctor("P1")], [statement("P1", 100, net_due=90, retention=20)])
    assert [(item.rule_id, item.observed, item.limit) for item in result.findings] == [
        ("FEE-002", "0.90", "0.80")
    ]
    assert severity(result.findings[0]) is Severity.HOLD
    assert result.findings[0].source == "fee_statements.csv!csv!R2, net_due"
    above = rebuilt([doctor("P1")], [statement("P1", 100, net_due=190)])
    assert rules(above.findings) == [("FEE-002", "P1")]
    negative = rebuilt([doctor("P1")], [statement("P1", 100, retention=-5)])
    assert rules(negative.findings) == [("FEE-002", "P1")]


def test_without_net_retention_and_rate_the_payment_stands_as_held() -> None:
    result = rebuilt([doctor("P1")], [statement("P1", 100_000)])
    assert rules(result.findings) == [("FEE-003", "P1")]
    assert paid(result.lines) == {("P1", ""): 100_000}
    assert result.to_settle["reason"].tolist() == ["payables_fee_net_unknown"]
    assert result.lines["legal_nature"].tolist() == ["advance"]


def test_statements_add_up_and_a_repeat_is_left_out() -> None:
    result = rebuilt(
        [doctor("P1", retention_rate=0), doctor("P2", retention_rate=0)],
        [
            statement("P1", 100, reference="A"),
            statement("P1", 100, reference="B"),
            statement("P2", 70, reference="A"),
            statement("P2", 70, reference="A"),
        ],
    )
    assert paid(result.lines) == {("P1", ""): 200, ("P2", ""): 70}
    assert rules(result.findings) == [("FEE-007", "P2")]
    twice = result.findings[0]
    assert (twice.params["first"], twice.source) == (
        "fee_statements.csv!csv!R4",
        "fee_statements.csv!csv!R5, gross_fees",
    )
    assert result.targets["remittance"].tolist() == [
        "Honoraires 2022-04 A, B",
        "Honoraires 2022-04 A",
    ]


def test_an_unknown_practitioner_is_held_without_an_account() -> None:
    result = rebuilt([], [statement("P9", 500, net_due=400)])
    assert rules(result.findings) == [("FEE-001", "P9")]
    assert result.targets[["iban", "creditor_name"]].to_numpy().tolist() == [["", ""]]
    assert result.targets["source"].tolist() == ["fee_statements.csv!csv!R2"]
    assert paid(result.lines) == {("P9", ""): 400}


def test_references() -> None:
    doctors = [
        doctor("P1", retention_rate=0, account_holder_name="Cabinet SRL"),
        doctor("P2", retention_rate=0, iban=FR),
        doctor("P3", retention_rate=0),
        doctor("P4", retention_rate=0),
        doctor("P5", retention_rate=0),
    ]
    rows = [
        statement("P1", 100, reference="+++010/8068/17183+++"),
        statement("P2", 100, reference="+++010/8068/17183+++"),
        statement("P3", 100, reference="+++010/8068/17184+++"),
        statement("P4", 100, reference=""),
        statement("P5", 100, reference=OGM),
        statement("P5", 100, reference="note"),
    ]
    result = rebuilt(doctors, rows)
    targets = result.targets.set_index("payee_id")
    assert targets.loc["P1", "structured_reference"] == OGM
    assert targets.loc["P1", "creditor_name"] == "Cabinet SRL"
    assert targets.loc["P2", "remittance"] == "Honoraires 2022-04 +++010/8068/17183+++"
    assert targets.loc["P4", "remittance"] == "Honoraires 2022-04"
    assert targets.loc["P5", "remittance"] == f"Honoraires 2022-04 {OGM}, note"
    assert set(targets.loc[["P2", "P3", "P4", "P5"], "structured_reference"]) == {""}
    assert rules(result.findings) == [("FEE-008", "P3")]


def test_an_advance_is_the_mean_of_the_newest_three_months() -> None:
    history = [
        statement("P1", gross, f"2022-0{month}", retention=0)
        for month, gross in ((1, 100), (2, 101), (3, 103))
    ]
    old = statement("P1", 9_999, "2021-12", retention=0)
    result = rebuilt([doctor("P1")], [old, *history])
    assert paid(result.lines) == {("P1", ""): 101}  # 304 / 3 = 101.33
    line = result.lines.iloc[0]
    assert (line["legal_nature"], line["basis"]) == ("advance", "estimated")
    assert (line["quantity"], line["rule_id"]) == ("moyenne de 3", "policy:fee_advance")
    assert line["source"].count("; ") == 2
    assert rules(result.findings) == [("FEE-004", "P1"), *[("FEE-006", "run")] * 4]
    assert {severity(item) for item in result.findings} == {Severity.INFO}
    assert result.targets["remittance"].tolist() == ["Avance sur honoraires 2022-04"]
    assert result.to_settle.empty


def test_an_advance_on_little_is_a_warning_and_on_nothing_there_is_none() -> None:
    result = rebuilt(
        [doctor("P1", retention_rate=0), doctor("P2"), doctor("P3")],
        [statement("P1", 100, "2022-02"), statement("P3", 100, "2022-03")],
    )
    advance = next(item for item in result.findings if item.rule_id == "FEE-004")
    assert severity(advance) is Severity.WARN
    assert advance.params == {"months": "1", "newest": "2022-02"}
    assert paid(result.lines) == {("P1", ""): 100}
    assert result.to_settle["payee_id"].tolist() == ["P2", "P3"]  # P3: its net is unknown
    assert [rule for rule in rules(result.findings) if rule[0] == "FEE-005"] == [
        ("FEE-005", "P2"),
        ("FEE-005", "P3"),
    ]


def test_history_too_old_or_of_nobody_on_the_list_pays_nothing() -> None:
    result = rebuilt(
        [doctor("P1", retention_rate=0)],
        [statement("P1", 100, "2021-03"), statement("P8", 100, "2022-03", net_due=90)],
    )
    assert result.lines.empty
    assert result.to_settle["payee_id"].tolist() == ["P1", "P8"]


def test_a_later_statement_and_a_zero_are_said() -> None:
    result = rebuilt(
        [doctor("P1", retention_rate=0)], [statement("P1", 0), statement("P1", 50, "2022-05")]
    )
    assert result.lines.empty
    assert result.targets.empty
    assert rules(result.findings) == [("FEE-006", "run"), ("PAY-002", "P1")]


def test_a_changed_account() -> None:
    change = {
        "adjustment_id": "A1",
        "payee_id": "P1",
        "kind": "iban_change",
        "value": BE[1],
        "reason": "r",
        "evidence": "e",
        "entered_by": "x",
        "from": "2022-05-01",
    }
    source = tables(
        practitioners=[doctor("P1", retention_rate=0)],
        fee_statements=[statement("P1", 10)],
        adjustments=[change],
    )
    result = rebuild_fees(RebuildInput(source, order(), book(), "nl"))
    assert result.targets["iban"].tolist() == [BE[1]]
    assert result.targets["source"].tolist() == ["practitioners.csv!csv!R2; adjustments.csv!csv!R2"]
    assert result.findings == []
    assert result.targets["remittance"].tolist() == ["Erelonen 2022-04"]


amounts = st.one_of(st.none(), st.integers(-50_000, 500_000))
rows = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P3"]),
        st.sampled_from(["2022-02", "2022-03", "2022-04"]),
        st.integers(0, 900_000),
        amounts,
        amounts,
    ),
    max_size=12,
)
rates = st.fixed_dictionaries(
    {name: st.one_of(st.none(), st.integers(0, 1_000_000)) for name in ("P1", "P2")}
)


@settings(max_examples=60, deadline=None)
@given(rows=rows, rates=rates)
def test_like_a_slow_calculation_person_by_person(
    rows: list[tuple[str, str, int, int | None, int | None]], rates: dict[str, int | None]
) -> None:
    result = rebuilt(
        [doctor(name, retention_rate=rate) for name, rate in rates.items()],
        [
            statement(name, gross, period, retention=held, net_due=due, reference=str(index))
            for index, (name, period, gross, held, due) in enumerate(rows)
        ],
    )

    def net(name: str, gross: int, held: int | None, due: int | None) -> int:
        rate = rates.get(name)
        if due is not None:
            return due
        if held is not None:
            return gross - held
        return gross - floor(Fraction(gross * (rate or 0), 10**6) + Fraction(1, 2))

    expected: dict[str, int] = {}
    for name in ("P1", "P2", "P3"):
        mine = [row for row in rows if row[0] == name]
        april = [net(name, row[2], row[3], row[4]) for row in mine if row[1] == "2022-04"]
        past = [row for row in mine if row[1] != "2022-04"]
        unclear = any(row[3] is None and row[4] is None and rates.get(name) is None for row in past)
        months = len({row[1] for row in past})
        total = sum(net(name, row[2], row[3], row[4]) for row in past)
        if april:
            expected[name] = sum(april)
        elif months and name in rates and not unclear:
            mean = Fraction(total, months)
            if (cents := floor(mean + Fraction(1, 2))) > 0:
                expected[name] = cents
        if name not in expected and (mine or name in rates):
            assert name in set(result.to_settle["payee_id"])
    found = {name: cents for (name, _), cents in paid(result.lines).items()}
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}
    named = {item.subject_id for item in result.findings}
    assert {row[0] for row in rows} <= set(result.lines["payee_id"]) | named
    other = [item for item in result.findings if item.rule_id == "FEE-006"]
    assert sum(int(item.params["rows"]) for item in other) == sum(
        row[1] != "2022-04" for row in rows
    )


def test_the_change_of_fees_is_worked_out_as_the_fees_are() -> None:
    result = rebuilt(
        [doctor("P1", retention_rate=125_000), doctor("P2"), doctor("P3"), doctor("P4")],
        [
            statement("P1", 1_004, "2022-03"),
            statement("P1", 1_004, "2022-03"),  # repeated: once
            statement("P2", 500, "2022-03", net_due=0, retention=500),
            statement("P4", 700, "2022-03", retention=0),
            statement("P4", 100, "2022-02", retention=0),
            statement("P1", 2_000),
            statement("P3", 300, retention=100),
            statement("P4", 700, retention=0),
        ],
    )
    columns = ("payee_id", "had_before", "net_before_cents", "net_after_cents")
    assert list(zip(*(result.changes[name] for name in columns), strict=True)) == [
        ("P1", True, 1_004 - 126, 2_000 - 250),
        ("P2", True, 0, 0),
        ("P3", False, 0, 200),
        ("P4", True, 700, 700),
    ]
    assert result.changes["gross_before_cents"].tolist() == [1_004, 500, 0, 700]
    assert result.changes["gross_after_cents"].tolist() == [2_000, 0, 300, 700]
    assert set(result.changes["stream"]) == {"fees"}


def test_without_a_statement_of_the_month_before_nothing_is_compared() -> None:
    result = rebuilt([doctor("P1")], [statement("P1", 100, retention=0)])
    assert result.changes.empty
