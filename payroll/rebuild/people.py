"""Per member of staff what their pay is a function of, for the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from payroll.gross_to_net.columns import HOUSEHOLDS, MONTH, TAX_STATUS
from payroll.model.frames import TEXT
from payroll.model.money import Cents
from payroll.model.record_frames import PEOPLE
from payroll.model.tables import SourceTables
from payroll.rebuild.calculation import Calculation, Mask
from payroll.rebuild.gross import Month
from payroll.rebuild.lines import text_by
from payroll.rebuild.net import Net
from payroll.rebuild.staff import StaffMonth
from payroll.rebuild.third_parties import GARNISHED


def people_of_record(
    tables: SourceTables,
    people: StaffMonth,
    calculation: Calculation,
    net: Net,
    *,
    month: Month,
    whole: pd.DataFrame,
) -> pd.DataFrame:
    """PEOPLE of everybody, paid this month or not. whole: WHOLE_MONTH."""
    frame = people.frame
    staff = tables["employees"].drop_duplicates("employee_id")
    source = text_by(frame["payee_id"], staff["employee_id"], staff["source"])
    status = np.array(list(TAX_STATUS), dtype=object)[people.household["tax_status"]]
    own = {name: frame[name] for name in PEOPLE.columns if name in frame}
    now = {name: calculation.people[name] for name in MONTH.columns}
    household = {name: people.household[name] for name in HOUSEHOLDS.columns}
    columns: dict[str, pd.Series[Any] | Cents | Mask] = {
        **own,
        **household,
        **{f"known_{name}": calculation.known_people[name] for name in MONTH.columns},
        **now,
        **{name: net.ratios[name] for name in ("ratio_net_cents", "ratio_gross_cents", "policy")},
        **{name: net.garnished[name] for name in GARNISHED.columns},
        "source": source,
        "register_source": frame["source"].mask(frame["source"] == source, ""),
        "computed": calculation.computed,
        "tax_status": pd.Series(status, frame.index, dtype=TEXT),
        "garnishment_before_cents": frame["garnishment_cents"],
        "worked": month.shared.worked,
        "known_holiday_cents": month.known_holiday,
        **{f"whole_{name}": whole[name] for name in whole},
        "quarter_settles": calculation.quarter.settles,
        "quarter_first_cents": calculation.quarter.first,
        "quarter_second_cents": calculation.quarter.second,
        "quarter_withheld_cents": calculation.quarter.withheld,
        "settled_cents": calculation.settled,
        "known_settled_cents": calculation.known_settled,
    }
    return PEOPLE.conform(pd.DataFrame(columns))
