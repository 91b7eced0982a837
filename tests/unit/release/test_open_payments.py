"""What the ledger says is still open keeps a run from being forgotten."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from payroll.ledger.book import Event, Ledger, open_ledger
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, ReleasedFile, claim_run
from payroll.model.errors import DamagedInputError, PayrollError
from payroll.model.released import KEY
from payroll.release.forget import nobody_releases, open_payments
from payroll.release.private_files import only_one
from tests.unit.release.run_samples import RUN_ID

FILE = ReleasedFile(
    message_id="M1",
    block_id="B1",
    path="sepa/x.xml",
    outbox_name="x.xml",
    sha256="0" * 64,
    stream="salaries",
    debtor_iban="BE68539007547034",
    bank_profile="generic_be_2022",
    execution_date="2022-05-31",
    transactions=3,
    total_cents=600,
)


def released(ledger: Ledger, run_id: str, number: int) -> None:
    """Release a run of three payments in one file."""
    ids = [f"E{number}{place}" for place in range(3)]
    payments = pd.DataFrame(
        [
            (
                key,
                f"M{number}",
                key,
                "salaries",
                key,
                "Anne Fictive",
                "BE68539007547034",
                100 * place + 100,
                "",
            )
            for place, key in enumerate(ids)
        ],
        columns=list(PAYMENT_COLUMNS),
    )
    keys = pd.DataFrame(
        [("salaries", key, "2022-05", "net", key) for key in ids], columns=[*KEY, "end_to_end_id"]
    )
    fields = {name: getattr(FILE, name) for name in ReleasedFile.__slots__}
    file = ReleasedFile(**{**fields, "message_id": f"M{number}", "outbox_name": f"x{number}.xml"})
    claim_run(
        ledger,
        run_id=run_id,
        files=[file],
        payments=payments,
        payment_keys=keys,
        at="2022-05-30T10:00:00",
        by="Anne Fictive",
        body={},
    )


def said(ledger: Ledger, kind: str, payment: str = "") -> None:
    with ledger.transaction():
        ledger.append(
            Event(
                at="2022-06-01T10:00:00",
                kind=kind,
                run_id=RUN_ID,
                message_id="M1",
                end_to_end_id=payment,
                body={},
            )
        )


def test_no_ledger_or_another_run_is_nothing_open(tmp_path: Path) -> None:
    assert open_payments(tmp_path, RUN_ID) == 0
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as ledger:
        released(ledger, "2022-04-ffffff", 2)
    assert open_payments(tmp_path, RUN_ID) == 0
    assert open_payments(tmp_path, "2022-04-ffffff") == 3


def test_a_payment_is_open_until_the_bank_has_the_last_word(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as ledger:
        released(ledger, RUN_ID, 1)
        assert open_payments(tmp_path, RUN_ID) == 3
        said(ledger, "accepted")  # accepted is not yet executed
        assert open_payments(tmp_path, RUN_ID) == 3
        said(ledger, "rejected", "E10")
        assert open_payments(tmp_path, RUN_ID) == 2
        said(ledger, "debited", "E11")
        said(ledger, "debited", "E12")
        assert open_payments(tmp_path, RUN_ID) == 0
        said(ledger, "return", "E12")  # announced: the money is not back yet
        assert open_payments(tmp_path, RUN_ID) == 1
        said(ledger, "return_booked", "E12")
        assert open_payments(tmp_path, RUN_ID) == 0
        said(ledger, "debited", "E10")  # rejected and debited: only the bank knows
        assert open_payments(tmp_path, RUN_ID) == 1


def test_while_somebody_releases_nothing_is_wiped(tmp_path: Path) -> None:
    with nobody_releases(tmp_path):
        assert list(tmp_path.iterdir()) == []  # no ledger, nothing to hold
    (tmp_path / "ledger.sqlite").touch()
    lock = tmp_path / ".ledger.sqlite.lock"
    with only_one(lock), pytest.raises(PayrollError) as caught, nobody_releases(tmp_path):
        pass
    assert caught.value.error_id == "ledger_busy"
    with nobody_releases(tmp_path):
        pass


def test_a_damaged_ledger_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DamagedInputError):
        open_payments(tmp_path, RUN_ID)
