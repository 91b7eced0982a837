"""The sample's staff: who they are, what April's register holds for them, their April hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from payroll.demo.april import WORKING_DAYS, AprilPay, Household, Local, april_pay, half_up
from payroll.demo.identity import Register

SITES = (
    "Sainte-Modèle",
    "Val-Fictif",
    "Clinique de l'Exemple",
    "Les Échantillons",
    "Notre-Dame d'Essai",
    "La Maquette",
)

#: (category, cost centre, lowest and highest full-time monthly gross in cents).
CATEGORIES = (
    ("Infirmier(ère)", "4110", 265_000, 392_000),
    ("Aide-soignant(e)", "4120", 222_000, 284_000),
    ("Administratif", "5200", 212_000, 345_000),
    ("Technique", "5300", 196_000, 275_000),
    ("Cadre", "5100", 398_000, 548_000),
)
CATEGORY_WEIGHTS = (45, 22, 15, 13, 5)

#: Every family situation of the withholding scale; the first staff take one each, in order.
HOUSEHOLDS = (
    Household(tax_status="single"),
    Household(tax_status="married_one_income"),
    Household(tax_status="married_two_incomes"),
    Household(tax_status="single", children=1, single_parent=True),
    Household(tax_status="single", children=2, single_parent=True),
    Household(tax_status="married_one_income", children=1),
    Household(tax_status="married_one_income", children=2),
    Household(tax_status="married_one_income", children=3),
    Household(tax_status="married_one_income", children=4),
    Household(tax_status="married_two_incomes", children=1),
    Household(tax_status="married_two_incomes", children=2),
    Household(tax_status="married_two_incomes", children=3),
    Household(tax_status="married_two_incomes", children=4),
    Household(tax_status="single", disabled=True),
    Household(tax_status="married_two_incomes", children=2, disabled_children=1),
    Household(tax_status="married_one_income", spouse_disabled=True),
    Household(tax_status="single", other_dependants=1),
    Household(tax_status="single", children=1, disabled_children=1, single_parent=True),
)
_USUAL_HOUSEHOLDS = (0, 0, 0, 1, 2, 2, 3, 4, 6, 9, 9, 10, 10, 10, 11)

LABELS = {
    "1000": "Traitement barémique",
    "1010": "Allocation de foyer/résidence",
    "1100": "Complément fonctionnel",
    "1200": "Sursalaire spécialisation",
    "2000": "Prestations irrégulières (mars)",
    "3000": "Prime unique",
    "3100": "Arriérés",
    "4000": "Allocation locale",
}
PENSION_BASE = ("1000", "1100")
INDEXED = ("1000", "1010", "1100", "1200")
#: Coefficients of the index of public pay in ten-thousandths, of February and of April 2022.
INDEX_MARCH, INDEX_APRIL = 18_114, 18_476
ONE_OFF, LOCAL_ALLOWANCE, HOUSEHOLD_ALLOWANCE = "3000", "4000", "1010"
#: What is paid every month, and by days.
MONTHLY = (*INDEXED, LOCAL_ALLOWANCE)
#: What the sample's employer does beside the law: a relief for managers, and withholding that a few
#: people asked to have above the scale.
MANAGERS_RELIEF, AGREED_WITHHOLDING = 1_200, 5_000
HOUSEHOLD_LIMIT, HOUSEHOLD_CENTS, RESIDENCE_CENTS = 247_884, 11_084, 5_542


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One register line of April: amount in cents; hours in hundredths, 0 when not hourly."""

    code: str
    cents: int
    hours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One member of staff; amounts in cents, fte in hundredths.

    paid_iban is the account in April's register, '' when it is the same as `iban`; bank_iban the
    one that the bank really paid, '' when it is that of the register; paid_household
    the family situation that April was paid by, None when it is that of the personnel list;
    sick the days without pay; whole_april what April would have been without them, () when there
    are none in April; holiday_share the part of 2021 (hundredths)
    that the personnel list gives for holiday pay, None when the dates of service tell.
    """

    number: str
    last_name: str
    first_name: str
    female: bool
    birth: date
    national_number: str
    iban: str
    status: str  # contractual | statutory
    fte: int
    monthly_cents: int
    hired: date
    household: Household
    site: str
    category: str
    cost_centre: str
    language: str
    address: tuple[str, str, str, str]
    components: tuple[RegisterLine, ...]
    left: date | None = None
    holder: str = ""
    paid_iban: str = ""
    bank_iban: str = ""
    paid_household: Household | None = None
    other_deductions: int = 0
    more_withholding: int = 0
    garnished: bool = False
    in_register: bool = True
    has_roster: bool = True
    sick: tuple[date, ...] = ()
    holiday_share: int | None = None
    whole_april: tuple[RegisterLine, ...] = ()

    @property
    def march(self) -> tuple[RegisterLine, ...]:
        """What is paid monthly, as March held it: before the index of 1 April."""
        return tuple(
            replace(line, cents=line.cents * INDEX_MARCH // INDEX_APRIL)
            if line.code in INDEXED
            else line
            for line in self.whole_april or self.components
            if line.code in MONTHLY
        )

    @property
    def pay(self) -> AprilPay:
        """What April's register holds for this person."""
        total = sum(line.cents for line in self.components)
        one_off = self._sum_of(ONE_OFF)
        return april_pay(
            total - one_off,
            self.paid_household or self.household,
            pension_base=self._sum_of(*PENSION_BASE) if self.status == "statutory" else None,
            fte_hundredths=self.fte,
            days=WORKING_DAYS - sum(day.month == 4 and day.weekday() < 5 for day in self.sick),
            exceptional=one_off,
            other_deductions=self.other_deductions,
            garnished=self.garnished,
            local=Local(
                free_gross=self._sum_of(LOCAL_ALLOWANCE, *self._outside_nsso),
                more_withholding=self.more_withholding,
                relief=MANAGERS_RELIEF if self.category == "Cadre" else 0,
            ),
        )

    def _sum_of(self, *codes: str) -> int:
        return sum(line.cents for line in self.components if line.code in codes)

    @property
    def _outside_nsso(self) -> tuple[str, ...]:
        """The household allowance of statutory staff bears no social security (NSSO)."""
        return (HOUSEHOLD_ALLOWANCE,) if self.status == "statutory" else ()

    @property
    def irregular(self) -> bool:
        """Whether the person works nights or weekends (and so was paid for March in April)."""
        return any(line.code == "2000" for line in self.components)


