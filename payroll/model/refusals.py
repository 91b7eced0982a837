"""What pydantic and TOML refuse, as texts of the catalogue: the key, its text, what was expected.

Their own messages are English and speak of types; people read theirs in fr, nl or en. What is
unknown here falls back to the original message.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar, get_args

import tomli
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from payroll.model.errors import DamagedInputError, Said, UsageError
from payroll.model.identifiers import masked_iban

SHOWN_MAX = 60
#: Tables in tables, and digits of a number: more than anything that can be meant.
DEPTH_MAX = 20
DIGITS_MAX = 40
ModelType = TypeVar("ModelType", bound=BaseModel)
_OURS = "field_"

#: The beginning of a pydantic error type -> the text that says it; the longest match counts.
_TEXTS = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "string_type": "field_text",
    "int_": "field_whole",
    "bool_": "field_flag",
    "date_": "field_day",
    "datetime_": "field_moment",
    "time_": "field_time",
    "decimal_": "field_number",
    "float_": "field_number",
    "literal_error": "field_choice",
    "enum": "field_choice",
    "greater_than": "field_range",
    "less_than": "field_range",
    "string_too_short": "field_short",
    "string_too_long": "field_long",
    "too_short": "field_list_short",
    "string_pattern_mismatch": "field_pattern",
    "dict_type": "field_table",
    "mapping_type": "field_table",
    "model_": "field_table",
    "tuple_type": "field_list",
    "list_type": "field_list",
}
#: Messages of validators that raise a plain ValueError.
_MESSAGES = {
    "a value is a number, a text or a date": "field_value",
    "a number is written as a decimal, never as a float or a bool": "field_number",
}
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
#: The last part of a place that names an alternative of a type, not a key of the file.
_ALTERNATIVE = re.compile(
    r"int|str|bool|float|decimal|date|datetime|[A-Z]\w*|[a-z-]+\[.*|function-.*"
)
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def refused(text_id: str, **params: object) -> PydanticCustomError:
    """What a validator of ours raises: the text `field_<text_id>` with its placeholders."""
    return PydanticCustomError(f"{_OURS}{text_id}", text_id, params)


class NotTomlError(Exception):
    """Bytes that are no TOML file with exact numbers; said: why."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.text_id)
        self.said = said


def read_toml(content: bytes) -> dict[str, Any]:
    """Any TOML file that people write, numbers exact. Raises NotTomlError, whatever the bytes."""
    try:  # an editor may have put a byte-order mark in front
        data = tomli.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise NotTomlError(not_toml(error, content)) from error
    _require_sound(data)
    return data


def not_toml(error: ValueError | ArithmeticError | RecursionError, content: bytes) -> Said:
    """Why tomli refused these bytes."""
    if isinstance(error, UnicodeDecodeError | tomli.TOMLDecodeError):
        return toml_problem(error, content)
    if isinstance(error, RecursionError):
        return Said("toml_deep", {"limit": str(DEPTH_MAX)})
    return Said("toml_number", {"text": "", "digits": str(DIGITS_MAX)})  # thousands of digits


