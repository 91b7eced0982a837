"""The cover of the review workbook: what is paid, how the total came about, what to do and sign."""

from __future__ import annotations

from payroll.model.findings import Severity
from payroll.model.money import euros_shown
from payroll.model.order import Approver
from payroll.record.findings import holding
from payroll.record.totals import SummaryRow, summary_rows
from payroll.render.table import FIRST_ROW, GREY, ROWS_PER_SHEET
from payroll.render.xlsx_rows import column_letters
from payroll.views.review_data import ReviewData
from payroll.views.workbook import used
from payroll.views.workbook.movements import STEPS, Moves, person_moves, stream_moves
from payroll.views.workbook.sheet_layout import BLUE, ORANGE, Cell, Page, Paper, new_chart

#: Columns of the payments sheet that the control line adds up.
PAYMENT_STATUS, PAYMENT_AMOUNT = 0, 5
CHART_ROWS = 12
LARGEST = 10


def page() -> Page:
    """The cover, first of all sheets."""
    return Page(
        id="summary", draw=_draw, widths=(41, 13, 16, 13, 16, 16, 15), portrait=True, scale=68
    )


def _draw(paper: Paper, data: ReviewData) -> None:
    rows = summary_rows(data.payments, data.rebuilt.receivables)
    moves = stream_moves(data)
    _identity(paper, data)
    _streams(paper, data, rows)
    _bridge(paper, data, moves)
    _next(paper, data, rows[-1], moves[-1])
    paper.page_break()
    _files(paper, data)
    _findings(paper, data)
    _unverified(paper, data)
    _largest(paper, data)
    _sign(paper, data, rows[-1])


def _identity(paper: Paper, data: ReviewData) -> None:
    created = data.created_at.strftime("%Y-%m-%d" if data.language == "en" else "%d/%m/%Y")
    number = data.employer.enterprise_number if data.employer else ""
    known = str(data.order.last_known) if data.order else data.rebuilt.backtest.period
    facts = (
        ("employer", data.employer_name + (f" ({number})" if number else "")),
        ("period", data.period),
        ("last_known", known),
        ("run", data.run_id),
        ("created", f"{created} {data.created_at:%H:%M}"),
        ("digest", data.inputs_digest),
        ("version", data.code_version),
        ("reissue", data.say("reissue_note") if data.reissue else ""),
    )
    for name, value in facts:
        if value:
            paper.line(("head", data.say(f"wb_fact_{name}")), ("text", value))


def _streams(paper: Paper, data: ReviewData, rows: tuple[SummaryRow, ...]) -> None:
    headings = (
        ("column_stream", "text"),
        ("column_paid", "count"),
        ("column_paid_eur", "euro"),
        ("column_held", "count"),
        ("column_held_eur", "euro"),
        ("column_total_eur", "euro"),
        ("wb_col_to_recover", "euro"),
    )
    paper.part(data.say("wb_part_streams"), *((data.say(name), kind) for name, kind in headings))
    first = paper.row
    for row in rows[:-1]:
        line = paper.row + 1
        paper.line(
            ("text", data.say(f"stream_{row.stream}")),
            ("count", row.paid),
            ("euro", row.paid_cents),
            ("count", row.held),
            ("euro", row.held_cents),
            ("euro", (f"=C{line}+E{line}", row.total_cents)),
            ("euro", row.to_recover_cents),
        )
    last = paper.row - 1
    total = rows[-1]
    amounts = (
        total.paid,
        total.paid_cents,
        total.held,
        total.held_cents,
        total.total_cents,
        total.to_recover_cents,
    )
    sums: list[Cell] = [
        (kind, (f"=SUM({letter}{first + 1}:{letter}{last + 1})", amount))
        for (_, kind), letter, amount in zip(headings[1:], "BCDEFG", amounts, strict=True)
    ]
    paper.line(("text", data.say("column_total")), *sums, bold=True)
    _tie(paper, data, total)
    paper.row += 1
    _chart(paper, data, first, last)


def _tie(paper: Paper, data: ReviewData, total: SummaryRow) -> None:
    """The same totals, added up from the payments sheet; nothing to add up without a payment."""
    if not total.total:
        return
    sheet, state = (
        data.say("wb_sheet_payments"),
        {name: data.say(f"wb_status_{name}") for name in ("pay", "held")},
    )
    status, amount = (_places(data, sheet, column) for column in (PAYMENT_STATUS, PAYMENT_AMOUNT))

    def counted(name: str) -> str:
        return "=" + "+".join(f'COUNTIF({place},"{state[name]}")' for place in status)

    def added(name: str) -> str:
        return "=" + "+".join(
            f'SUMIF({place},"{state[name]}",{cells})'
            for place, cells in zip(status, amount, strict=True)
        )

    whole = "=" + "+".join(f"SUM({cells})" for cells in amount)
    paper.line(
        ("head", data.say("wb_tie_payments", sheet=sheet)),
        ("count", (counted("pay"), total.paid)),
        ("euro", (added("pay"), total.paid_cents)),
        ("count", (counted("held"), total.held)),
        ("euro", (added("held"), total.held_cents)),
        ("euro", (whole, total.total_cents)),
    )


