"""The sample's practitioners with their fee statements, and its suppliers with their invoices."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from payroll.demo.april import half_up
from payroll.demo.identity import Register

PERIODS = ("2022-01", "2022-02", "2022-03", "2022-04")


@dataclass(slots=True, kw_only=True)
class Practitioner:
    """An independent practitioner; the retention rate is in hundredths (18 = 18 %)."""

    number: str
    name: str
    iban: str
    inami: str
    rate: int
    contract: str
    holder: str = ""
    enterprise_number: str = ""


@dataclass(slots=True, kw_only=True)
class Statement:
    """Fees of one month in cents; None = the statement does not say."""

    number: str
    period: str
    gross: int
    retention: int | None = None
    net_due: int | None = None


@dataclass(slots=True, kw_only=True)
class Supplier:
    """A supplier; `works` says which statutory retentions apply to its invoices."""

    number: str
    name: str
    iban: str
    enterprise_number: str
    category: str
    priority: str
    terms: int
    country: str = "BE"
    town: str = "Modèleville"
    works: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Invoice:
    """An invoice, or a credit note when negative; amounts in cents, VAT included and excluded."""

    supplier: str
    number: str
    day: date
    due: date | None
    cents: int
    excluded: int
    reference: str = ""
    blocked: bool = False
    works: tuple[str, ...] = ()


@dataclass(slots=True)
class Vendors:
    """Everybody who is not staff."""

    practitioners: list[Practitioner] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    suppliers: list[Supplier] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)


def make_practitioners(
    register: Register, count: int
) -> tuple[list[Practitioner], list[Statement]]:
    """Practitioners and four months of statements; every fourth is paid to a company."""
    random = register.random
    practitioners, statements = [], []
    for index in range(count):
        last, first, _ = register.person()
        doctor = Practitioner(
            number=f"P{index + 101:05d}",
            name=f"{last} {first}",
            iban=register.iban(),
            inami=register.inami_number(),
            rate=random.choice((10, 15, 18, 22, 30)),
            contract=f"CONV-{random.randrange(2009, 2022)}-{index + 1:03d}",
        )
        if index % 4 == 1:
            doctor.holder = f"Cabinet {last} {index + 1:03d} SRL"
            doctor.enterprise_number = register.enterprise_number()
        practitioners.append(doctor)
        usual = random.randrange(450_000, 1_900_000)
        for period in PERIODS:
            gross = usual * random.randrange(900, 1_100) // 1_000
            statements.append(Statement(number=doctor.number, period=period, gross=gross))
    return practitioners, statements


def make_suppliers(register: Register, count: int) -> list[Supplier]:
    """Suppliers in Belgium, each with its own account and enterprise number."""
    random = register.random
    return [
        Supplier(
            number=f"F{index + 1001:05d}",
            name=register.company(index + 1),
            iban=register.iban(),
            enterprise_number=register.enterprise_number(),
            category=random.choice(("Pharmacie", "Alimentation", "Énergie", "Services", "Divers")),
            priority=random.choices(("1", "2", "3"), (1, 3, 6))[0],
            terms=random.choices((30, 60), (3, 1))[0],
        )
        for index in range(count)
    ]


def make_invoices(register: Register, suppliers: list[Supplier], count: int) -> list[Invoice]:
    """Ordinary invoices: some blocked, some not due before 11 June, no due date now and then."""
    random = register.random
    amounts: set[tuple[str, int]] = set()
    invoices: list[Invoice] = []
    for index in range(count):
        supplier = suppliers[index] if index < len(suppliers) else random.choice(suppliers)
        invoice = make_invoice(register, supplier, f"{random.randrange(10_000):04d}-{index:05d}")
        while (supplier.number, invoice.cents) in amounts:
            invoice = make_invoice(register, supplier, invoice.number)
        amounts.add((supplier.number, invoice.cents))
        draw = random.random()
        invoice.blocked = draw < 0.05
        if draw > 0.93:
            invoice.due = None
        elif draw > 0.81:
            invoice.due = date(2022, 6, 11) + timedelta(days=random.randrange(1, 40))
        if 0.3 < draw < 0.75:
            invoice.reference = register.structured_communication()
        invoices.append(invoice)
    return invoices


def make_invoice(
    register: Register, supplier: Supplier, number: str, excluded: int | None = None
) -> Invoice:
    """One invoice of spring 2022 with 21 % VAT, due within its supplier's terms."""
    random = register.random
    net = random.randrange(6_000, 780_000) if excluded is None else excluded
    day = date(2022, 3, 10) + timedelta(days=random.randrange(50))
    due = min(day + timedelta(days=supplier.terms), date(2022, 6, 10))
    return Invoice(
        supplier=supplier.number,
        number=number,
        day=day,
        due=due,
        cents=half_up(net * 121, 100) if net > 0 else -half_up(-net * 121, 100),
        excluded=net,
        works=supplier.works,
    )
