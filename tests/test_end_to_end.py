"""The whole tool on the small sample hospital, judged from outside: files, totals, holds, proof."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from payroll.demo.staff import LOCAL_ALLOWANCE, PENSION_BASE, Agent
from payroll.demo.workspace import make_hospital, planted
from payroll.record.files import FRAMES, file_of
from tests.command import payroll, process
from tests.reference.gross_to_net import Person, gross_to_net, holiday_net, holiday_pay

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "hospital-small"
GOLDEN = Path(__file__).resolve().parent / "golden" / "hospital-small"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("hospital") / "w"
    shutil.copytree(FIXTURE, workspace)
    done = process("run", workspace / "2022-05")
    assert done.returncode == 1, done.stderr
    return Path(done.stdout.strip())


def test_the_run_folder_is_what_the_design_says(run: Path) -> None:
    names = {path.relative_to(run).parts[0] for path in run.rglob("*")}
    assert names == {
        "inputs",
        "rulebook",
        "manifest.json",
        "lines.csv",
        *(file_of(frame) for frame in FRAMES),
        "review.html",
        "review.xlsx",
        "control-sheet.pdf",
        "sepa",
    }
    assert run.name.startswith("2022-05-")
    assert len(run.name) == len("2022-05-abcdef")
    header = {
        name: (run / f"{name}.csv").read_text("utf-8").split("\n", 1)[0]
        for name in ("payments", "lines", "findings", "line-sums")
    }
    assert header == {
        "payments": "payment_id,stream,payee_id,creditor_name,iban,amount_cents,remittance,"
        "structured_reference,end_to_end_id,execution_date,legal_nature,status,hold_rules,file",
        "lines": "line_id,stream,payee_id,component,earning_period,quantity,rate,amount_cents,"
        "basis,rule_id,source,parents,payment_id",
        "line-sums": "line_id,base,numerator,denominator,rounding",
        "findings": "finding_id,rule_id,severity,subject_kind,subject_id,stream,observed,limit,"
        "message,remedy,source,decision",
    }


def test_files_hold_exactly_the_payments_to_pay(run: Path) -> None:
    """Read the XML with another parser than the tool's own; count, sum and each payment agree."""
    by_file: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for row in table(run / "payments.csv"):
        assert (row["status"] == "pay") == bool(row["file"])
        if row["file"]:
            by_file[row["file"]][row["end_to_end_id"]] = (row["iban"], int(row["amount_cents"]))
    assert set(by_file) == {f"sepa/{path.name}" for path in (run / "sepa").iterdir()}
    for name, expected in by_file.items():
        root = ElementTree.parse(run / name).getroot()
        space = {"p": root.tag[1:].split("}")[0]}
        header = root.find(".//p:GrpHdr", space)
        found = {
            item.findtext(".//p:EndToEndId", "", space): (
                item.findtext("p:CdtrAcct/p:Id/p:IBAN", "", space),
                int(Decimal(item.findtext("p:Amt/p:InstdAmt", "", space)) * 100),
            )
            for item in root.iterfind(".//p:CdtTrfTxInf", space)
        }
        assert found == expected
        assert header is not None
        assert int(header.findtext("p:NbOfTxs", "", space)) == len(expected) > 1
        total = sum(cents for _, cents in expected.values())
        assert Decimal(header.findtext("p:CtrlSum", "", space)) * 100 == total


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_xmllint_accepts_every_file(run: Path) -> None:
    schema = resources.files("sepaxml").joinpath("schemas/pain.001.001.03.xsd")
    for path in (run / "sepa").iterdir():
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", str(schema), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_control_sheet_has_one_page_per_file_and_no_person(run: Path) -> None:
    """Its texts stand uncompressed in the PDF; nothing on it could be a national number."""
    sheet = (run / "control-sheet.pdf").read_bytes()
    files = sorted((run / "sepa").iterdir())
    assert len(re.findall(rb"/Type /Page\b", sheet)) == len(files) == 4
    texts = b"\n".join(re.findall(rb"\((.*?)\) Tj", sheet))
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert " ".join(digest[at : at + 8] for at in range(0, 64, 8)).encode() in texts
        assert f"sepa/{path.name}".encode() in texts
    assert not re.search(rb"\d{11}|\d{6}-\d{3}[.-]\d{2}|\d\d\.\d\d\.\d\d-", texts)
    for row in table(run / "payments.csv"):
        if row["stream"] != "invoices":
            assert row["creditor_name"].encode("cp1252") not in texts
        assert row["iban"].encode() not in texts.replace(b" ", b"") or not row["iban"]


