"""What the small run folder of these tests holds."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

RUN_ID = "2022-05-abc123"
PHRASE = "cheval correct agrafe"
FILES = {
    "payments.csv": b"payment_id;name\n1;Anne Fictive\n",
    "sepa/salaries_2022-05-31_01.xml": b"<Document>" + b"x" * 200_000 + b"</Document>",
    "inputs/exports/agents élèves.csv": b"a;b\n",
    f"inputs/{'long' * 40}/staff.csv": b"",
    "review.xlsx": bytes(range(256)) * 4,
}


class Person(NamedTuple):
    """A private key file and its public line."""

    file: Path
    public: str
