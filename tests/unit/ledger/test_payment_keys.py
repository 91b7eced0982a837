"""Never twice: a key is claimed again only in the place of the payment that failed last."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from payroll.ledger.book import Ledger
from payroll.ledger.extract import extract
from payroll.ledger.near_duplicates import Near, near_duplicates
from payroll.ledger.proof import problems
from payroll.ledger.states import State, file_states
from payroll.model.errors import PayrollError
from payroll.rebuild.payment_keys import has_failed
from tests.ledger_samples import OTHER, THEIRS, back, debit, held, release, states, status, tell

NEAR = Near(days=25)
F1, F2, F3 = ("F1",), ("F2",), ("F3",)


def known(ledger: Ledger, **periods: str) -> dict[str, tuple[str, str]]:
    """By payee or invoice: the state and the payment that a run is told of."""
    asked = {stream: (period,) for stream, period in (periods or {"salaries": "2022-05"}).items()}
    rows = extract(ledger, asked, date(2022, 5, 31))
    return {
        (row.item or row.payee_id): (row.state, row.end_to_end_id)
        for row in rows.itertuples(index=False)
    }


def refused(ledger: Ledger, *arguments: object, **named: object) -> str:
    before = ledger.head()
    with pytest.raises(PayrollError) as caught:
        release(ledger, *arguments, **named)  # type: ignore[arg-type]
    assert ledger.head() == before
    assert problems(ledger) == []
    return caught.value.error_id


def test_a_live_key_is_never_claimed_again(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    assert refused(ledger, "R2", "M2", [("S1b", 100, ())]) == "key_live"
    assert refused(ledger, "R1", "M3", [("S2a", 100, ())]) == "run_released"


def test_a_failed_key_is_claimed_only_when_asked(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    tell(ledger, status("RJCT", "S1a"))
    assert refused(ledger, "R2", "M2", [("S1b", 100, ())]) == "key_failed"
    assert refused(ledger, "R2", "M2", [("S1b", 100, ())], replaces={"S1b": "X"}) == "key_failed"
    release(ledger, "R2", "M2", [("S1b", 100, ())], replaces={"S1b": "S1a"})
    assert states(ledger) == {"S1a": "reissued", "S1b": "released"}
    assert known(ledger) == {"E-S1": ("live", "S1b")}


def test_what_fails_again_is_paid_again(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    tell(ledger, status("RJCT", "S1a"))
    release(ledger, "R2", "M2", [("S1b", 100, ())], replaces={"S1b": "S1a"})
    tell(ledger, debit(100, file="M2"), back("S1b", 100), kind="camt.053")
    assert known(ledger) == {"E-S1": ("failed", "S1b")}
    # a run that was prepared before the second failure knows only of the first
    assert refused(ledger, "R3", "M3", [("S1c", 9, ())], replaces={"S1c": "S1a"}) == "key_failed"
    release(ledger, "R3", "M3", [("S1c", 100, ())], replaces={"S1c": "S1b"})
    assert states(ledger) == {"S1a": "reissued", "S1b": "reissued", "S1c": "released"}
    assert problems(ledger) == []


def test_refused_then_executed_is_not_paid_again(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ()), ("S2a", 200, ())])
    assert tell(ledger, status("RJCT", "S1a")).freed == 1
    assert known(ledger)["E-S1"] == ("failed", "S1a")
    tell(ledger, debit(100, "S1a"), kind="camt.053")
    assert states(ledger)["S1a"] is State.CONTRADICTORY
    assert known(ledger)["E-S1"] == ("live", "S1a")
    # the run to pay it again was ready before the statement came
    assert refused(ledger, "R2", "M2", [("S1b", 1, ())], replaces={"S1b": "S1a"}) == "key_live"


def test_executed_then_refused_is_not_paid_again(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ()), ("S2a", 200, ())])
    tell(ledger, debit(100, "S1a"), kind="camt.053")
    assert tell(ledger, status("RJCT", "S1a")).freed == 0
    assert states(ledger)["S1a"] is State.CONTRADICTORY
    assert known(ledger)["E-S1"] == ("live", "S1a")
    assert problems(ledger) == []


def test_an_executed_payment_takes_its_key_back_when_its_successor_fails(ledger: Ledger) -> None:
    """Paid again after a refusal, then executed after all: the second failure frees nothing."""
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    tell(ledger, status("RJCT", "S1a"))
    release(ledger, "R2", "M2", [("S1b", 100, ())], replaces={"S1b": "S1a"})
    tell(ledger, debit(100, "S1a"), kind="camt.053")
    assert held(ledger) == {"S1b"}
    assert problems(ledger) == []
    tell(ledger, status("RJCT", "S1b"))
    assert held(ledger) == {"S1a"}
    assert known(ledger) == {"E-S1": ("live", "S1a")}
    assert problems(ledger) == []
    assert refused(ledger, "R3", "M3", [("S1c", 9, ())], replaces={"S1c": "S1b"}) == "key_live"
    release(ledger, "R3", "M3", [("S9a", 9, ())])  # the others are paid as ever
    tell(ledger, back("S1a", 100), kind="camt.053")
    assert known(ledger)["E-S1"] == ("failed", "S1b")
    assert problems(ledger) == []


@pytest.mark.parametrize("first", [F1, F2])
def test_a_group_of_invoices_is_paid_again_in_parts(ledger: Ledger, first: tuple[str]) -> None:
    (second,) = {F1, F2} - {first}
    release(ledger, "R1", "M1", [("G", 300, ("F1", "F2"))])
    tell(ledger, status("RJCT", "G"))
    release(ledger, "R2", "M2", [("H", 100, first)], replaces={"H": "G"})
    assert states(ledger)["G"] is State.REJECTED  # one of its invoices still waits
    assert known(ledger) == {first[0]: ("live", "H"), second[0]: ("failed", "G")}
    assert refused(ledger, "R3", "M3", [("I", 200, second)]) == "key_failed"
    release(ledger, "R3", "M3", [("I", 200, second)], replaces={"I": "G"})
    assert states(ledger) == {"G": "reissued", "H": "released", "I": "released"}
    tell(ledger, status("RJCT", "H"))
    assert known(ledger) == {first[0]: ("failed", "H"), second[0]: ("live", "I")}
    assert problems(ledger) == []


def test_two_failed_payments_are_paid_again_as_one(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("G", 100, F1), ("H", 200, F2)])
    tell(ledger, status("RJCT", file="M1"))
    assert refused(ledger, "R2", "M2", [("I", 300, F1 + F2)], replaces={"I": "G"}) == "key_failed"
    release(ledger, "R2", "M2", [("I", 300, F1 + F2)], replaces={"I": "G H"})
    assert states(ledger) == {"G": "reissued", "H": "reissued", "I": "released"}


def paid(ledger: Ledger, name: str, day: str, payee: str = "E1", iban: str = THEIRS) -> None:
    """A salary of the month of its pay day."""
    release(ledger, f"R{name}", f"M{name}", [(name, 100, ())], day=day, payee=payee, iban=iban)
    ledger.connection.execute(
        "UPDATE claim SET period = ? WHERE end_to_end_id = ?", (day[:7], name)
    )


def told_of(ledger: Ledger, month: str = "2022-05") -> set[tuple[str, str]]:
    rows = extract(ledger, {"salaries": (month,)}, date(2022, 5, 31))
    return set(zip(rows["end_to_end_id"], rows["state"], strict=True))


def test_a_run_is_told_of_every_invoice_of_present_months_and_of_the_last_of_each_payee(
    ledger: Ledger,
) -> None:
    release(ledger, "R2", "M2", [("G", 100, F1)], day="2021-01-29")
    paid(ledger, "Sa", "2021-01-29")
    paid(ledger, "Sb", "2021-02-26")
    assert told_of(ledger) == {("G", "live"), ("Sb", "live")}  # the last one, of whatever age
    assert told_of(ledger, "2021-01") == {("G", "live"), ("Sa", "live"), ("Sb", "live")}
    paid(ledger, "Sc", "2022-03-31")
    paid(ledger, "Sd", "2022-04-29")
    assert told_of(ledger) == {("G", "live"), ("Sc", "live"), ("Sd", "live")}


def test_what_failed_is_told_at_any_age_until_it_is_paid_again(ledger: Ledger) -> None:
    paid(ledger, "S1a", "2021-01-29", iban=OTHER)
    tell(ledger, status("RJCT", "S1a", file="MS1a"))
    paid(ledger, "S1b", "2022-04-29")
    assert told_of(ledger) == {("S1a", "failed"), ("S1b", "live")}
    rows = extract(ledger, {"salaries": ("2022-05",)}, date(2022, 5, 31)).set_index("end_to_end_id")
    assert rows.at["S1a", "iban"] == OTHER
    assert not has_failed(rows, {"salaries": ("2022-05",)})
    assert has_failed(rows, {"salaries": ("2021-01",)})


def test_the_last_of_each_stream_is_told(ledger: Ledger) -> None:
    paid(ledger, "S1", "2021-01-29")
    paid(ledger, "S2", "2021-03-31", payee="E2")
    release(ledger, "RF", "MF", [("F", 100, ())], day="2021-06-30", payee="E1", stream="fees")
    assert told_of(ledger) == {("S1", "live"), ("S2", "live"), ("F", "live")}


def test_the_reason_and_who_mends_it_go_with_a_failure(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ()), ("S2a", 200, ())])
    tell(ledger, status("RJCT", "S1a", reasons=("AC04",)))
    rows = extract(
        ledger, {"salaries": ("2022-05",)}, date(2022, 5, 31), mended_by=lambda code: f"by {code}"
    )
    found = rows.set_index("payee_id")[["state", "code", "mended_by"]]
    expected = pd.DataFrame(
        [["failed", "AC04", "by AC04"], ["live", "", ""]],
        index=["E-S1", "E-S2"],
        columns=["state", "code", "mended_by"],
    )
    assert found.to_dict() == expected.to_dict()


# --- much like another ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "payee", "day", "near"),
    [
        ("salaries", "E1", "2022-06-20", False),  # the same person's next month
        ("salaries", "E2", "2022-06-20", True),  # another person, the same account
        ("fees", "E1", "2022-06-20", True),  # the same person in another stream
        ("invoices", "E1", "2022-06-20", True),
        ("salaries", "E2", "2022-07-20", False),  # too long after
    ],
)
def test_like_a_salary(ledger: Ledger, stream: str, payee: str, day: str, *, near: bool) -> None:
    release(ledger, "R1", "M1", [("a", 100, ())], payee="E1", stream="salaries")
    if (stream, payee) == ("salaries", "E1"):
        ledger.connection.execute("UPDATE claim SET period = '2022-04'")
    numbers = F2 if stream == "invoices" else ()
    release(ledger, "R2", "M2", [("b", 100, numbers)], payee=payee, stream=stream, day=day)
    found = near_duplicates(ledger, "R2", NEAR)
    assert found == ([(stream, payee, 100, "R1")] if near else [])


def test_like_an_invoice_of_the_same_supplier_but_not_what_is_paid_again(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("a", 100, F1)])
    release(ledger, "R2", "M2", [("b", 100, F2)])
    assert near_duplicates(ledger, "R2", NEAR) == [("invoices", "S1", 100, "R1")]
    release(ledger, "R3", "M3", [("c", 130, F3)])
    release(ledger, "R4", "M4", [("d", 100, ("Z-77",))], iban=OTHER)
    assert near_duplicates(ledger, "R3", NEAR) == near_duplicates(ledger, "R4", NEAR) == []
    for alike in (Near(days=0), Near(days=25, official=(THEIRS,))):  # F1 and F2, whenever, by S1
        assert near_duplicates(ledger, "R2", alike) == [("invoices", "S1", 100, "R1")]
    release(ledger, "R6", "M6", [("f", 100, ("Y-55",))])
    assert near_duplicates(ledger, "R6", NEAR) == [
        ("invoices", "S1", 100, "R1"),
        ("invoices", "S1", 100, "R2"),
    ]
    assert near_duplicates(ledger, "R6", Near(days=25, minimum_cents=101)) == []
    assert near_duplicates(ledger, "R6", Near(days=25, official=(THEIRS,))) == []
    tell(ledger, status("RJCT", "c"))
    release(ledger, "R5", "M5", [("e", 130, F3)], replaces={"e": "c"})
    assert near_duplicates(ledger, "R5", NEAR) == []


def test_the_states_of_files_add_up(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("G", 300, F1 + F2), ("H", 50, F3)])
    tell(ledger, status("RJCT", "G"), status("ACCP", file="M1"))
    (file,) = file_states(ledger)
    assert file.counts == {State.REJECTED: 1, State.ACCEPTED: 1}
    assert file.cents == {State.REJECTED: 300, State.ACCEPTED: 50}
