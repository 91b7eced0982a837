"""What pydantic and TOML refuse is said in the reader's language: key, text and expectation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from payroll.model import refusals
from payroll.model.decisions import DECISIONS
from payroll.model.errors import PayrollError
from payroll.model.order import parse_payrun
from payroll.model.released import LEDGER_EXTRACT, REISSUE
from payroll.rulebook.bank import load_bank_profiles
from payroll.rulebook.controls import load_controls
from payroll.rulebook.parameters import load_parameters
from payroll.rulebook.toml import load_toml
from payroll.texts import catalogue, error_lines, languages

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "fixtures" / "hospital-small"
ORDER = (SAMPLE / "2022-05" / "payrun.toml").read_text("utf-8")
EMPLOYER = (SAMPLE / "employer.toml").read_text("utf-8")
#: Words of pydantic and tomllib that must reach nobody.
ENGLISH = re.compile(
    r"\b(input|should|valid|field required|permitted|instance|parsing|dictionary|expected|at line"
    r"|unescaped|overwrite|codec)\b",
    re.IGNORECASE,
)
PAID = '[salaries]\npay_on = 2022-05-31\naccount = "main"'


def refusal(order: str = ORDER, employer: str | bytes = EMPLOYER) -> PayrollError:
    data = employer if isinstance(employer, bytes) else employer.encode()
    with pytest.raises(PayrollError) as caught:
        parse_payrun({"payrun.toml": order.encode(), "employer.toml": data})
    return caught.value


def first_line(error: PayrollError, language: str = "fr") -> str:
    for each in languages():
        lines = error_lines(error, each)
        assert len(lines) == 3
        if each != "en":
            assert not ENGLISH.search(lines[0].partition(" : ")[2]), lines[0]
        assert not re.search(r"\{[a-z_]+\}", lines[0]), lines[0]
    return error_lines(error, language)[0]


ORDERS = {
    'period = "2022-05"\n': ("", "period", "manque"),
    'account = "main"\n\n[bonuses]': ("\n[bonuses]", "[salaries] account", "manque"),
    PAID: (PAID.replace("2022-05-31", '"31/05/2022"'), "[salaries] pay_on", "31/05/2022"),
    'pay_on = 2022-05-31\naccount = "main"\n\n[bonuses]': (
        'pay_on = 2022-05-31T08:00:00\naccount = "main"\n\n[bonuses]',
        "[salaries] pay_on",
        "sans heure",
    ),
    "due_until": ("due_untill", "[invoices] due_until", "manque"),
    "created_at = 2022-05-23T09:00:00": ('created_at = "hier"', "created_at", "« hier »"),
    'period = "2022-05"\nlast': ("period = 202205\nlast", "period", '"2022-05"'),
    'earned = "2022-04"\npay_on': (
        'earned = "avril"\npay_on',
        "[bonuses] earned",
        "n'est pas un mois",
    ),
    'kind = "employees"': ('kind = "employes"', "[[source]] 1, kind", "register_totals"),
    'file = "exports/personnel': ('file = "../personnel', "[[source]] 1, file", "sort du dossier"),
    'sheet = "Personnel"': ('header_row = "4e"', "[[source]] 1, header_row", "nombre entier"),
    'sheet = "Personnel"\n': ("header_row = 0\n", "[[source]] 1, header_row", "≥ 1"),
    'control = { rows = 40, monthly_gross = "124314.39" }': (
        "control = { rows = 40, monthly_gross = 124314.39 }",
        "[[source]] 1, control.monthly_gross",
        "guillemets",
    ),
    "[[source]]\n": ("[none_known]\nleavers = 3\n[[source]]\n", "[none_known] leavers", "« 3 »"),
    "[salaries]\n": ("salaries = 5\n[elsewhere]\n", "salaries", "[entre crochets]"),
}


@pytest.mark.parametrize("name", [DECISIONS, LEDGER_EXTRACT, REISSUE, "payrun.toml", "Ledger.csv"])
def test_a_source_may_not_pass_for_a_file_of_the_program(name: str) -> None:
    order = ORDER.replace('file = "exports/personnel_2022-04.xlsx"', f'file = "{name}"')
    line = first_line(refusal(order))
    assert line.startswith(
        f"payrun.toml, [[source]] 1, file : Ce champ est refusé : « {name} » est un nom"
    )


@pytest.mark.parametrize("before", ORDERS)
def test_a_refused_order_is_said_in_the_readers_words(before: str) -> None:
    after, place, words = ORDERS[before]
    assert before in ORDER
    line = first_line(refusal(ORDER.replace(before, after, 1)))
    assert line.startswith(f"payrun.toml, {place} : ")
    assert words in line


def test_an_unknown_key_names_its_neighbours_and_every_problem_is_told() -> None:
    error = refusal(ORDER.replace("pay_on", "payon", 1).replace('"employees"', '"staff"'))
    line = first_line(error)
    assert line.startswith("payrun.toml, [salaries] pay_on : ")
    assert "[salaries] payon : « payon » n'est pas un champ connu (le plus proche : pay_on" in line
    assert "[[source]] 1, kind : « staff »" in line


EMPLOYERS = {
    'iban = "BE88063954965641"': ('iban = "BE88063954965642"', "[[account]] 1, iban", "checksum"),
    'bank_profile = "generic_be_2022"\n\n[[account]]': (
        'bic = "KRED BE"\nbank_profile = "generic_be_2022"\n\n[[account]]',
        "[[account]] 1, bic",
        "n'est pas un BIC",
    ),
    'enterprise_number = "0912364677"': (
        'enterprise_number = "0912364678"',
        "enterprise_number",
        "modulo 97",
    ),
    'name = "Intercommunale Fictive de Santé"': ('name = ""', "name", "au moins 1"),
    'bank_profile = "generic_be_2022"': ("", "[[account]] 1, bank_profile", "manque"),
    "approvals = 2": ('approvals = "deux"', "[release] approvals", "« deux »"),
    'approvers = ["Zoé Modèle"': ("approvers = [3", "[release] approvers 1", "« 3 »"),
}


#: A value that crashed, or that nobody was told of: (what stands there, instead, place, words).
ODD_ORDERS = [
    ('last_known = "2022-04"', 'last_known = "0000-01"', "last_known", "n'est pas un mois"),
    ('period = "2022-05"', 'period = "9999-12"', "period", "n'est pas un mois"),
    ('period = "2022-05"', 'period = "2022-05\\n"', "period", "n'est pas un mois"),
    (PAID, PAID.replace("2022", "0001"), "[salaries] pay_on", "hors de toute date"),
    (PAID, PAID.replace("2022", "9999"), "[salaries] pay_on", "hors de toute date"),
    (
        "created_at = 2022-05-23T09:00:00",
        "created_at = 2022-05-23T09:00:00+14:00",
        "created_at",
        "fuseau",
    ),
    ("created_at = 2022-05-23T09:00:00", "created_at = 9999-12-31T09:00:00", "created_at", "hors"),
    (
        'file = "exports/personnel_2022-04.xlsx"',
        'file = "a\\u0000b"',
        "[[source]] 1, file",
        "commande",
    ),
    ('prepared_by = "Noé Brouillon"', 'prepared_by = "Anne\\nFictive"', "prepared_by", "U+000A"),
    ('prepared_by = "Noé Brouillon"', 'prepared_by = "Anne\\u202E"', "prepared_by", "<U+202E>"),
    (
        "[[source]]\n",
        '[none_known]\njoiners = "A\\u200Bnne"\n[[source]]\n',
        "[none_known] joiners",
        "commande",
    ),
]


@pytest.mark.parametrize(("before", "after", "place", "words"), ODD_ORDERS)
def test_what_cannot_be_meant_is_refused(before: str, after: str, place: str, words: str) -> None:
    assert before in ORDER
    line = first_line(refusal(ORDER.replace(before, after, 1)))
    assert line.startswith(f"payrun.toml, {place} : ")
    assert words in line
    assert line.isprintable()


ACCOUNT = '[[account]]\nid = "{}"\niban = "{}"\nbank_profile = "generic_be_2022"\n'
ONE, TWO = (
    '{ name = "Anne Fictive", public_key = "ssh-ed25519 AAAA a" }',
    ('{ name = "Jean Specimen", public_key = "ssh-ed25519 AAAA b" }'),
)
ODD_EMPLOYERS = [
    (ACCOUNT.format("main", "BE68539007547034"), "[account] id", "main désigne deux comptes"),
    (ACCOUNT.format("other", "BE88063954965641"), "[account] iban", "BE88"),
    ('approvers = ["Zoe Modele", "Zoé Modèle"]', "[release] approvers", "figure deux fois"),
    (f"approvers = [{ONE}, {TWO}]", "[release] approvers", "une même clé"),
    (
        '[release]\napprovals = 9\napprovers = ["Zoé M", "Ann F", "Jan S"]',
        "[release] approvals",
        "3",
    ),
]


@pytest.mark.parametrize(("more", "place", "words"), ODD_EMPLOYERS)
def test_an_account_and_an_approver_stand_once(more: str, place: str, words: str) -> None:
    own = EMPLOYER.partition("[release]")[0]
    head, _, rest = own.partition("\n[[account]]")
    top, tables = ("", more) if more.startswith("[") else (f"\n{more}\n", "")
    line = first_line(refusal(employer=f"{head}{top}\n[[account]]{rest}\n{tables}"))
    assert line.startswith(f"employer.toml, {place} : ")
    assert words in line
    assert "063954965641" not in line


@pytest.mark.parametrize(
    "content", [b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"a = 1e" + b"9" * 30]
)
def test_a_file_without_end_is_said(content: bytes) -> None:
    error = refusal(employer=content)
    assert error.error_id == "order_unreadable"
    assert error.detail[0].text_id in ("toml_deep", "toml_number")


@pytest.mark.parametrize("before", EMPLOYERS)
def test_a_refused_employer_is_said_in_the_readers_words(before: str) -> None:
    after, place, words = EMPLOYERS[before]
    assert before in EMPLOYER
    line = first_line(refusal(employer=EMPLOYER.replace(before, after, 1)))
    assert line.startswith(f"employer.toml, {place} : ")
    assert words in line
    assert "BE88063954965642" not in line


BROKEN = {
    'file = "exports/personnel_2022-04.xlsx"': (
        'file = "exports\\personnel_2022-04.xlsx"',
        "la ligne 34 (file)",
        "écrivez /",
    ),
    'file = "exports/paie_totaux_2022-04.xlsx"': (
        'file = "exports\\uren.xlsx"',
        "(file)",
        "écrivez /",
    ),  # \\u alone is no escape
    'period = "2022-05"': ("period = 2022-05", "la ligne 1 (period)", '("2022-05")'),
    "[bonuses]": ("[salaries]", "la ligne 10 ([salaries])", "répète"),
}


@pytest.mark.parametrize("before", BROKEN)
def test_a_broken_file_names_its_line(before: str) -> None:
    after, place, words = BROKEN[before]
    line = first_line(refusal(ORDER.replace(before, after, 1)))
    assert place in line
    assert words in line


def test_a_file_of_notepad_is_read_or_refused_with_its_way_out() -> None:
    order, employer = parse_payrun(
        {"payrun.toml": ("\ufeff" + ORDER).encode(), "employer.toml": EMPLOYER.encode()}
    )
    assert (str(order.period), employer.language) == ("2022-05", "fr")
    line = first_line(refusal(employer=EMPLOYER.encode("cp1252")))
    assert "la ligne 1 n'est pas en UTF-8" in line


def rule_refusal(kind: str, change: tuple[str, str]) -> PayrollError:
    name = {
        "controls": "controls/dates.toml",
        "bank": "bank/generic_be.toml",
        "parameters": "parameters/works_retention.toml",
    }[kind]
    text = (ROOT / "rules" / name).read_text("utf-8")
    assert change[0] in text
    load = {"controls": load_controls, "bank": load_bank_profiles, "parameters": load_parameters}
    with pytest.raises(PayrollError) as caught:
        load[kind]({name: load_toml(name, text.replace(*change, 1).encode())})
    assert caught.value.error_id == "rule_entry_invalid"
    return caught.value


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("controls", ('severity = "warn"', 'severity = "grave"'), "block, hold, warn, info"),
        ("controls", ('id = "DATE-002"', 'id = "date 2"'), "n'a pas la forme"),
        ("controls", ("{observed}", "{observed.x}"), "nom entre accolades"),
        ("controls", ("[control.example.pass]", "[control.example.passe]"), "trip, pass"),
        ("controls", ("valid_from = 2022-01-01", "valid_from = 2022"), "n'est pas une date"),
        ("bank", ("max_days = 360", "max_days = 999"), "≤ 366"),
        ("bank", ("cut_off = ", 'cut_off = "midi" #'), "n'est pas une heure"),
        ("parameters", ("status = ", 'status = "sure" #'), "sourced, secondary, unverified"),
    ],
)
def test_a_refused_rule_is_said_in_the_readers_words(
    kind: str, change: tuple[str, str], words: str
) -> None:
    assert words in first_line(rule_refusal(kind, change))


def test_every_text_exists_and_what_validators_raise_has_one() -> None:
    raised = {
        f"field_{found}"
        for path in (ROOT / "payroll").rglob("*.py")
        for found in re.findall(r'refused\("(\w+)"', path.read_text("utf-8"))
    }
    assert len(raised) >= 8
    wanted = raised | set(refusals._TEXTS.values()) | set(refusals._MESSAGES.values())
    for text_id in wanted | {"field_refused", "field_alternatives"}:
        assert all(isinstance(catalogue(each)[text_id], str) for each in languages())


@pytest.mark.parametrize(
    ("content", "text_id"),
    [("a = " + "[" * 50_000, "toml_deep"), ("a = inf", "toml_number"), ("a = 1e99", "toml_number")],
)
def test_an_order_holds_no_hostile_depth_or_number(content: str, text_id: str) -> None:
    with pytest.raises(PayrollError, match="order_unreadable") as caught:
        parse_payrun({"payrun.toml": content.encode(), "employer.toml": b""})
    assert [item.text_id for item in caught.value.detail] == [text_id]
