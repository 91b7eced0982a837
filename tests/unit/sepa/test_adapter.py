"""The private hooks of sepaxml 2.7.0 that the adapter overrides, and the faults it closes."""

import inspect
from datetime import date
from importlib.metadata import version

import pytest
from sepaxml import SepaTransfer

from payroll.model.errors import InvariantError
from payroll.sepa.adapter import MessageHeader, PaymentMessage, Transaction
from payroll.sepa.stream import write_message, write_plainly
from tests.unit.sepa.sepa_samples import CREATED_AT, DEBTOR, belgian_iban

HEADER = MessageHeader(
    version="pain.001.001.09",
    message_id="M",
    payment_information_id="P",
    created_at=CREATED_AT,
    initiator_id="0403170701",
    debtor_name="D",
    debtor_iban=DEBTOR,
    debtor_bic="",
    execution_date=date(2022, 5, 31),
    batch_booking=True,
)
ONE = Transaction("E-1", 12_345, "Anna", belgian_iban(1), "Salaire")


def test_the_hooks_are_those_of_the_pinned_version() -> None:
    assert version("sepaxml") == "2.7.0"
    parameters = {
        "_create_header": ["self"],
        "_add_to_batch_list": ["self", "TX", "payment"],
        "_finalize_batch": ["self"],
        "add_payment": ["self", "payment"],
        "export": ["self", "validate", "pretty_print"],
    }
    for name, expected in parameters.items():
        assert list(inspect.signature(getattr(SepaTransfer, name)).parameters) == expected


def test_a_file_is_exported_once() -> None:
    message = PaymentMessage(HEADER)
    message.add(ONE)
    message.export()
    with pytest.raises(InvariantError, match="twice"):
        message.export()


@pytest.mark.parametrize("cents", [0, -5])
def test_an_amount_that_is_not_positive_is_refused(cents: int) -> None:
    with pytest.raises(InvariantError):
        write_plainly(HEADER, [ONE._replace(amount_cents=cents)])
    with pytest.raises(InvariantError):
        write_message(HEADER, [ONE, ONE._replace(amount_cents=cents)])


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvariantError):
        write_message(HEADER, [])


def test_the_same_transactions_can_be_written_again() -> None:
    assert write_plainly(HEADER, [ONE, ONE]) == write_plainly(HEADER, [ONE, ONE])
