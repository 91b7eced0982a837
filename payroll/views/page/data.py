"""What the review page's script reads: columns of plain values, payee by payee.

A table is {"n": rows per payee, name: column ...}, its rows in the order of the payees. A column
is a list, or {"d": distinct values, "i": their places} where values repeat. Amounts are integer
cents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from payroll.model.backtest import STEPS
from payroll.model.frames import rows_of
from payroll.model.streams import SALARIES, STREAMS, payee_by_stream
from payroll.record.run import Run
from payroll.texts import catalogue
from payroll.texts.shown import style_of
from payroll.views.shown import Shown

#: Beyond so many payees the lines and steps of each person stay out, and the page says so.
PAYEES_IN_FULL = 20_000
KINDS = ("employee", "practitioner", "supplier")
#: Beginnings of text ids that give a component its words, in the order of preference.
_COMPONENT_WORDS = ("wb_component_", "explain_component_", "explain_")
_SCRIPT_TEXTS = "page_js_"

Payee = tuple[str, str]
Json = dict[str, Any]


def payees(run: Run) -> tuple[Payee, ...]:
    """Everybody the run knows: staff first, then practitioners, then suppliers, by number."""
    found: set[Payee] = set(run.names)
    for frame in (run.payments, run.frames["receivables"], run.frames["to_settle"], run.lines):
        pairs = frame[["stream", "payee_id"]].drop_duplicates()
        found |= {
            (str(STREAMS[stream].payee), payee_id)
            for stream, payee_id in rows_of(pairs, "stream", "payee_id")
        }
    for frame in (run.changes_of(SALARIES.name), run.frames["not_carried_over"], run.backtest.rows):
        found |= {("employee", payee_id) for payee_id in frame["payee_id"].tolist()}
    found |= set(rows_of(run.findings, "subject_kind", "subject_id"))
    return tuple(sorted(item for item in found if item[0] in KINDS))


def embedded(shown: Shown) -> str:
    """The JSON of the page, safe within a script element: no '<' is left in it."""
    everybody = payees(shown.run)
    full = len(everybody) <= PAYEES_IN_FULL
    tables, style = _Tables(shown, everybody), style_of(shown.language)
    content: Json = {
        "lang": shown.language,
        "signs": [style.thousands, style.decimal],
        "run": shown.run.run_id,
        "period": str(shown.run.order.period),
        "known": shown.run.backtest.period,
        "full": full,
        "say": {
            name.removeprefix(_SCRIPT_TEXTS): shown.say(name)
            for name in catalogue()
            if name.startswith(_SCRIPT_TEXTS)
        },
        "kinds": [[kind[0], shown.say(f"page_kind_{kind}")] for kind in KINDS],
        "streams": [[stream, shown.say(f"stream_{stream}")] for stream in STREAMS],
        "of_staff": list(STREAMS).index(SALARIES.name),
        "steps": [[step, shown.say(f"bt_step_{step}")] for step in STEPS],
        "kind": "".join(kind[0] for kind, _ in everybody),
        "id": [payee_id for _, payee_id in everybody],
        "name": [shown_name(shown, payee, tables.creditors) for payee in everybody],
        "site": coded([shown.run.sites.get(payee, "") for payee in everybody]),
        "payments": tables.payments(),
        "owed": tables.owed(),
        "findings": tables.findings(),
        "changes": tables.changes(),
        "later": tables.later(),
        "dropped": tables.dropped(),
    }
    if full:
        content |= {"lines": tables.lines(), "known_month": tables.known_month()}
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        written = written.replace(mark, f"\\u{ord(mark):04x}")
    return written


def shown_name(shown: Shown, payee: Payee, creditors: Mapping[Payee, str]) -> str:
    """The name of a payee, or that of the account, or ''."""
    return shown.name(*payee) or creditors.get(payee, "")


def creditor_names(run: Run) -> dict[Payee, str]:
    """The account holder of each payee's payments."""
    return {
        (str(STREAMS[stream].payee), payee_id): name
        for stream, payee_id, name in rows_of(run.payments, "stream", "payee_id", "creditor_name")
    }


