"""Read rule files strictly: exact decimals, unknown keys refused, every error names its file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from payroll.model.errors import PayrollError
from payroll.model.refusals import refusals, toml_problem

ModelType = TypeVar("ModelType", bound="RuleModel")


class RuleModel(BaseModel):
    """A table of a rule file: frozen, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


def load_toml(path: str, content: bytes) -> dict[str, object]:
    """Parse one rule file, numbers exact. Raises PayrollError rule_file_unreadable."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        said = toml_problem(error, content)
        raise PayrollError("rule_file_unreadable", where=path, detail=(said,)) from error


def parse_tables(
    model: type[ModelType], files: Mapping[str, dict[str, object]], section: str
) -> dict[str, ModelType]:
    """Every `[section.<id>]` table by id; a later file replaces it.

    Raises PayrollError rule_entry_invalid.
    """
    parsed: dict[str, ModelType] = {}
    for path, content in files.items():
        tables = content.get(section, {})
        if isinstance(tables, Mapping):
            for entry_id, entry in tables.items():
                parsed[entry_id] = parse_entry(model, path, entry_id, entry)
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
