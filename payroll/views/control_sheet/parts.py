"""The parts of a control sheet that every file has: each draws from a height on, returns the next.

What is compared with the bank's screen comes first and largest, the same three figures below one
another; what proves which file, run and rules it was comes last, above the signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from payroll.model.file_facts import FileFacts
from payroll.model.frames import rows_of
from payroll.model.identifiers import masked_iban
from payroll.model.results import SepaFile
from payroll.model.streams import SALARIES
from payroll.record.run import Run
from payroll.render.pdf_page import (
    BOLD,
    DARK,
    GREY,
    LEFT,
    MONO,
    MONO_BOLD,
    PALE,
    RIGHT,
    WIDTH,
    PdfPage,
)
from payroll.texts.days import long_day_shown
from payroll.texts.shown import euros_shown, whole_shown
from payroll.views.control_sheet.amount_in_words import amount_in_words, number_in_words
from payroll.views.control_sheet.facts import iban_hash_total
from payroll.views.movements import holiday_pay_of
from payroll.views.shown import Shown

LARGEST = 5
#: The rule that knows since when the bank verifies the payee of a single payment whatever we ask.
SINGLE_PAYMENT = "SEPA-020"
#: Where the columns of the comparison begin: what, number, total, digest; its end.
_COLUMNS = (LEFT, LEFT + 108, LEFT + 200, LEFT + 346, RIGHT)
_HALF = LEFT + 268


def compare(pdf: PdfPage, shown: Shown, facts: FileFacts, top: float) -> float:
    """Number, total and digest of the file; below them room for what the bank shows."""
    heights = (13.0, 29.0, 29.0, 15.0)
    bottom = top - sum(heights)
    pdf.box(LEFT, top - heights[0] - heights[1], WIDTH, heights[1], fill=PALE, heavy=0)
    pdf.box(LEFT, bottom, WIDTH, top - bottom, heavy=1.2)
    for x in _COLUMNS[1:-1]:
        pdf.upright(x, bottom, top)
    y = top
    for height in heights[:-1]:
        y -= height
        pdf.rule(y)
    middles = [(a + b) / 2 for a, b in pairwise(_COLUMNS[1:])]
    names = ("cs_number", "cs_total", "cs_digest")
    values = (
        whole_shown(facts.count, shown.language),
        euros_shown(facts.total_cents, shown.language),
        f"{facts.sha256[:8]} … {facts.sha256[-8:]}",
    )
    rooms = [b - a - 12 for a, b in pairwise(_COLUMNS[1:])]
    for middle, name, value, room in zip(middles, names, values, rooms, strict=True):
        pdf.text(middle, top - 9.5, shown.say(name), size=7.5, grey=DARK, align="center", room=room)
        font, size = (MONO_BOLD, 14) if name == "cs_digest" else (BOLD, 18)
        pdf.text(middle, top - 33, value, size=size, font=font, align="center", room=room)
        x = middle - 38
        for answer in ("cs_yes", "cs_no"):
            x = pdf.tick(x, bottom + 4.5, shown.say(answer))
    room = _COLUMNS[1] - LEFT - 8
    lines = (
        (-25, "cs_in_file", BOLD),
        (-35, "cs_reread", ""),
        (-54, "cs_at_bank", BOLD),
        (-64, "cs_fill_in", ""),
        (-80.5, "cs_same", ""),
    )
    for offset, name, font in lines:
        if font:
            pdf.text(LEFT + 5, top + offset, shown.say(name), size=8.5, font=font, room=room)
        else:
            pdf.text(LEFT + 5, top + offset, shown.say(name), size=7.5, grey=DARK, room=room)
    y = bottom - 14
    count = number_in_words(facts.count, shown.language)
    total = amount_in_words(facts.total_cents, shown.language)
    one = "cs_in_words_one" if facts.count == 1 else "cs_in_words"
    words = shown.say(one, count=count, total=total)
    y = pdf.paragraph(LEFT, y, words[0].upper() + words[1:], WIDTH, size=9.5, leading=11.5)
    return pdf.paragraph(LEFT, y - 2, shown.say("cs_do_not_sign"), WIDTH, size=9, font=BOLD)


def _holiday_pay(shown: Shown) -> dict[str, int]:
    """Per file of salaries what of its payments is holiday pay (cents), where it has any."""
    lines = holiday_pay_of(shown.run.lines, SALARIES.name)
    file = (
        shown.run.payments.set_index("payment_id")["file"].reindex(lines["payment_id"]).fillna("")
    )
    sums = lines["amount_cents"].groupby(file.to_numpy()).sum()
    return {str(name): int(cents) for name, cents in sums.items() if name and cents}


def bank_and_message(
    pdf: PdfPage, shown: Shown, file: SepaFile, facts: FileFacts, top: float
) -> float:
    """Who pays from which account at which bank; which message says so."""
    say = shown.say
    bank = facts.debtor_bic or say("cs_no_bic", code=facts.debtor_iban[4:7])
    debit = say("cs_one_debit" if facts.batch_booking else "cs_debit_each")
    one = facts.initiator_name == facts.debtor_name
    holder = [] if one else [(say("cs_holder"), facts.debtor_name)]
    left = [
        (say("cs_entity_and_holder" if one else "cs_entity"), facts.initiator_name),
        *holder,
        (say("cs_kbo"), _kbo(facts.initiator_id)),
        (say("cs_account"), _in_fours(facts.debtor_iban)),
        (say("cs_bank"), bank),
        (say("cs_profile"), _profile(shown.run, file)),
        (say("cs_debit"), debit),
    ]
    stream = say(f"stream_{file.stream}")
    kind = f"{stream} ({facts.category_purpose})" if facts.category_purpose else stream
    if along := shown.once(_holiday_pay).get(file.path):
        kind += f" · {say('cs_along', total=euros_shown(along, shown.language))}"
    created = (
        f"{long_day_shown(facts.created_at.date(), shown.language)}, {facts.created_at:%H:%M:%S}"
    )
    right = [
        (say("cs_kind"), kind),
        (say("cs_version"), facts.version),
        ("MsgId", facts.message_id),
        ("PmtInfId", ", ".join(block.block_id for block in facts.blocks)),
        (say("cs_execution"), long_day_shown(facts.execution_date, shown.language)),
        (say("cs_created"), created),
        (say("cs_size"), say("cs_bytes", count=whole_shown(facts.size_bytes, shown.language))),
    ]
    y = pdf.heading(top, say("cs_part_payer"), to=_HALF - 12)
    pdf.heading(top, say("cs_part_message"), x=_HALF)
    return min(
        pdf.fields(_HALF, y, RIGHT - _HALF, right, label=72),
        pdf.fields(LEFT, y, _HALF - 12 - LEFT, left, label=72),
    )


def content(
    pdf: PdfPage, shown: Shown, facts: FileFacts, texts: Mapping[tuple[str, str], int], top: float
) -> float:
    """Sums per block, extremes, the hash total of the accounts, the texts that were converted."""
    say, amounts = shown.say, facts.lines["amount_cents"]
    extremes = [euros_shown(int(value), shown.language) for value in (amounts.min(), amounts.max())]
    blocks = " ; ".join(
        say(
            "cs_block",
            count=whole_shown(block.count, shown.language),
            total=euros_shown(block.total_cents, shown.language),
        )
        for block in facts.blocks
    )
    fields = ((facts.path, "creditor_name"), (facts.path, "remittance"), ("", "debtor_name"))
    names, remittances, payer = (
        whole_shown(texts.get(field, 0), shown.language) for field in fields
    )
    texts_changed = say("cs_texts", names=names, texts=remittances, debtor=payer)
    short = [
        (say("cs_per_block"), blocks),
        (say("cs_smallest"), extremes[0]),
        (say("cs_largest"), extremes[1]),
    ]
    y = pdf.heading(top, say("cs_part_content"))
    for (name, value), x, room in zip(
        short, (LEFT, _HALF, _HALF + 130), (196, 60, 60), strict=True
    ):
        pdf.fields(x, y, 72 + room, [(name, value)], label=72 if x == LEFT else 62)
    y -= 11.2
    pdf.text(LEFT, y, say("cs_iban_hash"), size=7.5, grey=GREY, room=68)
    pdf.text(LEFT + 72, y, f"{iban_hash_total(facts):06d}", size=8.5, font=BOLD)
    pdf.text(LEFT + 106, y, say("cs_iban_hash_how"), size=8, grey=DARK, room=WIDTH - 106)
    return pdf.fields(LEFT, y - 11.2, WIDTH, [(say("cs_changed"), texts_changed)], label=72)


def payments_of_the_file(pdf: PdfPage, shown: Shown, facts: FileFacts, top: float) -> float:
    """First, last and the largest payments: id, masked account, amount. No name: it lies about."""
    columns = ("end_to_end_id", "iban", "amount_cents")
    lines = list(rows_of(facts.lines, *columns))
    largest = sorted(lines, key=lambda line: (-line[2], line[0]))[:LARGEST]
    y = pdf.heading(top, shown.say("cs_part_payments"))
    rows = [(shown.say("cs_first"), lines[0]), (shown.say("cs_last"), lines[-1])]
    rows += [(shown.say("cs_rank", number=rank), line) for rank, line in enumerate(largest, 1)]
    for name, (end_to_end_id, iban, cents) in rows:
        pdf.text(LEFT, y, name, size=7.5, grey=GREY, room=68)
        pdf.text(LEFT + 72, y, end_to_end_id, size=8, font=MONO, room=190)
        pdf.text(_HALF, y, masked_iban(iban), size=8.5, room=62)
        pdf.text(
            _HALF + 150, y, euros_shown(cents, shown.language), size=8.5, align="right", room=80
        )
        y -= 10.2
    return y


def verification(pdf: PdfPage, shown: Shown, facts: FileFacts, bottom: float) -> float:
    """Verification of Payee: not yet in force, imposed on a single payment, or a choice to tick.

    Regulation (EU) 2024/886; the day is that of the rule on single payments.
    """
    since = shown.run.rulebook.controls[SINGLE_PAYMENT].valid_from
    pdf.text(LEFT, bottom, shown.say("cs_vop"), size=8, font=BOLD, room=186)
    x = LEFT + 192
    if facts.execution_date < since:
        pdf.text(
            x,
            bottom,
            shown.say("cs_vop_not_yet", day=long_day_shown(since, shown.language)),
            size=8,
            room=RIGHT - x,
        )
    elif facts.count == 1:
        pdf.text(x, bottom, shown.say("cs_vop_single"), size=8, font=BOLD, room=RIGHT - x)
    else:
        for name in ("cs_vop_with", "cs_vop_without"):
            x = pdf.tick(x, bottom, shown.say(name))
    return bottom + 8


def signatures(pdf: PdfPage, shown: Shown, bottom: float) -> float:
    """Two boxes for two different people: in the tool, and at the bank."""
    say, height, gap = shown.say, 94.0, 11.0
    width = (WIDTH - gap) / 2
    for x, title in ((LEFT, "cs_sign_tool"), (LEFT + width + gap, "cs_sign_bank")):
        pdf.box(x, bottom, width, height, heavy=1.0)
        pdf.text(x + 6, bottom + height - 11, say(title), size=8.5, font=BOLD, room=width - 12)
        for offset, name in ((27, "cs_sign_name"), (42, "cs_sign_function"), (57, "cs_sign_when")):
            y = bottom + height - offset
            pdf.text(x + 6, y, say(name), size=7.5, grey=DARK, room=66)
            pdf.rule(y - 2, x=x + 74, to=x + width - 6)
        pdf.text(
            x + 6, bottom + height - 72, say("cs_sign_signature"), size=7.5, grey=DARK, room=66
        )
    pdf.text(LEFT, bottom + height + 5, say("cs_two_people"), size=8, font=BOLD)
    return bottom + height + 14


def _kbo(number: str) -> str:
    digits = number.removeprefix("BE")
    return number.removesuffix(digits) + f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def _in_fours(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _profile(run: Run, file: SepaFile) -> str:
    """The bank profile that shaped the file: id, the day it was checked, its digest."""
    account = next(item for item in run.employer.account if item.id == file.account_id)
    profile = run.rulebook.bank_profiles[account.bank_profile]
    return f"{profile.id} · {profile.checked_on} · {profile.digest[:12]}"
