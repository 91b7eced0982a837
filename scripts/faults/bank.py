"""Faults that only the bank's own file tells: lists and register agree with the thief."""

from __future__ import annotations

import re

from faults.desk import REGISTER, Desk, Planted, Row, on, run_wide
from payroll.demo.planted import BANK_FILE
from payroll.demo.workspace import PERIOD_FOLDER

FILE = f"{PERIOD_FOLDER}/{BANK_FILE}"
ACCOUNT = "Compte bancaire"


def _everywhere(desk: Desk, row: Row, iban: str) -> None:
    row[ACCOUNT] = iban
    for paid in desk[REGISTER].of(row.id):
        paid["IBAN"] = iban


def account_changed_everywhere(desk: Desk) -> Planted:
    row = desk.regular()
    _everywhere(desk, row, desk.register.iban())
    return on(row.id)


def accounts_swapped_everywhere(desk: Desk) -> Planted:
    row = desk.regular()
    other = desk.regular(lambda item: item.id != row.id and item[ACCOUNT] != row[ACCOUNT])
    first, second = str(row[ACCOUNT]), str(other[ACCOUNT])
    _everywhere(desk, row, second)
    _everywhere(desk, other, first)
    return on(row.id, other.id)


def name_and_account_changed(desk: Desk) -> Planted:
    """Another name too, so that no name leads to the bank's payment; its number still does."""
    row = desk.regular()
    row["Nom"], row["Prénom"], row["Titulaire du compte"] = "Usurpateur", "Gaston", ""
    _everywhere(desk, row, desk.register.iban())
    return on(row.id)


def name_account_and_number_changed(desk: Desk) -> Planted:
    """The same where the bank's file has no numbers: the register's person was never paid."""
    planted = name_and_account_changed(desk)
    desk.files[FILE] = re.sub(rb"SAL/202204/\d+", b"NOTPROVIDED", desk.files[FILE])
    return planted


def bank_file_cut(desk: Desk) -> Planted:
    payment = re.compile(rb"<CdtTrfTxInf>.*?</CdtTrfTxInf>\n", re.DOTALL)
    desk.files[FILE] = payment.sub(b"", desk.files[FILE], count=1)
    return run_wide("ING-020")


def bank_file_of_march(desk: Desk) -> Planted:
    desk.files[FILE] = desk.files[FILE].replace(b"2022-04-29", b"2022-03-31")
    return run_wide("BANK-010")


def bank_file_twice(desk: Desk) -> Planted:
    copy = BANK_FILE.replace(".xml", "_bis.xml")
    desk.files[f"{PERIOD_FOLDER}/{copy}"] = desk.files[FILE]
    source = f'[[source]]\nkind = "bank_payments"\nfile = "{BANK_FILE}"\n'
    desk.order(source, source.replace(BANK_FILE, copy) + "\n" + source)
    return run_wide("source_twice")


#: Each of some payees. name_account_and_number_changed changes what the bank tells of everybody, so
#: that it stands alone in its run.
FAULTS = (account_changed_everywhere, accounts_swapped_everywhere, name_and_account_changed)
#: Each of a file as a whole.
RUN_FAULTS = (bank_file_cut, bank_file_of_march, bank_file_twice, name_account_and_number_changed)
