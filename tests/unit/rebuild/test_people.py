"""PEOPLE: what the record keeps of each suffices to work out their pay anew."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from payroll.gross_to_net.columns import CALCULATION_INPUT, HOUSEHOLDS, MONTH, TAX_STATUS
from payroll.gross_to_net.engine import gross_to_net
from payroll.model.net_steps import NET_STEPS
from payroll.model.record_frames import NO_END
from payroll.rebuild.salaries import StaffResult, rebuild_salaries
from payroll.rebuild.stream import RebuildInput
from tests.unit.rebuild.random_staff import random_person
from tests.unit.rebuild.slow_month import seizable
from tests.unit.rebuild.staff_samples import BOOK, ORDER, OTHER_IBAN, Person, adjustment, tables_of
from tests.unit.rebuild.test_bank_month import paid, rebuilt
from tests.unit.rebuild.test_quarter import run as quarter_of

ANN = Person(number="00001", components=(("1000", 300_000), ("1100", 10_000)))
JOINER = Person(number="00002", monthly=240_000, hired=date(2022, 5, 16), in_register=False)
STRANGER = Person(number="00003", in_staff=False)


def run(*people: Person, rows: list[dict[str, object]] | None = None) -> StaffResult:
    return rebuild_salaries(RebuildInput(tables_of(people, rows or []), ORDER, BOOK))


def inputs(record: pd.DataFrame, prefix: str = "") -> pd.DataFrame:
    """CALCULATION_INPUT as a reader of the record puts it together."""
    names = {f"{prefix}{name}": name for name in MONTH.columns}
    rows = record[[*names, *HOUSEHOLDS.columns]].rename(columns=names)
    rows = rows.assign(tax_status=rows["tax_status"].map(TAX_STATUS).astype("int64"))
    return CALCULATION_INPUT.conform(rows)


@pytest.mark.parametrize("seed", range(4))
def test_the_record_gives_every_step_of_the_net_again(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    people = [random_person(rng, number) for number in range(40)]
    rows = [adjustment(people[0], "fte_change", "0,5", date(2022, 5, 16))]
    result = run(*people, rows=rows)
    record = result.record
    served = record[record["computed"] & record["payable"] & ~record["left_before"]]
    assert len(served) > 20
    known_law, law = BOOK.laws(ORDER)
    pay = gross_to_net(inputs(served), law).assign(payee_id=served["payee_id"].to_numpy())
    lines = result.lines.groupby(["payee_id", "component"])["amount_cents"].sum()
    for step in NET_STEPS:
        found = [int(lines.get((payee, step.id), 0)) for payee in served["payee_id"]]
        assert found == (pay[step.cents] * step.sign).tolist()
    known = gross_to_net(inputs(served, "known_"), known_law)
    left = served["net_before_cents"].to_numpy() - known["net_cents"].to_numpy()
    residual = [int(lines.get((payee, "residual"), 0)) for payee in served["payee_id"]]
    assert residual == left.tolist()
    assert served["gross_before_cents"].tolist() == (
        known["gross_cents"].tolist()  # every component of the known month is gross
    )


def test_where_each_person_comes_from() -> None:
    rows = [adjustment(JOINER, "joiner", start=date(2022, 5, 16))]
    record = run(ANN, JOINER, STRANGER, rows=rows).record.set_index("payee_id")
    assert record["origin"].to_dict() == {
        "00001": "register",
        "00002": "joiner",
        "00003": "register",
    }
    assert record["computed"].to_dict() == {"00001": True, "00002": True, "00003": False}
    assert record.loc["00001", "source"].startswith("staff.xlsx!")
    assert record.loc["00001", "register_source"].startswith("totals.xlsx!")
    assert record.loc["00002", "register_source"] == ""
    assert (record.loc["00003", "source"], record.loc["00003", "tax_status"]) == ("", "single")
    assert record.loc["00002", "worked"] == 15 * 10**6
    assert (record.loc["00002", "work_days"], record.loc["00002", "month_days"]) == (12 * 10**6, 22)


def test_whom_the_bank_alone_knows_has_the_banks_row() -> None:
    record = rebuilt([paid("BANK-0A1B2C3D", 201_234, OTHER_IBAN)]).record.iloc[0]
    assert (record["origin"], record["policy"]) == ("paid_by_bank", "policy:net_as_bank_paid")
    assert (record["source"], record["register_source"]) == ("", "b.xml!SAL!R1")


def test_a_ratio_is_the_one_that_was_used() -> None:
    nothing = replace(STRANGER, components=(("1000", 0),))
    rows = [adjustment(nothing, "one_off_gross", "100,00", date(2022, 5, 1))]
    record = run(nothing, rows=rows).record.iloc[0]
    assert record["policy"].startswith("policy:")
    assert 0 < record["ratio_net_cents"] < record["ratio_gross_cents"]
    known = run(STRANGER).record.iloc[0]
    assert known["policy"] == ""
    assert (known["ratio_net_cents"], known["ratio_gross_cents"]) == (
        STRANGER.net_before,
        STRANGER.gross,
    )


def test_what_a_garnishment_may_take_stands_beside_what_it_takes() -> None:
    most = seizable(ANN.net_before, 0, date(2022, 4, 30))
    record = run(replace(ANN, garnishment=most)).record.iloc[0]
    assert record["garnishment_before_cents"] == most
    assert record["seizable_cents"] == ANN.net_before
    assert record["seized_cents"] == seizable(ANN.net_before, 0, date(2022, 5, 31))
    assert record["claim_left_cents"] == NO_END


def test_a_quarter_is_there_in_its_last_month_only() -> None:
    wages = (300_000, 200_000, 200_000)
    june = quarter_of(wages).record.iloc[0]
    assert (june["quarter_first_cents"], june["quarter_second_cents"]) == wages[:2]
    assert june["quarter_settles"]
    assert june["settled_cents"] != 0
    assert june["quarter_withheld_cents"] > 0
    july = quarter_of(wages, "2022-07").record.iloc[0]
    names = ("quarter_first_cents", "quarter_second_cents", "quarter_withheld_cents")
    assert july[[*names, "settled_cents"]].sum() == 0
    assert not july["quarter_settles"]
    assert july["known_settled_cents"] == june["settled_cents"]
