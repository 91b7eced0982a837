"""Texts as the reader of a comparison sees them."""

from __future__ import annotations

from dataclasses import dataclass

from payroll.texts import catalogue, text


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in the reader's language."""

    language: str

    def say(self, entry_id: str, **params: object) -> str:
        """A text of the catalogue."""
        return text(entry_id, self.language, **params)

    def code(self, prefix: str, code: str) -> str:
        """The word for a code, or the code itself."""
        entry_id = f"{prefix}{code}"
        return self.say(entry_id) if entry_id in catalogue() else code

    def heading(self, name: str, shown: str) -> str:
        """The heading of a column: our word for it, else as the file writes it."""
        entry_id = f"cmp_head_{name}"
        return self.say(entry_id) if entry_id in catalogue() else shown
