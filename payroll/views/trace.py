"""From a payment back to the cells: payments, lines, their parents, the rules and the findings.

A function of the record. Ids that can be asked for: a payment_id, an end_to_end_id, a payee_id or
a line_id; also of a payment that this run does not make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from payroll.model.errors import PayrollError
from payroll.model.findings import SubjectKind
from payroll.model.period import Period
from payroll.model.streams import STREAMS
from payroll.record.files import NOT_MADE
from payroll.record.findings import findings_in
from payroll.record.run import Run
from payroll.render.screen import wrap
from payroll.rulebook.book import RuleBook
from payroll.rulebook.figures import Days, figure_of
from payroll.texts import text, text_or
from payroll.texts.shown import euros_shown
from payroll.views.explain.arithmetic import figure_shown

Record = Mapping[str, object]
_PAYMENTS = ("payments", *NOT_MADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRules:
    """The run's own rules, to say what the ids of a line stand for.

    run: the folder as typed. paid: the day of payment of each stream that is run.
    """

    book: RuleBook
    run: str
    paid: Mapping[str, date]

    def days(self, record: Record) -> Days:
        """The days that date a line's figures."""
        period = Period.parse(str(record["earning_period"]))
        stream = STREAMS[str(record["stream"])]
        earning = period.first_day if stream.rates_on_first_day else period.last_day
        return Days(earning, self.paid.get(str(record["stream"]), period.last_day))


