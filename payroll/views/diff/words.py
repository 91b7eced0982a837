"""Texts and numbers as the reader of a comparison sees them."""

from __future__ import annotations

from dataclasses import dataclass

from payroll.model.exact import Exact
from payroll.texts import catalogue, text
from payroll.texts.shown import decimal_shown, euros_shown


@dataclass(frozen=True, slots=True)
class Words:
    """Texts and numbers in the reader's language."""

    language: str

    def say(self, entry_id: str, **params: object) -> str:
        """A text of the catalogue."""
        return text(entry_id, self.language, **params)

    def code(self, prefix: str, code: str) -> str:
        """The word for a code, or the code itself."""
        entry_id = f"{prefix}{code}"
        return self.say(entry_id) if entry_id in catalogue() else code

    def number(self, value: Exact, *, signed: bool = False) -> str:
        """An exact number for a reader."""
        if value.scale == 2:
            shown = euros_shown(value.units, self.language)
        else:
            shown = decimal_shown(value.digits(), self.language)
        return f"+{shown}" if signed and value.units > 0 else shown
