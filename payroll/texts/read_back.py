"""Words of ours that come back in a file that somebody filled in, in whichever language."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from payroll.texts import languages, text


def meant(shown: str, texts: Mapping[str, str]) -> str | None:
    """The value behind a word, case and outer spaces ignored.

    texts: value -> the id of its words; the value itself is understood too. None for a word of
    none of them, and for one that means two of them in two languages.
    """
    wanted = shown.strip().casefold()
    found = [
        value
        for value, entry_id in texts.items()
        if wanted in {value, *(text(entry_id, each).casefold() for each in languages())}
    ]
    return found[0] if len(found) == 1 else None


def by_likeness(found: Collection[str], *entry_ids: str) -> list[str]:
    """The languages, first the one in which most of some texts stand among what was found.

    What one language calls by a word another may call by that of something else: the language that
    a file was written in decides.
    """
    return sorted(
        languages(), key=lambda each: -sum(text(entry_id, each) in found for entry_id in entry_ids)
    )
