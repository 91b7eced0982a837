"""Payment files as banks hold them, in the manner of several programs."""

from __future__ import annotations

from collections.abc import Sequence

IBANS = (
    "BE68539007547034",
    "BE71096123456769",
    "BE88063954965641",
    "BE09732999999957",
    "BE76679000019295",
)


def tx(
    name: str = "ANNE MODELE",
    iban: str = IBANS[0],
    amount: str = "2000.00",
    reference: str = "NOTPROVIDED",
    remittance: str = "<RmtInf><Ustrd>SALAIRE</Ustrd></RmtInf>",
    *,
    currency: str = "EUR",
    before: str = "",
    after: str = "",
) -> str:
    """One CdtTrfTxInf; before and after stand around its amount and its account."""
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>{before}"
        f'<Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>'
        f"<Cdtr><Nm>{name}</Nm></Cdtr><CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>"
        f"{after}{remittance}</CdtTrfTxInf>"
    )


def block(
    *payments: str,
    block_id: str = "SAL-1",
    day: str = "2022-04-29",
    category: str = "SALA",
    totals: str = "",
) -> str:
    purpose = f"<PmtTpInf><CtgyPurp><Cd>{category}</Cd></CtgyPurp></PmtTpInf>" if category else ""
    return (
        f"<PmtInf><PmtInfId>{block_id}</PmtInfId><PmtMtd>TRF</PmtMtd>{totals}{purpose}"
        f"<ReqdExctnDt>{day}</ReqdExctnDt>"
        f"<DbtrAcct><Id><IBAN>{IBANS[2]}</IBAN></Id></DbtrAcct>{''.join(payments)}</PmtInf>"
    )


def pain001(*blocks: str, version: str = "03", header: str = "", message: str = "M1") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}">'
        f"<CstmrCdtTrfInitn><GrpHdr><MsgId>{message}</MsgId>{header}</GrpHdr>{''.join(blocks)}"
        "</CstmrCdtTrfInitn></Document>"
    ).encode()


def bank(content: bytes, file: str = "bank/a.xml") -> tuple[dict[str, object], bytes]:
    """A source of an order."""
    return ({"kind": "bank_payments", "file": file}, content)


def staff(*people: tuple[str, str, str, str]) -> tuple[dict[str, object], bytes]:
    """A staff list of (number, first name, last name, IBAN)."""
    return ({"kind": "employees", "file": "staff.csv"}, staff_csv(people))


def staff_csv(people: Sequence[tuple[str, str, str, str]]) -> bytes:
    head = (
        "N° agent;Nom;Prénom;IBAN;Statut;ETP;Traitement mensuel (temps plein);"
        "Date d'entrée;Situation fiscale"
    )
    rows = [
        f"{number};{last};{first};{iban};Contractuel;1,00;3000,00;01/01/2010;Isolé"
        for number, first, last, iban in people
    ]
    return "\n".join([head, *rows, ""]).encode()


def register(*rows: tuple[str, str, str]) -> tuple[dict[str, object], bytes]:
    """April's register of (number, net, IBAN)."""
    head = (
        "N° agent;Mois;Brut;Cotisations personnelles;Imposable;Précompte professionnel;"
        "Cotisation spéciale;Net à payer;IBAN"
    )
    lines = [
        f"{number};2022-04;{net};0,00;{net};0,00;0,00;{net};{iban}" for number, net, iban in rows
    ]
    return (
        {"kind": "register_totals", "file": "totals.csv"},
        "\n".join([head, *lines, ""]).encode(),
    )
