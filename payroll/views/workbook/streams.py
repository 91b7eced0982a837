"""One sheet per stream beside the salaries: bonuses per person, fees, invoices row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import (
    HOLIDAY_CONTRIBUTION,
    HOLIDAY_GARNISHMENT,
    HOLIDAY_GROSS,
    HOLIDAY_LINES,
    HOLIDAY_WITHHOLDING,
)
from payroll.model.frames import iso_days, rows_of
from payroll.model.streams import BONUSES, FEES, HOLIDAY_PAY, INVOICES
from payroll.render.table import Column, Table
from payroll.views.movements import site_names
from payroll.views.shown import Shown

_PAYEE = Column("wb_col_payee", "text", 12)
_NAME = Column("wb_col_name", "text", 26)
_SOURCE = Column("wb_col_source", "text", 44)
_STATE = Column("wb_col_status", "mark", 15, "wb_state_")
#: Bonus codes with columns of their own; the rest share one pair.
CODES = 8
OTHER_CODES = "*"


def bonuses(shown: Shown) -> Table:
    """Per person hours, gross, deductions and net, then hours and gross of each code."""
    lines = shown.run.lines
    lines = lines[lines["stream"] == BONUSES.name]
    payees = lines["payee_id"].unique().tolist()
    person = pd.Index(payees).get_indexer(pd.Index(lines["payee_id"]))
    amount = lines["amount_cents"].to_numpy()
    is_gross = (lines["component"] == "bonus_gross").to_numpy(dtype=bool)
    hours = _hundredths(lines["quantity"].where(is_gross, ""))
    count = len(payees)
    codes = _codes(lines["rule_id"])
    names = pd.Series(codes[is_gross]).value_counts()
    own = (
        sorted(names.index.tolist())
        if len(names) <= CODES
        else [*sorted(names.index[: CODES - 1].tolist()), OTHER_CODES]
    )
    codes = np.where(np.isin(codes, own), codes, OTHER_CODES)
    parts: list[tuple[Column, Sequence[object]]] = []
    for code in own:
        chosen = is_gross & (codes == code)
        words = _code_words(shown, str(code))
        for numbers, kind, unit in (
            (hours, "hours", "wb_unit_hours"),
            (amount, "euro", "wb_unit_eur"),
        ):
            column = Column("", kind, 12, heading=f"{words} {shown.say(unit)}")
            parts.append((column, _or_none(_added(numbers, person, chosen, count))))
    gross, rest = (_added(amount, person, mask, count) for mask in (is_gross, ~is_gross))
    return Table.of(
        BONUSES.name,
        (_STATE, _states(shown, BONUSES.name, lines.drop_duplicates("payee_id"))),
        (_PAYEE, payees),
        (_NAME, [shown.name("employee", payee) for payee in payees]),
        (Column("wb_col_site", "text", 20), site_names(shown.run, payees)),
        (Column("wb_col_hours", "hours", 11), _added(hours, person, is_gross, count).tolist()),
        (Column("wb_col_bonus_gross", "euro", 14), gross.tolist()),
        (Column("wb_col_bonus_deductions", "euro", 14), rest.tolist()),
        (Column("wb_col_bonus_net", "euro", 14, shown="bar"), (gross + rest).tolist()),
        *parts,
        frozen_columns=3,
        note={"month": shown.run.order.earned(BONUSES.name)},
    )


def holiday_pay(shown: Shown) -> Table:
    """Per person basis, percentage and share, what is kept, the net, and with what it is paid."""
    lines = shown.run.lines
    lines = lines[lines["component"].isin(HOLIDAY_LINES)]
    gross = lines[lines["component"].isin(HOLIDAY_GROSS)]
    base = dict(rows_of(shown.run.frames["line_sums"], "line_id", "base"))
    by_person = lines.groupby(["payee_id", "component"])["amount_cents"].sum()

    def kept(component: str) -> list[int | None]:
        found = by_person.reindex([(payee, component) for payee in gross["payee_id"]])
        once = found.fillna(0).astype("int64").to_numpy() * first
        return _or_none(once)

    first = (~gross["payee_id"].duplicated()).to_numpy().astype(np.int64)
    net = lines.groupby("payee_id")["amount_cents"].sum().reindex(gross["payee_id"]).to_numpy()
    payees = gross["payee_id"].tolist()
    return Table.of(
        HOLIDAY_PAY.name,
        (_STATE, _states(shown, HOLIDAY_PAY.name, gross)),
        (_PAYEE, payees),
        (_NAME, [shown.name("employee", payee) for payee in payees]),
        (Column("wb_col_site", "text", 20), site_names(shown.run, payees)),
        (Column("wb_col_holiday_basis", "euro", 14), [base[line] for line in gross["line_id"]]),
        (Column("wb_col_holiday_rate", "text", 11), gross["rate"].tolist()),
        (Column("wb_col_holiday_share", "text", 10), gross["quantity"].tolist()),
        (Column("wb_col_bonus_gross", "euro", 14), gross["amount_cents"].tolist()),
        (Column("wb_col_holiday_contribution", "euro", 14), kept(HOLIDAY_CONTRIBUTION)),
        (Column("wb_col_holiday_withholding", "euro", 14), kept(HOLIDAY_WITHHOLDING)),
        (Column("wb_col_holiday_seized", "euro", 14), kept(HOLIDAY_GARNISHMENT)),
        (Column("wb_col_bonus_net", "euro", 14, shown="bar"), _or_none(net * first)),
        (Column("wb_col_paid_with", "text", 18), shown.words("stream_", gross["stream"].tolist())),
        (_SOURCE, gross["source"].tolist()),
        frozen_columns=3,
        note={"month": shown.run.order.period, "year": shown.run.order.reference_year},
    )


def _codes(rule_ids: pd.Series[str]) -> npt.NDArray[np.object_]:
    """The bonus code in each line's rule_id ('premium:night parameter:...' -> 'night')."""
    known = {
        text: next((word[8:] for word in text.split() if word.startswith("premium:")), "")
        for text in rule_ids.unique()
    }
    return np.array([known[text] for text in rule_ids.tolist()], dtype=object)


