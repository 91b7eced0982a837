"""`payroll template KIND`: an empty workbook with drop-downs, notes and an example row."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import NEW_FILE, print_json, say, verb
from payroll.cli.main import language_asked
from payroll.model.tables import KINDS


@verb("template")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("-o", "--output", type=NEW_FILE, metavar="FILE")
def command(kind: str, output: Path | None, lang: str | None, as_json: bool) -> int:
    """Write KIND.xlsx, or the file named by -o; an existing file is never overwritten."""
    from payroll.atomic_files import write_new_private_file
    from payroll.store import load_book
    from payroll.templates.template import template_workbook
    from payroll.texts import text

    language = lang or language_asked()
    path = output or Path(f"{kind}.xlsx")
    formats = load_book().formats
    content = template_workbook(
        kind, language, formats.labels(kind, language), formats.choices(kind, language)
    )
    write_new_private_file(path, content)
    if as_json:
        print_json({"kind": kind, "file": str(path)})
    else:
        click.echo(str(path))
    say(text("template_done", language, file=path))
    return 0
