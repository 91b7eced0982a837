"""The small hospital, altered: who is estimated and why, and a garnishment with a bonus."""

from __future__ import annotations

import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "hospital-small"
WORK_BONUS, FTE_CHANGE, ABSENT, JOINER = "087302", "062498", "004423", "091604"
STATUTORY, SCALE_TWO, GARNISHED = "058734", "028322", "092677"
NOT_ON_STAFF, NOT_IN_REGISTER, GONE = "025999", "012258", "086804"
KEPT, WITHIN = "042896", "024767"  # garnishments of the register below the legal maximum


def altered_workspace(folder: Path) -> Path:
    """NOT_ON_STAFF falls off the staff list, NOT_IN_REGISTER off the register, GONE left in April;
    GARNISHED gets hours of a premium; KEPT and WITHIN (who leaves in May) get a garnishment.
    """
    workspace = folder / "w"
    shutil.copytree(FIXTURE, workspace)
    exports = workspace / "2022-05" / "exports"
    _drop_row(exports / "personnel_2022-04.xlsx", NOT_ON_STAFF)
    _drop_row(exports / "paie_totaux_2022-04.xlsx", NOT_IN_REGISTER)
    left = datetime(2022, 4, 20)  # noqa: DTZ001 - a day in a sheet has no zone
    _write(exports / "personnel_2022-04.xlsx", GONE, {"Date de sortie": left})
    _seize(exports / "paie_totaux_2022-04.xlsx", KEPT, 100)
    _seize(exports / "paie_totaux_2022-04.xlsx", WITHIN, 1000)
    lines = exports / "paie_lignes_2022-04.csv"
    rows = lines.read_text("cp1252").splitlines(keepends=True)
    lines.write_text(
        "".join(row for row in rows if not row.lstrip('"').startswith(NOT_IN_REGISTER)), "cp1252"
    )
    hours = exports / "prestations_2022-04.csv"
    content = hours.read_bytes().decode("cp1252")
    ending = "\r\n" if "\r\n" in content else "\n"
    row = next(line for line in content.split(ending) if line.startswith("010254"))
    content += row.replace("010254", GARNISHED) + ending
    hours.write_bytes(content.encode("cp1252"))
    order = workspace / "2022-05" / "payrun.toml"  # the totals declared are those before
    kept = [row for row in order.read_text("utf-8").splitlines() if not row.startswith("control")]
    order.write_text("\n".join(kept) + "\n", "utf-8")
    return workspace


def _found(book: Workbook, wanted: str) -> tuple[Worksheet, int, int]:
    return next(
        (sheet, cell.row, cell.column)
        for sheet in book
        for line in sheet.iter_rows()
        for cell in line
        if str(cell.value).strip().zfill(6) == wanted.zfill(6)
    )


def _drop_row(path: Path, employee_id: str) -> None:
    book = openpyxl.load_workbook(path)
    sheet, row, _ = _found(book, employee_id)
    sheet.delete_rows(row)
    book.save(path)


def _write(path: Path, employee_id: str, cells: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    sheet, row, _ = _found(book, employee_id)
    for heading, value in cells.items():
        sheet.cell(row, _found(book, heading)[2]).value = value
    book.save(path)


def _seize(path: Path, employee_id: str, euros: int) -> None:
    book = openpyxl.load_workbook(path)
    sheet, row, _ = _found(book, employee_id)
    net = Decimal(str(sheet.cell(row, _found(book, "Net à payer")[2]).value).replace(",", "."))
    _write(
        path, employee_id, {"Net à payer": float(net - euros), "Saisies / cessions": float(euros)}
    )
