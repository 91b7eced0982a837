"""A Diff for a machine: every change, exact numbers as texts, nothing cut."""

from __future__ import annotations

from dataclasses import asdict

from payroll.model.exact import Exact
from payroll.views.diff.compare import Comparison
from payroll.views.diff.model import Diff
from payroll.views.diff.sides import plain_text


def diff_json(diff: Diff) -> dict[str, object]:
    """The whole comparison; amounts in euros as exact texts."""
    found: dict[str, object] = {
        "different": diff.different,
        "only_old": list(diff.only_old),
        "only_new": list(diff.only_new),
        "notes": [{"id": name, **params} for name, params in diff.notes],
        **_comparison(diff.main),
    }
    if diff.base is not None and diff.rest is not None:
        found["first"] = {"side": diff.base.old.label, "bridge": _bridge(diff.base)}
        found["already_in_draft"] = _comparison(diff.rest)
    if diff.detail is not None:
        found["lines"] = _comparison(diff.detail)
    return found


def _comparison(found: Comparison) -> dict[str, object]:
    columns = {name: column.heading.shown for name, column in found.new.columns.items()}
    changes = [
        _change(found, columns[name], name, (old, new)) | {"explained": explained}
        for name, old, new, explained in zip(
            *(found.changes[name].tolist() for name in ("column", "old", "new")),
            found.explained.tolist(),
            strict=True,
        )
    ]
    return {
        "old": {"side": found.old.label, "rows": len(found.old)},
        "new": {"side": found.new.label, "rows": len(found.new)},
        "keys": [columns[name] for name in found.request.keys],
        "tolerance": str(found.request.tolerance),
        "unchanged": found.unchanged,
        "within_tolerance": sum(item.within for item in found.counts),
        "repeated_keys": {
            key.replace("\x1f", " + "): list(count) for key, count in found.repeated.items()
        },
        "added": [_row(found, row, new=True) for row in found.matched.added.tolist()],
        "removed": [_row(found, row, new=False) for row in found.matched.removed.tolist()],
        "changes": changes,
        "bridge": _bridge(found),
    }


def _change(found: Comparison, shown: str, name: str, rows: tuple[int, int]) -> dict[str, object]:
    old, new = rows
    before, after = found.old.columns[name], found.new.columns[name]
    delta = int(after.units[new] - before.units[old])
    numbers = after.kind in ("amount", "number")
    return {
        "key": list(found.key(new=True, row=new)),
        "column": shown,
        "role": str(after.heading.role),
        "old": plain_text(before.value(old)),
        "new": plain_text(after.value(new)),
        "delta": Exact(delta, after.scale).digits() if numbers else None,
        "reason": found.request.evidence.reasons.get(found.entity(new=True, row=new), ""),
        "rules": found.request.evidence.rules.get(found.entity(new=True, row=new), ""),
        "places": [found.old.places[old], found.new.places[new]],
    }


def _row(found: Comparison, row: int, *, new: bool) -> dict[str, object]:
    side = found.new if new else found.old
    return {
        "key": list(found.key(new=new, row=row)),
        "place": side.places[row],
        "values": {
            side.columns[name].heading.shown: plain_text(side.columns[name].value(row))
            for name in found.request.compared
        },
    }


def _bridge(found: Comparison) -> list[dict[str, object]]:
    rows = []
    for row in found.bridge:
        fields = asdict(row)
        scale = fields.pop("scale")
        rows.append(
            {
                name: Exact(value, scale).digits() if isinstance(value, int) else value
                for name, value in fields.items()
            }
        )
    return rows
