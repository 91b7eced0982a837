"""Practitioners' fees: from the month's statements, else an advance on earlier months.

Fees of independents bear no social contribution and no withholding tax; what the hospital retains
is agreed per practitioner (facts: belgian-payroll section 7).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from payroll.model.findings import finding
from payroll.model.frames import TEXT, TO_SETTLE, join_texts
from payroll.model.money import divide, divide_columns, euros
from payroll.model.record_frames import CHANGES
from payroll.model.streams import FEES
from payroll.rebuild.lines import FACTORS, NO_PRODUCT, finish_lines, line_ids
from payroll.rebuild.payables import (
    REMITTANCE_MAX,
    Payees,
    Report,
    collected,
    joined_sources,
    listed,
    payees_of,
    percent_text,
    read_references,
)
from payroll.rebuild.stream import RebuildInput, StreamResult
from payroll.rulebook.components import DatedPolicy
from payroll.texts import sent_text, text

STREAM = FEES.name
POLICY = "fee_advance"
#: How far back statements may lie on which an advance is based.
HISTORY_MONTHS = 12
MILLION = 1_000_000
#: What makes a statement of a month the same as another.
_CONTENT = ["payee_id", "gross_fees_cents", "retention_cents", "net_due_cents", "reference"]


def rebuild_fees(given: RebuildInput) -> StreamResult:
    """Fees of the month that the order names, one payment per practitioner (cents).

    A statement pays its net; without one, gross less its retention; without one, gross less the
    contract's rate (half-up to the cent). Statements of one month add up. Without any of the three
    the gross stands as a held payment, to be settled. Without a statement: an advance on the mean
    of the newest months of the policy `fee_advance`; without those, listed to be paid later.
    """
    tables, rulebook, language = given.tables, given.rulebook, given.language
    fees = given.order.ordered(FEES)
    report = Report(tables, rulebook.controls, STREAM)
    payees = payees_of(tables, "practitioner", fees.pay_on)
    statements = _with_net(tables["fee_statements"], payees)
    current = statements[statements["period"] == str(fees.earned)]
    current = _once(current, report)
    _judge(current, payees, report)
    earliest = str(fees.earned.shift(-HISTORY_MONTHS))
    history = statements[statements["period"].between(earliest, str(fees.earned), "left")]
    policy = rulebook.policies[POLICY].dated(fees.earned.first_day)
    advances, unknown = _advances(history, current, payees, policy)
    _report_advances(advances, str(fees.earned.shift(-1)), policy, report)
    report.rows("FEE-005", unknown)
    _report_other_months(statements, str(fees.earned), report)
    lines = pd.concat(
        [
            _statement_lines(current, str(fees.earned)),
            _advance_lines(advances, str(fees.earned), policy, language),
        ]
    )
    lines = finish_lines(lines)
    groups = pd.concat(
        [
            _statement_groups(current, payees, str(fees.earned), report, language),
            advances[["payee_id", "source"]].assign(
                remittance=sent_text("payables_advance_remittance", language, period=fees.earned),
                structured_reference="",
            ),
        ]
    )
    groups = groups[groups["payee_id"].isin(lines["payee_id"])]
    groups = groups.assign(payment_group="").astype("str")
    return StreamResult(
        lines=lines,
        targets=payees.targets(STREAM, groups),
        to_settle=_to_settle(current, unknown),
        findings=report.findings,
        changes=_changes(statements[statements["period"] == str(fees.earned.shift(-1))], lines),
    )


def _with_net(frame: pd.DataFrame, payees: Payees) -> pd.DataFrame:
    """The statements with net_cents, basis and rate; `by` says where the net comes from."""
    frame = frame.rename(columns={"practitioner_id": "payee_id"}).reset_index(drop=True)
    gross = frame["gross_fees_cents"].to_numpy()
    rate = payees.numbers("retention_rate_millionths", frame["payee_id"])
    agreed = payees.numbers("retention_rate_given", frame["payee_id"]).astype(bool)
    stated = frame["retention_given"].to_numpy()
    given = frame["net_due_given"].to_numpy()
    by_contract = gross - divide(gross * rate, MILLION)
    net = np.where(agreed, by_contract, gross)
    net = np.where(stated, gross - frame["retention_cents"].to_numpy(), net)
    net = np.where(given, frame["net_due_cents"].to_numpy(), net)
    by = np.select([given, stated, agreed], ["net", "retention", "contract"], "nothing")
    return frame.assign(
        net_cents=net.astype(np.int64),
        by=pd.Series(by, frame.index, dtype=TEXT),
        rate=pd.Series(percent_text(rate), frame.index, dtype=TEXT).where(by == "contract", ""),
        rate_millionths=rate,
    )


def _once(current: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Without the rows that repeat another in every field: held, both cells named."""
    again = _repeated(current)
    if again.any():
        first = current.groupby(_CONTENT)["source"].transform("first")
        repeated = current.assign(first=first, amount=_euros(current["net_cents"]))[again]
        report.rows("FEE-007", repeated, "gross_fees", observed="amount", first="first")
    return current[~again]


