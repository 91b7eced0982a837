"""Whose each payment of the bank's file is: by number, name, account, or amount, in that order.

The file comes from the bank and nobody could touch it; the lists come from systems that were
broken into. So a name decides before an account does: an account that was changed on a list, or
swapped with a colleague's, then stands against the account that the bank really paid. What is not
sure stays nobody's, and the controls say so.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from payroll.model.bank_month import SALARY, UNKNOWN
from payroll.model.frames import TEXT, rows_of
from payroll.model.person_names import WORD, bank_words

Words = frozenset[str]
_HYPHENED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
#: A payee's own number: letters that all have in common, then digits. Eleven digits are a national
#: number, which no id may be.
_NUMBER = re.compile(r"([A-Z]{0,4})(\d{3,10})")
#: A number shorter than this stands in a remittance for many things; one in more payments than
#: this (a month, a batch) names nobody.
_SHORTEST_NUMBER, _MOST_PAYMENTS = 4, 3
#: So many words alike make two names one person's when one name holds the whole other.
_FEWEST_WORDS = 2


@dataclass(slots=True)
class _Payee:
    """One payee of the lists. net: of last month's register, 0 = unknown."""

    kind: str
    payee_id: str
    names: tuple[Words, ...]
    ibans: frozenset[str]
    net: int
    rows: list[int] = field(default_factory=list)

    def words(self) -> Words:
        return frozenset().union(*self.names)


@dataclass(slots=True)
class _Paid:
    """The bank's rows as lists, and whose each is so far."""

    iban: list[str]
    cents: list[int]
    salary: list[bool]
    unknown: list[bool]
    names: list[tuple[Words, ...]]
    payee: list[_Payee | None]
    how: list[str]

    def give(self, row: int, payee: _Payee, how: str) -> None:
        self.payee[row], self.how[row] = payee, how
        payee.rows.append(row)

    def shares_word(self, row: int, payee: _Payee) -> bool:
        return any(words & payee.words() for words in self.names[row])


def with_payees(
    bank: pd.DataFrame, frames: Mapping[str, pd.DataFrame], last_known: str
) -> pd.DataFrame:
    """The bank's payments with payee_kind, payee_id and matched_by ('' = on no list).

    matched_by: reference (the payee's number stands in the payment), name, near_name (one name
    within the other), iban (the account alone, the names share a word), iban_only (they share
    none), amount (the register's net alone, the names share a word), reference_only (the number
    alone: name and account are others). Of several people of one name the account decides, then
    the amount, then their order. When there is no list of staff at all, every salary is its own
    payee: the number that stands in it, else `BANK-` and 8 hex digits of name and account.
    """
    if bank.empty:
        return bank
    paid = _Paid(
        bank["iban"].tolist(),
        bank["amount_cents"].tolist(),
        (bank["category_purpose"] == SALARY).tolist(),
        (bank["category_purpose"] == UNKNOWN).tolist(),
        [
            tuple(words for name in pair if (words := bank_words(name)))
            for pair in rows_of(bank, "ultimate_name", "name")
        ],
        [None] * len(bank),
        [""] * len(bank),
    )
    payees = _payees(frames, last_known)
    numbered = _numbered(bank, payees)
    _by_reference(paid, numbered, alike=True)
    _by_name(paid, payees)
    _by_near_name(paid, payees)
    _by_account(paid, payees)
    _by_amount(paid, payees)
    _by_reference(paid, numbered, alike=False)
    ids = ["" if item is None else item.payee_id for item in paid.payee]
    kinds = ["" if item is None else item.kind for item in paid.payee]
    if not any(payee.kind == "employee" for payee in payees):
        _of_their_own(bank, paid, ids, kinds)
    columns = {"payee_kind": kinds, "payee_id": ids, "matched_by": paid.how}
    return bank.assign(
        **{name: pd.Series(values, bank.index, dtype=TEXT) for name, values in columns.items()}
    )


def _payees(frames: Mapping[str, pd.DataFrame], last_known: str) -> list[_Payee]:
    """Everybody on the lists of staff, practitioners and suppliers, and in the last register."""
    register = frames["register_totals"]
    register = register[register["period"] == last_known].drop_duplicates("employee_id")
    net = dict(rows_of(register, "employee_id", "net_cents"))
    last_iban = dict(rows_of(register, "employee_id", "iban"))
    found = []
    staff = frames["employees"].drop_duplicates("employee_id")
    columns = ("employee_id", "first_name", "last_name", "account_holder_name", "iban")
    for payee_id, first, last, holder, iban in rows_of(staff, *columns):
        names = _names(f"{first} {last}", holder)
        accounts = frozenset({iban, last_iban.pop(payee_id, "")} - {""})
        found.append(_Payee("employee", payee_id, names, accounts, net.get(payee_id, 0)))
    for payee_id, iban in last_iban.items():
        accounts = frozenset({iban} - {""})
        found.append(_Payee("employee", payee_id, (), accounts, net[payee_id]))
    for kind, others in (("practitioner", ("account_holder_name",)), ("supplier", ())):
        frame = frames[f"{kind}s"].drop_duplicates(f"{kind}_id")
        for payee_id, iban, *written in rows_of(frame, f"{kind}_id", "iban", "name", *others):
            accounts = frozenset({iban} - {""})
            found.append(_Payee(kind, payee_id, _names(*written), accounts, 0))
    return found


