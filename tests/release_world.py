"""A tiny hospital whose months are run, approved and released in this process.

Everybody is invented. Decisions are taken by two people, keys are opened once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from random import Random

import pandas as pd
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lxml import etree

from payroll.demo import exports
from payroll.demo.files import Export, csv_bytes
from payroll.demo.identity import Register
from payroll.demo.staff import Agent, RegisterLine, make_staff
from payroll.demo.vendors import Invoice, Practitioner, Statement, Supplier
from payroll.ledger.answers import Imported
from payroll.ledger.keys import new_key, open_key
from payroll.pipeline import build_run
from payroll.publish import sealed
from payroll.record.folder import record_files
from payroll.record.run import Run
from payroll.release import proven_run
from payroll.release.bank_loop import import_file
from payroll.release.decide import Wish, decide, decision_context
from payroll.release.ledger_input import to_reissue, with_ledger
from payroll.release.proven_run import prepare
from payroll.release.release import Release, approve_run, near_rule, release_run
from payroll.rulebook.book import RuleBook, load_rulebook
from payroll.store import (
    load_book,
    load_manifest,
    load_payrun,
    load_rule_files,
    rules_folder,
    write_run,
)
from payroll.version import code_version

WORDS = "correct horse battery"
APPROVERS = ("Zoé Modèle", "Hervé Spécimen")
MONTHS = ("2022-05", "2022-06", "2022-07")
BEFORE = {"2022-05": "2022-04", "2022-06": "2022-05", "2022-07": "2022-06"}
CREATED = "2022-05-23T09:00:00"
WHY = {"reason": "compte confirmé", "evidence": "note 12"}


@cache
def keys() -> tuple[tuple[bytes, str], ...]:
    """(private file, public line) of each approver, cheap to open."""
    return tuple(new_key(WORDS, rounds=1) for _ in APPROVERS)


@cache
def opened(private: bytes) -> Ed25519PrivateKey:
    return open_key(private, WORDS)


@cache
def rulebook() -> RuleBook:
    return load_rulebook(load_rule_files(rules_folder()))


@dataclass
class Hospital:
    """What the files tell; a test changes it between two runs."""

    register: Register
    staff: list[Agent]
    practitioners: list[Practitioner]
    suppliers: list[Supplier]
    invoices: list[Invoice]
    accounts: tuple[str, str]
    number: str
    moved: dict[str, str] = field(default_factory=dict)  # payee -> new account, by adjustment
    fees: dict[tuple[str, str], int] = field(default_factory=dict)

    def invoice(self, supplier: int, number: str, cents: int, works: tuple[str, ...] = ()) -> None:
        """Add an open invoice, or a credit note when negative."""
        self.invoices.append(
            Invoice(
                supplier=self.suppliers[supplier].number,
                number=number,
                day=date(2022, 4, 12),
                due=date(2022, 5, 31),
                cents=cents,
                excluded=cents * 100 // 121,
                works=works,
            )
        )


def hospital(staff: int = 3, practitioners: int = 2, seed: int = 5) -> Hospital:
    """Three members of staff, two practitioners, two suppliers with three invoices."""
    register = Register(Random(seed))  # noqa: S311 - a reproducible sample, no secret
    agents = [
        replace(
            agent,
            status="contractual",
            fte=100,
            language="FR",
            monthly_cents=250_000 + at,
            components=(RegisterLine(code="1000", cents=250_000 + at),),
            other_deductions=0,
            more_withholding=0,
        )
        for at, agent in enumerate(make_staff(register, staff, ("Site Fictif",)))
    ]
    doctors = [
        Practitioner(
            number=f"P{101 + at}",
            name=("Docteur Fictif", "Cabinet Modèle")[at % 2],
            iban=register.iban(),
            inami=register.inami_number(),
            rate=10,
            contract=f"CONV-{at}",
        )
        for at in range(practitioners)
    ]
    suppliers = [
        Supplier(
            number=f"F{1001 + at}",
            name=name,
            iban=register.iban(),
            enterprise_number=register.enterprise_number(),
            category="Divers",
            priority="1",
            terms=30,
        )
        for at, name in enumerate(("Maison Fictive", "Garage Exemple"))
    ]
    made = Hospital(
        register=register,
        staff=agents,
        practitioners=doctors,
        suppliers=suppliers,
        invoices=[],
        accounts=(register.iban(), register.iban()),
        number=register.enterprise_number(),
    )
    for at, cents in enumerate((10_000, 20_500, 30_700)):
        made.invoice(at % 2, f"A-{100 + at}", cents)
    return made


def employer_toml(made: Hospital, profile: str = "generic_be_2022") -> str:
    people = "".join(
        f'[[release.approvers]]\nname = "{name}"\npublic_key = "{public}"\nrole = "finance"\n'
        for name, (_, public) in zip(APPROVERS, keys(), strict=True)
    )
    accounts = "".join(
        f'[[account]]\nid = "{name}"\niban = "{iban}"\nbank_profile = "{profile}"\n'
        for name, iban in zip(("main", "suppliers"), made.accounts, strict=True)
    )
    return (
        f'name = "Intercommunale Fictive"\nenterprise_number = "{made.number}"\nlanguage = "fr"\n'
        f'town = "Modèleville"\ncountry = "BE"\n{accounts}[release]\napprovals = 2\n'
        f'preparers = ["Noëlle Fictif"]\n{people}'
    )


def payrun_toml(month: str, streams: Iterable[str]) -> str:
    before, due = (
        BEFORE[month],
        {"fees": f'earned = "{BEFORE[month]}"\n', "invoices": f"due_until = {month}-28\n"},
    )
    due["holiday_pay"] = 'basis_month = "2022-03"\npercentage = 92\n'
    due["invoices"] = f"due_until = {month[:5]}{int(month[5:]) + 1:02d}-10\n"
    pay_on = {"2022-05": "2022-05-31", "2022-06": "2022-06-30", "2022-07": "2022-07-29"}[month]
    created = CREATED.replace("2022-05", month)
    head = f'period = "{month}"\nlast_known = "{before}"\ncreated_at = {created}\n'
    lines = [head + 'prepared_by = "Noëlle Fictif"\n']
    for stream in streams:
        account = "suppliers" if stream == "invoices" else "main"
        lines.append(f'[{stream}]\n{due.get(stream, "")}pay_on = {pay_on}\naccount = "{account}"\n')
    wanted = ("joiners", "leavers", "deceased", "holiday_pay")
    lines.append("[none_known]\n" + "".join(f'{key} = "Noëlle Fictif"\n' for key in wanted))
    lines += [f'[[source]]\nkind = "{kind}"\nfile = "exports/{kind}.csv"\n' for kind in KINDS]
    return "\n".join(lines)


KINDS = (
    "employees",
    "register_totals",
    "register_lines",
    "practitioners",
    "fee_statements",
    "suppliers",
    "invoices",
    "adjustments",
)


def _adjustments(made: Hospital, month: str) -> Export:
    rows = [
        [
            f"AJ-{at:03d}",
            payee,
            "iban_change",
            iban,
            date.fromisoformat(f"{month}-01"),
            None,
            "nouveau compte",
            "RIB",
            "Noé Brouillon",
            "Zoé Modèle",
        ]
        for at, (payee, iban) in enumerate(made.moved.items())
    ]
    return Export(
        name="csv", titles=("Ajustements",), headings=exports.ADJUSTMENT_HEADINGS, rows=rows
    )


def _statements(made: Hospital) -> list[Statement]:
    months = ("2022-02", "2022-03", *BEFORE.values())
    return [
        Statement(
            number=doctor.number,
            period=month,
            gross=made.fees.get((doctor.number, month), 500_000 + at),
        )
        for month in months
        for at, doctor in enumerate(made.practitioners)
    ]


def sources(made: Hospital, month: str) -> dict[str, bytes]:
    known = BEFORE[month].encode()
    tables = {
        "employees": exports.staff_table(made.staff),
        "register_totals": exports.totals_table(made.staff),
        "register_lines": exports.lines_table(made.staff),
        "practitioners": exports.practitioners_table(made.practitioners),
        "fee_statements": exports.statements_table(_statements(made)),
        "suppliers": exports.suppliers_table(made.suppliers),
        "invoices": exports.invoices_table(made.invoices),
        "adjustments": _adjustments(made, month),
    }
    found = {kind: csv_bytes(table) for kind, table in tables.items()}
    for kind in ("register_totals", "register_lines"):
        found[kind] = found[kind].replace(b";2022-04;", b";" + known + b";")
    return found


@dataclass
class World:
    """A workspace on the disk."""

    folder: Path
    made: Hospital
    streams: tuple[str, ...] = ("salaries", "fees", "invoices")
    profile: str = "generic_be_2022"

    def write(self, month: str) -> Path:
        """Write the month's order and files as the hospital is now."""
        place = self.folder / month
        (place / "exports").mkdir(parents=True, exist_ok=True)
        (self.folder / "employer.toml").write_text(employer_toml(self.made, self.profile), "utf-8")
        (place / "payrun.toml").write_text(payrun_toml(month, self.streams), "utf-8")
        for kind, content in sources(self.made, month).items():
            (place / "exports" / f"{kind}.csv").write_bytes(content)
        return place

    def run(self, month: str, *, reissue: bool = False) -> tuple[Path, Run]:
        """Build and write a run, or a reissue of what failed."""
        found = with_ledger(load_payrun(self.write(month)), rulebook())
        created = found.order.created_at
        if reissue:
            found = to_reissue(found, None, "Noëlle Fictif")
        output = build_run(found.request(rulebook(), created, code_version()))
        assert not output.refused, output.findings[output.findings["severity"] == "block"]
        folder, _ = write_run(
            found.folder / "runs", output.run_id, sealed(output, record_files(output))
        )
        # what this process has just built is not built again to be released, nor are its documents
        # made: that a folder is rebuilt is proved by tests/release/test_tampered_run.py
        proven_run._REBUILT.add((code_version(), load_manifest(folder)[1]))
        return folder, output

    def decide_all(self, run: Path) -> int:
        """Two people clear every finding that two people may clear."""
        context = decision_context(run)
        holds = [
            row for row in context.run.findings.to_dict("records") if row["severity"] == "hold"
        ]
        wishes = []
        for row in holds:
            if context.pays_nothing(row):  # type: ignore[arg-type]
                continue
            finding, level = row["finding_id"], context.control(row["rule_id"]).override
            people = {"one": APPROVERS[:1], "two_people": APPROVERS}.get(level, ())
            taken = {item.by for item in context.taken if item.finding == finding}
            wishes += [
                Wish(finding=finding, action="pay", by=name, **WHY)
                for name in people
                if name not in taken
            ]
        return len(decide(context, wishes))

    def release(self, run: Path) -> Release:
        """Both approve, and it is released."""
        prepared = prepare(run)
        for name, (private, _) in zip(APPROVERS, keys(), strict=True):
            approve_run(prepared, name, private, WORDS)
        return release_run(prepare(run), "Zoé Modèle", near_rule(prepared))

    def pay(self, month: str, *, reissue: bool = False) -> Path:
        """Run, decide whatever two people may, run again, release."""
        run, _ = self.run(month, reissue=reissue)
        if self.decide_all(run):
            run, _ = self.run(month, reissue=reissue)
        self.release(run)
        return run

    def answer(self, content: bytes, name: str = "answer.xml") -> Imported:
        """Read an answer of the bank into the ledger."""
        path = self.folder / name
        path.write_bytes(content)
        return import_file(self.folder, path, load_book(self.folder))[1]

    def outbox(self) -> list[Path]:
        return sorted(self.folder.glob("*/outbox/*.xml"))

    def sent(self) -> dict[str, Sent]:
        """Every file in an outbox, by its message id."""
        found = (sent_file(path) for path in self.outbox())
        return {item.message_id: item for item in found}


