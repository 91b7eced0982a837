"""What the bank said and matched nothing: shown with what it may be, bound by two, or settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from payroll.ledger.approvals import listed_approver
from payroll.ledger.book import Event, Ledger
from payroll.ledger.by_hand import (
    MATCHED,
    Item,
    Returned,
    booked_by_hand,
    booked_return,
    failed_payments,
    items,
    may_return,
    missing_cents,
    payment_named,
    payments_of_file,
    same_approver,
    word_on,
    words_on,
)
from payroll.ledger.money_back import MoneyBack
from payroll.ledger.payment_keys import refresh_claims
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.release.workspace import employer_of, reading, writing
from payroll.store import now

_FOREIGN, _PROPOSAL = "unknown", "proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """What an answer of the bank says of nothing that we released, or not surely so.

    answer: the sha256 of the file that says so. name, account: of the other side. may_be: ids of
    the payments and files that it may give back. matched_by: who has bound it to one of them so
    far. is_ours: it names us, or may be ours. Of what was bound and came back less charges (why:
    short), amount_cents is what is missing.
    """

    id: str
    answer_id: str
    answer: str
    where: str
    why: str
    code: str
    what: str
    amount_cents: int | None
    booked_on: str
    name: str
    account: str
    may_be: tuple[str, ...]
    matched_by: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        """Whether it names one of our ids, answers a file, or may be a payment come back."""
        return self.why != _FOREIGN or bool(self.may_be) or self.what in ("", "status", "vop")


def loose_ends(ledger: Ledger, settled: frozenset[str]) -> tuple[Loose, ...]:
    """Everything set aside that nobody has bound or settled, and what is missing of what was bound:
    what may be ours first."""
    booked, money_back = booked_by_hand(ledger), MoneyBack(ledger.connection)
    words: dict[str, list[str]] = {}
    for event in ledger.events("kind = ?", MATCHED):
        words.setdefault(str(event.body.get("item")), []).append(str(event.body.get("by")))
    found = []
    for item in items(ledger):
        if item.id in settled:
            continue
        if item.id not in booked:
            may_be = money_back.may_be(item.told, silent=item.told.why == _PROPOSAL)
            people = tuple(words.get(item.id, ()))
            found.append(_loose(item, item.told.amount_cents, may_be=may_be, matched_by=people))
        elif missing := missing_cents(item, booked[item.id]):
            found.append(_loose(item, missing, why="short"))
    return tuple(sorted(found, key=lambda item: not item.is_ours))


def _loose(
    item: Item,
    amount_cents: int | None,
    *,
    why: str = "",
    may_be: tuple[str, ...] = (),
    matched_by: tuple[str, ...] = (),
) -> Loose:
    told = item.told
    return Loose(
        id=item.id,
        answer_id=item.answer_id,
        answer=item.answer,
        where=told.where,
        why=why or told.why,
        code=told.code,
        what=told.what,
        amount_cents=amount_cents,
        booked_on=told.booked_on,
        name=told.name,
        account=told.iban,
        may_be=may_be,
        matched_by=matched_by,
    )


def settled_ids(ledger: Ledger) -> frozenset[str]:
    """What somebody has looked into: ids of items and of runs never released."""
    return frozenset(str(event.body.get("what")) for event in ledger.events("kind = 'settled'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What binding an item came to. done: two people have said so. payments: end-to-end ids.
    missing_cents: how much less came back than was paid."""

    done: bool
    payments: tuple[str, ...]
    missing_cents: int


def match(workspace: Path, what: str, names: Sequence[str], by: str, reason: str) -> Binding:
    """Bind what came in to the payments that it gives back, once two people have said so.

    what: the id of an item (`U-...`); names: end-to-end ids, and ids or names of files, of which
    every payment that has not failed is meant; by: who may approve, by employer.toml. The second
    word books the return of each payment and frees it for a reissue. Charges that the bank kept
    stay listed until they are settled.
    Raises UsageError settle_who_and_why, approver_unknown, approver_twice, approver_without_key,
    settle_unknown, match_unknown; PayrollError match_differs, match_failed, match_repeated.
    """
    if len(reason.strip()) < 3:
        raise UsageError("settle_who_and_why")
    person = listed_approver(employer_of(workspace), by).name
    require_ledger(workspace)
    with writing(workspace) as ledger:
        gone = settled_ids(ledger) | booked_by_hand(ledger).keys()
        item = next((i for i in items(ledger) if i.id == what and what not in gone), None)
        if item is None:
            raise UsageError("settle_unknown", where=what)
        payments = _meant(ledger, names)
        words = _require_possible(ledger, item, payments, person)
        at = now().isoformat()
        with ledger.transaction():
            ledger.append(word_on(item, payments, at=at, by=person, reason=reason.strip()))
            if words:
                ledger.append(*(booked_return(item, payment, at=at) for payment in payments))
                refresh_claims(ledger, {payment.message_id for payment in payments})
    paid = sum(payment.amount_cents for payment in payments)
    return Binding(
        done=bool(words),
        payments=tuple(payment.end_to_end_id for payment in payments),
        missing_cents=paid - (item.told.amount_cents or 0),
    )


