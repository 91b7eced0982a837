"""What a file looks like by its content, whatever its name."""

from __future__ import annotations

import pytest

from payroll.demo.workspace import demo_files
from payroll.ingest.look import look
from tests.bank_shapes.coda import coda_account, move
from tests.unit.ingest.bank_samples import block, pain001, tx

PAIN = pain001(block(tx()))
CAMT = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{0:02}">
<BkToCstmrStmt><Stmt>{1}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = (
    "<Ntry><Amt Ccy='EUR'>1.00</Amt><CdtDbtInd>{}</CdtDbtInd><BookgDt><Dt>{}</Dt></BookgDt></Ntry>"
)


def test_an_order_to_pay_in_any_version_prefix_and_encoding() -> None:
    found = look(PAIN)
    assert found is not None
    kind, first, last = found
    assert kind == "order"
    assert first == last
    assert first.startswith("2022-04")
    text = PAIN.decode()
    variants = [
        text.replace("pain.001.001.03", name) for name in ("pain.001.001.09", "pain.001.003.03")
    ]
    variants += [text.replace("<?xml", "\ufeff<?xml"), "\n<!-- " + "x" * 9000 + " -->" + text]
    for variant in variants:
        assert look(variant.encode()) == found
    assert look(text.encode("utf-16")) == found
    dated = text.replace(f"<ReqdExctnDt>{first}<", f"<ReqdExctnDt><Dt>{first}</Dt><")
    assert look(dated.encode()) == found
    assert look(text.replace(first, "soon").encode()) == ("order", "", "")


@pytest.mark.parametrize("version", [1, 2, 8, 13])
def test_a_statement_is_one_when_money_left(version: int) -> None:
    entries = ENTRY.format("DBIT", "2022-04-29") + ENTRY.format("CRDT", "2022-05-02")
    assert look(CAMT.format(version, entries).encode()) == ("statement", "2022-04-29", "2022-05-02")
    assert look(CAMT.format(version, ENTRY.format("CRDT", "2022-05-02")).encode()) is None
    assert look(CAMT.format(version, "").encode()) is None


def test_a_coda_is_one_when_money_left() -> None:
    out = coda_account(move(-350_000_000, "10105000", "SAL"), moved=-350_000_000)
    assert look(out.encode()) == ("statement", "2022-06-01", "2022-06-01")
    back = coda_account(move(350_000_000, "10150000"), moved=350_000_000)
    assert look(back.encode()) is None


def test_every_list_of_the_sample_hospital_is_a_table() -> None:
    told = {
        path.rsplit("/", 1)[-1]: look(content)
        for path, content in demo_files("small", 1).items()
        if not path.endswith(".toml")
    }
    assert {name: found[0] if found else None for name, found in told.items()} == {
        name: "order" if name.endswith(".xml") else "table" for name in told
    }


@pytest.mark.parametrize(
    ("content", "table"),
    [
        (b"Liste des entr\xe9es\nMatricule;Nom;Date\n1;A;2022-05-01\n2;B;2022-05-02\n", True),
        (b"id,name,amount\n1,A,3\n2,B,4\n", True),
        (b"id\tname\n1\tA\n", True),
        (b"<html><body><TABLE><tr><td>1</td></tr></table>", True),
        (b"A note, with a comma.\nAnother line, with one.\nAnd, well, more.\n", False),
        (b'period = "2022-05"\n', False),
        (b"%PDF-1.4\n1;2;3\n1;2;3\n", False),
        (b"", False),
        (b"\x00\x01;\x02;\n;;\n", False),
        (b'{"a": [1, 2, 3],\n "b": [1, 2, 3]}', False),
    ],
)
def test_tables_and_what_is_none(content: bytes, table: bool) -> None:
    assert look(content) == (("table", "", "") if table else None)
