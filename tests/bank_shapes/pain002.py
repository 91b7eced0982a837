"""Status reports."""

from __future__ import annotations

from tests.bank_shapes.xml import BLOCK, FILE, NONE, ONE, Shape, of_block, of_tx, only, report

PAIN: dict[str, Shape] = {
    "the file": Shape(report("", group="<GrpSts>RJCT</GrpSts>"), dict.fromkeys(NONE, "rejected")),
    "the block": Shape(report(of_block("", "ACSP")), dict.fromkeys(NONE, "accepted")),
    "a payment": Shape(report(of_block(of_tx(ONE, "RJCT"))), only(ONE, "rejected")),
    "reasons of the bank's own": Shape(
        report(of_block(of_tx(ONE, "RJCT", "<Prtry>MS01-X</Prtry>"))), only(ONE, "rejected")
    ),
    "two reasons": Shape(
        report(
            of_block(of_tx(ONE, "RJCT", more="<StsRsnInf><Rsn><Cd>BE04</Cd></Rsn></StsRsnInf>"))
        ),
        only(ONE, "rejected"),
    ),
    "a reason without a status": Shape(report(of_block(of_tx(ONE))), NONE),
    "a reason of the file without a status": Shape(
        report("", group="<StsRsnInf><Rsn><Cd>DT06</Cd></Rsn></StsRsnInf>"), NONE
    ),
    "counts per status": Shape(
        report(
            of_block(of_tx(ONE, "RJCT")),
            group="<GrpSts>PART</GrpSts><NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs>"
            "<DtldSts>ACSP</DtldSts></NbOfTxsPerSts>",
        ),
        only(ONE, "rejected", "uploaded"),
    ),
    "capitals": Shape(
        report(of_block(of_tx(ONE.upper(), "RJCT"))).replace(BLOCK, BLOCK.upper()),
        only(ONE, "rejected"),
    ),
    "a payment without its id": Shape(
        report(of_block("<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>")),
        NONE,
        listed=("unknown",),
    ),
    "another amount": Shape(
        report(
            of_block(
                of_tx(
                    ONE,
                    "RJCT",
                    more='<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">1.00</InstdAmt></Amt></OrgnlTxRef>',
                )
            )
        ),
        NONE,
        listed=("amount",),
    ),
    "somebody else's file": Shape(
        report(of_block(of_tx(ONE, "RJCT"))).replace(FILE, "20220531-SAL-aaaaaaaaaaaaaaaaaaa"),
        NONE,
        listed=("ambiguous",),
    ),
    "nothing but a header": Shape(report(""), NONE),
}
