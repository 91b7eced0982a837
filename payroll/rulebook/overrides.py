"""An employer's own controls as a rule file: each complete, behind who changed what and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from payroll.model.errors import InvariantError
from payroll.rulebook.controls import Control
from payroll.rulebook.toml import load_toml

#: Where they lie in a workspace, and in the files of a rule book.
OVERRIDES = "rules/controls/overrides.toml"
IN_BOOK = f"workspace/{OVERRIDES.removeprefix('rules/')}"

_HEAD = (
    "# Controls of this employer, written by `payroll rules import`.",
    "# Each stands here complete and replaces the program's own control of the same id.",
    "#",
)
_LAST = ("title", "message", "remedy", "example")


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who accepted which changes, when and why; lines: one per change."""

    at: datetime
    by: str
    reason: str
    lines: Sequence[str]


def overrides_file(existing: bytes, controls: Iterable[Control], accepted: Accepted) -> bytes:
    """The rule file: every comment of the existing one, the new record, the controls by id."""
    old = existing.decode("utf-8-sig").splitlines()
    comments = [line for line in old if line.startswith("#") and line not in _HEAD]
    lines = [*_HEAD, *comments]
    lines.append(_comment(f"{accepted.at.isoformat()}, {accepted.by}: {accepted.reason}"))
    lines += [_comment(f"  {line}") for line in accepted.lines]
    for control in sorted(controls, key=lambda item: item.id):
        lines += ["", *_entry(control)]
    return ("\n".join(lines) + "\n").encode()


def own_controls(content: bytes, loaded: Mapping[str, Control]) -> dict[str, Control]:
    """The controls that stand in a rule file, as the book has loaded them."""
    entries = load_toml("", content).get("control", [])
    ids = [str(entry["id"]) for entry in entries] if isinstance(entries, list) else []
    return {control_id: loaded[control_id] for control_id in ids}


def accepted_overrides(
    existing: bytes,
    before: Mapping[str, Control],
    after: Mapping[str, Control],
    shipped: Mapping[str, Control],
    accepted: Accepted,
) -> bytes:
    """The rule file with every change; what is again as the program has it leaves the file."""
    own = own_controls(existing, before)
    for control_id, control in after.items():
        if control != before[control_id]:
            own[control_id] = control
            if control == shipped.get(control_id):
                del own[control_id]
    return overrides_file(existing, own.values(), accepted)


def _comment(words: str) -> str:
    """One line; what TOML refuses in a comment becomes a blank."""
    return "# " + "".join(char if char.isprintable() else " " for char in words)


def _entry(control: Control) -> list[str]:
    lines = ["[[control]]"]
    for name, info in Control.model_fields.items():
        value = getattr(control, name)
        default = None if info.is_required() else info.get_default(call_default_factory=True)
        if name not in _LAST and value != default:
            lines.append(f"{name} = {_written(value)}")
    for name in _LAST[:-1]:
        lines.append(f"[control.{name}]")
        lines += _table(getattr(control, name).model_dump())
    for name, rows in control.example.items():
        lines += [f"[control.example.{name}]", *_table(rows)]
    return lines


def _table(values: Mapping[str, object]) -> list[str]:
    return [f"{_key(name)} = {_written(value)}" for name, value in values.items()]


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return name if bare else _written(name)


def _written(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        inner = ", ".join(_table(value))
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str):  # also a severity, which is one
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, Decimal):
        digits = f"{value:f}"
        return digits if "." in digits else f"{digits}.0"
    if isinstance(value, date):
        return value.isoformat()
    raise InvariantError(f"no way to write a {type(value).__name__} in a rule file")