def _names(*names: str) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words for name in names if (words := bank_words(name))))


def _numbered(bank: pd.DataFrame, payees: Iterable[_Payee]) -> list[tuple[int, _Payee]]:
    """(row, payee) where the payment's reference or remittance holds one payee's own number."""
    ids: defaultdict[str, list[_Payee]] = defaultdict(list)
    for payee in payees:
        if len(payee.payee_id) >= _SHORTEST_NUMBER:
            ids[payee.payee_id.upper()].append(payee)
    columns = rows_of(bank, "end_to_end_id", "remittance")
    texts = [f"{first} {second}".upper() for first, second in columns]
    tokens = [
        {item for item in WORD.findall(text) if item in ids}
        | ({item for item in _HYPHENED.findall(text) if item in ids} if "-" in text else set())
        for text in texts
    ]
    often = Counter(token for own in tokens for token in own)
    found = []
    for row, own in enumerate(tokens):
        named = [token for token in own if often[token] <= _MOST_PAYMENTS]
        if len(named) == 1 and len(ids[named[0]]) == 1:
            found.append((row, ids[named[0]][0]))
    return found


def _by_reference(paid: _Paid, numbered: Iterable[tuple[int, _Payee]], *, alike: bool) -> None:
    """The payee's own number; alike: only where a word of the name or the account agrees too."""
    for row, payee in numbered:
        if paid.payee[row] is not None:
            continue
        agrees = paid.iban[row] in payee.ibans or paid.shares_word(row, payee)
        if alike and (agrees or not payee.names):
            paid.give(row, payee, "reference")
        elif not alike and not payee.rows:
            paid.give(row, payee, "reference_only")


def _by_name(paid: _Paid, payees: Iterable[_Payee]) -> None:
    """The same words. Among several of one name: account, then amount, then order."""
    members: defaultdict[Words, list[_Payee]] = defaultdict(list)
    for payee in payees:
        for words in payee.names:
            members[words].append(payee)
    for ultimate in (True, False):  # whom the money is for goes before whose account it is
        rows: defaultdict[Words, list[int]] = defaultdict(list)
        for row, names in enumerate(paid.names):
            if paid.payee[row] is None and (len(names) > 1 or not ultimate):
                for words in names[:1] if ultimate else names:
                    rows[words].append(row)
        for words, own in rows.items():
            if words in members:
                _settle(paid, own, members[words], "name")


def _settle(paid: _Paid, rows: Iterable[int], payees: list[_Payee], how: str) -> None:
    """Give the rows of one name to the people of that name.

    A row on nobody's account goes to whoever has none yet. One on a third account is nobody's: a
    person whose own account was paid has no need of another.
    """
    left = [row for row in rows if paid.payee[row] is None]
    if len(left) == 1 == len(payees) and not payees[0].rows:
        paid.give(left[0], payees[0], how)
        return
    for row in list(left):
        owners = [payee for payee in payees if paid.iban[row] in payee.ibans]
        if owners:
            best = min(owners, key=lambda item: _distance(paid, row, item))
            paid.give(row, best, how)
            left.remove(row)
    waiting = [payee for payee in payees if not payee.rows]
    pairs = [(row, payee) for row in left for payee in waiting]
    for row, payee in sorted(pairs, key=lambda pair: _distance(paid, *pair)):
        if paid.payee[row] is None and not payee.rows:
            paid.give(row, payee, how)
    account = {paid.iban[row]: payee for payee in payees for row in payee.rows}
    for row in left:
        if paid.payee[row] is None and paid.iban[row] in account:
            paid.give(row, account[paid.iban[row]], how)


def _distance(paid: _Paid, row: int, payee: _Payee) -> tuple[int, bool, bool]:
    """Who of several fits a row better: not paid yet, the right kind, the register's very net."""
    fits = paid.salary[row] == (payee.kind == "employee")
    return (len(payee.rows), not fits, paid.cents[row] != payee.net)


