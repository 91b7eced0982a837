"""The closed list of amounts that a trail may hold: each has its words as text `g2n_<item>`."""

from __future__ import annotations

_WORK_BONUS = frozenset(
    f"{part}_{item}"
    for part in ("work_bonus", "work_bonus_low", "work_bonus_very_low")
    for item in ("over", "full", "part", "granted")
)
_BRACKETS = frozenset(
    f"bracket_{item}{part}"
    for part in ("", "_spouse", "_own")
    for item in ("below", "share", "tax")
)
_REDUCTIONS = frozenset(
    f"reduction_{name}"
    for name in (
        "children",
        "single",
        "single_parent",
        "disabled",
        "spouse_disabled",
        "other_dependant",
        "dependant_65",
        "spouse_low_income",
        "spouse_low_pension",
    )
)

ITEMS = (
    _WORK_BONUS
    | _BRACKETS
    | _REDUCTIONS
    | {
        "contribution_contractual",
        "contribution_statutory_health",
        "contribution_statutory_pension",
        "contribution_holiday_pay",
        "daily_wage",
        "hourly_wage",
        "reference_wage",
        "reference_wage_raised",
        "work_bonus_other_month",
        "taxable",
        "taxable_floored",
        "annual_taxable",
        "expenses",
        "expenses_kept",
        "annual_net",
        "quotient",
        "quotient_kept",
        "income_own",
        "annual_tax",
        "withholding_month",
        "reductions",
        "reductions_year",
        "tax_after_reductions",
        "withholding",
        "fiscal_work_bonus_share",
        "fiscal_work_bonus_very_low_share",
        "fiscal_work_bonus",
        "special_contribution_fixed",
        "special_contribution_share",
        "special_contribution_scale",
        "special_contribution_minimum",
        "special_contribution_cap",
        "special_contribution",
        "special_contribution_wages",
        "special_contribution_due",
        "special_contribution_settled",
        "exceptional_normal_annual",
        "exceptional_taxed",
        "exceptional_withholding",
        "garnishment_band",
        "garnishment_bands",
        "garnishment_children",
        "garnishment",
    }
)