def test_every_cent_is_paid_held_or_owed(run: Path) -> None:
    lines: dict[tuple[str, str], int] = defaultdict(int)
    for row in table(run / "lines.csv"):
        lines[row["stream"], row["payee_id"]] += int(row["amount_cents"])
    for row in table(run / "payments.csv"):
        lines[row["stream"], row["payee_id"]] -= int(row["amount_cents"])
    owed = {key: cents for key, cents in lines.items() if cents}
    expected = {
        case["subject_id"] for case in planted("small", 1) if case["kind"] == "credit_note_larger"
    }
    assert all(cents < 0 for cents in owed.values())
    assert {payee for _, payee in owed} == expected


def test_unchanged_people_get_aprils_net_to_the_cent(run: Path) -> None:
    """Who has no planted case and only recurring components gets April's net, cent for cent, plus
    what the work bonus of 1 May 2022 changes and the holiday pay, both by a slow reference that
    shares no code with the run.
    """
    touched = {case["subject_id"] for case in planted("small", 1)}
    paid = {
        row["payee_id"]: int(row["amount_cents"])
        for row in table(run / "payments.csv")
        if row["stream"] == "salaries"
    }
    by_law = {
        agent.number: law_change(agent) + holiday_net_of(agent)
        for agent in make_hospital("small", 1).staff
    }
    unchanged = {key: net + by_law[key] for key, net in april_nets().items() if key not in touched}
    assert len(unchanged) >= 5
    assert any(by_law[key] for key in unchanged)
    assert {key: paid[key] for key in unchanged} == unchanged


def holiday_net_of(agent: Agent) -> int:
    """92 % of March's scale salary and household allowance by the share of 2021, net in cents.

    Who was under 25 and hired in 2021 waits for an answer; who was hired later gets nothing.
    """
    basis = sum(line.cents for line in agent.march if line.code in ("1000", "1010"))
    recent = agent.hired > date(2021, 1, 1)
    if agent.holiday_share is None and recent and agent.birth.year > 1996:
        return 0
    months = max(0, 13 - agent.hired.month) if agent.hired.year == 2021 else 12
    share = Fraction(0 if agent.hired.year > 2021 else months, 12)
    if agent.holiday_share is not None:
        share = Fraction(agent.holiday_share, 100)
    gross = holiday_pay(Decimal(basis) / 100, Decimal(92), share)
    person = person_of(agent)
    home = agent.household
    own = gross_to_net(person, "2022-05").contribution
    children = home.children + home.disabled_children
    found = holiday_net(gross, person.gross + person.taxable_extra, own, "2022-05", children)
    return int(found.net * 100)


def law_change(agent: Agent) -> int:
    """Net of May's law less net of April's on the same pay, in cents."""
    person, time = person_of(agent), Fraction(agent.fte, 100)
    nets = [
        gross_to_net(replace(person, work_days=time * days), month).net
        for month, days in (("2022-04", 21), ("2022-05", 22))
    ]
    return int((nets[1] - nets[0]) * 100)


def person_of(agent: Agent) -> Person:
    """An agent as the reference knows people, in April."""
    outside = ("1010",) if agent.status == "statutory" else ()
    home, gross = (
        agent.household,
        sum(line.cents for line in agent.components if line.code not in outside),
    )
    extra = sum(line.cents for line in agent.components if line.code in outside)
    base = sum(line.cents for line in agent.components if line.code in PENSION_BASE)
    return Person(
        status=agent.status,
        gross=Decimal(gross) / 100,
        pension_base=Decimal(base) / 100,
        taxable_extra=Decimal(extra) / 100,
        work_days=Fraction(agent.fte, 100),
        part_time=agent.fte < 100,
        **asdict(home),
    )


