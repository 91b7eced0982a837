"""Payments -> payment files: prepared, planned, written, validated, re-read before they count."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from payroll.model.charset import NAME_MAX, convert
from payroll.model.errors import PayrollError
from payroll.model.findings import Finding, SubjectKind, finding
from payroll.model.frames import PAYMENTS
from payroll.model.order import Employer, PayrunOrder
from payroll.model.period import belgian_holidays
from payroll.model.results import NameChange, SepaFile
from payroll.rulebook.bank import BankProfile
from payroll.sepa.adapter import MessageHeader, Transaction
from payroll.sepa.plan import StreamPlan, message_id, plan_batches, plan_streams
from payroll.sepa.prepare import prepare
from payroll.sepa.reader import must_equal, read_message
from payroll.sepa.stream import write_message
from payroll.sepa.validate import must_be_sendable, must_have_address, validate_xsd

ALONE, MOVED, HOLIDAY, AHEAD = "SEPA-020", "SEPA-021", "SEPA-022", "SEPA-023"
CUT_OFF, UNVERIFIED = "SEPA-024", "SEPA-025"


def write_sepa(
    payments: pd.DataFrame,
    order: PayrunOrder,
    employer: Employer,
    profiles: Mapping[str, BankProfile],
    created_at: datetime,
    *,
    replaces: Mapping[str, str] = MappingProxyType({}),
) -> tuple[pd.DataFrame, list[SepaFile], list[NameChange], list[Finding]]:
    """Complete PAYMENTS and write what has status 'pay': (payments, files, changes, findings).

    Who cannot be paid as he stands is held with a finding, and planned again without him. Every
    file passed the XSD and the bank's rules, and its re-reading gave exactly its payments.
    replaces: payment_id -> ids of the failed payments that it replaces.
    Raises PayrollError for an order that no bank can execute (see `plan_streams`).
    """
    plans = plan_streams(payments["stream"].unique(), order, employer, profiles, created_at)
    debtor_name, changes = _debtor_name(employer)
    payments, name_changes, findings = prepare(payments, employer, plans)
    changes += name_changes
    payments = PAYMENTS.conform(plan_batches(payments, plans, replaces))
    files = []
    for path, rows in payments[payments["file"] != ""].groupby("file", sort=True):
        plan = plans[str(rows["stream"].iat[0])]
        message = message_id(plan, str(path), created_at, rows)
        header = _header(plan, employer, debtor_name, message, created_at)
        if any(map(plan.profile.needs_debtor_address, rows["iban"].str[:2].unique())):
            header = _with_address(header, employer)
        files.append(_write_one(plan, header, str(path), rows))
    about = [item for plan in plans.values() for item in _plan_findings(plan, created_at)]
    findings += {item.content: item for item in about}.values()  # a profile is named once
    findings += [
        finding(ALONE, SubjectKind.FILE, file.path, stream=file.stream, observed="1")
        for file in files
        if file.transactions == 1
    ]
    return payments, files, changes, findings


def _debtor_name(employer: Employer) -> tuple[str, list[NameChange]]:
    name = convert(employer.name)
    if name.problem or not name.text or name.text.startswith("/") or len(name.text) > NAME_MAX:
        raise PayrollError("sepa_debtor_name", where="employer.toml, name", sign=name.sign or "-")
    if name.text == employer.name:
        return name.text, []
    change = NameChange(payment_id="", field="debtor_name", before=employer.name, after=name.text)
    return name.text, [change]


def _header(
    plan: StreamPlan, employer: Employer, debtor_name: str, message: str, created_at: datetime
) -> MessageHeader:
    return MessageHeader(
        version=plan.version,
        message_id=message,
        payment_information_id=f"{message}-P",
        created_at=created_at,
        initiator_id=("BE" if plan.profile.kbo_prefix else "") + employer.enterprise_number,
        debtor_name=debtor_name,
        debtor_iban=plan.account.iban,
        debtor_bic=plan.account.bic,
        execution_date=plan.execution_date,
        batch_booking=plan.sending.batch_booking,
        priority=plan.sending.priority,
        category_purpose=plan.sending.category_purpose,
        address_in_lines=plan.profile.address_in_lines(plan.execution_date),
    )


def _with_address(header: MessageHeader, employer: Employer) -> MessageHeader:
    """Town and country, as the bank takes them; only sent when a bank outside the EEA is paid."""
    town, country = convert(employer.town), employer.country
    bad = town.problem or not 0 < len(town.text) <= 35 or town.text.startswith("/")
    if bad or not re.fullmatch("[A-Z]{2}", country):
        raise PayrollError("sepa_debtor_town", where="employer.toml, town")
    return replace(header, debtor_town=town.text, debtor_country=country)


def _write_one(plan: StreamPlan, header: MessageHeader, path: str, rows: pd.DataFrame) -> SepaFile:
    purposes = {nature: plan.sending.purpose_of(nature) for nature in rows["legal_nature"].unique()}
    columns = (
        "end_to_end_id",
        "amount_cents",
        "creditor_name",
        "iban",
        "remittance",
        "structured_reference",
    )
    transactions = map(
        Transaction,
        *(rows[name].tolist() for name in columns),
        rows["legal_nature"].map(purposes).tolist(),
    )
    content = write_message(header, list(transactions))
    with ThreadPoolExecutor(1) as beside:  # libxml2 works without the lock while expat reads
        valid = beside.submit(validate_xsd, content, header.version)
        message = read_message(content)
        valid.result()
    must_be_sendable(content, message, header.version, header.created_at.date())
    must_have_address(message, header.debtor_town, lines=header.address_in_lines)
    read = message.payments()
    must_equal(rows, read)
    return SepaFile(
        path=path,
        content=content,
        stream=plan.stream,
        account_id=plan.account.id,
        debtor_iban=message.header["debtor_iban"],
        execution_date=message.header["execution_date"],
        message_id=message.header["message_id"],
        transactions=len(read),
        total_cents=int(read["amount_cents"].sum()),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _plan_findings(plan: StreamPlan, created_at: datetime) -> Iterator[Finding]:
    """What a person should know about when and how a stream is paid."""
    stream, day, profile = plan.stream, plan.execution_date, plan.profile

    def about(rule_id: str, observed: object, limit: object = "") -> Finding:
        return finding(
            rule_id, SubjectKind.RUN, "", stream=stream, observed=str(observed), limit=str(limit)
        )

    if day != plan.pay_on:
        yield about(MOVED, day, plan.pay_on)
    if day in belgian_holidays(day.year):
        yield about(HOLIDAY, day)
    if (day - created_at.date()).days > profile.warn_days:
        yield about(AHEAD, day, profile.warn_days)
    if day == created_at.date() and created_at.time() > profile.cut_off:
        yield about(CUT_OFF, f"{created_at:%H:%M}", f"{profile.cut_off:%H:%M}")
    if profile.status != "sourced":
        named = ", ".join(profile.unverified)
        yield finding(UNVERIFIED, SubjectKind.RUN, profile.id, observed=named)
