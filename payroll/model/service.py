"""Until when somebody is in service, by the two sources that say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from payroll.model.tables import SourceTables


def last_days(tables: SourceTables) -> pd.DataFrame:
    """Last day employed of each who has one: employee_id, day, source and its field.

    A leaver among the adjustments comes before the leave date of the employees list.
    """
    import pandas as pd

    staff = tables["employees"].rename(columns={"leave_date": "day"})
    staff = staff[["employee_id", "day", "source"]].assign(field="leave_date")
    leavers = tables["adjustments"]
    leavers = leavers[leavers["kind"] == "leaver"].rename(columns={"payee_id": "employee_id"})
    given = leavers["to"].notna()
    leavers = leavers.assign(
        day=leavers["to"].fillna(leavers["from"]),
        field=given.map({True: "to", False: "from"}).astype("str"),
    )
    both = pd.concat([leavers[["employee_id", "day", "source", "field"]], staff])
    return both[both["day"].notna()].drop_duplicates("employee_id")