def coded(values: Sequence[Any]) -> Any:
    """A column as distinct values and places where that is shorter, else the values themselves."""
    places: dict[Any, int] = {}
    chosen = [places.setdefault(value, len(places)) for value in values]
    if len(places) * 2 > len(values):
        return list(values)
    return {"d": list(places), "i": chosen}


def component_words(shown: Shown, code: str) -> str:
    """A pay code or computed component in words, or the code itself."""
    words = shown.titles.get(code, "")
    for prefix in _COMPONENT_WORDS:
        if not words and f"{prefix}{code}" in catalogue():
            words = shown.say(f"{prefix}{code}")
    return words[:1].upper() + words[1:] if words else code


class _Tables:
    """The tables of one review, each with its rows in the order of the payees."""

    def __init__(self, shown: Shown, everybody: Sequence[Payee]) -> None:
        self._shown, self._run = shown, shown.run
        self.creditors = creditor_names(shown.run)
        self._count = len(everybody)
        self._place = {payee: number for number, payee in enumerate(everybody)}
        self._staff = {
            payee: number for (kind, payee), number in self._place.items() if kind == "employee"
        }

    def _table(
        self, places: Iterable[int | None], columns: Mapping[str, Sequence[Any]], *, raw: str = ""
    ) -> Json:
        """Rows whose payee is None are left out. raw: names of columns not worth coding."""
        known = np.array([-1 if place is None else place for place in places], dtype=np.int64)
        order = np.argsort(known, kind="stable")
        order = order[int((known < 0).sum()) :]
        counts = np.bincount(known[order], minlength=self._count)
        chosen = order.tolist()
        moved = chosen != list(range(len(chosen)))
        table: Json = {"n": counts.tolist()}
        for name, values in columns.items():
            column = [values[row] for row in chosen] if moved else list(values)
            table[name] = column if name in raw.split() else coded(column)
        return table

    def _by_stream(self, frame: pd.DataFrame) -> list[int | None]:
        kinds = payee_by_stream()
        return [
            self._place.get((kinds[stream], payee_id))
            for stream, payee_id in rows_of(frame, "stream", "payee_id")
        ]

    def _by_staff(self, frame: pd.DataFrame) -> list[int | None]:
        return [self._staff.get(payee_id) for payee_id in frame["payee_id"].tolist()]

    def payments(self) -> Json:
        frame = self._run.payments
        reference = [
            structured or free
            for structured, free in rows_of(frame, "structured_reference", "remittance")
        ]
        changes = self._run.frames["text_changes"]
        # as drafted: the bank's character set alone makes no other name
        drafted = {
            payment_id: before
            for payment_id, field, before in rows_of(changes, "payment_id", "field", "before")
            if field == "creditor_name"
        }
        holder = [
            drafted.get(payment_id, name)
            for payment_id, name in rows_of(frame, "payment_id", "creditor_name")
        ]
        both = zip(self._shown.names_in(frame), holder, strict=True)
        return self._table(
            self._by_stream(frame),
            {
                "stream": _streams(frame),
                "cents": frame["amount_cents"].tolist(),
                "creditor": ["" if name in ("", other) else other for name, other in both],
                "held": [int(status == "held") for status in frame["status"].tolist()],
                "rules": frame["hold_rules"].tolist(),
                "iban": frame["iban"].tolist(),
                "day": frame["execution_date"].tolist(),
                "ref": reference,
                "legal": self._shown.words("wb_legal_", frame["legal_nature"].tolist()),
                "id": frame["payment_id"].tolist(),
            },
            raw="cents held iban id",
        )

    def owed(self) -> Json:
        frame = self._run.frames["receivables"]
        return self._table(
            self._by_stream(frame),
            {
                "stream": _streams(frame),
                "cents": frame["amount_cents"].tolist(),
                "source": frame["source"].tolist(),
            },
        )

    def findings(self) -> Json:
        frame = self._shown.findings
        places = [self._place.get(key) for key in rows_of(frame, "subject_kind", "subject_id")]
        return self._table(
            places,
            {
                "severity": frame["severity"].tolist(),
                "rule": frame["rule_id"].tolist(),
                "stream": _streams(frame),
                "message": frame["message"].tolist(),
                "remedy": frame["remedy"].tolist(),
                "source": frame["source"].tolist(),
                "decision": self._shown.decided(frame["decision"]),
                "id": frame["finding_id"].tolist(),
            },
            raw="message id",
        )

    def changes(self) -> Json:
        frame = self._run.changes_of(SALARIES.name)
        names = ("gross_before", "gross_after", "net_before", "net_after")
        amounts = {name: frame[f"{name}_cents"].tolist() for name in names}
        reasons = self._shown.reasons(frame["reasons"].tolist())
        return self._table(
            self._by_staff(frame), {**amounts, "reasons": reasons}, raw=" ".join(names)
        )

    def later(self) -> Json:
        frame = self._run.frames["to_settle"]
        return self._table(
            self._by_stream(frame),
            {
                "stream": _streams(frame),
                "reason": self._shown.reasons(frame["reason"].tolist()),
                "source": frame["source"].tolist(),
            },
        )

    def dropped(self) -> Json:
        frame = self._run.frames["not_carried_over"]
        codes = frame["component"].tolist()
        words = {code: component_words(self._shown, code) for code in sorted(set(codes))}
        return self._table(
            self._by_staff(frame),
            {
                "component": [
                    label or words[code]
                    for label, code in zip(frame["label"].tolist(), codes, strict=True)
                ],
                "nature": self._shown.words("wb_nature_", frame["nature"].tolist()),
                "cents": frame["amount_cents"].tolist(),
                **_cells(frame["source"].tolist()),
            },
        )

    def lines(self) -> Json:
        frame = self._run.lines
        codes = frame["component"].tolist()
        words = {code: component_words(self._shown, code) for code in sorted(set(codes))}
        rules = {rule: self._rule(rule) for rule in frame["rule_id"].unique().tolist()}
        table = self._table(
            self._by_stream(frame),
            {
                "stream": _streams(frame),
                "component": codes,
                "period": frame["earning_period"].tolist(),
                "quantity": frame["quantity"].tolist(),
                "rate": frame["rate"].tolist(),
                "cents": frame["amount_cents"].tolist(),
                "basis": self._shown.words("wb_trace_", frame["basis"].tolist()),
                "rule": [rules[rule] for rule in frame["rule_id"].tolist()],
                **_cells(frame["source"].tolist()),
            },
            raw="cents row",
        )
        return table | {"words": words}

    def _rule(self, rule: str) -> str:
        """The rule of a line; a premium in words before it."""
        words = self._shown.titles.get(rule.partition(" ")[0], "")
        return f"{words} · {rule}" if words else rule

    def known_month(self) -> Json:
        """Each step of the known month as in the register; `off`: what was worked out beyond it."""
        found = self._run.backtest
        frame = found.rows
        known = {step: frame[f"{step}_known_cents"].tolist() for step in STEPS}
        table = self._table(
            self._by_staff(frame), known | _cells(frame["source"].tolist()), raw=" ".join(STEPS)
        )
        differs = np.flatnonzero(~found.agrees())
        gaps = [found.difference(step)[differs].tolist() for step in STEPS]
        payee_ids = frame["payee_id"].to_numpy()[differs].tolist()
        off = {
            str(self._staff[payee]): list(row)
            for payee, row in zip(payee_ids, zip(*gaps, strict=True), strict=True)
        }
        return table | {"off": off}


def _streams(frame: pd.DataFrame) -> list[int]:
    """The number of each row's stream in STREAMS, -1 for none."""
    numbers = {stream: number for number, stream in enumerate(STREAMS)}
    return [numbers.get(stream, -1) for stream in frame["stream"].tolist()]


def _cells(sources: Sequence[str]) -> dict[str, list[Any]]:
    """`file!sheet!R<row>` as place and row, so that places repeat; row 0 = all is in the place."""
    places, rows = [], []
    for source in sources:
        head, mark, tail = source.rpartition("!R")
        plain = mark != "" and tail.isdecimal() and tail[0] != "0"
        places.append(head if plain else source)
        rows.append(int(tail) if plain else 0)
    return {"place": places, "row": rows}
