"""`payroll diff A B [C]`: what differs between runs, their files, registers or any spreadsheets."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from payroll.cli.common import NEW_FILE, print_json, progress, say, verb
from payroll.cli.main import help_text, language_asked

if TYPE_CHECKING:
    from payroll.views.diff.build import Given
    from payroll.views.diff.model import Diff

_PATH = click.Path(path_type=Path)


@verb("diff")
@click.argument("old", type=_PATH, metavar="A")
@click.argument("new", type=_PATH, metavar="B")
@click.argument("third", type=_PATH, metavar="[C]", required=False)
@click.option("--key", "keys", multiple=True, metavar="COL[,COL]", help=help_text("option_key"))
@click.option("--tolerance", default="0", metavar="0.01", help=help_text("option_tolerance"))
@click.option("--ignore", "ignored", multiple=True, metavar="COL", help=help_text("option_ignore"))
@click.option("--all", "everything", is_flag=True, help=help_text("option_all"))
@click.option(
    "-o",
    "--output",
    type=NEW_FILE,
    metavar="OUT.xlsx|OUT.html",
    help=help_text("option_diff_output"),
)
def command(
    old: Path,
    new: Path,
    third: Path | None,
    *,
    keys: tuple[str, ...],
    tolerance: str,
    ignored: tuple[str, ...],
    everything: bool,
    output: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: the same; 1: something differs; 2: cannot be compared; 4: a damaged file."""
    from payroll.store import load_book
    from payroll.views.diff.build import Options, diff_of
    from payroll.views.diff.machine import diff_json

    language = lang or language_asked()
    options = Options(
        keys=_split(keys),
        tolerance=_tolerance(tolerance),
        ignored=_split(ignored),
        language=language,
    )
    _checked_output(output, (old, new, third))
    with progress(language) as announce:
        announce("read")
        formats = load_book().formats
        given = _given([path for path in (old, new, third) if path is not None])
        announce("compare")
        found = diff_of(given, formats, options)
        if output is not None:
            announce("write")
            _write(found, output, old, language, everything=everything)
    if as_json:
        print_json(diff_json(found))
    else:
        _show(found, language, output, everything=everything)
    return int(found.different)


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _tolerance(text: str) -> Decimal:
    from payroll.model.errors import UsageError

    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and 0 <= value <= 10**6):
        raise UsageError("cmp_tolerance", where="--tolerance", text=text[:40])
    return value


def _checked_output(output: Path | None, sides: tuple[Path | None, ...]) -> None:
    from payroll.model.errors import UsageError

    if output is None:
        return
    if output.suffix.lower() not in (".xlsx", ".html"):
        raise UsageError("cmp_output", where=str(output))
    if output.exists() and any(side and side.exists() and output.samefile(side) for side in sides):
        raise UsageError("output_is_input", where=str(output))


def _given(paths: list[Path]) -> list[Given]:
    """The bytes of each side; sides of the same name also show their folder."""
    from payroll.model.errors import UsageError
    from payroll.store import load_unaltered, read_input
    from payroll.views.diff.build import Given

    for path in paths:
        if not path.exists():
            raise UsageError("cmp_missing", where=str(path))
    names = [path.name or str(path) for path in paths]
    labels = [
        name if names.count(name) == 1 else "/".join(path.resolve().parts[-2:])
        for name, path in zip(names, paths, strict=True)
    ]
    return [
        Given(label=label, run=load_unaltered(path).run)
        if path.is_dir()
        else Given(label=label, content=read_input(path))
        for label, path in zip(labels, paths, strict=True)
    ]


def _write(found: Diff, output: Path, source: Path, language: str, *, everything: bool) -> None:
    from payroll.atomic_files import replace_private_file
    from payroll.views.diff.render import build_page, build_workbook

    build = build_workbook if output.suffix.lower() == ".xlsx" else build_page
    replace_private_file(output, build(found, language, everything=everything), source)


def _show(found: Diff, language: str, output: Path | None, *, everything: bool) -> None:
    from rich.console import Console

    from payroll.texts import text
    from payroll.views.diff.render import print_screen, verdict
    from payroll.views.diff.words import Words

    words = Words(language)
    if output is None:
        console = Console(highlight=False)
        if not console.is_terminal:  # a file or a pipe has no edge to fold lines at
            console.width = 220
        print_screen(found, words, console, everything=everything)
        return
    say(verdict(found, words))
    say(text("cmp_written", language, file=str(output)))
