"""A ledger with a few released payments, made without any run; answers as the readers give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from payroll.ledger.answers import Imported, import_answer
from payroll.ledger.book import Ledger
from payroll.ledger.payment_keys import PAYMENT_COLUMNS, ReleasedFile, claim_run
from payroll.ledger.states import State, file_states, payment_states
from payroll.model.answers import AnswerFact, AnswerKind, BankAnswer
from payroll.model.released import KEY
from payroll.rulebook.book import load_rulebook
from payroll.store import load_rule_files, rules_folder

OURS, THEIRS, OTHER = "BE68539007547034", "BE62510007547061", "BE43068999999501"
RULES = load_rulebook(load_rule_files(rules_folder()))
Item = tuple[str, int, tuple[str, ...]]  # end-to-end id, cents, invoice numbers or ()


def release(
    ledger: Ledger,
    run_id: str,
    message_id: str,
    items: list[Item],
    *,
    day: str = "2022-05-31",
    replaces: Mapping[str, str] | None = None,
    stream: str = "",
    payee: str = "",
    profile: str = "generic_be_2022",
    iban: str = THEIRS,
) -> None:
    """Release a run of one file. Payments with invoice numbers are of supplier S1."""
    stream = stream or ("invoices" if items[0][2] else "salaries")
    rows, keys = [], []
    for key, cents, numbers in items:
        who = payee or ("S1" if numbers else f"E-{key[:2]}")
        rows.append(
            (
                key,
                message_id,
                f"P{key}",
                stream,
                who,
                "Anne Fictive",
                iban,
                cents,
                (replaces or {}).get(key, ""),
            )
        )
        keys += [(stream, who, "", number, key) for number in numbers] or [
            (stream, who, "2022-05", "", key)
        ]
    file = ReleasedFile(
        message_id=message_id,
        block_id=f"{message_id}-P",
        path=f"sepa/{message_id}.xml",
        outbox_name=f"{message_id}.xml",
        sha256="0" * 64,
        stream=stream,
        debtor_iban=OURS,
        bank_profile=profile,
        execution_date=day,
        transactions=len(items),
        total_cents=sum(item[1] for item in items),
    )
    claim_run(
        ledger,
        run_id=run_id,
        files=[file],
        payments=pd.DataFrame(sorted(rows), columns=list(PAYMENT_COLUMNS)),
        payment_keys=pd.DataFrame(keys, columns=[*KEY, "end_to_end_id"]),
        at="2022-05-30T10:00:00",
        by="Zoé Modèle",
        body={},
    )


_count = iter(range(10**9))


def tell(
    ledger: Ledger,
    *facts: AnswerFact,
    kind: AnswerKind = "pain.002",
    account: str = OURS,
    silence: Callable[[str], str] = lambda _profile: "nothing",
    sha256: str = "",
) -> Imported:
    """Import an answer with these facts, each answer another file."""
    answer = BankAnswer(
        kind=kind,
        version="001.03",
        answer_id="A1",
        created_at="2022-06-01T10:00:00",
        account_iban=account,
        original_message_id="",
        sha256=sha256 or f"{next(_count):064x}",
        facts=facts,
    )
    return import_answer(
        ledger, answer, meaning=RULES.meaning, silence=silence, at="2022-06-01T11:00:00"
    )


def status(
    code: str,
    payment: str = "",
    *,
    file: str = "",
    block: str = "",
    cents: int | None = None,
    iban: str = "",
    reasons: tuple[str, ...] = (),
) -> AnswerFact:
    """A status of a payment, of a block, or of a file."""
    level = "payment" if payment else "block" if block else "file"
    return AnswerFact(
        level=level,
        what="vop" if code.startswith("RV") or code == "RCVC" else "status",
        code=code,
        message_id=file,
        block_id=block,
        end_to_end_id=payment,
        amount_cents=cents,
        counterparty_iban=iban,
        reasons=reasons,
        where=f"{level} {code}",
    )


def debit(
    cents: int | None,
    payment: str = "",
    *,
    file: str = "",
    reference: str = "R1",
    day: str = "2022-05-31",
    booked: bool = True,
    level: str = "",
) -> AnswerFact:
    """A debit of a payment, or an entry over a file."""
    return AnswerFact(
        level=level or ("payment" if payment else "entry"),
        what="debit",  # type: ignore[arg-type]
        code="BOOK" if booked else "PDNG",
        message_id=file,
        end_to_end_id=payment,
        amount_cents=cents,
        booked=booked,
        booked_on=day,
        bank_reference=reference,
        where="Ntry[1]",
    )


def back(
    payment: str,
    cents: int | None = None,
    *,
    booked: bool = True,
    file: str = "",
    level: str = "payment",
) -> AnswerFact:
    """A return."""
    return AnswerFact(
        level=level,
        what="return",
        code="BOOK" if booked else "PDNG",  # type: ignore[arg-type]
        message_id=file,
        end_to_end_id=payment,
        amount_cents=cents,
        booked=booked,
        booked_on="2022-06-02",
        bank_reference="R9",
        reasons=("AC04",),
        where="Ntry[2]",
    )


def states(ledger: Ledger) -> dict[str, State]:
    """The state of every payment, its file's where nothing is said of it alone."""
    found: dict[str, State] = {}
    for file in file_states(ledger):
        apart = {item.end_to_end_id: item.state for item in payment_states(ledger, file.message_id)}
        rows = ledger.connection.execute(
            "SELECT end_to_end_id FROM payment WHERE message_id = ?", (file.message_id,)
        )
        base = set(file.counts) - set(apart.values())
        for (key,) in rows:
            found[key] = apart.get(key) or next(iter(base or file.counts))
    return found


def held(ledger: Ledger) -> set[str]:
    """The payments that hold a key."""
    rows = ledger.connection.execute("SELECT DISTINCT end_to_end_id FROM claim WHERE freed = ''")
    return {str(row[0]) for row in rows}
