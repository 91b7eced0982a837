"""What the codes of a bank mean: the shipped rules, a bank's own meaning, what does not load."""

from __future__ import annotations

from functools import lru_cache

import pytest

from payroll.model.answers import VOP_CODES
from payroll.model.errors import PayrollError
from payroll.rulebook.answers import unknown_reason
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.rulebook.compare import changes
from payroll.rulebook.lint import Remark, remarks
from payroll.store import load_rule_files, rules_folder
from payroll.texts import languages

ANSWERS = "bank/answers.toml"
PROFILE = "bank/generic_be.toml"
#: bank-rules 9.1, the ranges written out.
LISTED = (
    "AC01 AC02 AC03 AC04 AC05 AC06 AC07 AC13 AC14 AG01 AG02 AG03 AG07 AGNT AM01 AM02 AM03 AM04 "
    "AM05 AM06 AM07 AM09 AM10 AM11 AM12 AM13 AM14 AM15 AM16 AM17 AM18 AM19 AM20 AM21 AM22 AM23 "
    "BE01 BE04 BE05 BE06 BE07 BE08 BE09 BE10 BE11 BE15 BE16 BE22 CH03 CH04 CH07 CH15 CH16 CH17 "
    "CH19 CH20 CH21 CH22 CNOR CURR CUST DNOR DS0H DT01 DT02 DT03 DT04 DT06 DU01 DU02 DU03 DU04 "
    "DU05 DUPL ED05 FF01 FF02 FF03 FF04 FF05 FF06 FF07 FF08 FF10 FOCR FR01 FRAD MD07 MS02 MS03 "
    "NARR RC01 RC03 RC04 RC05 RC06 RC07 RC08 RC09 RC10 RC11 RF01 RR01 RR02 RR03 RR04 RR05 RR06 "
    "RR07 RR08 RR09 RR10 RR11 RR12 SL01 SL02 TM01 UPAY"
)
OWN = '\n[profile.answers]\nsilence = "accepted"\nmeanings = { ACWC = "withdrawn" }\n'


@lru_cache(maxsize=8)
def book(profile: str = "", answers: str = "", workspace: str = "") -> RuleBook:
    files = dict(load_rule_files(rules_folder()))
    files[PROFILE] += profile.encode()
    files[ANSWERS] += answers.encode()
    if workspace:
        files[f"workspace/{ANSWERS}"] = workspace.encode()
    return load_rulebook(files)


STATUS = """
[[status]]
code = "{code}"
levels = {levels}
meaning = "{meaning}"
title = {{ fr = "Un essai", nl = "Een proef", en = "A test" }}
source = "a test"
status = "{status}"
"""


