"""What lies beside a pay-run order and is not named by it: recorded, so that a run can say it."""

from __future__ import annotations

from payroll.model.frames import INT, TEXT, FrameSchema

#: The name under which a run keeps it.
BESIDE = "beside.csv"

#: What a file looks like by its content: the bank's copy of an order to pay (pain.001), a statement
#: with debits (camt, CODA), a table.
ORDER_TO_PAY, STATEMENT, TABLE = LOOKS_LIKE = ("order", "statement", "table")

#: Files of the pay-run folder that look like a source. bytes: their size; first_day, last_day: of
#: the payments that a file of the bank tells (ISO), '' where no day was found.
FILES_BESIDE = FrameSchema(
    "files_beside",
    {
        "file": TEXT,
        "bytes": INT,
        "sha256": TEXT,
        "looks_like": TEXT,
        "first_day": TEXT,
        "last_day": TEXT,
    },
    key=("file",),
    sort=("file",),
    closed={"looks_like": LOOKS_LIKE},
)