def _code_words(shown: Shown, code: str) -> str:
    if code == OTHER_CODES:
        return shown.say("wb_other_codes")
    return shown.titles.get(f"premium:{code}", code)


def _hundredths(texts: pd.Series[str]) -> npt.NDArray[np.int64]:
    """Hours as lines write them ('7.60') in hundredths, '' as 0."""
    known = {text: int(text.replace(".", "")) if text else 0 for text in texts.unique()}
    return np.array([known[text] for text in texts.tolist()], dtype=np.int64)


def _added(
    values: npt.NDArray[np.int64],
    place: npt.NDArray[np.intp],
    chosen: npt.NDArray[np.bool_],
    count: int,
) -> npt.NDArray[np.int64]:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, place[chosen], values[chosen])
    return total


def _or_none(values: npt.NDArray[np.int64]) -> list[int | None]:
    return [value or None for value in values.tolist()]


def _states(shown: Shown, stream: str, lines: pd.DataFrame) -> list[str]:
    """What becomes of each of some lines of a stream: pay, held, to_recover or nothing."""
    known = dict(rows_of(shown.run.payments, "payment_id", "status"))
    owed = shown.run.frames["receivables"]
    owing = set(owed.loc[owed["stream"] == stream, "payee_id"])
    return [
        known.get(payment, "nothing") if payment else "to_recover" if payee in owing else "nothing"
        for payment, payee in rows_of(lines, "payment_id", "payee_id")
    ]


