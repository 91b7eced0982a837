"""The closed catalogue: every kind that a control may name, and the function that checks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from payroll.checks import (
    backtest,
    bank_details,
    completeness,
    dates,
    duplicates,
    inputs,
    magnitude,
    parameters,
    payables,
    register,
    variance,
)  # fmt: skip
from payroll.checks.data import CheckData
from payroll.model.findings import Finding
from payroll.rulebook.controls import Control

Check = Callable[[CheckData, Control], list[Finding]]

CATALOGUE: Mapping[str, Check] = MappingProxyType(
    {
        "export_too_old": inputs.export_too_old,
        "none_declared": inputs.none_declared,
        "stream_without_source": inputs.stream_without_source,
        "adjustment_self_approved": inputs.adjustment_self_approved,
        "adjustment_not_approved": inputs.adjustment_not_approved,
        "unverified_value_used": parameters.unverified_value_used,
        "workspace_rules": parameters.workspace_rules,
        "paid_after_exit": completeness.paid_after_exit,
        "leaver_in_export": completeness.leaver_in_export,
        "joiner_without_payment": completeness.joiner_without_payment,
        "vanished": completeness.vanished,
        "not_paid_now": completeness.not_paid_now,
        "not_on_master": completeness.not_on_master,
        "iban_invalid": bank_details.iban_invalid,
        "iban_missing": bank_details.iban_missing,
        "iban_changed": bank_details.iban_changed,
        "iban_shared_within": bank_details.iban_shared_within,
        "iban_shared_across": bank_details.iban_shared_across,
        "iban_is_ours": bank_details.iban_is_ours,
        "account_unknown": bank_details.account_unknown,
        "account_is_example": bank_details.account_is_example,
        "name_disguised": bank_details.name_disguised,
        "duplicate_lines": duplicates.duplicate_lines,
        "duplicate_rows": duplicates.duplicate_rows,
        "same_iban_amount": duplicates.same_iban_amount,
        "near_duplicate_invoice": duplicates.near_duplicate_invoice,
        "invoice_across_suppliers": duplicates.invoice_across_suppliers,
        "known_month_unexplained": backtest.known_month_unexplained,
        "backtest_agreement": backtest.backtest_agreement,
        "net_change": variance.net_change,
        "total_change": variance.total_change,
        "residual_size": variance.residual_size,
        "one_off_copied": variance.one_off_copied,
        "magnitude_slip": variance.magnitude_slip,
        "amount_above_cap": magnitude.amount_above_cap,
        "round_amount": magnitude.round_amount,
        "fee_against_history": magnitude.fee_against_history,
        "premium_hours_high": magnitude.premium_hours_high,
        "premium_hours_negative": magnitude.premium_hours_negative,
        "premium_day_outside": magnitude.premium_day_outside,
        "net_identity": register.net_identity,
        "contribution_rate": register.contribution_rate,
        "base_108": register.base_108,
        "special_contribution_high": register.special_contribution_high,
        "deduction_share": register.deduction_share,
        "below_minimum": register.below_minimum,
        "gross_not_positive": register.gross_not_positive,
        "fte_out_of_range": register.fte_out_of_range,
        "national_number_wrong": register.national_number_wrong,
        "retention_out_of_range": payables.retention_out_of_range,
        "inami_number_wrong": payables.inami_number_wrong,
        "enterprise_number_wrong": payables.enterprise_number_wrong,
        "invoice_in_future": payables.invoice_in_future,
        "due_before_invoice": payables.due_before_invoice,
        "works_without_retention": payables.works_without_retention,
        "after_wage_deadline": dates.after_wage_deadline,
        "date_in_past": dates.date_in_past,
        "earned_in_payment_month": dates.earned_in_payment_month,
    }
)