def rules_of(run: Run, folder: str) -> RunRules | None:
    """The rules the run was made with; None (bare ids) where this program cannot read them."""
    try:
        paid = {name: ordered.pay_on for name, ordered in run.order.streams.items()}
        return RunRules(book=run.rulebook, run=folder, paid=paid)
    except (PayrollError, KeyError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One line with the lines it was derived from; a line already shown is not opened again."""

    line_id: str
    record: Record  # empty when the run does not hold the line
    parents: tuple[TraceLine, ...] = ()
    shown_above: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePayment:
    """One payment, or (`record` empty) the lines of a stream that made no payment.

    made: by this run, or why not: the frame of the record that holds it. lines_cents: the sum of
    the lines.
    """

    stream: str
    payee_id: str
    record: Record
    lines: tuple[TraceLine, ...]
    lines_cents: int
    made: str
    findings: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything found for an id; `matched` is the column it was found in."""

    wanted: str
    matched: str
    payments: tuple[TracePayment, ...] = field(default=())
    findings: tuple[Record, ...] = ()  # of a payee without payment and line


def trace(run: Run, wanted: str, language: str) -> Trace | None:
    """What the run knows about an id, its findings in a language; None when it knows nothing."""
    tracer = _Tracer(run, language)
    for column in ("payment_id", "end_to_end_id"):
        found = tracer.payments[tracer.payments[column] == wanted]
        if len(found):
            return Trace(wanted=wanted, matched=column, payments=tracer.of_payments(found))
    found = run.lines[run.lines["line_id"] == wanted]
    if len(found):
        return Trace(wanted=wanted, matched="line_id", payments=(tracer.of_line(found),))
    parts = tracer.of_payee(wanted)
    about = tracer.said(run.findings[run.findings["subject_id"] == wanted])
    if parts or about:
        return Trace(
            wanted=wanted, matched="payee_id", payments=parts, findings=() if parts else about
        )
    return None


class _Tracer:
    def __init__(self, run: Run, language: str) -> None:
        self._run, self._language = run, language
        frames = [run.frames[name].assign(made=name) for name in _PAYMENTS]
        self.payments = pd.concat([frame for frame in frames if len(frame)] or frames[:1])
        self._lines, self._findings = run.lines, run.findings
        self._places = dict(zip(run.lines["line_id"], range(len(run.lines)), strict=True))

    def of_payments(self, found: pd.DataFrame) -> tuple[TracePayment, ...]:
        """Payments, each with its own lines."""
        records = _records(found.drop(columns="made"))
        return tuple(
            self._part(record, self._lines[self._lines["payment_id"] == record["payment_id"]], made)
            for record, made in zip(records, found["made"], strict=True)
        )

    def of_payee(self, payee_id: str) -> tuple[TracePayment, ...]:
        """Every payment of a payee id, then the streams where lines made no payment."""
        paid = self.of_payments(self.payments[self.payments["payee_id"] == payee_id])
        lines = self._lines
        left = lines[(lines["payee_id"] == payee_id) & (lines["payment_id"] == "")]
        return (*paid, *(self._part({}, group) for _, group in left.groupby("stream")))

    def of_line(self, found: pd.DataFrame) -> TracePayment:
        """One line with its parents, under the payment it belongs to."""
        record = _records(found)[0]
        paid = self.payments[self.payments["payment_id"] == record["payment_id"]]
        whole = self.of_payments(paid)[0] if len(paid) else self._part({}, found)
        return replace(whole, lines=(self._line(str(record["line_id"]), set()),))

    def said(self, findings: pd.DataFrame) -> tuple[Record, ...]:
        """Some findings in the reader's language."""
        return _records(findings_in(self._run, self._language, findings))

    def _part(self, record: Record, lines: pd.DataFrame, made: str = "") -> TracePayment:
        first = record or _records(lines)[0]
        stream, payee_id = str(first["stream"]), str(first["payee_id"])
        about = self._findings[
            (self._findings["subject_id"] == payee_id)
            & (self._findings["subject_kind"] == str(STREAMS[stream].payee))
            & self._findings["stream"].isin(["", stream])
        ]
        seen: set[str] = set()
        return TracePayment(
            stream=stream,
            payee_id=payee_id,
            record=record,
            lines=tuple(self._line(line_id, seen) for line_id in lines["line_id"]),
            lines_cents=int(lines["amount_cents"].sum()),
            made=made,
            findings=self.said(about),
        )

    def _line(self, line_id: str, seen: set[str]) -> TraceLine:
        place = self._places.get(line_id)
        if place is None:
            return TraceLine(line_id=line_id, record={})
        record = _records(self._lines.iloc[[place]])[0]
        if line_id in seen:
            return TraceLine(line_id=line_id, record=record, shown_above=True)
        seen.add(line_id)
        parents = tuple(self._line(parent, seen) for parent in str(record["parents"]).split())
        return TraceLine(line_id=line_id, record=record, parents=parents)


def _records(frame: pd.DataFrame) -> tuple[Record, ...]:
    return tuple(
        {str(key): value for key, value in row.items()} for row in frame.to_dict("records")
    )


def trace_json(found: Trace) -> dict[str, object]:
    """The trace for a machine: plain dicts and lists, amounts in cents."""

    def line(item: TraceLine) -> dict[str, object]:
        more = {"shown_above": True} if item.shown_above else {}
        return {
            "line_id": item.line_id,
            **item.record,
            **more,
            "parents": [line(parent) for parent in item.parents],
        }

    return {
        "id": found.wanted,
        "matched": found.matched,
        "payments": [
            {
                "stream": part.stream,
                "payee_id": part.payee_id,
                "payment": dict(part.record),
                "made": part.made,
                "lines_cents": part.lines_cents,
                "lines": [line(item) for item in part.lines],
                "findings": [dict(item) for item in part.findings],
            }
            for part in found.payments
        ],
        "findings": [dict(item) for item in found.findings],
    }


def trace_text(found: Trace, language: str, rules: RunRules | None = None) -> list[str]:
    """The trace as lines of text, indented by two spaces per step back to the source.

    rules: with them the rules and figures of a line are told by title, value, date and source.
    """
    rows: list[str] = []
    told: set[str] = set()
    for part in found.payments:
        rows += _payment_text(part, language)
        for item in part.lines:
            rows += _line_text(item, language, 1, (rules, told))
        if part.record and found.matched != "line_id":
            rows.append("  " + _sum_text(part, language))
        rows += _finding_text(part.findings, language)
        if rules is not None and STREAMS[part.stream].payee is SubjectKind.EMPLOYEE:
            see = text("explain_see", language, run=rules.run, id=part.payee_id)
            rows.append(f"  {see}")
        rows.append("")
    return (rows + _finding_text(found.findings, language))[: None if found.findings else -1]


def _payment_text(part: TracePayment, language: str) -> list[str]:
    stream = text(f"stream_{part.stream}", language)
    if not part.record:
        amount = euros_shown(part.lines_cents, language)
        return [f"{stream} · {part.payee_id} · {text('wb_trace_unpaid', language, lines=amount)}"]
    record = part.record
    head = text(
        "wb_trace_payment",
        language,
        id=record["payment_id"],
        amount=euros_shown(_cents(record), language),
        status=text(NOT_MADE.get(part.made, f"wb_status_{record['status']}"), language),
    )
    details = [stream, part.payee_id, record["creditor_name"], record["iban"]]
    details += [record[name] for name in ("execution_date", "end_to_end_id", "file", "hold_rules")]
    return [head, "  " + " · ".join(str(item) for item in details if item)]


def _sum_text(part: TracePayment, language: str) -> str:
    amount = euros_shown(part.lines_cents, language)
    equal = part.lines_cents == _cents(part.record)
    return text("wb_trace_sum" if equal else "wb_trace_gap", language, lines=amount)


def _line_text(
    item: TraceLine, language: str, depth: int, rules: tuple[RunRules | None, set[str]]
) -> list[str]:
    indent = "  " * depth
    if not item.record:
        return [indent + text("wb_trace_missing", language, id=item.line_id)]
    record = item.record
    unknown, figures = _rule_text(record, language, "  " * depth, rules)
    how = [
        " × ".join(str(record[name]) for name in ("quantity", "rate") if record[name]),
        _word("wb_trace_", record["basis"], language),
        text("wb_trace_rule", language, rule=unknown) if unknown else "",
        text("wb_trace_from", language, source=record["source"]) if record["source"] else "",
        text("wb_trace_again", language) if item.shown_above else "",
    ]
    amount = euros_shown(_cents(record), language)
    component = _word("wb_component_", record["component"], language)
    head = f"{indent}{component} {record['earning_period']}  {amount} EUR"
    rows = [f"{head}  [{item.line_id}]", f"{indent}  " + " · ".join(part for part in how if part)]
    rows += figures
    if item.parents:
        rows.append(f"{indent}  {text('wb_trace_parent', language)}")
    for parent in item.parents:
        rows += _line_text(parent, language, depth + 2, rules)
    return rows


def _rule_text(
    record: Record, language: str, indent: str, rules: tuple[RunRules | None, set[str]]
) -> tuple[str, list[str]]:
    """(the ids that no rule of the run explains, lines for the others).

    The source of a figure is told the first time only.
    """
    run, told = rules
    tokens = str(record["rule_id"]).split()
    if run is None:
        return " ".join(tokens), []
    unknown, rows = [], []
    for token in tokens:
        figure = figure_of(run.book, token, run.days(record))
        if figure is None:
            unknown.append(token)
            continue
        shown = figure_shown(figure, language)
        if token.startswith("change:"):
            shown = text("explain_changed_law", language, title=shown)
        rows += wrap(f"▸ {shown}", len(indent) + 2)
        if figure.source and shown not in told:
            rows += wrap(figure.source, len(indent) + 4)
        told.add(shown)
    return " ".join(unknown), rows


def _finding_text(findings: tuple[Record, ...], language: str) -> list[str]:
    rows = []
    for item in findings:
        severity = text(f"wb_severity_{item['severity']}", language)
        where = f" ({item['source']})" if item["source"] else ""
        rows.append(f"  ! {severity} · {item['rule_id']} · {item['message']}{where}")
        if item["remedy"]:
            rows.append(f"    → {item['remedy']}")
    return rows


def _word(prefix: str, code: object, language: str) -> str:
    """The word for a code, or the code itself: a register's pay codes have no words of ours."""
    return text_or(f"{prefix}{code}", language, str(code))


def _cents(record: Record) -> int:
    return int(str(record["amount_cents"]))
