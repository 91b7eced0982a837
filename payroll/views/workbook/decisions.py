"""The decision sheet of the review workbook: what waits for a decision, and what was filled in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from payroll.model.errors import DamagedInputError
from payroll.model.streams import payee_by_stream
from payroll.record.findings import to_decide
from payroll.render.table import Column, Table
from payroll.render.xlsx import FIRST_ROW
from payroll.render.xlsx_limits import sheet_name
from payroll.texts import FALLBACK, languages, text
from payroll.texts.read_back import by_likeness, meant
from payroll.views.shown import Shown

#: The columns that a person fills in; a second person has a name and evidence of their own.
FILLED = ("action", "by", "reason", "evidence", "by_2", "evidence_2")
ACTIONS = ("pay", "hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One filled-in row: where it stands, the finding, and what was written (by FILLED)."""

    where: str
    finding: str
    values: Mapping[str, str]

    @property
    def action(self) -> str:
        """pay | hold, or '' when the word is neither, or both in two languages."""
        words = {name: f"dec_action_{name}" for name in ACTIONS}
        return meant(self.values["action"], words) or ""

    @property
    def people(self) -> tuple[tuple[str, str], ...]:
        """(name, evidence) of each person; a second one without evidence shares the first's."""
        first, second = (
            self.values["evidence"],
            self.values["evidence_2"] or self.values["evidence"],
        )
        pairs = ((self.values["by"], first), (self.values["by_2"], second))
        return tuple(pair for pair in pairs if pair[0])


def sheet(shown: Shown) -> Table:
    """One row per finding to decide, the last columns empty for whoever decides."""
    rows = to_decide(shown.findings)
    held = shown.run.payments[shown.run.payments["status"] == "held"]
    sums = held.groupby(["payee_id"])["amount_cents"].sum().to_dict()
    payees = rows["subject_kind"].isin(payee_by_stream().values())
    subjects = list(zip(rows["subject_kind"], rows["subject_id"], strict=True))
    controls = shown.run.rulebook.controls
    levels = {
        rule: shown.say(f"dec_level_{controls[rule].override}") for rule in rows["rule_id"].unique()
    }
    empty = [""] * len(rows)
    values: list[Sequence[object]] = [
        rows["finding_id"].tolist(),
        rows["severity"].tolist(),
        rows["rule_id"].tolist(),
        rows["subject_id"].tolist(),
        [shown.name(*subject) for subject in subjects],
        [
            sums.get(payee) if own else None
            for payee, own in zip(rows["subject_id"], payees, strict=True)
        ],
        rows["message"].tolist(),
        rows["remedy"].tolist(),
        [levels[rule] for rule in rows["rule_id"]],
        shown.decided(rows["decision"]),
        *(empty for _ in FILLED),
    ]
    columns = (
        Column("wb_col_finding", "text", 16),
        Column("wb_col_severity", "mark", 18, "wb_severity_"),
        Column("wb_col_rule", "text", 11),
        Column("wb_col_payee", "text", 14),
        Column("wb_col_name", "text", 24),
        Column("wb_col_amount", "euro", 14),
        Column("wb_col_message", "wrap", 46),
        Column("wb_col_remedy", "wrap", 46),
        Column("dec_col_level", "text", 18),
        Column("wb_col_decision", "wrap", 24),
        *(Column(f"dec_col_{name}", "text", 18) for name in FILLED),
    )
    words = [shown.say(f"dec_action_{name}") for name in ACTIONS]
    return Table(
        id="decisions",
        columns=columns,
        values=values,
        frozen_columns=5,
        choices={len(columns) - len(FILLED): words},
    )


def read_sheet(name: str, content: bytes) -> tuple[Filled, ...]:
    """The rows of a decision sheet that somebody filled in, in any language.

    Raises DamagedInputError when the file is no workbook or has no such sheet.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DamagedInputError("workbook_damaged", where=name) from error
    titles = {sheet_name(text("wb_sheet_decisions", language)) for language in languages()}
    found = next((title for title in book.sheetnames if title in titles), None)
    if found is None:
        raise DamagedInputError("decisions_no_sheet", where=name)
    rows = [
        ["" if cell is None else str(cell).strip() for cell in row]
        for row in book[found].iter_rows(values_only=True)
    ]
    headings = rows[FIRST_ROW - 1] if len(rows) >= FIRST_ROW else []
    fields = {field: _heading(field) for field in ("finding", *FILLED)}
    likely = by_likeness(headings, *fields.values())
    places = {
        field: next((headings.index(word) for word in words if word in headings), -1)
        for field, entry_id in fields.items()
        if (words := [text(entry_id, language) for language in likely])
    }
    missing = [field for field, place in places.items() if place < 0]
    if missing:
        wanted = text(_heading(missing[0]), FALLBACK)
        raise DamagedInputError("decisions_no_column", where=f"{name}!{found}", column=wanted)
    filled = []
    for number, row in enumerate(rows[FIRST_ROW:], FIRST_ROW + 1):
        values = {field: row[place] if place < len(row) else "" for field, place in places.items()}
        finding = values.pop("finding").removeprefix("'")
        if any(values.values()):
            filled.append(Filled(where=f"{name}!{found}!R{number}", finding=finding, values=values))
    return tuple(filled)


def _heading(field: str) -> str:
    return "wb_col_finding" if field == "finding" else f"dec_col_{field}"
