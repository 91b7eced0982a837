"""Exact values of a cell that is compared or shown: numbers with their decimals, days."""

from __future__ import annotations

from typing import NamedTuple


class Exact(NamedTuple):
    """An exact number: units / 10**scale."""

    units: int
    scale: int

    def digits(self) -> str:
        """The number as a machine writes it: 12.30, -0.05."""
        if not self.scale:
            return str(self.units)
        whole, part = divmod(abs(self.units), 10**self.scale)
        return f"{'-' if self.units < 0 else ''}{whole}.{part:0{self.scale}d}"

    def short(self) -> str:
        """The same number without the zeros that say nothing: 12.3, 0.5, 30."""
        return self.digits().rstrip("0").rstrip(".") if self.scale else str(self.units)


class Day(NamedTuple):
    """A calendar day by its ISO text."""

    iso: str
