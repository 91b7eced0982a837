"""Where two frames differ: rows and columns are told, what is personal is not."""

from __future__ import annotations

import pandas as pd

from payroll.model.record_frames import RECORD_PAYMENTS, TEXT_CHANGES
from payroll.record.places import PLACES_MAX, places

IBAN = "BE68539007547034"


def payments(*cents: int, iban: str = IBAN) -> pd.DataFrame:
    row = {**dict.fromkeys(RECORD_PAYMENTS.columns, ""), "stream": "fees", "legal_nature": "final"}
    return RECORD_PAYMENTS.from_rows(
        {**row, "payment_id": f"P{number}", "amount_cents": amount, "iban": iban, "status": "pay"}
        for number, amount in enumerate(cents)
    )


def test_the_same_frames_differ_nowhere() -> None:
    assert places(RECORD_PAYMENTS, payments(1, 2), payments(1, 2)) == ((), 0)


def test_a_changed_amount_is_told_with_row_key_and_both_values() -> None:
    ((place,), more) = places(RECORD_PAYMENTS, payments(1, 5), payments(1, 2))
    assert (place.problem, place.row, place.key, place.column) == (
        "changed",
        3,
        "P1",
        "amount_cents",
    )
    assert (place.recorded, place.rebuilt, more) == ("5", "2", 0)


def test_a_row_too_many_too_few_and_moved() -> None:
    frame = payments(1, 2, 3)
    for recorded, rebuilt, told in (
        (frame, frame.iloc[:2], [("added", 4, "P2")]),
        (frame.iloc[1:], frame, [("missing", 0, "P0")]),
        (frame.iloc[[1, 0, 2]], frame, [("moved", 3, "P0")]),
    ):
        found, _ = places(RECORD_PAYMENTS, recorded, rebuilt)
        assert [(item.problem, item.row, item.key) for item in found] == told


def test_an_account_is_not_told_whatever_column_it_stands_in() -> None:
    other = "BE88063954965641"
    found, _ = places(RECORD_PAYMENTS, payments(1, iban=other), payments(1))
    assert [(item.column, item.recorded, item.rebuilt) for item in found] == [("iban", None, None)]
    moved = payments(1).assign(file=IBAN, payee_id=f"x {IBAN}", creditor_name="Anne Fictive")
    found, _ = places(RECORD_PAYMENTS, moved, payments(1))
    assert IBAN not in str(found)
    assert "Anne" not in str(found)


def test_only_the_first_differences_are_told_and_the_rest_counted() -> None:
    found, more = places(RECORD_PAYMENTS, payments(*range(9)), payments(*range(1, 10)))
    assert (len(found), more) == (PLACES_MAX, 9 - PLACES_MAX)


def test_rows_without_a_key_are_told_by_their_number() -> None:
    row = {"payment_id": "P1", "field": "name", "before": "A", "after": "B"}
    one = TEXT_CHANGES.from_rows([row])
    two = TEXT_CHANGES.from_rows([{**row, "after": "C"}])
    ((place,), _) = places(TEXT_CHANGES, one, two)
    assert (place.row, place.key, place.column, place.recorded) == (2, "", "after", None)
