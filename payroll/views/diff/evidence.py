"""Why a payment differs between two runs: what their records say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from payroll.model.frames import join_texts, rows_of
from payroll.model.streams import SALARIES, STREAMS, paid_to
from payroll.record.run import Run
from payroll.texts import text
from payroll.texts.shown import euros_shown
from payroll.views.diff.compare import Evidence
from payroll.views.diff.sources import Source
from payroll.views.diff.words import Words

#: Bases that say why an amount is what it is. 'known' explains where a document is what is paid.
EXPLAINING = {"adjusted", "recomputed"}
_KEY = ["stream", "payee_id", "component"]


def evidence_between(old: Source, new: Source, language: str) -> Evidence:
    """What two runs say about their differences.

    Of a new run alone: the rules hit, and where the old side is the register of the last known
    month, the reasons that the run itself gives against it. Of anything else nothing.
    """
    if new.run is None:
        return Evidence()
    words = Words(language)
    if old.run is None:
        told = _reasons(None, new.run, words) if old.kind == "register" else {}
        keys = {(SALARIES.name, payee): join_texts(items) for payee, items in told.items()}
        return Evidence(
            reasons=keys,
            explained=frozenset(keys),
            indexed=_indexed(None, new.run) if keys else {},
            rules=_rules(None, new.run),
        )
    return _between_runs(old.run, new.run, words)


def _between_runs(old: Run, new: Run, say: Words) -> Evidence:
    words: dict[tuple[str, str], list[str]] = defaultdict(list)
    unsure: set[tuple[str, str]] = set()
    adjusted: dict[tuple[str, str], int] = defaultdict(int)
    sources: dict[tuple[str, str], list[str]] = defaultdict(list)
    columns = (*_KEY, "delta", "basis", "source")
    for stream, payee, component, delta, basis, source in rows_of(
        _moved_lines(old.lines, new.lines), *columns
    ):
        key = (stream, payee)
        amount = f"{'+' if delta > 0 else ''}{euros_shown(int(delta), say.language)}"
        label, because = say.code("wb_component_", component), say.code("cmp_basis_", basis)
        words[key].append(f"{label} {amount} ({because})")
        sources[key].append(source)
        if basis == "adjusted":
            adjusted[key] += int(delta)
        if basis not in EXPLAINING and not (basis == "known" and STREAMS[stream].by_document):
            unsure.add(key)
    told = _reasons(old, new, say)
    for payee, reasons in told.items():
        words[SALARIES.name, payee][:0] = reasons
    explained = {key for key in words if key not in unsure}
    explained |= {(SALARIES.name, payee) for payee in told}
    return Evidence(
        reasons={key: join_texts(items) for key, items in words.items()},
        explained=frozenset(explained),
        adjusted=dict(adjusted),
        indexed=_indexed(old, new),
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


def _reasons(old: Run | None, new: Run, words: Words) -> dict[str, list[str]]:
    """The reasons of the new run that are new; for another month, all of them."""
    now = _reasons_of(new)
    same_month = old is not None and old.order.period == new.order.period
    before = _reasons_of(old) if old is not None and same_month else {}
    found: dict[str, list[str]] = {}
    for payee in {**now, **before}:
        here, there = now.get(payee, ()), before.get(payee, ())
        told = [words.code("", item) for item in here if item not in there]
        told += [
            text("cmp_no_longer", words.language, what=words.code("", item))
            for item in there
            if item not in here
        ]
        if told:
            found[payee] = told
    return found


def _indexed(old: Run | None, new: Run) -> dict[tuple[str, str], int]:
    """What an index of public pay adds to the new run's salaries beyond the old one's (cents)."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for run, sign in ((old, -1), (new, 1)):
        changes = run.frames["changes"] if run is not None else new.frames["changes"].iloc[:0]
        changes = changes[changes["index_cents"] != 0]
        for stream, payee, cents in rows_of(changes, "stream", "payee_id", "index_cents"):
            found[stream, payee] += sign * cents
    return dict(found)


def _reasons_of(run: Run) -> Mapping[str, Sequence[str]]:
    """Payee -> the ids of the reasons for the change of salary."""
    changes = run.frames["changes"]
    told = changes[(changes["stream"] == SALARIES.name) & (changes["reasons"] != "")]
    return {payee: reasons.split() for payee, reasons in rows_of(told, "payee_id", "reasons")}


def _rules(old: Run | None, new: Run) -> dict[tuple[str, str], str]:
    """Rule ids per stream and payee: of the new run, and those that only the old one had."""
    hits: dict[tuple[str, str], list[str]] = defaultdict(list)
    now, before = (_hits(run) if run is not None else set() for run in (new, old))
    for found, mark in ((now, ""), (before - now, "−")):
        for kind, subject, stream, rule in sorted(found):
            for name in (stream,) if stream else paid_to(kind):
                hits[name, subject].append(f"{mark}{rule}")
    return {key: join_texts(items, " ") for key, items in hits.items()}


def _hits(run: Run) -> set[tuple[str, ...]]:
    return set(rows_of(run.findings, "subject_kind", "subject_id", "stream", "rule_id"))
