"""Why a payment differs between two runs: what their lines, findings and reviews say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from payroll.model.frames import join_texts, rows_of
from payroll.model.streams import SALARIES, STREAMS, paid_to
from payroll.texts import catalogue, text
from payroll.texts.shown import euros_shown
from payroll.views.diff.compare import Evidence

#: Bases that say why an amount is what it is. 'known' explains where a document is what is paid.
EXPLAINING = {"adjusted", "recomputed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFrames:
    """What a run folder says: its frames, its month, and payee -> reasons shown in its review."""

    period: str
    lines: pd.DataFrame
    findings: pd.DataFrame
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_KEY = ["stream", "payee_id", "component"]


def run_evidence(
    old: RunFrames | None, new: RunFrames, language: str, *, known_month: bool = False
) -> Evidence:
    """The evidence for the differences between two runs.

    Without an old run: the rules hit; and where the old side is the register of the last known
    month, the reasons that the new run's own review gives against it.
    """
    if old is None:
        told = _reasons(None, new, language) if known_month else {}
        keys = {(SALARIES.name, payee): join_texts(items) for payee, items in told.items()}
        return Evidence(reasons=keys, explained=frozenset(keys), rules=_rules(None, new))
    moved = _moved_lines(old.lines, new.lines)
    words: dict[tuple[str, str], list[str]] = defaultdict(list)
    unsure: set[tuple[str, str]] = set()
    adjusted: dict[tuple[str, str], int] = defaultdict(int)
    sources: dict[tuple[str, str], list[str]] = defaultdict(list)
    columns = ("stream", "payee_id", "component", "delta", "basis", "source")
    for stream, payee, component, delta, basis, source in rows_of(moved, *columns):
        key = (stream, payee)
        words[key].append(_words(component, int(delta), basis, language))
        sources[key].append(source)
        if basis == "adjusted":
            adjusted[key] += int(delta)
        if basis not in EXPLAINING and not (basis == "known" and STREAMS[stream].by_document):
            unsure.add(key)
    told = _reasons(old, new, language)
    for payee, reasons in told.items():
        words[SALARIES.name, payee][:0] = reasons
    explained = {key for key in words if key not in unsure}
    explained |= {(SALARIES.name, payee) for payee in told}
    return Evidence(
        reasons={key: join_texts(items) for key, items in words.items()},
        explained=frozenset(explained),
        adjusted=dict(adjusted),
        sources={key: join_texts(items) for key, items in sources.items()},
        rules=_rules(old, new),
    )


def _moved_lines(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """One row per stream, payee and component whose sum differs, the largest difference first."""
    sides = []
    for frame, sign in ((old, -1), (new, 1)):
        sides.append(
            frame[[*_KEY, "basis", "source"]].assign(delta=sign * frame["amount_cents"], side=sign)
        )
    lines = pd.concat(sides, ignore_index=True)
    if lines.empty:
        return lines
    total = lines.groupby(_KEY, sort=False)["delta"].transform("sum")
    lines = lines[total != 0].sort_values("side", ascending=False, kind="stable")
    found = lines.groupby(_KEY, sort=True).agg(
        delta=("delta", "sum"), basis=("basis", "first"), source=("source", "first")
    )
    found = found.reset_index()
    return found.assign(size=-found["delta"].abs()).sort_values(["size", *_KEY], kind="stable")


def _words(component: str, delta: int, basis: str, language: str) -> str:
    label = _word("wb_component_", component, language)
    sign = "+" if delta > 0 else ""
    return f"{label} {sign}{euros_shown(delta, language)} ({_word('cmp_basis_', basis, language)})"


def _word(prefix: str, code: str, language: str) -> str:
    entry_id = f"{prefix}{code}"
    return text(entry_id, language) if entry_id in catalogue() else code


def _reasons(old: RunFrames | None, new: RunFrames, language: str) -> dict[str, list[str]]:
    """The reasons of the new run's review that are new; for another month, all of them."""
    same_month = old is not None and old.period == new.period
    found: dict[str, list[str]] = {}
    for payee in {*new.reasons, *(old.reasons if old and same_month else ())}:
        now = new.reasons.get(payee, ())
        before = old.reasons.get(payee, ()) if old and same_month else ()
        words = [item for item in now if item not in before]
        words += [text("cmp_no_longer", language, what=item) for item in before if item not in now]
        if words:
            found[payee] = words
    return found


def _rules(old: RunFrames | None, new: RunFrames) -> dict[tuple[str, str], str]:
    """Rule ids per stream and payee: of the new run, and those that only the old one had."""
    hits: dict[tuple[str, str], list[str]] = defaultdict(list)
    names = ("subject_kind", "subject_id", "stream", "rule_id")
    now = set(rows_of(new.findings, *names))
    before = (
        set(rows_of(old.findings, "subject_kind", "subject_id", "stream", "rule_id"))
        if old
        else set()
    )
    for found, mark in ((now, ""), (before - now, "−")):
        for kind, subject, stream, rule in sorted(found):
            for name in (stream,) if stream else paid_to(kind):
                hits[name, subject].append(f"{mark}{rule}")
    return {key: join_texts(items, " ") for key, items in hits.items()}
