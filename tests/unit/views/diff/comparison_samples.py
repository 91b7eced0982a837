"""Two small sheets and what a reviewer must see of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from payroll.rulebook.book import load_rulebook
from payroll.rulebook.formats import Formats
from payroll.store import load_rule_files, rules_folder
from payroll.views.diff.build import Given, Options, diff_of
from payroll.views.diff.compare import Comparison
from payroll.views.diff.model import Diff
from payroll.views.diff.sides import plain_text

HEAD = ("N° agent", "Nom", "IBAN", "Statut", "Début", "Net à payer")
ROWS = [
    ("000001", "Dupont", "BE13 1039 6062 6939", "contractuel", "01/03/2020", "1 234,50"),
    ("000002", "Durand", "BE95340094121158", "contractuel", "02/03/2020", "900,00"),
    ("000003", "Leroy", "BE69035008083878", "statutaire", "03/03/2020", "500,00"),
    ("000004", "Petit", "BE39363445819619", "statutaire", "04/03/2020", "2 000,00"),
]


@lru_cache(maxsize=1)
def formats() -> Formats:
    return load_rulebook(load_rule_files(rules_folder())).formats


def sheet(rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, mark: str = ";") -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=mark, lineterminator="\n")
    writer.writerows([head, *rows])
    return buffer.getvalue().encode()


def diff(*contents: bytes, **options: Any) -> Diff:
    given = [
        Given(label=f"{name}.csv", content=content)
        for name, content in zip("abc", contents, strict=False)
    ]
    return diff_of(given, formats(), Options(**{"language": "en", **options}))


def seen(found: Comparison) -> list[tuple[str, str, str, str]]:
    """(key, column, old, new) of each change, in order."""
    return [
        (
            "+".join(found.key(new=True, row=new)),
            found.new.columns[name].heading.shown,
            plain_text(found.old.columns[name].value(old)),
            plain_text(found.new.columns[name].value(new)),
        )
        for name, old, new in zip(
            *(found.changes[name] for name in ("column", "old", "new")), strict=True
        )
    ]


def keys(found: Comparison, what: str) -> list[str]:
    rows = found.matched.added if what == "added" else found.matched.removed
    return sorted("+".join(found.key(new=what == "added", row=row)) for row in rows.tolist())
