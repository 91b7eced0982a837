"""One printed A4 page: text, fields, tables and boxes on a reportlab canvas, in black and grey.

Helvetica and Courier of every PDF reader, so nothing is embedded; they know the letters of
windows-1252 (fr, nl, en). Another letter is shown by its code point, `[U+0141]`: seen, never lost.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89  # A4 in points
LEFT, RIGHT, TOP = 36.0, 559.28, 806.0
WIDTH = RIGHT - LEFT
PLAIN, BOLD, MONO, MONO_BOLD = "Helvetica", "Helvetica-Bold", "Courier", "Courier-Bold"
SMALLEST = 7.0
BLACK, DARK, GREY, PALE = 0.0, 0.30, 0.45, 0.92


def printable(text: str) -> str:
    """The text in letters that the standard fonts have; any other as its code point."""
    return "".join(
        char if char == "\u00a0" or _known(char) else f"[U+{ord(char):04X}]"
        for char in text.replace("\u202f", "\u00a0")
    )


@cache
def _known(char: str) -> bool:
    return char.isprintable() and bool(char.encode("cp1252", "ignore"))


class PdfPage:
    """A document in the making. Sizes are in points, y runs upwards, text stands on its base line.

    Bytes depend on what is drawn alone: no clock, no random id, no compression that another zlib
    would do otherwise.
    """

    def __init__(self, title: str, subject: str, language: str) -> None:
        from reportlab.pdfbase.pdfmetrics import stringWidth
        from reportlab.pdfgen.canvas import Canvas

        self._bytes = io.BytesIO()
        self._width = stringWidth
        self._canvas: Any = Canvas(
            self._bytes,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            pageCompression=0,
            lang=language,
        )
        self._canvas.setTitle(printable(title))
        self._canvas.setSubject(printable(subject))
        self._canvas.setAuthor("payroll")
        self._canvas.setCreator("payroll")

    def next_page(self) -> None:
        """End this page."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """The document; the last page must have been ended."""
        self._canvas.save()
        return self._bytes.getvalue()

    def width(self, text: str, font: str = PLAIN, size: float = 8) -> float:
        """How wide a text is."""
        return float(self._width(printable(text), font, size))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8,
        font: str = PLAIN,
        grey: float = BLACK,
        align: str = "left",
        room: float = WIDTH,
    ) -> None:
        """One line. Too long for its room, it is set smaller, then cut with a visible `…`."""
        shown = printable(text)
        while size > SMALLEST and self._width(shown, font, size) > room:
            size = max(SMALLEST, size - 0.5)
        if self._width(shown, font, size) > room:
            while shown and self._width(shown + "…", font, size) > room:
                shown = shown[:-1]
            shown = shown.rstrip() + "…"
        self._canvas.setFont(font, size)
        self._canvas.setFillGray(grey)
        draw = {"right": self._canvas.drawRightString, "center": self._canvas.drawCentredString}
        draw.get(align, self._canvas.drawString)(x, y, shown)

    def wrap(self, text: str, width: float, font: str = PLAIN, size: float = 8) -> list[str]:
        """The lines of a paragraph; a word longer than a line is broken."""
        lines: list[str] = []
        line = ""
        for word in printable(text).split(" "):
            longer = f"{line} {word}" if line else word
            if self._width(longer, font, size) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            while self._width(word, font, size) > width:
                cut = next(
                    n
                    for n in range(len(word), 0, -1)
                    if n == 1 or self._width(word[:n], font, size) <= width
                )
                lines.append(word[:cut])
                word = word[cut:]  # noqa: PLW2901 - what is left of it
            line = word
        return [*lines, line]

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        width: float,
        *,
        size: float = 8,
        font: str = PLAIN,
        grey: float = BLACK,
        leading: float = 0,
    ) -> float:
        """Wrapped text from a base line on; the base line that follows."""
        for line in self.wrap(text, width, font, size):
            self.text(x, y, line, size=size, font=font, grey=grey, room=width + 1)
            y -= leading or size + 2.5
        return y

    def rule(self, y: float, *, x: float = LEFT, to: float = RIGHT, heavy: float = 0.5) -> None:
        """A horizontal line."""
        self._canvas.setLineWidth(heavy)
        self._canvas.setStrokeGray(BLACK if heavy > 1 else GREY)
        self._canvas.line(x, y, to, y)

    def upright(self, x: float, y: float, to: float) -> None:
        """A thin vertical line."""
        self._canvas.setLineWidth(0.5)
        self._canvas.setStrokeGray(GREY)
        self._canvas.line(x, y, x, to)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: float | None = None,
        heavy: float = 0.7,
    ) -> None:
        """A rectangle from its lower left corner."""
        self._canvas.setLineWidth(heavy)
        self._canvas.setStrokeGray(BLACK)
        if fill is not None:
            self._canvas.setFillGray(fill)
        self._canvas.rect(x, y, width, height, stroke=int(heavy > 0), fill=int(fill is not None))

    def tick(self, x: float, y: float, label: str, *, size: float = 8) -> float:
        """An empty square to be ticked and its label; where the next may stand."""
        self.box(x, y - 0.8, 7.5, 7.5)
        self.text(x + 11, y, label, size=size)
        return x + 11 + self.width(label, size=size) + 12

    def heading(self, y: float, text: str, *, x: float = LEFT, to: float = RIGHT) -> float:
        """A small title over a line; the base line of what follows."""
        self.text(x, y, text, size=8, font=BOLD, room=to - x)
        self.rule(y - 3, x=x, to=to)
        return y - 13.5

    def fields(
        self,
        x: float,
        y: float,
        width: float,
        pairs: Sequence[tuple[str, str]],
        *,
        label: float,
        leading: float = 11.2,
    ) -> float:
        """Names and values below one another; a value too long for a line takes several."""
        for name, value in pairs:
            self.text(x, y, name, size=7.5, grey=GREY, room=label - 4)
            room = width - label
            fits = self.width(value, PLAIN, SMALLEST) <= room
            for line in [value] if fits else self.wrap(value, room, PLAIN, SMALLEST):
                self.text(x + label, y, line, size=8.5, room=room + 1)
                y -= leading if fits else SMALLEST + 1
            y -= 0 if fits else leading - SMALLEST - 1
        return y
