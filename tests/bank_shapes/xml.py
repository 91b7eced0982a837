"""Answers in the shapes that banks give them: synthetic, every element as the standard has it.

Each shape tells of one release: a file of three payments. What must come of it stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.ledger_samples import OURS, THEIRS

FILE = "20220531-SAL-qghanibmjggjbdkrgja"
BLOCK = f"{FILE}-P"
ONE, TWO, THREE = (f"E-{letter}aqdkhnnbpeeihgenaedmgphgaa{letter}" for letter in "bcd")
PAYMENTS = [(ONE, 100_000, ("A1",)), (TWO, 200_025, ("A2",)), (THREE, 50, ("A3",))]
TOTAL = "3000.75"
RETURN = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
SALARY = "<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>SALA</SubFmlyCd></Fmly></Domn>"


@dataclass(frozen=True)
class Shape:
    """An answer and what must come of it: states of payments, why something is listed, an error."""

    content: str
    states: Mapping[str, str]
    listed: tuple[str, ...] = ()
    refused: str = ""

    def told(self) -> bytes:
        return self.content.encode("windows-1252" if self.content[0] == "0" else "utf-8")


ALL = {ONE: "executed", TWO: "executed", THREE: "executed"}
NONE = {ONE: "released", TWO: "released", THREE: "released"}


def only(key: str, state: str, rest: str = "released") -> dict[str, str]:
    return {**dict.fromkeys(NONE, rest), key: state}


def statements(*inside: str, version: str = "02", kind: str = "053", account: str = OURS) -> str:
    message, element = {
        "052": ("BkToCstmrAcctRpt", "Rpt"),
        "053": ("BkToCstmrStmt", "Stmt"),
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[kind]
    message += "V01" if version == "01" else ""
    when = "<CreDtTm>2022-06-01T06:00:00</CreDtTm>"
    parts = "".join(
        f"<{element}><Id>S{n}</Id>{when}"
        + (text if text.startswith("<Acct>") else f"{acct(account)}{text}")
        + f"</{element}>"
        for n, text in enumerate(inside)
    )
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{message}>'
        f"<GrpHdr><MsgId>B1</MsgId>{when}</GrpHdr>{parts}</{message}></Document>"
    )


def acct(iban: str) -> str:
    return f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"


def entry(
    amount: str,
    direction: str = "DBIT",
    inside: str = "",
    *,
    status: str = "BOOK",
    code: str = SALARY,
    more: str = "",
    currency: str = "EUR",
    version: str = "02",
    before: str = "",
) -> str:
    sts = f"<Cd>{status}</Cd>" if int(version) >= 8 else status
    return (
        f'<Ntry>{before}<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"{more}<Sts>{sts}</Sts><BookgDt><Dt>2022-06-01</Dt></BookgDt>"
        f"<ValDt><Dt>2022-06-01</Dt></ValDt><AcctSvcrRef>{direction}{amount}</AcctSvcrRef>"
        f"<BkTxCd>{code}</BkTxCd>{inside}</Ntry>"
    )


def within(*inside: str, version: str = "02") -> str:
    """NtryDtls, which the first version does not know."""
    joined = "".join(inside)
    return joined if version == "01" else f"<NtryDtls>{joined}</NtryDtls>"


def batch(message: str = FILE, block: str = BLOCK, count: str = "3", total: str = "") -> str:
    parts = {"MsgId": message, "PmtInfId": block, "NbOfTxs": count}
    told = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    amount = f'<TtlAmt Ccy="EUR">{total}</TtlAmt><CdtDbtInd>DBIT</CdtDbtInd>' if total else ""
    return f"<Btch>{told}{amount}</Btch>"


def tx(
    key: str = "",
    amount: str = "",
    more: str = "",
    *,
    refs: str = "",
    version: str = "02",
    iban: str = THEIRS,
) -> str:
    name = "<Nm>Anne Fictive</Nm>"
    party = f"<Pty>{name}</Pty>" if int(version) >= 8 else name
    told = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    if told and int(version) < 8:
        told = f"<AmtDtls><TxAmt>{told}</TxAmt></AmtDtls>"
    own = f"{refs}<EndToEndId>{key}</EndToEndId>" if key else refs
    account = f"<CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>" if iban else ""
    return (
        f"<TxDtls><Refs>{own}</Refs>{told}<RltdPties><Cdtr>{party}</Cdtr>{account}</RltdPties>"
        f"{more}</TxDtls>"
    )


def report(inside: str, version: str = "03", *, group: str = "", namespace: str = "") -> str:
    known = namespace or f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    return (
        f'<Document xmlns="{known}"><CstmrPmtStsRpt><GrpHdr><MsgId>P1</MsgId>'
        "<CreDtTm>2022-05-30T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{FILE}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>{group}"
        f"</OrgnlGrpInfAndSts>{inside}</CstmrPmtStsRpt></Document>"
    )


def of_block(inside: str, status: str = "") -> str:
    said = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{BLOCK}</OrgnlPmtInfId>{said}{inside}"
        "</OrgnlPmtInfAndSts>"
    )


def of_tx(key: str, status: str = "", reason: str = "<Cd>AC04</Cd>", more: str = "") -> str:
    said = f"<TxSts>{status}</TxSts>" if status else ""
    why = f"<StsRsnInf><Rsn>{reason}</Rsn></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId>{said}{why}{more}</TxInfAndSts>"
