"""The sample hospital's source files as an editor sees them: find a row, change a cell, write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from payroll.demo import exports
from payroll.demo import planted as names
from payroll.demo.files import Cell, Export, csv_bytes, workbook_bytes
from payroll.demo.workspace import PERIOD_FOLDER, demo_files, make_hospital

STAFF, REGISTER, LINES = names.STAFF_FILE, names.REGISTER_FILE, names.LINES_FILE
HOURS, ADJUSTMENTS = names.HOURS_FILE, names.ADJUSTMENTS_FILE
DOCTORS, STATEMENTS = names.PRACTITIONERS_FILE, names.STATEMENTS_FILE
SUPPLIERS, INVOICES = names.SUPPLIERS_FILE, names.INVOICES_FILE
_CONTROL = re.compile(r"^control = .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted: whom a finding must name, or which rules must speak of the whole run."""

    subjects: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


def on(*subjects: Cell) -> Planted:
    """A fault of some payees."""
    return Planted(subjects=frozenset(str(item) for item in subjects))


def run_wide(*rules: str) -> Planted:
    """A fault of a file or of the order: one of these rules must find it, or the run is refused."""
    return Planted(rules=frozenset(rules))


@dataclass(slots=True)
class Row:
    """One row of a sheet, cells by heading; changing one marks its sheet."""

    sheet: Sheet
    cells: list[Cell]

    def __getitem__(self, heading: str) -> Cell:
        return self.cells[self.sheet.headings.index(heading)]

    def __setitem__(self, heading: str, value: Cell) -> None:
        self.cells[self.sheet.headings.index(heading)] = value
        self.sheet.changed = True

    @property
    def id(self) -> str:
        """The payee."""
        return str(self.cells[1 if self.sheet.file == ADJUSTMENTS else 0])

    def money(self, heading: str) -> Decimal:
        """An amount, also one written as text with a decimal comma."""
        cell = self[heading] or 0
        text = cell.replace(",", ".") if isinstance(cell, str) else str(cell)
        return Decimal(text)

    def scale(self, heading: str, factor: str) -> None:
        """Multiply an amount, to the cent."""
        self[heading] = (self.money(heading) * Decimal(factor)).quantize(Decimal("0.01"))

    def copy(self, **changes: Cell) -> Row:
        """Append a copy of this row, with some cells changed (by the keywords' headings)."""
        row = Row(self.sheet, list(self.cells))
        self.sheet.rows.insert(self.sheet.rows.index(self) + 1, row)
        self.sheet.changed = True
        for heading, value in changes.items():
            row[heading] = value
        return row

    def drop(self) -> None:
        """Take the row out."""
        self.sheet.rows.remove(self)
        self.sheet.changed = True


@dataclass(slots=True, eq=False)
class Sheet:
    """One source file."""

    file: str
    table: Export
    rows: list[Row] = field(default_factory=list)
    changed: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings, as in the file."""
        return tuple(self.table.headings)

    def people(self) -> Iterator[Row]:
        """The rows that hold data: no blank row, no total."""
        for row in self.rows:
            if row.cells and not str(row.cells[0]).startswith(("TOTAL", "Sous-total")):
                yield row

    def of(self, payee: str) -> list[Row]:
        """The rows of a payee."""
        return [row for row in self.people() if row.id == payee]

    def content(self) -> bytes:
        """The file's bytes."""
        table = Export(
            name=self.table.name,
            titles=self.table.titles,
            headings=self.table.headings,
            rows=[row.cells for row in self.rows],
        )
        if self.file.endswith(".csv"):
            return csv_bytes(table, thousands=self.file == INVOICES)
        cover = ("Fichier fictif.", "Les données sont sur l'autre feuille.")
        return workbook_bytes(table, cover=cover if self.file == STAFF else ())


