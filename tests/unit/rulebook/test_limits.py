"""Limits of parameters by their names; overrides written as rule files that load."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from payroll.rulebook.book import load_rulebook
from payroll.rulebook.limits import leaves, limits_of, problems, shape_of, with_leaf
from payroll.rulebook.overrides import IN_BOOK, Accepted, _written, overrides_file
from payroll.store import load_rule_files, rules_folder


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"warn_percent": "10", "hold_percent": "10"}, []),
        ({"warn_percent": "10", "hold_percent": "9.99"}, ["param_below"]),
        ({"warn": "150", "hold": "100"}, ["param_below"]),
        ({"warn_percent": "10", "block_percent": 5}, ["param_below"]),
        ({"hold_percent": "250"}, []),
        ({"minimum_percent": 101}, ["param_range"]),
        ({"within_euro": "-0.01"}, ["param_range"]),
        ({"within_euro": "0.001"}, ["param_decimals"]),
        ({"caps": {"fees": "1.00", "invoices": "-1"}}, ["param_range"]),
        ({"factors": [10, 0]}, ["param_range"]),
        ({"figures": {"rate": "x_percent"}, "text": "-5x", "code": "0700"}, []),
        ({"share_percent": Decimal("NaN")}, ["param_range"]),
    ],
)
def test_problems(params: dict[str, object], told: list[str]) -> None:
    assert [problem.text_id for problem in problems(params)] == told


def test_shapes_come_from_the_value_in_force() -> None:
    for value, shape in (
        (4, "whole"),
        ("4", "number"),
        ("4.50", "number"),
        ("0700", "fixed"),
        ("x", "fixed"),
        (True, "flag"),
        (date(2022, 1, 1), "day"),
        (["a"], "texts"),
        ([], "texts"),
        ([1, 2], "wholes"),
        (["1.5"], "numbers"),
        ([[1]], "fixed"),
        ({"a": 1}, "fixed"),
    ):
        assert shape_of("anything", value) == shape
    assert shape_of("key", ["a"]) == "fixed"
    assert limits_of("own_percent").unit == "%"


def test_a_leaf_is_replaced_by_its_dotted_name() -> None:
    params: dict[str, object] = {"caps": {"a": 1, "b": 2}, "c": 3}
    assert dict(leaves(with_leaf(params, "caps.b", 4))) == {"caps.a": 1, "caps.b": 4, "c": 3}
    assert params["caps"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "value",
    [
        "a\"b\\c\n\x7f é '''",
        3,
        True,
        date(2022, 1, 1),
        Decimal("1.50"),
        Decimal(3),
        [],
        ["x", 1],
        {},
        {"a b": {"c": [{"d-e": "f"}]}},
    ],
)
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    found = tomllib.loads(f"value = {_written(value)}", parse_float=Decimal)["value"]
    assert found == value


def test_every_shipped_control_can_stand_as_an_override() -> None:
    files = load_rule_files(rules_folder())
    controls = load_rulebook(files).controls
    accepted = Accepted(datetime(2026, 1, 1, tzinfo=UTC), "A. Modèle", "why", ["VAR-001 x: 1 -> 2"])
    first = overrides_file(b"", controls.values(), accepted)
    assert load_rulebook({**files, IN_BOOK: first}).controls == controls
    second = overrides_file(first, controls.values(), accepted)
    assert second.decode().count("A. Modèle: why") == 2
    assert second.startswith(first.split(b"\n\n")[0])
