"""The control sheet says what the bytes of the file say, on one page, whatever the data."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from reportlab import rl_config

from payroll.ledger.keys import fingerprint, public_of
from payroll.model.errors import InvariantError
from payroll.model.frames import RECEIVABLES, TO_SETTLE
from payroll.model.record_frames import RECORD_PAYMENTS, TEXT_CHANGES
from payroll.model.released import EnrolledKey, LedgerHead
from payroll.sepa.facts import file_facts
from payroll.texts import languages
from payroll.texts.shown import iban_shown
from payroll.views.control_sheet.amount_in_words import amount_in_words, number_in_words
from payroll.views.control_sheet.sheet import build_control_sheet
from payroll.views.shown import Shown
from tests.record_samples import OURS, employer_toml
from tests.unit.views.control_sheet.control_sheet_samples import (
    Made,
    belgian,
    held,
    made,
    pages,
    printed,
    run_with,
    texts,
)
from tests.unit.views.review_samples import finding

MODERN = {"day": date(2026, 11, 30), "version": "pain.001.001.09"}


def shown(cents: int, language: str = "fr") -> str:
    """An amount as the paper has it, by another way than the tool's; a PDF knows one blank."""
    text = f"{Decimal(cents) / 100:,.2f}"
    return {
        "fr": text.replace(",", " ").replace(".", ","),
        "en": text,
        "nl": text.replace(",", " ").replace(".", ",").replace(" ", "."),
    }[language]


def masked(iban: str) -> str:
    return f"{iban[:4]}…{iban[-3:]}"


def eights(digest: str) -> str:
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


class Xml:
    """A file read by ElementTree, which knows nothing of the tool."""

    def __init__(self, content: bytes) -> None:
        root = ElementTree.fromstring(content)
        self._space = {"p": root.tag[1:].split("}")[0]}
        self._root = root
        self.payments = [
            (
                item.findtext(".//p:EndToEndId", "", self._space),
                item.findtext("p:CdtrAcct/p:Id/p:IBAN", "", self._space),
                int(Decimal(item.findtext("p:Amt/p:InstdAmt", "", self._space)) * 100),
            )
            for item in root.iterfind(".//p:CdtTrfTxInf", self._space)
        ]
        self.cents = [cents for _, _, cents in self.payments]

    def text(self, path: str) -> str:
        return str(self._root.findtext(f".//p:{path}", "", self._space))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("stream", "more"),
    [
        ("salaries", {}),
        ("invoices", {}),
        ("fees", MODERN),
        ("bonuses", MODERN | {"bic": "GKCCBEBB"}),
    ],
)
def test_every_fact_is_that_of_the_bytes(language: str, stream: str, more: dict) -> None:
    item = made(57, stream=stream, number=3, **more)
    run = run_with(item, language=language)
    say = Shown(run).say
    (page,) = texts(printed(run))
    xml, content = Xml(item.file.content), item.file.content
    digests = [hashlib.new(name, content).hexdigest() for name in ("sha256", "sha1", "md5")]
    only = say("cs_compare_only")
    labelled = {
        say("cs_entity_and_holder"): xml.text("InitgPty/p:Nm"),
        say("cs_kbo"): "0912.364.677",
        say("cs_account"): "BE88 0639 5496 5641",
        "MsgId": xml.text("MsgId"),
        "PmtInfId": xml.text("PmtInfId"),
        say("cs_version"): more.get("version", "pain.001.001.03"),
        say("cs_smallest"): shown(min(xml.cents), language),
        say("cs_largest"): shown(max(xml.cents), language),
        say("cs_iban_hash"): f"{sum(int(iban[-4:]) for _, iban, _ in xml.payments) % 10**6:06d}",
        say("cs_per_block"): say("cs_block", count=57, total=shown(sum(xml.cents), language)),
        "SHA-256": eights(digests[0]),
        f"SHA-1 ({only})": eights(digests[1]),
        f"MD5 ({only})": eights(digests[2]),
        say("cs_inputs"): eights("5e" * 32),
        say("cs_rulebook"): eights(run.rulebook.digest),
        say("cs_run_and_tool"): f"{run.run_id} · {run.code_version}",
        say("cs_digest"): f"{digests[0][:8]} … {digests[0][-8:]}",
        say("cs_number"): str(len(xml.payments)),
        say("cs_total"): shown(sum(xml.cents), language),
    }
    found = {name: page[page.index(name) + 1] for name in labelled}
    assert found == labelled
    assert item.file.path in page
    first, last = xml.payments[0], xml.payments[-1]
    largest = sorted(xml.payments, key=lambda line: -line[2])[:5]
    start = page.index(first[0]) - 1
    rows = [tuple(page[at + 1 : at + 4]) for at in range(start, start + 4 * 7, 4)]
    assert rows == [
        (key, masked(iban), shown(cents, language)) for key, iban, cents in [first, last, *largest]
    ]
    whole = " ".join(page)
    assert number_in_words(57, language) in whole
    assert amount_in_words(sum(xml.cents), language) in whole
    assert say(f"stream_{stream}") in whole
    agent = xml.text("FinInstnId/p:BIC") or xml.text("FinInstnId/p:BICFI")
    assert agent == more.get("bic", "")
    assert (agent or say("cs_no_bic", code=OURS[4:7])) in page
    one = xml.text("BtchBookg") == "true"
    assert say("cs_one_debit" if one else "cs_debit_each") in page
    created = datetime.fromisoformat(xml.text("CreDtTm"))
    assert f"{created:%H:%M:%S}" in whole
    profile = run.rulebook.bank_profiles["generic_be_2022"]
    assert f"{profile.id} · {profile.checked_on} · {profile.digest[:12]}" in page


