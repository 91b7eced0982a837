"""Every shape in which banks answer ends as a fact, a listed item or a named refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payroll.bank_status.recognise import read_answer
from payroll.ledger.answers import Imported, import_answer
from payroll.ledger.book import Ledger, open_ledger
from payroll.ledger.proof import problems
from payroll.model.errors import DamagedInputError
from tests.bank_shapes import xml as shapes
from tests.bank_shapes.camt import CAMT
from tests.bank_shapes.coda import CODA
from tests.bank_shapes.pain002 import PAIN
from tests.ledger_samples import OURS, RULES, release, states

SHAPES = {
    f"{kind}: {name}": shape
    for kind, table in (("camt", CAMT), ("pain.002", PAIN), ("CODA", CODA))
    for name, shape in table.items()
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as found:
        release_all(found)
        yield found


def release_all(ledger: Ledger) -> None:
    """One file of three payments."""
    items = [*shapes.PAYMENTS]
    release(ledger, "R1", shapes.FILE, items)


def read(ledger: Ledger, content: bytes) -> Imported:
    return import_answer(
        ledger,
        read_answer("answer", content),
        meaning=RULES.meaning,
        silence=lambda _profile: "nothing",
        at="2022-06-02T10:00:00",
        name="answer",
        ours=frozenset({OURS}),
    )


def test_there_are_shapes_enough() -> None:
    assert len(SHAPES) >= 80


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_comes_to_what_it_says(ledger: Ledger, name: str) -> None:
    shape = SHAPES[name]
    if shape.refused:
        with pytest.raises(DamagedInputError) as caught:
            read(ledger, shape.told())
        assert caught.value.error_id == shape.refused
    else:
        found = read(ledger, shape.told())
        assert tuple(item.why for item in found.unmatched) == shape.listed
    assert states(ledger) == shape.states
    assert problems(ledger) == []


def test_a_reason_without_a_status_and_a_message_are_told(ledger: Ledger) -> None:
    for name in ("a reason without a status", "a reason of the file without a status"):
        assert read(ledger, PAIN[name].told()).unclear == 1
    answer = read_answer("a", CODA["a free message"].told())
    assert "answer_message" in [said.text_id for said in answer.remarks]


# --- versions and dialects -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["052", "053", "054"])
@pytest.mark.parametrize("version", [f"{number:02}" for number in range(1, 14)])
def test_every_version_of_camt(ledger: Ledger, kind: str, version: str) -> None:
    whole = shapes.within(shapes.batch(), version=version)
    back = shapes.within(
        shapes.tx(shapes.ONE, "1000.00", shapes.RETURN, version=version), version=version
    )
    content = shapes.statements(
        shapes.entry(shapes.TOTAL, inside=whole, version=version)
        + shapes.entry("1000.00", "CRDT", back, version=version),
        version=version,
        kind=kind,
    )
    found = read(ledger, content.encode())
    assert (found.events, found.unmatched) == (2, ())
    assert states(ledger) == shapes.only(shapes.ONE, "returned", "executed")


@pytest.mark.parametrize(
    "namespace",
    [
        *(f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{number:02}" for number in range(3, 15)),
        "urn:iso:std:iso:20022:tech:xsd:pain.002.002.03",
        "urn:iso:std:iso:20022:tech:xsd:pain.002.003.03",
        "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02",
        "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd",
        "http://www.six-interbank-clearing.com/de/pain.002.001.10.ch.03.xsd",
    ],
)
def test_every_version_and_dialect_of_pain002(ledger: Ledger, namespace: str) -> None:
    content = shapes.report(shapes.of_block(shapes.of_tx(shapes.ONE, "RJCT")), namespace=namespace)
    assert read(ledger, content.encode()).freed == 1
    assert states(ledger) == shapes.only(shapes.ONE, "rejected")


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.six-interbank-clearing.com/de/camt.052.001.02.ch.01",
        "http://www.six-interbank-clearing.com/de/camt.053.001.04.xsd",
        "http://www.six-interbank-clearing.com/de/camt.054.001.08.ch.02.xsd",
    ],
)
def test_swiss_statements(ledger: Ledger, namespace: str) -> None:
    kind = re.findall(r"camt\.(\d{3})", namespace)[0]
    content = shapes.statements(shapes.entry(shapes.TOTAL), kind=kind)
    iso = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.02"
    assert read(ledger, content.replace(iso, namespace).encode()).unmatched == ()
    assert set(states(ledger).values()) == {"executed"}


HOSTS = (
    "https://www.six-group.com/{}",
    "http://www.ebics.de/{}",
    "urn:swift:xsd:${}",
    "ISO:{}:DE",
    "urn:bank:{}.xsd",
)
NUMBERS = ("053.001.08", "053.001.02", "053.002.02", "053.003.02", "054.002.02", "052.003.02")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("change", [str, str.upper])
def test_whoever_wrote_the_schema_the_same_elements_are_read(
    ledger: Ledger, host: str, number: str, change: type[str]
) -> None:
    kind, version = number[:3], number[-2:]
    content = shapes.statements(
        shapes.entry(shapes.TOTAL, version=version), kind=kind, version=version
    )
    iso = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"
    written = content.replace(iso, host.format(change(f"camt.{number}")))
    assert read(ledger, written.encode()).unmatched == ()
    assert set(states(ledger).values()) == {"executed"}


def test_another_schema_with_other_elements_is_refused_by_what_is_missing(ledger: Ledger) -> None:
    content = shapes.statements(shapes.entry(shapes.TOTAL)).replace("BkToCstmrStmt", "OtherStmt")
    with pytest.raises(DamagedInputError) as caught:
        read(ledger, content.replace("camt.053.001.02", "camt.053.002.02").encode())
    assert (caught.value.error_id, caught.value.params["element"]) == (
        "answer_incomplete",
        "BkToCstmrStmt",
    )


# --- whatever an entry of ours is made of --------------------------------------------------------

IDS = st.sampled_from(["", "NOTPROVIDED", "ELSE", shapes.ONE, shapes.ONE.upper(), shapes.BLOCK])
AMOUNTS = st.sampled_from(["0.00", "999.99", "1000.00", shapes.TOTAL, "3000.76"])
OURS_NAMED = re.compile(rf"{shapes.ONE}|{shapes.FILE}", re.IGNORECASE)


@st.composite
def entries(draw: st.DrawFn) -> str:
    """An entry that names us somewhere, or nowhere, in any way that a bank may choose."""
    places = draw(
        st.fixed_dictionaries(
            {
                "EndToEndId": IDS,
                "PmtInfId": IDS,
                "InstrId": IDS,
                "MsgId": IDS,
                "ref": IDS,
                "text": IDS,
            }
        )
    )
    refs = "".join(
        f"<{name}>{text}</{name}>"
        for name, text in places.items()
        if text and name not in ("ref", "text")
    )
    more = f"<RmtInf><Ustrd>{places['text']}</Ustrd></RmtInf>" if places["text"] else ""
    more += draw(st.sampled_from(["", shapes.RETURN]))
    inside = draw(
        st.sampled_from(
            [
                "",
                shapes.within(shapes.tx(refs=refs, more=more)),
                shapes.within(shapes.tx(refs=refs, more=more, amount="1000.00")),
                shapes.within(shapes.batch(), shapes.tx(refs=refs, more=more)),
                shapes.tx(refs=refs, more=more),
                shapes.within(shapes.batch(message="", block=shapes.BLOCK, count="")),
            ]
        )
    )
    code = draw(st.sampled_from(["SALA", "RRTN", "CHRG", "ESCT"]))
    turned = draw(st.sampled_from(["", "<RvslInd>true</RvslInd>", "<RvslInd>0</RvslInd>"]))
    return shapes.entry(
        draw(AMOUNTS),
        draw(st.sampled_from(["DBIT", "CRDT"])),
        inside,
        status=draw(st.sampled_from(["BOOK", "BOOK", "PDNG", "INFO"])),
        code=shapes.SALARY.replace("SALA", code),
        more=turned,
        before=f"<NtryRef>{places['ref']}</NtryRef>" if places["ref"] else "",
    )


@given(st.lists(entries(), min_size=1, max_size=3))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_entry_that_names_us_is_a_fact_or_is_listed(
    tmp_path_factory: pytest.TempPathFactory, told: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("shape")
    for one in told:
        with open_ledger(folder / f"{len([*folder.iterdir()])}.sqlite", create=True) as ledger:
            release_all(ledger)
            try:
                found = read(ledger, shapes.statements(one).encode())
            except DamagedInputError:
                continue
            if OURS_NAMED.search(one):
                assert found.events or found.unmatched
            booked = [item for item in states(ledger).values() if item == "executed"]
            if booked:
                assert "DBIT" in one
                assert "<RvslInd>true" not in one
            assert problems(ledger) == []
