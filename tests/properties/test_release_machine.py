"""Months are run, released, answered by the bank and paid again, in any order: never twice.

A model in plain sets says which keys may be paid; the ledger, the runs and the files must agree
after every step. By hand for hours: PAYROLL_MACHINE=<examples>x<steps>.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from payroll.bank_status.recognise import read_answer
from payroll.demo.staff import RegisterLine
from payroll.demo.vendors import Invoice
from payroll.ledger.answers import import_answer
from payroll.ledger.book import Ledger, open_ledger
from payroll.ledger.near_duplicates import Near
from payroll.ledger.payment_keys import refresh_claims
from payroll.ledger.states import State, file_states, payment_states
from payroll.model.decisions import recorded
from payroll.model.errors import PayrollError
from payroll.pipeline import build_run
from payroll.publish import sealed
from payroll.record.folder import record_files
from payroll.record.manifest import MANIFEST
from payroll.release import bank_loop as bank
from payroll.release.decide import DecisionContext, Wish, decide
from payroll.release.ledger_input import to_reissue, with_ledger
from payroll.release.loose_ends import match
from payroll.release.proven_run import prepare
from payroll.release.release import approve_run, release_run
from payroll.release.verify import RunProblem
from payroll.release.workspace import prove, reading
from payroll.rulebook.book import RuleBook
from payroll.rulebook.controls import Control
from payroll.store import RunFolder, load_payrun, write_run
from payroll.version import code_version
from tests.release_world import (
    APPROVERS,
    BEFORE,
    MONTHS,
    WHY,
    WORDS,
    Sent,
    World,
    debit,
    hospital,
    keys,
    known_keys,
    returned,
    rulebook,
    sent_file,
    statement,
    status_report,
)

Key = tuple[str, str, str, str]
NEVER = frozenset({"opened", "prepared", "approved", "released", "delivered", "uploaded"})
#: What the codes that the machine uses say of a payment, in the model's words.
SAYS = {"RJCT": "no", "CANC": "no", "ACSC": "debited", "ACCC": "debited"}


@cache
def few_rules() -> RuleBook:
    """The rules without the controls that have nothing to do with the ledger: faster by half."""
    kept = {key: item for key, item in rulebook().controls.items() if _of_the_ledger(item)}
    asked = [sum(not item.raised for item in some.values()) for some in (kept, rulebook().controls)]
    assert asked[0] < asked[1] / 3
    return replace(rulebook(), controls=kept)


def _of_the_ledger(control: Control) -> bool:
    named = control.id.startswith(("LED-", "IBAN-", "DUP-"))
    return named or control.raised or "declared" in control.params  # an order names those lists


@cache
def unchanging() -> str:
    """The program, which no step changes, digested once."""
    return code_version()


@dataclass
class Payment:
    """A released payment, as the files and the bank's words tell it."""

    file: Sent
    cents: int
    keys: frozenset[Key]
    said: set[str]


@dataclass
class Candidate:
    """A run folder: which keys its files would pay, and in whose place."""

    folder: Path
    keys: frozenset[Key]
    replaces: dict[Key, str]
    released: bool = False


