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
    from payroll.ledger.keys import fingerprint, new_key
    from payroll.model.errors import UsageError
    from payroll.model.order import Approver
    from payroll.model.refusals import parse_toml
    from payroll.release.private_files import write_new_private_file
    from payroll.release.register_key import approver_block, write_enrolled
    from payroll.release.register_key import enrol as enrol_in
    from payroll.texts import text

    language = lang or language_asked()
    public_file = out.with_name(f"{out.name}.pub")
    for path in (out, public_file):
        if path.exists() or path.is_symlink():
            raise UsageError("file_exists", where=str(path))
    if not name.isprintable() or name != name.strip():
        raise UsageError("key_name_refused", where="--name")
    fields = {"name": name}
    given = {"role": role, "limit": limit}
    private, public = new_key(passphrase(language, confirm=True, file=passphrase_file))
    fields |= {"public_key": public} | {key: value for key, value in given.items() if value}
    block = approver_block(fields)
    # The same model as employer.toml's: what is printed can be pasted.
    parse_toml(Approver, "--name, --role, --limit", block.split("\n", 1)[1].encode())
    employer = enrol_in(enrol, fields) if enrol is not None else None
    write_new_private_file(out, private)
    write_new_private_file(public_file, f"{public} {name}\n".encode())
    enrolled_in = None
    if enrol is not None and employer is not None:
        enrolled_in = str(write_enrolled(enrol, employer))
    if as_json:
        print_json(
            {
                "name": name,
                "file": str(out),
                "public_file": str(public_file),
                "public_key": public,
                "fingerprint": fingerprint(public),
                "enrolled_in": enrolled_in,
            }
        )
    else:
        click.echo(enrolled_in or block, nl=enrolled_in is not None)
    say(text("keys_made", language, file=out, fingerprint=fingerprint(public)))
    if enrolled_in:
        say(text("keys_enrolled", language, file=enrolled_in))
    else:
        say(text("keys_paste", language))
    return 0


@verb("keys_show")
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path, lang: str | None, as_json: bool) -> int:
    """Show whose key a file is; a private key is not opened for that."""
    from payroll.ledger.keys import fingerprint
    from payroll.texts import text

    language = lang or language_asked()
    name, public = _public_key(file)
    if as_json:
        print_json({"name": name, "public_key": public, "fingerprint": fingerprint(public)})
        return 0
    click.echo(f"{text('keys_name', language)}: {name or '-'}")
    click.echo(f"{text('keys_fingerprint', language)}: {fingerprint(public)}")
    click.echo(public)
    return 0


def _public_key(file: Path) -> tuple[str, str]:
    """(name, public line) of a private key file or of its .pub file."""
    from payroll.ledger.keys import compact_public, public_in
    from payroll.model.errors import DamagedInputError
    from payroll.store import read_input

    content = read_input(file)
    if b"-----BEGIN" in content:
        public, beside = public_in(content, file.name), file.with_name(f"{file.name}.pub")
        name, shown = _public_key(beside) if beside.is_file() else ("", public)
        return (name if shown == public else ""), public
    try:
        line = content.decode("utf-8").strip()
        public = compact_public(line)
    except (ValueError, UnicodeDecodeError) as error:
        raise DamagedInputError("key_unreadable", where=file.name) from error
    comment = line.split(None, 2)[2] if len(line.split(None, 2)) == 3 else ""
    return "".join(letter for letter in comment if letter.isprintable()), public


command.add_command(new, "new")
command.add_command(show, "show")
