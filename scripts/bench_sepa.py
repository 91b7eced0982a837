"""Time the SEPA stage against sepaxml's own validated export of the same payments, in one process.

    PYTHONPATH=. python scripts/bench_sepa.py [PAYMENTS]

Prints the seconds of each part, the peak of Python memory and of the process, and the ratio.
sepaxml's validator refuses more than about 66,000 payments; above that only our stage is timed.
"""

from __future__ import annotations

import resource
import sys
import time
import tomllib
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from pathlib import Path

import numpy as np
import pandas as pd
from sepaxml import SepaTransfer

from payroll.model.frames import PAYMENTS
from payroll.model.order import Employer, PayrunOrder, payrun_model
from payroll.rulebook.bank import BankProfile, load_bank_profiles
from payroll.sepa import files
from payroll.sepa.files import write_sepa

ROOT = Path(__file__).resolve().parent.parent
CREATED_AT = datetime(2022, 5, 23, 9)  # noqa: DTZ001 - a payment file holds local time
PARTS = (
    "prepare",
    "plan_batches",
    "write_message",
    "validate_xsd",
    "read_message",
    "must_be_sendable",
    "must_equal",
)
SEPAXML_MAX = 66_000


def iban(number: int) -> str:
    """A valid, invented Belgian IBAN."""
    body = f"679{number:07d}"
    body += f"{int(body) % 97 or 97:02d}"
    return f"BE{98 - int(body + '111400') % 97:02d}{body}"


def salaries(count: int) -> pd.DataFrame:
    """So many salary payments, each name distinct, one in eight with an accent."""
    frame = pd.DataFrame(
        {
            "payment_id": [f"P-{number:012x}" for number in range(count)],
            "stream": "salaries",
            "payee_id": [f"{number:07d}" for number in range(count)],
            "creditor_name": [
                f"{'Zoé' if number % 8 == 0 else 'Anna'} Dupont {number}" for number in range(count)
            ],
            "iban": [iban(number) for number in range(count)],
            "amount_cents": np.arange(count, dtype=np.int64) + 150_000,
            "remittance": "Salaire 05/2022",
            "legal_nature": "final",
            "status": "pay",
        }
    )
    for name in PAYMENTS.columns:
        if name not in frame:
            frame[name] = ""
    return PAYMENTS.conform(frame.astype(dict(PAYMENTS.columns)))


def profiles() -> dict[str, BankProfile]:
    """The bank profiles of rules/bank."""
    paths = sorted((ROOT / "rules/bank").glob("*.toml"))
    return load_bank_profiles(
        {
            f"bank/{path.name}": tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
            for path in paths
        }
    )


def sepaxml_validated(payments: pd.DataFrame) -> float:
    """Seconds that sepaxml takes to add, export and validate the same payments."""
    columns = ("creditor_name", "iban", "amount_cents", "remittance", "payment_id")
    rows = list(zip(*(payments[name].tolist() for name in columns), strict=True))
    begun = time.perf_counter()
    message = SepaTransfer(
        {"name": "Hopital", "IBAN": iban(9_999_999), "batch": True, "currency": "EUR"},
        schema="pain.001.001.09",
    )
    for name, account, cents, text, end_to_end_id in rows:
        message.add_payment(
            {
                "name": name,
                "IBAN": account,
                "amount": cents,
                "description": text,
                "execution_date": date(2022, 5, 31),
                "endtoend_id": end_to_end_id,
            }
        )
    message.export(validate=True)
    return time.perf_counter() - begun


def timed(seconds: dict[str, float], name: str) -> Callable[..., object]:
    """The named step of payroll.sepa.files, adding its time to `seconds`."""
    step: Callable[..., object] = getattr(files, name)

    @wraps(step)
    def run(*args: object, **kwargs: object) -> object:
        begun = time.perf_counter()
        try:
            return step(*args, **kwargs)
        finally:
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - begun

    return run


def main() -> None:
    """Run the comparison and print it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    employer = Employer.model_validate(
        {
            "name": "Hopital",
            "enterprise_number": "0403170701",
            "account": [{"id": "main", "iban": iban(9_999_999), "bank_profile": "generic_be"}],
        }
    )
    order = payrun_model().model_validate(
        {
            "period": "2022-05",
            "last_known": "2022-04",
            "source": [],
            "salaries": {"pay_on": "2022-05-31", "account": "main"},
        }
    )
    payments, rules = salaries(count), profiles()
    write_sepa(payments.head(10), order, employer, rules, CREATED_AT)  # imports and schemas
    plain = min(_once(payments, order, employer, rules) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds: dict[str, float] = {}
    for name in PARTS:
        setattr(files, name, timed(seconds, name))
    _once(payments, order, employer, rules)
    print(f"{count} payments; sepa stage, best of 3: {plain:.2f} s; process peak {peak:.0f} MB")
    for name in PARTS:
        print(f"  {name:18} {seconds[name]:.3f} s")
    print("  (validate_xsd and read_message run beside each other)")
    if count <= SEPAXML_MAX:
        theirs = sepaxml_validated(payments)
        print(f"sepaxml, validated export: {theirs:.2f} s; ratio {theirs / plain:.1f}")
    tracemalloc.start()
    _once(payments, order, employer, rules)
    print(f"peak of Python memory in the stage: {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB")


def _once(
    payments: pd.DataFrame, order: PayrunOrder, employer: Employer, rules: dict[str, BankProfile]
) -> float:
    begun = time.perf_counter()
    write_sepa(payments, order, employer, rules, CREATED_AT)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