def status(code: str, meaning: str, levels: str = '["payment"]', status: str = "sourced") -> str:
    return STATUS.format(code=code, meaning=meaning, levels=levels, status=status)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("RCVD", "received"),
        ("ACTC", "technically_ok"),
        ("ACCP", "accepted"),
        ("ACSP", "executing"),
        ("ACSC", "debited"),
        ("ACCC", "credited"),
        ("ACWC", "accepted_changed"),
        ("PDNG", "pending"),
        ("PART", "partly"),
        ("RJCT", "rejected"),
        ("PATC", "awaiting_signature"),
        ("CANC", "cancelled"),
        ("BLCK", "blocked"),
        ("RVNC", "vop_pending"),
        ("RCVC", "vop_match"),
        ("RVCM", "vop_review"),
        ("RVMC", "vop_close"),
        ("RVNM", "vop_no_match"),
        ("RVNA", "vop_not_applicable"),
        ("XXXX", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_a_status_means(code: str, meaning: str) -> None:
    assert book().meaning(None, code) == meaning
    assert book().meaning("generic_be", code) == meaning
    assert book().meaning("no_such_profile", code) == meaning


def test_verification_of_payee_has_meanings_of_its_own() -> None:
    ours = {code for code, item in book().statuses.items() if item.meaning.startswith("vop_")}
    assert ours == VOP_CODES


def test_a_bank_may_give_a_code_another_meaning() -> None:
    own = book(profile=OWN)
    assert own.meaning("generic_be", "ACWC") == "withdrawn"
    assert own.meaning(None, "ACWC") == own.meaning("generic_be_2022", "ACWC") == "accepted_changed"
    assert own.bank_profiles["generic_be"].answers.silence == "accepted"
    assert book().bank_profiles["generic_be"].answers.silence == "nothing"


def test_every_reason_of_the_facts_says_who_acts_in_three_languages() -> None:
    assert sorted(book().reasons) == sorted(LISTED.split())
    titles = [item.title[language] for item in book().reasons.values() for language in languages()]
    assert all(3 < len(title) <= 90 for title in titles)
    assert book().reasons["AC04"].title["fr"] == "Compte clôturé"


@pytest.mark.parametrize(
    ("code", "action", "mended_by"),
    [
        ("AC01", "fix_data", "data"),
        ("AC04", "hr", "data"),
        ("AC06", "hr", "data"),
        ("MD07", "hr", "decision"),
        ("AM04", "fund", "decision"),
        ("AG07", "fund", "decision"),
        ("AG01", "call_bank", "decision"),
        ("MS03", "call_bank", "decision"),
        ("AM05", "never_resend", "decision"),
        ("DU04", "never_resend", "decision"),
        ("DUPL", "never_resend", "decision"),
        ("FF01", "software", "decision"),
        ("AM18", "software", "decision"),
        ("CH17", "software", "decision"),
        ("BE01", "fix_data", "data"),
        ("RR09", "fix_data", "decision"),
        ("NARR", "other", "decision"),
    ],
)
def test_who_acts_on_a_reason(code: str, action: str, mended_by: str) -> None:
    reason = book().reason(code)
    assert (reason.code, reason.action, reason.mended_by) == (code, action, mended_by)


def test_an_unknown_reason_is_left_to_a_decision() -> None:
    reason = book().reason("ZZ99")
    assert reason == unknown_reason("ZZ99")
    assert (reason.code, reason.action, reason.mended_by) == ("ZZ99", "other", "decision")
    assert all(reason.title[language] for language in languages())


def test_a_workspace_entry_replaces_its_code() -> None:
    changed = book(workspace=status("ACSP", "accepted"))
    assert changed.meaning(None, "ACSP") == "accepted"
    assert [(c.kind, c.entry) for c in changes(book(), changed) if c.field == "meaning"] == [
        ("status", "ACSP")
    ]


def test_lint_names_an_unverified_code() -> None:
    doubtful = book(answers=status("ZZZZ", "pending", status="unverified"))
    day = max(item.checked_on for item in doubtful.bank_profiles.values())
    assert Remark("unverified", "status:ZZZZ") in remarks(doubtful, day, [], [])


@pytest.mark.parametrize(
    ("profile", "answers", "text_id"),
    [
        ("", status("ACSP", "accepted"), "rule_entry_twice"),
        ("", status("ZZZZ", "paid"), "field_choice"),
        ("", status("zzzz", "pending"), "field_pattern"),
        ("", status("ZZZZ", "pending", levels='["payment", "payment"]'), "field_levels_twice"),
        ("", status("ZZZZ", "pending", levels="[]"), "field_list_short"),
        ("", status("ZZZZ", "vop_match"), "field_vop_meaning"),
        (OWN.replace("ACWC", "RVNM").replace("withdrawn", "accepted"), "", "field_vop_meaning"),
        (OWN.replace('"accepted"', '"refused"'), "", "field_choice"),
        (OWN.replace("silence", "silent"), "", "field_unknown"),
    ],
)
def test_what_does_not_load(profile: str, answers: str, text_id: str) -> None:
    with pytest.raises(PayrollError) as caught:
        book(profile=profile, answers=answers)
    assert text_id in (caught.value.error_id, *(said.text_id for said in caught.value.detail))
