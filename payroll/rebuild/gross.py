"""This month's gross, line by line: recurring components, incomplete months, one-off amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.components import BASE_SALARY, GROSS_RESIDUAL, INDEX_STEP
from payroll.model.components import HOLIDAY_PAY as HOLIDAY
from payroll.model.findings import Finding, finding, findings_for
from payroll.model.frames import INT, NOT_CARRIED_OVER, TEXT, FrameSchema, join_texts
from payroll.model.money import Cents, divide_columns, euros
from payroll.model.order import PayrunOrder
from payroll.model.streams import HOLIDAY_PAY, SALARIES
from payroll.model.tables import SourceTables
from payroll.rebuild.absences import ABSENCES
from payroll.rebuild.deductions_now import CHANGE
from payroll.rebuild.index import recurring_raised
from payroll.rebuild.lines import STAFF_LINES, staff_lines
from payroll.rebuild.newcomers import newcomer_lines
from payroll.rebuild.partial import lines_made, made_whole
from payroll.rebuild.proration import (
    DAYS,
    FULL_TIME,
    PRORATION,
    Employed,
    Shares,
    known_fte,
    shares,
)
from payroll.rebuild.recurring import Recurring, changed_people, days_of_changed, with_changes
from payroll.rebuild.staff import EMPLOYED, Mask, StaffMonth
from payroll.rebuild.whole_month import whole_lines
from payroll.rulebook.book import RuleBook
from payroll.rulebook.components import by_alias, plain
from payroll.rulebook.index import index_step

#: Adjustments that change how much of the month is worked.
_CHANGING = ("fte_change", *ABSENCES)
#: What does not come back of a known month.
_NATURES_LEFT = ("one_off", "arrears", "variable")
#: Every gross amount of the last known month, one-off and variable ones too.
KNOWN_GROSS = FrameSchema("known_gross", {"person": INT, "component": TEXT, "amount_cents": INT})


@dataclass(frozen=True, slots=True)
class Month:
    """The gross lines (STAFF_LINES), NOT_CARRIED_OVER of the known month, and the sums.

    gross_after: the sum of the lines per person, in the order of the people; indexed: what of it
    an index since the known month added. whole: the lines of a month paid in full, where holiday
    pay is ordered. known: KNOWN_GROSS; known_holiday: holiday pay among it, per person.
    shared: the paid share of the month per person. rebuilt: whose known month was made whole.
    reasons: why pay changes, as in StaffMonth.
    """

    lines: pd.DataFrame
    whole: pd.DataFrame
    not_carried_over: pd.DataFrame
    gross_after: Cents
    indexed: Cents
    known: pd.DataFrame
    known_holiday: Cents
    shared: Shared
    rebuilt: Mask
    reasons: Mapping[str, Mask]


@dataclass(frozen=True, slots=True)
class Shared:
    """The paid share of the month per person: 1 for whoever has nothing incomplete about it."""

    numerator: Cents
    denominator: Cents
    worked: Cents  # Σ of thirtieths x working time in millionths
    work_days: Cents  # Σ of working days x working time in millionths
    part_time: Mask
    quantity: npt.NDArray[np.object_]
    rate: npt.NDArray[np.object_]
    source: npt.NDArray[np.object_]


def gross_lines(
    tables: SourceTables,
    order: PayrunOrder,
    rulebook: RuleBook,
    people: StaffMonth,
    adjustments: pd.DataFrame,
) -> tuple[Month, list[Finding]]:
    """Every gross line of the month; conserves: known gross = lines before proration + dropped."""
    changing, findings = _changing(tables, people, adjustments)
    shared = _shares(order, people, changing)
    components, not_carried_over, found = _components(tables, order, rulebook, people)
    findings += found
    whole, found = _whole_gross(tables, people, components)
    findings += found
    copied = pd.concat([components[components["keep"]], whole], ignore_index=True)
    entire, found = made_whole(copied, people, tables, order, rulebook)
    findings += found
    recurring, found = with_changes(
        entire.rows,
        adjustments,
        people,
        detailed=people.mask(components["person"].to_numpy()),
        days=days_of_changed(order, people, changing, changed_people(adjustments, people)),
        book=rulebook,
        order=order,
        tables=tables,
    )
    findings += found
    step = index_step(rulebook.parameters, order.last_known.first_day, order.period.first_day)

    def lines_at(shares: Shared) -> pd.DataFrame:
        part, split = _prorated(recurring, shares), recurring.parts["row"].to_numpy()
        paid = lines_made(part, entire, people, shares.worked, split)
        raised = recurring_raised(
            recurring,
            part.assign(amount_cents=paid["amount_cents"]),
            people,
            worked=shares.worked,
            components=rulebook.components,
            step=step,
        )
        return pd.concat([paid, raised, newcomer_lines(people, shares)], ignore_index=True)

    parts = (lines_at(shared), _one_offs(adjustments, people))
    lines = pd.concat(parts, ignore_index=True)
    lines = STAFF_LINES.conform(lines[people.is_paid(lines["person"].to_numpy())])
    gross = _sums(lines, len(people.frame))
    indexed = _sums(lines[lines["component"] == INDEX_STEP], len(people.frame))
    columns = list(KNOWN_GROSS.columns)
    known = pd.concat([components[columns], whole[columns]])
    known = KNOWN_GROSS.conform(known.astype({"component": TEXT}))  # objects, where none is given
    reasons = _reasons(people, adjustments, changing, not_carried_over)
    reasons |= {"index_step": indexed != 0, "partial_known_month": entire.rebuilt}
    holidays = order.section(HOLIDAY_PAY)
    month = Month(
        lines=lines,
        whole=lines if holidays is None else whole_lines(parts, people, shared, lines_at),
        not_carried_over=not_carried_over,
        gross_after=gross,
        indexed=indexed,
        known=known,
        known_holiday=_sums(known[known["component"] == HOLIDAY], len(people.frame)),
        shared=shared,
        rebuilt=entire.rebuilt,
        reasons=reasons,
    )
    return month, findings


def _sums(lines: pd.DataFrame, count: int) -> Cents:
    """What lines come to per person."""
    found: Cents = np.zeros(count, dtype=np.int64)
    np.add.at(found, lines["person"].to_numpy(), lines["amount_cents"].to_numpy())
    return found


def _reasons(
    people: StaffMonth,
    adjustments: pd.DataFrame,
    changing: pd.DataFrame,
    not_carried_over: pd.DataFrame,
) -> dict[str, Mask]:
    """Why the gross of whom changes, and of whom something was typed."""
    added = {
        "one_off_added": ["one_off_gross", "one_off_net"],
        "garnishment_added": ["garnishment"],
        "recurring_change": [CHANGE],
    }
    cases = {
        **{kind: changing[changing["kind"] == kind] for kind in _CHANGING},
        **{
            f"{one}_dropped": not_carried_over[not_carried_over["nature"] == one]
            for one in _NATURES_LEFT
        },
        **{reason: adjustments[adjustments["kind"].isin(kinds)] for reason, kinds in added.items()},
    }
    found = {}
    for reason, rows in cases.items():
        person = people.positions(rows["payee_id"])
        found[reason] = people.mask(person[people.is_paid(person)])
    return found


def _changing(
    tables: SourceTables, people: StaffMonth, adjustments: pd.DataFrame
) -> tuple[pd.DataFrame, list[Finding]]:
    """Changes of working time and absences, by date, with `person`; a useless change is told."""
    frame = people.frame
    changing = adjustments[adjustments["kind"].isin(_CHANGING)]
    changing = changing.assign(person=people.positions(changing["payee_id"]))
    changing = changing[people.is_paid(changing["person"].to_numpy())]
    changing = changing.sort_values(["from", "source"], kind="stable")
    is_fte = changing["kind"] == "fte_change"
    person = changing["person"].to_numpy()
    useless = is_fte & (
        (frame["fte_millionths"].to_numpy()[person] <= 0)
        | (changing["amount"] == frame["fte_millionths"].to_numpy()[person])
    )
    contradicted = changing[useless]
    cells = [tables.cell(source, "value") for source in contradicted["source"]]
    findings = findings_for(
        "REB-014", contradicted.assign(source=cells, observed=contradicted["adjustment_id"])
    )
    return changing[~useless], findings


def _shares(order: PayrunOrder, people: StaffMonth, changing: pd.DataFrame) -> Shared:
    """Days and working time of whoever has an incomplete or changed month."""
    frame = people.frame
    count = len(frame)
    fte = known_fte(frame["fte_millionths"])
    is_fte = changing["kind"] == "fte_change"
    affected = ((frame["first"] > 1) | (frame["last"] < DAYS)).to_numpy(copy=True)
    affected[changing["person"].to_numpy()] = True
    affected |= ~frame["in_register"].to_numpy()
    chosen = np.flatnonzero(affected)
    within = changing.assign(person=np.searchsorted(chosen, changing["person"].to_numpy()))
    found: Shares = shares(
        fte[chosen],
        Employed(*(frame[name].to_numpy()[chosen] for name in EMPLOYED)),
        changes=within[is_fte],
        absences=within[~is_fte],
        period=order.period,
    )
    shared = Shared(
        np.ones(count, dtype=np.int64),
        np.ones(count, dtype=np.int64),
        fte * DAYS,
        fte * len(order.period.working_days),
        fte < FULL_TIME,
        *(np.full(count, "", dtype=object) for _ in range(3)),
    )
    for column in fields(Shares):
        getattr(shared, column.name)[chosen] = np.asarray(getattr(found, column.name))
    partial = (frame["last"] < DAYS).to_numpy()
    shared.source[partial] = frame["leave_source"].to_numpy(dtype=object)[partial]
    told = changing.groupby("person")["source"].agg(join_texts)
    where = told.index.to_numpy(dtype=np.int64)
    shared.source[where] = [
        join_texts([old, new]) for old, new in zip(shared.source[where], told, strict=True)
    ]
    return shared


def _components(
    tables: SourceTables, order: PayrunOrder, rulebook: RuleBook, people: StaffMonth
) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """The register's gross components with what each is, NOT_CARRIED_OVER, and findings."""
    rows = tables["register_lines"]
    rows = rows[rows["period"] == str(order.last_known)]
    person = people.positions(rows["employee_id"])
    theirs = np.append(people.frame["in_register"].to_numpy(), False)[person] & (person >= 0)
    orphans = rows[~theirs].drop_duplicates("employee_id")
    orphans = orphans.rename(columns={"employee_id": "payee_id"})
    findings = findings_for("REB-007", orphans, stream=SALARIES.name)
    rows = rows[theirs].reset_index(drop=True)
    codes = pd.Index(rows["component"].unique())
    names = by_alias(rulebook.components)
    found = [names.get(plain(code)) for code in codes]
    where = codes.get_indexer(rows["component"])

    def each(values: list[object], dtype: str) -> npt.NDArray[np.generic]:
        found: npt.NDArray[np.generic] = np.array(values, dtype=dtype)[where]
        return found

    nature = each([item.nature if item else "recurring" for item in found], "object")
    frame = pd.DataFrame(
        {
            "person": person[theirs],
            "amount_cents": rows["amount_cents"],
            "component": each(
                [item.code if item else code for item, code in zip(found, codes, strict=True)],
                "object",
            ),
            "rule_id": each([f"component:{item.code}" if item else "" for item in found], "object"),
            "source": rows["source"],
            "prorated": each([item.prorated if item else True for item in found], "bool"),
        }
    )
    gross = each([item.enters == "gross" if item else True for item in found], "bool")
    frame = frame.assign(nature=nature, keep=gross & (nature == "recurring"))
    strange = each([item is None for item in found], "bool")
    unknown = rows[strange].rename(columns={"employee_id": "payee_id", "component": "observed"})
    unknown["source"] = [tables.cell(source, "component") for source in unknown["source"]]
    findings += findings_for("REB-001", unknown, stream=SALARIES.name)
    frame = frame[gross]
    out = ~frame["keep"].to_numpy() & (frame["amount_cents"] != 0).to_numpy()
    out &= people.is_paid(frame["person"].to_numpy())
    gone = rows.loc[frame.index[out]]
    not_carried_over = pd.DataFrame(
        {
            "payee_id": gone["employee_id"],
            "component": pd.Series(frame.loc[out, "component"], dtype=TEXT),
            "label": gone["label"],
            "nature": pd.Series(frame.loc[out, "nature"], dtype=TEXT),
            "amount_cents": gone["amount_cents"],
            "reason": pd.Series("reason_" + frame.loc[out, "nature"] + "_dropped", dtype=TEXT),
            "source": gone["source"],
        }
    )
    return frame, NOT_CARRIED_OVER.conform(not_carried_over), findings


