"""A schema refuses what pandas does silently."""

from __future__ import annotations

import pandas as pd
import pytest

from payroll.model.errors import InvariantError
from payroll.model.frames import BOOL, INT, TEXT, FrameSchema, join_texts
from payroll.model.tables import FIELDS, KINDS, no_tables, table_schema

SCHEMA = FrameSchema("small", {"key": TEXT, "net_cents": INT}, key=("key",), sort=("key",))


def test_rows_come_back_sorted_in_column_order() -> None:
    frame = SCHEMA.from_rows([{"net_cents": 2, "key": "b"}, {"net_cents": 1, "key": "a"}])
    assert frame.to_dict("list") == {"key": ["a", "b"], "net_cents": [1, 2]}
    assert SCHEMA.from_rows([]).empty


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"key": ["a"], "net_cents": [1.0]}),
        pd.DataFrame({"key": ["a"]}),
        pd.DataFrame({"key": ["a", "a"], "net_cents": [1, 2]}),
        pd.DataFrame({"key": ["a", None], "net_cents": [1, 2]}).astype({"key": "str"}),
        pd.DataFrame({"key": ["a"], "net_cents": [10**13 + 1]}),
    ],
    ids=["float", "missing column", "repeated key", "null text", "beyond the limit"],
)
def test_broken_promises_are_our_bug(frame: pd.DataFrame) -> None:
    with pytest.raises(InvariantError):
        SCHEMA.conform(frame)


def test_every_kind_has_a_schema_with_companions_for_optional_numbers() -> None:
    tables = no_tables()
    for kind in KINDS:
        assert list(tables[kind].columns) == list(table_schema(kind).columns)
    assert table_schema("invoices").columns["amount_excl_vat_given"] == BOOL
    assert "amount_given" not in table_schema("invoices").columns
    assert {item.name for item in FIELDS["adjustments"] if item.required} == {
        "adjustment_id",
        "payee_id",
        "kind",
        "reason",
        "evidence",
        "entered_by",
    }


def test_a_cell_is_named_as_its_reader_finds_it() -> None:
    assert no_tables().cell("a.xlsx!P!R4", "iban") == "a.xlsx!P!R4, iban"
    assert join_texts(["b", "", "a", "b"]) == "b; a"
