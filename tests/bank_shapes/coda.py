"""CODA statements."""

from __future__ import annotations

from tests.bank_shapes.xml import ALL, BLOCK, FILE, NONE, ONE, THREE, TWO, Shape, only
from tests.ledger_samples import OTHER, OURS, THEIRS


def line(text: str, end: str = "") -> str:
    return text.ljust(128 - len(end)) + end


def coda_account(
    *rows: str, moved: int = 0, account: str = OURS, structure: str = "2", closing: bool = True
) -> str:
    """One statement; moved: money in less money out, in thousandths."""
    opening = 90_000_000_000
    out, back = max(-moved, 0), max(moved, 0)
    old = account.ljust(34) + "EUR"
    if structure == "0":  # an old account number of 12 digits
        old = f"{account[4:]} EUR0BE".ljust(37)
    records = [
        line(f"1{structure}151{old}0{opening:015}310522HOPITAL FICTIF", "151"),
        *rows,
        line(f"8151{account.ljust(34)}EUR0{opening + moved:015}010622", "0") if closing else "",
    ]
    records = [row for rows in records for row in rows.split("\n") if row]
    count = sum(row[0] in "1238" for row in records)
    head = line(
        "0000001062272505        0009944900HOPITAL FICTIF            KREDBEBB   00912364677", "2"
    )
    foot = line(f"9               {count:06}{out:015}{back:015}", "2")
    return "\n".join([head, *records, foot]) + "\n"


def move(
    thousandths: int,
    code: str,
    reference: str = "",
    *,
    number: int = 1,
    detail: int = 0,
    back: str = " ",
    reason: str = "    ",
    text: str = "",
    account: str = "",
) -> str:
    start = f"{number:04}{detail:04}"
    sign, amount = ("1", -thousandths) if thousandths < 0 else ("0", thousandths)
    rows = (
        line(
            f"21{start}{'REF' + start:<21}{sign}{amount:015}010622{code}0{text:<53}010622151", "1 0"
        ),
        line(f"22{start}{'':53}{reference:<35}{'':14}{back}{reason}", "1 0"),
        line(f"23{start}{account:<34}   FICTIF", "0 0"),
    )
    return "\n".join(rows)


def information(number: int, text: str, detail: int = 0, article: str = "1") -> str:
    head = "001500000" if article == "1" else ""
    return line(
        f"3{article}{number:04}{detail:04}{'REF' if article == '1' else '':<21}{head}{text}", "0 0"
    )


