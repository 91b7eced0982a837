"""Last month's payments as the bank holds them: every dialect read, every doubt told."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.ingest import bank_file
from payroll.model.errors import DamagedInputError
from payroll.model.findings import Finding, Severity
from payroll.model.tables import BANK_PAYMENT_ROWS, SourceSummary
from payroll.texts import error_lines
from tests.shipped import severity
from tests.unit.ingest.bank_samples import IBANS, bank, block, pain001, tx
from tests.unit.ingest.ingest_samples import ids, read_many


def read(*contents: bytes, **source: object) -> tuple[pd.DataFrame, list[Finding]]:
    sources = [bank(content, f"bank/{number}.xml") for number, content in enumerate(contents)]
    tables, findings = read_many([({**item, **source}, content) for item, content in sources])
    return tables.bank, findings


def summary(content: bytes) -> SourceSummary:
    (found,) = read_many([bank(content)])[0].summaries
    return found


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.six-interbank-clearing.com/de/pain.001.001.03.ch.02.xsd",
        "http://www.six-interbank-clearing.com/de/pain.001.001.09.ch.03",
        "urn:swift:xsd:$pain.001.002.02",
        "urn:iso:std:iso:20022:tech:xsd:pain.001.002.03",
        "urn:iso:std:iso:20022:tech:xsd:pain.001.003.03",
        "https://www.six-group.com/pain.001.001.09",
        "urn:bank:PAIN.001.001.03:BE",
    ],
)
def test_swiss_and_german_dialects_are_read(namespace: str) -> None:
    iso = b"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
    content = pain001(block(tx(), day="2022-04-29"), version="03")
    assert iso in content
    rows, findings = read(content.replace(iso, namespace.encode()))
    assert (len(rows), findings) == (1, [])


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(2, 14)])
def test_any_version_is_read(version: str) -> None:
    day = "<Dt>2022-04-29</Dt>" if version >= "08" else "2022-04-29"
    rows, findings = read(pain001(block(tx(), day=day), version=version))
    assert not findings
    (row,) = rows.to_dict("records")
    assert (row["name"], row["iban"], row["amount_cents"]) == ("ANNE MODELE", IBANS[0], 200_000)
    assert row["execution_date"] == pd.Timestamp("2022-04-29")
    assert (row["category_purpose"], row["debtor_iban"]) == ("SALA", IBANS[2])
    assert row["source"] == "bank/0.xml!SAL-1!R1"


def test_prefixes_comments_and_layout_change_nothing() -> None:
    plain, _ = read(pain001(block(tx(), tx("BART VOORBEELD", IBANS[1], "1234.5"))))
    text = pain001(block(tx(), tx("BART VOORBEELD", IBANS[1], "1234.5"))).decode()
    for name in (
        "Document",
        "CstmrCdtTrfInitn",
        "PmtInf",
        "CdtTrfTxInf",
        "Cdtr",
        "Nm",
        "IBAN",
        "Amt",
        "InstdAmt",
        "PmtInfId",
        "CdtrAcct",
        "Id",
        "PmtTpInf",
        "CtgyPurp",
        "Cd",
        "ReqdExctnDt",
        "DbtrAcct",
        "EndToEndId",
        "PmtId",
        "RmtInf",
        "Ustrd",
        "GrpHdr",
        "MsgId",
        "PmtMtd",
    ):
        text = text.replace(f"<{name}>", f"\n\t<s:{name}>\n").replace(f"<{name} ", f"<s:{name} ")
        text = text.replace(f"</{name}>", f"<!-- x --></s:{name}>")
    dressed, findings = read(text.replace("xmlns=", "xmlns:s=").encode())
    assert not findings
    pd.testing.assert_frame_equal(dressed, plain)


def test_the_one_behind_the_account_and_both_kinds_of_remittance() -> None:
    structured = (
        "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
        "<Ref>010806817183</Ref></CdtrRefInf></Strd></RmtInf>"
    )
    two = "<RmtInf><Ustrd>SALAIRE</Ustrd><Ustrd>  AVRIL \n 2022</Ustrd></RmtInf>"
    rows, _ = read(
        pain001(
            block(
                tx(after="<UltmtCdtr><Nm>Noé Fictif</Nm></UltmtCdtr>", remittance=two),
                tx(
                    before="<PmtTpInf><CtgyPurp><Cd>BONU</Cd></CtgyPurp></PmtTpInf>",
                    remittance=structured,
                ),
                tx(after="<Purp><Cd>SALA</Cd></Purp>", remittance=""),
            )
        )
    )
    assert rows["ultimate_name"].tolist() == ["Noé Fictif", "", ""]
    assert rows["remittance"].tolist() == ["SALAIRE AVRIL 2022", "010806817183", ""]
    assert rows["category_purpose"].tolist() == ["SALA", "BONU", "SALA"]


def test_several_blocks_and_files_are_joined_and_each_payment_has_its_place() -> None:
    first = pain001(block(tx()), block(tx(), tx()), block(tx(), block_id="P!2; x"))
    rows, findings = read(first, pain001(block(tx()), message="M2"))
    assert not findings
    assert rows["source"].tolist() == [
        "bank/0.xml!SAL-1!R1",
        "bank/0.xml!SAL-1~2!R1",
        "bank/0.xml!SAL-1~2!R2",
        "bank/0.xml!P_2__x!R1",
        "bank/1.xml!SAL-1!R1",
    ]


def test_what_is_no_amount_in_euro_is_set_aside_with_its_place() -> None:
    content = pain001(
        block(
            tx(),
            tx(amount="10.00", currency="USD"),
            tx(amount="abc"),
            tx(amount="0.00"),
            tx(amount="1.005"),
            tx(amount="100.500"),
            tx(amount="-5.00"),
            tx(amount="10000000.01"),
        )
    )
    rows, findings = read(content)
    assert rows["amount_cents"].tolist() == [200_000, 10_050]
    assert ids(findings) == ["ING-012"] * 6
    assert findings[0].observed == "10.00 USD"
    assert [item.source.rpartition("!")[2] for item in findings] == [
        "R2",
        "R3",
        "R4",
        "R5",
        "R7",
        "R8",
    ]
    found = summary(content)
    assert (found.rows_read, found.rows_used, found.rows_excluded) == (8, 2, 6)
    assert found.totals_cents == {"amount": 210_050}
    assert found.excluded_cents == {"amount": 1_000 + 1_000_000_001}


def totals(count: int, total: str) -> str:
    return f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"


def test_header_totals_that_agree_say_nothing() -> None:
    content = pain001(
        block(tx(), tx(amount="10", currency="USD"), totals=totals(2, "2010")),
        block(tx(amount="5.50"), totals=totals(1, "5.50")),
        header=totals(3, "2015.5"),
    )
    assert ids(read(content)[1]) == ["ING-012"]


@pytest.mark.parametrize(
    ("in_block", "in_header", "told"),
    [
        (totals(1, "4000.00"), "", [("NbOfTxs", "2", "1")]),
        (totals(2, "4000.01"), "", [("CtrlSum", "4000.00", "4000.01")]),
        ("", totals(3, "6000.00"), [("NbOfTxs", "2", "3"), ("CtrlSum", "4000.00", "6000.00")]),
        ("", "<NbOfTxs>two</NbOfTxs>", [("NbOfTxs", "2", "two")]),
    ],
)
def test_header_totals_that_differ_block(
    in_block: str, in_header: str, told: list[tuple[str, str, str]]
) -> None:
    content = pain001(block(tx(), tx(), totals=in_block), header=in_header)
    findings = read(content)[1]
    assert {item.rule_id for item in findings} == {"ING-020"}
    assert {severity(item) for item in findings} == {Severity.BLOCK}
    assert [(item.params["name"], item.observed, item.limit) for item in findings] == told


def test_declared_totals_are_checked_as_of_any_source() -> None:
    content = pain001(block(tx(), tx()))
    assert not read(content, control={"rows": 2, "amount": "4000.00"})[1]
    assert ids(read(content, control={"rows": 3, "amount": "4000.01"})[1]) == ["ING-006"] * 2


SOUND = pain001(block(tx()))
BOMB = SOUND.replace(
    b"<Document", b'<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><Document'
).replace(b"SALAIRE", b"&b;")
XXE = SOUND.replace(
    b"<Document", b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document'
).replace(b"SALAIRE", b"&a;")
ERRORS: dict[str, tuple[bytes, str]] = {
    "bank_not_xml": (b"%PDF-1.4 releve", "bank/0.xml"),
    "bank_xml_damaged": (SOUND[:-40], "bank/0.xml!R1"),
    "bank_xml_dtd": (BOMB, "bank/0.xml"),
    "bank_xml_other": (SOUND.replace(b"pain.001.001.03", b"pain.002.001.03"), "bank/0.xml"),
    "bank_no_payment": (pain001(block()), "bank/0.xml"),
}


@pytest.mark.parametrize("error_id", ERRORS)
def test_each_error_is_raised_and_has_its_words(error_id: str) -> None:
    content, where = ERRORS[error_id]
    with pytest.raises(DamagedInputError) as caught:
        read(content)
    assert (caught.value.error_id, caught.value.where) == (error_id, where)
    for language in ("fr", "nl", "en"):
        assert len(error_lines(caught.value, language)) == 3


@pytest.mark.parametrize(
    "content",
    [
        XXE,
        BOMB.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        SOUND.replace(b"<Document", b'<!DOCTYPE d SYSTEM "http://example.invalid/d.dtd"><Document'),
    ],
)
def test_a_dtd_is_refused_in_any_dress(content: bytes) -> None:
    with pytest.raises(DamagedInputError) as caught:
        read(content)
    assert caught.value.error_id in ("bank_xml_dtd", "bank_not_xml")


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_file, "PAYMENTS_MAX", 1)
    with pytest.raises(DamagedInputError) as caught:
        read(pain001(block(tx(), tx())))
    assert caught.value.error_id == "bank_too_many"
    assert error_lines(caught.value, "fr")


def test_an_element_name_that_is_none_is_damage() -> None:
    """A tree's names are checked when they are asked for: that ended in a traceback."""
    with pytest.raises(DamagedInputError) as caught:
        read(
            SOUND.replace(b"<Document", b"<Documen:xsd:t").replace(
                b"</Document", b"</Documen:xsd:t"
            )
        )
    assert caught.value.error_id == "bank_xml_damaged"


