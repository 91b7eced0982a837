"""The cover of the review workbook: what is paid, how the total came about, what to do and sign."""

from __future__ import annotations

from payroll.model.findings import Severity
from payroll.record.findings import holding
from payroll.record.totals import SummaryRow, summary_rows
from payroll.render.sheet_layout import BLUE, LABELS, ORANGE, SheetLayout
from payroll.render.table import Column
from payroll.render.xlsx import FIRST_ROW, GREY, ROWS_PER_SHEET, Book
from payroll.render.xlsx_limits import in_a_formula, sheet_name
from payroll.render.xlsx_rows import column_letters
from payroll.texts.shown import day_shown, euros_shown
from payroll.views.movements import STEPS, Moves, person_moves, stream_moves
from payroll.views.shown import Shown
from payroll.views.workbook import used

#: Columns of the payments sheet that the control line adds up.
PAYMENT_STATUS, PAYMENT_AMOUNT = 0, 5
CHART_ROWS = 12
LARGEST = 10
#: The rule that names an unverified value.
UNVERIFIED = "PARAM-001"


def draw(book: Book, shown: Shown) -> None:
    """The cover, first of all sheets."""
    layout = SheetLayout(book, "summary", (41, 13, 16, 13, 16, 16, 15), portrait=True, scale=68)
    rows = summary_rows(shown.run.payments, shown.run.frames["receivables"])
    moves = stream_moves(shown)
    _identity(layout, shown)
    _streams(layout, shown, rows)
    _bridge(layout, shown, moves)
    _next(layout, shown, rows[-1], moves[-1])
    layout.page_break()
    _files(layout, shown)
    _findings(layout, shown)
    _own_rules(layout, shown)
    _unverified(layout, shown)
    _largest(layout, shown)
    _sign(layout, shown, rows[-1])
    layout.finish()


def _identity(layout: SheetLayout, shown: Shown) -> None:
    run = shown.run
    created = day_shown(run.created_at.date(), shown.language)
    employer = f"{run.employer.name} ({run.employer.enterprise_number})"
    facts = (
        ("employer", employer),
        ("period", str(run.order.period)),
        ("last_known", str(run.order.last_known)),
        ("run", run.run_id),
        ("created", f"{created} {run.created_at:%H:%M}"),
        ("digest", run.inputs_digest),
        ("version", run.code_version),
        ("reissue", shown.say("reissue_note") if run.reissue else ""),
    )
    for name, value in facts:
        if value:
            layout.cells(("head", shown.say(f"wb_fact_{name}")), ("text", value))


def _streams(layout: SheetLayout, shown: Shown, rows: tuple[SummaryRow, ...]) -> None:
    layout.part(
        "wb_part_streams",
        Column("column_stream", "text"),
        Column("column_paid", "count"),
        Column("column_paid_eur", "euro"),
        Column("column_held", "count"),
        Column("column_held_eur", "euro"),
        Column("column_total_eur", "euro"),
        Column("wb_col_to_recover", "euro"),
    )
    for row in rows[:-1]:
        line = layout.row + 1
        layout.line(
            shown.say(f"stream_{row.stream}"),
            row.paid,
            row.paid_cents,
            row.held,
            row.held_cents,
            (f"=C{line}+E{line}", row.total_cents),
            row.to_recover_cents,
        )
    streams = (layout.first, layout.row - 1)
    layout.totals(shown.say("column_total"))
    _tie(layout, shown, rows[-1])
    layout.row += 1
    chart = layout.columns(
        "wb_chart_streams",
        streams,
        ("column_paid_eur", 2, {"fill": {"color": BLUE}, "data_labels": LABELS}),
        ("column_held_eur", 4, {"fill": {"color": ORANGE}, "data_labels": LABELS}),
        gap=60,
    )
    layout.chart(chart, CHART_ROWS)
    layout.row += CHART_ROWS


def _tie(layout: SheetLayout, shown: Shown, total: SummaryRow) -> None:
    """The same totals, added up from the payments sheet; nothing to add up without a payment."""
    if not total.total:
        return
    sheet = shown.say("wb_sheet_payments")
    state = {name: in_a_formula(shown.say(f"wb_status_{name}")) for name in ("pay", "held")}
    status, amount = (_places(shown, sheet, column) for column in (PAYMENT_STATUS, PAYMENT_AMOUNT))

    def counted(name: str) -> str:
        return "=" + "+".join(f"COUNTIF({place},{state[name]})" for place in status)

    def added(name: str) -> str:
        return "=" + "+".join(
            f"SUMIF({place},{state[name]},{cells})"
            for place, cells in zip(status, amount, strict=True)
        )

    whole = "=" + "+".join(f"SUM({cells})" for cells in amount)
    layout.cells(
        ("head", shown.say("wb_tie_payments", sheet=sheet)),
        ("count", (counted("pay"), total.paid)),
        ("euro", (added("pay"), total.paid_cents)),
        ("count", (counted("held"), total.held)),
        ("euro", (added("held"), total.held_cents)),
        ("euro", (whole, total.total_cents)),
    )


