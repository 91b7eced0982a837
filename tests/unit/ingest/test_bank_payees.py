"""Whose a payment of the bank is: number and name before account, and never a silent guess."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll.ingest.bank_payees import with_payees
from payroll.model.tables import BANK_PAYMENT_ROWS, no_tables, table_schema
from tests.unit.ingest.bank_samples import IBANS, bank, block, pain001, register, staff, tx
from tests.unit.ingest.ingest_samples import read_many

A, B, C, D, E = IBANS
Source = tuple[dict[str, object], bytes]
ANNE = ("1042", "Anne", "Modèle", A)
BART = ("1043", "Bart", "Voorbeeld", B)


def whose(content: bytes, *lists: Source) -> list[tuple[str, str]]:
    rows = read_many([*lists, bank(content)])[0].bank
    return list(zip(rows["payee_id"], rows["matched_by"], strict=True))


@pytest.mark.parametrize(
    "name", ["ANNE MODELE", "Modele Anne", "MODÈLE, ANNE", "Mme Anne Modèle", "  anne   modele "]
)
def test_a_name_is_the_same_in_any_order_case_and_dress(name: str) -> None:
    assert whose(pain001(block(tx(name, C))), staff(ANNE, BART)) == [("1042", "name")]


@pytest.mark.parametrize(
    ("listed", "at_bank"), [("Müller", "MUELLER"), ("Søby", "SOBY"), ("Straße", "STRASSE")]
)
def test_a_bank_writes_letters_its_own_way(listed: str, at_bank: str) -> None:
    people = staff(("1042", "Jörg", listed, A))
    assert whose(pain001(block(tx(f"{at_bank} JOERG", C))), people) == [("1042", "name")]


@pytest.mark.parametrize("name", ["ANNE MODELE-FICTIF", "ANNE MARIE MODELE"])
def test_a_name_within_the_other_is_near(name: str) -> None:
    """A maiden name, a second given name."""
    assert whose(pain001(block(tx(name, C))), staff(ANNE, BART)) == [("1042", "near_name")]
    cut = staff(("1042", "Anne Marie", "Modèle-Fictif", A))
    assert whose(pain001(block(tx("ANNE FICTIF", C))), cut) == [("1042", "near_name")]


def test_swapped_accounts_follow_the_names() -> None:
    content = pain001(block(tx("ANNE MODELE", A), tx("BART VOORBEELD", B)))
    swapped = staff(("1042", "Anne", "Modèle", B), ("1043", "Bart", "Voorbeeld", A))
    assert whose(content, swapped) == [("1042", "name"), ("1043", "name")]


def test_a_name_lent_by_a_colleague_takes_nothing_from_him() -> None:
    """Anne's row now says Bart's name and a thief's account: Bart keeps his payment."""
    thief = staff(("1042", "Bart", "Voorbeeld", D), BART)
    content = pain001(block(tx("ANNE MODELE", A), tx("BART VOORBEELD", B)))
    assert whose(content, thief) == [("", ""), ("1043", "name")]
    mule = staff(("1042", "Bart", "Voorbeeld", B), BART)
    found = whose(content, mule, register(("1042", "1500,00", B), ("1043", "2000,00", B)))
    assert found == [("", ""), ("1043", "name")]


def test_a_number_decides_before_names_when_something_else_agrees() -> None:
    content = pain001(block(tx("BART VOORBEELD", B, reference="SAL/202204/1042")))
    assert whose(content, staff(ANNE, BART)) == [("1043", "name")]
    content = pain001(block(tx("A. MODELE", C, reference="SAL/202204/1042")))
    assert whose(content, staff(ANNE, BART)) == [("1042", "reference")]
    content = pain001(
        block(tx("ANNE MODELE", C, remittance="<RmtInf><Ustrd>N 1042</Ustrd></RmtInf>"))
    )
    assert whose(content, staff(ANNE, ("1044", "Anne", "Modèle", D))) == [("1042", "reference")]


def test_name_and_account_changed_leave_the_number() -> None:
    content = pain001(block(tx("ANNE MODELE", A, reference="X-1042")))
    assert whose(content, staff(("1042", "Gaston", "Faux", D))) == [("1042", "reference_only")]


def test_a_number_that_many_payments_hold_is_a_month_or_a_batch() -> None:
    people = staff(("2022", "Anne", "Modèle", A), BART)
    content = pain001(block(*(tx(f"P {n}", D, reference=f"SAL 2022 {n}") for n in range(5))))
    assert {payee for payee, _ in whose(content, people)} == {""}


