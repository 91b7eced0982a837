"""`payroll pack RUN --to KEY`: a run as one encrypted file, to carry away or to archive."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import NEW_FILE, print_json, progress, say, verb
from payroll.cli.main import help_text, language_asked


@verb("pack")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--to", "asked", multiple=True, required=True, metavar="KEY", help=help_text("option_to")
)
@click.option("--out", type=NEW_FILE, metavar="FILE", help=help_text("option_pack_out"))
def command(
    run: Path, asked: tuple[str, ...], out: Path | None, lang: str | None, as_json: bool
) -> int:
    """Verify while packing; an altered run gives no bundle."""
    from payroll.release.pack import pack, run_id_of
    from payroll.release.recipients import recipients_of
    from payroll.store import load_manifest
    from payroll.texts import text

    language = lang or language_asked()
    manifest, _ = load_manifest(run)
    path = out or Path(f"{run_id_of(manifest, str(run))}.age")
    workspace = run.resolve().parent.parent.parent  # WORKSPACE/<month>/runs/<run id>
    recipients = recipients_of(asked, workspace)
    with progress(language) as announce:
        announce("pack")
        packed = pack(run, recipients, path)
    shown = [recipient.shown for recipient in recipients]
    if as_json:
        print_json(
            {
                "run_id": packed.run_id,
                "file": str(packed.path),
                "sha256": packed.sha256,
                "files": packed.files,
                "tar_bytes": packed.tar_bytes,
                "recipients": shown,
            }
        )
    else:
        click.echo(str(packed.path))
    say(text("pack_done", language, run=packed.run_id, count=packed.files, file=packed.path))
    say(text("pack_digest", language, digest=packed.sha256))
    for recipient in shown:
        say(text("pack_recipient", language, recipient=recipient))
    return 0
