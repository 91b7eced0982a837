import hashlib
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from payroll.model.errors import InvariantError, PayrollError
from payroll.model.findings import Finding
from payroll.model.results import NameChange, SepaFile
from payroll.sepa.files import write_sepa
from payroll.sepa.plan import FILE_BYTES, ROW_BYTES
from tests.shipped import severity
from tests.unit.sepa.sepa_samples import (
    CREATED_AT,
    belgian_iban,
    employer,
    frame,
    order,
    payment,
    profiles,
)

Written = tuple[pd.DataFrame, list[SepaFile], list[NameChange], list[Finding]]
GB = "GB82WEST12345698765432"
RS = "RS35260005601001611379"


def write(*rows: dict[str, object], profile: str = "generic_be", **changes: object) -> Written:
    return write_sepa(frame(*rows), order(), employer(profile, **changes), profiles(), CREATED_AT)


def holds(written: Written) -> list[str]:
    return sorted(item.rule_id for item in written[3] if severity(item) == "hold")


def all_streams() -> list[dict[str, object]]:
    return [
        payment(1),
        payment(2, creditor_name="Zoé D’Hondt"),
        payment(3, stream="bonuses"),
        payment(4, stream="bonuses"),
        payment(5, stream="fees"),
        payment(6, stream="fees", remittance=""),
        payment(7, stream="invoices", structured_reference="010806817183"),
        payment(8, stream="invoices", structured_reference="RF18539007547034"),
        payment(9, stream="invoices", iban=GB),
        payment(10, status="held", hold_rules="HOLD-001"),
    ]


@pytest.mark.parametrize(
    ("profile", "version"),
    [("generic_be", "pain.001.001.09"), ("generic_be_2022", "pain.001.001.03")],
)
@pytest.mark.parametrize("bic", ["GKCCBEBB", ""])
def test_xmllint_accepts_every_file(tmp_path: Path, profile: str, version: str, bic: str) -> None:
    payments, files, _, _ = write(*all_streams(), profile=profile, bic=bic)
    assert [item.path for item in files] == [
        "sepa/bonuses_2022-05-31_01.xml",
        "sepa/fees_2022-05-31_01.xml",
        "sepa/invoices_2022-05-30_01.xml",
        "sepa/salaries_2022-05-31_01.xml",
    ]
    for item in files:
        rows = payments[payments["file"] == item.path]
        assert (len(rows), rows["amount_cents"].sum()) == (item.transactions, item.total_cents)
        assert item.sha256 == hashlib.sha256(item.content).hexdigest()
        assert b"NOTPROVIDED" in item.content or bic
    xmllint = shutil.which("xmllint")
    if xmllint is None:
        pytest.skip("xmllint (libxml2-utils) is not installed")
    with resources.as_file(resources.files("sepaxml") / f"schemas/{version}.xsd") as schema:
        for item in files:
            path = tmp_path / "file.xml"
            path.write_bytes(item.content)
            command = [xmllint, "--noout", "--nonet", "--schema", str(schema), str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


def test_what_a_belgian_bank_wants_stands_in_the_file() -> None:
    _, files, _, _ = write(*all_streams())
    trees = {item.stream: etree.fromstring(item.content) for item in files}

    def texts(stream: str, name: str) -> list[str | None]:
        return [node.text for node in trees[stream].iter(f"{{*}}{name}")]

    assert texts("salaries", "InstrPrty") == ["HIGH"]
    assert texts("salaries", "BtchBookg") == ["true"]
    assert texts("salaries", "Issr") == ["KBO-BCE"]
    assert texts("salaries", "Nm")[0] == "Hopital d'Ici"
    assert texts("salaries", "TwnNm") == []
    assert b"<CtgyPurp><Cd>SALA</Cd></CtgyPurp>" in files[3].content
    assert b"<Purp><Cd>BONU</Cd></Purp>" in files[0].content
    assert b"CtgyPurp" not in files[1].content
    assert texts("invoices", "Ref") == ["010806817183", "RF18539007547034"]
    assert texts("invoices", "Issr")[1:] == ["BBA", "ISO"]
    assert (texts("invoices", "TwnNm"), texts("invoices", "Ctry")) == (["Arlon"], ["BE"])
    assert not any(b"CdtrAgt" in item.content or b"AdrLine" in item.content for item in files)
    assert texts("invoices", "DtTm") == []


def test_held_payments_are_planned_but_in_no_file() -> None:
    payments, files, _, _ = write(payment(1), payment(2), payment(3, status="held"))
    held = payments[payments["status"] == "held"].iloc[0]
    assert (held["file"], held["execution_date"]) == ("", "2022-05-31")
    assert held["end_to_end_id"]
    assert files[0].transactions == 2


def test_two_runs_give_the_same_bytes_in_any_row_order() -> None:
    rows = all_streams()
    first, again = write(*rows), write(*reversed(rows))
    assert [item.content for item in first[1]] == [item.content for item in again[1]]
    pd.testing.assert_frame_equal(first[0], again[0])
    other = write_sepa(frame(*rows), order(), employer(), profiles(), CREATED_AT.replace(minute=1))
    assert {item.message_id for item in first[1]}.isdisjoint(item.message_id for item in other[1])


def test_ids_are_short_unique_and_say_nothing_of_a_person() -> None:
    payments, files, _, _ = write(*all_streams(), payment(11, payment_id="salaries-E00011"))
    ids = payments["end_to_end_id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"[A-Za-z0-9-]{1,35}").all()
    assert not ids.str.contains("E0001").any()
    for item in files:
        assert len(f"{item.message_id}-P") <= 35
    changed = write(payment(1, amount_cents=1))[0]["end_to_end_id"].iat[0]
    assert changed not in set(ids)


@pytest.mark.parametrize("count", [10, 11, 12, 21, 101])
def test_a_split_is_even_and_never_leaves_one(count: int) -> None:
    small = {
        name: profile.model_copy(update={"max_transactions": 10})
        for name, profile in profiles().items()
    }
    rows = frame(*(payment(number) for number in range(count)))
    payments, files, _, _ = write_sepa(rows, order(), employer(), small, CREATED_AT)
    sizes = [item.transactions for item in files]
    assert sum(sizes) == count
    assert max(sizes) <= 10
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) > 1
    by_id = payments.sort_values("payment_id")["file"].tolist()
    assert by_id == sorted(by_id)


def test_a_file_stays_below_the_banks_bytes() -> None:
    small = {
        name: profile.model_copy(update={"max_bytes": 100_000})
        for name, profile in profiles().items()
    }
    long = {"remittance": "Salaire " * 17, "creditor_name": "Anna " * 13, "stream": "bonuses"}
    rows = frame(*(payment(number, **long) for number in range(1_000)))
    _, files, _, _ = write_sepa(rows, order(), employer(bic=""), small, CREATED_AT)
    assert max(len(item.content) for item in files) <= 100_000
    assert min(item.transactions for item in files) > 1


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("generic_be_2022", ([], ["BE"], ["Arlon"])), ("generic_be", (["Arlon"], ["BE"], []))],
)
def test_the_address_has_the_form_that_the_bank_takes(
    profile: str, expected: tuple[list[str], list[str], list[str]]
) -> None:
    _, files, _, _ = write(payment(1, iban=GB), payment(2), profile=profile)
    tree = etree.fromstring(files[0].content)
    found = [[node.text for node in tree.iter(f"{{*}}{n}")] for n in ("TwnNm", "Ctry", "AdrLine")]
    assert tuple(found) == expected


