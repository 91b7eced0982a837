from __future__ import annotations

import pandas as pd

from payroll.views.movements import (
    CLASSES,
    STEPS,
    distribution,
    person_moves,
    site_moves,
    stream_moves,
)
from payroll.views.shown import Shown
from tests.record_samples import with_frames
from tests.unit.views.review_samples import CHANGE_ROWS, changes_frame, small


def with_changes(rows: list[tuple], law: dict[str, int] | None = None) -> Shown:
    return Shown(with_frames(small(), changes=changes_frame(rows, law)))


ROWS = [
    ("A", 100, 100, 900, 900, ""),  # unchanged
    ("B", 100, 120, 900, 950, ""),  # unexplained
    ("C", 0, 100, 0, 70, "reason_joiner"),
    ("D", 100, 40, 800, 300, "reason_leaver reason_law_change"),  # left within the month
    ("E", 100, 90, 800, 780, "reason_variable_dropped reason_law_change"),
    ("F", 100, 90, 800, 810, "reason_law_change"),
    ("G", 100, 90, 800, 700, "reason_fte_change reason_variable_dropped"),
    ("H", 100, 0, 500, 0, "reason_garnishment_recomputed"),  # nothing left to pay
    ("I", 100, 100, 500, 490, "reason_garnishment_recomputed"),
]


def test_a_change_goes_where_its_reasons_say_less_what_the_law_made_of_it() -> None:
    shown = with_changes(ROWS, {"D": 5, "E": 10, "F": 10})
    kinds = dict(zip(*(person_moves(shown)[name] for name in ("payee_id", "kind")), strict=True))
    assert kinds == {
        "A": "",
        "B": "unexplained",
        "C": "joined",
        "D": "left",
        "E": "not_repeated",
        "F": "other",
        "G": "adjusted",
        "H": "left",
        "I": "other",
    }
    salaries = stream_moves(shown)[0]
    assert dict(salaries.steps) == {
        "joined": 70,
        "left": -1000,
        "adjusted": -100,
        "law": 20,
        "index": 0,
        "not_repeated": -30,
        "other": -10,
        "unexplained": 50,
        "new": 0,
        "holiday_pay": 0,
    }
    assert salaries.before + sum(salaries.steps.values()) == salaries.after


def test_what_an_index_added_is_a_step_of_its_own() -> None:
    """Whatever else moved a person who stays; what a joiner or leaver brings is not parted."""
    frame = changes_frame(CHANGE_ROWS, None)
    plain, salaries = (
        stream_moves(Shown(with_frames(small(), changes=changes)))[0]
        for changes in (frame, frame.assign(index_cents=7))
    )
    kinds = person_moves(with_changes(CHANGE_ROWS))["kind"]
    staying = {step: int((kinds == step).sum()) for step in ("adjusted", "not_repeated", "other")}
    assert sum(staying.values()) > 1
    for step, people in staying.items():
        assert salaries.steps[step] == plain.steps[step] - 7 * people
    assert salaries.steps["index"] == 7 * sum(staying.values())
    assert sum(salaries.steps.values()) == sum(plain.steps.values())


def test_every_bridge_closes_and_the_total_is_their_sum() -> None:
    *streams, whole = stream_moves(with_changes(CHANGE_ROWS))
    for row in (*streams, whole):
        assert row.before + sum(row.steps.values()) == row.after
    for step in ("before", *STEPS, "after"):
        assert whole.amount(step) == sum(row.amount(step) for row in streams)


def test_who_joins_leaves_or_moves_unexplained_is_told_apart() -> None:
    rows = [
        *CHANGE_ROWS,
        ("J", 0, 100, 0, 77, "column_total"),  # joiner
        ("L", 100, 0, 66, 0, "column_total"),  # leaver
        ("N", 100, 110, 50, 50, ""),  # gross moved, net did not, nobody says why
    ]
    shown = with_changes(rows)
    salaries = stream_moves(shown)[0]
    assert salaries.before + sum(salaries.steps.values()) == salaries.after
    assert [salaries.steps[step] for step in ("joined", "left", "unexplained")] == [77, -66, 8_712]
    kinds = person_moves(shown)["kind"].tolist()
    assert (kinds.count(""), kinds.count("unexplained")) == (1, 2)


def test_without_a_list_of_staff_there_is_no_bridge_per_site() -> None:
    assert site_moves(Shown(small())) == ()


def test_every_person_stands_in_one_class_of_changes() -> None:
    deltas = [-50_001, -50_000, -100, -1, 0, 0, 1, 2_500, 50_001]
    people = pd.DataFrame(
        {"delta_cents": deltas, "kind": ["unexplained", *["other"] * (len(deltas) - 1)]}
    )
    counts = distribution(people)
    assert len(counts) == len(CLASSES) + 1
    assert sum(well + ill for _, well, ill in counts) == len(deltas)
    assert [(well, ill) for _, well, ill in counts] == [
        (1, 1),
        (0, 0),
        (0, 0),
        (0, 0),
        (2, 0),
        (2, 0),
        (2, 0),
        (0, 0),
        (0, 0),
        (0, 0),
        (1, 0),
    ]