def april_nets() -> dict[str, int]:
    """The nets of people without one-offs, read from the fixture's files without the tool."""
    exports = FIXTURE / "2022-05" / "exports"
    text = (exports / "paie_lignes_2022-04.csv").read_text("cp1252")
    one_offs = {
        line[0].strip()
        for line in csv.reader(text.splitlines(), delimiter=";")
        if len(line) > 2 and line[2].strip() in ("2000", "3000", "3100")
    }
    book = openpyxl.load_workbook(exports / "paie_totaux_2022-04.xlsx")
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    at = next(index for index, row in enumerate(rows) if row[0] == "N° agent")
    column = rows[at].index("Net à payer")
    return {
        str(row[0]).strip(): round(Decimal(str(row[column]).replace(",", ".")) * 100)
        for row in rows[at + 1 :]
        if str(row[0] or "").strip().isdigit() and str(row[0]).strip() not in one_offs
    }


def test_the_back_test_finds_april_to_the_cent_but_for_local_habits(run: Path) -> None:
    """Also of part-timers, of who was sick in April, and of statutory staff with an allowance."""
    staff = {agent.number: agent for agent in make_hospital("small", 1).staff}
    unexplained = {
        case["subject_id"] for case in planted("small", 1) if case["kind"] == "april_unexplained"
    }
    local = {
        number
        for number, agent in staff.items()
        if agent.more_withholding
        or agent.category == "Cadre"
        or any(line.code == LOCAL_ALLOWANCE for line in agent.components)
    }
    rows = table(run / "backtest.csv")
    steps = [name.removesuffix("_known_cents") for name in rows[0] if name.endswith("_known_cents")]
    differ = {
        row["payee_id"]
        for row in rows
        if any(row[f"{step}_known_cents"] != row[f"{step}_rebuilt_cents"] for step in steps)
    }
    assert differ == local | unexplained
    assert any(staff[row["payee_id"]].sick and row["payee_id"] not in differ for row in rows)
    assert any(
        staff[row["payee_id"]].status == "statutory"
        and any(line.code == "1010" for line in staff[row["payee_id"]].components)
        for row in rows
    )


def test_junes_sample_is_indexed_after_two_months_of_outage(tmp_path: Path) -> None:
    """May's list is right for June as it is: nobody is held for a fact of May."""
    done = payroll("demo", tmp_path / "w", "--period", "2022-06", "--json")
    assert done.returncode == 0, done.stderr
    done = payroll("run", tmp_path / "w" / "2022-06")
    assert done.returncode == 1, done.stderr
    june = Path(done.stdout.strip())
    held = {row["payee_id"] for row in table(june / "payments.csv") if row["status"] == "held"}
    kinds = {
        "iban_changed_after_attack",
        "iban_differs_from_register",
        "april_unexplained",
        "accounts_swapped",
        "account_changed_everywhere",
    }
    assert held == {case["subject_id"] for case in planted("small", 1) if case["kind"] in kinds}
    lines = table(june / "lines.csv")
    raised = [row for row in lines if row["component"] == "index_step"]
    assert {row["rate"] for row in raised} == {"1.8476→1.8845"}
    assert len({row["payee_id"] for row in raised}) >= 35
    assert "holiday_pay" not in {row["component"] for row in lines}
    assert {row["earning_period"] for row in lines if row["component"] == "bonus_gross"} == {
        "2022-05"
    }


def test_held_payees_are_the_planted_ones(run: Path) -> None:
    held = {row["payee_id"] for row in table(run / "payments.csv") if row["status"] == "held"}
    holding = {
        "iban_changed_after_attack",
        "iban_differs_from_register",
        "deceased",
        "duplicate_invoice",
        "supplier_without_iban",
        "april_unexplained",
        "accounts_swapped",
        "account_changed_everywhere",
    }
    assert held == {case["subject_id"] for case in planted("small", 1) if case["kind"] in holding}


