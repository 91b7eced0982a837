"""`payroll demo DIR`: write a complete, synthetic sample workspace."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import NEW_FILE, print_json, progress, say, verb
from payroll.cli.main import language_asked


@verb("demo")
@click.argument("folder", type=NEW_FILE)
@click.option("--size", type=click.Choice(["small", "hospital"]), default="small")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--period", type=click.Choice(["2022-05", "2022-06"]), default="2022-05")
def command(
    folder: Path, *, size: str, seed: int, period: str, lang: str | None, as_json: bool
) -> int:
    """Write the months up to `period`, and name the last one.

    Refuse a folder that is not empty: nothing of anybody's is overwritten.
    """
    from payroll.atomic_files import write_tree
    from payroll.demo.workspace import demo_files
    from payroll.model.errors import UsageError
    from payroll.release.private_files import disk_errors
    from payroll.texts import text

    language = lang or language_asked()
    with disk_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError("demo_folder_not_empty", where=str(folder))
    with progress(language) as announce, disk_errors(folder):
        announce("demo")
        files = demo_files(size, seed, period)
        write_tree(folder, files)
    if as_json:
        print_json({"folder": str(folder), "files": sorted(files)})
    else:
        click.echo(str(folder / period))
    say(text("demo_done", language, folder=folder / period, count=len(files)))
    return 0
