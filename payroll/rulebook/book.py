"""The RuleBook: everything rules/ says, loaded from bytes, each part by its own loader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from payroll.model.errors import PayrollError
from payroll.rulebook.parameters import Parameter, load_parameters
from payroll.rulebook.toml import load_toml


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of one run; `files` are the exact bytes they came from."""

    files: Mapping[str, bytes]
    parameters: Mapping[str, Parameter]

    def number(self, parameter_id: str, day: date) -> Fraction:
        """The exact value of a parameter on a day. Raises PayrollError when there is none."""
        if parameter_id not in self.parameters:
            raise PayrollError("parameter_unknown", parameter=parameter_id)
        value = self.parameters[parameter_id].dated(parameter_id, day).value
        if not isinstance(value, Fraction):
            raise PayrollError("parameter_not_a_number", parameter=parameter_id)
        return value


def load_rulebook(files: Mapping[str, bytes]) -> RuleBook:
    """Load a rule book from relative path -> bytes (`parameters/salary.toml`, ...).

    Workspace overrides come last in `files` order under `workspace/<same path>`; an entry there
    replaces the entry with the same id. Raises PayrollError naming file and entry.
    """
    parsed = {
        path: load_toml(path, content) for path, content in files.items() if path.endswith(".toml")
    }

    def section(name: str) -> dict[str, dict[str, object]]:
        return {
            path: content
            for path, content in parsed.items()
            if path.removeprefix("workspace/").startswith(f"{name}/")
        }

    return RuleBook(files=dict(files), parameters=load_parameters(section("parameters")))
