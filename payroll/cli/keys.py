"""`payroll keys new|show`: signing keys of the people who approve."""

from __future__ import annotations

from pathlib import Path

import click

from payroll.cli.common import PASSPHRASE_FILE, passphrase, print_json, say, verb
from payroll.cli.main import help_text, language_asked


@click.group(name="keys", help=help_text("keys"), short_help=help_text("keys").split("\n")[0])
def command() -> None:
    """Hold the sub-verbs."""


@verb("keys_new")
@click.option("--name", required=True, help=help_text("option_key_name"))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help=help_text("option_key_out"),
)
@click.option("--role", help=help_text("option_key_role"))
@click.option("--limit", metavar="EUR", help=help_text("option_key_limit"))
@click.option(
    "--enrol", type=click.Path(path_type=Path), metavar="WORKSPACE", help=help_text("option_enrol")
)
@PASSPHRASE_FILE
def new(
    *,
    name: str,
    out: Path,
    role: str | None,
    limit: str | None,
    enrol: Path | None,
    passphrase_file: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Write the private key and its .pub; print or write the approver's block."""
    from payroll.ledger.keys import fingerprint
    from payroll.release.key_files import make_key
    from payroll.texts import text

    language = lang or language_asked()
    given = {"role": role, "limit": limit}
    made = make_key(
        name,
        out,
        {key: value for key, value in given.items() if value},
        lambda: passphrase(language, confirm=True, file=passphrase_file),
        enrol,
    )
    if as_json:
        print_json(
            {
                "name": name,
                "file": str(out),
                "public_file": str(made.public_file),
                "public_key": made.public,
                "fingerprint": fingerprint(made.public),
                "enrolled_in": made.enrolled_in or None,
            }
        )
    else:
        click.echo(made.enrolled_in or made.block, nl=bool(made.enrolled_in))
    say(text("keys_made", language, file=out, fingerprint=fingerprint(made.public)))
    if made.enrolled_in:
        say(text("keys_enrolled", language, file=made.enrolled_in))
    else:
        say(text("keys_paste", language))
    return 0


@verb("keys_show")
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path, lang: str | None, as_json: bool) -> int:
    """Show whose key a file is; a private key is not opened for that."""
    from payroll.ledger.keys import fingerprint
    from payroll.release.key_files import public_key_of
    from payroll.texts import text

    language = lang or language_asked()
    name, public = public_key_of(file)
    if as_json:
        print_json({"name": name, "public_key": public, "fingerprint": fingerprint(public)})
        return 0
    click.echo(f"{text('keys_name', language)}: {name or '-'}")
    click.echo(f"{text('keys_fingerprint', language)}: {fingerprint(public)}")
    click.echo(public)
    return 0


command.add_command(new, "new")
command.add_command(show, "show")
