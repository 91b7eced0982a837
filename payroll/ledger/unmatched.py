"""What an answer says of nothing that we released: as it is found, and as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A fact about no payment or file of ours, or not surely so.

    why: unknown | amount | currency | account | ambiguous | unclear (it names us and is no payment
    or return) | reversal (a credit taken back) | mentioned (only its text names us) | proposal (a
    credit like one of our payments or files come back). name, iban: of the other side; account: of
    the statement. ours: the payments and files of ours (message ids) that it names.
    """

    where: str
    why: str
    level: str
    code: str
    amount_cents: int | None
    what: str = ""
    booked: bool = False
    booked_on: str = ""
    name: str = ""
    iban: str = ""
    account: str = ""
    reference: str = ""
    reasons: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()

    def row(self) -> list[object]:
        """As the ledger keeps it: what identifies it, then what is known besides."""
        more = {
            name: value for name in _MORE if (value := getattr(self, name)) not in ("", False, ())
        }
        return [self.where, self.why, self.level, self.code, self.amount_cents, more]


_WORDS = ("what", "booked_on", "name", "iban", "account", "reference")
_MORE = ("booked", *_WORDS, "reasons", "texts", "ours")


def unmatched_of(row: Sequence[object]) -> Unmatched:
    """An item from its row in the ledger; one of an earlier version knows less."""
    more = row[5] if len(row) > 5 and isinstance(row[5], Mapping) else {}
    cents = row[4]

    def texts(name: str) -> tuple[str, ...]:
        return tuple(map(str, more.get(name, ())))

    return Unmatched(
        where=str(row[0]),
        why=str(row[1]),
        level=str(row[2]),
        code=str(row[3]),
        amount_cents=cents if isinstance(cents, int) else None,
        booked=bool(more.get("booked")),
        reasons=texts("reasons"),
        texts=texts("texts"),
        ours=texts("ours"),
        **{name: str(more.get(name, "")) for name in _WORDS},
    )
