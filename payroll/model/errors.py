"""The two ways to stop: PayrollError for what a user can cause, InvariantError for our own bugs.

A fact about people or money that a human must judge is neither: it is a Finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the catalogue inside an error, said in the reader's language when it is shown.

    params: what fills its placeholders; a table has it by language. place: where inside the error's
    own place, '' when that says it already.
    """

    text_id: str
    params: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    place: str = ""


class PayrollError(Exception):
    """The run cannot go on, for a reason the user can mend.

    `error_id` names an entry of payroll/texts/<language>/errors_*.toml, which holds what happened,
    what was expected and the remedy; `params` fills its placeholders (`limit_cents` fills {limit},
    as the reader writes amounts; a `stream` or a `state` is shown by its word); `where` is the
    place, as `file!sheet!R<row>, column` as far as it is known; `detail` fills {detail} in the
    reader's language. Never put a name, an IBAN or a national number in `params`.
    """

    exit_code = 3

    def __init__(
        self, error_id: str, *, where: str = "", detail: object = (), **params: object
    ) -> None:
        self.error_id = error_id
        self.where = where
        self.detail: tuple[Said, ...] = ()
        if isinstance(detail, tuple):
            self.detail = detail
        else:
            params["detail"] = detail
        self.params: Mapping[str, str] = {key: str(value) for key, value in params.items()}
        shown = [(item.text_id, item.place, dict(item.params)) for item in self.detail]
        super().__init__(f"{error_id} at {where or '-'}: {shown or dict(self.params)}")


class UsageError(PayrollError):
    """The command or its arguments make no sense (exit code 2)."""

    exit_code = 2


class DamagedInputError(PayrollError):
    """An input is damaged, unreadable or ambiguous as a whole (exit code 4)."""

    exit_code = 4


class InvariantError(Exception):
    """Our own bug: something that can never be true was true (exit code 70)."""

    exit_code = 70


def require(condition: bool, message: str) -> None:
    """Raise InvariantError unless the condition holds; unlike assert it survives `python -O`."""
    if not condition:
        raise InvariantError(message)
