"""control-sheet.pdf: the paper that two people compare with the bank's screen and sign.

One A4 page per payment file, printed from the re-read bytes of the file (facts/bank-rules 10.3),
whatever the data: what does not fit is counted, never left out unsaid. It lies on a desk, so it
names no person: payees by number, accounts masked but those that changed. Not to be taken for the
workbook of controls (payroll.controls_workbook.write).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from payroll.ledger.keys import fingerprint
from payroll.model.file_facts import FileFacts
from payroll.model.released import LedgerHead
from payroll.model.results import SepaFile
from payroll.model.streams import STREAMS
from payroll.record.run import Run
from payroll.render.pdf_page import (
    BLACK,
    BOLD,
    DARK,
    GREY,
    LEFT,
    MONO,
    MONO_BOLD,
    PLAIN,
    RIGHT,
    TOP,
    WIDTH,
    PdfPage,
)
from payroll.texts.days import long_day_shown
from payroll.texts.shown import euros_shown
from payroll.views.control_sheet.facts import (
    WHYS,
    Moved,
    NotPaid,
    RunFacts,
    moved_accounts,
    run_facts,
)
from payroll.views.control_sheet.parts import (
    bank_and_message,
    compare,
    content,
    payments_of_the_file,
    signatures,
    verification,
)
from payroll.views.shown import Shown

#: Between the lines of the lists that fill what room the page leaves.
LINE = 9.6
#: Lines that the list of what is not paid always keeps: a heading is no list.
KEPT = 3
#: The employer's own rules that are named; the others are counted.
OWN_RULES = 3
#: The approvers whose keys are printed; the others are counted.
KEYS = 4
KEY_NAME = 30  # letters of a name
FOOT = 24.0


@dataclass(frozen=True, slots=True)
class FileSheet:
    """One page in the making: whose run, which file, which of how many."""

    shown: Shown
    file: SepaFile
    facts: FileFacts
    number: int
    of: int


def build_control_sheet(run: Run, read: Iterable[FileFacts], language: str = "") -> bytes:
    """The control sheet as bytes; the same run gives the same bytes.

    read: the facts of each file of `run.sepa_files`, in that order, from its bytes. language: the
    employer's, unless another one is asked for. A run without a file has one page that says so.
    Raises InvariantError when a file lacks a payment that the run says it holds.
    """
    shown = Shown(run, language)
    pdf = PdfPage(f"{shown.say('cs_title')} · {run.run_id}", run.employer.name, shown.language)
    of_run, count = run_facts(shown), len(run.sepa_files)
    for number, (file, facts) in enumerate(zip(run.sepa_files, read, strict=True), 1):
        _page(pdf, FileSheet(shown, file, facts, number, count), of_run)
        pdf.next_page()
    if not run.sepa_files:
        _nothing(pdf, shown, of_run)
        pdf.next_page()
    return pdf.finish()


def _page(pdf: PdfPage, sheet: FileSheet, of_run: RunFacts) -> None:
    shown, facts = sheet.shown, sheet.facts
    say, stream = shown.say, shown.say(f"stream_{sheet.file.stream}")
    day = long_day_shown(facts.execution_date, shown.language)
    again = f" · {say('cs_reissue')}" if shown.run.reissue else ""
    _top(
        pdf,
        shown,
        f"{stream} · {say('cs_executed', day=day)}{again}",
        say("cs_page", number=sheet.number, of=sheet.of),
        facts.path,
    )
    y = compare(pdf, shown, facts, 758)
    y = bank_and_message(pdf, shown, sheet.file, facts, y - 8)
    y = content(pdf, shown, facts, of_run.changed_texts, y - 5)
    y = payments_of_the_file(pdf, shown, facts, y - 5)
    y = _own_rules(pdf, shown, y)
    bottom = signatures(pdf, shown, FOOT + 12)
    bottom = verification(pdf, shown, facts, bottom + 8)
    bottom = _digests(pdf, shown, facts, bottom + 4)
    _lists(pdf, sheet, of_run, y - 5, bottom + 8)
    _foot(pdf, shown, say("cs_page", number=sheet.number, of=sheet.of))


def _nothing(pdf: PdfPage, shown: Shown, of_run: RunFacts) -> None:
    """The page of a run that pays nothing: said, and every amount that is not paid counted."""
    _top(pdf, shown, shown.say("cs_nothing"), shown.say("cs_page", number=1, of=1), "")
    y = pdf.paragraph(LEFT, 745, shown.say("cs_nothing_why"), WIDTH, size=10)
    y = _own_rules(pdf, shown, y)
    whole = [item for stream in STREAMS for item in of_run.not_paid.get(stream, ())]
    bottom = _digests(pdf, shown, None, FOOT + 12)
    _not_paid(pdf, shown, whole, shown.say("cs_part_not_paid_run"), top=y - 14, bottom=bottom + 8)
    _foot(pdf, shown, shown.say("cs_page", number=1, of=1))


def _top(pdf: PdfPage, shown: Shown, about: str, page: str, path: str) -> None:
    pdf.text(LEFT, TOP - 10, shown.say("cs_title"), size=19, font=BOLD, room=280)
    pdf.text(LEFT, TOP - 27, about, size=11, font=BOLD, room=300)
    pdf.text(RIGHT, TOP - 8, page, size=11, font=BOLD, align="right", room=140)
    pdf.text(RIGHT, TOP - 20, shown.run.employer.name, size=8.5, align="right", room=290)
    pdf.text(RIGHT, TOP - 30, path, size=8, font=MONO, grey=DARK, align="right", room=200)
    pdf.rule(TOP - 36, heavy=1.6)


def _own_rules(pdf: PdfPage, shown: Shown, top: float) -> float:
    """How many rules are the employer's own, and those that matter most."""
    if not shown.own_rules:
        return top
    y = pdf.heading(top - 5, shown.own_rules.heading(shown.language))
    found = shown.own_rules.lines(shown.language)
    for line in found[:OWN_RULES]:
        pdf.text(LEFT, y, line, size=7.5, room=WIDTH)
        y -= LINE
    if len(found) > OWN_RULES:
        more = shown.say("own_rules_more", count=len(found) - OWN_RULES)
        pdf.text(LEFT, y, more, size=7.5, font=BOLD, room=WIDTH)
        y -= LINE
    return y


