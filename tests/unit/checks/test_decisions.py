"""What recorded decisions do: one person, two people, never one's own adjustment, never by age."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payroll.checks.decisions import Deciders, bound_to_payments, judge
from payroll.checks.engine import apply_holds
from payroll.model.decisions import DECISIONS, Decision, entry_text, recorded
from payroll.model.errors import UsageError
from payroll.model.findings import Finding, RuledFinding, Severity, SubjectKind
from payroll.model.frames import PAYMENTS
from payroll.model.people import person_key
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder

CONTROLS = load_rulebook(load_rule_files(rules_folder())).controls
ONE = next(key for key, item in CONTROLS.items() if item.override == "one")
TWO = next(key for key, item in CONTROLS.items() if item.override == "two_people")
NEVER = next(key for key, item in CONTROLS.items() if item.override == "none")
TYPED = Deciders(
    people=(
        *("Zoé Modèle", "Noëlle Fictif", "Hervé Spécimen", "Luc Exemple", "Anne Fictive"),
        *(f"Personne {letter}" for letter in "ABC"),
    ),
    prepared_by="Anne Fictive",
    payees=pd.DataFrame({"payee_id": ["E1", "E7"], "name": ["Ida Personne", "Exemple Luc"]}),
    adjustments=pd.DataFrame(
        {"payee_id": ["E9"], "entered_by": ["Hervé Spécimen"], "source": ["adj.xlsx!A!R7"]}
    ),
)


def finding(rule: str = ONE, subject: str = "E1", **more: Any) -> RuledFinding:
    values = {"severity": Severity.HOLD, "subject_kind": SubjectKind.EMPLOYEE, **more}
    return RuledFinding(rule_id=rule, subject_id=subject, **values)


def decided(found: RuledFinding, by: str = "Zoé Modèle", action: str = "pay") -> Decision:
    return Decision.model_validate(
        {
            "finding": found.finding_id,
            "rule": found.rule_id,
            "subject": found.subject_id,
            "action": action,
            "by": by,
            "at": datetime(2022, 5, 23, 9),  # noqa: DTZ001
            "reason": "vu avec l'agent",
            "evidence": "note 12",
        }
    )


def test_one_person_clears_what_one_may() -> None:
    found = finding()
    verdicts = judge([found], [decided(found)], CONTROLS, TYPED)
    assert verdicts.released == {found.finding_id}
    assert verdicts.shown == {found.finding_id: "pay: Zoé Modèle 2022-05-23"}
    assert not verdicts.findings


def test_two_people_are_two_people() -> None:
    found = finding(TWO)
    for second in ("zoe  MODELE", "Zoé-Modèle"):
        verdicts = judge([found], [decided(found), decided(found, second)], CONTROLS, TYPED)
        assert not verdicts.released
        assert [item.rule_id for item in verdicts.findings] == ["DEC-003"]
        assert verdicts.shown[found.finding_id].startswith("pay 1/2: ")
    both = [decided(found), decided(found, "Noëlle Fictif")]
    assert judge([found], both, CONTROLS, TYPED).released == {found.finding_id}


@pytest.mark.parametrize(
    ("found", "by"),
    [
        (finding(NEVER), "Zoé Modèle"),
        (finding(subject="E9"), "herve specimen"),
        (finding(source="register.xlsx!R!R2; adj.xlsx!A!R7, IBAN"), "Hervé Spécimen"),
        (finding(), "Passant Inconnu"),
        (finding(), "Z. Modèle"),  # whoever decides gives their name in full
        (finding(), "Anne Fictive"),
        (finding(subject="E7"), "Luc Exemple"),
    ],
)
def test_who_may_not_decide(found: Finding, by: str) -> None:
    verdicts = judge([found], [decided(found, by)], CONTROLS, TYPED)
    assert not verdicts.released
    assert [item.rule_id for item in verdicts.findings] == ["DEC-002"]


def test_row_70_is_not_row_7() -> None:
    found = finding(source="adj.xlsx!A!R70, IBAN")
    assert judge([found], [decided(found, "Hervé Spécimen")], CONTROLS, TYPED).released


def test_a_changed_finding_voids_its_decision() -> None:
    before, now = finding(observed="100.00"), finding(observed="200.00")
    verdicts = judge([now], [decided(before)], CONTROLS, TYPED)
    assert not verdicts.released
    [lapsed] = verdicts.findings
    assert (lapsed.rule_id, lapsed.observed) == ("DEC-001", before.finding_id)


def test_hold_undoes_and_a_warning_can_be_made_to_hold() -> None:
    found = finding(severity=Severity.WARN)
    verdicts = judge([found], [decided(found, action="hold")], CONTROLS, TYPED)
    payments = PAYMENTS.from_rows(
        [
            {
                **dict.fromkeys(PAYMENTS.columns, ""),
                "payment_id": "P1",
                "stream": "salaries",
                "payee_id": "E1",
                "amount_cents": 1,
                "status": "pay",
                "legal_nature": "final",
            }
        ]
    )
    held = apply_holds(payments, [found], verdicts.released, verdicts.held)
    assert held["status"].tolist() == ["held"]
    assert held["hold_rules"].tolist() == [ONE]
    grave = finding()
    history = [decided(grave), decided(grave, "Noëlle Fictif", "hold")]
    assert judge([grave], history, CONTROLS, TYPED).held == {grave.finding_id}
    again = [*history, decided(grave, "Zoé Modèle")]
    assert judge([grave], again, CONTROLS, TYPED).released == {grave.finding_id}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["pay", "hold"])), max_size=8))
def test_never_released_by_fewer_people_than_asked(history: list[tuple[str, str]]) -> None:
    found = finding(TWO)
    decisions = [decided(found, f"Personne {name}", action) for name, action in history]
    verdicts = judge([found], decisions, CONTROLS, TYPED)
    since = history
    for place, (_, action) in enumerate(history):
        if action == "hold":
            since = history[place + 1 :]
    assert (found.finding_id in verdicts.released) == (len({name for name, _ in since}) >= 2)
    assert not verdicts.released & verdicts.held


@given(st.text(min_size=3, max_size=60), st.text(min_size=3, max_size=60))
def test_what_is_recorded_is_read_back(by: str, reason: str) -> None:
    found = finding()
    one = Decision.model_validate({**decided(found).model_dump(), "by": by, "reason": reason})
    content = (entry_text(decided(found)) + entry_text(one)).encode("utf-8", "surrogatepass")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in by + reason):
        return
    assert recorded({DECISIONS: content}) == (decided(found), one)


def test_a_file_mended_by_hand_is_judged_like_any_order() -> None:
    with pytest.raises(UsageError) as caught:
        recorded({DECISIONS: b'[[decision]]\nfinding = "x"\n'})
    assert caught.value.error_id == "order_invalid"
    assert recorded({}) == ()


def test_names_are_compared_as_people_write_them() -> None:
    assert person_key("  Zoé  MODÈLE ") == person_key("zoe modele") != person_key("Zoé Modele-B")


PAID = pd.DataFrame(
    {
        "payee_id": ["E1", "E1", "E2"],
        "stream": ["salaries", "bonuses", "salaries"],
        "iban": ["BE68539007547034", "BE68539007547034", "BE71096123456769"],
        "amount_cents": [250_000, 12_000, 90_000],
    }
)
ROWS = pd.DataFrame(
    {
        "adjustment_id": ["A1"],
        "payee_id": ["E1"],
        "kind": ["one_off_net"],
        "value": ["50.00"],
        "source": ["adj.xlsx!A!R7"],
    }
)


@pytest.mark.parametrize(
    ("column", "value"), [("iban", "BE71096123456769"), ("amount_cents", 250_001)]
)
def test_a_decision_lapses_when_what_it_pays_changed(column: str, value: object) -> None:
    found = finding(stream="salaries")
    (before,) = bound_to_payments([found], PAID, ROWS)
    paid = PAID.copy()
    paid.loc[0, column] = value
    (now,) = bound_to_payments([found], paid, ROWS)
    assert now.finding_id != before.finding_id
    verdicts = judge([now], [decided(before)], CONTROLS, TYPED)
    assert not verdicts.released
    assert [item.rule_id for item in verdicts.findings] == ["DEC-001"]


def test_what_a_decision_does_not_pay_leaves_it_alone() -> None:
    found = finding(stream="salaries")
    (before,) = bound_to_payments([found], PAID, ROWS)
    paid, rows = PAID.copy(), ROWS.assign(source="adj.xlsx!A!R9")
    paid.loc[1:, "amount_cents"] = 1  # another stream, another payee; and the row moved
    assert bound_to_payments([found], paid, rows)[0].finding_id == before.finding_id
    everywhere = finding()
    ids = {bound_to_payments([everywhere], frame, ROWS)[0].finding_id for frame in (PAID, paid)}
    assert len(ids) == 2


def test_an_adjustment_typed_anew_voids_what_was_decided() -> None:
    found = finding(stream="fees")
    ids = {
        bound_to_payments([found], PAID, rows)[0].finding_id
        for rows in (ROWS, ROWS.assign(value="5000.00"), ROWS.iloc[:0])
    }
    assert len(ids) == 3


def test_what_nobody_clears_keeps_its_id() -> None:
    told = finding(severity=Severity.WARN)
    assert bound_to_payments([told], PAID, ROWS) == [told]
