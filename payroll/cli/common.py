"""What several verbs share: the options --lang and --json, and the progress line."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from payroll.cli.main import help_text
from payroll.texts import languages, text

if TYPE_CHECKING:
    from payroll.model.errors import Said

FunctionType = TypeVar("FunctionType", bound=Callable[..., Any])

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=help_text("option_passphrase_file"),
)
RULES_OPTION = click.option(
    "--rules",
    "rules_path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=help_text("option_rules"),
)


def verb(name: str) -> Callable[[FunctionType], click.Command]:
    """Make a function the click command `name`: help from the catalogue, --lang and --json."""

    def decorate(function: FunctionType) -> click.Command:
        options = [
            click.option("--lang", type=click.Choice(languages()), help=help_text("option_lang")),
            click.option("--json", "as_json", is_flag=True, help=help_text("option_json")),
        ]
        decorated: Callable[..., Any] = function
        for option in options:
            decorated = option(decorated)
        summary, _, details = help_text(name).partition("\n")
        return click.command(
            name=name,
            help=f"{summary}\n\n\b\n{details.strip()}",
            short_help=summary,
            context_settings={"help_option_names": ["-h", "--help"]},
        )(decorated)

    return decorate


class _Seen(click.ParamType[str]):
    """A text that is recorded, of signs that can be seen."""

    name = "TEXT"

    def convert(
        self, value: str, param: click.Parameter | None, _context: click.Context | None
    ) -> str:
        """Raise UsageError text_refused."""
        from payroll.model.errors import UsageError

        if problem := self.problem(value):
            where = param.opts[0] if param is not None else ""
            raise UsageError("text_refused", where=where, detail=(problem,))
        return value

    def problem(self, value: str) -> Said | None:
        """What is wrong with it."""
        from payroll.model.sections import line_problem

        return line_problem(value)


class _PersonName(_Seen):
    """A name that is recorded: of at most 70 Latin letters that can be seen, as in the orders."""

    name = "NAME"

    def problem(self, value: str) -> Said | None:
        """What is wrong with it."""
        from payroll.model.sections import name_problem

        return name_problem(value)


class _NewFile(click.Path):
    """A file or folder that the verb makes: a name that nobody sees whole is found by nobody."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        context: click.Context | None,
    ) -> Path:
        """Raise UsageError text_refused."""
        from payroll.model.errors import Said, UsageError
        from payroll.model.refusals import seen

        if not str(value).isprintable():
            problem = Said("field_one_line", {"text": seen(str(value))})
            where = param.opts[0] if param is not None else ""
            raise UsageError("text_refused", where=where, detail=(problem,))
        return Path(super().convert(value, param, context))  # type: ignore[arg-type]


#: A reason, a reference, a piece of evidence: one line of at most 300 signs that can be seen.
SEEN_LINE = _Seen()
PERSON_NAME = _PersonName()
NEW_FILE = _NewFile()


def say(line: str = "") -> None:
    """Tell the person: on stderr, because stdout is for data."""
    click.echo(line, err=True)


class PaymentFile(Protocol):
    """What a person compares of a file of payments, before and after it is released."""

    @property
    def stream(self) -> str:
        """The stream it pays."""

    @property
    def execution_date(self) -> str:
        """The day on which the bank executes it."""

    @property
    def transactions(self) -> int:
        """How many payments it holds."""

    @property
    def total_cents(self) -> int:
        """What they add up to."""


def say_file(text_id: str, language: str, told: PaymentFile, /, **more: str) -> None:
    """A line about a file of payments; more: what else fills the text."""
    from payroll.texts.shown import euros_shown

    say(
        text(
            text_id,
            language,
            stream=text(f"stream_{told.stream}", language),
            day=told.execution_date,
            count=told.transactions,
            total=euros_shown(told.total_cents, language),
            **more,
        )
    )


def print_json(value: object) -> None:
    """Machine output on stdout."""
    click.echo(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False))


@contextmanager
def progress(language: str) -> Iterator[Callable[[str], None]]:
    """A line that names the stage at work; silent when nobody watches a terminal."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status("…") as status:
        yield lambda stage: status.update(text(f"stage_{stage}", language))


def never_collect() -> None:
    """Leave out the collector of cycles for the rest of this short-lived process.

    Building a run makes millions of small values and no cycles worth collecting: walking them again
    and again costs a fifth of a large run.
    """
    gc.disable()


class Stopwatch:
    """Passes each stage on to `announce` and keeps how many seconds each took."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._begun: list[tuple[str, float]] = []

    def __call__(self, stage: str) -> None:
        """A stage begins; the one before it ends."""
        self._begun.append((stage, time.perf_counter()))
        self._announce(stage)

    def seconds(self) -> dict[str, float]:
        """Stage -> seconds, the last one until now."""
        ends = [*(at for _, at in self._begun[1:]), time.perf_counter()]
        return {stage: end - at for (stage, at), end in zip(self._begun, ends, strict=True)}


def passphrase(language: str, *, confirm: bool, file: Path | None = None) -> str:
    """The passphrase of a key: first line of a file, else PAYROLL_PASSPHRASE, else asked hidden.

    confirm: asked twice. Raises UsageError passphrase_missing where nobody can be asked,
    passphrase_differs; DamagedInputError when the file cannot be read.
    """
    from payroll.model.errors import UsageError

    given = os.environ.get("PAYROLL_PASSPHRASE", "")
    if file is not None:
        from payroll.store import read_input

        lines = read_input(file).decode("utf-8-sig", errors="surrogateescape").splitlines()
        given = lines[0] if lines else ""
    if given or file is not None or not sys.stdin.isatty():
        if not given:
            raise UsageError("passphrase_missing", where=str(file or ""))
        return given
    asked = str(click.prompt(text("passphrase_ask", language), hide_input=True, err=True))
    if confirm:
        again = click.prompt(text("passphrase_again", language), hide_input=True, err=True)
        if again != asked:
            raise UsageError("passphrase_differs")
    return asked
