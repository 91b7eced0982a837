"""April's salary file as the bank holds it, written by the software of before the attack."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from payroll.demo.files import amount
from payroll.demo.staff import Agent

MESSAGE, EMPLOYER = "PAIE-2022-04", "INTERCOMMUNALE FICTIVE DE SANTE"
#: The two orders of the file: contractual and statutory staff.
BLOCKS = {"contractual": "SAL-2204-C", "statutory": "SAL-2204-S"}


@dataclass(frozen=True, slots=True)
class Ghost:
    """Somebody whom the bank paid in April and who stands on no list."""

    number: str
    name: str
    iban: str
    cents: int


def ghost_place(file: str, staff: Iterable[Agent]) -> str:
    """Where a run finds the ghost: the last payment of the first order."""
    paid = [agent for agent in staff if agent.in_register and agent.status == "contractual"]
    return f"{file}!{BLOCKS['contractual']}!R{len(paid) + 1}"


def salary_file(staff: Sequence[Agent], ghost: Ghost, debtor_iban: str) -> bytes:
    """pain.001.001.03 of April's register nets, each on the account that the bank paid."""
    paid = sorted((agent for agent in staff if agent.in_register), key=lambda item: item.number)
    orders = {
        status: [
            (
                agent.number,
                _name(agent),
                agent.bank_iban or agent.paid_iban or agent.iban,
                agent.pay.net,
            )
            for agent in paid
            if agent.status == status
        ]
        for status in BLOCKS
    }
    orders["contractual"].append((ghost.number, ghost.name, ghost.iban, ghost.cents))
    count = sum(map(len, orders.values()))
    total = sum(cents for rows in orders.values() for *_, cents in rows)
    blocks = "".join(_block(BLOCKS[status], rows, debtor_iban) for status, rows in orders.items())
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">
<CstmrCdtTrfInitn>
<GrpHdr><MsgId>{MESSAGE}</MsgId><CreDtTm>2022-04-27T16:05:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>\
<CtrlSum>{amount(total)}</CtrlSum><InitgPty><Nm>{EMPLOYER}</Nm></InitgPty></GrpHdr>
{blocks}</CstmrCdtTrfInitn>
</Document>
""".encode()


def _block(block_id: str, rows: Sequence[tuple[str, str, str, int]], debtor_iban: str) -> str:
    total = sum(cents for *_, cents in rows)
    payments = "".join(_payment(*row) for row in rows)
    return f"""\
<PmtInf><PmtInfId>{block_id}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>\
<NbOfTxs>{len(rows)}</NbOfTxs><CtrlSum>{amount(total)}</CtrlSum>
<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>\
<ReqdExctnDt>2022-04-29</ReqdExctnDt><Dbtr><Nm>{EMPLOYER}</Nm></Dbtr>\
<DbtrAcct><Id><IBAN>{debtor_iban}</IBAN></Id></DbtrAcct>\
<DbtrAgt><FinInstnId><BIC>NAPIBEB1XXX</BIC></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>
{payments}</PmtInf>
"""


def _payment(number: str, name: str, iban: str, cents: int) -> str:
    return f"""\
<CdtTrfTxInf><PmtId><EndToEndId>SAL/202204/{number}</EndToEndId></PmtId>\
<Amt><InstdAmt Ccy="EUR">{amount(cents)}</InstdAmt></Amt>\
<Cdtr><Nm>{escape(name)}</Nm></Cdtr><CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>\
<RmtInf><Ustrd>SALAIRE 04/2022</Ustrd></RmtInf></CdtTrfTxInf>
"""


def _name(agent: Agent) -> str:
    """The name as that software sent it: capitals, no accents, last name first."""
    name = agent.holder or f"{agent.last_name} {agent.first_name}"
    split = unicodedata.normalize("NFKD", name)
    return split.encode("ascii", "ignore").decode().upper()