def _whole_gross(
    tables: SourceTables, people: StaffMonth, components: pd.DataFrame
) -> tuple[pd.DataFrame, list[Finding]]:
    """The gross of whoever has no components, and the gap where they do not add up to it."""
    frame = people.frame
    total = np.zeros(len(frame), dtype=np.int64)
    person = components["person"].to_numpy()
    np.add.at(total, person, components["amount_cents"].to_numpy())
    detailed = np.zeros(len(frame), dtype=bool)
    detailed[person] = True
    register = frame["in_register"].to_numpy()
    gap = np.where(register, frame["gross_before_cents"].to_numpy() - total, 0)
    bare, uneven = register & ~detailed, register & detailed & (gap != 0)
    whole = np.flatnonzero((bare | uneven) & (gap != 0))
    rows = pd.DataFrame(
        {
            "person": whole,
            "amount_cents": gap[whole],
            "component": np.where(bare[whole], BASE_SALARY, GROSS_RESIDUAL),
            "rule_id": "",
            "source": frame["source"].to_numpy(dtype=object)[whole],
            "prorated": True,
        }
    )
    paid = people.is_paid(np.arange(len(frame)))  # of who is gone only the known month matters
    bare, uneven = bare & paid, uneven & paid
    wrong = frame[uneven].assign(
        source=[tables.cell(source, "gross") for source in frame.loc[uneven, "source"]],
        observed=[euros(cents) for cents in total[uneven].tolist()],
        limit=[euros(cents) for cents in frame.loc[uneven, "gross_before_cents"].tolist()],
    )
    findings = findings_for("REB-003", wrong, stream=SALARIES.name)
    if bare.any() and components.empty and not tables.has("register_lines"):
        count = str(int(bare.sum()))
        told = finding("REB-025", stream=SALARIES.name, observed=count)
        return rows, [*findings, told]
    return rows, findings + findings_for("REB-021", frame[bare], stream=SALARIES.name)


