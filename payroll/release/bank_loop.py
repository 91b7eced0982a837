"""Listen to the bank: read its answers into the ledger, and say where every file stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from payroll.bank_status.orders import PaymentOrder, payment_order
from payroll.bank_status.recognise import ANSWER_BYTES_MAX, read_answer
from payroll.ledger.answer_files import AnswerFile, answer_files
from payroll.ledger.answers import Imported, import_answer
from payroll.ledger.book import Event, Ledger
from payroll.ledger.chain import ChainBreak, open_breaks
from payroll.ledger.states import FileState, State, file_states, payment_states, reissued
from payroll.model.answers import BankAnswer
from payroll.model.errors import DamagedInputError, PayrollError, UsageError
from payroll.model.order import Employer
from payroll.release.loose_ends import Loose, loose_ends, require_ledger, settled_ids, waiting
from payroll.release.workspace import employer_of, reading, writing
from payroll.rulebook.book import RuleBook
from payroll.store import now, read_input

#: States that ask a person for something, and those in which a doubt about the name is too late.
_ASKING = frozenset({State.REJECTED, State.RETURNED, State.RETURNING, State.CONTRADICTORY})
_SETTLED = frozenset({State.EXECUTED, State.REISSUED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentProblem:
    """A payment that failed, that only the bank can explain, or that has a reason and no status."""

    message_id: str
    end_to_end_id: str
    payee_id: str
    stream: str
    amount_cents: int
    state: State
    reasons: tuple[str, ...]
    vop: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything `status` shows. waiting: run id -> approvals, of runs not released yet.

    problems: payments rejected, returned, contradictory, or with a doubtful verification of payee.
    unmatched: what was about nothing of ours, and nobody has settled.
    stopped: message ids of files that pay again what was debited after all. altered: of files whose
    copy in outbox/ has other bytes than were released. breaks: statements of an account that do not
    follow each other. answers: the files that were read as the bank's.
    """

    files: tuple[FileState, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[PaymentProblem, ...] = ()
    unmatched: tuple[Loose, ...] = ()
    stopped: frozenset[str] = frozenset()
    altered: frozenset[str] = frozenset()
    breaks: tuple[ChainBreak, ...] = ()
    answers: tuple[AnswerFile, ...] = ()

    def answers_about(self, file: FileState) -> list[AnswerFile]:
        """What says where a file stands, in the order in which it came."""
        return [answer for answer in self.answers if file.message_id in answer.about]

    def open_files(self) -> list[FileState]:
        """The files of which not every payment is executed or paid again."""
        return [file for file in self.files if not _SETTLED.issuperset(file.counts)]

    def next_step(self, file: FileState) -> str:
        """What is to do about a file, as an id of the texts `status_do_<id>`."""
        states = set(file.counts)
        steps = (
            ("stop", file.message_id in self.stopped),
            ("altered", file.message_id in self.altered),
            ("deliver", not file.delivered),
            ("call", State.CONTRADICTORY in states),
            ("reissue", bool(states & {State.REJECTED, State.RETURNED})),
            ("credit", State.RETURNING in states),
            ("nothing", _SETTLED.issuperset(states)),
            ("vop", "vop_no_match" in file.vop),
            ("upload", file.state == State.RELEASED),
            ("pending", State.PENDING in states),
            ("statement", file.state == State.ACCEPTED),
        )
        return next((step for step, applies in steps if applies), "wait")


def import_file(
    workspace: Path, path: Path, rulebook: RuleBook, by: str = ""
) -> tuple[BankAnswer, Imported]:
    """Read one answer of the bank into the ledger; the same file again changes nothing.

    rulebook: the workspace's, as `load_book` says. by: who brought it, '' when nobody is named.
    Raises UsageError person_unlisted or order_invalid, DamagedInputError when it is no answer that
    can be read, is of an account that is not ours, or there is no ledger.
    """
    employer = employer_of(workspace)
    person = employer.person(by) if by.strip() else ""
    if path.is_file() and path.stat().st_size > ANSWER_BYTES_MAX:
        raise DamagedInputError(
            "answer_too_large", where=path.name, limit=ANSWER_BYTES_MAX // 1024**2
        )
    answer = read_answer(path.name, read_input(path))

    def silence(profile: str) -> str:
        known = rulebook.bank_profiles.get(profile)
        return known.answers.silence if known is not None else "nothing"

    require_ledger(workspace)
    with writing(workspace) as ledger:
        imported = import_answer(
            ledger,
            answer,
            meaning=rulebook.meaning,
            silence=silence,
            at=now().isoformat(),
            name=path.name,
            by=person,
            ours=_accounts(employer, ledger),
        )
    return answer, imported


def order_among(workspace: Path, path: Path) -> tuple[PaymentOrder, str] | None:
    """A payment order that lies among the answers, and whose: None of any other file.

    Whose: `ours` (the ledger released it), `house` (it pays from an account of ours: last month's,
    of the system that was lost), `other`. Raises DamagedInputError as the readers, of a damaged
    one.
    """
    if not path.is_file() or path.stat().st_size > ANSWER_BYTES_MAX:
        return None
    order = payment_order(path.name, read_input(path))
    if order is None:
        return None
    own = {account.iban for account in employer_of(workspace).account}
    with reading(workspace) as ledger:
        known = (
            ledger is not None
            and ledger.connection.execute(
                "SELECT 1 FROM file WHERE upper(message_id) = upper(?)", (order.message_id,)
            ).fetchone()
        )
    return order, "ours" if known else "house" if own.intersection(order.debtors) else "other"


def _accounts(employer: Employer, ledger: Ledger) -> frozenset[str]:
    """The accounts of the house: those of employer.toml, and those that ever paid."""
    rows = ledger.connection.execute("SELECT DISTINCT debtor_iban FROM file")
    own = {account.iban for account in employer.account}
    return frozenset(own | {str(row[0]) for row in rows})


def record_upload(
    workspace: Path, name: str, by: str, reference: str, *, again: bool = False
) -> FileState:
    """Note that a file of outbox/ was given to the bank, with the bank's reference.

    name: the file given, or its message id; its bytes must be those released. again: it was given
    before under another reference, and that is known.
    Raises UsageError upload_unknown, person_unlisted, PayrollError upload_differs, upload_again,
    upload_stop.
    """
    person = employer_of(workspace).person(by)
    require_ledger(workspace)
    with writing(workspace) as ledger:
        wanted, known = Path(name).name, file_states(ledger)
        found = [item for item in known if wanted in (item.outbox_name, item.message_id)]
        if len(found) != 1:
            raise UsageError("upload_unknown", where=wanted)
        file = found[0]
        if Path(name).is_file() and _digest(Path(name)) != _released_digest(ledger, file):
            raise PayrollError("upload_differs", where=wanted)
        if file.message_id in _altered(ledger, workspace, found):
            raise PayrollError("upload_differs", where=file.outbox_name)
        refused = file.counts.keys() & {State.REJECTED, State.CONTRADICTORY, State.REISSUED}
        if file.message_id in _stopped(ledger, known) or refused == file.counts.keys():
            raise PayrollError("upload_stop", where=wanted, state=file.state)
        noted = ledger.events("kind = 'uploaded' AND message_id = ?", file.message_id)
        if noted and noted[-1].body.get("reference") != reference and not again:
            earlier = str(noted[-1].body.get("reference")) or "-"
            raise PayrollError("upload_again", where=wanted, reference=earlier)
        with ledger.transaction():
            ledger.append(
                Event(
                    at=now().isoformat(),
                    kind="uploaded",
                    run_id=file.run_id,
                    message_id=file.message_id,
                    body={"by": person, "reference": reference},
                )
            )
        after = file_states(ledger, file.run_id)
        return next(item for item in after if item.message_id == file.message_id)


def _digest(path: Path) -> str:
    return hashlib.sha256(read_input(path)).hexdigest()


def _released_digest(ledger: Ledger, file: FileState) -> str:
    row = ledger.connection.execute(
        "SELECT sha256 FROM file WHERE message_id = ?", (file.message_id,)
    ).fetchone()
    return str(row[0])


def _altered(ledger: Ledger, workspace: Path, files: Sequence[FileState]) -> frozenset[str]:
    """The files of which a copy in an outbox does not have the bytes that were released."""
    return frozenset(
        file.message_id
        for file in files
        for path in workspace.glob(f"*/outbox/{file.outbox_name}")
        if path.is_file() and _digest(path) != _released_digest(ledger, file)
    )


def _stopped(ledger: Ledger, files: Sequence[FileState]) -> frozenset[str]:
    """Files that pay again what was debited after all: they must not go to the bank."""
    rows = ledger.connection.execute(
        "SELECT message_id, replaces FROM payment WHERE replaces <> ''"
    ).fetchall()
    if not rows:
        return frozenset()
    again = reissued(ledger)
    debited = {
        item.end_to_end_id
        for file in files
        if State.CONTRADICTORY in file.counts
        for item in payment_states(ledger, file.message_id, again)
        if item.state is State.CONTRADICTORY
    }
    return frozenset(str(row[0]) for row in rows if debited & set(str(row[1]).split()))


def standing(workspace: Path) -> Standing:
    """Where every run, file and failed payment of a workspace stands."""
    with reading(workspace) as ledger:
        if ledger is None:
            return Standing()
        files, again = file_states(ledger), reissued(ledger)
        return Standing(
            files=tuple(files),
            waiting=waiting(ledger),
            problems=tuple(item for file in files for item in _problems(ledger, file, again)),
            stopped=_stopped(ledger, files),
            altered=_altered(ledger, workspace, files),
            unmatched=loose_ends(ledger, settled_ids(ledger)),
            breaks=tuple(open_breaks(ledger)),
            answers=tuple(answer_files(ledger)),
        )


def _problems(ledger: Ledger, file: FileState, again: frozenset[str]) -> list[PaymentProblem]:
    doubtful = {"vop_no_match", "vop_close", "vop_review"}
    states = [
        item
        for item in payment_states(ledger, file.message_id, again)
        if item.state in _ASKING
        or ((doubtful & set(item.vop) or item.reasons) and item.state not in _SETTLED)
    ]
    found = []
    for item in states:
        payee, stream, amount = ledger.connection.execute(
            "SELECT payee_id, stream, amount_cents FROM payment WHERE end_to_end_id = ?",
            (item.end_to_end_id,),
        ).fetchone()
        found.append(
            PaymentProblem(
                message_id=file.message_id,
                end_to_end_id=item.end_to_end_id,
                payee_id=payee,
                stream=stream,
                amount_cents=amount,
                state=item.state,
                reasons=item.reasons,
                vop=item.vop,
            )
        )
    return found
