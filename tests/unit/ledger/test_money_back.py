"""Money that comes back, or is taken twice: what frees a payment, what only the bank can explain.

Each test stands for a fault seen: a credit that named our id was dropped, a batch booked back said
nothing, one debit told by two formats counted twice, ids in capitals were unknown.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from payroll.ledger.book import Ledger
from payroll.ledger.money_back import MoneyBack
from payroll.ledger.proof import problems
from payroll.ledger.states import State, file_states
from payroll.model.answers import AnswerFact, AnswerKind
from payroll.model.errors import PayrollError
from tests.ledger_samples import (
    OTHER,
    OURS,
    THEIRS,
    back,
    debit,
    held,
    release,
    states,
    status,
    tell,
)

THREE = [("S1a", 100, ()), ("S2a", 200, ()), ("S3a", 400, ())]


@pytest.fixture
def three(ledger: Ledger) -> Ledger:
    release(ledger, "R1", "M1", [*THREE])
    return ledger


def credit(payment: str = "", cents: int | None = 100, **more: object) -> AnswerFact:
    """Money in that the bank does not call a return."""
    fact = replace(back(payment, cents), what="credit", reasons=())
    return replace(fact, **more)  # type: ignore[arg-type]


def reversal(payment: str = "", cents: int | None = 100, **more: object) -> AnswerFact:
    """A debit that takes a credit back."""
    return replace(credit(payment, cents), what="reversal", **more)  # type: ignore[arg-type]


# --- nothing that names us is dropped ------------------------------------------------------------


def test_a_credit_with_our_id_is_a_return(three: Ledger) -> None:
    found = tell(three, credit("S1a"), kind="camt.053")
    assert (found.unmatched, found.freed) == ((), 1)
    assert states(three)["S1a"] is State.RETURNED
    assert held(three) == {"S2a", "S3a"}


def test_a_credit_that_is_announced_frees_nothing(three: Ledger) -> None:
    tell(three, credit("S1a", booked=False), kind="camt.054")
    assert states(three)["S1a"] is State.RETURNING
    assert held(three) == {"S1a", "S2a", "S3a"}


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (credit("S1a", 99), "amount"),
        (credit("S1a", None), "amount"),
        (back("S1a", None), "amount"),
        (credit("S1a", counterparty_iban=OTHER), "account"),
        (credit("S1a", account_iban=OTHER), "account"),
        (credit("", 700, level="entry", message_id="M1"), "unclear"),
        (credit("", 700, level="entry", block_id="M1-P"), "unclear"),
        (credit("", 100, block_id="M1-P"), "unclear"),
        (credit("M1-P", 700), "unclear"),
        (credit("", 100, counterparty_iban=THEIRS), "proposal"),
        (reversal("S1a", 99), "reversal"),
        (reversal("S1a", booked=False), "reversal"),
        (reversal("", 100, block_id="M1-P"), "reversal"),
        (replace(debit(100, "S1a"), what="other"), "unclear"),
        (replace(debit(100, "S1a"), what="cost"), "unclear"),
        (replace(debit(700, file="M1"), what="cost"), "unclear"),
    ],
)
def test_what_names_us_and_is_no_sure_return_is_listed(
    three: Ledger, fact: AnswerFact, why: str
) -> None:
    found = tell(three, fact, kind="camt.053")
    assert [item.why for item in found.unmatched] == [why]
    assert set(states(three).values()) == {State.RELEASED}
    assert held(three) == {"S1a", "S2a", "S3a"}


def test_costs_that_name_our_file_are_kept_and_move_nothing(three: Ledger) -> None:
    found = tell(three, replace(debit(12, file="M1"), what="cost"), kind="camt.053")
    assert (found.events, found.files, found.unmatched) == (1, ("M1",), ())
    assert set(states(three).values()) == {State.RELEASED}


@pytest.mark.parametrize("level", ["entry", "payment"])
def test_money_in_that_has_nothing_of_ours_is_none_of_our_business(
    three: Ledger, level: str
) -> None:
    others = [
        credit("", 100, level=level, counterparty_name="Mutualité Fictive"),
        credit("", 100, level=level, counterparty_iban=OTHER),
        credit("", 100, level=level, additional=("FACTURE 2022/77",)),
        credit("INV-77", 100, level=level),
        credit("", 100, level=level, transactions=2),
        credit("", 99, level=level),
        credit("", 101, level=level, counterparty_iban=THEIRS),
        credit("", 100, level=level, booked_on="2022-05-30"),
        credit("", 100, level=level, booked_on="2022-07-31", counterparty_iban=THEIRS),
        credit("", 100, level=level, counterparty_iban=THEIRS, account_iban=OTHER),
        reversal("", 100, level=level),
    ]
    found = tell(three, *others, kind="camt.053")
    assert (found.events, found.unmatched) == (0, ())


NAME = "Anne Fictive"


@pytest.mark.parametrize(
    "told",
    [
        {"counterparty_iban": THEIRS},
        {"counterparty_name": NAME},
        {"counterparty_name": "FICTIVE ANNE"},
        {"counterparty_name": "Fictive A."},
        {"counterparty_name": "ANNE FICT"},  # cut
        {"counterparty_name": "Banque Fictive", "additional": ("RETOUR VIREMENT ANNE FICTIVE",)},
        {"counterparty_iban": OTHER, "additional": ("retour : Anné Fictive, compte clôturé",)},
        {"additional": ("RET ANNE FICT", "IVE CPTE CLOTURE")},  # wrapped
        {"counterparty_iban": OTHER, "additional": ("Salaire 2022-05",)},
        {"additional": ("TRAITEMENT 05/2022",)},
        {"additional": ("TERUGSTORTING REKENING AFGESLOTEN",)},
        {"additional": ("REJ ET CPTE CLOTURE",)},
        {},
    ],
)
@pytest.mark.parametrize("level", ["entry", "payment"])
def test_a_credit_of_a_payments_amount_with_anything_of_ours_is_proposed(
    three: Ledger, told: dict[str, object], level: str
) -> None:
    found = tell(three, credit("", 100, level=level, **told), kind="camt.053")
    assert [item.why for item in found.unmatched] == ["proposal"]
    assert MoneyBack(three.connection).may_be(found.unmatched[0], silent=not told) == ("S1a",)
    assert set(states(three).values()) == {State.RELEASED}


@pytest.mark.parametrize("text", ["VIREMENT DU 20220531", "REF 12022-05", "2022-05-31", "062022"])
def test_a_day_is_not_the_month_that_was_paid(three: Ledger, text: str) -> None:
    assert tell(three, credit("", 100, additional=(text,)), kind="camt.053").unmatched == ()


def test_a_credit_that_names_an_invoice_of_ours_is_proposed(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ("2022/0815",)), ("S2a", 100, ("2022/0816",))])
    fact = credit("", 100, counterparty_name="Banque Fictive", additional=("fact. 2022 08", "16"))
    (item,) = tell(ledger, fact, kind="coda").unmatched
    assert MoneyBack(ledger.connection).may_be(item, silent=False) == ("S2a",)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"counterparty_name": "Banque Fictive"},
        {"additional": ("VIREMENT",)},
        {"transactions": 3},
    ],
)
def test_a_credit_of_a_whole_files_total_is_proposed(
    three: Ledger, told: dict[str, object]
) -> None:
    fact = credit("", 700, level="entry", **told)
    (item,) = tell(three, fact, kind="camt.053").unmatched
    assert item.why == "proposal"
    assert MoneyBack(three.connection).may_be(item, silent=False) == ("M1",)
    tell(three, status("RJCT", "S1a", file="M1"))  # the rest was debited, and came back
    (item,) = tell(three, replace(fact, amount_cents=600), kind="camt.053").unmatched
    assert MoneyBack(three.connection).may_be(item, silent=False) == ("M1",)


@pytest.mark.parametrize(
    "fact",
    [
        credit("S1a", 9_000),
        credit("", 9_000, counterparty_iban=THEIRS),
        credit("", 9_000, counterparty_name="FICTIVE, ANNE"),
        credit("", 9_000, level="entry", additional=("RETOUR FICTIVE ANNE MOINS FRAIS",)),
        replace(back("", 9_000), additional=("ANNE FICTIVE",)),
    ],
)
def test_what_comes_back_less_charges_is_proposed(ledger: Ledger, fact: AnswerFact) -> None:
    release(ledger, "R1", "M1", [("S1a", 10_000, ()), ("S2a", 40_000, ())])
    (item,) = tell(ledger, fact, kind="camt.053").unmatched
    assert MoneyBack(ledger.connection).may_be(item, silent=False) == ("S1a",)
    assert states(ledger)["S1a"] is State.RELEASED


LONG = "E-jaqdkhnnbpeeihgenaedmgphgaab"


@pytest.mark.parametrize(
    "told",
    [
        {"additional": (f"RETOUR {LONG}",)},
        {"additional": (f"retour:{LONG.upper()}/AC04",)},
        {"mentions": (LONG,)},
        {"bank_reference": LONG},
        {"additional": (f"retour {LONG[:12]} {LONG[12:]}",)},
        {"additional": (f"RETOUR{LONG[:20].upper()}", f"{LONG[20:].upper()}AC04")},
        {"mentions": (f"{LONG[:1]} {LONG[1:]}\n",)},
    ],
)
@pytest.mark.parametrize("what", ["credit", "return", "reversal", "cost"])
def test_an_id_in_the_text_alone_is_listed(
    ledger: Ledger, told: dict[str, object], what: str
) -> None:
    release(ledger, "R1", "M1", [(LONG, 100, ()), ("S2a", 50, ())])
    fact = replace(credit("NOT-OURS", 100), what=what, **told)  # type: ignore[arg-type]
    found = tell(ledger, fact, kind="coda")
    (item,) = found.unmatched
    assert item.why == "mentioned"
    assert item.ours == (LONG,)
    assert set(states(ledger).values()) == {State.RELEASED}


def test_a_debit_whose_text_alone_names_the_payment_is_that_payment(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [(LONG, 100, ()), ("S2a", 50, ())])
    fact = replace(debit(100, "NOT-OURS"), mentions=(LONG.upper(),))
    assert tell(ledger, fact, kind="camt.053").unmatched == ()
    assert states(ledger)[LONG] is State.EXECUTED


def test_a_batch_that_comes_back_is_explained_by_its_details(three: Ledger) -> None:
    whole = replace(back("", 300, level="entry", file="M1"), where="Ntry[9]")
    details = [replace(back(key, cents), entry="Ntry[9]") for key, cents, _ in THREE[:2]]
    found = tell(three, whole, *details, kind="camt.053")
    assert (found.unmatched, found.freed) == ((), 2)
    unknown = replace(back("ELSE", 400), entry="Ntry[9]")
    found = tell(three, replace(whole, amount_cents=600), unknown, details[0], kind="camt.054")
    assert [item.why for item in found.unmatched] == ["ambiguous", "unknown"]


# --- reversals -----------------------------------------------------------------------------------


def test_a_reversed_batch_is_returned_as_a_whole(three: Ledger) -> None:
    tell(three, debit(700, file="M1"), kind="camt.053")
    tell(three, back("", 700, level="entry", file="M1"), kind="camt.053")
    assert set(states(three).values()) == {State.RETURNED}
    assert held(three) == set()


def test_debited_twice_and_reversed_once_is_debited_once(ledger: Ledger) -> None:
    facts = (debit(700, reference="R1"), debit(700, reference="R2"), back("", 700, level="entry"))
    for number, order in enumerate(permutations(facts)):
        message_id = f"N{number}"
        items = [(f"{number}{key[1]}", cents, ()) for key, cents, _ in THREE]
        release(ledger, f"R-{message_id}", message_id, items)
        for fact in order:
            tell(ledger, replace(fact, message_id=message_id), kind="camt.053")
        (file,) = (item for item in file_states(ledger) if item.message_id == message_id)
        assert file.counts == {State.EXECUTED: 3}
    assert problems(ledger) == []


def test_debited_again_after_its_return_is_for_the_bank_to_explain(three: Ledger) -> None:
    tell(three, debit(700, file="M1"), kind="camt.053")
    tell(three, back("S1a", 100), kind="camt.053")
    tell(three, debit(100, "S1a", day="2022-06-03"), kind="camt.053")
    assert states(three)["S1a"] is State.CONTRADICTORY
    assert held(three) == {"S1a", "S2a", "S3a"}


def test_a_lone_reversal_executes_nothing_and_after_a_return_holds_it(three: Ledger) -> None:
    found = tell(three, reversal("S1a"), kind="camt.053")
    assert [item.why for item in found.unmatched] == ["reversal"]
    assert set(states(three).values()) == {State.RELEASED}
    tell(three, back("S1a", 100), kind="camt.053")
    assert states(three)["S1a"] is State.CONTRADICTORY
    assert held(three) == {"S1a", "S2a", "S3a"}
    assert problems(three) == []


# --- more than there was to pay ------------------------------------------------------------------

FORMATS: tuple[AnswerKind, ...] = ("camt.052", "camt.053", "camt.054", "coda")


@pytest.mark.parametrize("formats", [*permutations(FORMATS, 2)])
@pytest.mark.parametrize("days", [("2022-05-31", "2022-05-31"), ("2022-05-31", "2022-06-01")])
def test_one_debit_told_by_two_formats_is_one(
    three: Ledger, formats: tuple[AnswerKind, AnswerKind], days: tuple[str, str]
) -> None:
    for kind, day in zip(formats, days, strict=True):
        tell(three, debit(350, file="M1", reference=f"REF-{kind}", day=day), kind=kind)
    assert set(states(three).values()) == {State.ACCEPTED}


def test_two_debits_of_one_format_are_two(three: Ledger) -> None:
    for reference in ("R1", "R2"):
        tell(three, debit(350, file="M1", reference=reference), kind="camt.053")
    assert set(states(three).values()) == {State.EXECUTED}


@pytest.mark.parametrize(
    "debits", [((400, "R1"), (400, "R2")), ((700, "R1"), (700, "R2")), ((700, "R1"), (1, "R2"))]
)
def test_more_than_the_total_is_never_executed(
    three: Ledger, debits: tuple[tuple[int, str], ...]
) -> None:
    for cents, reference in debits:
        found = tell(three, debit(cents, file="M1", reference=reference), kind="camt.053")
    assert found.contradictory == 3
    assert set(states(three).values()) == {State.CONTRADICTORY}
    assert held(three) == {"S1a", "S2a", "S3a"}


# --- ids without case ----------------------------------------------------------------------------


def with_blanks(text: str) -> str:
    return f" {text[:1]}\n{text[1:]} "


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, with_blanks])
def test_ids_are_compared_without_case(three: Ledger, change: object) -> None:
    assert callable(change)
    assert tell(three, status("RJCT", change("S1a"), file=change("M1"))).freed == 1
    assert tell(three, debit(600, file=change("M1"), level="entry")).unmatched == ()
    block = status("RJCT", "", block=change("M1-P"), reasons=("AC04",))
    assert tell(three, block).files == ("M1",)


def test_ids_that_differ_in_case_alone_are_never_released(ledger: Ledger) -> None:
    release(ledger, "R1", "M1", [("S1a", 100, ())])
    for message, payment in (("M2", "s1A"), ("m1", "S9z")):
        with pytest.raises(PayrollError) as caught:
            release(ledger, "R2", message, [(payment, 200, ())], payee="other")
        assert caught.value.error_id == "payment_id_used"
    assert held(ledger) == {"S1a"}


# --- a reason without a status -------------------------------------------------------------------


@pytest.mark.parametrize("code", ["", "XXXX"])
def test_a_reason_without_a_known_status_is_told(three: Ledger, code: str) -> None:
    found = tell(three, status(code, "S1a", file="M1", reasons=("AC04",)))
    assert (found.unclear, found.freed) == (1, 0)
    found = tell(three, status(code, file="M1", reasons=("DT06",)))
    assert found.unclear == 1
    assert file_states(three)[0].own_reasons == ("DT06",)
    assert file_states(three)[0].reasons["AC04"] == 1


# --- accounts ------------------------------------------------------------------------------------


def test_every_statement_of_a_file_counts_for_its_own_account(three: Ledger) -> None:
    ours = replace(debit(700), account_iban=OURS)
    theirs = replace(debit(700, reference="R2"), account_iban=OTHER)
    found = tell(three, theirs, ours, kind="camt.053", account="")
    assert (found.events, found.unmatched) == (1, ())
    assert set(states(three).values()) == {State.EXECUTED}