def _require_sound(data: dict[str, Any]) -> None:
    """Nothing lies deeper, and no number is longer, than anything that can be meant."""
    left: list[tuple[tuple[int | str, ...], object]] = [((), data)]
    while left:
        loc, value = left.pop()
        if len(loc) > DEPTH_MAX:
            raise NotTomlError(Said("toml_deep", {"limit": str(DEPTH_MAX)}))
        if isinstance(value, dict):
            left += [((*loc, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [((*loc, number), inner) for number, inner in enumerate(value)]
        elif not _sound(value):
            shown = str(value) if isinstance(value, Decimal) else ""
            params = {"text": shown[:SHOWN_MAX], "digits": str(DIGITS_MAX)}
            raise NotTomlError(Said("toml_number", params, _place(loc)))


def _sound(value: object) -> bool:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and max(-exponent, value.adjusted()) < DIGITS_MAX
    return not isinstance(value, int) or abs(value) < 10**DIGITS_MAX


def parse_toml(model: type[ModelType], name: str, content: bytes) -> ModelType:
    """A TOML file as a model, numbers exact.

    Raises DamagedInputError order_unreadable, UsageError order_invalid with every problem.
    """
    try:
        data = read_toml(content)
    except NotTomlError as error:
        raise DamagedInputError("order_unreadable", where=name, detail=(error.said,)) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        place, problems = refusals(model, error)
        raise UsageError("order_invalid", where=f"{name}, {place}", detail=problems) from error


def refusals(model: type[BaseModel], error: ValidationError) -> tuple[str, tuple[Said, ...]]:
    """(place of the first problem, every problem); all but the first say their own place."""
    problems = [
        (_place(loc), _said(model, loc, item))
        for loc, item in _once(error.errors(include_url=False))
    ]
    first = problems[0][0]
    return first, tuple(
        Said(said.text_id, said.params, "" if place == first else place) for place, said in problems
    )


def toml_problem(error: UnicodeDecodeError | tomli.TOMLDecodeError, content: bytes) -> Said:
    """Why a TOML file cannot be read, with its line. The value on the line is not shown."""
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        return Said("toml_not_utf8", {"line": str(line)})
    found = _TOML_PLACE.search(str(error))
    lines = content.decode("utf-8-sig").splitlines()
    line = int(found[1]) if found else len(lines)
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    params = {"line": str(line), "text": text.split("=")[0].strip()[:SHOWN_MAX]}
    if "\\" in text:
        return Said("toml_backslash", params)
    if "overwrite" in str(error) or "twice" in str(error):
        return Said("toml_twice", params)
    return Said("toml_line", params)


def _once(errors: Sequence[ErrorDetails]) -> Iterator[tuple[tuple[int | str, ...], ErrorDetails]]:
    """The errors with their places; the alternatives of one value become one error."""
    seen: set[tuple[int | str, ...]] = set()
    for item in errors:
        loc = (*item["loc"], *item.get("ctx", {}).get("at", ()))
        if len(loc) > 1 and isinstance(loc[-1], str) and _ALTERNATIVE.fullmatch(loc[-1]):
            others = [other for other in errors if other["loc"][:-1] == loc[:-1]]
            if len(others) > 1:
                loc = loc[:-1]
                item = {**item, "type": f"{_OURS}alternatives"}  # noqa: PLW2901
        if loc not in seen:
            seen.add(loc)
            yield loc, item


def _said(model: type[BaseModel], loc: tuple[int | str, ...], item: ErrorDetails) -> Said:
    kind, context = item["type"], item.get("ctx", {})
    params = {key: str(value) for key, value in context.items()} | {"text": _shown(loc, item)}
    if kind.startswith(_OURS):
        return Said(kind, params)
    message = item["msg"].removeprefix("Value error, ")
    known = [start for start in _TEXTS if kind.startswith(start)]
    text_id = _TEXTS[max(known, key=len)] if known else _MESSAGES.get(message, "field_refused")
    if text_id == "field_unknown":
        fields = _fields_at(model, loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), fields, 1)
        params |= {"text": str(loc[-1]), "near": near[0] if near else "-"}
        params["known"] = ", ".join(fields) or "-"
    elif text_id == "field_choice":
        options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        params["expected"] = ", ".join(options)
    elif text_id == "field_range":
        params["expected"] = " ".join(
            f"{sign} {context[key]}" for key, sign in _SIGNS.items() if key in context
        )
    elif text_id == "field_refused":
        params["message"] = message
    return Said(text_id, params)


def _shown(loc: tuple[int | str, ...], item: ErrorDetails) -> str:
    value = item["input"]
    if isinstance(value, Mapping | list | tuple):
        return "{ }" if isinstance(value, Mapping) else "[ ]"
    if "iban" in loc:
        return masked_iban(str(value))
    return seen(str(value).lower() if isinstance(value, bool) else str(value))


def seen(text: str) -> str:
    """The beginning of a text; what cannot be seen in it is told by its number."""
    return printable(text[:SHOWN_MAX] + ("…" if len(text) > SHOWN_MAX else ""))


def printable(text: str) -> str:
    """A text of signs that can be seen: any other is told by its number."""
    return "".join(sign if sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in text)


def _place(loc: tuple[int | str, ...]) -> str:
    """A key as TOML writes it: `period`, `[salaries] pay_on`, `[[source]] 2, file`."""
    parts: list[str] = []
    for index, part in enumerate(loc):
        if isinstance(part, int) and index + 1 < len(loc):
            parts = [f"[[{'.'.join(parts)}]] {part + 1},"]
        elif isinstance(part, int):
            parts[-1:] = [f"{''.join(parts[-1:])} {part + 1}"]
        else:
            parts.append(part)
    if len(parts) < 2 or parts[0].endswith(","):
        return (parts[0] + " " + ".".join(parts[1:])).strip() if parts else "-"
    return f"[{'.'.join(parts[:-1])}] {parts[-1]}"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys known at a place of a model."""
    found: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, str) and found is not None:
            fields = {info.alias or name: info for name, info in found.model_fields.items()}
            info = fields.get(part)
            found = _model_in(info.annotation) if info is not None else found
    if found is None:
        return []
    return [info.alias or name for name, info in found.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for arg in get_args(annotation) if (inner := _model_in(arg))), None)
