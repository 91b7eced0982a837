"""Whatever bytes come, they are a BankAnswer or refused with words: never another exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.bank_status.recognise import read_answer
from payroll.model.answers import AnswerFact, BankAnswer
from payroll.model.errors import DamagedInputError
from payroll.texts import error_lines
from tests.unit.bank_status import answer_samples as samples

GOOD = [
    samples.pain002(
        samples.block(
            samples.reason("DT06")
            + samples.transaction("A", "RJCT", samples.reason("AC04"), samples.original("12.34")),
            "PART",
        ),
        group="<OrgnlNbOfTxs>2</OrgnlNbOfTxs><GrpSts>PART</GrpSts>",
    ),
    samples.camt(
        samples.entry(
            "30.00",
            "DBIT",
            samples.batch(2) + samples.detail("A", "10.00", version="08"),
            version="08",
        ),
        version="08",
        before=samples.balance("OPBD", "30.00") + samples.balance("CLBD", "0.00"),
    ),
    samples.coda(
        [
            *samples.coda_move(1, -300, "10105000", reference="B"),
            *samples.coda_move(1, -300, "50105000", detail_number=1, reference="A"),
            *samples.coda_move(2, 300, "00154000", reference="A", r_type="2", r_reason="AC04"),
        ],
        debit_cents=300,
        credit_cents=300,
    ),
]
CONTENTS = [content.encode() for content in GOOD]

#: What a mutation puts in: single bytes, and pieces that mean something to a reader.
_PIECES = st.one_of(
    st.binary(max_size=3),
    st.sampled_from(
        [
            b"<",
            b">",
            b"</",
            b"&#0;",
            b"&x;",
            b"<!DOCTYPE d>",
            b"<![CDATA[",
            b"\n",
            b"\r",
            b"\x00",
            b"9",
            b"-",
            b" ",
            b"BOOK",
            b"CRDT",
            b"\xc3\xa9",
            b"\x81",
            b"<TxSts>RVNM</TxSts>",
        ]
    ),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    content = draw(st.sampled_from(CONTENTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        content = content[:start] + draw(_PIECES) + content[end:]
    return content[: draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))]


def _is_sound(answer: BankAnswer) -> None:
    assert answer.kind in ("pain.002", "camt.053", "camt.054", "coda")
    for fact in answer.facts:
        assert isinstance(fact, AnswerFact)
        assert fact.amount_cents is None or fact.amount_cents >= 0
        assert (fact.what == "vop") <= (answer.kind == "pain.002")
        assert not (fact.booked and fact.code in ("PDNG", "RJCT"))
        assert len(fact.additional) <= 10
        assert all(text.isprintable() for text in fact.additional)


def _read_or_refused(content: bytes) -> None:
    try:
        answer = read_answer("answer", content)
    except DamagedInputError as error:
        _is_said(error)
        return
    _is_sound(answer)


def _is_said(error: DamagedInputError) -> None:
    for language in ("fr", "nl", "en"):
        assert all(error_lines(error, language))


@given(mutated())
@settings(max_examples=1500, deadline=None)
def test_mutated_answers(content: bytes) -> None:
    _read_or_refused(content)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes(content: bytes) -> None:
    _read_or_refused(content)


@given(st.sampled_from(CONTENTS[:2]), st.integers(0, 5000))
@settings(max_examples=200, deadline=None)
def test_a_cut_message_is_always_refused(content: bytes, length: int) -> None:
    cut = content[: min(length, len(content) - 1)]
    try:
        read_answer("answer", cut)
    except DamagedInputError:
        return
    raise AssertionError("a file without its end was read")


@given(st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_a_cut_coda_is_always_refused(length: int) -> None:
    cut = CONTENTS[2][: min(length, len(CONTENTS[2].rstrip()) - 1)]
    try:
        read_answer("answer", cut)
    except DamagedInputError:
        return
    raise AssertionError("a statement without its end was read")