def test_an_entity_that_pays_from_anothers_account_shows_both_names() -> None:
    item = made()
    content = item.file.content.replace(b"<Dbtr><Nm>Hopital", b"<Dbtr><Nm>Holding")
    assert content != item.file.content
    (page,) = texts(printed(run_with(Made(replace(item.file, content=content), item.rows))))
    assert page[page.index("Entité") + 1] == "Hopital + Cie"
    assert page[page.index("Titulaire") + 1] == "Holding + Cie"
    (page,) = texts(printed(run_with(item)))
    assert page[page.index("Entité, titulaire") + 1] == "Hopital + Cie"
    assert "Titulaire" not in page


def test_days_carry_their_weekday() -> None:
    for language, day in (
        ("fr", "mardi 31 mai 2022"),
        ("nl", "dinsdag 31 mei 2022"),
        ("en", "Tuesday 31 May 2022"),
    ):
        (page,) = texts(printed(run_with(made(), language=language)))
        assert day in page
        assert {
            "fr": "lundi 23 mai 2022, 09:00:07",
            "nl": "maandag 23 mei 2022, 09:00:07",
            "en": "Monday 23 May 2022, 09:00:07",
        }[language] in page


@pytest.mark.parametrize("language", languages())
def test_the_paper_asks_for_what_two_people_must_do(language: str) -> None:
    (page,) = texts(printed(run_with(made(), language=language)))
    whole = " ".join(page)
    say = Shown(run_with(made(), language=language)).say
    for name in (
        "cs_at_bank",
        "cs_do_not_sign",
        "cs_two_people",
        "cs_sign_tool",
        "cs_sign_bank",
        "cs_approvals",
    ):
        assert say(name) in whole
    for name in ("cs_sign_name", "cs_sign_function", "cs_sign_when", "cs_sign_signature"):
        assert page.count(say(name)) == 2
    assert page.count(say("cs_yes")) == page.count(say("cs_no")) == 3
    assert "payroll approve" in whole
    assert "manifest.json" in whole