def _places(shown: Shown, sheet: str, column: int) -> list[str]:
    """A column of the payments on each of its sheets."""
    letters, count, places = column_letters(column), len(shown.run.payments), []
    for number, first in enumerate(range(0, count, ROWS_PER_SHEET), 1):
        last = FIRST_ROW + min(count - first, ROWS_PER_SHEET)
        quoted = sheet_name(sheet, number).replace("'", "''")
        places.append(f"'{quoted}'!${letters}${FIRST_ROW + 1}:${letters}${last}")
    return places


def _bridge(layout: SheetLayout, shown: Shown, moves: tuple[Moves, ...]) -> None:
    month = shown.run.backtest.period
    layout.part(
        "wb_part_bridge",
        Column("wb_col_step", "text"),
        *(
            Column("column_total" if row.name == "total" else f"stream_{row.name}", "euro")
            for row in moves
        ),
    )
    always = ("joined", "left", "adjusted", "law", "unexplained")
    steps = [step for step in STEPS if step in always or any(row.steps[step] for row in moves)]
    for step in ("before", *steps):
        name = shown.say(f"wb_bridge_{step}", month=month)
        layout.line(name, *(row.amount(step) for row in moves))
    layout.totals(shown.say("wb_bridge_after"))
    after = layout.row
    letters = [column_letters(number) for number in range(1, len(moves) + 1)]
    layout.line(shown.say("wb_bridge_payments"), *(row.due for row in moves))
    paid = "{letter}" + str(after + 1)
    for name in ("released", "aside"):
        amounts = [row.released if name == "released" else row.aside for row in moves]
        if any(amounts):
            layout.line(shown.say(f"wb_bridge_{name}"), *amounts)
            paid += "+{letter}" + str(layout.row)
    layout.line(
        shown.say("wb_bridge_gap"),
        *(
            (f"=ROUND({paid.format(letter=letter)}-{letter}{after},2)", row.gap)
            for letter, row in zip(letters, moves, strict=True)
        ),
    )
    layout.verdict(1, len(moves))
    people = person_moves(shown)
    unchanged = int((people["kind"] == "").sum())
    layout.words(
        shown.say("wb_bridge_note", count=unchanged, sheet=shown.say("wb_sheet_bridge")),
        font_color=GREY,
        font_size=9,
    )


def _next(layout: SheetLayout, shown: Shown, total: SummaryRow, moves: Moves) -> None:
    """What to do, in order; a step without anything to do is left out."""
    layout.part("wb_part_next")
    warnings = int((shown.findings["severity"] == Severity.WARN).sum())
    unexplained = int((person_moves(shown)["kind"] == "unexplained").sum())
    todo: list[tuple[str, str, int, int]] = [
        ("gap", "bridge", int(moves.gap != 0), moves.gap),
        ("held", "held", total.held, total.held_cents),
        ("accounts", "accounts", len(shown.account_findings()), 0),
        ("unexplained", "unexplained", unexplained, 0),
        ("warnings", "findings", warnings, 0),
        ("to_settle", "to_settle", len(shown.run.frames["to_settle"]), 0),
        ("receivables", "receivables", total.to_recover, -total.to_recover_cents),
        ("unverified", "parameters", len(_unverified_ids(shown)), 0),
        ("approve", "summary", len(shown.run.sepa_files), 0),
    ]
    steps = [item for item in todo if item[2]]
    for number, (step, sheet, count, cents) in enumerate(steps, 1):
        name = sheet_name(shown.say(f"wb_sheet_{sheet}"))
        words = shown.say(
            f"wb_next_{step}", count=count, sheet=name, total=euros_shown(cents, shown.language)
        )
        layout.words(f"{number}. {words}", link=name if sheet != "summary" else "")