@dataclass(frozen=True)
class Sent:
    """A payment file as another reader sees it: payments are (end-to-end id, cents, account)."""

    message_id: str
    block_id: str
    debtor: str
    day: str
    payments: tuple[tuple[str, int, str], ...]

    @property
    def total(self) -> int:
        return sum(cents for _, cents, _ in self.payments)


def sent_file(path: Path) -> Sent:
    tree = etree.parse(path)

    def one(node: etree._Element | etree._ElementTree, name: str) -> str:
        return str(node.findtext(f".//{{*}}{name}"))

    debtor = tree.find(".//{*}DbtrAcct")
    assert debtor is not None
    payments = tuple(
        (
            one(node, "EndToEndId"),
            int(one(node, "InstdAmt").replace(".", "")),
            str(node.findtext(".//{*}CdtrAcct//{*}IBAN")),
        )
        for node in tree.iter("{*}CdtTrfTxInf")
    )
    return Sent(
        one(tree, "MsgId"),
        one(tree, "PmtInfId"),
        one(debtor, "IBAN"),
        one(tree, "ReqdExctnDt").strip(),
        payments,
    )


def euro(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def status_report(
    file: Sent,
    *,
    group: str = "",
    block: str = "",
    payments: Mapping[str, str] | None = None,
    reason: str = "AC04",
    answer_id: str = "ANS-1",
    created: str = "2022-06-01T10:00:00",
) -> bytes:
    """pain.002.001.03: a status of the file, of its block, of payments (id -> code)."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    own = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>{code}</TxSts>"
        f"{why if code in ('RJCT', 'CANC') else ''}</TxInfAndSts>"
        for key, code in (payments or {}).items()
    )
    blocks = ""
    if block or own:
        said = f"<PmtInfSts>{block}</PmtInfSts>" if block else ""
        blocks = (
            f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{file.block_id}</OrgnlPmtInfId>{said}{own}"
            "</OrgnlPmtInfAndSts>"
        )
    said = f"<GrpSts>{group}</GrpSts>" if group else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{answer_id}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{file.message_id}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>{said}</OrgnlGrpInfAndSts>{blocks}"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


@dataclass(frozen=True)
class Entry:
    """An entry of a statement. batch: our ids and the count; details: XML of its TxDtls."""

    cents: int
    direction: str = "DBIT"
    booked: bool = True
    day: str = "2022-05-31"
    reference: str = "REF1"
    batch: str = ""
    details: tuple[str, ...] = ()
    family: str = "ESCT"
    reversal: bool = False

    def xml(self) -> str:
        inside = self.batch + "".join(self.details)
        return (
            f'<Ntry><Amt Ccy="EUR">{euro(self.cents)}</Amt><CdtDbtInd>{self.direction}</CdtDbtInd>'
            f"{'<RvslInd>true</RvslInd>' if self.reversal else ''}"
            f"<Sts>{'BOOK' if self.booked else 'PDNG'}</Sts><BookgDt><Dt>{self.day}</Dt></BookgDt>"
            f"<AcctSvcrRef>{self.reference}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
            f"<Cd>ICDT</Cd><SubFmlyCd>{self.family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
            f"{f'<NtryDtls>{inside}</NtryDtls>' if inside else ''}</Ntry>"
        )


def batch(file: Sent, count: int) -> str:
    return (
        f"<Btch><MsgId>{file.message_id}</MsgId><PmtInfId>{file.block_id}</PmtInfId>"
        f"<NbOfTxs>{count}</NbOfTxs></Btch>"
    )


def detail(end_to_end_id: str, cents: int, reason: str = "") -> str:
    back = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs><AmtDtls><TxAmt>"
        f'<Amt Ccy="EUR">{euro(cents)}</Amt></TxAmt></AmtDtls>{back}</TxDtls>'
    )


def debit(file: Sent, cents: int, count: int = 0, **given: str) -> Entry:
    """A debit that names the file, of all or some of it."""
    return Entry(cents=cents, batch=batch(file, count or len(file.payments)), **given)


def returned(
    payment: tuple[str, int, str],
    *,
    booked: bool = True,
    day: str = "2022-06-02",
    reason: str = "AC04",
) -> Entry:
    """The credit of a payment that comes back."""
    key, cents, _ = payment
    return Entry(
        cents=cents,
        direction="CRDT",
        booked=booked,
        day=day,
        family="RRTN",
        reference=f"R{key[-6:]}",
        details=(detail(key, cents, reason),),
    )


def statement(
    iban: str, entries: Iterable[Entry], *, kind: str = "053", number: str = "1"
) -> bytes:
    """camt.053.001.02, or the notification camt.054.001.02."""
    message, element = {
        "053": ("BkToCstmrStmt", "Stmt"),
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[kind]
    when = "<CreDtTm>2022-05-31T22:00:00</CreDtTm>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.02"><{message}>'
        f"<GrpHdr><MsgId>M{number}</MsgId>{when}</GrpHdr><{element}><Id>S{number}</Id>{when}"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(item.xml() for item in entries)}"
        f"</{element}></{message}></Document>"
    ).encode()


def known_keys(run: Path) -> pd.DataFrame:
    """payment-keys.csv of a run with what payments.csv says of each: status and file."""
    keys_of = pd.read_csv(run / "payment-keys.csv", dtype=str, keep_default_na=False)
    payments = pd.read_csv(run / "payments.csv", dtype=str, keep_default_na=False)
    return keys_of.merge(
        payments[["payment_id", "end_to_end_id", "status", "file"]], on="payment_id"
    )


def stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rules_of(run: Path) -> set[str]:
    return set(re.findall(r",([A-Z]+-\d{3}),", (run / "findings.csv").read_text("utf-8")))