def _meant(ledger: Ledger, names: Sequence[str]) -> list[Returned]:
    """The payments of some ids, and of files all that have not failed, in order of their ids."""
    found: dict[str, Returned] = {}
    for name in names:
        payment = payment_named(ledger, name)
        meant = [payment] if payment is not None else payments_of_file(ledger, name)
        if meant is None:
            raise UsageError("match_unknown", where=name)
        found.update((item.end_to_end_id, item) for item in meant)
    return [found[key] for key in sorted(found)]


def _require_possible(
    ledger: Ledger, item: Item, payments: Sequence[Returned], person: str
) -> list[Event]:
    """The words that others said of it; raises PayrollError where it cannot be so."""
    files = {payment.message_id for payment in payments}
    failed = {key for message_id in files for key in failed_payments(ledger, message_id)}
    gone = sorted(failed.intersection(payment.end_to_end_id for payment in payments))
    if not may_return(item.told, payments):
        raise PayrollError("match_differs", where=item.id)
    if gone:
        raise PayrollError("match_failed", where=gone[0])
    words = words_on(ledger, item.id, payments)
    if any(same_approver(person, str(word.body.get("by"))) for word in words):
        raise PayrollError("match_repeated", where=item.id)
    return words


def settle(workspace: Path, what: str, by: str, reason: str) -> list[str]:
    """Note who has looked into what was matched to nothing, or gave up a run never released.

    what: the id of a loose fact (`U-...`) or a run id, as `payroll status` shows them. The ledger
    keeps both. Raises UsageError settle_unknown, settle_who_and_why, person_unlisted.
    """
    return _settle(workspace, by, reason, lambda known, _: [what] if what in known else [], what)


def settle_many(
    workspace: Path,
    by: str,
    reason: str,
    *,
    account: str = "",
    before: date | None = None,
    name: str = "",
) -> list[str]:
    """The same for everything that names nothing of ours and fits every filter given; the ids.

    account: of the other side; before: booked on an earlier day; name: a part of the other side's.
    Raises UsageError settle_unknown when nothing fits, settle_who_and_why, person_unlisted.
    """

    def chosen(_: frozenset[str], found: Sequence[Loose]) -> list[str]:
        return [
            item.id
            for item in found
            if not item.is_ours
            and account.replace(" ", "").upper() in ("", item.account)
            and (before is None or "" < item.booked_on < before.isoformat())
            and name.casefold() in item.name.casefold()
        ]

    return _settle(workspace, by, reason, chosen, "--account, --before, --name")


def _settle(
    workspace: Path,
    by: str,
    reason: str,
    chosen: Callable[[frozenset[str], Sequence[Loose]], list[str]],
    shown: str,
) -> list[str]:
    if len(by.strip()) < 3 or len(reason.strip()) < 3:
        raise UsageError("settle_who_and_why")
    person = employer_of(workspace).person(by)
    require_ledger(workspace)
    with writing(workspace) as ledger:
        found = loose_ends(ledger, settled_ids(ledger))
        known = frozenset(item.id for item in found) | waiting(ledger).keys()
        ids = chosen(known, found)
        if not ids:
            raise UsageError("settle_unknown", where=shown)
        at, told = now().isoformat(), {"by": person, "reason": reason.strip()}
        with ledger.transaction():
            ledger.append(
                *(Event(at=at, kind="settled", body={"what": key, **told}) for key in ids)
            )
    return ids


def waiting(ledger: Ledger) -> dict[str, int]:
    """Run id -> approvals, of runs not released yet that nobody has given up."""
    gone = {event.run_id for event in ledger.events("kind = 'released'")} | settled_ids(ledger)
    found = {event.run_id: 0 for event in ledger.events("kind = 'prepared'")}
    for event in ledger.events("kind = 'approved'"):
        if event.run_id in found:
            found[event.run_id] += 1
    return {run: count for run, count in found.items() if run not in gone}


def require_ledger(workspace: Path) -> None:
    """Raise DamagedInputError ledger_missing where nothing was ever approved."""
    with reading(workspace) as ledger:
        if ledger is None:
            raise DamagedInputError("ledger_missing", where="ledger.sqlite")
