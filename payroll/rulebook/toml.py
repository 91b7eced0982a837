"""Read rule files strictly: exact decimals, unknown keys refused, every error names its file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from payroll.model.errors import PayrollError, Said
from payroll.model.refusals import NotTomlError, read_toml, refusals

WORKSPACE = "workspace/"
ModelType = TypeVar("ModelType", bound="RuleModel")


class RuleModel(BaseModel):
    """A table of a rule file: frozen, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


def load_toml(path: str, content: bytes) -> dict[str, object]:
    """Parse one rule file, numbers exact. Raises PayrollError rule_file_unreadable."""
    try:
        return read_toml(content)
    except NotTomlError as error:
        raise PayrollError("rule_file_unreadable", where=path, detail=(error.said,)) from error


class Once:
    """Sees to it that an entry stands once in the program's rules, and once in a workspace's."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bool, str], str] = {}

    def __call__(self, path: str, name: str) -> None:
        """An entry stands in a file. Raises PayrollError rule_entry_twice, naming the other."""
        layer = (path.startswith(WORKSPACE), name)
        if layer in self._seen:
            raise PayrollError("rule_entry_twice", where=f"{path}, {name}", other=self._seen[layer])
        self._seen[layer] = path


def parse_tables(
    model: type[ModelType], files: Mapping[str, dict[str, object]], section: str
) -> dict[str, ModelType]:
    """Every `[section.<id>]` table by id; a workspace's replaces the program's.

    Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    parsed: dict[str, ModelType] = {}
    once = Once()
    for path, content in files.items():
        tables = content.get(section, {})
        if not isinstance(tables, Mapping):
            said = Said("field_table", {"text": "[ ]" if isinstance(tables, list) else str(tables)})
            raise PayrollError("rule_entry_invalid", where=f"{path}, {section}", detail=(said,))
        for entry_id, entry in tables.items():
            once(path, f"{section} {entry_id}")
            parsed[entry_id] = parse_entry(model, path, entry_id, entry)
    return parsed


def parse_list(
    model: type[ModelType], files: Mapping[str, dict[str, object]], table: str, key: str
) -> dict[str, ModelType]:
    """Every `[[table]]` by its field `key`, in the order of the files; a workspace's replaces the
    program's.

    Raises PayrollError rule_entry_invalid, rule_entry_twice.
    """
    parsed: dict[str, ModelType] = {}
    once = Once()
    for path, content in files.items():
        entries = content.get(table, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            item = parse_entry(model, path, f"{table} {number}", entry)
            name = str(getattr(item, key))
            once(path, f"{table} {name}")
            parsed[name] = item
    return parsed


def parse_entry(model: type[ModelType], path: str, entry_id: str, entry: object) -> ModelType:
    """Validate one entry of a rule file. Raises PayrollError rule_entry_invalid."""
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        place, said = refusals(model, error)
        raise PayrollError(
            "rule_entry_invalid", where=f"{path}, {entry_id}, {place}", detail=said
        ) from error


def require_none_unknown(where: str, names: Collection[str]) -> None:
    """Raise PayrollError rule_entry_invalid for names that no rule file has."""
    if names:
        said = Said("field_names_unknown", {"text": ", ".join(names)})
        raise PayrollError("rule_entry_invalid", where=where, detail=(said,))
