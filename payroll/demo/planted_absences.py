"""Who was away without pay in April or May, and whose share of the reference year nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from payroll.demo.april import half_up
from payroll.demo.planted import ADJUSTMENTS_FILE, STAFF_FILE, Planter, full_time
from payroll.demo.staff import MONTHLY


def plant_absences(planter: Planter) -> None:
    """Somebody sick without pay in May, somebody in April, whose register holds 20 of 30 days."""
    staff = planter.staff
    may = planter.pick(lambda agent: agent.status == "contractual")
    april = planter.pick(full_time)
    for index, first, back, kind, expected in (
        (may, date(2022, 5, 9), date(2022, 5, 23), "sick_unpaid", "14/30 deducted"),
        (april, date(2022, 4, 19), date(2022, 4, 29), "sick_in_april", "rebuilt by the contract"),
    ):
        agent = staff[index]
        days = tuple(first + timedelta(day) for day in range((back - first).days))
        staff[index] = replace(agent, sick=days)
        planter.adjust(
            agent, "sick_unpaid", "Incapacité, à charge de la mutuelle", "Certificat", start=first
        )
        planter.adjust(agent, "return", "Reprise du travail", "Appel du service", start=back)
        planter.note(kind, agent.number, ADJUSTMENTS_FILE, expected)
    agent = staff[april]
    paid = 30 - len(agent.sick)
    part = tuple(
        replace(line, cents=half_up(line.cents * paid, 30)) if line.code in MONTHLY else line
        for line in agent.components
    )
    staff[april] = replace(agent, components=part, whole_april=agent.components)


def plant_first_job(planter: Planter) -> None:
    """Somebody of under 25 hired in 2021, whose holiday pay may go by the whole year."""
    index = planter.pick()
    agent, birth = planter.staff[index], date(1998, 3, 14)
    number = planter.register.national_number(birth, agent.female)
    planter.staff[index] = replace(
        agent, birth=birth, national_number=number, hired=date(2021, 9, 1), holiday_share=None
    )
    planter.note("holiday_share_unknown", agent.number, STAFF_FILE, "holiday pay to settle")
