"""What can be sent as it is, what only converted, and what not at all: the last look at a payee."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payroll.model.charset import NAME_MAX, REMITTANCE_MAX, Converted, convert_texts
from payroll.model.findings import Finding, finding
from payroll.model.identifiers import structured_reference, wrong_ibans
from payroll.model.money import euros
from payroll.model.order import Employer
from payroll.model.results import NameChange
from payroll.model.streams import STREAMS
from payroll.sepa.plan import StreamPlan
from payroll.sepa.privacy import texts_with_national_number
from payroll.sepa.validate import CENTS_MAX

#: What stands in `hold_rules` and in rules/controls/sepa.toml, by what is wrong with a text.
_RULES = {
    ("creditor_name", "script"): "SEPA-001",
    ("creditor_name", "hidden"): "SEPA-002",
    ("creditor_name", "length"): "SEPA-003",
    ("creditor_name", "empty"): "SEPA-004",
    ("creditor_name", "slash"): "SEPA-004",
    ("remittance", "script"): "SEPA-005",
    ("remittance", "hidden"): "SEPA-002",
    ("remittance", "length"): "SEPA-005",
    ("remittance", "slash"): "SEPA-005",
}
REFERENCE, NATIONAL_NUMBER, COUNTRY, ADDRESS = "SEPA-006", "SEPA-007", "SEPA-008", "SEPA-009"
AMOUNT, ACCOUNT = "SEPA-010", "SEPA-011"
_LONGEST = {"creditor_name": NAME_MAX, "remittance": REMITTANCE_MAX}


@dataclass(frozen=True, slots=True)
class _Problem:
    rule_id: str
    observed: str = ""
    limit: str = ""


def prepare(
    payments: pd.DataFrame, employer: Employer, plans: Mapping[str, StreamPlan]
) -> tuple[pd.DataFrame, list[NameChange], list[Finding]]:
    """PAYMENTS as they can be sent: texts converted, and who cannot be paid so held with a finding.

    A payment with a structured reference carries no free text. A Belgian reference to an account
    abroad becomes free text. A text that cannot be sent stays as it is.
    """
    sent = _references(payments)
    changes: list[NameChange] = []
    problems: dict[int, list[_Problem]] = {}
    for field in ("creditor_name", "remittance"):
        given = sent[field].tolist()
        known = convert_texts(given)
        bad = _text_problems(field, set(given), known)
        for row, text in enumerate(given) if bad else ():
            if text in bad:
                problems.setdefault(row, []).append(bad[text])
        texts = [known[text].text if text in known and text not in bad else text for text in given]
        sent[field] = pd.Series(texts, index=sent.index, dtype="str")
        changes += _changes(payments, sent, field)
    for at, problem in _where_problems(sent, employer, plans):
        problems.setdefault(at, []).append(problem)
    findings = _findings(sent, problems)
    return _held(sent, findings), changes, findings


def _references(payments: pd.DataFrame) -> pd.DataFrame:
    references, texts = payments["structured_reference"].tolist(), payments["remittance"].tolist()
    ibans = payments["iban"].tolist()
    for row, reference in enumerate(references):
        if reference:
            texts[row] = ""
            if len(reference) == 12 and ibans[row] and not ibans[row].startswith("BE"):
                texts[row] = f"+++{reference[:3]}/{reference[3:7]}/{reference[7:]}+++"
                references[row] = ""
    return payments.assign(
        structured_reference=pd.Series(references, index=payments.index, dtype="str"),
        remittance=pd.Series(texts, index=payments.index, dtype="str"),
    )


def _text_problems(
    field: str, given: set[str], known: Mapping[str, Converted]
) -> dict[str, _Problem]:
    """The texts that cannot be sent even when converted, each with why."""
    private = texts_with_national_number(
        known[text].text if text in known else text for text in given
    )
    problems = {}
    for text in given:
        item = known.get(text)
        plain = item.text if item else text
        if item and item.problem:
            problems[text] = _Problem(_RULES[field, item.problem], observed=item.sign)
        elif len(plain) > _LONGEST[field]:
            rule, limit = _RULES[field, "length"], str(_LONGEST[field])
            problems[text] = _Problem(rule, observed=str(len(plain)), limit=limit)
        elif plain.startswith("/"):
            problems[text] = _Problem(_RULES[field, "slash"], observed="/")
        elif field == "creditor_name" and not plain.strip(" .'-+?"):
            problems[text] = _Problem(_RULES[field, "empty"])
        elif plain in private:
            problems[text] = _Problem(NATIONAL_NUMBER, observed=field)
    return problems


def _changes(before: pd.DataFrame, after: pd.DataFrame, field: str) -> list[NameChange]:
    """What a reader sees changed; a free text that gives way to a reference is none."""
    changed = (before[field] != after[field]) & (after[field] != "")
    rows = after[changed]
    return [
        NameChange(payment_id=payment_id, field=field, before=old, after=new)
        for payment_id, old, new in zip(
            rows["payment_id"].tolist(),
            before.loc[changed, field].tolist(),
            rows[field].tolist(),
            strict=True,
        )
    ]


def _where_problems(
    payments: pd.DataFrame, employer: Employer, plans: Mapping[str, StreamPlan]
) -> Iterator[tuple[int, _Problem]]:
    """What is wrong with the account, the amount or the reference of a payment to be made.

    The country of an account is judged of held payments too: a reviewer should know at once.
    """
    ibans = set(payments["iban"].tolist())
    wrong = wrong_ibans(ibans) | {
        account.iban: "own" for account in employer.account if account.iban in ibans
    }
    references = set(payments["structured_reference"].tolist()) - {""}
    wrong_references = {text for text in references if structured_reference(text) != (text, "")}
    address = bool(employer.town and employer.country)
    abroad = ~payments["iban"].str.startswith("BE") & ~payments["iban"].isin(list(wrong))
    doubtful = (
        payments["iban"].isin(list(wrong))
        | payments["structured_reference"].isin(list(wrong_references))
        | ~payments["amount_cents"].between(1, CENTS_MAX)
    ) & (payments["status"] == "pay")
    for row in np.flatnonzero((doubtful | abroad).to_numpy()).tolist():
        payment = payments.iloc[row]
        iban, plan, cents = payment["iban"], plans[payment["stream"]], int(payment["amount_cents"])
        if abroad.iat[row] and (problem := _country_problem(iban[:2], plan, address=address)):
            yield row, problem
        if not doubtful.iat[row]:
            continue
        if iban in wrong:
            yield row, _Problem(ACCOUNT, observed=wrong[iban])
        if not 0 < cents <= CENTS_MAX:
            yield row, _Problem(AMOUNT, observed=euros(cents), limit=euros(CENTS_MAX))
        if payment["structured_reference"] in wrong_references:
            yield row, _Problem(REFERENCE)


def _country_problem(country: str, plan: StreamPlan, *, address: bool) -> _Problem | None:
    if not plan.profile.in_sepa(country, plan.execution_date):
        return _Problem(COUNTRY, observed=country, limit=str(plan.execution_date))
    if plan.profile.needs_debtor_address(country) and not address:
        return _Problem(ADDRESS, observed=country)
    return None


def _findings(payments: pd.DataFrame, problems: Mapping[int, list[_Problem]]) -> list[Finding]:
    findings: dict[tuple[str, ...], Finding] = {}
    streams, payees = payments["stream"].tolist(), payments["payee_id"].tolist()
    for row in sorted(problems):
        stream = streams[row]
        for problem in problems[row]:
            told = finding(
                problem.rule_id,
                STREAMS[stream].payee,
                payees[row],
                stream=stream,
                observed=problem.observed,
                limit=problem.limit,
            )
            findings[told.content] = told
    return list(findings.values())


def _held(payments: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Hold every payment of a payee in the stream of the finding."""
    rules: dict[tuple[str, str], set[str]] = {}
    for item in findings:
        rules.setdefault((item.stream, item.subject_id), set()).add(item.rule_id)
    if not rules:
        return payments
    status, hold_rules = payments["status"].tolist(), payments["hold_rules"].tolist()
    keys = zip(payments["stream"].tolist(), payments["payee_id"].tolist(), strict=True)
    for row, key in enumerate(keys):
        if key in rules:
            status[row] = "held"
            hold_rules[row] = " ".join(sorted(rules[key] | set(hold_rules[row].split())))
    return payments.assign(
        status=pd.Series(status, index=payments.index, dtype="str"),
        hold_rules=pd.Series(hold_rules, index=payments.index, dtype="str"),
    )
