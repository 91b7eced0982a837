"""A small run of payments, and the bank profiles of rules/bank."""

from __future__ import annotations

import tomllib
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from payroll.model.frames import PAYMENTS
from payroll.model.order import Employer, PayrunOrder, payrun_model
from payroll.rulebook.bank import BankProfile, load_bank_profiles

RULES = Path(__file__).parents[3] / "rules"
CREATED_AT = datetime(2022, 5, 23, 9)  # noqa: DTZ001 - local time, as the message has it
DEBTOR = "BE68539007547034"


def belgian_iban(number: int) -> str:
    body = f"679{number:07d}"
    body += f"{int(body) % 97 or 97:02d}"
    return f"BE{98 - int(body + '111400') % 97:02d}{body}"


def payment(number: int = 1, **changes: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(PAYMENTS.columns, "")
    row |= {
        "payment_id": f"P-{number:012x}",
        "stream": "salaries",
        "payee_id": f"E{number:05d}",
        "creditor_name": f"Anna Dupont {number}",
        "iban": belgian_iban(number),
        "amount_cents": 150_000 + number,
        "remittance": "Salaire 05/2022",
        "legal_nature": "final",
        "status": "pay",
    }
    return row | changes


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    return PAYMENTS.from_rows(rows)


@cache
def profiles() -> dict[str, BankProfile]:
    return load_bank_profiles(
        {
            f"bank/{path.name}": tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
            for path in sorted((RULES / "bank").glob("*.toml"))
        }
    )


def employer(profile: str = "generic_be", bic: str = "GKCCBEBB", **changes: object) -> Employer:
    account = {"id": "main", "iban": DEBTOR, "bank_profile": profile, "bic": bic}
    data = {
        "name": "Hôpital d’Ici",
        "enterprise_number": "0403170701",
        "account": [account],
        "town": "Arlon",
    }
    return Employer.model_validate(data | changes)


def order(pay_on: str = "2022-05-31", invoices_on: str = "2022-05-30") -> PayrunOrder:
    day = {"pay_on": pay_on, "account": "main"}
    return payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "source": [],
            "salaries": day,
            "bonuses": day | {"earned": "2022-04"},
            "fees": day | {"earned": "2022-04"},
            "invoices": {"pay_on": invoices_on, "account": "main", "due_until": "2022-06-10"},
        }
    )