def test_the_same_inputs_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "again")
    done = process("run", tmp_path / "again" / "2022-05", "--lang", "nl")
    again = Path(done.stdout.strip())
    assert again.name == run.name
    digests = [
        {
            path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (run, again)
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", ["payments.csv", "findings.csv"])
def test_golden(run: Path, name: str) -> None:
    """A change here is seen in review: scripts/update_golden.py rewrites it and shows the diff."""
    assert (run / name).read_text("utf-8") == (GOLDEN / name).read_text("utf-8")


def test_verify_names_any_flipped_byte(run: Path, tmp_path: Path) -> None:
    assert process("verify", run).returncode == 0
    names = [path.relative_to(run) for path in sorted(run.rglob("*")) if path.is_file()]
    for name in names:
        copy = tmp_path / run.name
        shutil.copytree(run, copy)
        data = bytearray((copy / name).read_bytes())
        data[len(data) // 2] ^= 1
        (copy / name).write_bytes(data)
        if name.name == "manifest.json" or name.suffix in (".csv", ".xml", ".xlsx", ".pdf"):
            done = payroll("verify", copy, *([] if name.name == "manifest.json" else ["--quick"]))
            assert done.returncode != 0, name
            assert "Traceback" not in done.stderr
            if name.name != "manifest.json":
                assert name.as_posix() in done.stderr
        shutil.rmtree(copy)


def test_a_rewritten_manifest_does_not_pass(run: Path, tmp_path: Path) -> None:
    """Whoever alters a payment and its digest still cannot make the rebuild produce it."""
    copy = tmp_path / run.name
    shutil.copytree(run, copy)
    payments = (copy / "payments.csv").read_bytes().replace(b"BE", b"BX", 1)
    (copy / "payments.csv").write_bytes(payments)
    manifest = json.loads((copy / "manifest.json").read_bytes())
    manifest["files"]["payments.csv"] = hashlib.sha256(payments).hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert payroll("verify", copy, "--quick").returncode == 0
    done = payroll("verify", copy)
    assert done.returncode == 1
    assert "payments.csv" in done.stderr


def test_the_hospital_is_paid_but_for_its_planted_cases(tmp_path: Path) -> None:
    """4,000 staff, 450 practitioners, 1,200 suppliers: size changes nothing in who is held."""
    assert payroll("demo", tmp_path / "w", "--size", "hospital").returncode == 0
    done = payroll("run", tmp_path / "w" / "2022-05", "--json")
    assert done.returncode == 1, done.stderr
    totals = json.loads(done.stdout)["totals"]
    paid = {stream: row["paid"] for stream, row in totals.items()}
    assert paid["salaries"] > 3_900
    assert paid["fees"] == 450
    assert paid["bonuses"] > 2_000
    assert paid["invoices"] > 2_000
    rows = table(Path(json.loads(done.stdout)["folder"]) / "payments.csv")
    assert len({row["payee_id"] for row in rows if row["status"] == "held"}) == 9
    assert len({row["end_to_end_id"] for row in rows}) == len(rows)


def test_trace_reaches_the_cells(run: Path) -> None:
    row = next(row for row in table(run / "payments.csv") if row["stream"] == "salaries")
    for wanted in (row["payment_id"], row["end_to_end_id"], row["payee_id"]):
        done = payroll("trace", run, wanted)
        assert done.returncode == 0, done.stderr
        assert "exports/paie_totaux_2022-04.xlsx!Totaux!R" in done.stdout
    assert payroll("trace", run, "nobody").returncode == 2
    assert json.loads(payroll("trace", run, row["payee_id"], "--json").stdout)


def test_no_identifier_in_a_bank_file_is_personal(run: Path) -> None:
    payees = {row["payee_id"] for row in table(run / "payments.csv")}
    for path in (run / "sepa").iterdir():
        content = path.read_text("utf-8")
        ids = [
            part.split("<")[0]
            for tag in ("MsgId", "PmtInfId", "EndToEndId", "InstrId")
            for part in content.split(f"<{tag}>")[1:]
        ]
        assert ids
        assert not [item for item in ids if len(item) > 35 or any(key in item for key in payees)]