def fees(shown: Shown) -> Table:
    """Per practitioner gross, what is retained, net, and the net of the month before."""
    lines = shown.run.lines
    lines = lines[lines["stream"] == FEES.name]
    first = lines.drop_duplicates("payee_id")
    payees = first["payee_id"].tolist()
    person = pd.Index(payees).get_indexer(pd.Index(lines["payee_id"]))
    amount = lines["amount_cents"].to_numpy()
    is_fee = (lines["component"] == "fee").to_numpy(dtype=bool)
    gross, retained = (_added(amount, person, mask, len(payees)) for mask in (is_fee, ~is_fee))
    net = (gross + retained).tolist()
    changes = shown.run.changes_of(FEES.name)
    known = dict(rows_of(changes[changes["had_before"]], "payee_id", "net_before_cents"))
    before = [known.get(payee) for payee in payees]
    paid = dict(rows_of(shown.run.payments, "payment_id", "legal_nature"))
    natures = [
        paid.get(payment) or ("advance" if basis == "estimated" else "final")
        for payment, basis in rows_of(first, "payment_id", "basis")
    ]
    delta = [None if base is None else now - base for now, base in zip(net, before, strict=True)]
    share = [
        -part / whole if whole else None
        for part, whole in zip(retained.tolist(), gross.tolist(), strict=True)
    ]
    percent = [
        moved / base if base and moved is not None else None
        for moved, base in zip(delta, before, strict=True)
    ]
    return Table.of(
        FEES.name,
        *_by_size(
            (_STATE, _states(shown, FEES.name, first)),
            (_PAYEE, payees),
            (_NAME, [shown.name("practitioner", item) for item in payees]),
            (Column("wb_col_fee_gross", "euro", 15), gross.tolist()),
            (Column("wb_col_fee_retained", "euro", 15), retained.tolist()),
            (Column("wb_col_fee_rate", "share", 10), share),
            (Column("wb_col_fee_net", "euro", 15, shown="bar"), net),
            (Column("wb_col_fee_before", "euro", 15), before),
            (Column("wb_col_delta", "euro", 14, shown="shade"), delta),
            (Column("wb_col_percent", "percent", 10), percent),
            (Column("wb_col_legal", "text", 18), shown.words("wb_legal_", natures)),
            (_SOURCE, first["source"].tolist()),
            sizes=net,
        ),
        frozen_columns=3,
        note={"month": shown.run.order.earned(FEES.name)},
    )


def invoices(shown: Shown) -> Table:
    """Every invoice read: paid, held, netted, not yet due, blocked or repeated; the paid first."""
    frame, lines = shown.run.frames["open_invoices"], shown.run.lines
    own = lines[lines["line_id"].isin(frame["line_id"])]
    paid = dict(zip(own["line_id"], _states(shown, INVOICES.name, own), strict=True))
    amount, taken = frame["amount_cents"].to_numpy(), (frame["line_id"] != "").to_numpy()
    state = [
        why or ("netted" if cents < 0 and paid[line_id] == "pay" else paid[line_id])
        for why, cents, line_id in rows_of(frame, "state", "amount_cents", "line_id")
    ]
    here = np.where(taken, amount, 0)
    off = np.where(taken, frame["retained_cents"].to_numpy(), 0)
    payees = frame["payee_id"].tolist()
    due_until = ordered.due_until if (ordered := shown.run.order.section(INVOICES)) else ""
    return Table.of(
        INVOICES.name,
        *_by_size(
            (_STATE, state),
            (_PAYEE, payees),
            (_NAME, [shown.name("supplier", payee) for payee in payees]),
            (Column("wb_col_invoice", "text", 18), frame["invoice_number"].tolist()),
            (Column("wb_col_invoice_date", "day", 12), iso_days(frame["invoice_date"])),
            (Column("wb_col_due", "day", 12), iso_days(frame["due_date"])),
            (Column("wb_col_amount", "euro", 15, shown="bar"), amount.tolist()),
            (Column("wb_col_in_run", "euro", 15), _or_none(here)),
            (Column("wb_col_works_retained", "euro", 15), _or_none(off)),
            (Column("wb_col_to_supplier", "euro", 15), _or_none(here + off)),
            (Column("wb_col_reference", "text", 22), frame["reference"].tolist()),
            (_SOURCE, frame["source"].tolist()),
            sizes=amount.tolist(),
            ranks=[_STATES.index(name) for name in state],
        ),
        frozen_columns=3,
        note={"until": due_until},
    )


#: In the order in which a reader needs them.
_STATES = (
    "held",
    "to_recover",
    "pay",
    "netted",
    "repeated",
    "foreign_currency",
    "blocked",
    "awaiting_reissue",
    "already_paid",
    "not_due",
    "nothing",
)


def _by_size(
    *columns: tuple[Column, Sequence[object]], sizes: Sequence[int], ranks: Sequence[int] = ()
) -> list[tuple[Column, Sequence[object]]]:
    """The columns with their rows by rank, then the largest amount first."""
    ranks = ranks or [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda row: (ranks[row], -abs(sizes[row])))
    return [(column, [values[row] for row in order]) for column, values in columns]
