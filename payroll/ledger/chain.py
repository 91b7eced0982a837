"""Whether the statements of an account follow each other: in their numbers and their balances.

And whether each explains its own: a statement whose entries do not lead from its old balance to its
new one lacks some.

Files come in any order, so that a statement is compared with its neighbours among all that were
ever read; what is missing today is no break any more once it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from payroll.ledger.book import Ledger
from payroll.model.answers import BankAnswer, StatementLink

#: Statements are missing; the balances differ; two statements bear one number; entries of one are
#: missing.
BreakKind = Literal["gap", "balance", "twice", "entries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """Two statements of an account that do not follow each other, or one that does not explain its
    balances. before, after: how they are called; account: its last digits. cents: by how much the
    balances differ (0 of a gap)."""

    kind: BreakKind
    account: str
    before: str
    after: str
    cents: int = 0


def chain_breaks(ledger: Ledger, answer: BankAnswer) -> list[ChainBreak]:
    """Where the statements of a file, which the ledger does not know yet, break the chain."""
    new = {_bare(item) for item in answer.statements}
    both = {*_known(ledger, answer.kind), *answer.statements}
    return [found for pair, found in _breaks(both) if new.intersection(pair)]


def open_breaks(ledger: Ledger) -> list[ChainBreak]:
    """Where the chain of any account is broken by all that was read so far."""
    kinds = ledger.connection.execute(
        "SELECT DISTINCT json_extract(body, '$.kind') FROM event WHERE kind = 'answer' ORDER BY 1"
    ).fetchall()
    return [found for (kind,) in kinds for _, found in _breaks(_known(ledger, str(kind)))]


def _known(ledger: Ledger, kind: str) -> set[StatementLink]:
    """The statements of a kind of answer that the ledger has."""
    answers = ledger.events("kind = 'answer' AND json_extract(body, '$.kind') = ?", kind)
    return {_link(row) for event in answers for row in _rows(event.body.get("statements"))}


def _breaks(
    links: Iterable[StatementLink],
) -> Iterator[tuple[tuple[StatementLink, StatementLink], ChainBreak]]:
    """(the two statements, how they do not follow), account by account."""
    by_account: dict[str, list[StatementLink]] = {}
    unexplained = _unexplained(links)
    for item in sorted(unexplained, key=lambda item: (item.account_iban, *_place(item))):
        by_account.setdefault(item.account_iban, []).append(item)
        if cents := unexplained[item]:
            yield (item, item), _said("entries", item, item, cents)
    for chain in by_account.values():
        for pair in pairwise(chain):
            if found := _break(*pair):
                yield pair, found


def _unexplained(links: Iterable[StatementLink]) -> dict[StatementLink, int]:
    """What each statement leaves unexplained: nothing as soon as one copy of it explains all."""
    found: dict[StatementLink, int] = {}
    for link in links:
        bare = _bare(link)
        copies = (link.unexplained_cents, found.get(bare, link.unexplained_cents))
        found[bare] = min(copies, key=abs)
    return found


def _bare(link: StatementLink) -> StatementLink:
    """A statement as its neighbours see it."""
    return replace(link, unexplained_cents=0)


def _break(before: StatementLink, after: StatementLink) -> ChainBreak | None:
    numbers = _number(before), _number(after)
    step = numbers[1] - numbers[0]
    same_year = before.closing_on[:4] == after.closing_on[:4]
    cents = after.opening_cents - before.closing_cents
    kind: BreakKind | None = "balance" if cents else None
    if all(numbers) and same_year and step > 1:
        kind = "gap"
    if all(numbers) and same_year and not step:  # one number for two that follow is no break
        follows = before.opening_cents == after.closing_cents or not cents
        kind = None if follows else "twice"
    return None if kind is None else _said(kind, before, after, cents if kind == "balance" else 0)


def _said(kind: BreakKind, before: StatementLink, after: StatementLink, cents: int) -> ChainBreak:
    return ChainBreak(
        kind=kind,
        account=f"{before.account_iban[:4]}…{before.account_iban[-4:]}",
        before=before.number or before.closing_on,
        after=after.number or after.closing_on,
        cents=cents,
    )


def _number(item: StatementLink) -> int:
    """The sequence number, 0 where there is none."""
    return int(item.number) if item.number.isascii() and item.number.isdigit() else 0


def _place(item: StatementLink) -> tuple[str, int, str, int]:
    return item.closing_on[:4], _number(item), item.closing_on, item.opening_cents


def _rows(value: object) -> Iterator[Sequence[object]]:
    yield from value if isinstance(value, list) else ()


def _link(row: Sequence[object]) -> StatementLink:
    return StatementLink(
        account_iban=str(row[0]),
        number=str(row[1]),
        opening_cents=int(str(row[2])),
        opening_on=str(row[3]),
        closing_cents=int(str(row[4])),
        closing_on=str(row[5]),
        unexplained_cents=int(str(row[6])) if len(row) > 6 else 0,  # not told by earlier versions
    )