def _places(data: ReviewData, sheet: str, column: int) -> list[str]:
    """A column of the payments on each of its sheets."""
    letters, count, places = column_letters(column), len(data.payments), []
    for number, first in enumerate(range(0, count, ROWS_PER_SHEET), 1):
        name = sheet + (f" ({number})" if number > 1 else "")
        last = FIRST_ROW + min(count - first, ROWS_PER_SHEET)
        quoted = name.replace("'", "''")
        places.append(f"'{quoted}'!${letters}${FIRST_ROW + 1}:${letters}${last}")
    return places


def _chart(paper: Paper, data: ReviewData, first: int, last: int) -> None:
    font = {"name": "Calibri", "size": 9}
    series: list[dict[str, object]] = [
        {
            "name": data.say(name),
            "categories": paper.cells(0, first, last),
            "values": paper.cells(column, first, last),
            "fill": {"color": colour},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "#,##0", "font": font},
        }
        for name, column, colour in (("column_paid_eur", 2, BLUE), ("column_held_eur", 4, ORANGE))
    ]
    chart = new_chart(paper.book, "column", data.say("wb_chart_streams"), series)
    paper.chart(chart, CHART_ROWS)
    paper.row += CHART_ROWS


def _bridge(paper: Paper, data: ReviewData, moves: tuple[Moves, ...]) -> None:
    month = data.rebuilt.backtest.period
    names = [
        data.say("column_total" if row.name == "total" else f"stream_{row.name}") for row in moves
    ]
    paper.part(
        data.say("wb_part_bridge"),
        (data.say("wb_col_step"), "text"),
        *((name, "euro") for name in names),
    )
    first = paper.row + 1
    always = ("joined", "left", "adjusted", "law", "unexplained")
    shown = [step for step in STEPS if step in always or any(row.steps[step] for row in moves)]
    for step in ("before", *shown):
        paper.line(
            ("text", data.say(f"wb_bridge_{step}", month=month)),
            *(("euro", row.amount(step)) for row in moves),
        )
    last = paper.row
    letters = "BCDEF"
    paper.line(
        ("text", data.say("wb_bridge_after")),
        *(
            ("euro", (f"=SUM({letter}{first}:{letter}{last})", row.after))
            for letter, row in zip(letters, moves, strict=True)
        ),
        bold=True,
    )
    paper.line(("text", data.say("wb_bridge_payments")), *(("euro", row.due) for row in moves))
    paid = "{letter}" + str(last + 2)
    for name in ("released", "aside"):
        amounts = [row.released if name == "released" else row.aside for row in moves]
        if any(amounts):
            paper.line(("text", data.say(f"wb_bridge_{name}")), *(("euro", x) for x in amounts))
            paid += "+{letter}" + str(paper.row)
    paper.line(
        ("text", data.say("wb_bridge_gap")),
        *(
            ("euro", (f"=ROUND({paid.format(letter=letter)}-{letter}{last + 1},2)", row.gap))
            for letter, row in zip(letters, moves, strict=True)
        ),
    )
    paper.verdict(1, len(moves))
    people = person_moves(data)
    unchanged = int((people["kind"] == "").sum())
    paper.words(
        data.say("wb_bridge_note", count=unchanged, sheet=data.say("wb_sheet_bridge")),
        font_color=GREY,
        font_size=9,
    )


def _next(paper: Paper, data: ReviewData, total: SummaryRow, moves: Moves) -> None:
    """What to do, in order; a step without anything to do is left out."""
    paper.part(data.say("wb_part_next"))
    warnings = int((data.findings["severity"] == Severity.WARN).sum())
    unexplained = int((person_moves(data)["kind"] == "unexplained").sum())
    todo: list[tuple[str, str, int, int]] = [
        ("gap", "bridge", int(moves.gap != 0), moves.gap),
        ("held", "held", total.held, total.held_cents),
        ("accounts", "accounts", len(data.account_findings()), 0),
        ("unexplained", "unexplained", unexplained, 0),
        ("warnings", "findings", warnings, 0),
        ("true_up", "true_up", len(data.rebuilt.to_true_up), 0),
        ("receivables", "receivables", total.to_recover, -total.to_recover_cents),
        ("unverified", "parameters", len(data.unverified), 0),
        ("approve", "summary", len(data.files), 0),
    ]
    steps = [item for item in todo if item[2]]
    for number, (step, sheet, count, cents) in enumerate(steps, 1):
        name = data.say(f"wb_sheet_{sheet}")
        words = data.say(
            f"wb_next_{step}", count=count, sheet=name, total=euros_shown(cents, data.language)
        )
        paper.words(f"{number}. {words}", link=name if sheet != "summary" else "")