def _repeated(rows: pd.DataFrame) -> pd.Series[bool]:
    """The statements of one month that repeat an earlier one in every field."""
    return rows.duplicated(_CONTENT)


def _judge(current: pd.DataFrame, payees: Payees, report: Report) -> None:
    """Hold who is unknown, contradicted by the statement itself, or without a known net."""
    shown = current.assign(net=_euros(current["net_cents"]))
    unknown = payees.positions(current["payee_id"]) < 0
    report.rows("FEE-001", shown[unknown], "practitioner_id", observed="net")
    gross, net = current["gross_fees_cents"], current["net_cents"]
    expected = (gross - current["retention_cents"]).where(current["retention_given"], gross)
    differs = (current["by"] == "net") & current["retention_given"] & (net != expected)
    above = (net > gross) & (gross >= 0)
    shown = shown.assign(expected=_euros(expected.where(differs, gross)))
    for cell in ("net", "retention"):
        wrong = (differs | above) & (current["by"] == cell)
        field = "net_due" if cell == "net" else "retention"
        report.rows("FEE-002", shown[wrong], field, observed="net", limit="expected")
    report.rows("FEE-003", shown[current["by"] == "nothing"], "retention", observed="net")
    report.rows("PAY-002", shown[(gross == 0) & (net == 0)], "gross_fees", observed="net")


def _statement_lines(current: pd.DataFrame, earned: str) -> pd.DataFrame:
    """Per statement the fee, and what is retained of it as a negative line derived from it."""
    sure = current["by"] != "nothing"
    basis = pd.Series("known", current.index, dtype=TEXT).where(sure, "estimated")
    fee = pd.DataFrame(
        {
            "payee_id": current["payee_id"],
            "amount_cents": current["gross_fees_cents"],
            "source": current["source"],
            "basis": basis,
            "rate": "",
            "component": "fee",
        }
    )
    fee = fee.assign(
        stream=STREAM,
        payment_group="",
        earning_period=earned,
        parents="",
        legal_nature=pd.Series("final", current.index, dtype=TEXT).where(sure, "advance"),
        **NO_PRODUCT,
    )
    fee["line_id"] = line_ids(fee)
    agreed = current["by"] == "contract"
    retention = fee.assign(
        amount_cents=current["net_cents"] - current["gross_fees_cents"],
        base=-current["gross_fees_cents"].where(agreed, 0),
        numerator=current["rate_millionths"].where(agreed, 0),
        denominator=np.where(agreed, MILLION, 0),
        component="fee_retention",
        basis=basis.mask(agreed, "recomputed"),
        rate=current["rate"],
        parents=fee["line_id"],
    )
    retention["line_id"] = line_ids(retention)
    return pd.concat([fee, retention]).assign(quantity="", rule_id="")


