"""`payroll unpack BUNDLE --key FILE`: open an encrypted run and prove that it is whole."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import (
    NEW_FILE,
    PASSPHRASE_FILE,
    passphrase,
    print_json,
    progress,
    say,
    verb,
)
from payroll.cli.main import help_text, language_asked


@verb("unpack")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help=help_text("option_unpack_key"),
)
@click.option(
    "--into", type=NEW_FILE, default=Path(), metavar="DIR", help=help_text("option_unpack_into")
)
@PASSPHRASE_FILE
def command(
    *,
    bundle: Path,
    key: Path,
    into: Path,
    passphrase_file: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Write DIR/<run id>, never over a folder that is there."""
    from payroll.release.recipients import identities_of
    from payroll.release.unpack import unpack
    from payroll.texts import text

    language = lang or language_asked()
    identities = identities_of(
        key, lambda: passphrase(language, confirm=False, file=passphrase_file)
    )
    with progress(language) as announce:
        announce("unpack")
        done = unpack(bundle, identities, into)
    if as_json:
        print_json(
            {
                "run_id": done.run_id,
                "folder": str(done.folder),
                "files": done.files,
                "manifest_sha256": done.manifest_sha256,
            }
        )
    else:
        click.echo(str(done.folder))
    say(
        text(
            "unpack_done",
            language,
            run=done.run_id,
            count=done.files,
            digest=done.manifest_sha256,
            folder=done.folder,
        )
    )
    return 0
