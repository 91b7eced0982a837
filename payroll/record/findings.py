"""The findings of a run, in whichever language somebody reads them; what they block and hold."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from payroll.model.findings import Severity
from payroll.model.frames import TEXT, rows_of
from payroll.record.run import Run
from payroll.rulebook.wording import SAID, in_words


def released(findings: pd.DataFrame) -> pd.Series[bool]:
    """Which findings were cleared by as many people as their rule asks for."""
    return findings["decision"].str.startswith("pay:")


def upheld(findings: pd.DataFrame) -> pd.Series[bool]:
    """Which findings hold a payee because somebody said so."""
    return findings["decision"].str.startswith("hold:")


def without_effect(findings: pd.DataFrame) -> pd.Series[bool]:
    """Which findings tell of a decision that lapsed, was refused or waits for a second person."""
    return findings["rule_id"].str.startswith("DEC-")


def holding(findings: pd.DataFrame) -> pd.Series[bool]:
    """Which findings hold a payee: by severity unless cleared, or because somebody said so."""
    return ((findings["severity"] == "hold") & ~released(findings)) | upheld(findings)


def blocking(findings: pd.DataFrame) -> pd.Series[bool]:
    """Which findings refuse the run."""
    return (findings["severity"] == "block") & ~released(findings)


#: The kinds of controls that tell of an account other than the one known before: `observed` is the
#: account to be paid, `limit` the one before.
_ACCOUNT_CHANGED = ("iban_changed", "iban_unlike_bank", "iban_unlike_released")


def account_changes(run: Run, findings: pd.DataFrame) -> pd.DataFrame:
    """The findings of a run that an account changed."""
    controls = run.rulebook.controls
    rules = [key for key, control in controls.items() if control.kind in _ACCOUNT_CHANGED]
    return findings[findings["rule_id"].isin(rules) & (findings["observed"] != "")]


def to_decide(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings that hold or block, or carry a decision; those without one first."""
    grave = findings["severity"].isin([Severity.BLOCK, Severity.HOLD])
    rows = findings[grave | (findings["decision"] != "")]
    return rows.assign(done=rows["decision"] != "").sort_values("done", kind="stable")


def findings_in(run: Run, language: str, found: pd.DataFrame | None = None) -> pd.DataFrame:
    """FINDINGS with message and remedy in a language; those written down are the employer's.

    found: some of them, else all. Raises DamagedInputError for a rule that the run's book has not.
    """
    found = run.findings if found is None else found
    if language == run.employer.language:
        return found
    words: dict[str, dict[str, str]] = defaultdict(dict)
    for finding_id, name, value in rows_of(
        run.frames["finding_words"], "finding_id", "name", "value"
    ):
        words[finding_id][name] = value
    said = []
    columns = ("rule_id", *SAID)
    for rule_id, *row in rows_of(found, *columns):
        values = dict(zip(SAID, row, strict=True))
        control = run.control(rule_id)
        said.append(in_words(control, values, words[values["finding_id"]], language))
    return found.assign(
        message=pd.Series([words for words, _ in said], found.index, dtype=TEXT),
        remedy=pd.Series([words for _, words in said], found.index, dtype=TEXT),
    )