def _files(layout: SheetLayout, shown: Shown) -> None:
    layout.part(
        "wb_part_files",
        Column("wb_col_file", "text"),
        Column("column_stream", "text"),
        Column("wb_col_date", "day"),
        Column("wb_col_count", "count"),
        Column("column_total_eur", "euro"),
        Column("wb_col_iban", "text"),
    )
    for item in shown.run.sepa_files:
        layout.line(
            item.path,
            shown.say(f"stream_{item.stream}"),
            item.execution_date,
            item.transactions,
            item.total_cents,
            item.debtor_iban,
        )
        layout.cells(("small", f"SHA-256 {item.sha256}"))
    if shown.run.sepa_files:
        layout.totals(shown.say("column_total"))


def _findings(layout: SheetLayout, shown: Shown) -> None:
    layout.part(
        "wb_part_findings", Column("wb_col_severity", "text"), Column("wb_col_count", "count")
    )
    counts = shown.findings["severity"].value_counts().to_dict()
    counts[str(Severity.HOLD)] = int(holding(shown.findings).sum())
    for severity in Severity:
        count = int(counts.get(severity, 0))
        word = ("mark", str(severity)) if count else ("text", shown.say(f"wb_severity_{severity}"))
        layout.cells(word, ("count", count))


def _own_rules(layout: SheetLayout, shown: Shown) -> None:
    if not shown.own_rules:
        return
    layout.part("own_rules", count=len(shown.own_rules.rules))
    for line in shown.own_rules.lines(shown.language):
        layout.words(line, font_size=9)


def _unverified(layout: SheetLayout, shown: Shown) -> None:
    unverified = _unverified_ids(shown)
    if not unverified:
        return
    layout.part("wb_part_unverified")
    titles = used.titles(shown)
    names = [titles.get(item, item) for item in unverified]
    listed = " · ".join(
        f"{name} ({item})" if name != item else item
        for name, item in zip(names, unverified, strict=True)
    )
    layout.words(listed, font_size=9)


def _unverified_ids(shown: Shown) -> list[str]:
    """The ids of the unverified values that shaped this run, as rule PARAM-001 names them."""
    findings = shown.run.findings
    return sorted(findings.loc[findings["rule_id"] == UNVERIFIED, "observed"])


def _largest(layout: SheetLayout, shown: Shown) -> None:
    """The largest payments, for the eye: a wrong one costs most."""
    if shown.run.payments.empty:
        return
    layout.part(
        "wb_part_largest",
        Column("wb_col_creditor", "text"),
        Column("column_stream", "text"),
        Column("wb_col_amount", "euro"),
        Column("wb_col_status", "text"),
        Column("wb_col_iban", "text"),
        count=min(LARGEST, len(shown.run.payments)),
    )
    frame = shown.run.payments
    size = -frame["amount_cents"]
    frame = frame.assign(size=size).sort_values(["size", "payment_id"], kind="stable")
    for row in frame.head(LARGEST).to_dict("records"):
        layout.line(
            row["creditor_name"],
            shown.say(f"stream_{row['stream']}"),
            row["amount_cents"],
            shown.say(f"wb_status_{row['status']}"),
            row["iban"],
        )


def _sign(layout: SheetLayout, shown: Shown, total: SummaryRow) -> None:
    employer = shown.run.employer
    names = dict.fromkeys(item.name for item in employer.all_approvers)
    layout.part("wb_part_sign")
    layout.words(
        shown.say(
            "wb_sign_what",
            run=shown.run.run_id,
            count=total.paid,
            files=len(shown.run.sepa_files),
            held=total.held,
            total=euros_shown(total.paid_cents, shown.language),
            digest=shown.run.inputs_digest[:16],
        )
    )
    if names:
        layout.words(shown.say("wb_sign_who", names=", ".join(names)))
    look = layout.book.formats.heading()
    box = layout.book.formats(border=1, border_color="#7F7F7F", valign="vcenter", bold=True)
    spans = ((0, 0, "role"), (1, 3, "name"), (4, 4, "date"), (5, 6, "signature"))
    roles = [shown.say("wb_sign_preparer")] + [
        shown.say("wb_sign_approver", number=number)
        for number in range(1, employer.release.approvals + 1)
    ]
    for role in ("", *roles):
        for first, last, name in spans:
            words = role if name == "role" else ""
            words, chosen = (words, box) if role else (shown.say(f"wb_sign_{name}"), look)
            if first == last:
                layout.sheet.write_string(layout.row, first, words, chosen)
            else:
                layout.sheet.merge_range(layout.row, first, layout.row, last, words, chosen)
        layout.sheet.set_row(layout.row, 38 if role else 16)
        layout.row += 1