def _advances(
    history: pd.DataFrame, current: pd.DataFrame, payees: Payees, policy: DatedPolicy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(advances: payee_id, amount_cents and its FACTORS, months, newest, source; who has none).

    Only practitioners on the list get one, and only when each statement counted has a known net.
    """
    expected = pd.concat(
        [payees.frame[["payee_id", "source"]], history[["payee_id", "source"]]]
    ).drop_duplicates("payee_id")
    expected = expected[~expected["payee_id"].isin(current["payee_id"])]
    history = history[history["payee_id"].isin(expected["payee_id"])]
    monthly = history.assign(sure=history["by"] != "nothing")
    monthly = monthly.groupby(["payee_id", "period"], as_index=False).agg(
        net_cents=("net_cents", "sum"), sure=("sure", "all")
    )
    monthly = monthly.sort_values(["payee_id", "period"], ascending=[True, False])
    monthly = monthly[monthly.groupby("payee_id").cumcount() < policy.months]
    used = history.merge(monthly[["payee_id", "period"]], on=["payee_id", "period"])
    mean = monthly.groupby("payee_id", as_index=False).agg(
        total=("net_cents", "sum"),
        months=("period", "count"),
        newest=("period", "max"),
        sure=("sure", "all"),
    )
    percent = policy.percent
    count = mean["months"].to_numpy(dtype=np.int64)
    denominator = count * 100 * percent.denominator
    amount = divide_columns(mean["total"].to_numpy(dtype=np.int64) * percent.numerator, denominator)
    mean = mean.rename(columns={"total": "base"}).assign(
        numerator=np.int64(percent.numerator),
        denominator=denominator,
        rounding=pd.Series("", mean.index, dtype=TEXT),
    )
    mean = mean.assign(amount_cents=amount, source=joined_sources(used, mean["payee_id"]))
    listed_payee = payees.positions(mean["payee_id"]) >= 0
    mean = mean[mean["sure"] & (mean["amount_cents"] > 0) & listed_payee].reset_index(drop=True)
    return mean, expected[~expected["payee_id"].isin(mean["payee_id"])]


def _advance_lines(
    advances: pd.DataFrame, earned: str, policy: DatedPolicy, language: str
) -> pd.DataFrame:
    texts = {
        months: text("payables_mean_of", language, months=months)
        for months in advances["months"].unique()
    }
    quantity = pd.Series(
        [texts[months] for months in advances["months"]], advances.index, dtype=TEXT
    )
    lines = advances[["payee_id", "amount_cents", "source", *FACTORS]].assign(
        stream=STREAM,
        payment_group="",
        component="fee",
        earning_period=earned,
        quantity=quantity,
        rate="",
        basis="estimated",
        rule_id=f"policy:{POLICY}",
        parents="",
        legal_nature=policy.legal_nature,
    )
    return lines.assign(line_id=line_ids(lines))


def _statement_groups(
    current: pd.DataFrame, payees: Payees, earned: str, report: Report, language: str
) -> pd.DataFrame:
    """Per practitioner: the structured reference of the only statement, or a free text."""
    ibans = payees.texts("iban", current["payee_id"])
    rows = current.join(read_references(current["reference"], ibans))
    report.rows("FEE-008", rows[rows["wrong"]], "reference", observed="reference")
    rows = rows.assign(free=rows["free"] + rows["structured_reference"])
    one = rows.drop_duplicates("payee_id")
    texts = collected(rows[rows["free"] != ""], "free")
    prefix = sent_text(FEES.remittance, language, period=earned)
    room = REMITTANCE_MAX - len(prefix) - 1
    remittance = [
        f"{prefix} {listed(list(dict.fromkeys(texts.get(payee, ['']))), room)}"
        for payee in one["payee_id"].tolist()
    ]
    single = rows.groupby("payee_id", sort=False)["structured_reference"].nunique() == 1
    structured = one["structured_reference"].where(
        single.reindex(one["payee_id"]).to_numpy(dtype=bool), ""
    )
    remittance_column = pd.Series([item.strip() for item in remittance], one.index, dtype=TEXT)
    return one[["payee_id", "source"]].assign(
        remittance=remittance_column.mask(structured != "", ""),
        structured_reference=structured.astype("str"),
    )


def _report_advances(
    advances: pd.DataFrame, month_before: str, policy: DatedPolicy, report: Report
) -> None:
    """Tell each advance; one that rests on all the months it should, up to the last, is `whole`."""
    shown = advances.assign(amount=_euros(advances["amount_cents"]))
    enough = advances["months"] == policy.months
    whole = enough & (advances["newest"] == month_before)
    for rows, level in ((shown[whole], "whole"), (shown[~whole], "")):
        report.rows(
            "FEE-004", rows, level=level, observed="amount", months="months", newest="newest"
        )


def _report_other_months(statements: pd.DataFrame, earned: str, report: Report) -> None:
    """Statements of other months are not paid here: said once per month, not dropped."""
    other = statements[statements["period"] != earned]
    for month, rows in other.groupby("period"):
        sheets = join_texts(source.rpartition("!")[0] for source in rows["source"].tolist())
        report.findings.append(
            finding(
                "FEE-006",
                stream=STREAM,
                observed=euros(sum(rows["gross_fees_cents"].tolist())),
                source=sheets,
                rows=str(len(rows)),
                month=str(month),
            )
        )


def _to_settle(current: pd.DataFrame, unknown: pd.DataFrame) -> pd.DataFrame:
    unclear = current[current["by"] == "nothing"].drop_duplicates("payee_id")
    rows = pd.concat(
        [
            unclear[["payee_id", "source"]].assign(reason="payables_fee_net_unknown"),
            unknown[["payee_id", "source"]].assign(reason="payables_fee_no_statement"),
        ]
    )
    return TO_SETTLE.conform(rows.assign(stream=STREAM).astype("str"))


def _changes(before: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """CHANGES against the statements of the month before; none where there is no statement.

    Both sides are worked out alike: a statement's net as `_with_net` has it, repeats left out.
    """
    before = before[~_repeated(before)]
    if before.empty:
        return CHANGES.empty()
    fees = lines[lines["component"] == "fee"]
    sums = {
        "gross_before_cents": before.groupby("payee_id")["gross_fees_cents"].sum(),
        "gross_after_cents": fees.groupby("payee_id")["amount_cents"].sum(),
        "net_before_cents": before.groupby("payee_id")["net_cents"].sum(),
        "net_after_cents": lines.groupby("payee_id")["amount_cents"].sum(),
    }
    payees = pd.Index(sorted({*before["payee_id"], *lines["payee_id"]}), name="payee_id")
    amounts = {name: sum_.reindex(payees, fill_value=0) for name, sum_ in sums.items()}
    rows = pd.DataFrame(amounts).reset_index()
    return CHANGES.conform(
        rows.assign(
            had_before=rows["payee_id"].isin(before["payee_id"]),
            law_cents=np.int64(0),
            index_cents=np.int64(0),
            **{
                name: pd.Series(value, rows.index, dtype=TEXT)
                for name, value in (("stream", STREAM), ("reasons", ""))
            },
        )
    )


def _euros(cents: pd.Series[int]) -> pd.Series[str]:
    return pd.Series([euros(item) for item in cents.tolist()], cents.index, dtype=TEXT)