def test_a_message_of_many_levels_and_an_endless_text_are_damage() -> None:
    for hostile in (b"<x>" * 60 + b"</x>" * 60, b"<Nm>" + b"A" * 30_000 + b"</Nm>"):
        with pytest.raises(DamagedInputError) as caught:
            read(SOUND.replace(b"</PmtInf>", hostile + b"</PmtInf>"))
        assert caught.value.error_id == "bank_xml_damaged"


def test_another_root_is_refused_without_repeating_what_it_says() -> None:
    with pytest.raises(DamagedInputError) as caught:
        read(b'<html xmlns="urn:x:&lt;script&gt;a"><body/></html>')
    assert caught.value.error_id == "bank_xml_other"
    assert "<" not in caught.value.params["found"]


def test_the_same_file_twice_is_refused_under_any_name() -> None:
    with pytest.raises(DamagedInputError) as caught:
        read(SOUND, SOUND)
    assert caught.value.error_id == "source_twice"


def test_missing_and_empty_files_are_those_of_any_source() -> None:
    with pytest.raises(DamagedInputError) as caught:
        read(b" \n")
    assert caught.value.error_id == "empty_file"


def test_hidden_characters_and_endless_texts_are_cut() -> None:
    rows, _ = read(pain001(block(tx(name="AN\u202eNE\u200b " + "X" * 5_000))))
    assert rows["name"].iloc[0].startswith("ANNE XXX")
    assert len(rows["name"].iloc[0]) <= 560


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), min_size=1, max_size=4))
def test_every_cent_is_read_once(blocks: list[list[int]]) -> None:
    def euro(cents: int) -> str:
        return f"{cents // 100}.{cents % 100:02d}"

    made = [
        block(*(tx(amount=euro(cents)) for cents in own), totals=totals(len(own), euro(sum(own))))
        for own in blocks
    ]
    everything = [cents for own in blocks for cents in own]
    header = totals(len(everything), euro(sum(everything)))
    rows, findings = read(pain001(*made, header=header))
    assert rows["amount_cents"].tolist() == everything
    assert not findings
    assert rows["source"].is_unique


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 800), gone=st.integers(0, 30), put=st.binary(max_size=12))
def test_no_broken_file_ends_in_a_traceback(at: int, gone: int, put: bytes) -> None:
    """Bytes cut, changed or put in: read, or refused with an error of the catalogue."""
    content = pain001(block(tx(), tx()), header=totals(2, "4000.00"))
    rows, refused = BANK_PAYMENT_ROWS.empty(), None
    try:
        rows, _ = read(content[:at] + put + content[at + gone :])
    except DamagedInputError as error:
        refused = error
    assert len(rows) <= 2
    assert refused is None or error_lines(refused, "nl")