@pytest.mark.parametrize("profile", ["generic_be", "generic_be_2022"])
def test_the_estimates_of_size_are_never_too_small(profile: str) -> None:
    rows = [
        payment(
            number,
            stream="bonuses",
            remittance="",
            structured_reference="RF18539007547034",
            amount_cents=999_999_999,
            iban=GB,
        )
        for number in (1, 2)
    ]
    _, files, _, _ = write(*rows, profile=profile, name="N" * 70, town="T" * 35)
    head, row = files[0].content.split(b"<CdtTrfTxInf>")[:2]
    assert len(head) < FILE_BYTES
    assert len(row) < ROW_BYTES


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"creditor_name": "M\u0430rie"}, "SEPA-001"),
        ({"creditor_name": "Anna\u200b"}, "SEPA-002"),
        ({"creditor_name": "N" * 71}, "SEPA-003"),
        ({"creditor_name": "ß" * 36}, "SEPA-003"),  # 72 letters once converted
        ({"creditor_name": "   "}, "SEPA-004"),
        ({"creditor_name": "..."}, "SEPA-004"),
        ({"remittance": "x" * 141}, "SEPA-005"),
        ({"remittance": "/RFB/1"}, "SEPA-005"),
        ({"structured_reference": "010806817100"}, "SEPA-006"),
        ({"remittance": "NISS 85.07.30-033.28"}, "SEPA-007"),
        ({"iban": RS}, "SEPA-008"),
        ({"amount_cents": 0}, "SEPA-010"),
        ({"amount_cents": -1}, "SEPA-010"),
        ({"iban": "BE44096123456770"}, "SEPA-011"),  # the account's own check digits are wrong
        ({"iban": "BE68539007547034"}, "SEPA-011"),  # our own account
        ({"iban": ""}, "SEPA-011"),
    ],
)
def test_who_cannot_be_paid_is_held_alone(changes: dict[str, object], rule: str) -> None:
    written = write(payment(1, **changes), payment(2), payment(3))
    payments, files, _, findings = written
    assert holds(written) == [rule]
    assert payments["status"].tolist() == ["held", "pay", "pay"]
    assert payments["hold_rules"].tolist() == [rule, "", ""]
    assert files[0].transactions == 2
    finding = next(item for item in findings if item.rule_id == rule)
    assert (finding.subject_kind, finding.subject_id) == ("employee", "E00001")
    assert str(changes.get("creditor_name", "\x00")) not in finding.observed


