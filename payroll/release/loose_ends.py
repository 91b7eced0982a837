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
    booked_return,
    bound,
    items,
    may_return,
    payment_named,
    proposals,
    same_approver,
    words_on,
)
from payroll.ledger.payment_keys import refresh_claims
from payroll.ledger.states import FREE, payment_states
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.release.workspace import employer_of, reading, writing
from payroll.store import now

_FOREIGN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """What an answer of the bank says of nothing that we released, or not surely so.

    name, account: of the other side. may_be: end-to-end ids of payments that it may give back.
    matched_by: who has bound it to one of them so far. is_ours: it names us, or may be ours.
    """

    id: str
    answer_id: str
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
    """Everything set aside that nobody has bound or settled: what may be ours first."""
    gone = settled | bound(ledger)
    words: dict[str, list[str]] = {}
    for event in ledger.events("kind = ?", MATCHED):
        words.setdefault(str(event.body.get("item")), []).append(str(event.body.get("by")))
    left = (item for item in items(ledger) if item.id not in gone)
    found = [_loose(ledger, item, tuple(words.get(item.id, ()))) for item in left]
    return tuple(sorted(found, key=lambda item: not item.is_ours))


def _loose(ledger: Ledger, item: Item, matched_by: tuple[str, ...]) -> Loose:
    told = item.told
    return Loose(
        id=item.id,
        answer_id=item.answer_id,
        where=told.where,
        why=told.why,
        code=told.code,
        what=told.what,
        amount_cents=told.amount_cents,
        booked_on=told.booked_on,
        name=told.name,
        account=told.iban,
        may_be=tuple(payment.end_to_end_id for payment in proposals(ledger, told)),
        matched_by=matched_by,
    )


def settled_ids(ledger: Ledger) -> frozenset[str]:
    """What somebody has looked into: ids of items and of runs never released."""
    return frozenset(str(event.body.get("what")) for event in ledger.events("kind = 'settled'"))


def match(workspace: Path, what: str, payment: str, by: str, reason: str) -> bool:
    """Bind what came in to the payment that it gives back; True once two people have said so.

    what: the id of an item (`U-...`); payment: an end-to-end id; by: who may approve, by
    employer.toml. The second word books the return and frees the payment for a reissue.
    Raises UsageError settle_who_and_why, approver_unknown, approver_twice, approver_without_key,
    settle_unknown, match_unknown; PayrollError match_differs, match_failed, match_repeated.
    """
    if len(reason.strip()) < 3:
        raise UsageError("settle_who_and_why")
    person = listed_approver(employer_of(workspace), by).name
    require_ledger(workspace)
    with writing(workspace) as ledger:
        gone = settled_ids(ledger) | bound(ledger)
        item = next((i for i in items(ledger) if i.id == what and what not in gone), None)
        if item is None:
            raise UsageError("settle_unknown", where=what)
        found = payment_named(ledger, payment)
        if found is None:
            raise UsageError("match_unknown", where=payment)
        words = _require_possible(ledger, item, found, person)
        at = now().isoformat()
        word = Event(
            at=at,
            kind=MATCHED,
            message_id=found.message_id,
            end_to_end_id=found.end_to_end_id,
            body={"item": item.id, "by": person, "reason": reason.strip()},
        )
        with ledger.transaction():
            ledger.append(word)
            if words:
                ledger.append(booked_return(item, found, at=at))
                refresh_claims(ledger, [found.message_id])
    return bool(words)


def _require_possible(ledger: Ledger, item: Item, payment: Returned, person: str) -> list[Event]:
    """The words that others said of it; raises PayrollError where it cannot be so."""
    if not may_return(item.told, payment):
        raise PayrollError("match_differs", where=item.id)
    states = payment_states(ledger, payment.message_id)
    if any(s.end_to_end_id == payment.end_to_end_id and s.state in FREE for s in states):
        raise PayrollError("match_failed", where=payment.end_to_end_id)
    words = words_on(ledger, item.id, payment.end_to_end_id)
    if any(same_approver(person, str(word.body.get("by"))) for word in words):
        raise PayrollError("match_repeated", where=item.id)
    return words


def settle(workspace: Path, what: str, by: str, reason: str) -> list[str]:
    """Note who has looked into what was matched to nothing, or gave up a run never released.

    what: the id of a loose fact (`U-...`) or a run id, as `payroll status` shows them. The ledger
    keeps both. Raises UsageError settle_unknown, settle_who_and_why.
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
    Raises UsageError settle_unknown when nothing fits, settle_who_and_why.
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
    require_ledger(workspace)
    with writing(workspace) as ledger:
        found = loose_ends(ledger, settled_ids(ledger))
        known = frozenset(item.id for item in found) | waiting(ledger).keys()
        ids = chosen(known, found)
        if not ids:
            raise UsageError("settle_unknown", where=shown)
        at, told = now().isoformat(), {"by": by.strip(), "reason": reason.strip()}
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
