"""Two rule books side by side: what was added, removed or changed, by id and date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from payroll.rulebook.book import RuleBook
from payroll.rulebook.entries import as_written, entries
from payroll.rulebook.toml import RuleModel

#: (date from which it holds, or '') -> field -> text.
Facts = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One difference. at: the date of a dated value, '' for the entry itself; field: '' for the
    whole of it, else what of it differs; old, new: None where there is nothing.
    """

    kind: str
    entry: str
    at: str
    field: str
    old: str | None
    new: str | None

    @property
    def what(self) -> str:
        """Added, removed or changed."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


def changes(old: RuleBook, new: RuleBook) -> list[RuleChange]:
    """Every difference between two books, by kind, id, date and field."""
    before, after = _all_facts(old), _all_facts(new)
    found: list[RuleChange] = []
    for key in [*before, *(key for key in after if key not in before)]:
        mine, theirs = before.get(key, {}), after.get(key, {})
        for at in sorted(mine.keys() | theirs.keys()):
            found += _differences(key, at, mine.get(at), theirs.get(at))
    return found


def _differences(
    key: tuple[str, str], at: str, old: dict[str, str] | None, new: dict[str, str] | None
) -> Iterable[RuleChange]:
    if old == new:
        return []
    if old is None or new is None:
        texts = (None if old is None else _summary(old), None if new is None else _summary(new))
        return [RuleChange(*key, at, "", *texts)]
    return [
        RuleChange(*key, at, field, old.get(field), new.get(field))
        for field in dict.fromkeys((*old, *new))
        if old.get(field) != new.get(field)
    ]


def _summary(facts: Mapping[str, str]) -> str:
    """What a whole value says, in a line."""
    if facts.get("ended") == "True":
        return "ended"
    rows = [text for field, text in facts.items() if field.startswith("rows ")]
    if rows:
        return " | ".join(rows)
    for field in ("value", "function", "version", "meaning", "title.en"):
        if field in facts:
            return facts[field]
    return ", ".join(facts[field] for field in ("method", "percent") if field in facts)


def _all_facts(book: RuleBook) -> dict[tuple[str, str], Facts]:
    models: dict[tuple[str, str], RuleModel] = {
        (kind, entry_id): entry
        for kind, found in entries(book).items()
        for entry_id, entry in sorted(found.items())
    }
    for key, profile in book.bank_profiles.items():
        models["bank", key] = profile.model_copy(update={"countries": {}})
        models |= {("country", code): item for code, item in profile.countries.items()}
    models |= {("status", code): item for code, item in book.statuses.items()}
    models |= {("reason", code): item for code, item in book.reasons.items()}
    models |= {("format", kind): fmt.source for kind, fmt in book.formats.kinds.items()}
    return {key: _facts(model) for key, model in models.items()}


def _facts(model: RuleModel) -> Facts:
    facts: Facts = {"": {}}
    written = as_written(model)
    for field, value in written.items() if isinstance(written, dict) else ():
        if isinstance(value, list) and value and all(_is_dated(item) for item in value):
            for item in value:
                dated = facts.setdefault(str(item["from"]), {})
                for name, inner in item.items():
                    if name != "from":
                        _flatten(name, inner, dated)
        else:
            _flatten(field, value, facts[""])
    return facts


def _is_dated(item: object) -> bool:
    return isinstance(item, dict) and "from" in item


def _flatten(name: str, value: object, into: dict[str, str]) -> None:
    """One text per leaf: a.b for a table, `rows <first cell>` for a row of a scale."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(f"{name}.{key}", inner, into)
    elif isinstance(value, list):
        if name == "rows":
            for row in value:
                into[f"rows {row[0]}"] = ", ".join(map(str, row))
        else:
            into[name] = ", ".join(map(str, value))
    elif value is not None:
        into[name] = str(value)