def _by_near_name(paid: _Paid, payees: Iterable[_Payee]) -> None:
    """One name within the other: a second given name, a maiden name, a name cut short."""
    waiting = [payee for payee in payees if not payee.rows and payee.names]
    by_word: defaultdict[str, list[_Payee]] = defaultdict(list)
    for payee in waiting:
        for word in payee.words():
            by_word[word].append(payee)
    groups: dict[tuple[int, ...], tuple[list[_Payee], list[int]]] = {}
    for row, names in enumerate(paid.names):
        if paid.payee[row] is not None:
            continue
        near = {
            id(payee): payee
            for words in names
            for word in _rarest(words, by_word)
            for payee in by_word[word]
            if any(_within(words, own) for own in payee.names)
        }
        if near:
            own = groups.setdefault(tuple(sorted(near)), (list(near.values()), []))
            own[1].append(row)
    for near_payees, rows in groups.values():
        free = [payee for payee in near_payees if not payee.rows]
        if free:
            _settle(paid, rows, free, "near_name")


def _rarest(words: Words, by_word: Mapping[str, list[_Payee]]) -> list[str]:
    """Two words of a name that fewest have: whoever shares two words or more has one of them.

    A shorter name lies within a longer one by any of its words, so that all but the most common
    one of the longer are tried.
    """
    known = sorted((word for word in words if word in by_word), key=lambda word: len(by_word[word]))
    return known[:-1] if len(known) > 1 else []


def _within(first: Words, second: Words) -> bool:
    fewer, more = sorted((first, second), key=len)
    return len(fewer) >= _FEWEST_WORDS and fewer <= more


def _by_account(paid: _Paid, payees: Iterable[_Payee]) -> None:
    """The account of somebody whom no payment names: the holder is written otherwise there."""
    owners: defaultdict[str, list[_Payee]] = defaultdict(list)
    for payee in payees:
        if not payee.rows:
            for iban in payee.ibans:
                owners[iban].append(payee)
    for row, iban in enumerate(paid.iban):
        if paid.payee[row] is None and iban in owners:
            known = [payee for payee in owners[iban] if paid.shares_word(row, payee)]
            free = known or owners[iban]
            best = min(free, key=lambda item: _distance(paid, row, item))
            nameless = not best.names or not paid.names[row]
            paid.give(row, best, "iban" if known or nameless else "iban_only")


def _by_amount(paid: _Paid, payees: Iterable[_Payee]) -> None:
    """The register's very net, to one person only, and a word of the name: the account moved."""
    nets: defaultdict[int, list[_Payee]] = defaultdict(list)
    for payee in payees:
        if not payee.rows and payee.net > 0:
            nets[payee.net].append(payee)
    for row, cents in enumerate(paid.cents):
        if paid.payee[row] is None and cents in nets:
            near = [item for item in nets[cents] if not item.rows and paid.shares_word(row, item)]
            if len(near) == 1:
                paid.give(row, near[0], "amount")


def _of_their_own(bank: pd.DataFrame, paid: _Paid, ids: list[str], kinds: list[str]) -> None:
    """No list of staff is left: the salaries of the file are who is on the staff.

    Of a file without any marked as salary the order says that they are; of a statement nobody does.
    """
    only_salaries = any(paid.salary)
    numbers = _own_numbers(bank)
    columns = zip(rows_of(bank, "name", "iban"), numbers, strict=True)
    for row, ((name, iban), number) in enumerate(columns):
        unlikely = paid.unknown[row] or (only_salaries and not paid.salary[row])
        if ids[row] or unlikely:
            continue
        key = " ".join(sorted(bank_words(name))) + f"|{iban}"
        digest = hashlib.sha256(key.encode()).hexdigest()[:8].upper()
        ids[row], kinds[row] = number or f"BANK-{digest}", "employee"
        paid.how[row] = "reference" if number else "bank"


def _own_numbers(bank: pd.DataFrame) -> list[str]:
    """The payee's number in each payment, where one reads it surely; '' otherwise.

    Sure is a number at the same place of the same field in every payment, each payment's its own,
    and not simply counting on: `SAL/202204/004711`.
    """
    for field_name in ("end_to_end_id", "remittance"):
        split = [WORD.findall(text.upper()) for text in bank[field_name].tolist()]
        if len({len(tokens) for tokens in split}) != 1:
            continue
        for column in zip(*split, strict=True):
            if _are_numbers(column):
                return list(column)
    return [""] * len(bank)


def _are_numbers(column: Sequence[str]) -> bool:
    matches = [_NUMBER.fullmatch(token) for token in column]
    found = [match for match in matches if match is not None]
    if len(found) < len(column) or len(set(column)) < len(column) or len(column) < 2:
        return False
    numbers = [int(match[2]) for match in found]
    counting = all(second - first == 1 for first, second in pairwise(numbers))
    return len({match[1] for match in found}) == 1 and not counting
