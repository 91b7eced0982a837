"""The table sheets of the review, each a pure function of a run as shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from payroll.model.findings import Severity
from payroll.model.frames import join_texts, rows_of
from payroll.model.streams import STREAMS, paid_to
from payroll.record.findings import holding
from payroll.render.table import Column, Table
from payroll.texts.shown import euros_shown
from payroll.views.movements import person_moves, site_names
from payroll.views.shown import Shown

_STREAM = Column("column_stream", "text", 12)
_PAYEE = Column("wb_col_payee", "text", 14)
_NAME = Column("wb_col_name", "text", 26)
_WHO = (_STREAM, _PAYEE, _NAME)
_RULE = Column("wb_col_rule", "text", 11)
_AMOUNT = Column("wb_col_amount", "euro", 15, shown="bar")
_SOURCE = Column("wb_col_source", "text", 44)
#: What was meant once and what nobody knows come before what comes back in another form.
_NATURES = ("unknown", "one_off", "arrears", "variable")
_SEVERITY = Column("wb_col_severity", "mark", 22, "wb_severity_")
_MESSAGE = Column("wb_col_message", "wrap", 52)


def held(shown: Shown) -> Table:
    """Held payments with what holds them and what to do, largest first.

    A payee who is held without having a payment stands last: nobody vanishes.
    """
    findings = shown.findings[holding(shown.findings)]
    by_payee: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in findings.to_dict("records"):
        by_payee[row["subject_kind"], row["subject_id"]].append({str(k): v for k, v in row.items()})
    payments = shown.run.payments
    payments = payments[payments["status"] == "held"]
    payments = payments.sort_values("amount_cents", ascending=False, kind="stable")
    rows: list[tuple[object, ...]] = []
    told: set[str] = set()
    for payment in payments[
        ["stream", "payee_id", "creditor_name", "amount_cents", "hold_rules"]
    ].itertuples(index=False):
        stream, payee_id, creditor, cents, rules = payment
        kind = str(STREAMS[stream].payee)
        why = [item for item in by_payee[kind, payee_id] if item["stream"] in ("", stream)]
        told.update(item["finding_id"] for item in why)
        rules = rules or join_texts((item["rule_id"] for item in why), " ")
        rows.append(
            (
                shown.say(f"stream_{stream}"),
                payee_id,
                shown.name(kind, payee_id) or creditor,
                int(cents),
                rules,
                *_why(shown, why),
            )
        )
    for (kind, payee_id), items in sorted(by_payee.items()):
        left = [item for item in items if item["finding_id"] not in told]
        if left and paid_to(kind):
            stream = join_texts(shown.words("stream_", (item["stream"] for item in left)), ", ")
            rows.append(
                (
                    stream or shown.say("wb_no_payment"),
                    payee_id,
                    shown.name(kind, payee_id),
                    None,
                    join_texts((item["rule_id"] for item in left), " "),
                    *_why(shown, left),
                )
            )
    rules = Column("wb_col_rules", "wrap", 12)
    columns = (*_WHO, _AMOUNT, rules, _MESSAGE, *_advice(remedy=52, source=40))
    return Table.of_rows("held", columns, rows, frozen_columns=3)


def _advice(*, remedy: int, source: int) -> tuple[Column, Column]:
    """What to do about a finding and where it comes from, of these widths."""
    return Column("wb_col_remedy", "wrap", remedy), Column("wb_col_source", "wrap", source)


def _why(shown: Shown, findings: list[Mapping[str, str]]) -> tuple[str, str, str]:
    if not findings:
        return shown.say("wb_held_elsewhere"), "", ""
    return (
        join_texts((item["message"] for item in findings), "\n"),
        join_texts((item["remedy"] for item in findings), "\n"),
        join_texts((item["source"] for item in findings), "\n"),
    )


def unexplained(shown: Shown) -> Table:
    """Salaries whose net or gross moved and nobody says why, the largest change first."""
    return _changes(shown, "unexplained")


def explained(shown: Shown) -> Table:
    """Salaries that moved for a known reason, the largest change first."""
    return _changes(shown, "explained")


def _changes(shown: Shown, sheet: str) -> Table:
    """Net against the last known month per person; the unchanged are counted, not listed."""
    people = person_moves(shown)
    doubtful = people["kind"] == "unexplained"
    unchanged = int((people["kind"] == "").sum())
    frame = people[doubtful if sheet == "unexplained" else ~doubtful & (people["kind"] != "")]
    frame = frame.assign(size=-frame["delta_cents"].abs())
    frame = frame.sort_values(["size", "payee_id"], kind="stable")
    delta, before = frame["delta_cents"].tolist(), frame["net_before_cents"].tolist()
    payees = frame["payee_id"].tolist()
    columns: list[tuple[Column, Sequence[object]]] = [
        (_PAYEE, payees),
        (_NAME, [shown.name("employee", payee_id) for payee_id in payees]),
        (Column("wb_col_site", "text", 20), site_names(shown.run, payees)),
        (Column("wb_col_net_before", "euro", 14), before),
        (Column("wb_col_net_after", "euro", 14), frame["net_after_cents"].tolist()),
        (Column("wb_col_delta", "euro", 16, shown="shade"), delta),
        (
            Column("wb_col_percent", "percent", 10),
            [moved / base if base else None for moved, base in zip(delta, before, strict=True)],
        ),
        (Column("wb_col_gross_before", "euro", 14), frame["gross_before_cents"].tolist()),
        (Column("wb_col_gross_after", "euro", 14), frame["gross_after_cents"].tolist()),
    ]
    if sheet == "explained":
        for name in ("law", "index"):
            part = [cents or None for cents in frame[f"{name}_cents"].tolist()]
            columns.append((Column(f"wb_col_{name}", "euro", 13), part))
        columns += [
            (
                Column("wb_col_kind_of", "text", 20),
                shown.words("wb_kind_of_", frame["kind"].tolist()),
            ),
            (Column("wb_col_reasons", "wrap", 50), shown.reasons(frame["reasons"].tolist())),
        ]
    return Table.of(sheet, *columns, frozen_columns=2, note={"unchanged": unchanged})


def accounts(shown: Shown) -> Table:
    """Accounts and names that were pointed out, the most serious first."""
    rows = [
        (
            item["severity"],
            shown.say_or_raw("stream_", item["stream"]) if item["stream"] else "",
            item["subject_id"],
            shown.name(item["subject_kind"], item["subject_id"]),
            item["rule_id"],
            item["message"],
            item["remedy"],
            item["source"],
        )
        for item in shown.account_findings().to_dict("records")
    ]
    columns = (_SEVERITY, *_WHO, _RULE, _MESSAGE, *_advice(remedy=46, source=36))
    return Table.of_rows("accounts", columns, rows, frozen_columns=4)


def bank_texts(shown: Shown) -> Table:
    """Names and references that the bank gets in other characters, before and after."""
    changes, payments = shown.run.frames["text_changes"], shown.run.payments
    payments = payments[payments["payment_id"].isin(changes["payment_id"])]
    payee = {
        payment_id: (stream, payee_id)
        for payment_id, stream, payee_id in rows_of(payments, "payment_id", "stream", "payee_id")
    }
    found = [payee.get(payment_id, ("", "")) for payment_id in changes["payment_id"]]
    streams = {"": ""} | {stream: shown.say(f"stream_{stream}") for stream in STREAMS}
    return Table.of(
        "bank_texts",
        (Column("wb_col_what", "text", 22), shown.words("wb_what_", changes["field"].tolist())),
        (_STREAM, [streams[stream] for stream, _ in found]),
        (_PAYEE, [payee_id for _, payee_id in found]),
        (
            _NAME,
            [
                shown.name(STREAMS[stream].payee, payee_id) if stream else ""
                for stream, payee_id in found
            ],
        ),
        (Column("wb_col_before", "wrap", 46), changes["before"].tolist()),
        (Column("wb_col_after", "wrap", 46), changes["after"].tolist()),
        frozen_columns=4,
    )


def payments(shown: Shown) -> Table:
    """Every payment, held ones included, in the order of the streams."""
    frame = shown.run.payments
    order = frame["stream"].map({name: number for number, name in enumerate(STREAMS)})
    frame = frame.iloc[order.argsort(kind="stable").to_numpy()]
    remittance = [
        structured or free
        for structured, free in rows_of(frame, "structured_reference", "remittance")
    ]
    natures = shown.words("wb_legal_", frame["legal_nature"].tolist())
    return Table.of(
        "payments",
        (Column("wb_col_status", "mark", 14, "wb_status_"), frame["status"].tolist()),
        (_STREAM, shown.words("stream_", frame["stream"].tolist())),
        (_PAYEE, frame["payee_id"].tolist()),
        (Column("wb_col_creditor", "text", 28), frame["creditor_name"].tolist()),
        (Column("wb_col_iban", "text", 22), frame["iban"].tolist()),
        (Column("wb_col_amount", "euro", 15), frame["amount_cents"].tolist()),
        (Column("wb_col_date", "day", 13), frame["execution_date"].tolist()),
        (Column("wb_col_remittance", "text", 32), remittance),
        (Column("wb_col_legal", "text", 18), natures),
        (Column("wb_col_rules", "text", 16), frame["hold_rules"].tolist()),
        (Column("wb_col_file", "text", 30), frame["file"].tolist()),
        (Column("wb_col_end_to_end", "text", 30), frame["end_to_end_id"].tolist()),
        (Column("wb_col_payment", "text", 16), frame["payment_id"].tolist()),
        frozen_columns=4,
        printed=10,
    )


def receivables(shown: Shown) -> Table:
    """Negative amounts, which stand in no payment file."""
    frame = shown.run.frames["receivables"].sort_values("amount_cents", kind="stable")
    return Table.of(
        "receivables",
        (_STREAM, shown.words("stream_", frame["stream"].tolist())),
        (_PAYEE, frame["payee_id"].tolist()),
        (_NAME, shown.names_in(frame)),
        (_AMOUNT, frame["amount_cents"].tolist()),
        (_SOURCE, frame["source"].tolist()),
    )


def not_carried_over(shown: Shown) -> Table:
    """Elements of the last known month that were not carried over: one-offs first, by size."""
    frame = shown.run.frames["not_carried_over"]
    rank = frame["nature"].map({name: number for number, name in enumerate(_NATURES)})
    frame = frame.assign(rank=rank, size=-frame["amount_cents"].abs())
    frame = frame.sort_values(["rank", "size"], kind="stable")
    payees = frame["payee_id"].tolist()
    return Table.of(
        "not_carried_over",
        (_PAYEE, payees),
        (_NAME, [shown.name("employee", payee_id) for payee_id in payees]),
        (Column("wb_col_component", "text", 14), frame["component"].tolist()),
        (Column("wb_col_label", "text", 30), frame["label"].tolist()),
        (Column("wb_col_nature", "text", 13), shown.words("wb_nature_", frame["nature"].tolist())),
        (_AMOUNT, frame["amount_cents"].tolist()),
        (Column("wb_col_reason", "wrap", 50), shown.reasons(frame["reason"].tolist())),
        (_SOURCE, frame["source"].tolist()),
    )


def to_settle(shown: Shown) -> Table:
    """Payees who are due something that this run could not work out."""
    frame = shown.run.frames["to_settle"]
    return Table.of(
        "to_settle",
        (_STREAM, shown.words("stream_", frame["stream"].tolist())),
        (_PAYEE, frame["payee_id"].tolist()),
        (_NAME, shown.names_in(frame)),
        (Column("wb_col_reason", "wrap", 60), shown.reasons(frame["reason"].tolist())),
        (_SOURCE, frame["source"].tolist()),
    )


def findings(shown: Shown) -> Table:
    """Every finding, the most serious first."""
    frame = shown.findings
    rank = frame["severity"].map({str(name): number for number, name in enumerate(Severity)})
    frame = frame.assign(rank=rank).sort_values(["rank", "rule_id", "subject_id"], kind="stable")
    names = [shown.name(*key) for key in rows_of(frame, "subject_kind", "subject_id")]
    kinds = shown.words("wb_subject_", frame["subject_kind"].tolist())
    return Table.of(
        "findings",
        (_SEVERITY, frame["severity"].tolist()),
        (_RULE, frame["rule_id"].tolist()),
        (Column("wb_col_subject", "text", 20), kinds),
        (Column("wb_col_subject_id", "text", 16), frame["subject_id"].tolist()),
        (_NAME, names),
        (_STREAM, shown.words("stream_", frame["stream"].tolist())),
        (_MESSAGE, frame["message"].tolist()),
        (Column("wb_col_remedy", "wrap", 50), frame["remedy"].tolist()),
        (Column("wb_col_observed", "text", 18), frame["observed"].tolist()),
        (Column("wb_col_limit", "text", 18), frame["limit"].tolist()),
        (_SOURCE, frame["source"].tolist()),
        (Column("wb_col_decision", "text", 14), shown.decided(frame["decision"])),
        (Column("wb_col_finding", "text", 16), frame["finding_id"].tolist()),
        frozen_columns=2,
        printed=8,
    )


def sources(shown: Shown) -> Table:
    """The files read: rows, totals and digests."""
    rows = [
        (
            shown.say_or_raw("wb_kind_", item.kind),
            item.file,
            item.sheet,
            item.header_row,
            item.encoding,
            item.rows_read,
            item.rows_used,
            item.rows_excluded,
            _totals(shown, item.totals_cents),
            _totals(shown, item.excluded_cents),
            item.sha256,
        )
        for item in shown.run.sources
    ]
    columns = (
        Column("wb_col_kind", "text", 28),
        Column("wb_col_file", "wrap", 36),
        Column("wb_col_sheet", "text", 14),
        Column("wb_col_header_row", "count", 9),
        Column("wb_col_encoding", "text", 10),
        Column("wb_col_rows_read", "count", 10),
        Column("wb_col_rows_used", "count", 10),
        Column("wb_col_rows_excluded", "count", 10),
        Column("wb_col_totals", "wrap", 40),
        Column("wb_col_excluded_totals", "wrap", 30),
        Column("wb_col_sha256", "wrap", 36),
    )
    return Table.of_rows("sources", columns, rows)


def _totals(shown: Shown, totals: Mapping[str, int]) -> str:
    return "\n".join(
        f"{shown.say_or_raw('wb_money_', name.removesuffix('_cents'))}: "
        f"{euros_shown(cents, shown.language)}"
        for name, cents in totals.items()
        if cents
    )