def test_people_of_one_name_are_told_apart_by_account_then_amount() -> None:
    people = staff(("1042", "Anne", "Modèle", A), ("1044", "Anne", "Modèle", B))
    content = pain001(block(tx(iban=B, amount="1500.00"), tx(iban=A)))
    assert whose(content, people) == [("1044", "name"), ("1042", "name")]
    moved = staff(("1042", "Anne", "Modèle", D), ("1044", "Anne", "Modèle", E))
    nets = register(("1042", "2000,00", D), ("1044", "1500,00", E))
    assert whose(content, moved, nets) == [("1044", "name"), ("1042", "name")]


def test_a_namesake_on_another_account_is_nobody() -> None:
    """Anne is paid on her account; a second Anne Modèle on a third account is on no list."""
    content = pain001(block(tx(iban=A), tx(iban=D, amount="1800.00")))
    assert whose(content, staff(ANNE)) == [("1042", "name"), ("", "")]


def test_two_payments_to_one_account_are_one_persons() -> None:
    content = pain001(block(tx(iban=A), tx(iban=A, amount="150.00")))
    assert whose(content, staff(ANNE)) == [("1042", "name")] * 2
    moved = staff(("1042", "Anne", "Modèle", D))
    assert whose(content, moved) == [("1042", "name")] * 2


def test_the_account_alone_says_whether_a_word_agrees() -> None:
    assert whose(pain001(block(tx("ANNE PETERS", A))), staff(ANNE)) == [("1042", "iban")]
    assert whose(pain001(block(tx("GASTON FAUX", A))), staff(ANNE)) == [("1042", "iban_only")]


def test_a_couple_on_one_account_keeps_its_two_payments() -> None:
    couple = staff(ANNE, ("1043", "Bart", "Voorbeeld", A))
    content = pain001(block(tx("BART VOORBEELD", A), tx("ANNE MODELE", A)))
    assert whose(content, couple) == [("1043", "name"), ("1042", "name")]
    joint = pain001(
        block(tx("M MME MODELE VOORBEELD", A), tx("M MME MODELE VOORBEELD", A, "1500.00"))
    )
    nets = register(("1042", "1500,00", A), ("1043", "2000,00", A))
    assert whose(joint, couple, nets) == [("1043", "iban"), ("1042", "iban")]


def test_whom_the_money_is_for_goes_before_whose_account_it_is() -> None:
    """Anne's wage goes to Bart's account, who has his own on it too."""
    couple = staff(("1042", "Anne", "Modèle", B), BART)
    behind = "<UltmtCdtr><Nm>ANNE MODELE</Nm></UltmtCdtr>"
    content = pain001(
        block(tx("BART VOORBEELD", B), tx("BART VOORBEELD", B, "1500.00", after=behind))
    )
    assert whose(content, couple) == [("1043", "name"), ("1042", "name")]


def test_a_new_name_and_account_are_known_by_the_very_net() -> None:
    content = pain001(block(tx("ANNE PETERS", D, "2134.56"), tx("ANNE ANDERS", E, "1000.00")))
    nets = register(("1042", "2134,56", A))
    assert whose(content, staff(ANNE), nets) == [("1042", "amount"), ("", "")]


def test_doctors_and_suppliers_are_found_too() -> None:
    doctors = (
        {"kind": "practitioners", "file": "d.csv"},
        f"N° prestataire;Nom;IBAN\nP1;Dr Zoé Modèle;{C}\n".encode(),
    )
    suppliers = (
        {"kind": "suppliers", "file": "s.csv"},
        f"N° fournisseur;Nom;IBAN\nF1;Matériel Fictif SRL;{D}\n".encode(),
    )
    content = pain001(block(tx("ZOE MODELE", A), tx("MATERIEL FICTIF BV", B), category="SUPP"))
    rows = read_many([staff(BART), doctors, suppliers, bank(content)])[0].bank
    assert rows["payee_kind"].tolist() == ["practitioner", "supplier"]


def test_a_doctor_on_the_staff_keeps_wage_and_fees_apart() -> None:
    doctors = (
        {"kind": "practitioners", "file": "d.csv"},
        f"N° prestataire;Nom;IBAN\nP1;Anne Modèle;{A}\n".encode(),
    )
    content = pain001(block(tx(amount="9000.00"), category="SUPP"), block(tx()))
    rows = read_many([staff(ANNE), doctors, bank(content)])[0].bank
    assert rows["payee_kind"].tolist() == ["practitioner", "employee"]


def test_without_any_list_each_payment_is_its_own_payee() -> None:
    content = pain001(
        block(tx(), tx("MODELE ANNE"), tx("BART VOORBEELD", B)),
        block(tx("FOURNISSEUR SA", C), category="SUPP"),
    )
    found = whose(content)
    assert found[0] == found[1] != found[2]
    assert found[0][0].startswith("BANK-")
    assert len(found[0][0]) == 13
    assert found[3] == ("", "")
    assert whose(pain001(block(tx("BART VOORBEELD", B))))[0] == found[2]