def test_another_byte_makes_another_sheet() -> None:
    item = made(4)
    before = printed(run_with(item))
    content = item.file.content.replace(b"Personne Inventee 2", b"Personne Inventee 7")
    renamed = Made(replace(item.file, content=content), item.rows)
    assert printed(run_with(renamed)) != before
    swapped = content.replace(item.rows[2]["iban"].encode(), belgian(4_711).encode())
    (first,), (second,) = (
        texts(before),
        texts(printed(run_with(Made(replace(item.file, content=swapped), item.rows)))),
    )
    hash_total = {word for word in first if len(word) == 6 and word.isdigit()}
    assert len(hash_total) == 1
    assert not hash_total & set(second)


def test_a_file_that_states_a_wrong_sum_is_never_printed() -> None:
    item = made(4)
    amount = f"{item.rows[0]['amount_cents'] / 100:.2f}".encode()
    content = item.file.content.replace(b">" + amount, b">1" + amount)
    with pytest.raises(InvariantError, match="another number or sum"):
        file_facts(item.file.path, content)


def test_two_builds_are_the_same_bytes_and_nothing_is_left_behind() -> None:
    before = rl_config.invariant, rl_config.pageCompression
    first = printed(run_with(made(60), made(9, stream="fees"), others=[held(1)]))
    assert printed(run_with(made(60), made(9, stream="fees"), others=[held(1)])) == first
    assert (rl_config.invariant, rl_config.pageCompression) == before


def test_one_page_per_file_also_for_41() -> None:
    files = [made(2, number=number) for number in range(1, 42)]
    found = texts(printed(run_with(*files)))
    assert len(found) == 41
    for number, (page, item) in enumerate(zip(found, files, strict=True), 1):
        assert page.count(f"Feuille {number} / 41") == 2
        assert item.file.path in page
        assert Xml(item.file.content).text("MsgId") in page


@pytest.mark.parametrize("language", languages())
def test_a_run_without_a_file_says_so_and_counts_what_it_holds(language: str) -> None:
    run = run_with(others=[held(1), held(2, "fees", "SEPA-001", 12_345)], language=language)
    say = Shown(run).say
    (page,) = texts(printed(run))
    assert say("cs_nothing") in page
    assert say("cs_total_held", count=2, total=shown(100_001 + 12_345, language)) in page
    assert say("cs_sign_bank") not in page
    assert {"H00001", "H00002"} <= set(page)


def crowded(language: str) -> list:
    """Runs that fill the page: many held, many moved, long names and amounts, both, nothing."""
    many = [held(n) for n in range(300)]
    long_names = made(80, debtor="W" * 70, cents=99_999_000_00, number=41)
    moved = [
        finding(
            "IBAN-003",
            "hold",
            "employee",
            row["payee_id"],
            "",
            "BE71096123456769",
            "BE88063954965641",
            "m",
            "r",
            "s",
        )
        | {"decision": "pay: " + "Wilhelmina " * 20}
        for row in long_names.rows
    ]
    name = "Ż" * 35
    rules = " ".join(f"IBAN-{n:03d}" for n in range(1, 6))
    wide = [
        row | {"payee_id": "W" * 40, "hold_rules": rules, "payment_id": f"W{n}"}
        for n, row in enumerate(many[:30])
    ]
    return [
        run_with(made(), language=language),
        run_with(made(), others=many, language=language),
        run_with(long_names, others=many, findings=moved, language=language),
        run_with(long_names, findings=moved, language=language),
        run_with(
            long_names,
            others=wide,
            language=language,
            employer_name=name,
            run_id="2022-05-" + "f" * 6,
        ),
        run_with(
            long_names, others=many, findings=moved, language=language, inputs=signed(6, language)
        ),
        run_with(made(1, **MODERN), language=language),
        run_with(others=many, language=language, inputs=signed(9, language)),
        run_with(language=language),
    ]


