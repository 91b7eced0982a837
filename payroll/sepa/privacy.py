"""No national number leaves in a payment file: what is in it comes back on statements for years."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stdnum.be import bis, nn

#: Eleven digits, alone or grouped as 85.07.30-033.28; never a part of a longer number.
_ELEVEN = re.compile(r"(?<!\d)\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]?\d{3}[ .-]?\d{2}(?!\d)")


def has_national_number(text: str) -> bool:
    """Whether a valid Belgian national (or bis) number stands in a text."""
    return any(nn.is_valid(found[0]) or bis.is_valid(found[0]) for found in _ELEVEN.finditer(text))


def texts_with_national_number(texts: Iterable[str]) -> set[str]:
    """The distinct texts in which one stands."""
    distinct = set(texts)
    if not _ELEVEN.search("\n".join(distinct)):
        return set()
    return {text for text in distinct if has_national_number(text)}
