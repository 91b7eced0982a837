"""Assembling payments: conservation, stable ids without personal data, speed."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.model.errors import InvariantError, PayrollError
from payroll.model.findings import Severity
from payroll.model.frames import LINES, PAYMENT_TARGETS
from payroll.model.period import Period
from payroll.rebuild.lines import finish_lines
from payroll.rebuild.payments import LEGAL_NATURES, assemble_payments
from payroll.texts import catalogue
from tests.shipped import severity
from tests.unit.rebuild.payables_doubles import BE, CONTROLS

MAY, KEY = Period(2022, 5), "0403019261"


def lines_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    names = ["stream", "payee_id", "payment_group", "amount_cents", "legal_nature", "source"]
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.astype({name: "str" for name in names if name != "amount_cents"})
    return finish_lines(frame.astype({"amount_cents": "int64"})) if rows else LINES.empty()


def targets_of(lines: pd.DataFrame) -> pd.DataFrame:
    groups = lines[["stream", "payee_id", "payment_group"]].drop_duplicates()
    return PAYMENT_TARGETS.conform(
        groups.assign(
            creditor_name="Name",
            iban=BE[0],
            country="BE",
            remittance="text",
            structured_reference="",
            source="list.csv!csv!R2",
        ).astype("str")
    )


def test_sums_natures_and_ids() -> None:
    lines = lines_of(
        [
            ("salaries", "E1", "", 1_000, "final", "a!b!R2"),
            ("salaries", "E1", "", -100, "part_payment", "a!b!R3"),
            ("salaries", "E1", "garnishment", 50, "final", "a!b!R4"),
            ("fees", "E1", "", 70, "advance", "c!d!R2"),
        ]
    )
    payments, receivables, findings = assemble_payments(lines, targets_of(lines), MAY, KEY)
    assert payments[["stream", "payment_group", "amount_cents", "legal_nature"]].sort_values(
        "amount_cents"
    ).to_numpy().tolist() == [
        ["salaries", "garnishment", 50, "final"],
        ["fees", "", 70, "advance"],
        ["salaries", "", 900, "part_payment"],
    ]
    assert receivables.empty
    assert findings == []
    assert set(payments["status"]) == {"pay"}
    for payment_id in payments["payment_id"]:
        assert re.fullmatch(r"(SAL|FEE)-2205-[A-Z2-7]{12}", payment_id)
    again = assemble_payments(lines[::-1], targets_of(lines), MAY, KEY)[0]
    pd.testing.assert_frame_equal(payments, again)
    for period, key in ((MAY, "0000000097"), (MAY.shift(1), KEY)):
        other = assemble_payments(lines, targets_of(lines), period, key)[0]
        assert not set(other["payment_id"]) & set(payments["payment_id"])


def test_zero_and_negative_are_not_paid() -> None:
    lines = lines_of(
        [
            ("salaries", "E1", "", 10, "final", "a!b!R2"),
            ("salaries", "E1", "", -10, "final", "a!b!R3"),
            ("bonuses", "E2", "", -7, "final", "a!b!R4"),
        ]
    )
    payments, receivables, findings = assemble_payments(lines, targets_of(lines), MAY, KEY)
    assert payments.empty
    assert receivables[["payee_id", "amount_cents", "source"]].to_numpy().tolist() == [
        ["E2", -7, "a!b!R4"]
    ]
    assert [(item.rule_id, severity(item), item.subject_id) for item in findings] == [
        ("PAY-001", Severity.WARN, "E2"),
        ("PAY-002", Severity.INFO, "E1"),
    ]
    assert findings[1].source in ("a!b!R2; a!b!R3", "a!b!R3; a!b!R2")


def eaten_up(
    stream: str, component: str, due: int, taken: int, *, basis: str = "adjusted"
) -> list[tuple[str, str, str, str]]:
    rows = [
        (stream, "X1", "", due, "final", "a!b!R2"),
        (stream, "X1", "", -taken, "final", "c!d!R9"),
    ]
    lines = lines_of(rows).sort_values("amount_cents", ascending=False)
    lines = lines.assign(
        component=pd.Series(["base_salary", component], lines.index, dtype="str"),
        basis=pd.Series(["known", basis], lines.index, dtype="str"),
    )
    _, _, findings = assemble_payments(lines, targets_of(lines), MAY, KEY, least_percent=20)
    return [
        (item.observed, item.limit, item.source, str(severity(item)))
        for item in findings
        if item.rule_id == "PAY-004"
    ]


@pytest.mark.parametrize(
    ("stream", "component"),
    [
        ("salaries", "garnishment"),
        ("salaries", "one_off_net"),
        ("salaries", "one_off_gross"),
        ("invoices", "credit_note"),
        ("fees", "fee"),
    ],
)
@pytest.mark.parametrize(
    ("taken", "left"), [(999_999_999, "-9997999.99"), (200_000, "0.00"), (160_001, "399.99")]
)
def test_typed_rows_take_nobodys_pay_in_silence(
    stream: str, component: str, taken: int, left: str
) -> None:
    (found,) = eaten_up(stream, component, 200_000, taken)
    assert found == (left, f"{taken / 100:.2f}", "c!d!R9", "hold")
    assert eaten_up(stream, component, 200_000, 160_000) == []
    assert eaten_up(stream, component, -200_000, 100) == [], "nothing was due anyway"


def test_what_the_register_deducts_is_not_what_somebody_typed() -> None:
    assert eaten_up("salaries", "garnishment", 200_000, 190_000, basis="known") == []
    assert eaten_up("salaries", "other_deductions", 200_000, 190_000, basis="known") == []


def test_a_group_without_target_is_our_bug() -> None:
    lines = lines_of([("fees", "P1", "", 10, "final", "a!b!R2")])
    with pytest.raises(InvariantError):
        assemble_payments(lines, PAYMENT_TARGETS.empty(), MAY, KEY)


def test_a_payment_above_ten_million_is_held_and_nobody_else() -> None:
    huge = [("fees", "P1", "", 10**9, "final", f"a!b!R{row}") for row in (2, 3)]
    lines = lines_of([*huge, ("fees", "P2", "", 10**9, "final", "a!b!R4")])
    payments, _, findings = assemble_payments(lines, targets_of(lines), MAY, KEY)
    assert payments["amount_cents"].tolist() == [2 * 10**9, 10**9]
    (found,) = findings
    assert (found.rule_id, severity(found), found.subject_id, found.stream) == (
        "PAY-003",
        Severity.HOLD,
        "P1",
        "fees",
    )
    assert (found.observed, found.limit) == ("20000000.00", "10000000.00")
    assert found.source in ("a!b!R2; a!b!R3", "a!b!R3; a!b!R2")


def test_a_month_of_a_hundred_billion_is_refused() -> None:
    lines = lines_of([("fees", f"P{n}", "", 10**13, "final", "a!b!R2") for n in range(2)])
    with pytest.raises(PayrollError) as caught:
        assemble_payments(lines, targets_of(lines), MAY, KEY)
    assert caught.value.error_id == "run_beyond_limit"
    parts = {name for name in catalogue() if name.startswith("run_beyond_limit.")}
    assert parts == {f"run_beyond_limit.{part}" for part in ("what", "expected", "remedy")}


rows = st.lists(
    st.tuples(
        st.sampled_from(["salaries", "bonuses", "fees", "invoices"]),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["", "g"]),
        st.integers(-1_000, 1_000),
        st.sampled_from(LEGAL_NATURES),
        st.just("f!s!R1"),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(rows=rows)
def test_no_cent_is_lost(rows: list[tuple[Any, ...]]) -> None:
    lines = lines_of(rows)
    payments, receivables, findings = assemble_payments(lines, targets_of(lines), MAY, KEY)
    sums: dict[tuple[str, str, str], int] = {}
    for stream, payee, group, cents, *_ in rows:
        if cents:
            key = (stream, payee, group)
            sums[key] = sums.get(key, 0) + cents
    key_columns = ["stream", "payee_id", "payment_group", "amount_cents"]
    found = {tuple(row[:3]): row[3] for row in payments[key_columns].to_numpy().tolist()}
    owed = {tuple(row[:3]): row[3] for row in receivables[key_columns].to_numpy().tolist()}
    assert found == {key: cents for key, cents in sums.items() if cents > 0}
    assert owed == {key: cents for key, cents in sums.items() if cents < 0}
    assert len(findings) == sum(cents <= 0 for cents in sums.values())
    for key, nature in zip(
        payments[key_columns[:3]].to_numpy().tolist(), payments["legal_nature"], strict=True
    ):
        own = [row[4] for row in rows if list(row[:3]) == key and row[3]]
        assert nature == min(own, key=LEGAL_NATURES.index)


def test_a_hundred_thousand_payments() -> None:
    count = 100_000
    payees = pd.Series(np.arange(count).astype(str)).astype("str")
    frame = pd.DataFrame(
        {
            "stream": "salaries",
            "payee_id": pd.concat([payees, payees]),
            "payment_group": "",
            "amount_cents": np.int64(100),
            "legal_nature": "final",
            "source": "a!b!R1",
            "component": ["x"] * count + ["y"] * count,
        }
    )
    lines = finish_lines(frame.astype({"stream": "str"}))
    targets = targets_of(lines)
    payments, _, _ = assemble_payments(lines, targets, MAY, KEY)
    assert len(payments) == count


def test_every_rule_raised_here_has_its_entry() -> None:
    sources = [
        path.read_text("utf-8")
        for path in (CONTROLS.parents[2] / "payroll" / "rebuild").glob("*.py")
    ]
    raised = set(re.findall(r'"((?:PAY|FEE|INV)-\d{3})"', "".join(sources)))
    listed = tomllib.loads(CONTROLS.read_text("utf-8"))["control"]
    assert raised == {entry["id"] for entry in listed}