def _files(paper: Paper, data: ReviewData) -> None:
    headings = (
        ("wb_col_file", "text"),
        ("column_stream", "text"),
        ("wb_col_date", "text"),
        ("wb_col_count", "count"),
        ("column_total_eur", "euro"),
        ("wb_col_iban", "text"),
    )
    paper.part(data.say("wb_part_files"), *((data.say(name), kind) for name, kind in headings))
    first = paper.row + 1
    for item in data.files:
        paper.line(
            ("text", item.path),
            ("text", data.say(f"stream_{item.stream}")),
            ("day", item.execution_date),
            ("count", item.transactions),
            ("euro", item.total_cents),
            ("text", item.debtor_iban),
        )
        paper.line(("small", f"SHA-256 {item.sha256}"))
    if data.files:
        last = paper.row
        paper.line(
            ("text", data.say("column_total")),
            ("text", ""),
            ("text", ""),
            *(
                (kind, (f"=SUM({letter}{first}:{letter}{last})", value))
                for kind, letter, value in (
                    ("count", "D", sum(item.transactions for item in data.files)),
                    ("euro", "E", sum(item.total_cents for item in data.files)),
                )
            ),
            ("text", ""),
            bold=True,
        )


def _findings(paper: Paper, data: ReviewData) -> None:
    headings = (("wb_col_severity", "text"), ("wb_col_count", "count"))
    paper.part(data.say("wb_part_findings"), *((data.say(name), kind) for name, kind in headings))
    counts = data.findings["severity"].value_counts().to_dict()
    counts[str(Severity.HOLD)] = int(holding(data.findings).sum())
    for severity in Severity:
        count = int(counts.get(severity, 0))
        word = ("mark", str(severity)) if count else ("text", data.say(f"wb_severity_{severity}"))
        paper.line(word, ("count", count))


def _unverified(paper: Paper, data: ReviewData) -> None:
    if not data.unverified:
        return
    paper.part(data.say("wb_part_unverified"))
    titles = used.titles(data)
    names = [titles.get(item, item) for item in data.unverified]
    shown = " · ".join(
        f"{name} ({item})" if name != item else item
        for name, item in zip(names, data.unverified, strict=True)
    )
    paper.words(shown, font_size=9)


def _largest(paper: Paper, data: ReviewData) -> None:
    """The largest payments, for the eye: a wrong one costs most."""
    if data.payments.empty:
        return
    headings = (
        ("wb_col_creditor", "text"),
        ("column_stream", "text"),
        ("wb_col_amount", "euro"),
        ("wb_col_status", "text"),
        ("wb_col_iban", "text"),
    )
    title = data.say("wb_part_largest", count=min(LARGEST, len(data.payments)))
    paper.part(title, *((data.say(name), kind) for name, kind in headings))
    frame = data.payments
    size = -frame["amount_cents"]
    frame = frame.assign(size=size).sort_values(["size", "payment_id"], kind="stable")
    for row in frame.head(LARGEST).to_dict("records"):
        paper.line(
            ("text", row["creditor_name"]),
            ("text", data.say(f"stream_{row['stream']}")),
            ("euro", row["amount_cents"]),
            ("text", data.say(f"wb_status_{row['status']}")),
            ("text", row["iban"]),
        )


def _sign(paper: Paper, data: ReviewData, total: SummaryRow) -> None:
    employer = data.employer
    approvals = employer.release.approvals if employer else 2
    listed = (*employer.release.approvers, *employer.approvers) if employer else ()
    names = [item.name if isinstance(item, Approver) else item for item in listed]
    title = data.say("wb_part_sign")
    paper.part(title)
    paper.words(
        data.say(
            "wb_sign_what",
            run=data.run_id,
            count=total.paid,
            files=len(data.files),
            held=total.held,
            total=euros_shown(total.paid_cents, data.language),
            digest=data.inputs_digest[:16],
        )
    )
    if names:
        paper.words(data.say("wb_sign_who", names=", ".join(dict.fromkeys(names))))
    look = paper.book.formats.heading()
    box = paper.book.formats(border=1, border_color="#7F7F7F", valign="vcenter", bold=True)
    spans = ((0, 0, "role"), (1, 3, "name"), (4, 4, "date"), (5, 6, "signature"))
    roles = [data.say("wb_sign_preparer")] + [
        data.say("wb_sign_approver", number=number) for number in range(1, approvals + 1)
    ]
    for role in ("", *roles):
        for first, last, name in spans:
            words = role if name == "role" else ""
            words, shown = (words, box) if role else (data.say(f"wb_sign_{name}"), look)
            if first == last:
                paper.sheet.write_string(paper.row, first, words, shown)
            else:
                paper.sheet.merge_range(paper.row, first, paper.row, last, words, shown)
        paper.sheet.set_row(paper.row, 38 if role else 16)
        paper.row += 1