#: Who has a part of 2021 (hundredths) in the personnel list, by the place in it.
_SHARES = {1: 50, 4: 75, 10: 100}


def make_staff(register: Register, count: int, sites: Sequence[str]) -> list[Agent]:
    """So many people, without any planted fault."""
    return [_agent(register, index, sites) for index in range(count)]


def _agent(register: Register, index: int, sites: Sequence[str]) -> Agent:
    random = register.random
    last, first, female = register.person()
    birth = register.birth()
    category, centre, low, high = random.choices(CATEGORIES, CATEGORY_WEIGHTS)[0]
    monthly = random.randrange(low, high)
    fte = random.choices((100, 80, 75, 50), (64, 16, 12, 8))[0]
    usual = random.choice(_USUAL_HOUSEHOLDS)
    household = HOUSEHOLDS[index if index < len(HOUSEHOLDS) else usual]
    earliest = max(date(1995, 1, 1), birth + timedelta(days=20 * 366))
    hired = earliest + timedelta(days=random.randrange((date(2022, 2, 1) - earliest).days))
    return Agent(
        number=register.agent_number(),
        last_name=last,
        first_name=first,
        female=female,
        birth=birth,
        national_number=register.national_number(birth, female),
        iban=register.iban(),
        status="statutory" if random.random() < 0.35 else "contractual",
        fte=fte,
        monthly_cents=monthly,
        hired=hired.replace(day=1),
        household=household,
        site=sites[index % len(sites)],
        category=category,
        cost_centre=centre,
        language=random.choices(("FR", "DE", "NL"), (92, 5, 3))[0],
        address=register.address(),
        components=_components(random, category, monthly, fte, household),
        other_deductions=1_250 if random.random() < 0.12 else 0,
        more_withholding=AGREED_WITHHOLDING if index % 97 == 31 else 0,
        holiday_share=_SHARES.get(index % 12) if hired.year < 2021 else None,
    )


def _components(
    random: Random, category: str, monthly: int, fte: int, household: Household
) -> tuple[RegisterLine, ...]:
    def share(cents: int) -> int:
        return half_up(cents * fte, 100)

    caring = category in ("Infirmier(ère)", "Aide-soignant(e)")
    found = [RegisterLine(code="1000", cents=share(monthly))]
    if monthly <= HOUSEHOLD_LIMIT:
        family = household.children > 0 or household.tax_status == "married_one_income"
        cents = HOUSEHOLD_CENTS if family else RESIDENCE_CENTS
        found.append(RegisterLine(code=HOUSEHOLD_ALLOWANCE, cents=share(cents)))
    if random.random() < 0.5:
        found.append(RegisterLine(code="1100", cents=share(random.randrange(4_000, 21_000))))
    if caring and random.random() < 0.6:
        found.append(RegisterLine(code="1200", cents=share(random.choice((9_410, 28_229)))))
    if random.random() < (0.8 if caring else 0.2):
        hours = random.randrange(8, 60) * 50
        found.append(RegisterLine(code="2000", cents=half_up(hours * 371, 100), hours=hours))
    if random.random() < 0.06:
        found.append(RegisterLine(code=ONE_OFF, cents=share(25_000)))
    if random.random() < 0.04:
        found.append(RegisterLine(code="3100", cents=random.randrange(1_500, 38_000)))
    if random.random() < 0.08:
        found.append(RegisterLine(code=LOCAL_ALLOWANCE, cents=share(3_500)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PremiumHours:
    """Hours (in hundredths) of one premium on one day of a month."""

    number: str
    code: str
    hours: int
    day: date
    site: str


#: The public holiday on which some work: Easter Monday, Ascension Day.
PUBLIC_HOLIDAYS = {4: date(2022, 4, 18), 5: date(2022, 5, 26)}


def month_hours(random: Random, staff: Sequence[Agent], month: int = 4) -> list[PremiumHours]:
    """Two to four rows of a month of 2022 for everybody with irregular hours, each on a day that
    fits its code.
    """
    first = date(2022, month, 1)
    days_of_month = [first + timedelta(day) for day in range(30)]
    days = {
        "NUIT": days_of_month,
        "EVE": days_of_month,
        "SAM": [day for day in days_of_month if day.weekday() == 5],
        "DIM": [day for day in days_of_month if day.weekday() == 6],
        "FER": [PUBLIC_HOLIDAYS[month]],
    }
    rows = []
    for agent in staff:
        if not (agent.irregular and agent.has_roster):
            continue
        for code in sorted(random.sample(sorted(days), random.choice((2, 3, 3, 4)))):
            hours = 100 if code == "EVE" else random.choice((400, 760, 760, 800, 1_000))
            day = random.choice([day for day in days[code] if day not in agent.sick])
            rows.append(PremiumHours(agent.number, code, hours, day, agent.site))
    return rows
