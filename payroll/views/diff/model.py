"""A whole comparison of two or three sides: the one model behind screen, workbook and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from payroll.views.diff.compare import Comparison
from payroll.views.diff.match import Matched

Note = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Diff:
    """main: the last two sides. base: three-way only, the first side against the last.

    detail: between runs, the pay lines of the last two sides. only_old, only_new: headings that
    one of the last two sides lacks. notes: what was left out or decided, each a text id with its
    parameters.
    """

    main: Comparison
    base: Comparison | None = None
    detail: Comparison | None = None
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def different(self) -> bool:
        """Whether the last two sides differ."""
        found = [self.main] + ([self.detail] if self.detail else [])
        return any(item.different for item in found) or bool(self.only_old or self.only_new)

    @cached_property
    def rest(self) -> Comparison | None:
        """Three-way: what differs from the first side and did not move since the second.

        Its rows are those of `base` that `main` does not show.
        """
        if self.base is None:
            return None
        moved = set(zip(self.main.changes["column"], self.main.changes["new"], strict=True))
        fresh = set(self.main.matched.added.tolist())
        changes, matched = self.base.changes, self.base.matched
        cells = zip(changes["column"], changes["new"], strict=True)
        keep = np.array([cell not in moved and cell[1] not in fresh for cell in cells], dtype=bool)
        still = np.array([row for row in matched.added.tolist() if row not in fresh], dtype="int64")
        gone = self._gone_before(self.base, matched)
        return replace(
            self.base,
            matched=replace(matched, added=still, removed=gone),
            changes=changes[keep].reset_index(drop=True),
            explained=self.base.explained[keep],
        )

    def _gone_before(self, base: Comparison, matched: Matched) -> npt.NDArray[np.int64]:
        """Rows of the first side that the second had lost already."""
        lost = {self.main.key(new=False, row=row) for row in self.main.matched.removed.tolist()}
        kept = [row for row in matched.removed.tolist() if base.key(new=False, row=row) not in lost]
        return np.array(kept, dtype="int64")

    @cached_property
    def first_row(self) -> Mapping[int, int]:
        """Three-way: row of the last side -> row of the first side."""
        if self.base is None:
            return {}
        matched = self.base.matched
        return dict(zip(matched.new.tolist(), matched.old.tolist(), strict=True))
