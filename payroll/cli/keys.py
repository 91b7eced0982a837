"""`payroll keys new|show|enrol`: signing keys of the people who approve."""

from __future__ import annotations

import os
from pathlib import Path

import click

from payroll.cli.common import (
    NEW_FILE,
    PASSPHRASE_FILE,
    PERSON_NAME,
    SEEN_LINE,
    passphrase,
    print_json,
    say,
    verb,
)
from payroll.cli.main import help_text, language_asked


@click.group(name="keys", help=help_text("keys"), short_help=help_text("keys").split("\n")[0])
def command() -> None:
    """Hold the sub-verbs."""


@verb("keys_new")
@click.option(
    "--name", type=PERSON_NAME, metavar="NAME", required=True, help=help_text("option_key_name")
)
@click.option(
    "--out", type=NEW_FILE, required=True, metavar="FILE", help=help_text("option_key_out")
)
@click.option("--role", type=SEEN_LINE, metavar="TEXT", help=help_text("option_key_role"))
@click.option("--limit", type=SEEN_LINE, metavar="EUR", help=help_text("option_key_limit"))
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


@verb("keys_enrol")
@click.argument("name", type=PERSON_NAME, metavar="NAME")
@click.option(
    "--by", type=PERSON_NAME, required=True, metavar="NAME", help=help_text("option_enrol_by")
)
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="FILE", help=help_text("option_private_key")
)
@PASSPHRASE_FILE
@click.option(
    "--workspace", type=click.Path(path_type=Path), metavar="DIR", help=help_text("option_desk")
)
def enrol(
    name: str,
    *,
    by: str,
    key: Path | None,
    passphrase_file: Path | None,
    workspace: Path | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Exit code 0: enrolled; 1: a second person must sign; 2: nothing to enrol; 3: whoever signs
    is not enrolled.
    """
    from payroll.ledger.keys import fingerprint
    from payroll.model.errors import UsageError
    from payroll.release.enrol import enrol_key, waits
    from payroll.release.workspace import find_workspace
    from payroll.store import read_input
    from payroll.texts import text

    language = lang or language_asked()
    given = key or os.environ.get("PAYROLL_KEY")
    if not given:
        raise UsageError("approve_key_missing")
    words = passphrase(language, confirm=False, file=passphrase_file)
    desk = find_workspace(workspace or Path.cwd())
    made = enrol_key(desk, name, by, read_input(Path(given)), words)
    told = {"name": made.name, "role": made.role, "by": made.signed_by}
    shown, waiting = fingerprint(made.public_key), waits(desk, made)
    if as_json:
        print_json({**told, "at": made.at, "fingerprint": shown, "waits": waiting})
    outcome = "waits" if waiting else "alone" if made.is_alone else "done"
    say(text(f"keys_enrol_{outcome}", language, **told, key=shown))
    return 1 if waiting else 0


command.add_command(new, "new")
command.add_command(enrol, "enrol")
command.add_command(show, "show")
