"""What stands on a control sheet beside the file: what is not paid, moved accounts, texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import pandas as pd

from payroll.model.errors import require
from payroll.model.file_facts import FileFacts
from payroll.model.frames import rows_of
from payroll.model.money import cents_from_decimal
from payroll.model.streams import STREAMS, paid_to
from payroll.record.findings import account_changes, holding
from payroll.record.run import Run
from payroll.texts.shown import iban_shown
from payroll.views.shown import Shown

#: Invoices that the order or the source puts aside, each with its amount in `observed`.
ASIDE = ("INV-001", "INV-002")
#: The kind of control that finds a payee paid on another account than before.
#: How the findings begin a decision that is complete (payroll.checks.decisions).
PAY = "pay: "

Why = Literal["held", "unknown", "released", "later", "owed", "aside"]
#: From what a person must act on to what takes care of itself.
WHYS: tuple[Why, ...] = ("held", "unknown", "released", "later", "owed", "aside")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPaid:
    """Something of a stream that no file pays. cents: None = nobody knows how much."""

    why: Why
    payee_id: str
    rules: str
    words: str
    cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A payment to another account than the last one: accounts in full, who decided."""

    end_to_end_id: str
    before: str
    now: str
    cents: int
    decided: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is worked out once for every sheet of a run.

    not_paid: per stream, the largest first. moved: per file, (end_to_end_id, account before,
    decision) of the payments whose payee's account changed. changed_texts: per file and field, how
    many texts the bank's character set changed.
    """

    not_paid: Mapping[str, tuple[NotPaid, ...]] = field(default_factory=dict)
    moved: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    changed_texts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def run_facts(shown: Shown) -> RunFacts:
    """Everything but the bytes of the files, once for all sheets."""
    return RunFacts(
        not_paid={stream: tuple(_not_paid(shown, stream)) for stream in STREAMS},
        moved=_moved(shown),
        changed_texts=_changed_texts(shown.run),
    )


def iban_hash_total(facts: FileFacts) -> int:
    """The last four digits of every creditor IBAN, added up, modulo 10^6.

    A file in which an account was replaced shows another figure (facts/bank-rules 10.3).
    """
    ibans = facts.lines["iban"].tolist()
    return sum(int(re.sub(r"\D", "", iban)[-4:]) for iban in ibans) % 10**6


def moved_accounts(run: RunFacts, facts: FileFacts) -> list[Moved]:
    """The payments of a file to a changed account, the largest first, as the file has them."""
    wanted = run.moved.get(facts.path, ())
    if not wanted:
        return []
    ids = {end_to_end_id for end_to_end_id, _, _ in wanted}
    lines = facts.lines[facts.lines["end_to_end_id"].isin(ids)]
    found = {
        key: (cents, iban)
        for key, cents, iban in rows_of(lines, "end_to_end_id", "amount_cents", "iban")
    }
    require(found.keys() == ids, f"{facts.path} lacks a payment that the run says it holds")
    moved = [
        Moved(
            end_to_end_id=key,
            before=before,
            now=iban_shown(found[key][1]),
            cents=found[key][0],
            decided=decided,
        )
        for key, before, decided in wanted
    ]
    return sorted(moved, key=lambda item: (-item.cents, item.end_to_end_id))


def _moved(shown: Shown) -> dict[str, tuple[tuple[str, str, str], ...]]:
    found = account_changes(shown.run, shown.findings)
    about: dict[tuple[str, str], tuple[str, str]] = {}
    columns = ("subject_kind", "subject_id", "limit", "decision")
    for kind, payee_id, before, decision in rows_of(found, *columns):
        known = about.get((kind, payee_id), ("", ""))
        about[kind, payee_id] = (
            known[0] or (iban_shown(before) if before != "-" else ""),
            known[1] or _decided(shown, decision),
        )
    if not about:
        return {}
    payees = [payee_id for _, payee_id in about]
    paid = shown.run.payments
    paid = paid[(paid["file"] != "") & paid["payee_id"].isin(payees)]
    moved: dict[str, list[tuple[str, str, str]]] = {}
    for file, stream, payee_id, key in rows_of(paid, "file", "stream", "payee_id", "end_to_end_id"):
        if (payee := (str(STREAMS[stream].payee), payee_id)) in about:
            moved.setdefault(file, []).append((key, *about[payee]))
    return {file: tuple(items) for file, items in moved.items()}


def _decided(shown: Shown, decision: str) -> str:
    """Who decided to pay; a decision that is not complete, or another one, in words."""
    if decision.startswith(PAY):
        return decision.removeprefix(PAY)
    return shown.decided([decision])[0]


def _changed_texts(run: Run) -> dict[tuple[str, str], int]:
    changes, payments = run.frames["text_changes"], run.payments
    rows = payments[payments["payment_id"].isin(changes["payment_id"])]
    files = dict(rows_of(rows, "payment_id", "file"))
    return Counter(
        (files.get(payment_id, ""), field)
        for payment_id, field in rows_of(changes, "payment_id", "field")
    )


def _not_paid(shown: Shown, stream: str) -> list[NotPaid]:
    run = shown.run
    payments = run.payments[run.payments["stream"] == stream]
    items = [
        NotPaid(
            why="held",
            payee_id=payee_id,
            rules=rules,
            cents=cents,
            words=_titles(shown, rules) or shown.say("wb_held_elsewhere"),
        )
        for payee_id, cents, rules in rows_of(
            payments[payments["status"] == "held"], "payee_id", "amount_cents", "hold_rules"
        )
    ]
    items += _without_payment(shown, stream)
    later = run.frames["to_settle"]
    later = later[later["stream"] == stream]
    items += [
        NotPaid(
            why="unknown", payee_id=payee_id, rules="", cents=None, words=shown.reasons([reason])[0]
        )
        for payee_id, reason in rows_of(later, "payee_id", "reason")
    ]
    parts: tuple[tuple[Why, pd.DataFrame], ...] = (
        ("released", run.frames["already_paid"]),
        ("later", run.frames["awaiting_reissue"]),
    )
    items += [
        NotPaid(why=why, payee_id=payee_id, rules="", cents=cents, words=shown.say(f"cs_{why}"))
        for why, frame in parts
        for payee_id, cents in rows_of(frame[frame["stream"] == stream], "payee_id", "amount_cents")
    ]
    owed = run.frames["receivables"]
    items += [
        NotPaid(why="owed", payee_id=payee_id, rules="", cents=cents, words=shown.say("cs_owed"))
        for payee_id, cents in rows_of(owed[owed["stream"] == stream], "payee_id", "amount_cents")
    ]
    left = shown.findings[shown.findings["rule_id"].isin(ASIDE)]
    items += [
        NotPaid(
            why="aside",
            payee_id=payee_id,
            rules=rule,
            words=_titles(shown, rule),
            cents=cents_from_decimal(Decimal(observed)),
        )
        for payee_id, rule, observed in rows_of(
            left[left["stream"] == stream], "subject_id", "rule_id", "observed"
        )
    ]
    return sorted(
        items,
        key=lambda item: (WHYS.index(item.why), -abs(item.cents or 0), item.payee_id, item.rules),
    )


def _without_payment(shown: Shown, stream: str) -> list[NotPaid]:
    """Payees held before a payment could be prepared in any stream: nobody vanishes."""
    kind = STREAMS[stream].payee
    of_kind = paid_to(kind)
    known = shown.run.payments.loc[shown.run.payments["stream"].isin(of_kind), "payee_id"]
    frame = shown.findings[holding(shown.findings) & (shown.findings["subject_kind"] == str(kind))]
    frame = frame[frame["stream"].isin(["", stream]) & ~frame["subject_id"].isin(known)]
    return [
        NotPaid(
            why="unknown",
            payee_id=str(payee_id),
            cents=None,
            rules=rules,
            words=_titles(shown, rules),
        )
        for payee_id, rules in _rules_by_payee(frame).items()
    ]


def _rules_by_payee(frame: pd.DataFrame) -> dict[str, str]:
    rules: dict[str, set[str]] = {}
    for payee_id, rule_id in rows_of(frame, "subject_id", "rule_id"):
        rules.setdefault(payee_id, set()).add(rule_id)
    return {payee_id: " ".join(sorted(found)) for payee_id, found in sorted(rules.items())}


def _titles(shown: Shown, rules: str) -> str:
    """The short words of rules, as their file has them."""
    controls = shown.run.rulebook.controls
    known = (controls.get(rule) for rule in rules.split())
    return " · ".join(control.title[shown.language] for control in known if control)
