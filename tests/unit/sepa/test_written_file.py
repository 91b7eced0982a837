"""The gate after writing: what the XSD accepts and a bank refuses, planted into a written file."""

import re
from datetime import date

import pytest

from payroll.model.errors import InvariantError
from payroll.sepa.files import write_sepa
from payroll.sepa.reader import ReadMessage, must_equal, read_message
from payroll.sepa.validate import must_be_sendable, must_have_address, validate_xsd
from tests.unit.sepa.sepa_samples import CREATED_AT, employer, frame, order, payment, profiles

V9 = "pain.001.001.09"
TODAY = date(2022, 5, 23)
PAYMENTS, _FILES, _, _ = write_sepa(
    frame(
        payment(1, stream="invoices", structured_reference="010806817183"),
        payment(2, stream="invoices", amount_cents=100),
        payment(3, stream="invoices"),
    ),
    order(),
    employer(),
    profiles(),
    CREATED_AT,
)
GOOD = _FILES[0].content


def gate(content: bytes) -> None:
    must_be_sendable(content, read_message(content), V9, TODAY)


def test_the_file_itself_passes() -> None:
    validate_xsd(GOOD, V9)
    gate(GOOD)
    must_equal(PAYMENTS, read_message(GOOD).payments())


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (rb">1\.00<", b">0.00<", "amount:bounds"),
        (rb">1\.00<", b">1.000<", "amount:shape"),
        (rb">1\.00<", b">1E3<", "amount:shape"),
        (rb">1\.00<", b">1<", "amount:shape"),
        (rb">1\.00<", b">1000000000.00<", "amount:shape"),
        (rb">1\.00<", b">2.00<", "sum, block_sum"),
        (rb'Ccy="EUR"', b'Ccy="USD"', "not in euro"),
        (rb"<IBAN>BE\d\d679", b"<IBAN>BE10679", "iban:checksum"),
        (rb"<NbOfTxs>3<", b"<NbOfTxs>4<", "count, block_count"),
        (rb"010806817183", b"010806817100", "reference"),
        (rb">BBA<", b">ISO<", "reference"),
        (rb"Anna Dupont 2", "Anné".encode(), "name:charset"),
        (rb"Anna Dupont 2", b"/Anna", "name:charset"),
        (rb"Anna Dupont 2", b" ", "name:empty"),
        (rb"Anna Dupont 2", b"N" * 71, "name:length"),
        (rb"Anna Dupont 2", b"Anna 85073003328", "national_number"),
        (rb"<EndToEndId>P-", b"<EndToEndId>/-", "end_to_end_id:slash"),
        (rb"<MsgId>20", b"<MsgId>//", "message_id:slash"),
        (rb">SLEV<", b">SHAR<", "charges"),
        (rb">SUPP<", b">ZZZZ<", "category_purpose"),
        (rb">SEPA<", b">URGP<", "service_level"),
        (rb"<Dt>2022-05-30<", b"<Dt>2022-05-20<", "execution_date:past"),
        (rb"<Dt>2022-05-30<", b"<Dt>2022-05-29<", "execution_date:closed"),
        (rb">0403170701<", b">0403170702<", "initiator_id"),
        (rb"^<\?xml", b"\xef\xbb\xbf<?xml", "prologue"),
        (rb"<RmtInf><Strd>", b"<RmtInf><Ustrd>x</Ustrd><Strd>", "unknown shape"),
        (rb"<ChrgBr>SLEV</ChrgBr>", b"<ChrgBr>SLEV</ChrgBr><!-- x -->", "comment"),
        (rb"<Document", b"<!DOCTYPE Document><Document", "DTD"),
        (rb"<Nm>Anna Dupont 2</Nm>", b"<Nm/>", "unknown shape"),
        (rb"<Cdtr>", b"<CdtrAgt><FinInstnId/></CdtrAgt><Cdtr>", "unknown shape"),
        (rb"pain\.001\.001\.09", b"pain.001.001.11", "unknown namespace"),
    ],
)
def test_each_planted_fault_is_named(before: bytes, after: bytes, rule: str) -> None:
    count = 0 if before in (rb"<NbOfTxs>3<", rb"<IBAN>BE\d\d679") else 1
    content, changed = re.subn(before, after, GOOD, count=count)
    assert changed
    with pytest.raises(InvariantError, match=re.escape(rule)):
        gate(content)


def test_an_id_that_stands_twice_is_refused() -> None:
    ids = re.findall(rb"<EndToEndId>([^<]+)<", GOOD)
    with pytest.raises(InvariantError, match="end_to_end_id:twice"):
        gate(GOOD.replace(ids[0], ids[1]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b">1.00<", b">-1.00<"),
        (b"<MsgId>", b"<MsgId>" + b"M" * 30),
        (b">TRF<", b">XXX<"),
        (b"</Document>", b""),
        (b"<Cdtr>", b"<Cdtr><X/>"),
        (b">SLEV<", b">FREE<"),
    ],
)
def test_the_schema_refuses(before: bytes, after: bytes) -> None:
    content = GOOD.replace(before, after, 1)
    assert content != GOOD
    with pytest.raises(InvariantError) as caught:
        validate_xsd(content, V9)
    assert "Anna" not in str(caught.value)


def test_an_entity_is_never_resolved() -> None:
    document = b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document'
    content = GOOD.replace(b"<Document", document, 1).replace(b"Anna Dupont 2", b"&x;")
    with pytest.raises(InvariantError):
        validate_xsd(content, V9)
    with pytest.raises(InvariantError):
        read_message(content)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount_cents", 101),
        ("iban", "BE71096123456769"),
        ("creditor_name", "Other"),
        ("remittance", "Other"),
        ("execution_date", "2022-05-31"),
    ],
)
def test_a_difference_names_the_payment(column: str, value: object) -> None:
    changed = PAYMENTS.copy()
    changed.loc[1, column] = value
    read = read_message(GOOD).payments()
    with pytest.raises(InvariantError, match=PAYMENTS["end_to_end_id"].iat[1]):
        must_equal(changed, read)
    with pytest.raises(InvariantError, match=PAYMENTS["end_to_end_id"].iat[1]):
        must_equal(PAYMENTS.drop(index=1), read)


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ({"town": "Arlon", "country": "BE"}, True),
        ({"address_line": "Arlon", "country": "BE"}, False),
        ({"address_line": "Arlon"}, True),
        ({"address_line": "Arlon", "town": "Arlon", "country": "BE"}, True),
        ({}, True),
    ],
)
def test_an_address_of_another_form_than_the_bank_takes_is_refused(
    header: dict[str, str], lines: bool
) -> None:
    with pytest.raises(InvariantError, match="address"):
        must_have_address(ReadMessage(header=header), "Arlon", lines=lines)
