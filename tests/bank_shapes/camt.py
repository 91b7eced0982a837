"""Statements and notifications."""

from __future__ import annotations

from tests.bank_shapes.xml import (
    ALL,
    BLOCK,
    NONE,
    ONE,
    RETURN,
    SALARY,
    THREE,
    TOTAL,
    TWO,
    Shape,
    acct,
    batch,
    entry,
    only,
    statements,
    tx,
    within,
)
from tests.ledger_samples import OTHER, OURS

CAMT: dict[str, Shape] = {
    "a batch with its block alone": Shape(
        statements(entry(TOTAL, inside=within(batch(message="")))), ALL
    ),
    "a batch with our message id alone": Shape(
        statements(entry(TOTAL, inside=within(batch(block="")))), ALL
    ),
    "a batch without NbOfTxs": Shape(statements(entry(TOTAL, inside=within(batch(count="")))), ALL),
    "a batch with all its payments": Shape(
        statements(
            entry(
                TOTAL,
                inside=within(batch(), tx(ONE, "1000.00"), tx(TWO, "2000.25"), tx(THREE, "0.50")),
            )
        ),
        ALL,
    ),
    "each payment in NtryDtls of its own": Shape(
        statements(
            entry(
                TOTAL,
                inside=within(tx(ONE, "1000.00"))
                + within(tx(TWO, "2000.25"))
                + within(tx(THREE, "0.50")),
            )
        ),
        ALL,
    ),
    "no details at all": Shape(statements(entry(TOTAL)), ALL),
    "an empty NtryDtls": Shape(statements(entry(TOTAL, inside="<NtryDtls/>")), ALL),
    "our block in the references of one detail": Shape(
        statements(entry(TOTAL, inside=within(tx(refs=f"<PmtInfId>{BLOCK}</PmtInfId>", iban="")))),
        ALL,
    ),
    "one entry for each payment": Shape(
        statements(
            entry("1000.00", inside=within(tx(ONE))), entry("2000.25", inside=within(tx(TWO)))
        ).replace("</Rpt>", ""),
        {ONE: "executed", TWO: "executed", THREE: "released"},
    ),
    "two batches in one entry, with their totals": Shape(
        statements(
            entry(
                "3500.75",
                inside=within(batch(total=TOTAL))
                + within(batch("OTHER", "OTHER-P", "1", "500.00")),
            )
        ),
        ALL,
        listed=("unknown",),
    ),
    "TxDtls below the entry, as in the first version": Shape(
        statements(entry(TOTAL, inside=tx(ONE, "1000.00") + tx(TWO, "2000.25"))),
        {ONE: "executed", TWO: "executed", THREE: "executed"},
    ),
    "our block in NtryRef": Shape(
        statements(entry("12.00", before=f"<NtryRef>{BLOCK}</NtryRef>")),
        NONE,
        listed=("mentioned",),
    ),
    "our id in AddtlNtryInf": Shape(
        statements(entry("1000.00", "CRDT", f"<AddtlNtryInf>RETOUR {ONE}</AddtlNtryInf>")),
        NONE,
        listed=("mentioned",),
    ),
    "our id as InstrId": Shape(
        statements(entry("1000.00", inside=within(tx(refs=f"<InstrId>{ONE}</InstrId>")))),
        only(ONE, "executed"),
    ),
    "our id in the creditor's reference": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(
                    tx(
                        "NOTPROVIDED",
                        more=f"<RmtInf><Strd><CdtrRefInf><Ref>{ONE}</Ref></CdtrRefInf></Strd></RmtInf>",
                    )
                ),
            )
        ),
        NONE,
        listed=("mentioned",),
    ),
    "a return by its reason": Shape(
        statements(entry("1000.00", "CRDT", within(tx(ONE, "1000.00", RETURN)))),
        only(ONE, "returned"),
    ),
    "a return by a proprietary reason": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(tx(ONE, "1000.00", "<RtrInf><Rsn><Prtry>ZU</Prtry></Rsn></RtrInf>")),
            )
        ),
        only(ONE, "returned"),
    ),
    "a return by the code of the entry": Shape(
        statements(entry("1000.00", "CRDT", within(tx(ONE)), code=SALARY.replace("SALA", "RRTN"))),
        only(ONE, "returned"),
    ),
    "a return by a proprietary code": Shape(
        statements(
            entry("1000.00", "CRDT", within(tx(ONE)), code="<Prtry><Cd>NRTI+901</Cd></Prtry>")
        ),
        only(ONE, "returned"),
    ),
    "both codes": Shape(
        statements(
            entry(TOTAL, inside=within(batch()), code=f"{SALARY}<Prtry><Cd>1-01</Cd></Prtry>")
        ),
        ALL,
    ),
    "a return of the first version": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                tx(
                    ONE,
                    "1000.00",
                    "<RtrInf><RtrRsn><Cd>AC04</Cd></RtrRsn><AddtlRtrRsnInf>CLOS</AddtlRtrRsnInf></RtrInf>",
                    version="01",
                ),
                version="01",
            ),
            version="01",
        ),
        only(ONE, "returned"),
    ),
    "a return on both sides of the parties": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(
                    tx(ONE, "1000.00", RETURN).replace(
                        "<RltdPties>",
                        f"<RltdPties><DbtrAcct><Id><IBAN>{OURS}</IBAN></Id></DbtrAcct>",
                    )
                ),
            )
        ),
        only(ONE, "returned"),
    ),
    "a return to another account than was paid": Shape(
        statements(entry("1000.00", "CRDT", within(tx(ONE, "1000.00", RETURN, iban=OTHER)))),
        NONE,
        listed=("account",),
    ),
    "a return less costs": Shape(
        statements(entry("995.00", "CRDT", within(tx(ONE, "995.00", RETURN)))),
        NONE,
        listed=("amount",),
    ),
    "several returns in one entry": Shape(
        statements(
            entry("1000.50", "CRDT", within(tx(ONE, "1000.00", RETURN), tx(THREE, "0.50", RETURN)))
        ),
        {ONE: "returned", TWO: "released", THREE: "returned"},
    ),
    "a batch of returns with our block": Shape(
        statements(
            entry(
                "1000.50",
                "CRDT",
                within(batch(count="2"), tx(ONE, "1000.00", RETURN), tx(THREE, "0.50", RETURN)),
            )
        ),
        {ONE: "returned", TWO: "released", THREE: "returned"},
    ),
    "a batch of returns without its payments": Shape(
        statements(
            entry("1000.50", "CRDT", within(batch(count="2")), code=SALARY.replace("SALA", "RRTN"))
        ),
        NONE,
        listed=("ambiguous",),
    ),
    "a reversed batch": Shape(
        statements(entry(TOTAL, "CRDT", within(batch()), more="<RvslInd>true</RvslInd>")),
        dict.fromkeys(NONE, "returned"),
    ),
    "a reversed batch with 1 for true": Shape(
        statements(entry(TOTAL, "CRDT", within(batch()), more="<RvslInd>1</RvslInd>")),
        dict.fromkeys(NONE, "returned"),
    ),
    "not reversed": Shape(
        statements(entry(TOTAL, inside=within(batch()), more="<RvslInd>false</RvslInd>")), ALL
    ),
    "a credit taken back": Shape(
        statements(entry("1000.00", inside=within(tx(ONE)), more="<RvslInd>true</RvslInd>")),
        NONE,
        listed=("reversal",),
    ),
    "a debit that returns a credit": Shape(
        statements(entry("1000.00", inside=within(tx(ONE, "1000.00", RETURN)))),
        NONE,
        listed=("reversal",),
    ),
    "costs that name our block": Shape(
        statements(entry("4.00", inside=within(batch()), code=SALARY.replace("SALA", "CHRG"))), NONE
    ),
    "an entry of nothing": Shape(
        statements(entry("0.00", inside=within(batch(count="0")))), dict.fromkeys(NONE, "accepted")
    ),
    "in another currency": Shape(
        statements(entry("1000.00", "CRDT", within(tx(ONE, more=RETURN)), currency="USD")),
        NONE,
        listed=("currency",),
    ),
    "in another currency, in euro by its detail": Shape(
        statements(
            entry("1030.00", "CRDT", within(tx(ONE, "1000.00", more=RETURN)), currency="USD")
        ),
        NONE,
        listed=("currency",),
    ),
    "a debit in another currency": Shape(
        statements(entry("1000.00", inside=within(tx(ONE)), currency="GBP")),
        NONE,
        listed=("currency",),
    ),
    "the amount in euro beside another": Shape(
        statements(
            entry(
                "1000.00",
                inside=within(
                    tx(ONE).replace(
                        "<RltdPties>",
                        '<AmtDtls><InstdAmt><Amt Ccy="EUR">1000.00</Amt></InstdAmt><TxAmt>'
                        '<Amt Ccy="CHF">1030.00</Amt></TxAmt></AmtDtls><RltdPties>',
                        1,
                    )
                ),
            )
        ),
        only(ONE, "executed"),
    ),
    "a credit of the whole, with no id": Shape(
        statements(entry(TOTAL), entry(TOTAL, "CRDT")), ALL, listed=("proposal",)
    ),
    "a reversal of the whole, with no id": Shape(
        statements(entry(TOTAL, "CRDT", more="<RvslInd>true</RvslInd>")), NONE, listed=("unknown",)
    ),
    "a credit with the payee's name alone": Shape(
        statements(entry("1000.00", "CRDT", within(tx("NOTPROVIDED", "1000.00", iban="")))),
        NONE,
        listed=("proposal",),
    ),
    "a credit with the payee's name in AddtlNtryInf": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                "<AddtlNtryInf>RETOUR VIREMENT FICTIVE ANNE COMPTE CLOTURE</AddtlNtryInf>",
            )
        ),
        NONE,
        listed=("proposal",),
    ),
    "a credit with the payee's name broken in two lines": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(
                    "<TxDtls><RmtInf><Ustrd>VIR ANNE FIC</Ustrd><Ustrd>TIVE 123</Ustrd></RmtInf>"
                    "</TxDtls>"
                ),
            )
        ),
        NONE,
        listed=("proposal",),
    ),
    "a credit that says nothing": Shape(
        statements(entry("1000.00", "CRDT")), NONE, listed=("proposal",)
    ),
    "a credit of somebody else": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(tx("INV-1", iban=OTHER).replace("Anne Fictive", "Mutualité Modèle")),
            )
        ),
        NONE,
    ),
    "our id broken by blanks": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(
                    tx(
                        "NOTPROVIDED",
                        iban="",
                        more=f"<RmtInf><Ustrd>retour {ONE[:12]} {ONE[12:]}</Ustrd></RmtInf>",
                    )
                ),
            )
        ),
        NONE,
        listed=("mentioned",),
    ),
    "our id broken in two lines, in its own place": Shape(
        statements(
            entry("1000.00", "CRDT", within(tx(f"{ONE[:12]}\n{ONE[12:]}", "1000.00", RETURN)))
        ),
        only(ONE, "returned"),
    ),
    "our id over two Ustrd": Shape(
        statements(
            entry(
                "1000.00",
                "CRDT",
                within(
                    f"<TxDtls><RmtInf><Ustrd>RETOUR{ONE[:20]}</Ustrd><Ustrd>{ONE[20:]}AC04</Ustrd>"
                    "</RmtInf></TxDtls>"
                ),
            )
        ),
        NONE,
        listed=("mentioned",),
    ),
    "announced": Shape(
        statements(entry(TOTAL, inside=within(batch()), status="PDNG")),
        dict.fromkeys(NONE, "pending"),
    ),
    "a return announced": Shape(
        statements(
            entry("1000.00", "CRDT", within(tx(ONE, more=RETURN)), status="PDNG"), kind="054"
        ),
        only(ONE, "returning"),
    ),
    "several statements of one account": Shape(
        statements(entry("1.00"), entry(TOTAL, inside=within(batch()))), ALL
    ),
    "several accounts": Shape(
        statements(
            acct(OTHER) + entry(TOTAL), acct(OURS) + entry(TOTAL), acct(OTHER) + entry("5.00")
        ),
        ALL,
    ),
    "an account by another number": Shape(
        statements(f"<Acct><Id><Othr><Id>{OURS[4:]}</Id></Othr></Id></Acct>" + entry(TOTAL)), ALL
    ),
    "a statement without a movement": Shape(statements(""), NONE),
    "a batch whose details turn round": Shape(
        statements(
            entry(
                TOTAL,
                inside=within(
                    batch(), tx(ONE, "1000.00", "<CdtDbtInd>CRDT</CdtDbtInd>"), tx(TWO, "2000.25")
                ),
            )
        ),
        ALL,
        listed=("unclear",),
    ),
    "ids in capitals": Shape(
        statements(entry("1000.00", "CRDT", within(tx(ONE.upper(), "1000.00", RETURN)))),
        only(ONE, "returned"),
    ),
    "an entry with a day and no status": Shape(
        statements(entry(TOTAL).replace("<Sts>BOOK</Sts>", "")), ALL
    ),
}
