"""What is interrupted at any moment, and what must hold after that and after doing it again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from payroll.ledger.by_hand import items
from payroll.model.errors import PayrollError, UsageError
from payroll.release import release
from payroll.release.bank_loop import import_file
from payroll.release.loose_ends import match
from payroll.release.proven_run import ProvenRun
from payroll.release.workspace import prove, reading
from tests.release.desk_samples import NAMES, NEAR, PHRASE, Desk, keys, rulebook
from tests.release_world import debit, returned, sent_file, statement


@dataclass
class Checked:
    """How many points were tried, at which calls, and everything that was wrong.

    looks: how many disks were looked at; on done_before of them it had been recorded already.
    """

    points: int = 0
    at: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    looks: int = 0
    done_before: int = 0

    def seen(self, call: str) -> None:
        self.points += 1
        self.at[call] = self.at.get(call, 0) + 1


class Case:
    """A run whose workspace can be copied by the hundred, and what is interrupted."""

    def __init__(self, scratch: Path, desk: Desk) -> None:
        self.scratch = scratch
        self.desk = desk
        self.prepared = desk.prepare()
        self.start = scratch / "start"
        self.start.mkdir(parents=True)
        for name in ("employer.toml", "ledger.sqlite", "ledger.sqlite.seal"):
            if (desk.workspace / name).exists():
                shutil.copy(desk.workspace / name, self.start / name)
        (self.start / "2022-05").mkdir()

    def fresh(self, name: str) -> Path:
        folder = self.scratch / name
        shutil.copytree(self.start, folder)
        return folder

    def at(self, workspace: Path) -> ProvenRun:
        """The run as if its workspace were this one."""
        run = workspace / "2022-05/runs" / self.desk.run_id
        return replace(self.prepared, folder=run)

    def act(self, workspace: Path) -> None:
        """Do what may be interrupted."""
        raise NotImplementedError

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        """Everything that is not right after the interruption, and after doing it again."""
        raise NotImplementedError

    def look(self, workspace: Path, label: str, checked: Checked, *, proved: bool) -> None:
        """Ask `wrong` of what an interruption left, which then is removed.

        proved: after a proof of it, which may mend what it finds.
        """
        checked.looks += 1
        try:
            found = [*self.before_all(workspace)] if proved else []
            found += [*self.wrong(workspace, checked), *self.at_the_end(workspace)]
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
        checked.problems += [f"{label}: {item}" for item in found]
        shutil.rmtree(workspace)

    def before_all(self, workspace: Path) -> Iterator[str]:
        """What a proof finds wrong after the interruption."""
        if (workspace / "ledger.sqlite.seal").exists():
            yield from (f"after the crash: {item}" for item in prove(workspace)[0])

    def at_the_end(self, workspace: Path) -> Iterator[str]:
        """What is wrong after it was done again."""
        yield from (f"at the end: {item}" for item in prove(workspace)[0])


class Releasing(Case):
    """A release of an approved run: nothing is claimed twice, nothing lost, every file whole."""

    def __init__(self, scratch: Path, desk: Desk) -> None:
        super().__init__(scratch, desk)
        self.expected = desk.expected()
        self.whole = (len(self.prepared.payment_keys), len(self.prepared.payments), 1)

    def act(self, workspace: Path) -> None:
        release.release_run(self.at(workspace), NAMES[2], NEAR, "a copy without the lists")

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        before, counts = _outbox(workspace), _counts(workspace)
        if not before.items() <= self.expected.items():
            yield "the outbox holds what is not whole"
        if counts not in ((0, 0, 0), self.whole):
            yield f"(claims, payments, releases) were {counts}"
        if before and counts != self.whole:
            yield "delivered without a claim"
        checked.done_before += counts == self.whole
        try:
            self.act(workspace)
        except PayrollError as error:
            if error.error_id != "run_released" or before != self.expected:
                raise
        if _outbox(workspace) != self.expected:
            yield "the outbox is not as expected"
        if (counts := _counts(workspace)) != self.whole:
            yield f"(claims, payments, releases) are {counts}"
        try:
            self.act(workspace)
            yield "released again"
        except PayrollError as error:
            if error.error_id != "run_released":
                yield f"the third time: {error.error_id}"


class Approving(Case):
    """The first approval of all, which makes the ledger: recorded once, and never shut out."""

    def act(self, workspace: Path) -> None:
        release.approve_run(self.at(workspace), NAMES[0], keys()[NAMES[0]][0], PHRASE)

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        with reading(workspace) as ledger:
            done = ledger is not None and bool(ledger.events("kind = 'approved'"))
        checked.done_before += done
        try:
            self.act(workspace)
            if done:
                yield "approved twice"
        except PayrollError as error:
            if not done or error.error_id != "approval_repeated":
                raise
        with reading(workspace) as ledger:
            kinds = [] if ledger is None else [event.kind for event in ledger.events()]
        if kinds != ["opened", *["enrolled"] * len(NAMES), "prepared", "approved"]:
            yield f"the events are {kinds}"


class Importing(Case):
    """A statement with a debit, a return and an unmatched one: read whole and once, or not."""

    answer = "answer.xml"

    def __init__(self, scratch: Path, desk: Desk) -> None:
        super().__init__(scratch, desk)
        self.file = max(
            (sent_file(path) for path in desk.outbox.iterdir()), key=lambda file: len(file.payments)
        )
        (self.start / self.answer).write_bytes(self.statement())
        self.seq = self.last_event()

    def statement(self) -> bytes:
        """What the bank sends."""
        first, second = self.file.payments[:2]
        entries = [
            debit(self.file, self.file.total),
            returned(first),
            returned(("NOTPROVIDED", second[1], "")),
        ]
        return statement(self.file.debtor, entries)

    def act(self, workspace: Path) -> None:
        import_file(workspace, workspace / self.answer, rulebook())

    def done(self, workspace: Path) -> bool:
        """Whether the ledger has it, and all of it; raises where it has a part."""
        with reading(workspace) as ledger:
            assert ledger is not None
            kinds = [event.kind for event in ledger.events() if event.seq > self.seq]
        if kinds not in ([], [*self.written]):
            msg = f"the events are {kinds}"
            raise ValueError(msg)
        return bool(kinds)

    written: Sequence[str] = ("answer", "debited", "return_booked")

    def last_event(self) -> int:
        """The newest that the ledger holds before it."""
        with reading(self.start) as ledger:
            assert ledger is not None
            return ledger.head()[0]

    def again(self, workspace: Path) -> bool:
        """Whether it says that it was done before."""
        return import_file(workspace, workspace / self.answer, rulebook())[1].already

    def freed(self, workspace: Path) -> set[str]:
        """The payments of which no key is live."""
        with reading(workspace) as ledger:
            assert ledger is not None
            rows = ledger.connection.execute(
                "SELECT DISTINCT end_to_end_id FROM claim WHERE freed <> ''"
            )
            return {str(row[0]) for row in rows}

    def expected(self) -> set[str]:
        """Those that it frees."""
        return {self.file.payments[0][0]}

    def wrong(self, workspace: Path, checked: Checked) -> Iterator[str]:
        done = self.done(workspace)
        checked.done_before += done
        if self.freed(workspace) != (self.expected() if done else self.before()):
            yield f"freed are {self.freed(workspace)}"
        if self.again(workspace) is not done:
            yield "done twice"
        if not self.done(workspace) or self.freed(workspace) != self.expected():
            yield "not done at the end"
        if not self.again(workspace):
            yield "done a third time"

    def before(self) -> set[str]:
        """Those that are free before it."""
        return set()


class Matching(Importing):
    """The second word on a return without an id: the return is booked with it, or neither is."""

    written = ("matched", "return_booked")

    def __init__(self, scratch: Path, desk: Desk) -> None:
        super().__init__(scratch, desk)
        self.act_first()

    def act_first(self) -> None:
        """Read the statement, and say the first word."""
        import_file(self.start, self.start / self.answer, rulebook())
        self.payment = self.file.payments[1][0]
        with reading(self.start) as ledger:
            assert ledger is not None
            (self.item,) = (item.id for item in items(ledger))
        match(self.start, self.item, [self.payment], NAMES[0], "extrait 151")
        self.seq = self.last_event()

    def act(self, workspace: Path) -> None:
        match(workspace, self.item, [self.payment], NAMES[1], "extrait 151")

    def again(self, workspace: Path) -> bool:
        try:
            self.act(workspace)
        except UsageError as error:
            return error.error_id == "settle_unknown"
        return False

    def before(self) -> set[str]:
        return {self.file.payments[0][0]}

    def expected(self) -> set[str]:
        return {self.payment, *self.before()}


def _outbox(workspace: Path) -> dict[str, bytes]:
    outbox = workspace / "2022-05/outbox"
    return {path.name: path.read_bytes() for path in outbox.iterdir()} if outbox.exists() else {}


def _counts(workspace: Path) -> tuple[int, int, int]:
    with reading(workspace) as ledger:
        if ledger is None:
            return 0, 0, 0
        counted = ledger.connection.execute(
            "SELECT (SELECT count(*) FROM claim), (SELECT count(*) FROM payment),"
            " (SELECT count(*) FROM event WHERE kind = 'released')"
        ).fetchone()
        return int(counted[0]), int(counted[1]), int(counted[2])
