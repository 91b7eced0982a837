"""explain-pay of holiday pay: basis, percentage, share and what is kept, in three languages."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from payroll.model.findings import SubjectKind
from payroll.publish import documents, sealed
from payroll.record.about import read_payee
from payroll.record.folder import record_files
from payroll.record.manifest import MANIFEST
from payroll.record.run import Run, differences
from payroll.views.explain.explain import explain
from payroll.views.explain.text import explanation_text
from payroll.views.explain.tree import Explanation
from payroll.views.movements import stream_moves
from payroll.views.shown import Shown
from tests.holiday_samples import Member, files, order, run
from tests.record_samples import read_back

APART = 'basis_month = "2022-03"\npercentage = 92\npay_on = 2022-06-10\n'
SEIZED = Member(kept=(33_813, 119_326, 2_861), garnishment=9_480)


def explained(made: Run) -> Explanation:
    content = sealed(made, record_files(made))
    manifest = json.loads(content[MANIFEST])
    kind = SubjectKind.EMPLOYEE
    return explain(read_payee(manifest, content, "run", kind=kind, payee_id="00001"), "fr")


@pytest.fixture(scope="module")
def together() -> Run:
    return run(files([SEIZED], order()))


@pytest.fixture(scope="module")
def apart() -> Run:
    return run(files([Member(share="0.5", children=2)], order(APART)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            (
                "PÉCULE DE VACANCES · MAI 2022",
                "3 000,00 × 92 % × 360/360 2 760,00",
                "Cotisation personnelle sur le pécule de vacances [",
                "2 399,27 × 42,39 % = 1 017,0505…, arrondi 1 017,05",
                "du net total (2 882,22)",
                "Pécule de vacances net",
                "Payé avec le salaire",
            ),
        ),
        ("nl", ("VAKANTIEGELD · MEI 2022", "Netto vakantiegeld", "Betaald met het loon")),
        ("en", ("HOLIDAY PAY · MAY 2022", "Holiday pay, net", "Paid with the salary")),
    ],
)
def test_what_goes_with_the_salary_has_a_part_of_its_own(
    language: str, words: tuple[str, ...], together: Run
) -> None:
    rows = explanation_text(explained(together), language)
    text = " ".join(" ".join(rows).replace("\u202f", " ").replace("\u00a0", " ").split())
    for word in words:
        assert word in text, word


def test_both_parts_add_up_to_the_one_payment(together: Run) -> None:
    salary, holiday = explained(together).parts
    assert salary.along_cents == holiday.sum_cents == 138_222 - 135_942
    assert salary.payment is not None
    assert salary.payment.cents == salary.sum_cents
    assert holiday.payment is None


def test_a_share_and_children_are_shown_and_its_own_payment(apart: Run) -> None:
    _, holiday = explained(apart).parts
    (line,) = holiday.gross
    assert line.of_year is not None
    assert line.base_cents == 300_000
    assert (line.of_year.percentage, line.of_year.share) == (Fraction(92, 100), Fraction(1, 2))
    assert holiday.payment is not None
    assert holiday.payment.cents == holiday.sum_cents == holiday.net_cents


def test_who_waits_for_it_is_told_why() -> None:
    made = run(files([Member(march={}), Member(number="00002")], order()))
    _, holiday = explained(made).parts
    assert holiday.waits == ("reason_holiday_no_basis",)
    assert "aucune paie connue" in " ".join(explanation_text(explained(made), "fr"))


def test_the_record_is_read_back_as_it_was_built(together: Run, apart: Run) -> None:
    for made in (together, apart):
        assert not list(differences(made, read_back(made)))


def test_it_is_a_step_of_the_bridge_and_closes(together: Run, apart: Run) -> None:
    for made, stream, cents in ((together, 0, 2_280), (apart, 1, 69_111)):
        moves = stream_moves(Shown(made))
        assert moves[stream].steps["holiday_pay"] == cents
        assert all(row.gap == 0 for row in moves)


def test_the_documents_are_made_of_it(together: Run, apart: Run) -> None:
    for made in (together, apart):
        found = documents(made)
        assert "Pécule de vacances".encode() in found["review.html"]
