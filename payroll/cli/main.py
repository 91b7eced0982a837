"""The `payroll` command: verbs are imported only when called, so that --help stays instant."""

from __future__ import annotations

import importlib
import os
import sys

import click

from payroll import __version__, texts
from payroll.model.errors import PayrollError
from payroll.texts import FALLBACK, languages
from payroll.texts.folders import require_language

#: The environment variable that names the language where --lang does not.
_LANG = "PAYROLL_LANG"

#: verb -> module under payroll.cli
VERBS = {
    "demo": "demo",
    "run": "run",
    "backtest": "backtest",
    "trace": "trace",
    "decide": "decide",
    "explain-pay": "explain_pay",
    "approve": "approve",
    "release": "release",
    "bank": "bank",
    "status": "status",
    "reissue": "reissue",
    "ledger": "ledger",
    "verify": "verify",
    "keys": "keys",
    "pack": "pack",
    "unpack": "unpack",
    "forget": "forget",
    "diff": "diff",
    "rules": "rules",
    "template": "template",
    "calc": "calc",
}


def language_asked() -> str:
    """The language of help and errors: --lang, else PAYROLL_LANG, else French.

    One that is not known counts as not said; `main` has refused it.
    """
    known = languages()
    asked = _lang_option()
    if asked in known:
        return asked
    asked = os.environ.get(_LANG, "")
    return asked if asked in known else FALLBACK


def _lang_option() -> str:
    """What --lang says on the command line, or ''."""
    arguments = sys.argv[1:]
    for index, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
    return ""


def help_text(entry_id: str) -> str:
    """A help text in the language asked for; it may name the {languages} known."""
    return texts.help_text(entry_id, language_asked(), languages=", ".join(languages()))


class VerbGroup(click.Group):
    """A click group that imports a verb's module only when that verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order in which a month is worked through."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the verb's module and return its `command`."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"payroll.cli.{VERBS[cmd_name]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs from the help catalogue, importing none of them."""
        rows = [(verb, help_text(verb).split("\n", 1)[0]) for verb in VERBS]
        with formatter.section(help_text("verbs_heading")):
            formatter.write_dl(rows)


@click.command(
    cls=VerbGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--lang", type=click.Choice(languages()), help=" | ".join(languages()))
@click.version_option(__version__, prog_name="payroll")
def group(lang: str | None) -> None:
    """Take the global options; the text of --help comes from the catalogue."""
    del lang  # read by language_asked()


def main() -> None:
    """Run the command line; every ending has its exit code (DESIGN 8)."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes 20 ms
    if hasattr(sys.stdout, "reconfigure"):  # Windows consoles and pipes default to cp1252
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stderr.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        if not _lang_option() and os.environ.get(_LANG):
            require_language(os.environ[_LANG], _LANG)
        group.help = help_text("payroll")
        code = group.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except Exception as error:
        code = _report(error)
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: Exception) -> int:
    language = language_asked()
    if isinstance(error, PayrollError):
        lines, code = _error_lines(error, language), error.exit_code
    else:
        if os.environ.get("PAYROLL_DEBUG"):
            raise error
        # The message of an unforeseen error may hold a person's data: only its kind is shown.
        place = _place(error)
        lines = [texts.text("our_bug", language, kind=type(error).__name__, place=place)]
        code = 70
    for line in lines:
        click.echo(line, err=True)
    return code


def _error_lines(error: PayrollError, language: str) -> list[str]:
    """The error in a language; in the fallback when it is about the files of that language."""
    try:
        return texts.error_lines(error, language)
    except PayrollError:
        return texts.error_lines(error, FALLBACK)


def _place(error: BaseException) -> str:
    """Module and line where the error arose, for a bug report without personal data."""
    trace = error.__traceback__
    place = "?"
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("payroll"):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


if __name__ == "__main__":
    main()