class Desk:
    """A hospital of a size and seed, whose files a fault may change once."""

    def __init__(self, size: str, seed: int, random: Random, taken: set[str]) -> None:
        """taken: payees of whom something is found already, whom no fault picks."""
        self.random, self.taken = random, taken
        self.register = make_hospital(size, seed).register
        self._size, self._seed = size, seed
        self._sheets: dict[str, Sheet] = {}
        self.files = base_files(size, seed)
        self.keep_totals = False

    def __getitem__(self, file: str) -> Sheet:
        if file not in self._sheets:
            sheet = Sheet(file, _table(self._size, self._seed, file))
            sheet.rows = [Row(sheet, list(cells)) for cells in sheet.table.rows]
            self._sheets[file] = sheet
        return self._sheets[file]

    def pick(self, file: str, fits: Callable[[Row], bool] = lambda _: True) -> Row:
        """A random row of a payee of whom nothing is found yet, and which fits."""
        found = [row for row in self[file].people() if row.id not in self.taken and fits(row)]
        return self.random.choice(found)

    def regular(self, fits: Callable[[Row], bool] = lambda _: True) -> Row:
        """A random member of staff in service, in the register, full time."""
        paid = {row.id for row in self[REGISTER].people()}
        return self.pick(
            STAFF,
            lambda row: (
                row.id in paid
                and row["Date de sortie"] is None
                and row.money("ETP") == 1
                and fits(row)
            ),
        )

    def adjust(self, payee: str, kind: str, value: str = "", **cells: Cell) -> Row:
        """A further adjustment, complete unless `cells` says otherwise."""
        last = [row for row in self[ADJUSTMENTS].rows if row.cells][-1]
        row = last.copy(**{"N° bénéficiaire": payee, "Type": kind, "Valeur": value})
        row["N° ajustement"] = f"AJ-{900 + len(self[ADJUSTMENTS].rows)}"
        row["Du"], row["Au"] = date(2022, 5, 2), None
        row["Motif"], row["Pièce justificative"] = "Fait générateur", "Décision 2022/311"
        for heading, cell in cells.items():
            row[heading] = cell
        return row

    def order(self, old: str, new: str) -> None:
        """Replace a text of payrun.toml, which must be there."""
        name = f"{PERIOD_FOLDER}/payrun.toml"
        text = self.files[name].decode()
        if old not in text:
            raise ValueError(f"payrun.toml has no {old!r}")
        self.files[name] = text.replace(old, new).encode()

    def inputs(self) -> dict[str, bytes]:
        """Every file by the name that the order gives it."""
        inside = {
            name.removeprefix(f"{PERIOD_FOLDER}/"): content for name, content in self.files.items()
        }
        inside |= {file: sheet.content() for file, sheet in self._sheets.items() if sheet.changed}
        if not self.keep_totals:  # the sender's own totals would tell of every changed amount
            inside["payrun.toml"] = _CONTROL.sub("", inside["payrun.toml"].decode()).encode()
        return inside


_BASE: dict[tuple[str, int], dict[str, bytes]] = {}


def base_files(size: str, seed: int) -> dict[str, bytes]:
    """The untouched workspace."""
    if (size, seed) not in _BASE:
        _BASE.clear()
        _BASE[size, seed] = demo_files(size, seed)
    return dict(_BASE[size, seed])


def _table(size: str, seed: int, file: str) -> Export:
    hospital = make_hospital(size, seed)
    vendors = hospital.vendors
    return {
        STAFF: lambda: exports.staff_table(hospital.staff),
        REGISTER: lambda: exports.totals_table(hospital.staff),
        LINES: lambda: exports.lines_table(hospital.staff),
        HOURS: lambda: exports.hours_table(hospital.hours),
        DOCTORS: lambda: exports.practitioners_table(vendors.practitioners),
        STATEMENTS: lambda: exports.statements_table(vendors.statements),
        SUPPLIERS: lambda: exports.suppliers_table(vendors.suppliers),
        INVOICES: lambda: exports.invoices_table(vendors.invoices),
        ADJUSTMENTS: lambda: exports.adjustments_table(hospital.adjustments),
    }[file]()
