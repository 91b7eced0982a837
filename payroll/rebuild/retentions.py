"""Statutory works retentions: what of an invoice goes to the social and tax offices instead.

Source: facts belgian-payroll section 7 (law of 27 June 1969 art. 30bis/30ter, CIR 92 art. 400-406).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.errors import PayrollError
from payroll.model.frames import TEXT
from payroll.model.money import Cents, divide, euros
from payroll.rebuild.payables import REMITTANCE_MAX, Payees, Report, listed, percent_text
from payroll.rulebook.book import RuleBook
from payroll.texts import sent_text

_NONE = {"", "non", "no", "nee", "0"}
_LEGAL = {"oui", "yes", "ja", "x", "vrai", "true", "1"}
#: Numbers of the length that a cell of an amount may have, and no further.
_PERCENT = re.compile(r"^([0-9]{1,3})(?:[.,]([0-9]{1,6}))?%$")
_PLAIN = re.compile(r"^([0-9]{1,7})(?:[.,]([0-9]{1,2}))?$")
_GROUPED = re.compile(
    r"^[0-9]{1,3}(?:(?:\.[0-9]{3}){1,2},[0-9]{1,2}|(?:,[0-9]{3}){1,2}\.[0-9]{1,2})$"
)


@dataclass(frozen=True, slots=True)
class Retention:
    """One office: the parameters that hold its percentage and its account."""

    kind: str  # social | tax
    percent: Fraction
    iban: str

    @property
    def component(self) -> str:
        """The component of its lines."""
        return f"retention_{self.kind}"

    @property
    def rule_id(self) -> str:
        """The rule that its percentage is taken from."""
        return f"parameter:works_retention_{self.kind}_percent"


def retentions_on(rulebook: RuleBook, day: date) -> tuple[Retention, ...]:
    """Both retentions as the rule book has them on a payment date."""
    return tuple(
        Retention(
            kind,
            rulebook.number(f"works_retention_{kind}_percent", day),
            _text_parameter(rulebook, f"works_retention_{kind}_iban", day),
        )
        for kind in ("social", "tax")
    )


def _text_parameter(rulebook: RuleBook, parameter_id: str, day: date) -> str:
    if parameter_id not in rulebook.parameters:
        raise PayrollError("parameter_unknown", entry=f"[parameter.{parameter_id}]")
    return str(rulebook.parameters[parameter_id].dated(parameter_id, day).value)


def read_withholding(value: str, percent: Fraction) -> tuple[str, int]:
    """Read a withholding cell: ('none' | 'legal' | 'amount' | 'unreadable', cents of the amount).

    Empty or a no is none; a yes or the legal percentage is the legal share; an amount is itself.
    """
    word = re.sub(r"[\s\u00a0\u202f€]", "", value).casefold()
    if word in _NONE:
        return "none", 0
    if word in _LEGAL:
        return "legal", 0
    if match := _PERCENT.match(word):
        same = Fraction(f"{match[1]}.{match[2] or 0}") == percent
        return ("legal" if same else "unreadable"), 0
    if _GROUPED.match(word):
        word = re.sub(r"[.,](?=\d{3})", "", word)
    if match := _PLAIN.match(word):
        cents = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
        return ("amount" if cents else "none"), cents
    return "unreadable", 0


def retained(
    rows: pd.DataFrame, retention: Retention, report: Report
) -> tuple[Cents, npt.NDArray[np.bool_]]:
    """Per invoice row the cents retained (never negative), and whether the source gave the amount.

    Half-up of the amount excluding VAT. What cannot be worked out is held, with nothing retained;
    a credit note is never retained from.
    """
    field = f"withholding_{retention.kind}"
    tolerance = report.controls["INV-007"].cents("tolerance")
    readings = {value: read_withholding(value, retention.percent) for value in rows[field].unique()}
    read = [readings[value] for value in rows[field].tolist()]
    kind = np.array([item[0] for item in read], dtype="U10")
    asked = np.array([item[1] for item in read], dtype=np.int64)
    excluded = rows["amount_excl_vat_cents"].to_numpy()
    amount = rows["amount_cents"].to_numpy()
    share = retention.percent / 100
    legal = divide(excluded * share.numerator, share.denominator)
    credit = (kind != "none") & (amount < 0)
    invoice = amount >= 0
    computable = rows["amount_excl_vat_given"].to_numpy() & (excluded > 0) & (excluded <= amount)
    flagged = invoice & np.isin(kind, ["legal", "amount"])
    differs = invoice & (kind == "amount") & computable & (np.abs(asked - legal) > tolerance)
    result = np.where(kind == "legal", np.where(computable, legal, 0), asked)
    shown = rows.assign(
        asked=pd.Series([euros(item) for item in asked.tolist()], rows.index, dtype=TEXT),
        legal=pd.Series([euros(item) for item in legal.tolist()], rows.index, dtype=TEXT),
        value=rows[field],
    )
    report.rows("INV-007", shown[differs], field, observed="asked", limit="legal")
    report.rows("INV-008", shown[kind == "unreadable"], field, observed="value")
    missing = shown[flagged & ~computable]
    report.rows("INV-009", missing, "amount_excl_vat", number="invoice_number")
    report.rows("INV-010", shown[credit], field, observed="value", number="invoice_number")
    return np.where(flagged, result, 0).astype(np.int64), kind == "amount"


def split_retentions(
    invoices: pd.DataFrame,
    payees: Payees,
    retentions: tuple[Retention, ...],
    report: Report,
    language: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(draft lines, payment targets) of the retentions of invoice rows that have a line_id.

    Per retention one negative line in the supplier's own payment and the same amount as a payment
    of its own to the office, in the group `social:<invoice>` or `tax:<invoice>` of the supplier.
    """
    lines, targets = [], []
    enterprise = payees.texts("enterprise_number", invoices["payee_id"])
    for retention in retentions:
        amount, given = retained(invoices, retention, report)
        rows = invoices[amount > 0]
        name = sent_text(f"payables_{retention.kind}_creditor", language)
        share = retention.percent / 100
        by_rule = ~given[amount > 0]
        off = rows.assign(
            amount_cents=-amount[amount > 0],
            base=np.where(by_rule, -rows["amount_excl_vat_cents"], 0),
            numerator=np.where(by_rule, share.numerator, 0),
            denominator=np.where(by_rule, share.denominator, 0),
            component=retention.component,
            rate=percent_text([int(retention.percent * 10_000)])[0],
            rule_id=retention.rule_id,
            basis=pd.Series("recomputed", rows.index, dtype=TEXT).mask(given[amount > 0], "known"),
            parents=rows["line_id"],
        )
        group = f"{retention.kind}:" + rows["invoice_number"]
        own = off.assign(amount_cents=-off["amount_cents"], base=-off["base"], payment_group=group)
        lines += [off, own]
        remittance = [
            _remittance(retention, language, owner, number)
            for owner, number in zip(
                enterprise[amount > 0].tolist(), rows["invoice_number"].tolist(), strict=True
            )
        ]
        targets.append(
            rows[["payee_id", "source"]].assign(
                stream=report.stream,
                payment_group=group.astype("str"),
                creditor_name=name,
                iban=retention.iban,
                country="BE",
                structured_reference="",
                remittance=pd.Series(remittance, rows.index, dtype=TEXT),
            )
        )
    return pd.concat(lines), pd.concat(targets)


def _remittance(retention: Retention, language: str, enterprise: str, number: str) -> str:
    """What the office reads; a very long invoice number is cut visibly."""
    name = f"payables_{retention.kind}_remittance"
    room = REMITTANCE_MAX - len(sent_text(name, language, enterprise=enterprise, number=""))
    return sent_text(name, language, enterprise=enterprise, number=listed([number], room))