def signed(people: int, language: str) -> dict[str, bytes]:
    """An employer with so many approvers, and a ledger that knows the first of them."""
    listed = "".join(
        f'[[approvers]]\nname = "Zoé Modèle{letter * 3}"\npublic_key = "{public_line(number)}"\n'
        for number, letter in enumerate("abcdefghijklmnop"[:people])
    )
    head = LedgerHead(
        run_id="2022-04-0a1b2c",
        at="2022-04-29T16:00:00",
        events=4_711,
        digest="ab" * 32,
        key=(
            EnrolledKey(
                name="Zoé Modèleaaa",
                fingerprint=fingerprint(public_line(0)),
                at="2022-04-28T09:00:00",
            ),
        ),
    )
    employer = employer_toml(language=language) + f"\n{listed}".encode()
    return {"employer.toml": employer, "ledger.toml": head.text().encode()}


def public_line(number: int) -> str:
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return public_of(key)


@pytest.mark.parametrize("language", languages())
def test_the_last_release_and_the_keys_that_may_sign_are_printed(language: str) -> None:
    inputs = signed(2, language)
    (page,) = texts(printed(run_with(made(), language=language, inputs=inputs)))
    whole = " ".join(page)
    assert eights("ab" * 32) in page
    assert "2022-04-0a1b2c · 2022-04-29T16:00:00" in whole
    assert "4711" in whole
    assert [number for number in range(3) if fingerprint(public_line(number)) in whole] == [0, 1]
    assert "2022-04-28" in whole
    del inputs["ledger.toml"]
    (page,) = texts(printed(run_with(made(), language=language, inputs=inputs)))
    assert eights("ab" * 32) not in page
    assert "2022-04-28" not in " ".join(page)
    assert fingerprint(public_line(0)) in " ".join(page)


@pytest.mark.parametrize("language", languages())
def test_nothing_leaves_the_page_or_covers_another_text(language: str) -> None:
    for number, run in enumerate(crowded(language)):
        (words,) = pages(printed(run))
        for word in words:
            assert word.x >= 35, (number, word)
            assert word.end <= 561, (number, word)
            assert 20 <= word.y <= 810, (number, word)
            assert word.size >= 7, (number, word)
        for one, other in combinations(words, 2):
            low, high = sorted((one, other), key=lambda word: word.y)
            apart = high.y - low.y
            beside = one.end <= other.x + 0.5 or other.end <= one.x + 0.5
            assert beside or apart >= 0.8 * high.size, (number, low, high)


def test_what_is_not_paid_is_shown_or_counted_to_the_cent() -> None:
    rows = [held(n) for n in range(300)]
    (page,) = texts(printed(run_with(made(), others=rows)))
    whole = sum(row["amount_cents"] for row in rows)
    assert f"Retenus : 300 pour {shown(whole)} EUR" in page
    listed = [word for word in page if word.startswith("H0")]
    assert 4 <= len(listed) < 300
    left = sorted((row["amount_cents"] for row in rows), reverse=True)[len(listed) :]
    more = f"… et {len(left)} autres, pour {shown(sum(left))} EUR (liste complète : review.xlsx)"
    assert more in page
    assert listed[0] == "H00299"  # the largest first


