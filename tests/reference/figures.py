"""Every figure of the reference calculator, typed by hand from the facts notes, euro and percent.

Nothing here comes from the project's rule files. A missing year means that the facts give no
figure for it: the calculator then raises LookupError.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path


def euros(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word.replace(",", "")) for word in text.split())


# --- 1. Personal contributions, percent ------------------------------------------------------
CONTRACTUAL_PERCENT = Decimal("13.07")
STATUTORY_HEALTH_PERCENT = Decimal("3.55")
STATUTORY_PENSION_PERCENT = Decimal("7.50")


# --- 2. Work bonus ---------------------------------------------------------------------------
HOURS_A_DAY = Decimal("7.6")  # a week of 38 hours, five days


@dataclass(frozen=True)
class BonusPart:
    lower: Decimal
    upper: Decimal
    maximum: Decimal
    slope: Decimal
    fiscal_percent: Decimal


@dataclass(frozen=True)
class BonusPeriod:
    first: str  # month, inclusive
    last: str  # month, inclusive
    parts: tuple[BonusPart, ...]  # A only until 2023; A and B in 2025 and 2026


def _part(text: str, fiscal_percent: str = "33.14") -> BonusPart:
    lower, upper, maximum, slope = euros(text)
    return BonusPart(lower, upper, maximum, slope, Decimal(fiscal_percent))


WORK_BONUS = (
    BonusPeriod("2020-03", "2021-08", (_part("1,674.49 2,611.78 205.65 0.2194"),)),
    BonusPeriod("2021-09", "2021-12", (_part("1,707.94 2,664.08 209.76 0.2194"),)),
    BonusPeriod("2022-01", "2022-03", (_part("1,742.14 2,717.30 213.96 0.2194"),)),
    BonusPeriod("2022-04", "2022-04", (_part("1,860.34 2,847.98 228.48 0.2313"),)),
    BonusPeriod("2022-05", "2022-07", (_part("1,897.55 2,904.93 233.05 0.2313"),)),
    BonusPeriod("2022-08", "2022-10", (_part("1,935.50 2,963.04 237.71 0.2313"),)),
    # The facts' table ends here without a last month; we stop at the end of the year (doubt 6).
    BonusPeriod("2022-11", "2022-12", (_part("1,974.20 3,022.28 242.46 0.2313"),)),
    BonusPeriod(
        "2025-01",
        "2025-12",
        (
            _part("2,723.36 3,207.40 118.22 0.2442"),
            _part("2,132.59 2,723.36 159.43 0.2699", "52.54"),
        ),
    ),
    BonusPeriod(
        "2026-01",
        "2026-02",
        (
            _part("2,833.36 3,271.48 123.00 0.2807"),
            _part("2,218.73 2,833.36 165.87 0.2699", "52.54"),
        ),
    ),
    BonusPeriod(
        "2026-03",
        "2026-12",
        (
            _part("2,833.36 3,336.98 123.00 0.2442"),
            _part("2,218.73 2,833.36 165.87 0.2699", "52.54"),
        ),
    ),
)


# --- 3.1 Withholding tax ---------------------------------------------------------------------
@dataclass(frozen=True)
class TaxYear:
    expenses_maximum: Decimal
    brackets: tuple[Decimal, ...]  # upper limits of the first three brackets
    exempt: Decimal  # tax on the exempt amount, per person
    quotient_maximum: Decimal


def _tax_year(expenses: str, brackets: str, exempt: str, quotient: str) -> TaxYear:
    return TaxYear(Decimal(expenses), euros(brackets), Decimal(exempt), Decimal(quotient))


EXPENSES_PERCENT = Decimal(30)
QUOTIENT_PERCENT = Decimal(30)
BRACKET_PERCENTS = euros("26.75 42.80 48.15 53.50")
TAX_YEARS = {
    2021: _tax_year("4920", "13,150 20,070 41,380", "2113.25", "11180"),
    2022: _tax_year("5030", "13,860 20,530 42,320", "2222.93", "11430"),
    2023: _tax_year("5510", "15,170 24,260 46,340", "2573.35", "12520"),
    2024: _tax_year("5750", "15,830 27,940 48,350", "2830.15", "13060"),
    2025: _tax_year("5930", "16,310 28,790 49,820", "2915.75", "13460"),
    2026: _tax_year("6070", "16,710 29,500 51,050", "2987.98", "13790"),
}
FLOOR_OF_15_LAST_YEAR = 2022


# --- 3.4 Monthly reductions ------------------------------------------------------------------
@dataclass(frozen=True)
class Reductions:
    """None or () where the facts give no figure."""

    single: Decimal
    children: tuple[Decimal, ...] = ()  # 1 to 8
    next_child: Decimal | None = None
    other: Decimal | None = None  # single parent, disabled worker or spouse, other dependant
    dependant_65: Decimal | None = None
    spouse_low_income: Decimal | None = None
    spouse_low_pension: Decimal | None = None


REDUCTIONS = {
    2021: Reductions(
        Decimal(26),
        euros("37 107 282 494 730 965 1,201 1,460"),
        Decimal(262),
        other=Decimal(37),
        dependant_65=Decimal(81),
        spouse_low_income=Decimal("117.50"),
        spouse_low_pension=Decimal("234.50"),
    ),
    2022: Reductions(
        Decimal(26),
        euros("39 110 291 510 750 991 1,232 1,498"),
        Decimal(268),
        other=Decimal(39),
        dependant_65=Decimal(84),
        spouse_low_income=Decimal(120),
        spouse_low_pension=Decimal(240),
    ),
    # "Cut to 12 in 2023", no later change named (doubt 7).
    2023: Reductions(Decimal(12)),
    2024: Reductions(Decimal(12)),
    2025: Reductions(
        Decimal(12), euros("51 134 358 619 903 1,186 1,473 1,787"), next_child=Decimal(315)
    ),
    2026: Reductions(
        Decimal(12), euros("52 138 367 635 925 1,216 1,510 1,833"), next_child=Decimal(322)
    ),
}


# --- 3.6 Exceptional allowances --------------------------------------------------------------
EXCEPTIONAL_LIMITS = {
    2021: euros("8,660 11,075 14,090 16,890 19,110 21,350 25,800 28,080 37,180 48,550"),
    2022: euros("8,845 11,330 14,400 17,270 19,550 21,830 26,390 28,710 38,020 49,650"),
    2025: euros("10,415 13,330 16,960 20,340 23,020 25,710 31,070 33,810 44,770 58,460"),
    2026: euros("10,675 13,660 17,375 20,840 23,580 26,340 31,830 34,640 45,860 59,900"),
}
EXCEPTIONAL_PERCENTS = {  # one more than the limits: the last is "above"
    "holiday": euros("0 19.17 21.20 26.25 31.30 34.33 36.34 39.37 42.39 47.44 53.50"),
    "other": euros("0 23.22 25.23 30.28 35.33 38.36 40.38 43.41 46.44 51.48 53.50"),
}
EXEMPT_UP_TO = {2022: euros("14,272 17,680 23,060 29,060 35,060 41,060 47,060 53,060")}
EXEMPT_NEXT_CHILD = Decimal(6000)  # to the 12th child
RATE_CUTS = {  # 1, 2, 3, 4, 5 children or more: (percent off the rate, annual limit)
    2022: tuple(
        zip(euros("7.5 20 35 55 75"), euros("23,990 23,990 26,390 31,190 33,590"), strict=True)
    )
}


# --- 4. Special social-security contribution -------------------------------------------------
@dataclass(frozen=True)
class Band:
    """A tranche, chosen by a month's wage up to `upper` or a quarter's up to `quarter_upper`, both
    inclusive. What a month owes in it: `base` + `percent` above `start`, within the two limits."""

    upper: Decimal
    quarter_upper: Decimal
    base: Decimal
    percent: Decimal
    start: Decimal
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal("Infinity")


def _special(scale: str) -> dict[str, tuple[Band, ...]]:
    """Tax status -> the bands of one scale, in their order."""
    found: dict[str, tuple[Band, ...]] = {}
    with (Path(__file__).parent / "special_contribution.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row.pop("scale") == scale:
                status = row.pop("tax_status")
                band = Band(**{name: Decimal(figure) for name, figure in row.items() if figure})
                found[status] = (*found.get(status, ()), band)
    return found


#: Law of 30 March 1994, art. 109 par. 1, as it stood and as replaced by the law of 28 March 2022.
SPECIAL_BEFORE_2022_04, SPECIAL = _special("before_2022_04"), _special("from_2022_04")
SPECIAL_REFORM, SPECIAL_LAST_MONTH = "2022-04", "2026-12"


# --- 6. Garnishment --------------------------------------------------------------------------
@dataclass(frozen=True)
class GarnishmentPeriod:
    first: date  # inclusive
    last: date  # inclusive
    limits: tuple[Decimal, ...]
    child: Decimal


GARNISHMENT = (
    GarnishmentPeriod(
        date(2021, 1, 1), date(2022, 1, 2), euros("1,149 1,235 1,362 1,490"), Decimal(71)
    ),
    GarnishmentPeriod(
        date(2022, 1, 3), date(2022, 11, 2), euros("1,186 1,274 1,406 1,538"), Decimal(73)
    ),
    # The temporary rises of the energy crisis, and 2023: social secretariats, beside the facts.
    GarnishmentPeriod(
        date(2022, 11, 3), date(2022, 12, 31), euros("1,424 1,529 1,688 1,846"), Decimal(88)
    ),
    GarnishmentPeriod(
        date(2023, 1, 1), date(2023, 3, 31), euros("1,542 1,657 1,828 2,000"), Decimal(95)
    ),
    GarnishmentPeriod(
        date(2023, 4, 1), date(2023, 12, 31), euros("1,316 1,414 1,560 1,706"), Decimal(81)
    ),
)
GARNISHMENT_PERCENTS = euros("0 20 30 40 100")
