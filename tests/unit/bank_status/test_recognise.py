"""A file is known by its content; what is hostile or something else is refused with a reason."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest

import payroll
from payroll.bank_status.recognise import ANSWER_BYTES_MAX, SUPPORTED, read_answer
from payroll.model.errors import DamagedInputError
from payroll.texts import catalogue, error_lines, languages
from tests.unit.bank_status.answer_samples import (
    batch,
    block,
    camt,
    detail,
    entry,
    pain002,
    read,
    transaction,
)

PACKAGE = Path(payroll.__file__).parent
GOOD = pain002(block(transaction("SAL-1", "ACSC")))


def refused(content: bytes | str) -> DamagedInputError:
    with pytest.raises(DamagedInputError) as caught:
        read(content)
    for language in languages():
        assert "{" not in "".join(error_lines(caught.value, language))
    return caught.value


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("answer.xml", b"0" * 10_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "-"),
        (b"  \n", "-"),
        (b"\x00\x01\x02", "?"),
        (b"hello", "?"),
        (_zip(), "ZIP"),
        (gzip.compress(b"0" * 1_000_000), "GZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"\n<html><body>Login</body>", "HTML"),
        (b":20:940\r\n:25:BE68\r\n:60F:C220530EUR1,00\r\n", "MT940"),
        (b"{1:F01KREDBEBBAXXX}{2:I940}{4:\r\n:20:1", "MT940"),
        (b"Date;Montant;Communication\r\n31/05/2022;-1,00;x\r\n", "CSV"),
        (b"<a/>", "XML <a>"),
        (b"<Document><CstmrPmtStsRpt/></Document>", "XML <Document>"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "pain.001.001.09"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"/>', "camt.029.001.09"),
    ],
)
def test_something_else_is_named(content: bytes, kind: str) -> None:
    error = refused(content)
    assert (error.error_id, error.params["kind"]) == ("answer_not_recognised", kind)
    assert error.params["supported"] == ", ".join(SUPPORTED)


@pytest.mark.parametrize(
    ("namespace", "kind"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.14", "camt.053.001.14"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.001.15", "pain.002.001.15"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.001.02", "pain.002.001.02"),
        ("urn:iso:std:iso:20022:tech:xsd:pain.002.002.02", "pain.002.002.02"),
        ("http://www.six-interbank-clearing.com/de/camt.053.001.14.ch.01", "camt.053.001.14.ch.01"),
        ("urn:other:pain.002.004.03", "pain.002.004.03"),
    ],
)
def test_another_version_is_named_with_those_that_are_read(namespace: str, kind: str) -> None:
    error = refused(f'<Document xmlns="{namespace}"/>')
    assert (error.error_id, error.params["kind"]) == ("answer_version", kind)
    assert "pain.002.001.03-14" in error.params["supported"]


def test_the_name_of_the_file_decides_nothing() -> None:
    content = GOOD.encode()
    assert read_answer("photo.jpg", content) == read_answer("x.xml", content)
    assert read_answer("x", content).sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return ANSWER_BYTES_MAX + 1

    assert refused(Huge(b"<")).error_id == "answer_too_large"


DOCTYPES = {
    "external entity": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "external dtd": '<!DOCTYPE Document SYSTEM "http://127.0.0.1/evil.dtd">',
    "parameter entity": '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>',
    "billion laughs": "<!DOCTYPE d [<!ENTITY a0 'lol'>"
    + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
    + "]>",
    "empty": "<!DOCTYPE Document>",
}


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_any_encoding(doctype: str, encoding: str) -> None:
    hostile = GOOD.replace("\n<Document", f"\n{doctype}<Document", 1)
    hostile = hostile.replace("SAL-1", "&a11;").replace(
        'encoding="UTF-8"', f'encoding="{encoding}"'
    )
    tracemalloc.start()
    assert refused(hostile.encode(encoding)).error_id == "answer_entities"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000  # nothing was expanded


def test_an_entity_without_declaration_is_malformed() -> None:
    assert refused(GOOD.replace("SAL-1", "&xxe;")).error_id == "answer_malformed"


def test_utf_16_without_doctype_is_read() -> None:
    content = GOOD.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert read(content).facts == read(GOOD).facts


HEAD = GOOD[: GOOD.index("<OrgnlPmtInfAndSts>")]
HOSTILE = {
    "deep": HEAD + "<a>" * 100_000,
    "many elements of many names": HEAD + "".join(f"<a{i}/>" for i in range(5_000)),
    "many attributes": HEAD + "".join(f'<a b{i}=""/>' for i in range(5_000)),
    "a long tag": HEAD + "<a " + " ".join(f'b{i}="1"' for i in range(20_000)) + "/>",
    "a long comment": HEAD + "<!--" + "x" * 100_000 + "-->",
    "a long text": HEAD + "<OrgnlPmtInfAndSts><OrgnlPmtInfId>" + "x" * 50_000,
    "many values": HEAD + "<OrgnlPmtInfAndSts>" + "<a>b</a>" * 5_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_goes_beyond_an_answer_is_refused_in_little_memory(content: str) -> None:
    data = content.encode()
    tracemalloc.start()
    error = refused(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.error_id == "answer_nested"
    assert peak < 5_000_000


@pytest.mark.parametrize("limit", ["ELEMENTS_MAX", "RECORDS_MAX"])
def test_elements_and_records_are_counted(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pain002(block("".join(transaction(f"S{i}", "ACSC") for i in range(100))))
    assert len(read(many).facts) == 100
    monkeypatch.setattr(f"payroll.bank_status.xml.{limit}", 80)
    assert refused(many).error_id == "answer_nested"


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "rot13", "no-such"])
def test_an_encoding_that_is_not_known_is_malformed(encoding: str) -> None:
    hostile = GOOD.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert refused(hostile).error_id == "answer_malformed"


def test_a_cut_file_names_the_line() -> None:
    error = refused(GOOD[:-40])
    assert (error.error_id, error.where) == ("answer_malformed", "answer!R3")


def test_another_message_in_a_known_namespace_is_refused() -> None:
    assert refused(GOOD.replace("CstmrPmtStsRpt", "CstmrCdtTrfInitn")).params == {
        "element": "CstmrPmtStsRpt"
    }
    error = refused(GOOD.replace("Document", "Dokument"))
    assert error.error_id == "answer_not_recognised"
    assert error.params["kind"] == "pain.002.001.03 XML <Dokument>"


def test_elements_of_another_namespace_say_nothing() -> None:
    more = '<x:TxSts xmlns:x="urn:other">RJCT</x:TxSts>'
    odd = GOOD.replace("<TxSts>", more + "<TxSts>")
    assert read(odd).facts == read(GOOD).facts


def test_a_large_batch_is_streamed() -> None:
    """A statement of 20,000 payments takes no more memory than the facts it becomes."""
    details = "".join(detail(f"SAL-{number:06}", "1234.56") for number in range(20_000))
    content = camt(entry("24691200.00", "DBIT", batch(20_000) + details)).encode()
    tracemalloc.start()
    answer = read(content)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(answer.facts) == 20_001
    assert peak - held < 3_000_000


def test_every_error_and_remark_has_its_words() -> None:
    sources = [
        *(PACKAGE / "bank_status").glob("*.py"),
        PACKAGE / "rulebook/answers.py",
        PACKAGE / "ledger/answers.py",
    ]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    raised = r'(?:(?:Error|damaged)\(\s*|(?:doctype|beyond|malformed|missing|twice|long)=)"(\w+)"'
    errors = set(re.findall(raised, text))
    remarks = set(re.findall(r'\.(?:say|count)\(\s*"(\w+)"', text))
    assert len(errors) == 21
    assert len(remarks) == 12
    for error_id in errors:
        parts = {name for name in catalogue() if name.startswith(f"{error_id}.")}
        assert parts == {f"{error_id}.{part}" for part in ("what", "expected", "remedy")}
    for remark in remarks:
        assert all(isinstance(catalogue(language)[remark], str) for language in languages())
    prefixes = ("answer_", "coda_")
    ours = {name.partition(".")[0] for name in catalogue() if name.startswith(prefixes)}
    assert ours == errors | remarks