def test_every_way_of_not_being_paid_has_its_total() -> None:
    run = run_with(
        made(2, stream="invoices"),
        others=[held(1, "invoices", "DUP-011 IBAN-001", 5_000)],
        findings=[
            finding("INV-001", "info", "supplier", "S9", "invoices", "12.34", "", "m", "r", "s"),
            finding("INV-002", "info", "supplier", "S8", "invoices", "1000.00", "", "m", "r", "s"),
            finding("IBAN-002", "hold", "supplier", "S7", "", "", "", "m", "r", "s"),
            finding("IBAN-002", "hold", "employee", "S6", "", "", "", "m", "r", "s"),
        ],
        frames={
            "to_settle": TO_SETTLE.from_rows(
                [{"stream": "invoices", "payee_id": "S5", "reason": "stream_fees", "source": ""}]
            ),
            "already_paid": RECORD_PAYMENTS.from_rows(
                [held(3, "invoices", "", 7_700), held(4, "fees", "", 1)]
            ),
            "receivables": RECEIVABLES.from_rows(
                [
                    {
                        "stream": "invoices",
                        "payee_id": "S4",
                        "payment_group": "",
                        "amount_cents": -34_968,
                        "source": "",
                    }
                ]
            ),
        },
    )
    (page,) = texts(printed(run))
    assert (
        "Retenus : 1 pour 50,00 EUR · À régulariser, montant inconnu : 2 · Libérés auparavant : 1 "
        "pour 77,00 EUR · À récupérer : 1 pour 349,68 EUR · "
        "Bloqués ou non échus : 2 pour 1 012,34 EUR"
    ) in " ".join(page)
    at = page.index("H00001")
    assert page[at + 1] == "50,00"
    assert page[at + 2].startswith("DUP-011 IBAN-001  Facture probablement en double · IBAN inv")
    listed = [word for word in page if word in {"S4", "S5", "S6", "S7", "S8", "S9", "H00003"}]
    assert listed == ["S5", "S7", "H00003", "S4", "S8", "S9"]  # S6 is no supplier


def test_changed_accounts_that_are_paid_stand_in_full_with_who_decided() -> None:
    item = made(5)
    paid, undecided = item.rows[3], item.rows[1]
    run = run_with(
        item,
        others=[held(1)],
        findings=[
            finding(
                "IBAN-003",
                "hold",
                "employee",
                paid["payee_id"],
                "",
                "BE71096123456769",
                "BE88063954965641",
                "m",
                "r",
                "s",
            )
            | {"decision": "pay: Zoé Modèle 2022-05-24, Hervé Spécimen 2022-05-24"},
            finding(
                "IBAN-003", "warn", "employee", undecided["payee_id"], "", "x", "", "m", "r", "s"
            ),
            finding("IBAN-003", "hold", "employee", "H00001", "", "x", "", "m", "r", "s"),
            finding(
                "IBAN-003", "hold", "supplier", item.rows[0]["payee_id"], "", "x", "", "m", "r", "s"
            ),
            finding(
                "IBAN-004", "warn", "employee", item.rows[2]["payee_id"], "", "x", "", "m", "r", "s"
            ),
        ],
    )
    (page,) = texts(printed(run))
    total = shown(paid["amount_cents"] + undecided["amount_cents"])
    start = page.index(f"Comptes modifiés, payés dans ce fichier : 2 pour {total} EUR") + 6
    assert page[start - 5 : start] == ["Paiement", "Avant", "Maintenant", "EUR", "Décidé par"]
    lines = [page[start : start + 5], page[start + 5 : start + 10]]
    assert sorted(lines) == sorted(
        [
            [
                paid["end_to_end_id"],
                "BE88 0639 5496 5641",
                iban_shown(paid["iban"]),
                shown(paid["amount_cents"]),
                "Zoé Modèle 2022-05-24, Hervé Spécimen 2022-05-24",
            ],
            [
                undecided["end_to_end_id"],
                "-",
                iban_shown(undecided["iban"]),
                shown(undecided["amount_cents"]),
                "sans décision enregistrée",
            ],
        ]
    )


def test_the_longest_changed_account_stands_in_full_on_a_line_of_its_own() -> None:
    item = made(5)
    malta = "MT84MALT011000012345MTLCAST001S"
    found = finding(
        "LED-010", "hold", "employee", item.rows[3]["payee_id"], "", malta, malta, "m", "r", "s"
    )
    (page,) = texts(printed(run_with(item, findings=[found])))
    assert iban_shown(malta) in page


@pytest.mark.parametrize("number", [2, 3])
def test_changed_accounts_beyond_the_page_are_counted_to_the_cent(number: int) -> None:
    run = crowded("fr")[number]
    (page,) = texts(printed(run))
    paid = run.payments.loc[run.payments["file"] != "", "amount_cents"].tolist()
    start = page.index("Décidé par") + 1
    end = next(at for at in range(start, len(page)) if page[at].startswith("… et "))
    count = (end - start) // 5
    assert count >= 2
    left = sorted(paid, reverse=True)[count:]
    assert page[end].startswith(f"… et {len(left)} autres, pour {shown(sum(left))} EUR")
    assert f"Comptes modifiés, payés dans ce fichier : 80 pour {shown(sum(paid))} EUR" in page