CODA: dict[str, Shape] = {
    "wages": Shape(coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_750), ALL),
    "a collective transfer": Shape(
        coda_account(move(-3_000_750, "00107000", BLOCK), moved=-3_000_750), ALL
    ),
    "wages with our message id": Shape(
        coda_account(move(-3_000_750, "10105000", FILE), moved=-3_000_750), ALL
    ),
    "wages without a reference": Shape(
        coda_account(move(-3_000_750, "10105000"), moved=-3_000_750), ALL
    ),
    "wages with their details": Shape(
        coda_account(
            move(-3_000_750, "10105000", BLOCK),
            move(-1_000_000, "50105000", ONE, detail=1),
            move(-2_000_250, "50105000", TWO, detail=2),
            move(-500, "50105000", THREE, detail=3),
            moved=-3_000_750,
        ),
        ALL,
    ),
    "instant": Shape(
        coda_account(move(-1_000_000, "00201000", ONE), moved=-1_000_000), only(ONE, "executed")
    ),
    "single": Shape(
        coda_account(move(-1_000_000, "00101000", ONE), moved=-1_000_000), only(ONE, "executed")
    ),
    "not executed": Shape(
        coda_account(move(1_000_000, "00154000", ONE), moved=1_000_000), only(ONE, "returned")
    ),
    "returned with its reason": Shape(
        coda_account(move(1_000_000, "00150000", ONE, back="2", reason="AC04"), moved=1_000_000),
        only(ONE, "returned"),
    ),
    "a transfer in our favour with our id": Shape(
        coda_account(move(1_000_000, "00150000", ONE), moved=1_000_000), only(ONE, "returned")
    ),
    "a correction of wages": Shape(
        coda_account(move(3_000_750, "00149000", BLOCK), moved=3_000_750),
        dict.fromkeys(NONE, "returned"),
    ),
    "a credit cancelled": Shape(
        coda_account(move(-1_000_000, "00199000", ONE), moved=-1_000_000),
        NONE,
        listed=("reversal",),
    ),
    "a credit reversed": Shape(
        coda_account(move(-1_000_000, "00101000", ONE, back="4"), moved=-1_000_000),
        NONE,
        listed=("reversal",),
    ),
    "a credit of the whole, with no id": Shape(
        coda_account(move(3_000_750, "00150000"), moved=3_000_750), NONE, listed=("proposal",)
    ),
    "a credit that says what was paid": Shape(
        coda_account(move(1_000_000, "00150000", text="RETOUR FICTIVE ANNE"), moved=1_000_000),
        NONE,
        listed=("proposal",),
    ),
    "our id broken in the communication": Shape(
        coda_account(
            move(1_000_000, "00150000", text=f"RETOUR {ONE[:12]} {ONE[12:]}"), moved=1_000_000
        ),
        NONE,
        listed=("mentioned",),
    ),
    "our id over two records of information": Shape(
        coda_account(
            move(1_000_000, "00150000", text="VIREMENT EN VOTRE FAVEUR").replace("1 0", "1 1"),
            information(1, f"RETOUR {ONE[:20]}"),
            information(1, f"{ONE[20:]} AC04"),
            moved=1_000_000,
        ),
        NONE,
        listed=("mentioned",),
    ),
    "our id in the communication": Shape(
        coda_account(move(1_000_000, "00150000", text=f"RETOUR {ONE}"), moved=1_000_000),
        NONE,
        listed=("mentioned",),
    ),
    "our id in an information record": Shape(
        coda_account(
            move(1_000_000, "00150000"), information(1, f"REF {ONE.upper()}"), moved=1_000_000
        ),
        NONE,
        listed=("mentioned",),
    ),
    "from the payee without any id": Shape(
        coda_account(move(1_000_000, "00150000", account=THEIRS), moved=1_000_000),
        NONE,
        listed=("proposal",),
    ),
    "a return without any id": Shape(
        coda_account(move(1_000_000, "00154000", account=THEIRS), moved=1_000_000),
        NONE,
        listed=("unknown",),
    ),
    "costs": Shape(coda_account(move(-4_000, "08037000", BLOCK), moved=-4_000), NONE),
    "an amount with its parts": Shape(
        coda_account(
            move(-1_000_000, "30101000", ONE),
            move(-1_000_000, "80101000", ONE, detail=1),
            moved=-1_000_000,
        ),
        only(ONE, "executed"),
    ),
    "information in three records": Shape(
        coda_account(
            move(-3_000_750, "10105000", BLOCK),
            information(1, "LOON"),
            information(1, "MEI", article="2"),
            information(1, "2022", article="3"),
            moved=-3_000_750,
        ),
        ALL,
    ),
    "a free message": Shape(
        coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_750).replace(
            "\n9  ", "\n" + line(f"4 00010000{'':22}VOTRE CONSEILLER CHANGE", "0") + "\n9  "
        ),
        ALL,
    ),
    "several accounts": Shape(
        coda_account(move(-3_000_750, "10105000"), moved=-3_000_750, account=OTHER)
        + coda_account(move(-3_000_750, "10105000"), moved=-3_000_750),
        ALL,
    ),
    "an old account number": Shape(
        coda_account(move(-3_000_750, "10105000"), moved=-3_000_750, structure="0"), ALL
    ),
    "without a movement": Shape(coda_account(closing=False), NONE),
    "lines of 130": Shape(
        coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_750).replace("\n", "  \n"),
        ALL,
    ),
    "lines of 130 and a blank one": Shape(
        coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_750).replace("\n", "  \r\n")
        + " " * 130,
        ALL,
    ),
    "something behind position 128": Shape(
        coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_750).replace("\n", " X\n"),
        NONE,
        refused="coda_length",
    ),
    "sums that differ": Shape(
        coda_account(move(-3_000_750, "10105000", BLOCK), moved=-3_000_000),
        NONE,
        refused="coda_sums",
    ),
}
