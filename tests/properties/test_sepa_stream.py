"""The streamed file is, byte for byte, the file that sepaxml alone would have written."""

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from payroll.model.charset import convert, is_plain
from payroll.sepa.adapter import MessageHeader, Transaction
from payroll.sepa.reader import read_message
from payroll.sepa.stream import write_message, write_plainly
from payroll.sepa.validate import validate_xsd

WORDS = st.text(alphabet="abcXYZ019/-?:().,'+ &<>%é\"=", min_size=1, max_size=20)
PLAIN = st.text(alphabet="abcXYZ019-?:().,'+", min_size=1, max_size=20)
REFERENCES = st.sampled_from(["", "010806817183", "RF18539007547034"])


def transactions(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Transaction]]:
    one = st.builds(
        Transaction,
        end_to_end_id=texts,
        amount_cents=st.integers(1, 10**9),
        name=texts,
        iban=st.just("BE71096123456769"),
        remittance=texts | st.just(""),
        reference=REFERENCES,
        purpose=st.sampled_from(["", "BONU", "ADVA"]),
    )
    return st.lists(one, min_size=1, max_size=6)


CREATED_AT = datetime(2022, 5, 23, 9)  # noqa: DTZ001 - local time, as the message has it
HEADERS = st.builds(
    MessageHeader,
    version=st.sampled_from(["pain.001.001.03", "pain.001.001.09"]),
    message_id=st.just("M-1"),
    payment_information_id=st.just("M-1-P"),
    created_at=st.just(CREATED_AT),
    initiator_id=st.just("0403170701"),
    debtor_name=PLAIN | st.just("A & B <é%>"),
    debtor_iban=st.just("BE68539007547034"),
    debtor_bic=st.sampled_from(["", "GKCCBEBB"]),
    execution_date=st.just(date(2022, 5, 31)),
    batch_booking=st.booleans(),
    priority=st.sampled_from(["", "HIGH"]),
    category_purpose=st.sampled_from(["", "SALA"]),
    debtor_town=st.sampled_from(["", "Arlon"]),
    debtor_country=st.just("BE"),
    address_in_lines=st.booleans(),
)


@given(HEADERS, transactions(WORDS))
def test_streamed_bytes_are_the_plain_bytes(
    header: MessageHeader, items: list[Transaction]
) -> None:
    assert write_message(header, items) == write_plainly(header, items)


@given(HEADERS, transactions(PLAIN))
def test_what_is_written_is_valid_and_read_back(
    header: MessageHeader, items: list[Transaction]
) -> None:
    content = write_message(header, items)
    validate_xsd(content, header.version)
    read = read_message(content).payments()
    assert read["amount_cents"].tolist() == [item.amount_cents for item in items]
    assert read["name"].tolist() == [item.name for item in items]
    assert read["purpose"].tolist() == [item.purpose for item in items]
    assert read["structured_reference"].tolist() == [item.reference for item in items]
    assert read["remittance"].tolist() == [
        "" if item.reference else item.remittance for item in items
    ]


@given(st.text(max_size=60))
def test_a_converted_text_can_be_sent_and_stays_so(text: str) -> None:
    converted = convert(text)
    if not converted.problem:
        assert is_plain(converted.text)
        assert convert(converted.text).text == converted.text