def test_a_changed_account_that_the_file_does_not_hold_is_our_bug() -> None:
    item = made(5)
    found = finding(
        "IBAN-003", "warn", "employee", item.rows[3]["payee_id"], "", "x", "", "m", "r", "s"
    )
    run = run_with(item, findings=[found])
    other = made(3).file
    with pytest.raises(InvariantError, match="lacks a payment"):
        build_control_sheet(run, [file_facts(item.file.path, other.content)])


def test_texts_changed_for_the_bank_are_counted_per_file() -> None:
    first, second = made(5), made(5, stream="fees")
    changes = [
        {"payment_id": payment_id, "field": field, "before": before, "after": after}
        for payment_id, field, before, after in (
            (first.rows[0]["payment_id"], "creditor_name", "é", "e"),
            (first.rows[1]["payment_id"], "creditor_name", "é", "e"),
            (first.rows[1]["payment_id"], "remittance", "é", "e"),
            (second.rows[0]["payment_id"], "creditor_name", "é", "e"),
            ("", "debtor_name", "ô", "o"),
        )
    ]
    frames = {"text_changes": TEXT_CHANGES.from_rows(changes)}
    salaries, fees = texts(printed(run_with(first, second, frames=frames)))
    words = "modifiés pour la banque : noms {}, communications {}, donneur d'ordre 1"
    assert any(word.startswith(words.format(2, 1)) for word in salaries)
    assert any(word.startswith(words.format(1, 0)) for word in fees)


@pytest.mark.parametrize(
    ("count", "day", "choice", "words"),
    [
        (2, date(2025, 10, 8), False, "pas en vigueur avant le jeudi 9 octobre 2025"),
        (1, date(2025, 10, 8), False, "pas en vigueur avant le jeudi 9 octobre 2025"),
        (2, date(2025, 10, 9), True, "avec vérification"),
        (1, date(2025, 10, 9), False, "un seul paiement : toujours vérifié"),
    ],
)
def test_verification_of_payee_by_date_and_count(
    count: int, day: date, choice: bool, words: str
) -> None:
    (page,) = texts(printed(run_with(made(count, day=day, version="pain.001.001.09"))))
    assert any(word.startswith(words) for word in page)
    assert ("sans (dispense demandée)" in page) == choice


def test_no_name_of_a_payee_and_no_whole_account_but_ours() -> None:
    item = made(30)
    (page,) = texts(printed(run_with(item, others=[held(1)])))
    whole = " ".join(page)
    assert "Inventee" not in whole
    for row in item.rows:
        assert row["iban"] not in whole.replace(" ", "")


def test_a_letter_that_the_font_lacks_is_seen_by_its_code_point() -> None:
    (page,) = texts(printed(run_with(made(), employer_name="Clinique Łódź")))
    assert "Clinique [U+0141]ód[U+017A]" in page


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_pdftotext_reads_the_same(tmp_path: Path) -> None:
    files = made(57), made(3, stream="invoices")
    path = tmp_path / "sheet.pdf"
    path.write_bytes(printed(run_with(*files, others=[held(1)])))
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    assert done.stderr == b""
    found = done.stdout.decode().rstrip("\f").split("\f")
    assert len(found) == 2
    for page, item in zip(found, files, strict=True):
        xml = Xml(item.file.content)
        for text in (
            "Bordereau de contrôle",
            shown(sum(xml.cents)),
            xml.text("MsgId"),
            eights(hashlib.sha256(item.file.content).hexdigest()),
            xml.payments[-1][0],
            "À l'écran de la banque",
        ):
            assert text in page
