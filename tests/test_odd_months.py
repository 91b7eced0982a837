"""A month of little or odd data ends in a run or in words, whatever is ordered or excluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations

import pytest

from payroll.cli.summary import print_summary
from payroll.model.errors import PayrollError
from payroll.model.order import parse_payrun
from payroll.model.streams import STREAMS
from payroll.model.tables import KINDS
from payroll.pipeline import build_run
from payroll.publish import publish
from payroll.record.run import Run, RunRequest, differences
from payroll.rulebook.book import load_rulebook
from payroll.store import load_payrun
from tests.error_cases import TINY
from tests.record_samples import read_back, shipped_rules

ODD = (
    "",
    "?",
    "0",
    "-1",
    "1e9",
    "\u00b2",
    "\u0663" * 11,
    "9" * 40,
    "9" * 5_000,
    "BE98551234567893",
    "2022-99-99",
    "01/01/0202",
    "01/01/1000",
)
#: How many columns of a list share a run; of one of the staff two would be more people than the
#: other list has, and refuse the run.
TOGETHER = {"employees": 1, "register_totals": 1}
TABLES = {
    "salaries": 'pay_on = 2022-05-31\naccount = "main"\n',
    "bonuses": 'earned = "2022-04"\npay_on = 2022-05-31\naccount = "main"\n',
    "holiday_pay": 'basis_month = "2022-03"\npercentage = 92\npay_on = 2022-05-31\n',
    "fees": 'earned = "2022-04"\npay_on = 2022-05-31\naccount = "main"\n',
    "invoices": 'due_until = 2022-06-10\npay_on = 2022-05-31\naccount = "suppliers"\n',
}


@lru_cache(maxsize=1)
def tiny() -> Mapping[str, bytes]:
    return load_payrun(TINY / "2022-05").inputs


def built(streams: tuple[str, ...], changed: Mapping[str, bytes | None]) -> Run | None:
    """The run of some streams on the tiny month, some of its files changed or left out; None where
    it is refused in words.
    """
    files = {
        name: content for name, content in {**tiny(), **changed}.items() if content is not None
    }
    order = files["payrun.toml"].decode()
    head = order.partition("[salaries]")[0]
    known = "[none_known]" + order.partition("[none_known]")[2].partition("[[source]]")[0]
    sources = "".join(
        f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n'
        for kind in KINDS
        if f"exports/{kind}.csv" in files
    )
    if not sources:
        head = f"source = []\n{head}"
    ordered = "".join(f"[{name}]\n{TABLES[name]}" for name in streams)
    files["payrun.toml"] = f"{head}{ordered}{known}{sources}".encode()
    try:
        order, employer = parse_payrun(files)
        return build_run(
            RunRequest(
                order=order,
                employer=employer,
                inputs=files,
                rulebook=load_rulebook(shipped_rules()),
                created_at=order.created_at,
            )
        )
    except PayrollError:
        return None


def file_of(kind: str) -> str:
    return f"exports/{kind}.csv"


def rows(kind: str) -> list[list[str]]:
    content = tiny().get(file_of(kind), b"").decode("utf-8")
    return [line.split(";") for line in content.splitlines()]


def written(table: list[list[str]]) -> bytes:
    return "".join(";".join(row) + "\n" for row in table).encode()


def emptied(kind: str) -> Iterator[bytes | None]:
    """No source; headings alone; every row excluded; every row there but worth nothing."""
    table = rows(kind)
    yield None
    if table:
        yield written(table[:1])
        yield written([table[0], *([row[0], *["?"] * (len(row) - 1)] for row in table[1:])])
        yield written([table[0], *(["", *row[1:]] for row in table[1:])])


def every_order() -> Iterator[tuple[str, ...]]:
    for count in range(1, len(STREAMS) + 1):
        yield from combinations(STREAMS, count)


def require_sound(run: Run | None) -> None:
    if run is not None:
        assert differences(run, read_back(run)) == ()


@pytest.mark.parametrize("streams", list(every_order()), ids="-".join)
def test_every_order_on_a_month_without_a_row(streams: tuple[str, ...]) -> None:
    """Empty lists, and lists of which every row is excluded; each stream alone and all of them also
    without a file, and with rows of nobody.
    """
    ways = range(4) if len(streams) in (1, len(STREAMS)) else (1, 2)
    contents = {file_of(kind): list(emptied(kind)) for kind in KINDS}
    for way in ways:
        run = built(streams, {name: found[way % len(found)] for name, found in contents.items()})
        require_sound(run)
        if run is not None and not run.refused:
            publish(run)


@pytest.mark.parametrize("kind", KINDS)
def test_one_source_without_a_row(kind: str) -> None:
    for content in emptied(kind):
        require_sound(built(tuple(STREAMS), {file_of(kind): content}))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "premium_hours"])
def test_no_single_cell_ends_the_month(kind: str) -> None:
    """Each odd value in each column, a row for each."""
    table = rows(kind)
    columns = range(len(table[0]))
    together = TOGETHER.get(kind, len(columns))
    for first in columns[::together]:
        odd = []
        for column in columns[first : first + together]:
            for number, value in enumerate(ODD):
                odd.append([f"{table[1][0]}{number}-{column}", *table[1][1:]])
                odd[-1][column] = value
        run = built(("salaries", "fees", "invoices"), {file_of(kind): written([*table, *odd])})
        assert run is not None
        assert not run.refused
        require_sound(run)


@pytest.mark.parametrize("amount", ["0,00", "-1,00"])
def test_no_invoice_to_pay(amount: str) -> None:
    table = rows("invoices")
    place = table[0].index("Montant TVAC")
    changed = [table[0], *([*row[:place], amount, *row[place + 1 :]] for row in table[1:])]
    run = built(("invoices",), {file_of("invoices"): written(changed)})
    assert run is not None
    assert run.payments.empty


def test_a_run_that_pays_nobody_asks_for_no_approval() -> None:
    bare = {file_of(kind): written(rows(kind)[:1]) for kind in ("adjustments", "invoices")}
    run = built(("invoices",), bare)
    assert run is not None
    said: list[str] = []
    print_summary(run, None, "en", said.append, payrun=TINY)
    assert "nothing to approve" in said[-1]
    assert "payroll release" not in "".join(said)


ADJUSTED = (
    "AJ-9{number};024211;{kind};{value};01/05/2022;31/05/2022;motif;mail du 18/05;"
    "Noé Brouillon;Zoé Modèle"
)
ADJUSTMENTS = (
    "one_off_net",
    "one_off_gross",
    "garnishment",
    "unpaid_absence",
    "fte_change",
    "iban_change",
    "hold",
)


@pytest.mark.parametrize("kind", ADJUSTMENTS)
def test_no_value_of_an_adjustment_ends_the_month(kind: str) -> None:
    table = [";".join(row) for row in rows("adjustments")]
    odd = [
        ADJUSTED.format(number=number, kind=kind, value=value) for number, value in enumerate(ODD)
    ]
    content = "\n".join([*table, *odd, ""]).encode()
    run = built(("salaries",), {file_of("adjustments"): content})
    assert run is not None
    require_sound(run)


def test_five_thousand_credit_notes_beside_an_invoice() -> None:
    table = rows("invoices")
    note = table[1][:]
    place = table[0].index("Montant TVAC")
    note[0], note[place], note[place + 1] = "F1002", "-1,00", ""
    notes = [[note[0], f"NC-{number}", *note[2:]] for number in range(5_000)]
    run = built(("invoices",), {file_of("invoices"): written([*table, *notes])})
    assert run is not None
    assert len(run.frames["receivables"]["source"].iat[0]) > 131_072
    require_sound(run)