def _lists(pdf: PdfPage, sheet: FileSheet, of_run: RunFacts, top: float, bottom: float) -> None:
    """Changed accounts, then what is not paid, in the room that the page leaves."""
    shown, language = sheet.shown, sheet.shown.language
    moved = moved_accounts(of_run, sheet.facts)
    own, order = sheet.file.stream, shown.run.order
    also = [name for name in order.streams if name != own and order.paid_with(name) == own]
    items = [item for name in (own, *also) for item in of_run.not_paid.get(name, ())]
    most = max(int((top - bottom - 45) // LINE) - min(len(items), KEPT), 1)
    ends = list(accumulate(1 + _long(item) for item in moved))
    listed = moved if not ends or ends[-1] <= most else moved[: bisect_right(ends, most - 1)]
    total = euros_shown(sum(item.cents for item in moved), language)
    y = pdf.heading(top, shown.say("cs_part_moved", count=len(moved), total=total))
    own_line = {150.0: 36.0, 222.0: 222.0}
    columns = ((0.0, 148.0), (150, 70), (222, 72), (346, 50), (351, WIDTH - 351))

    def row(*cells: tuple[str, str], grey: float = BLACK, apart: bool = False) -> float:
        """apart: the accounts, always in full, need a line of their own."""
        for (text, font), (x, room) in zip(cells, columns, strict=True):
            align, at = "right" if x == 346 else "left", y
            if apart and x in own_line:
                x, room, at = own_line[x], WIDTH / 3, y - LINE  # noqa: PLW2901 - a wider place
            pdf.text(LEFT + x, at, text, size=7, font=font, align=align, room=room, grey=grey)
        return y - LINE * (1 + apart)

    if moved:
        heads = ("cs_col_payment", "cs_col_before", "cs_col_now", "cs_col_amount", "cs_col_decided")
        y = row(*((shown.say(head), PLAIN) for head in heads), grey=GREY)
    for item in listed:
        decided = item.decided or shown.say("cs_no_decision")
        y = row(
            (item.end_to_end_id, MONO),
            (item.before or "-", PLAIN),
            (item.now, BOLD),
            (euros_shown(item.cents, language), PLAIN),
            (decided, PLAIN),
            apart=_long(item),
        )
    if len(listed) < len(moved):
        left = moved[len(listed) :]
        y = _more(pdf, shown, y, len(left), sum(item.cents for item in left))
    _not_paid(pdf, shown, items, shown.say("cs_part_not_paid"), top=y - 7, bottom=bottom)


def _long(moved: Moved) -> bool:
    """Whether an account is longer than a Belgian one, in its groups of four."""
    return max(len(moved.before), len(moved.now)) > len("BE00 0000 0000 0000")


def _not_paid(
    pdf: PdfPage, shown: Shown, items: Sequence[NotPaid], title: str, *, top: float, bottom: float
) -> None:
    """Every total first, which is complete; then one line each, as many as there is room for."""
    y = pdf.heading(top, title)
    totals = []
    for why in WHYS:
        own = [item for item in items if item.why == why]
        total = euros_shown(abs(sum(item.cents or 0 for item in own)), shown.language)
        if own or why == "held":
            totals.append(shown.say(f"cs_total_{why}", count=len(own), total=total))
    y = pdf.paragraph(LEFT, y, " · ".join(totals), WIDTH, size=8, font=BOLD)
    room = max(int((y - bottom) // LINE) + 1, 1)
    listed = items if len(items) <= room else items[: room - 1]
    for item in listed:
        amount = "?" if item.cents is None else euros_shown(item.cents, shown.language)
        pdf.text(LEFT, y, item.payee_id, size=8, room=82)
        pdf.text(LEFT + 160, y, amount, size=8, align="right", room=72)
        pdf.text(
            LEFT + 170,
            y,
            f"{item.rules}  {item.words}".strip(),
            size=7.5,
            grey=DARK,
            room=WIDTH - 170,
        )
        y -= LINE
    if len(listed) < len(items):
        left = items[len(listed) :]
        _more(pdf, shown, y, len(left), sum(item.cents or 0 for item in left))


def _more(pdf: PdfPage, shown: Shown, y: float, count: int, cents: int) -> float:
    words = shown.say("cs_more", count=count, total=euros_shown(cents, shown.language))
    pdf.text(LEFT, y, words, size=8, font=BOLD)
    return y - LINE


def _digests(pdf: PdfPage, shown: Shown, facts: FileFacts | None, bottom: float) -> float:
    """Which file, which run, which rules, which program; drawn from the bottom up."""
    pairs = [
        (shown.say("cs_inputs"), in_eights(shown.run.inputs_digest)),
        (shown.say("cs_rulebook"), in_eights(shown.run.rulebook.digest)),
        (shown.say("cs_run_and_tool"), f"{shown.run.run_id} · {shown.run.code_version}"),
    ]
    head = shown.run.ledger_head
    if head is not None:
        told = f"{head.run_id} · {head.at} · {shown.say('cs_events', count=head.events)}"
        pairs += [(shown.say("cs_ledger"), told), ("", in_eights(head.digest))]
    if facts is not None:
        only = shown.say("cs_compare_only")
        pairs = [
            ("SHA-256", in_eights(facts.sha256)),
            (f"SHA-1 ({only})", in_eights(facts.sha1)),
            (f"MD5 ({only})", in_eights(facts.md5)),
            *pairs,
        ]
    approvals = pdf.wrap(shown.say("cs_approvals"), WIDTH, size=7.5)
    note = approvals + _keys(pdf, shown, shown.run.ledger_head)
    top = bottom + 9.5 * (len(note) + len(pairs)) + 8
    y = pdf.heading(top, shown.say("cs_part_digests"))
    for name, value in pairs:
        strong = name == "SHA-256"
        pdf.text(LEFT, y, name, size=7.5, grey=GREY, room=146)
        pdf.text(LEFT + 150, y, value, size=8, font=MONO_BOLD if strong else MONO, room=WIDTH - 150)
        y -= 9.5
    for line in note:
        pdf.text(LEFT, y, line, size=7.5 if line in approvals else 7)
        y -= 9.5
    return top + 8


def _keys(pdf: PdfPage, shown: Shown, head: LedgerHead | None) -> list[str]:
    """Whose key may sign this run, by its fingerprint, and since when the ledger knows it."""
    known = {(item.name, item.fingerprint): item.at for item in head.key} if head else {}
    told = []
    for person in shown.run.employer.all_approvers:
        key = fingerprint(person.public_key)
        since = known.get((person.name, key), "")[:10]
        told += [f"{person.name[:KEY_NAME]} {key} ({since or '*'})"] if key else []
    more = [f"… + {len(told) - KEYS}"] if len(told) > KEYS else []
    keys = " · ".join([*told[:KEYS], *more])
    return pdf.wrap(shown.say("cs_keys", keys=keys), WIDTH, size=7) if told else []


def _foot(pdf: PdfPage, shown: Shown, page: str) -> None:
    pdf.text(LEFT, FOOT, shown.say("cs_foot", run=shown.run.run_id), size=7, grey=GREY, room=430)
    pdf.text(RIGHT, FOOT, page, size=7, grey=GREY, align="right", room=80)


def in_eights(digest: str) -> str:
    """A digest in groups of eight, as it is read aloud."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