def test_an_account_outside_the_eea_needs_our_town() -> None:
    assert holds(write(payment(1, iban=GB), payment(2), town="")) == ["SEPA-009"]
    assert holds(write(payment(1, iban=GB), payment(2))) == []


def test_edge_amounts_and_references_pass() -> None:
    payments, _, _, _ = write(
        payment(1, amount_cents=1),
        payment(2, amount_cents=999_999_999),
        payment(3, structured_reference="000000000097", remittance="dropped"),
        payment(4, creditor_name="N" * 70, remittance="x" * 140),
    )
    assert (payments["status"] == "pay").all()
    assert payments["remittance"].iat[2] == ""


def test_a_belgian_reference_abroad_becomes_free_text() -> None:
    payments, files, changes, _ = write(
        payment(1, iban="NL91ABNA0417164300", structured_reference="010806817183"), payment(2)
    )
    assert payments["remittance"].iat[0] == "+++010/8068/17183+++"
    assert payments["structured_reference"].iat[0] == ""
    assert b"Strd" not in files[0].content
    assert [item.after for item in changes if item.field == "remittance"] == [
        "+++010/8068/17183+++"
    ]


def test_every_changed_text_is_reported() -> None:
    _, _, changes, _ = write(payment(1, creditor_name="Zoé D’Hondt"), payment(2))
    assert changes == [
        NameChange(
            payment_id="", field="debtor_name", before="Hôpital d’Ici", after="Hopital d'Ici"
        ),
        NameChange(
            payment_id="P-000000000001",
            field="creditor_name",
            before="Zoé D’Hondt",
            after="Zoe D'Hondt",
        ),
    ]


@pytest.mark.parametrize(
    ("pay_on", "salaries_on", "invoices_on", "rules"),
    [
        ("2022-05-31", "2022-05-31", "2022-05-31", set()),
        ("2022-06-05", "2022-06-03", "2022-06-06", {"SEPA-021", "SEPA-022"}),  # Sunday, Whit
        ("2022-05-26", "2022-05-26", "2022-05-26", {"SEPA-022"}),  # Ascension, TARGET open
        ("2023-04-07", "2023-04-06", "2023-04-11", {"SEPA-021", "SEPA-023"}),  # Good Friday
        ("2022-06-23", "2022-06-23", "2022-06-23", {"SEPA-023"}),
        ("2022-05-23", "2022-05-23", "2022-05-23", set()),
    ],
)
def test_dates(pay_on: str, salaries_on: str, invoices_on: str, rules: set[str]) -> None:
    rows = frame(*(payment(n, stream=s) for n, s in enumerate(("salaries", "invoices") * 2)))
    payments, _, _, findings = write_sepa(
        rows, order(pay_on, pay_on), employer(), profiles(), CREATED_AT
    )
    dates = payments.groupby("stream")["execution_date"].first()
    assert (dates["salaries"], dates["invoices"]) == (salaries_on, invoices_on)
    assert {item.rule_id for item in findings} - {"SEPA-025"} == rules


def test_the_cut_off_of_the_same_day() -> None:
    rows = frame(payment(1), payment(2))
    late = CREATED_AT.replace(hour=14)
    findings = write_sepa(rows, order("2022-05-23"), employer(), profiles(), late)[3]
    assert "SEPA-024" in {item.rule_id for item in findings}


@pytest.mark.parametrize(
    ("pay_on", "error_id"), [("2022-05-20", "sepa_date_past"), ("2023-06-30", "sepa_date_too_far")]
)
def test_a_date_no_bank_takes_refuses_the_run(pay_on: str, error_id: str) -> None:
    with pytest.raises(PayrollError) as caught:
        write_sepa(frame(payment(1)), order(pay_on), employer(), profiles(), CREATED_AT)
    assert (caught.value.error_id, caught.value.exit_code) == (error_id, 3)


def test_a_payment_alone_is_warned_of() -> None:
    findings = write(payment(1))[3]
    assert [item.subject_id for item in findings if item.rule_id == "SEPA-020"] == [
        "sepa/salaries_2022-05-31_01.xml"
    ]


def test_unknown_profile_and_name() -> None:
    for changes, error_id in (
        ({"profile": "nowhere"}, "sepa_profile_unknown"),
        ({"name": "Больница"}, "sepa_debtor_name"),
    ):
        with pytest.raises(PayrollError) as caught:
            write(payment(1), **changes)  # type: ignore[arg-type]
        assert caught.value.error_id == error_id


def test_payments_from_no_account_of_ours_are_our_bug() -> None:
    with pytest.raises(InvariantError, match="salaries"):
        write(payment(1), account=[])


def test_nothing_to_pay_writes_nothing() -> None:
    payments, files, _, _ = write()
    assert payments.empty
    assert files == []
    assert write(payment(1, status="held"))[1] == []


def test_every_other_account_form_is_paid() -> None:
    foreign = ("LU280019400644750000", "FR1420041010050500013M02606", "DE89370400440532013000")
    rows = [payment(number, iban=iban) for number, iban in enumerate(foreign)]
    assert holds(write(*rows, payment(9, iban=belgian_iban(9)))) == []
