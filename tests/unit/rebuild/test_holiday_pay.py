"""Holiday pay as whole runs: the cases of the law, its share, its payment, leavers, garnishment."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from payroll.model.components import HOLIDAY_LINES
from payroll.record.run import Run
from tests.command import payroll
from tests.holiday_samples import Member, amounts, files, order, rules_hit, run
from tests.reference.gross_to_net import garnishment

ANN = Member()
HOLIDAY = ("holiday_pay", "holiday_pay_contribution", "holiday_pay_withholding")


def made(*members: Member, **choices: str | None) -> Run:
    holiday = choices.pop("holiday", 'basis_month = "2022-03"\npercentage = 92\n')
    return run(files(members or (ANN,), order(holiday)))


def waits(found: Run, payee: str = "00001") -> list[str]:
    rows = found.frames["to_settle"]
    rows = rows[(rows["payee_id"] == payee) & (rows["stream"] == "holiday_pay")]
    return sorted(rows["reason"])


# --- the cases of the law ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("march", "may", "children", "expected"),
    [
        (300_000, 306_000, 0, (276_000, -36_073, -101_705)),  # H01
        (230_000, 234_600, 2, (211_600, -27_656, -66_845)),  # H03
        (420_000, 428_400, 1, (386_400, -50_502, -159_350)),  # H05
    ],
)
def test_the_cases_to_the_cent(
    march: int, may: int, children: int, expected: tuple[int, ...]
) -> None:
    one = Member(march={"1000": march}, gross=may, children=children)
    found = made(one)
    assert not found.refused
    assert tuple(amounts(found)[name] for name in HOLIDAY) == expected
    lines = found.lines[found.lines["component"].isin(HOLIDAY_LINES)]
    assert set(lines["stream"]) == {"salaries"}
    assert set(lines["earning_period"]) == {"2022-03"}
    gross = lines[lines["component"] == "holiday_pay"]
    assert gross["source"].tolist() == ["exports/register_lines.csv!csv!R3"]
    assert (gross["quantity"].item(), gross["rate"].item()) == ("360/360", "92%")


def test_it_is_outside_the_special_contribution_and_the_work_bonus() -> None:
    one = Member(status="contractual", gross=220_000, march={"1000": 220_000})
    alone = run(files([one], order(None, none=("joiners", "leavers", "holiday_pay"))))
    both = {name: cents for name, cents in amounts(made(one)).items() if name not in HOLIDAY_LINES}
    assert both == amounts(alone)


def test_household_allowance_counts_and_other_components_do_not() -> None:
    march = {"1000": 280_000, "1010": 11_084, "1100": 5_000, "2000": 40_000}
    assert amounts(made(Member(march=march)))["holiday_pay"] == 267_797  # 92 % of 2,910.84, cut


def test_the_third_decimal_is_dropped_and_the_product_proved() -> None:
    found = made(Member(march={"1000": 300_001}))
    assert amounts(found)["holiday_pay"] == 276_000  # 2,760.0092
    found = made(Member(march={"1000": 300_009}, share="0.5"))
    assert amounts(found)["holiday_pay"] == 138_004  # 1,380.0414
    sums = found.frames["line_sums"]
    assert sums["rounding"].tolist() == ["down"]


# --- in one payment, or in its own ---------------------------------------------------------------


def test_with_the_salary_on_one_day_from_one_account() -> None:
    found = made()
    (payment,) = found.payments.to_dict("records")
    assert payment["stream"] == "salaries"
    assert payment["amount_cents"] == sum(amounts(found).values())
    keys = found.frames["payment_keys"]
    assert set(zip(keys["stream"], keys["period"], strict=True)) == {
        ("salaries", "2022-05"),
        ("holiday_pay", "2021"),
    }
    changes = found.changes_of("salaries")
    assert changes["net_after_cents"].item() == sum(
        cents for name, cents in amounts(found).items() if name not in HOLIDAY_LINES
    )
    assert not {"VAR-001", "VAR-002", "TOTAL-001"} & set(rules_hit(found))


def test_another_day_makes_a_payment_of_its_own() -> None:
    found = made(holiday='basis_month = "2022-03"\npercentage = 92\npay_on = 2022-06-10\n')
    payments = found.payments.set_index("stream")
    assert payments.loc["holiday_pay", "amount_cents"] == 138_222
    assert payments.loc["holiday_pay", "payment_id"].startswith("HOL-2205-")
    assert payments.loc["holiday_pay", "remittance"] == "Pecule de vacances 2022"
    assert payments.loc["holiday_pay", "file"] == "sepa/holiday_pay_2022-06-10_01.xml"
    assert len(found.sepa_files) == 2


def test_it_can_be_ordered_without_the_salaries() -> None:
    keys = 'basis_month = "2022-03"\npercentage = 92\npay_on = 2022-05-31\naccount = "main"\n'
    found = run(files([ANN], order(keys, salaries=False)))
    assert found.payments["stream"].tolist() == ["holiday_pay"]
    assert found.payments["amount_cents"].tolist() == [138_222]


# --- the share of the reference year -------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "gross", "shown"),
    [
        (Member(share="50 %"), 138_000, "0.5"),
        (Member(hired="2021-07-01"), 138_000, "180/360"),
        (Member(hired="2021-07-16", share="1"), 276_000, "1"),
        (Member(hired="2021-12-31"), 766, "1/360"),
        (Member(hired="2021-01-01", born="1999-03-01"), 276_000, "360/360"),
        (Member(hired="2021-07-01", born="1996-12-31"), 138_000, "180/360"),
    ],
)
def test_the_share_is_that_of_the_list_else_that_of_the_dates(
    one: Member, gross: int, shown: str
) -> None:
    found = made(one)
    assert amounts(found)["holiday_pay"] == gross
    line = found.lines[found.lines["component"] == "holiday_pay"]
    assert line["quantity"].item() == shown


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (Member(hired="2021-09-01", born="1999-03-01"), "reason_holiday_first_job"),
        (Member(hired="2021-01-02", born="1997-01-01"), "reason_holiday_first_job"),
        (Member(hired="2022-01-03", born="1999-03-01"), "reason_holiday_first_job"),
        (Member(march={}), "reason_holiday_no_basis"),
    ],
)
def test_an_unknown_share_or_basis_waits_and_the_salary_goes(one: Member, reason: str) -> None:
    found = made(one, replace(ANN, number="00002"))
    assert waits(found) == [reason]
    assert "holiday_pay" not in amounts(found)
    assert sorted(found.payments["payee_id"]) == ["00001", "00002"]
    assert amounts(found, "00002")["holiday_pay"] == 276_000


def test_who_was_hired_after_the_year_is_told_and_gets_nothing() -> None:
    found = made(Member(hired="2022-02-01"), replace(ANN, number="00002"))
    assert "HOL-006" in rules_hit(found)
    assert waits(found) == []
    assert "holiday_pay" not in amounts(found)


def test_an_unknown_age_is_paid_by_the_dates_and_told() -> None:
    found = made(Member(hired="2021-07-01", born=""))
    assert amounts(found)["holiday_pay"] == 138_000
    assert "HOL-007" in rules_hit(found)


def test_who_is_not_on_the_list_of_staff_waits() -> None:
    content = files([ANN, replace(ANN, number="00002")], order())
    rows = content["exports/employees.csv"].split(b"\n")
    content["exports/employees.csv"] = b"\n".join(rows[:2])
    assert waits(run(content), "00002") == ["reason_holiday_not_computed"]


# --- the basis -----------------------------------------------------------------------------------


def test_without_the_register_of_the_month_it_is_estimated_by_the_index() -> None:
    found = run(files([ANN], order(), march=False))
    assert rules_hit(found)["HOL-004"] == ["run"]
    line = found.lines[found.lines["component"] == "holiday_pay"]
    # 3,060.00 x 1.8114 / 1.8476 = 3,000.04, cut
    assert line["amount_cents"].item() == 300_004 * 92 // 100
    assert line["basis"].item() == "estimated"
    assert found.payments["legal_nature"].tolist() == ["full_estimate"]


def test_of_totals_only_the_whole_gross_is_the_basis() -> None:
    content = files([replace(ANN, march={})], order())
    row = b"\n00001,2022-03,2900.00,320.45,2579.55,500.00,20.00,2059.55,"
    content["exports/register_totals.csv"] += row
    found = run(content)
    assert rules_hit(found)["HOL-005"] == ["run"]
    assert amounts(found)["holiday_pay"] == 266_800
    assert "REB-036" not in rules_hit(found)


# --- never twice ---------------------------------------------------------------------------------


def test_holiday_pay_in_a_register_of_this_year_holds_it_and_not_the_salary() -> None:
    found = made(replace(ANN, april_more={"holiday_pay": 276_000}))
    payments = found.payments.set_index("stream")
    assert payments.loc["holiday_pay", "status"] == "held"
    assert payments.loc["holiday_pay", "hold_rules"] == "HOL-008"
    assert "HOL-008" not in payments.loc["salaries", "hold_rules"]


LEDGER = (
    "stream,payee_id,period,item,state,end_to_end_id,run_id,amount_cents,iban,creditor_name,"
    "execution_date,code,mended_by,item_cents,item_day,enterprise_number\n"
)


def released(*keys: tuple[str, str], end_to_end: str = "E-1") -> bytes:
    rows = "".join(
        f"{stream},00001,{period},,live,{end_to_end},2022-05-aaaaaa,300000,BE68539007547034,"
        "Zoéa Fictif,2022-05-31,,,0,,\n"
        for stream, period in sorted(keys)
    )
    return (LEDGER + rows).encode()


def test_what_an_earlier_run_released_for_the_year_is_not_paid_again() -> None:
    content = files([ANN], order(day="2022-06-30"), period="2022-06")
    sent = released(("holiday_pay", "2021"), ("salaries", "2022-05"))
    found = run(content, ledger=sent)
    assert found.payments["stream"].tolist() == ["salaries"]
    assert found.frames["already_paid"]["stream"].tolist() == ["holiday_pay"]
    assert "LED-003" not in rules_hit(found)


def test_the_month_that_was_released_in_one_payment_is_that_payment_again() -> None:
    sent = released(("holiday_pay", "2021"), ("salaries", "2022-05"))
    found = run(files([ANN], order()), ledger=sent)
    assert found.payments.empty
    assert found.frames["already_paid"]["stream"].tolist() == ["salaries"]


def test_a_salary_released_without_it_leaves_it_a_payment_of_its_own() -> None:
    found = run(files([ANN], order()), ledger=released(("salaries", "2022-05")))
    assert found.payments["stream"].tolist() == ["holiday_pay"]
    assert found.payments["amount_cents"].tolist() == [138_222]


def test_a_known_month_with_holiday_pay_leaves_no_residual() -> None:
    law = (33_813 + 36_073, 61_729 + 101_705, 1_990)  # what the law keeps of May, and of H01
    one = replace(ANN, april_more={"3030": 276_000}, kept=law)
    none = ("joiners", "leavers", "deceased", "holiday_pay")
    found = run(files([one], order(None, day="2022-06-30", none=none), period="2022-06"))
    assert found.backtest.agrees().all()
    assert "residual" not in amounts(found)
    assert "holiday_pay" not in amounts(found)
    dropped = found.frames["not_carried_over"]
    assert dropped["component"].tolist() == ["holiday_pay"]


# --- leavers -------------------------------------------------------------------------------------


def test_a_leaver_gets_both_years_with_the_last_pay_and_untaken_leave_waits() -> None:
    found = made(replace(ANN, left="2022-05-15"))
    own = amounts(found)
    assert own["holiday_pay"] == 276_000
    assert own["holiday_pay_leaving"] == 105_570  # 3,060.00 x 92 % x 135/360
    # as if May were whole: the same rate as in H01
    assert own["holiday_pay_withholding"] == -140_607
    assert own["holiday_pay_contribution"] == -49_871
    assert waits(found) == ["reason_holiday_untaken"]
    assert found.payments["legal_nature"].tolist() == ["full_estimate"]
    assert set(found.frames["payment_keys"]["period"]) == {"2022-05", "2021", "2022"}


def test_without_a_basis_month_only_leavers_get_it() -> None:
    gone = replace(ANN, number="00002", left="2022-02-28", march={})
    content = files([ANN, gone], order("percentage = 92\n", day="2022-02-28"), period="2022-02")
    found = run(content)
    assert "holiday_pay_leaving" not in amounts(found)
    assert amounts(found, "00002")["holiday_pay_leaving"] == 47_860  # of 3,121.34
    assert waits(found, "00002") == ["reason_holiday_reference_year", "reason_holiday_untaken"]


@pytest.mark.parametrize(
    ("period", "day", "reasons"),
    [
        ("2022-06", "2022-06-30", ["reason_holiday_reference_year", "reason_holiday_untaken"]),
        ("2022-07", "2022-07-29", ["reason_holiday_untaken"]),
    ],
)
def test_until_june_who_leaves_may_still_be_due_the_reference_year(
    period: str, day: str, reasons: list[str]
) -> None:
    none = ("joiners", "leavers", "deceased", "holiday_pay")
    gone = replace(ANN, left=day)
    found = run(files([gone], order("percentage = 92\n", day=day, none=none), period=period))
    assert amounts(found)["holiday_pay_leaving"] > 0
    assert waits(found) == reasons


def test_a_leaver_whose_year_was_paid_gets_the_rest() -> None:
    content = files([replace(ANN, left="2022-06-30")], order(day="2022-06-30"), period="2022-06")
    found = run(content, ledger=released(("holiday_pay", "2021"), ("salaries", "2022-05")))
    assert "holiday_pay" not in amounts(found)
    assert amounts(found)["holiday_pay_leaving"] > 0
    assert rules_hit(found)["HOL-009"] == ["00001"]
    assert found.payments["stream"].tolist() == ["salaries"]


# --- garnishment ---------------------------------------------------------------------------------

SEIZED = "garnishment", "holiday_pay_garnishment"


def seized(found: Run) -> tuple[int, ...]:
    return tuple(-amounts(found).get(name, 0) for name in SEIZED)


def netting(net: int, seized: int, **more: object) -> Member:
    """Somebody whose April leaves that net, of which the legal maximum was seized."""
    kept = (33_813, 306_000 - 33_813 - 2_861 - net, 2_861)
    return replace(ANN, kept=kept, garnishment=seized, **more)


def test_without_holiday_pay_the_salary_alone_is_seized() -> None:  # G01
    one = netting(150_000, 9_480)
    found = run(files([one], order(None, none=("joiners", "leavers", "holiday_pay"))))
    assert seized(found) == (9_480, 0)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", (9_480, 135_942)),  # G02
        ("pay_on = 2022-05-20\n", (9_480, 135_942)),  # a payment of its own in the same month
        ("pay_on = 2022-06-10\n", (9_480, 5_007)),  # another month: 1,382.22 alone
    ],
)
def test_all_payments_of_a_calendar_month_add_up(keys: str, expected: tuple[int, int]) -> None:
    ordered = f'basis_month = "2022-03"\npercentage = 92\n{keys}'
    assert seized(made(netting(150_000, 9_480), holiday=ordered)) == expected


def test_what_the_salary_leaves_below_the_limit_is_seized_of_the_rest() -> None:  # G03
    # 394.93 gross leave 200.00: less 51.62 of contribution and 143.31... of withholding
    basis = next(
        gross
        for gross in range(39_000, 41_000)
        if gross - round(gross * 0.1307) - round((gross - round(gross * 0.1307)) * 0.4239) == 20_000
    )
    more = {"2000": 100_000}
    first = replace(ANN, april_more=more, march={"1000": basis}, kept=(33_813, 120_000, 2_861))
    keys = 'basis_month = "2022-03"\npercentage = 100\n'
    before = made(first, holiday=keys)
    left = sum(cents for name, cents in amounts(before).items() if name not in HOLIDAY_LINES)
    kept = (33_813, 120_000 + left - 115_000, 2_861)
    april = 406_000 - sum(kept)
    most = max(0, int(garnishment(Decimal(april) / 100, 0, date(2022, 4, 29)) * 100))
    found = made(replace(first, kept=kept, garnishment=most), holiday=keys)
    assert most > 0
    assert seized(found) == (0, 4_040)


# --- the months in which it is asked for ---------------------------------------------------------


def refused(content: dict[str, bytes]) -> set[str]:
    found = run(content)
    return {rule for rule in rules_hit(found) if rule.startswith("HOL")} if found.refused else set()


def test_a_may_without_an_answer_is_refused_and_one_answer_is_enough() -> None:
    none = ("joiners", "leavers", "deceased")
    assert refused(files([ANN], order(None))) == {"HOL-001"}
    assert refused(files([ANN], order("percentage = 92\n"))) == {"HOL-001"}  # leavers only
    assert refused(files([ANN], order(None, none=(*none, "holiday_pay")))) == set()
    july = files([ANN], order(None, day="2022-07-29"), period="2022-07")
    assert refused(july) == set()


def test_a_leaver_s_month_without_an_answer_is_refused_and_names_them() -> None:
    gone = replace(ANN, left="2022-07-31")
    found = run(files([gone], order(None, day="2022-07-29"), period="2022-07"))
    rows = found.findings[found.findings["rule_id"] == "HOL-002"]
    assert found.refused
    assert (rows["observed"].item(), rows["limit"].item()) == ("1", "00001")
    declared = order(None, day="2022-07-29", none=("joiners", "leavers", "holiday_pay"))
    assert refused(files([gone], declared, period="2022-07")) == set()


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("fr", "Le pécule de vacances est-il payé avec 2022-05 ?"),
        ("nl", "Wordt het vakantiegeld met 2022-05 betaald?"),
        ("en", "Is holiday pay paid with 2022-05?"),
    ],
)
def test_the_refusal_asks_and_shows_what_to_paste(
    language: str, question: str, tmp_path: Path
) -> None:
    place = tmp_path / "2022-05"
    for name, content in files([ANN], order(None)).items():
        path = tmp_path / name if name == "employer.toml" else place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    done = payroll("run", place, "--lang", language)
    assert done.returncode == 3
    assert question in done.stderr
    asked = done.stderr[done.stderr.index("[holiday_pay]") :]
    table = asked[: asked.index("\n\n")]
    assert tomllib.loads(table) == {"holiday_pay": {"basis_month": "2022-03", "percentage": 92}}
