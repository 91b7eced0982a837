"""Small answers of a bank, written for the tests: fictitious people, valid check digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from payroll.bank_status.recognise import read_answer
from payroll.model.answers import AnswerFact, BankAnswer

OWN_IBAN = "BE68539007547034"
PAYEE_IBAN = "BE71096123456769"
OTHER_IBAN = "BE62510007547061"
MESSAGE, BLOCK = "RUN-2022-05-1A2B3C", "RUN-2022-05-1A2B3C-01"


def read(content: bytes | str) -> BankAnswer:
    return read_answer("answer", content if isinstance(content, bytes) else content.encode())


def payment_fact(**said: Any) -> AnswerFact:
    """What an answer says of payment SAL-1 of our file, to Aline."""
    return AnswerFact(
        level="payment", block_id=BLOCK, end_to_end_id="SAL-1", counterparty_iban=PAYEE_IBAN, **said
    )


def pain002(
    body: str,
    *,
    version: str = "03",
    group: str = "",
    message_id: str = "STS-1",
    created: str = "2022-05-30T10:00:00",
) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}">\n'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{MESSAGE}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.{'09' if version == '10' else '03'}</OrgnlMsgNmId>"
        f"{group}</OrgnlGrpInfAndSts>{body}</CstmrPmtStsRpt></Document>"
    )


def reason(code: str, *texts: str) -> str:
    added = "".join(f"<AddtlInf>{text}</AddtlInf>" for text in texts)
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>{added}</StsRsnInf>"


def block(inside: str, status: str = "") -> str:
    said = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{BLOCK}</OrgnlPmtInfId>{said}{inside}"
        "</OrgnlPmtInfAndSts>"
    )


def transaction(end_to_end_id: str, status: str, reasons: str = "", reference: str = "") -> str:
    said = f"<TxSts>{status}</TxSts>" if status else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>{said}{reasons}"
        f"{reference}</TxInfAndSts>"
    )


def original(amount: str, *, currency: str = "EUR", version: str = "03") -> str:
    name = "<Nm>Aline Dubois</Nm>"
    party = f"<Pty>{name}</Pty>" if version == "10" else name
    return (
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>'
        f"<Cdtr>{party}</Cdtr><CdtrAcct><Id><IBAN>{PAYEE_IBAN}</IBAN></Id></CdtrAcct></OrgnlTxRef>"
    )


def camt(
    entries: str, *, kind: str = "053", version: str = "02", before: str = "", more: str = ""
) -> str:
    message, statement = (
        ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    )
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{message}>'
        "<GrpHdr><MsgId>STM-MSG</MsgId><CreDtTm>2022-05-31T20:00:00</CreDtTm></GrpHdr>"
        f"<{statement}><Id>2205-31</Id><ElctrncSeqNb>151</ElctrncSeqNb>"
        "<CreDtTm>2022-05-31T19:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{OWN_IBAN}</IBAN></Id></Acct>{before}{entries}</{statement}>{more}"
        f"</{message}></Document>"
    )


def balance(code: str, amount: str, direction: str = "CRDT") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2022-05-31</Dt></Dt></Bal>"
    )


def entry(
    amount: str,
    direction: str,
    details: str = "",
    *,
    version: str = "02",
    status: str = "BOOK",
    sub_family: str = "ESCT",
    currency: str = "EUR",
) -> str:
    said = f"<Cd>{status}</Cd>" if version == "08" else status
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts>{said}</Sts><BookgDt><Dt>2022-05-31</Dt></BookgDt><AcctSvcrRef>BANK-77</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly>"
        f"</Domn></BkTxCd>{details and f'<NtryDtls>{details}</NtryDtls>'}"
        "<AddtlNtryInf>Salaires mai</AddtlNtryInf></Ntry>"
    )


def batch(count: int) -> str:
    return (
        f"<Btch><MsgId>{MESSAGE}</MsgId><PmtInfId>{BLOCK}</PmtInfId>"
        f"<NbOfTxs>{count}</NbOfTxs></Btch>"
    )


def detail(
    end_to_end_id: str,
    amount: str = "",
    inside: str = "",
    *,
    version: str = "02",
    payee: str = "Aline Dubois",
    currency: str = "EUR",
) -> str:
    name = f"<Pty><Nm>{payee}</Nm></Pty>" if version == "08" else f"<Nm>{payee}</Nm>"
    said = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    if said and version == "02":
        said = f"<AmtDtls><TxAmt>{said}</TxAmt></AmtDtls>"
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{said}"
        f"<RltdPties><Dbtr>{name.replace(payee, 'Centre hospitalier fictif')}</Dbtr>"
        f"<DbtrAcct><Id><IBAN>{OWN_IBAN}</IBAN></Id></DbtrAcct><Cdtr>{name}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{PAYEE_IBAN}</IBAN></Id></CdtrAcct></RltdPties>{inside}</TxDtls>"
    )


def row(text: str, end: str = "") -> str:
    """One CODA record of 128 characters, `end` at its right."""
    return text.ljust(128 - len(end)) + end


def coda_header(flag: str = " ", version: str = "2") -> str:
    return row(
        f"0000031052253905{flag}       0009944900CENTRE HOSPITALIER FICTIF ".ljust(60)
        + "KREDBEBB   00477472701",
        version,
    )


def coda_old(
    amount_cents: int, structure: str = "2", account: str = OWN_IBAN, currency: str = "EUR"
) -> str:
    where = account.ljust(34) + currency
    if structure == "0":
        where = f"{account} {currency}0BE".ljust(37)
    return row(f"1{structure}151{where}0{amount_cents * 10:015}300522Centre hospitalier", "151")


def coda_new(amount_cents: int, account: str = OWN_IBAN) -> str:
    return row(f"8151{account.ljust(34)}EUR0{amount_cents * 10:015}310522", "0")


def coda_move(
    sequence: int,
    amount_cents: int,
    code: str,
    *,
    detail_number: int = 0,
    reference: str = "",
    r_type: str = "",
    r_reason: str = "",
    account: str = "",
    name: str = "",
    text: str = "",
) -> list[str]:
    """A movement of three records; a negative amount is a debit."""
    start = f"{sequence:04}{detail_number:04}"
    sign, thousandths = int(amount_cents < 0), abs(amount_cents) * 10
    return [
        row(
            f"21{start}{'BANKREF' + start:<21}{sign}{thousandths:015}310522{code}0{text[:53]:<53}"
            "310522151",
            "1 0",
        ),
        row(f"22{start}{'':<53}{reference:<35}{'':<11}   {r_type:1}{r_reason:4}", "1 0"),
        row(f"23{start}{account:<34}EUR{name:<35}", "0 0"),
    ]


def coda(
    rows: Sequence[str],
    *,
    debit_cents: int,
    credit_cents: int,
    counted: int | None = None,
    header: str = "",
    old: str = "",
    new: str = "",
) -> str:
    opening = 100_000_000
    records = [
        old or coda_old(opening),
        *rows,
        new or coda_new(opening + credit_cents - debit_cents),
    ]
    count = len(records) if counted is None else counted
    trailer = row(f"9{'':<15}{count:06}{debit_cents * 10:015}{credit_cents * 10:015}", "2")
    return "\n".join([header or coda_header(), *records, trailer]) + "\n"
