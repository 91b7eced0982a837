"""What was released since a run was made, or elsewhere: would the run be the same today?

A run knows of the ledger what it was told when it was made (payroll.release.ledger_input). That is
an input like any other, of a moment that has passed, or of another workspace. Whoever approves or
releases is told what the ledger has now, by the run's own controls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from payroll.ledger.book import Ledger
from payroll.ledger.payment_keys import require_free
from payroll.model.errors import PayrollError
from payroll.model.frames import rows_of
from payroll.model.order import parse_order
from payroll.model.released import LEDGER_EXTRACT, LEDGER_HEAD
from payroll.record.run import Run, ledger_extract
from payroll.release.ledger_input import told_of
from payroll.release.proven_run import ProvenRun
from payroll.release.verify import rebuild

_SHOWN = 5
#: What makes a payment of the run the payment of a run made today.
_SAME = ["payment_id", "amount_cents", "iban"]

#: (digest of the manifest, last event of the ledger) that this process compared: once is enough.
_COMPARED: set[tuple[str, str]] = set()


def require_none_since(
    ledger: Ledger, proven: ProvenRun, announce: Callable[[str], None] = lambda _stage: None
) -> None:
    """Every payment of a run that is not released is one that a run made now would make too.

    A release that does not concern the run (the salaries, beside the invoices) changes nothing.
    Nobody can let it be: what the ledger has is paid. announce: is told each stage of the building,
    which only a ledger that says something else than it did asks for.
    Raises PayrollError key_live, payment_id_used, key_failed, released_since.
    """
    compared = (proven.subject.manifest_sha256, ledger.head()[1])
    if compared in _COMPARED:
        return
    run = proven.run
    told = told_of(ledger, parse_order(run.inputs), run.rulebook)
    if told.get(LEDGER_EXTRACT) != run.inputs.get(LEDGER_EXTRACT):
        own = {
            name: content
            for name, content in run.inputs.items()
            if name not in (LEDGER_EXTRACT, LEDGER_HEAD)
        }
        inputs = {**own, **told}
        released = ledger_extract(inputs).released
        require_free(ledger, released, proven.payments, proven.payment_keys)
        today = rebuild(replace(run, inputs=inputs), run.rulebook, announce)
        _require_same_payments(run, today)
    _COMPARED.add(compared)


def _require_same_payments(run: Run, today: Run) -> None:
    paid, still = (made.payments[made.payments["file"] != ""] for made in (run, today))
    found = paid.merge(still[_SAME], on=_SAME, how="left", indicator=True)
    gone = found[found["_merge"] == "left_only"]
    if gone.empty:
        return
    payees = ", ".join(dict.fromkeys(gone["payee_id"].head(_SHOWN)))
    rules, runs = _why(run, today, set(gone["payee_id"]))
    raise PayrollError(
        "released_since",
        where=run.run_id,
        count=len(gone),
        payees=payees,
        rules=", ".join(rules) or "-",
        runs=", ".join(runs) or "-",
    )


def _why(run: Run, today: Run, payees: set[str]) -> tuple[list[str], list[str]]:
    """(rules, runs) of what is found today of some payees, or of the run, and was not before."""
    found = today.findings
    new = found[~found["finding_id"].isin(run.findings["finding_id"])]
    stops = new["severity"].isin(["hold", "block"])
    told = new[(stops & new["subject_id"].isin([*payees, ""])) | (new["severity"] == "block")]
    words = today.frames["finding_words"]
    named = words[(words["name"] == "run") & words["finding_id"].isin(told["finding_id"])]
    runs = set(named["value"]) or _runs_since(run, today)
    return sorted(set(told["rule_id"])), sorted(runs)


def _runs_since(run: Run, today: Run) -> set[str]:
    """The runs of which the ledger has payments now that the run was not told of."""
    before, now = (ledger_extract(made.inputs).released for made in (run, today))
    keys = ["end_to_end_id", "state"]
    known = set(rows_of(before, *keys))
    new = [row not in known for row in rows_of(now, *keys)]
    return set(now.loc[pd.Series(new, now.index, dtype="bool"), "run_id"])