def _prorated(recurring: Recurring, shared: Shared) -> pd.DataFrame:
    """Recurring lines, those of an incomplete month multiplied by its share, half-up, and those
    that hold for a part of it by that part.
    """
    rows, parts = recurring.rows, recurring.parts
    person, part = rows["person"].to_numpy(), parts["row"].to_numpy()
    change = rows["prorated"].to_numpy(dtype=bool) & (shared.quantity[person] != "")
    amount = rows["amount_cents"].to_numpy()
    numerator, denominator = shared.numerator[person], shared.denominator[person]
    quantity, rate, cause = (
        found[person] for found in (shared.quantity, shared.rate, shared.source)
    )
    change[part], rate[part] = True, ""
    numerator[part], denominator[part] = parts["numerator"], parts["denominator"]
    quantity[part], cause[part] = parts["quantity"], parts["source"]
    gap = rows["component"].to_numpy() == GROSS_RESIDUAL
    rule, source = (rows[name].to_numpy(dtype=object) for name in ("rule_id", "source"))
    told = change & (cause != "")
    return staff_lines(
        person,
        amount_cents=np.where(change, divide_columns(amount * numerator, denominator), amount),
        component=rows["component"],
        basis=np.where(gap, "residual", np.where(change, "adjusted", "known")),
        rule_id=np.where(change, rule + " " + PRORATION, rule),
        source=np.where(told, source + "; " + cause, source),
        quantity=np.where(change, quantity, ""),
        rate=np.where(change, rate, ""),
        base=np.where(change, amount, 0),
        numerator=np.where(change, numerator, 0),
        denominator=np.where(change, denominator, 0),
    )


def _one_offs(adjustments: pd.DataFrame, people: StaffMonth) -> pd.DataFrame:
    """One-off amounts, each as the component that it names: its contributions, pension and tax."""
    rows = adjustments[adjustments["kind"] == "one_off_gross"]
    component = rows["component"].mask(rows["component"].str.strip() == "", "one_off_gross")
    return staff_lines(
        people.positions(rows["payee_id"]),
        amount_cents=rows["amount"],
        component=component,
        basis="adjusted",
        rule_id="component:" + component,
        source=rows["source"],
    )
