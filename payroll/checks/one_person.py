"""One person under two staff numbers: by what two rows of the staff list have in common."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.checks.data import CheckData, findings_of
from payroll.model.alike_names import alike, heard
from payroll.model.bank_month import salaries_paid
from payroll.model.findings import Finding
from payroll.model.person_names import bank_words
from payroll.rulebook.controls import Control

#: Whoever shares a birth date or an account with more than so many others bears it as a filler;
#: among them equal names alone tell.
_MOST = 60
#: A list of which more rows lack the birth date tells nothing by one that does.
_BARE_PERCENT = 5


def same_person(data: CheckData, control: Control) -> list[Finding]:
    """Two staff numbers that may be one person's.

    One birth date or account and names that are equal or alike, one birth date and one account
    whatever the names, or one name where the list has no birth date of one of the two. A national
    number is only what somebody typed, and tells nobody apart. Where last month knows one of the
    two, the other is told; where it knows both, the one without a birth date in a list that has
    everybody else's, unless the bank paid both.
    """
    staff = data.tables["employees"].drop_duplicates("employee_id").reset_index(drop=True)
    full = staff["last_name"] + " " + staff["first_name"]
    known = {name: " ".join(sorted(bank_words(name))) for name in full.unique()}
    before = staff["employee_id"].isin(data.known_staff)
    staff = staff.assign(who=full.map(known).astype("str"), full=full, before=before)
    pairs = pd.concat([_by_mark(staff, "birth_date"), _by_mark(staff, "iban"), _undated(staff)])
    one, other = (before.to_numpy()[pairs[name]] for name in ("one", "other"))
    both = pd.concat(
        [
            pairs[~one | other],
            pairs[~other | one].rename(columns={"one": "other", "other": "one"}),
            _half_dated(data, staff),
        ]
    ).drop_duplicates()
    if both.empty:
        return []
    ids = staff["employee_id"].to_numpy()
    names = pd.Series(ids[both["other"]], both.index).groupby(both["one"].to_numpy())
    others = names.agg(lambda found: ", ".join(sorted(found)))
    rows = staff.loc[others.index]
    return findings_of(
        data, control, rows, kind="employee", observed=rows["full"], others=others, cell="last_name"
    )


def _by_mark(staff: pd.DataFrame, mark: str) -> pd.DataFrame:
    """Pairs of rows with one birth date or account, and names that may be one person's."""
    given = staff[staff[mark].notna() & (staff[mark].astype("str") != "")]
    given = given[given.duplicated(mark, keep=False)]
    sizes = given.groupby(mark)[mark].transform("size")
    equal = _pairs(given[given["who"] != ""], [mark, "who"])
    near = _pairs(given[sizes <= _MOST], [mark])
    if near.empty:
        return equal
    words = {row: heard(name) for row, name in given["full"].items()}
    day, account = staff["birth_date"].to_numpy(), staff["iban"].to_numpy()
    one, other = near["one"].to_numpy(), near["other"].to_numpy()
    same_day = day[one] == day[other]
    both_days = ~(pd.isna(day[one]) | pd.isna(day[other]))
    same = same_day & (account[one] == account[other]) & (account[one] != "")
    may_be = same_day | ~both_days  # two birth dates are of two people, but for equal names
    told = np.array(
        [
            whole or (maybe and alike(words[first], words[second]))
            for whole, maybe, first, second in zip(same, may_be, one, other, strict=True)
        ],
        dtype=bool,
    )
    return pd.concat([equal, near[told]])


def _undated(staff: pd.DataFrame) -> pd.DataFrame:
    """Pairs with one name, where the birth date of one is missing and last month knew not both."""
    pairs = _pairs(staff[staff["who"] != ""], ["who"])
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    missing, before = staff["birth_date"].isna().to_numpy(), staff["before"].to_numpy()
    told: npt.NDArray[np.bool_] = (missing[one] | missing[other]) & ~(before[one] & before[other])
    return pairs.loc[told]


def _half_dated(data: CheckData, staff: pd.DataFrame) -> pd.DataFrame:
    """`one` without a birth date and `other` of the same name with one, both known last month.

    Two people of one name are common. Somebody who was added beside another is not: what is typed
    into the list and the register lacks what every other row has, and the bank knows one of them.
    """
    bare = staff["birth_date"].isna().to_numpy()
    if int(bare.sum()) * 100 > max(100, len(staff) * _BARE_PERCENT):
        return pd.DataFrame({"one": [], "other": []}, dtype="int64")
    pairs = _pairs(staff[(staff["who"] != "") & staff["before"]], ["who"])
    paid = staff["employee_id"].isin(salaries_paid(data.tables.bank)["payee_id"]).to_numpy()
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    pairs = pairs.loc[(bare[one] != bare[other]) & ~(paid[one] & paid[other])]
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    first, second = np.where(bare[one], one, other), np.where(bare[one], other, one)
    return pd.DataFrame({"one": first, "other": second}, dtype="int64")


def _pairs(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Positions `one` < `other` of rows that agree in the keys; of many, each with the first."""
    rows = rows[rows.duplicated(keys, keep=False)]
    groups: dict[int, list[int]] = {}
    numbers = rows.groupby(keys, sort=False).ngroup()
    for row, number in zip(rows.index.tolist(), numbers.tolist(), strict=True):
        groups.setdefault(number, []).append(row)
    found: list[tuple[int, int]] = []
    for members in groups.values():
        few = len(members) <= _MOST
        found += combinations(members, 2) if few else [(members[0], item) for item in members[1:]]
    return pd.DataFrame(found, columns=["one", "other"], dtype="int64")
