"""A sign that the font of a PDF lacks, or that nobody can see, stands there by its code point."""

from __future__ import annotations

import pytest

from payroll.render.pdf_page import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Clinique Łódź", "Clinique [U+0141]ód[U+017A]"),
        ("deux\nlignes", "deux[U+000A]lignes"),
        ("tourné\u202e", "tourné[U+202E]"),
        ("Été à Liège, 12 €", "Été à Liège, 12 €"),
        ("1\u00a0234,50", "1\u00a0234,50"),
    ],
)
def test_what_a_page_can_draw(text: str, shown: str) -> None:
    assert printable(text) == shown
