"""Texts as the reader of a comparison sees them."""

from __future__ import annotations

from dataclasses import dataclass

from payroll.texts import text, text_or


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in the reader's language."""

    language: str

    def say(self, entry_id: str, **params: object) -> str:
        """A text of the catalogue."""
        return text(entry_id, self.language, **params)

    def code(self, prefix: str, code: str) -> str:
        """The word for a code, or the code itself."""
        return text_or(f"{prefix}{code}", self.language, code)

    def heading(self, name: str, shown: str) -> str:
        """The heading of a column: our word for it, else as the file writes it."""
        return text_or(f"cmp_head_{name}", self.language, shown)
