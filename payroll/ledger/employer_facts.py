"""employer.toml as single facts, so that two of them are compared line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from payroll.ledger.keys import fingerprint
from payroll.model.money import euros
from payroll.model.order import Employer

#: (the field as employer.toml writes it, what it was, what it is); '' where it is not said.
Difference = tuple[str, str, str]


def as_recorded(employer: Employer) -> dict[str, Any]:
    """What the ledger keeps of employer.toml when a run is released."""
    return employer.model_dump(mode="json", by_alias=True)


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Every field that differs between two of `as_recorded`, in their order."""
    before, after = dict(_facts("", was)), dict(_facts("", now))
    return [
        (field, before.get(field, ""), after.get(field, ""))
        for field in dict.fromkeys((*before, *after))
        if before.get(field, "") != after.get(field, "")
    ]


def _facts(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _facts(f"{place}.{name}" if place else str(name), item)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value, 1):
            own = item if isinstance(item, Mapping) else {"name": item}
            name = own.get("name") or own.get("id") or number
            yield f'{place}["{name}"]', "+"
            rest = {key: inner for key, inner in own.items() if key not in ("name", "id")}
            yield from _facts(f'{place}["{name}"]', rest)
    elif isinstance(value, list):
        yield place, ", ".join(map(str, value))
    elif value not in (None, ""):
        yield place, _shown(place.rpartition(".")[2], value)


def _shown(name: str, value: object) -> str:
    if name == "limit" and isinstance(value, int):
        return euros(value)
    if name == "public_key":
        return fingerprint(str(value)) or str(value)
    return str(value)