@pytest.mark.parametrize(
    ("references", "numbers"),
    [
        (
            ["SAL/202204/004711", "SAL/202204/004750", "SAL/202204/010254"],
            ["004711", "004750", "010254"],
        ),
        (["E00123-APR", "E00177-APR", "E02000-APR"], ["E00123", "E00177", "E02000"]),
        (["PAY 0001", "PAY 0002", "PAY 0003"], None),  # counts on: the file's own order
        (["A1B2C3D4", "B1C2D3E4", "C1D2E3F4"], None),  # letters that differ: a digest
        (["75010112345", "80010154321", "90010112345"], None),  # national numbers
        (["SAL/004711", "SAL/004711", "SAL/010254"], None),
        (["004711", "SAL 004750", "010254"], None),
    ],
)
def test_a_number_is_taken_only_where_every_payment_has_its_own(
    references: list[str], numbers: list[str] | None
) -> None:
    names = ("ANNE MODELE", "BART VOORBEELD", "ZOE FICTIF")
    content = pain001(
        block(
            *(
                tx(name, iban, reference=text)
                for name, iban, text in zip(names, IBANS, references, strict=False)
            )
        )
    )
    found = [payee for payee, _ in whose(content)]
    if numbers is None:
        assert all(payee.startswith("BANK-") for payee in found)
    else:
        assert found == numbers


NAMES = st.sampled_from(["ANNE MODELE", "MODELE ANNE", "BART VOORBEELD", "ZOE FICTIF", "ZOE"])
ROWS = st.lists(st.tuples(NAMES, st.sampled_from(IBANS), st.integers(1, 4)), max_size=7)


@settings(max_examples=200, deadline=None)
@given(paid=ROWS, people=ROWS)
def test_a_payment_is_one_persons_and_accounts_never_overrule_a_free_name(
    paid: list[tuple[str, str, int]], people: list[tuple[str, str, int]]
) -> None:
    bank_rows = BANK_PAYMENT_ROWS.from_rows(
        {
            **dict.fromkeys(BANK_PAYMENT_ROWS.columns, ""),
            "name": name,
            "iban": iban,
            "amount_cents": cents,
            "execution_date": pd.NaT,
            "source": f"b!B!R{number}",
        }
        for number, (name, iban, cents) in enumerate(paid)
    )
    frames = dict(no_tables().frames)
    schema = table_schema("employees")
    empty = {"str": "", "int64": 0, "bool": False, "datetime64[s]": pd.NaT}
    frames["employees"] = schema.from_rows(
        {
            **{column: empty[dtype] for column, dtype in schema.columns.items()},
            "employee_id": f"N{number}",
            "first_name": name,
            "iban": iban,
            "source": f"s!S!R{number}",
        }
        for number, (name, iban, _) in enumerate(people)
    )
    found = with_payees(bank_rows, frames, "2022-04")
    assert found["source"].tolist() == bank_rows["source"].tolist()
    words = {f"N{number}": set(name.split()) for number, (name, _, _) in enumerate(people)}
    named = {
        payee
        for payee, how in zip(found["payee_id"], found["matched_by"], strict=True)
        if how in ("name", "near_name")
    }
    for name, payee, how in zip(found["name"], found["payee_id"], found["matched_by"], strict=True):
        if people:
            assert (payee == "") == (how == "")
        if how == "name":
            assert words[payee] == set(name.split())
        if how == "iban_only":  # nobody of that very name was free
            assert payee not in named
            alike = {key for key, own in words.items() if own == set(name.split())}
            assert alike <= set(found["payee_id"])


def test_a_hundred_thousand_payees() -> None:
    count = 100_000
    names = [f"Prenom{n % 900} Modele{n}" for n in range(count)]
    ibans = [f"BE{n:014d}" for n in range(count)]
    text = {name: pd.Series([""] * count, dtype="str") for name in BANK_PAYMENT_ROWS.columns}
    rows = pd.DataFrame(text).assign(
        name=pd.Series([name.upper() for name in names], dtype="str"),
        iban=pd.Series(ibans, dtype="str"),
        amount_cents=range(count),
        end_to_end_id=pd.Series([f"SAL/{n:06d}" for n in range(count)], dtype="str"),
    )
    frames = dict(no_tables().frames)
    schema = table_schema("employees")
    staff_rows = pd.DataFrame(
        {name: pd.Series([""] * count, dtype="str") for name in schema.columns}
    ).assign(
        employee_id=pd.Series([f"A{n:06d}" for n in range(count)], dtype="str"),
        first_name=pd.Series([name.split()[0] for name in names], dtype="str"),
        last_name=pd.Series([name.split()[1] for name in names], dtype="str"),
        iban=pd.Series(ibans[1:] + ibans[:1], dtype="str"),
    )
    frames["employees"] = staff_rows
    found = with_payees(rows, frames, "2022-04")
    assert found["payee_id"].tolist() == staff_rows["employee_id"].tolist()
