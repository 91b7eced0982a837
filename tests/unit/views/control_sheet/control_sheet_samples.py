"""Payment files of invented people, the run that made them, and the control sheet read back.

The sheet is read from its content streams, which are not compressed: every text with its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from reportlab.pdfbase.pdfmetrics import stringWidth

from payroll.model.record_frames import RECORD_PAYMENTS
from payroll.model.results import SepaFile
from payroll.record.run import Run
from payroll.sepa.adapter import MessageHeader, Transaction
from payroll.sepa.facts import file_facts
from payroll.sepa.stream import write_message
from payroll.views.control_sheet.sheet import build_control_sheet
from tests.record_samples import OURS, run_of
from tests.unit.views.review_samples import findings_frame

CREATED = datetime(2022, 5, 23, 9, 0, 7)  # noqa: DTZ001 - local time, as in the file


def belgian(number: int) -> str:
    """A Belgian account with valid check digits, one per number."""
    bban = f"{number:010d}"
    bban += f"{int(bban) % 97 or 97:02d}"
    return f"BE{98 - int(bban + '111400') % 97:02d}{bban}"


@dataclass(frozen=True)
class Made:
    """A file and the rows of payments.csv that it pays."""

    file: SepaFile
    rows: list[dict]


def made(  # noqa: PLR0917
    count: int = 3,
    stream: str = "salaries",
    number: int = 1,
    day: date = date(2022, 5, 31),
    version: str = "pain.001.001.03",
    bic: str = "",
    debtor: str = "Hopital + Cie",
    cents: int = 150_059,
) -> Made:
    path = f"sepa/{stream}_{day}_{number:02d}.xml"
    rows = [
        {
            "payment_id": f"P-{stream}-{number}-{n}",
            "stream": stream,
            "payee_id": f"{stream[0].upper()}{number:02d}{n:05d}",
            "creditor_name": f"Personne Inventee {n}",
            "iban": belgian(12_345 * number + 997 * n),
            "amount_cents": cents + (n * 7_919) % 99_991,
            "remittance": "Mai 2022",
            "structured_reference": "",
            "end_to_end_id": f"E-{stream}{number:02d}x{n:06d}",
            "execution_date": str(day),
            "legal_nature": "final",
            "status": "pay",
            "hold_rules": "",
            "file": path,
            "payment_group": "",
        }
        for n in range(count)
    ]
    message = f"{day:%Y%m%d}-{stream[:3].upper()}-{number:02d}abc"
    header = MessageHeader(
        version=version,
        message_id=message,
        payment_information_id=f"{message}-P",
        created_at=CREATED,
        initiator_id="0912364677",
        debtor_name=debtor,
        debtor_iban=OURS,
        debtor_bic=bic,
        execution_date=day,
        batch_booking=stream != "invoices",
        category_purpose={"salaries": "SALA", "invoices": "SUPP"}.get(stream, ""),
    )
    content = write_message(
        header,
        [
            Transaction(
                row["end_to_end_id"],
                row["amount_cents"],
                row["creditor_name"],
                row["iban"],
                row["remittance"],
            )
            for row in rows
        ],
    )
    file = SepaFile(
        path=path,
        content=content,
        stream=stream,
        account_id="main",
        debtor_iban=OURS,
        execution_date=str(day),
        message_id=message,
        transactions=count,
        total_cents=sum(row["amount_cents"] for row in rows),
        sha256="-",
    )
    return Made(file, rows)


def held(number: int, stream: str = "salaries", rules: str = "IBAN-003", cents: int = 0) -> dict:
    return made(1).rows[0] | {
        "payment_id": f"H-{stream}-{number}",
        "stream": stream,
        "payee_id": f"H{number:05d}",
        "status": "held",
        "hold_rules": rules,
        "file": "",
        "amount_cents": cents or 100_000 + number,
        "end_to_end_id": f"E-held-{stream}-{number}",
    }


def run_with(
    *files: Made,
    others: list[dict] | None = None,
    findings: list[dict] | None = None,
    frames: Mapping[str, pd.DataFrame] | None = None,
    **facts: object,
) -> Run:
    """The run of some files. others: payments that stand in none; the rest as in run_of."""
    rows = [row for item in files for row in item.rows] + (others or [])
    return run_of(
        {
            "payments": RECORD_PAYMENTS.from_rows(rows),
            "findings": findings_frame(findings or []),
            **(frames or {}),
        },
        sepa_files=tuple(item.file for item in files),
        **facts,
    )


def printed(run: Run) -> bytes:
    return build_control_sheet(
        run, (file_facts(file.path, file.content) for file in run.sepa_files)
    )


@dataclass(frozen=True)
class Word:
    """One drawn text: where, how large, in which font."""

    text: str
    x: float
    y: float
    size: float
    font: str

    @property
    def end(self) -> float:
        return self.x + stringWidth(self.text, self.font, self.size)


_FONT = re.compile(rb"/BaseFont /(\S+) .*?/Name /(F\d)", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_DRAWN = re.compile(
    rb"BT /(F\d)(?:\+\d)? ([\d.]+) Tf|BT 1 0 0 1 ([\d.-]+) ([\d.-]+) Tm \(((?:\\.|[^\\)])*)\) Tj",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")


def pages(pdf: bytes) -> list[list[Word]]:
    """Every text of every page, in the order in which it was drawn."""
    fonts = {name.decode(): font.decode() for font, name in _FONT.findall(pdf)}
    found = []
    for stream in _STREAM.findall(pdf):
        font, size, words = "", 0.0, []
        for name, points, x, y, raw in _DRAWN.findall(stream):
            if name:
                font, size = fonts[name.decode()], float(points)
                continue
            words.append(Word(_plain(raw), float(x), float(y), size, font))
        found.append(words)
    return found


def _plain(raw: bytes) -> str:
    def one(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if len(code) == 3 else code

    return _ESCAPE.sub(one, raw).decode("cp1252")


def texts(pdf: bytes) -> list[list[str]]:
    return [[word.text for word in words] for words in pages(pdf)]