class Release(RuleBasedStateMachine):
    """One workspace, from the first run of May to the answers on July."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = [
            mock.patch("tests.release_world.load_book", return_value=rulebook()),
            # what a run makes is remembered instead of made again: four times faster, and what
            # rebuilding finds is proved by tests/release/test_tampered_run.py
            mock.patch("payroll.release.proven_run.problems_rebuilt", self.unlike_made),
        ]
        self.made: dict[str, dict[str, bytes]] = {}
        for patch in self.patches:
            patch.start()
        self.folder = Path(tempfile.mkdtemp(prefix="release-"))
        self.world = World(self.folder, hospital())
        self.world.made.invoice(1, "W-1", 40_000, ("social",))
        self.month = 0
        self.candidates: list[Candidate] = []
        self.payments: dict[str, Payment] = {}
        self.files: dict[str, Sent] = {}
        self.of_file: dict[str, set[str]] = {}
        self.moves: dict[str, set[tuple[str, str, str, int]]] = {}
        self.answers: list[bytes] = []
        self.number = 200

    def teardown(self) -> None:
        for patch in self.patches:
            patch.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def unlike_made(self, stored: RunFolder, _announce: object, **_: object) -> list[RunProblem]:
        """As `problems_rebuilt`, by what this machine wrote."""
        made = self.made[stored.folder.name]
        found = {**stored.files, MANIFEST: (stored.folder / MANIFEST).read_bytes()}
        return [RunProblem(name, "not_rebuilt") for name in made if found.get(name) != made[name]]

    # --- the model ---------------------------------------------------------------------------

    def refused(self, key: str) -> bool:
        payment = self.payments[key]
        return "no" in payment.said | self.of_file[payment.file.message_id]

    def moved(self, message_id: str, kind: str) -> int:
        """Each amount as often as the format that tells most of it."""
        counts: dict[int, dict[str, int]] = {}
        for move, told_by, _, cents in self.moves[message_id]:
            if move == kind:
                of_format = counts.setdefault(cents, {})
                of_format[told_by] = of_format.get(told_by, 0) + 1
        return sum(cents * max(times.values()) for cents, times in counts.items())

    def on_the_account(self, file: Sent) -> str:
        """What the movements of a whole file come to."""
        debits, returns = (self.moved(file.message_id, kind) for kind in ("debit", "return"))
        rest = file.total - sum(
            item.cents for item in self.payments.values() if item.file == file and "no" in item.said
        )
        if returns >= debits:
            return "back" if returns else ""
        if returns:
            return "debited" if debits - returns in (rest, file.total) else "too much"
        if debits < rest:
            return ""
        return "debited" if debits == file.total else "" if debits == rest else "too much"

    def debited(self, key: str) -> bool:
        payment = self.payments[key]
        words = payment.said | self.of_file[payment.file.message_id]
        return "debited" in words or self.on_the_account(payment.file) == "debited"

    def is_back(self, key: str) -> bool:
        payment = self.payments[key]
        return "back" in payment.said or self.on_the_account(payment.file) == "back"

    def contradictory(self, key: str) -> bool:
        """Whether the bank's words exclude each other: only the bank knows."""
        payment = self.payments[key]
        if self.on_the_account(payment.file) == "too much":
            return True
        if self.is_back(key):
            return "reversed" in payment.said
        return "coming" not in payment.said and self.refused(key) and self.debited(key)

    def failed(self, key: str) -> bool:
        """Whether the bank's words leave no way in which the payee has, or will get, the money."""
        if self.contradictory(key):
            return False
        return self.is_back(key) or (
            "coming" not in self.payments[key].said and self.refused(key) and not self.debited(key)
        )

    def of_key(self, key: Key) -> list[str]:
        """Its payments in the order in which they were released."""
        return [name for name, item in self.payments.items() if key in item.keys]

    def state(self, key: Key) -> str:
        found = self.of_key(key)
        if not found:
            return "free"
        return "failed" if all(map(self.failed, found)) else "live"

    def due(self, month: str) -> dict[Key, str]:
        """Every key of a month, with its supplier when it is an invoice."""
        made = self.world.made
        found: dict[Key, str] = {("salaries", agent.number, month, ""): "" for agent in made.staff}
        found |= {("fees", doctor.number, BEFORE[month], ""): "" for doctor in made.practitioners}
        for item in made.invoices:
            numbers = [item.number, *(f"{office}:{item.number}" for office in item.works)]
            found |= {("invoices", item.supplier, "", number): item.supplier for number in numbers}
        return found

    def expected(self, month: str, *, reissue: bool) -> set[Key]:
        wanted = "failed" if reissue else "free"
        due = self.due(month)
        found = {key for key in due if self.state(key) == wanted}
        amounts = {
            (i.supplier, i.number): i.cents - sum(retained(i).values())
            for i in self.world.made.invoices
        }
        for supplier in {due[key] for key in found} - {""}:
            own = {key for key in found if due[key] == supplier and ":" not in key[3]}
            if sum(amounts[supplier, key[3]] for key in own) <= 0:
                found -= own
        return found

    # --- what people do ----------------------------------------------------------------------

    def build(self, month: str, *, reissue: bool) -> None:
        found = with_ledger(load_payrun(self.world.write(month)), few_rules())
        created = found.order.created_at
        assert created is not None
        if reissue:
            found = to_reissue(found, None, "Noëlle Fictif")
        output = build_run(found.request(few_rules(), created, unchanging()))
        assert not output.refused
        self.made[output.run_id] = sealed(output, record_files(output))
        folder, _ = write_run(found.folder / "runs", output.run_id, self.made[output.run_id])
        self.last = (found, output)
        known = known_keys(folder)
        claimed: dict[Key, str] = {
            (row.stream, row.payee_id, row.period, row.item): row.file
            for row in known.itertuples(index=False)
        }
        assert set(claimed) == self.expected(month, reissue=reissue)
        self.findings(output, month, reissue=reissue)
        sent = frozenset(key for key, file in claimed.items() if file)
        self.candidates.append(
            Candidate(
                folder,
                sent,
                {k: self.of_key(k)[-1] for k in sent if self.of_key(k)},
                released=any(item.folder == folder and item.released for item in self.candidates),
            )
        )

    def findings(self, output: object, month: str, *, reissue: bool) -> None:
        """Each person and invoice that is left out is told so, by state."""
        rows = output.findings  # type: ignore[attr-defined]
        told = set(zip(rows["rule_id"], rows["stream"], rows["subject_id"], strict=True))
        for key in self.due(month):
            stream, payee = key[:2]
            invoice, state = stream == "invoices", self.state(key)
            live, failed = ("LED-002", "LED-004") if invoice else ("LED-001", "LED-008")
            if reissue or not invoice:  # several invoices of a supplier: each state is told
                assert ((live, stream, payee) in told) == (state == "live" and not reissue)
                assert ((failed, stream, payee) in told) == (state == "failed" and not reissue)
            elif state != "free" and (":" not in key[3] or state == "failed"):
                assert ({"live": live, "failed": failed}[state], stream, payee) in told

    @initialize()
    def first(self) -> None:
        self.build(MONTHS[0], reissue=False)
        self.let_out(self.candidates[-1])

    @rule()
    def run(self) -> None:
        self.build(MONTHS[self.month], reissue=False)

    @precondition(lambda self: any(map(self.failed, self.payments)))
    @rule(back=st.booleans())
    def reissue(self, back: bool) -> None:
        self.build(MONTHS[max(0, self.month - back)], reissue=True)

    @precondition(lambda self: any(map(self.failed, self.payments)))
    @rule()
    def reissue_decide_release(self) -> None:
        self.build(MONTHS[self.month], reissue=True)
        if self.decided():
            self.build(MONTHS[self.month], reissue=True)
        self.let_out(self.candidates[-1])

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def refused_and_paid_again(self, data: st.DataObject) -> None:
        """The road that goes wrong most: one payment of a file, then all that failed."""
        file = self.file(data)
        key, _, _ = data.draw(st.sampled_from(file.payments))
        self.tell(status_report(file, payments={key: "RJCT"}, answer_id=self.named()))
        self.payments[key].said.add("no")
        if self.failed(key):
            self.reissue_decide_release()

    @precondition(lambda self: self.month < len(MONTHS) - 1 and self.payments)
    @rule()
    def next_month(self) -> None:
        self.month += 1
        self.build(MONTHS[self.month], reissue=False)

    @rule()
    def decide(self) -> None:
        self.decided()

    def decided(self) -> int:
        """Two people clear what two people may clear in the newest run."""
        found, output = self.last
        context = DecisionContext(
            named=str(found.folder),
            month=found.folder,
            run=output,
            taken=recorded(load_payrun(found.folder).inputs),
        )
        wishes = []
        for row in output.findings.to_dict("records"):
            if row["severity"] != "hold" or context.pays_nothing(row):  # type: ignore[arg-type]
                continue
            finding, level = row["finding_id"], few_rules().controls[row["rule_id"]].override
            people = {"one": APPROVERS[:1], "two_people": APPROVERS}.get(level, ())
            taken = {item.by for item in context.taken if item.finding == finding}
            wishes += [
                Wish(finding=finding, action="pay", by=name, **WHY)
                for name in people
                if name not in taken
            ]
        return len(decide(context, wishes))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.let_out(data.draw(st.sampled_from(self.candidates[-4:])))

    def let_out(self, run: Candidate) -> None:
        """Approve and release: allowed exactly when no key of it is live, and failed ones are."""
        live = [key for key in run.keys if self.state(key) == "live"]
        unasked = [
            key
            for key in run.keys
            if self.of_key(key) and run.replaces.get(key) != self.of_key(key)[-1]
        ]
        try:
            prepared = prepare(run.folder)
            for name, (private, _) in zip(APPROVERS, keys(), strict=True):
                with contextlib.suppress(PayrollError):
                    approve_run(prepared, name, private, WORDS)
            release_run(prepare(run.folder), "Zoé Modèle", Near(days=25))
        except PayrollError as error:
            allowed = (
                {"nothing_to_release"}
                if not run.keys
                else {"run_released"}
                if run.released
                else {"key_live"}
                if live
                else {"key_failed"}
                if unasked
                else set()
            )
            if error.error_id not in allowed:
                raise
            return
        assert run.keys
        assert not run.released
        assert not live
        assert not unasked
        for item in self.candidates:
            item.released |= item.folder == run.folder
        self.take_up(run)

    def take_up(self, run: Candidate) -> None:
        """Read the new files of the outbox with another reader."""
        known = known_keys(run.folder)
        for path in self.world.outbox():
            file = sent_file(path)
            if file.message_id in self.files:
                assert file == self.files[file.message_id]
                continue
            self.files[file.message_id] = file
            self.of_file[file.message_id] = set()
            self.moves[file.message_id] = set()
            for end_to_end_id, cents, _ in file.payments:
                assert end_to_end_id not in self.payments
                own = known[known["end_to_end_id"] == end_to_end_id]
                found = frozenset(
                    (r.stream, r.payee_id, r.period, r.item) for r in own.itertuples(index=False)
                )
                for key in found:
                    assert all(map(self.failed, self.of_key(key)))
                self.payments[end_to_end_id] = Payment(file, cents, found, set())

    @rule(at=st.integers(0, 4), cents=st.integers(-3, 40), more=st.booleans())
    def change(self, at: int, cents: int, more: bool) -> None:
        """An invoice, a credit note, another salary or fee, another account."""
        made = self.world.made
        if at < 2:
            self.number += 1
            works = ("social", "tax")[: cents % 3] if more and cents > 0 else ()
            made.invoice(at, f"B-{self.number}", (cents or 1) * 1_000 + self.number, works)
        elif at == 2:
            agent = made.staff[0]
            pay = agent.monthly_cents + 1_000
            made.staff[0] = replace(
                agent, monthly_cents=pay, components=(RegisterLine(code="1000", cents=pay),)
            )
        elif at == 3:
            doctor = made.practitioners[0]
            made.fees[doctor.number, BEFORE[MONTHS[self.month]]] = 400_000 + self.number
            self.number += 1
        elif more:
            made.suppliers[0].iban = made.register.iban()
        else:
            made.moved[made.staff[1].number] = made.register.iban()

    # --- what the bank says ------------------------------------------------------------------

    def tell(self, content: bytes) -> None:
        self.answers.append(content)
        found = self.world.answer(content)
        assert not found.already
        assert not found.unmatched

    def file(self, data: st.DataObject) -> Sent:
        return data.draw(st.sampled_from(sorted(self.files.values(), key=lambda f: f.message_id)))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def uploaded(self, data: st.DataObject) -> None:
        wanted = self.file(data).message_id
        with reading(self.folder) as ledger:
            (file,) = (item for item in file_states(ledger) if item.message_id == wanted)
        refused = {State.REJECTED, State.REISSUED, State.CONTRADICTORY}
        if refused.issuperset(file.counts) or wanted in bank.standing(self.folder).stopped:
            with pytest.raises(PayrollError) as error:
                bank.record_upload(self.folder, wanted, "Noëlle Fictif", "ISA-1")
            assert error.value.error_id == "upload_stop"
        else:
            bank.record_upload(self.folder, wanted, "Noëlle Fictif", "ISA-1")

    @precondition(lambda self: self.files)
    @rule(
        data=st.data(),
        code=st.sampled_from(["RJCT", "ACCP", "ACSC", "PDNG", "PART", "XXXX"]),
        block=st.booleans(),
        day=st.integers(1, 28),
    )
    def whole(self, data: st.DataObject, code: str, block: bool, day: int) -> None:
        file = self.file(data)
        said = {"block": code} if block else {"group": code}
        self.tell(status_report(file, answer_id=self.named(), created=when(day), **said))
        self.of_file[file.message_id].add(SAYS.get(code, code))

    @precondition(lambda self: self.files)
    @rule(
        data=st.data(),
        day=st.integers(1, 28),
        reason=st.sampled_from(["AC04", "AM04", "MS03"]),
        codes=st.lists(
            st.sampled_from(["RJCT", "RJCT", "CANC", "ACCP", "ACSC", "RVNM"]),
            min_size=1,
            max_size=3,
        ),
    )
    def single(self, data: st.DataObject, codes: list[str], day: int, reason: str) -> None:
        file = self.file(data)
        chosen = data.draw(st.permutations([key for key, _, _ in file.payments]))
        said = dict(zip(chosen, codes, strict=False))
        self.tell(
            status_report(
                file,
                group="PART",
                payments=said,
                reason=reason,
                answer_id=self.named(),
                created=when(day),
            )
        )
        for key, code in said.items():
            self.payments[key].said.add(SAYS.get(code, code))

    @precondition(lambda self: self.files)
    @rule(data=st.data(), rest=st.booleans(), kind=st.sampled_from(["053", "054"]))
    def debited_on_the_account(self, data: st.DataObject, rest: bool, kind: str) -> None:
        """The whole file, or what is left of it without the payments refused so far."""
        file = self.file(data)
        own = [key for key, _, _ in file.payments]
        left = sum(
            self.payments[k].cents for k in own if not rest or "no" not in self.payments[k].said
        )
        if not left:
            return
        entry = debit(file, left, reference=f"D{self.named()}")
        self.tell(statement(file.debtor, [entry], kind=kind, number=self.named()))
        self.moves[file.message_id].add(("debit", kind, entry.reference, left))

    @precondition(lambda self: self.files)
    @rule(data=st.data(), kind=st.sampled_from(["053", "054"]))
    def reversed_on_the_account(self, data: st.DataObject, kind: str) -> None:
        """The bank takes back the debit of a whole file."""
        file = self.file(data)
        entry = debit(file, file.total, reference=f"D{self.named()}", day="2022-06-01")
        entry = replace(entry, direction="CRDT", reversal=True)
        self.tell(statement(file.debtor, [entry], kind=kind, number=self.named()))
        self.moves[file.message_id].add(("return", kind, entry.reference, file.total))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def takes_a_return_back(self, data: st.DataObject) -> None:
        """A credit is reversed: no payment of ours, and listed; after a return nobody knows."""
        file = self.file(data)
        payment = data.draw(st.sampled_from(file.payments))
        entry = replace(returned(payment), direction="DBIT", family="ESCT", reversal=True)
        content = statement(file.debtor, [entry], number=self.named())
        self.answers.append(content)
        assert [item.why for item in self.world.answer(content).unmatched] == ["reversal"]
        self.payments[payment[0]].said.add("reversed")

    @precondition(lambda self: self.files)
    @rule(data=st.data(), people=st.integers(1, 2))
    def comes_back_without_an_id(self, data: st.DataObject, people: int) -> None:
        """Nothing moves until two people have bound it to the payment."""
        file = self.file(data)
        key, cents, _ = data.draw(st.sampled_from(file.payments))
        content = statement(
            file.debtor, [returned(("NOTPROVIDED", cents, ""))], number=self.named()
        )
        self.answers.append(content)
        assert len(self.world.answer(content).unmatched) == 1
        number = f"S{self.named()[:1]}{len(self.answers) - 1}"
        (item,) = (i for i in bank.standing(self.folder).unmatched if i.answer_id == number)
        if self.failed(key):
            with pytest.raises(PayrollError) as error:
                match(self.folder, item.id, [key], APPROVERS[0], "extrait")
            assert error.value.error_id == "match_failed"
            return
        done = [
            match(self.folder, item.id, [key.upper()], name, "extrait").done
            for name in APPROVERS[:people]
        ]
        assert done == [False, True][:people]
        if all(done[1:]) and people == 2:
            self.payments[key].said.add("back")

    @precondition(lambda self: self.files)
    @rule(data=st.data(), booked=st.booleans())
    def comes_back(self, data: st.DataObject, booked: bool) -> None:
        file = self.file(data)
        payment = data.draw(st.sampled_from(file.payments))
        self.tell(statement(file.debtor, [returned(payment, booked=booked)], number=self.named()))
        self.payments[payment[0]].said.add("back" if booked else "coming")

    @precondition(lambda self: self.files)
    @rule(data=st.data(), what=st.integers(0, 2))
    def nonsense(self, data: st.DataObject, what: int) -> None:
        """An id that nobody knows, another amount, another file: set aside, nothing moves."""
        file = self.file(data)
        key, cents, _ = data.draw(st.sampled_from(file.payments))
        if what == 0:
            content = status_report(
                replace(file, message_id="NOT-OURS"), group="RJCT", answer_id=self.named()
            )
        elif what == 1:
            content = status_report(file, payments={"E-NOT-OURS": "RJCT"}, answer_id=self.named())
        else:
            entry = returned((key, cents + 1, ""))
            content = statement(file.debtor, [entry], number=self.named())
        self.answers.append(content)
        assert len(self.world.answer(content).unmatched) == 1

    def named(self) -> str:
        return f"A{len(self.answers)}"

    @precondition(lambda self: self.answers)
    @rule()
    def every_answer_again(self) -> None:
        with ledger_of(self.folder) as ledger:
            before = ledger.head()
        for content in self.answers[-12:]:
            assert self.world.answer(content).already
        with ledger_of(self.folder) as ledger:
            assert ledger.head() == before

    @precondition(lambda self: self.answers)
    @rule(chance=st.randoms(use_true_random=False))
    def no_order_matters(self, chance: random.Random) -> None:
        """The same answers shuffled into a ledger that has heard none of them."""
        shuffled = [*self.answers]
        chance.shuffle(shuffled)
        copy = self.folder / "copy.sqlite"
        shutil.copyfile(self.folder / "ledger.sqlite", copy)
        with open_ledger(copy) as other, ledger_of(self.folder) as ledger:
            forget_answers(other)
            for content in shuffled:
                import_answer(
                    other,
                    read_answer("a.xml", content),
                    meaning=rulebook().meaning,
                    silence=lambda _profile: "nothing",
                    at="2022-07-01T10:00:00",
                )
            assert standing(other) == standing(ledger)
        copy.unlink()

    # --- after every step --------------------------------------------------------------------

    @invariant()
    def the_ledger_is_intact(self) -> None:
        if (self.folder / "ledger.sqlite").exists():
            assert prove(self.folder)[0] == []

    @invariant()
    def the_ledger_says_what_the_files_and_the_bank_say(self) -> None:
        if not self.files:
            return
        with ledger_of(self.folder) as ledger:
            found = {item.message_id: item for item in file_states(ledger)}
            assert {sent_file(path).message_id for path in self.world.outbox()} == found.keys()
            for message_id, file in self.files.items():
                state = found[message_id]
                assert (state.transactions, state.total_cents) == (len(file.payments), file.total)
                assert sum(state.counts.values()) == len(file.payments)
                assert sum(state.cents.values()) == file.total
                failed = [p for p in file.payments if self.failed(p[0])]
                words = ("rejected", "returned", "reissued")
                assert sum(state.cents.get(w, 0) for w in words) == sum(p[1] for p in failed)
                for item in payment_states(ledger, message_id):
                    assert (item.state in words) == self.failed(item.end_to_end_id)
                    unclear = self.contradictory(item.end_to_end_id)
                    assert (item.state == "contradictory") == unclear
                    if item.state == "reissued":
                        keys_of = self.payments[item.end_to_end_id].keys
                        assert all(self.of_key(k)[-1] != item.end_to_end_id for k in keys_of)

    @invariant()
    def one_live_claim_for_a_live_key_and_none_for_a_failed_one(self) -> None:
        if not self.files:
            return
        with ledger_of(self.folder) as ledger:
            rows = ledger.connection.execute(
                "SELECT stream, payee_id, period, item, freed FROM claim"
            ).fetchall()
        live = [row[:4] for row in rows if not row[4]]
        assert len(live) == len(set(live))
        known = {key for item in self.payments.values() for key in item.keys}
        assert {row[:4] for row in rows} == known
        assert set(live) == {key for key in known if self.state(key) == "live"}


