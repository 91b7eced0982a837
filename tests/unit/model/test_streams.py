"""The objects of the streams, and the names under which rules and orders speak of several."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

import payroll
from payroll.model.components import HOLIDAY_PAY
from payroll.model.findings import Finding, SubjectKind
from payroll.model.streams import (
    STREAMS,
    StreamNames,
    groups,
    of_source,
    paid_by_item,
    paid_to,
    streams_of,
)
from payroll.model.tables import KINDS, fields_of
from payroll.texts import languages, text

NAMES = TypeAdapter(StreamNames)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_whole(name: str) -> None:
    stream = STREAMS[name]
    assert stream.name == name
    module, _, function = stream.rebuild.rpartition(".")
    assert callable(getattr(import_module(module), function))
    for language in languages():
        for text_id in (f"stream_{name}", f"checks_stream_{name}", stream.remittance):
            assert text(text_id, language)
    assert not stream.own_source or stream.own_source in KINDS
    if stream.items is not None:
        assert stream.items.named_by in {item.name for item in fields_of(stream.items.source_kind)}


def test_payment_ids_tell_the_streams_apart() -> None:
    prefixes = {stream.prefix for stream in STREAMS.values()}
    assert len(prefixes) == len(STREAMS)
    assert all(len(prefix) == 3 and prefix.isalpha() and prefix.isupper() for prefix in prefixes)


def test_who_is_paid_by_which_stream() -> None:
    assert paid_to("employee") == ("salaries", "holiday_pay", "bonuses")
    assert paid_to("practitioner") == ("fees",)
    assert paid_to("supplier") == ("invoices",)
    assert paid_to("file") == ()
    assert paid_by_item() == ("invoices",)
    assert [of_source(kind) for kind in ("premium_hours", "employees")] == ["bonuses", ""]


@pytest.mark.parametrize(
    ("kind", "stream", "concerned"),
    [
        (SubjectKind.EMPLOYEE, "", ("salaries", "holiday_pay", "bonuses")),
        (SubjectKind.EMPLOYEE, "bonuses", ("bonuses",)),
        (SubjectKind.EMPLOYEE, "fees", ()),
        (SubjectKind.RUN, "fees", ()),
    ],
)
def test_the_streams_that_a_finding_concerns(
    kind: SubjectKind, stream: str, concerned: tuple[str, ...]
) -> None:
    finding = Finding(rule_id="REB-010", subject_kind=kind, subject_id="x", stream=stream)
    assert streams_of(finding) == concerned


def test_several_streams_have_a_name_together() -> None:
    assert groups() == {
        "all": ("salaries", "holiday_pay", "bonuses", "fees", "invoices"),
        "monthly": ("salaries", "holiday_pay", "bonuses", "fees"),
        "employee": ("salaries", "holiday_pay", "bonuses"),
        "practitioner": ("fees",),
        "supplier": ("invoices",),
    }
    assert NAMES.validate_python(["all"]) == tuple(STREAMS)
    assert NAMES.validate_python(["fees", "employee", "fees"]) == ("fees", *paid_to("employee"))
    assert NAMES.validate_python([]) == ()


@pytest.mark.parametrize("wrong", [["salarie"], [3], [{}], [["all"]], "all", None])
def test_what_is_no_list_of_streams_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        NAMES.validate_python(wrong)


def test_no_other_module_names_a_stream() -> None:
    """What concerns one stream names its object. (`invoices` is a kind of source as well,
    `holiday_pay` a component.)
    """
    folder = Path(payroll.__file__).parent
    names = set(STREAMS) - {*KINDS, HOLIDAY_PAY}
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert len(names) == 3
    assert found == {"model/streams.py"}
