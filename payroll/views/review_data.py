"""What the review is made from, and the words that several sheets share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from payroll.model.frames import PAYMENT_TARGETS, rows_of
from payroll.model.order import Employer, PayrunOrder
from payroll.model.results import NameChange, Rebuilt, SepaFile
from payroll.model.streams import STREAMS
from payroll.model.tables import SourceSummary, SourceTables, no_tables
from payroll.record.run import Run
from payroll.rulebook.book import RuleBook
from payroll.texts import catalogue, text

#: Families of rules that are about where the money goes: shown before the amounts.
ACCOUNT_FAMILIES = ("BANK", "IBAN", "NAME")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewData:
    """Everything the workbook shows; nothing is read from elsewhere, not even the time.

    payments: PAYMENTS, final. findings: columns finding_id, rule_id, severity, subject_kind,
    subject_id, stream, observed, limit, message, remedy, source, decision. names: (payee kind,
    payee id) -> the name to show. unverified: ids of the unverified parameters that were used.
    overrides: rule id -> who may clear a finding of it (none, one, two_people).
    sites: (payee kind, payee id) -> where they work. titles: pay code or `premium:<code>` -> its
    words.
    reissue: the run pays again only what the bank rejected or returned.
    tables, order, employer, rulebook, inputs_digest, code_version: what the run was made of.
    """

    language: str
    employer_name: str
    period: str
    run_id: str
    created_at: datetime
    payments: pd.DataFrame
    rebuilt: Rebuilt
    findings: pd.DataFrame
    summaries: tuple[SourceSummary, ...] = ()
    files: tuple[SepaFile, ...] = ()
    name_changes: tuple[NameChange, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str]
    unverified: tuple[str, ...] = ()
    sites: Mapping[tuple[str, str], str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    tables: SourceTables = field(default_factory=no_tables)
    order: PayrunOrder | None = None
    employer: Employer | None = None
    rulebook: RuleBook | None = None
    inputs_digest: str = ""
    code_version: str = ""
    reissue: bool = False
    _known: dict[str, Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[ReviewData], Any]) -> Any:
        """What several sheets need, worked out for the first of them."""
        if name not in self._known:
            self._known[name] = make(self)
        return self._known[name]

    def say(self, entry_id: str, **params: object) -> str:
        """A text in the review's language."""
        return text(entry_id, self.language, **params)

    def say_or_raw(self, prefix: str, value: str) -> str:
        """The word for a code, or the code itself when there is no word for it."""
        entry_id = f"{prefix}{value}"
        return self.say(entry_id) if entry_id in catalogue() else value

    def words(self, prefix: str, values: Iterable[str]) -> list[str]:
        """The words of a whole column of codes, each looked up once."""
        values = list(values)
        known = {value: self.say_or_raw(prefix, value) for value in set(values)}
        return [known[value] for value in values]

    def reasons(self, values: Iterable[str]) -> list[str]:
        """Text ids joined by spaces, as words joined by '; '."""
        values = list(values)
        known = {
            value: "; ".join(self.say_or_raw("", item) for item in value.split())
            for value in set(values)
        }
        return [known[value] for value in values]

    def decided(self, values: Iterable[str]) -> list[str]:
        """Decisions as the findings hold them (`pay 1/2: names`), the action in words."""
        shown = []
        for value in values:
            action, blank, rest = value.partition(":") if value else ("", "", "")
            word, _, part = action.partition(" ")
            words = self.say_or_raw("dec_action_", word) if word else ""
            shown.append(f"{words} {part}".rstrip() + blank + rest)
        return shown

    def name(self, kind: str, payee_id: str) -> str:
        """The name of a payee, or ''."""
        return self.names.get((kind, payee_id), "")

    def names_in(self, frame: pd.DataFrame) -> list[str]:
        """The names for a frame with stream and payee_id columns."""
        return [
            self.names.get((STREAMS[stream].payee, payee_id), "")
            for stream, payee_id in rows_of(frame, "stream", "payee_id")
        ]

    def account_findings(self) -> pd.DataFrame:
        """The findings about bank accounts and names that ask for a person's eye."""
        family = self.findings["rule_id"].str.split("-").str[0]
        serious = self.findings["severity"].isin(["block", "hold", "warn"])
        return self.findings[family.isin(ACCOUNT_FAMILIES) & serious]


def review_data(run: Run) -> ReviewData:
    """What the views of a run are made from."""
    frames, language = run.frames, run.employer.language
    unverified = run.findings.loc[run.findings["rule_id"] == "PARAM-001", "observed"]
    return ReviewData(
        language=language,
        employer_name=run.employer.name,
        period=str(run.order.period),
        run_id=run.run_id,
        reissue=run.reissue,
        created_at=run.created_at,
        payments=run.payments,
        rebuilt=Rebuilt(
            lines=run.lines,
            targets=PAYMENT_TARGETS.empty(),
            payments=run.payments,
            dropped=frames["not_carried_over"],
            to_true_up=frames["to_settle"],
            changes=frames["changes"],
            payees=frames["payees"],
            open_invoices=frames["open_invoices"],
            receivables=frames["receivables"],
            backtest=run.backtest,
            left_out=frames["already_paid"],
            set_aside=frames["awaiting_reissue"],
            claims=frames["payment_keys"],
        ),
        findings=run.findings,
        summaries=run.sources,
        files=run.sepa_files,
        name_changes=tuple(
            NameChange(payment_id=payment, field=field, before=before, after=after)
            for payment, field, before, after in rows_of(
                frames["text_changes"], "payment_id", "field", "before", "after"
            )
        ),
        names=run.names,
        overrides={key: item.override for key, item in run.rulebook.controls.items()},
        sites=run.sites,
        titles=titles_of(run.rulebook, language),
        tables=run.tables,
        unverified=tuple(sorted(unverified)),
        order=run.order,
        employer=run.employer,
        rulebook=run.rulebook,
        inputs_digest=run.inputs_digest,
        code_version=run.code_version,
    )


def titles_of(rulebook: RuleBook, language: str) -> dict[str, str]:
    """The words of pay codes, and of premiums as `premium:<code>`."""
    words = {code: item.title[language] for code, item in rulebook.components.items()}
    premiums = rulebook.premiums.items()
    return words | {f"premium:{code}": item.title[language] for code, item in premiums}