def retained(item: Invoice) -> dict[str, int]:
    """What is retained for each office: 35 % and 15 % of the amount without VAT, half-up."""
    rates = {"social": 35, "tax": 15}
    return {office: (item.excluded * rates[office] + 50) // 100 for office in item.works}


def when(day: int) -> str:
    return f"2022-06-{day:02d}T10:00:00"


@contextlib.contextmanager
def ledger_of(folder: Path) -> Iterator[Ledger]:
    with reading(folder) as ledger:
        assert ledger is not None
        yield ledger


def forget_answers(ledger: Ledger) -> None:
    """The ledger as if no answer had come: keys are held by the newest payment of each, but for
    what people's own words freed.
    """
    connection: sqlite3.Connection = ledger.connection
    marks = ",".join("?" * len(NEVER))
    by_hand = "json_extract(body, '$.item') IS NOT NULL"  # people's words stay
    connection.execute(
        f"DELETE FROM event WHERE kind NOT IN ({marks}) AND NOT ({by_hand})",  # noqa: S608
        sorted(NEVER),
    )
    again = {
        old: None
        for (olds,) in connection.execute("SELECT replaces FROM payment")
        for old in olds.split()
    }
    rows = connection.execute("SELECT DISTINCT end_to_end_id FROM claim").fetchall()
    for (key,) in rows:
        if key not in again:
            connection.execute(
                "UPDATE OR IGNORE claim SET freed = '' WHERE end_to_end_id = ?", (key,)
            )
    with ledger.transaction():
        refresh_claims(ledger, {file.message_id for file in file_states(ledger)})


def standing(ledger: Ledger) -> tuple[object, ...]:
    files = file_states(ledger)
    claims = ledger.connection.execute(
        "SELECT DISTINCT stream, payee_id, period, item FROM claim WHERE freed = ''"
    ).fetchall()
    states = [payment_states(ledger, item.message_id) for item in files]
    return files, states, sorted(claims)


_ASKED = os.environ.get("PAYROLL_MACHINE", "")
_EXAMPLES, _STEPS = map(int, _ASKED.split("x")) if _ASKED else (12, 25)
TestRelease = Release.TestCase
TestRelease.settings = settings(
    max_examples=_EXAMPLES,
    stateful_step_count=_STEPS,
    deadline=None,
    derandomize=not _ASKED,
    suppress_health_check=list(HealthCheck),
)
