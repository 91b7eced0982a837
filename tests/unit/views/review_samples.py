"""A small invented run, and the same run at any size."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd

from payroll.model.findings import FINDING_COLUMNS
from payroll.model.frames import NOT_CARRIED_OVER, RECEIVABLES, TO_SETTLE
from payroll.model.record_frames import CHANGES, RECORD_PAYMENTS, TEXT_CHANGES
from payroll.model.results import SepaFile
from payroll.model.tables import SourceSummary
from payroll.record.run import Run
from tests.record_samples import payees_frame, run_of, with_frames

AMOUNTS = ("gross_before", "gross_after", "net_before", "net_after")
FILE = "sepa/salaries_2022-05-31_01.xml"
FILE_2 = "sepa/invoices_2022-05-30_01.xml"


def payment(  # noqa: PLR0917
    number: int, stream: str, payee: str, name: str, cents: int, held: str = ""
) -> dict:
    file = FILE if stream == "salaries" else FILE_2
    return {
        "payment_id": f"P-{number:06d}",
        "stream": stream,
        "payee_id": payee,
        "creditor_name": name,
        "iban": "BE68539007547034",
        "amount_cents": cents,
        "remittance": "Salaire mai 2022" if stream == "salaries" else "Facture F-1",
        "structured_reference": "090933755493" if payee == "S2" else "",
        "end_to_end_id": "" if held else f"2022-05-{number:06d}",
        "execution_date": "" if held else "2022-05-31",
        "legal_nature": "advance" if stream == "fees" else "full_estimate",
        "status": "held" if held else "pay",
        "hold_rules": held,
        "file": "" if held else file,
        "payment_group": "",
    }


def finding(*values: str) -> dict:
    identity = "F-" + hashlib.sha256("|".join(values).encode()).hexdigest()[:12]
    return dict(zip(FINDING_COLUMNS, (identity, *values, ""), strict=True))


def findings_frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype="str")


PAYMENT_ROWS = [
    payment(1, "salaries", "00042", "Élodie D'Haese", 215_033),
    payment(2, "salaries", "00043", "Bram Peeters", 198_712, "IBAN-001 DEC-001"),
    payment(3, "salaries", "00044", "Zoë Lefèvre", 187_305),
    payment(4, "bonuses", "00042", "Élodie D'Haese", 12_441),
    payment(5, "fees", "P7", "Dr Noël SRL", 900_000),
    payment(6, "invoices", "S1", "=cmd|' /C calc'!A0", 121_000),
    payment(7, "invoices", "S2", "-Mon & <Cie>", 45_001),
]
CHANGE_ROWS = [
    ("00042", 350_000, 350_000, 215_033, 215_033, ""),
    ("00043", 300_000, 310_000, 190_000, 198_712, ""),
    ("00044", 320_000, 290_000, 203_000, 187_305, "stream_salaries"),
    ("00045", 280_000, 0, 176_010, -5_000, "column_total stream_fees"),
]
FINDING_ROWS = [
    finding(
        "IBAN-001",
        "hold",
        "employee",
        "00043",
        "",
        "BE00",
        "",
        "L'IBAN est faux.",
        "Demandez le compte à l'agent par téléphone.",
        "exports/p.xlsx!Personnel!R17, IBAN",
    ),
    finding(
        "DEC-001",
        "hold",
        "employee",
        "00043",
        "salaries",
        "2022-05-02",
        "",
        "Un décès est signalé le 2 mai 2022 ; le paiement suit la succession.",
        "Prenez contact avec le notaire.",
        "adjustments/a.xlsx!Feuil1!R4, Raison",
    ),
    finding(
        "ING-002",
        "hold",
        "employee",
        "00099",
        "salaries",
        "",
        "",
        "Brut illisible.",
        "Corrigez la cellule.",
        "exports/p.xlsx!Personnel!R88, Brut",
    ),
    finding(
        "VAR-002",
        "warn",
        "employee",
        "00044",
        "salaries",
        "-7,7 %",
        "5 %",
        "Le net baisse de 7,7 %.",
        "Vérifiez le temps partiel.",
        "exports/p.xlsx!P!R18",
    ),
    finding("INFO-001", "info", "run", "", "", "", "", "@SUM(A1) pour information", "", ""),
]


def changes_frame(rows: list[tuple], law: dict[str, int] | None = None) -> pd.DataFrame:
    """CHANGES of salaries: payee, gross before and after, net before and after, reasons."""
    names = ("payee_id", *(f"{what}_cents" for what in AMOUNTS), "reasons")
    return CHANGES.from_rows(
        dict(zip(names, row, strict=True))
        | {
            "stream": "salaries",
            "had_before": row[3] != 0,
            "law_cents": (law or {}).get(row[0], 0),
            "index_cents": 0,
        }
        for row in rows
    )


def sepa_file(path: str, stream: str, rows: list[dict]) -> SepaFile:
    paid = [row for row in rows if row["file"] == path]
    return SepaFile(
        path=path,
        content=b"<Document/>",
        stream=stream,
        account_id="main",
        debtor_iban="BE68539007547034",
        execution_date="2022-05-31",
        message_id="M1",
        transactions=len(paid),
        total_cents=sum(row["amount_cents"] for row in paid),
        sha256=hashlib.sha256(path.encode()).hexdigest(),
    )


NAMES = {
    ("employee", "00042"): "Élodie D'Haese",
    ("employee", "00043"): "Bram Peeters",
    ("employee", "00044"): "Zoë Lefèvre",
    ("employee", "00099"): "Ana Ruiz",
    ("supplier", "S1"): "=cmd|' /C calc'!A0",
    ("practitioner", "P7"): "Dr Noël SRL",
}
BONUS_OF_ONCE = {
    "payee_id": "00044",
    "component": "8101",
    "label": "Prime unique",
    "nature": "one_off",
    "amount_cents": 50_000,
    "reason": "stream_bonuses",
    "source": "exports/r.csv!csv!R9",
}
RECEIVABLE = {
    "stream": "salaries",
    "payee_id": "00045",
    "payment_group": "",
    "amount_cents": -5_000,
    "source": "exports/p.xlsx!Personnel!R19",
}
SOURCE = SourceSummary(
    kind="employees",
    file="exports/p.xlsx",
    sheet="Personnel",
    sha256="ab" * 32,
    encoding="",
    header_row=4,
    rows_read=5,
    rows_used=4,
    rows_excluded=1,
    totals_cents={"monthly_gross": 1_250_000},
    excluded_cents={"monthly_gross": 1},
)


def small(language: str = "fr") -> Run:
    """A few payments of every stream, one held, what is owed, left out and not known."""
    later = {"stream": "bonuses", "payee_id": "00043", "reason": "stream_bonuses", "source": "-"}
    changed = {
        "payment_id": "P-000001",
        "field": "creditor_name",
        "before": "Élodie D'Haese",
        "after": "Elodie D'Haese",
    }
    return run_of(
        {
            "payments": RECORD_PAYMENTS.from_rows(PAYMENT_ROWS),
            "not_carried_over": NOT_CARRIED_OVER.from_rows([BONUS_OF_ONCE]),
            "to_settle": TO_SETTLE.from_rows([later]),
            "changes": changes_frame(CHANGE_ROWS),
            "receivables": RECEIVABLES.from_rows([RECEIVABLE]),
            "findings": findings_frame(FINDING_ROWS),
            "text_changes": TEXT_CHANGES.from_rows([changed]),
            "payees": payees_frame(NAMES),
        },
        language=language,
        sources=(SOURCE,),
        sepa_files=(
            sepa_file(FILE, "salaries", PAYMENT_ROWS),
            sepa_file(FILE_2, "invoices", PAYMENT_ROWS),
        ),
    )


def large(count: int) -> Run:
    """`count` salaries, every twentieth held, every person changed."""
    rows = [
        payment(
            n,
            "salaries",
            f"{n:06d}",
            f"Prénom Nom {n}",
            150_000 + n % 90_000,
            "" if n % 20 else "IBAN-001",
        )
        for n in range(count)
    ]
    found = [
        finding(
            "IBAN-001",
            "hold",
            "employee",
            row["payee_id"],
            "",
            "x",
            "",
            "Le compte est faux.",
            "Demandez le compte.",
            "exports/p.xlsx!P!R1, IBAN",
        )
        for row in rows
        if row["status"] == "held"
    ]
    changes = changes_frame(
        [
            (row["payee_id"], 350_000, 350_000, 200_000, row["amount_cents"], "stream_salaries")
            for row in rows
        ]
    )
    run = with_frames(
        small(),
        payments=RECORD_PAYMENTS.from_rows(rows),
        changes=changes,
        findings=findings_frame(found),
        text_changes=TEXT_CHANGES.empty(),
        payees=payees_frame({("employee", row["payee_id"]): row["creditor_name"] for row in rows}),
    )
    return replace(run, sepa_files=(sepa_file(FILE, "salaries", rows),))
