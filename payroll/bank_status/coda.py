"""CODA 2.x, the coded statement of Belgian banks: 128 characters per line.

Positions (1-based, bank-rules 9.3) are read here, each with its line; the library febelfin-coda is
the second opinion of the tests. A statement counts only when it is whole: record count, sums of
debits and credits, old balance + movements = new balance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from payroll.bank_status.coda_moves import Movement, facts_of
from payroll.bank_status.values import Remarks, account, first_and_more, one_account, texts
from payroll.model.answers import AnswerFact, BankAnswer, StatementLink
from payroll.model.errors import DamagedInputError
from payroll.model.money import euros

LINE_LENGTH = 128
#: About 200,000 lines: a day of a bank's account has some hundreds.
BYTES_MAX = 25 * 1024**2
_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?0[0-9]{4}[0-9]{6}[0-9]{3}[0-9]{2}[ D]")
#: Where the account stands, by the account structure of record 1 (its currency follows).
_ACCOUNTS = {"0": (6, 17, 19), "1": (6, 39, 40), "2": (6, 36, 40), "3": (6, 39, 40)}
#: The records that the trailer counts.
_COUNTED = "1238"


def looks_like_coda(content: bytes) -> bool:
    """Whether the first line is the header of a CODA file."""
    return _FIRST_LINE.match(content) is not None


@dataclass(frozen=True, slots=True)
class CodaRecord:
    """One record: its text, its number in the file, and the file's name for errors."""

    text: str
    number: int
    file: str

    @property
    def where(self) -> str:
        """Place in the file."""
        return f"R{self.number}"

    def at(self, first: int, last: int) -> str:
        """The characters from one position to another, both counted from 1, without margins."""
        return self.text[first - 1 : last].strip()

    def digits(self, first: int, last: int) -> int:
        """A number. Raises DamagedInputError coda_field when something else stands there."""
        text = self.text[first - 1 : last]
        if not (text.isascii() and text.isdigit()):
            raise self.damaged("coda_field", position=f"{first}-{last}")
        return int(text)

    def money(self, sign_at: int, last: int) -> int:
        """Thousandths of the currency, debits negative: a sign, then 15 digits."""
        sign = self.text[sign_at - 1]
        if sign not in "01":
            raise self.damaged("coda_field", position=str(sign_at))
        thousandths = self.digits(sign_at + 1, last)
        return -thousandths if sign == "1" else thousandths

    def day(self, first: int) -> str:
        """DDMMYY as an ISO day, '' of zeros or blanks."""
        text = self.text[first - 1 : first + 5]
        if not text.strip(" 0"):
            return ""
        number = self.digits(first, first + 5)
        day, month, year = number // 10000, number // 100 % 100, number % 100
        if not (1 <= day <= 31 and 1 <= month <= 12):
            raise self.damaged("coda_field", position=f"{first}-{first + 5}")
        return f"20{year:02}-{month:02}-{day:02}"

    def damaged(self, error_id: str, **params: object) -> DamagedInputError:
        """An error at this line."""
        return DamagedInputError(error_id, where=f"{self.file}!{self.where}", **params)


@dataclass(slots=True)
class _CodaStatement:
    """One statement of the file while it is read; amounts in thousandths."""

    header: CodaRecord
    remarks: Remarks
    old: CodaRecord | None = None
    account: str = ""
    currency: str = ""
    old_balance: int = 0
    new: CodaRecord | None = None
    counted: int = 0
    mains: int = 0
    has_gap: bool = False
    debits: int = 0
    credits: int = 0
    #: A movement and its details, until the next one begins.
    group: list[Movement] = field(default_factory=list)
    facts: list[AnswerFact] = field(default_factory=list)

    def add(self, movement: Movement, line: CodaRecord) -> None:
        """Take a movement; only those that detail no other one count in the totals."""
        if movement.is_detail:
            if not self.group:
                raise line.damaged("coda_record")
            self.group.append(movement)
            return
        self.finish()
        self.group = [movement]
        self.mains += 1
        self.has_gap |= movement.sequence != f"{self.mains % 10000:04}"
        if movement.thousandths < 0:
            self.debits -= movement.thousandths
        else:
            self.credits += movement.thousandths

    def finish(self) -> None:
        """Turn the last movement and its details into facts."""
        if self.group:
            self.facts += facts_of(
                self.group[0], self.group[1:], self.currency, self.remarks, self.account
            )
        self.group = []


def read_coda(name: str, content: bytes, sha256: str) -> BankAnswer:
    """Read one file, of one or several statements. Raises DamagedInputError."""
    if len(content) > BYTES_MAX:
        raise DamagedInputError("answer_too_large", where=name, limit=BYTES_MAX // 1024**2)
    remarks = Remarks()
    facts: list[AnswerFact] = []
    ids: list[str] = []
    accounts: list[str] = []
    links: list[StatementLink] = []
    statement: _CodaStatement | None = None
    created_at = ""
    for line in _lines(name, content):
        if line.text[0] == "0":
            if statement is not None:
                raise statement.header.damaged("coda_cut")
            statement = _CodaStatement(_checked_header(line), remarks)
            created_at = created_at or line.at(6, 11)
            continue
        if statement is None:
            raise line.damaged("coda_record")
        if line.text[0] != "9":
            _take(statement, line)
            continue
        _close(statement, line, remarks)
        ids.append(_answer_id(statement))
        accounts.append(statement.account)
        links += [_link(statement)] if statement.currency == "EUR" else []
        facts += statement.facts
        statement = None
    if statement is not None:
        raise statement.header.damaged("coda_cut")
    return BankAnswer(
        kind="coda",
        version="2",
        answer_id=first_and_more(ids),
        created_at=created_at,
        account_iban=one_account(accounts, remarks),
        original_message_id="",
        sha256=sha256,
        facts=tuple(facts),
        remarks=remarks.all(),
        accounts=tuple(dict.fromkeys(accounts)),
        statements=tuple(links),
    )


def _lines(name: str, content: bytes) -> Iterator[CodaRecord]:
    """The lines, all of 128 characters, in UTF-8 or else in windows-1252.

    Blanks behind position 128, and lines of blanks at the end, are cut: some programs write them.
    """
    body = content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n\x1a").replace(b"\r\n", b"\n")
    rows: list[str] = []
    for encoding in ("utf-8", "windows-1252"):
        try:
            rows = [_cut(row.decode(encoding)) for row in body.split(b"\n")]
            while len(rows) > 1 and not rows[-1].strip(" "):
                rows.pop()
        except UnicodeDecodeError as error:
            if encoding == "utf-8":
                continue
            raise DamagedInputError("coda_characters", where=name) from error
        if all(len(row) == LINE_LENGTH for row in rows):
            return (CodaRecord(row, number, name) for number, row in enumerate(rows, 1))
    number, length = next((n, len(r)) for n, r in enumerate(rows, 1) if len(r) != LINE_LENGTH)
    raise CodaRecord("", number, name).damaged("coda_length", found=length)


def _cut(row: str) -> str:
    return row if row[LINE_LENGTH:].strip(" ") else row[:LINE_LENGTH]


def _checked_header(line: CodaRecord) -> CodaRecord:
    if line.text[127] != "2":
        raise line.damaged(
            "answer_version", kind=f"CODA {line.at(128, 128) or '?'}", supported="CODA 2"
        )
    line.day(6)
    return line


def _answer_id(statement: _CodaStatement) -> str:
    old = statement.old or statement.header
    header = statement.header
    return f"{header.at(25, 34) or header.at(6, 11)}/{old.at(126, 128) or old.at(3, 5)}"


def _take(statement: _CodaStatement, line: CodaRecord) -> None:
    """One record between header and trailer."""
    record, article = line.text[0], line.text[1]
    statement.counted += record in _COUNTED
    if (statement.old is None) is not (record == "1") or (
        statement.new is not None and record in "238"
    ):
        raise line.damaged("coda_record")
    if record == "1":
        _old_balance(statement, line)
    elif record in "23" and article in "123":
        _movement(statement, line, record, article)
    elif record == "8":
        statement.new = line
    elif record == "4":
        said = texts([line.at(33, 112)])
        if said:
            statement.finish()
            remarks = statement.remarks
            remarks.say("answer_message", text=said[0], where=line.where)
            statement.facts.append(
                AnswerFact(
                    level="file",
                    what="other",
                    code="4",
                    additional=said,
                    account_iban=statement.account,
                    where=line.where,
                )
            )
    else:
        raise line.damaged("coda_record")


def _old_balance(statement: _CodaStatement, line: CodaRecord) -> None:
    if line.text[1] not in _ACCOUNTS:
        raise line.damaged("coda_field", position="2")
    first, last, currency = _ACCOUNTS[line.text[1]]
    statement.old = line
    statement.account = account(line.at(first, last))
    statement.currency = line.at(currency, currency + 2)
    statement.old_balance = line.money(43, 58)
    line.day(59)


def _movement(statement: _CodaStatement, line: CodaRecord, record: str, article: str) -> None:
    """A movement (2) or information about one (3); .2 and .3 carry on the record before."""
    last = statement.group[-1] if statement.group else None
    if record == "2" and article == "1":
        code = line.text[53:61]
        if not (code.isascii() and code.isdigit()):
            raise line.damaged("coda_field", position="54-61")
        movement = Movement(
            sequence=line.text[2:6],
            detail=line.text[6:10],
            code=code,
            thousandths=line.money(32, 47),
            bank_reference=line.at(11, 31),
            entry_day=line.day(116),
            where=line.where,
            communication=line.text[62:115],
        )
        statement.add(movement, line)
        return
    if last is None or last.sequence != line.text[2:6]:
        raise line.damaged("coda_record")
    if record == "3":
        structured = line.text[39] == "1"  # then its type follows, in three digits
        first = {"1": 44 if structured else 41}.get(article, 11)
        last.information.append(line.at(first, 113))
    elif last.detail != line.text[6:10]:
        raise line.damaged("coda_record")
    elif article == "2":
        last.communication += line.text[10:63]
        last.reference = line.at(64, 98)
        last.r_type, last.r_reason = line.at(113, 113), line.at(114, 117)
    else:
        last.communication += line.text[82:125]
        last.account, last.name = account(line.at(11, 44)), line.at(48, 82)


def _link(statement: _CodaStatement) -> StatementLink:
    """What ties a statement to its neighbours; without a new balance nothing moved."""
    old, new = statement.old or statement.header, statement.new
    closing = statement.old_balance if new is None else new.money(42, 57)
    return StatementLink(
        account_iban=statement.account,
        number=old.at(126, 128) or old.at(3, 5),
        opening_cents=statement.old_balance // 10,
        opening_on=old.day(59),
        closing_cents=closing // 10,
        closing_on=old.day(59) if new is None else new.day(58),
    )


def _close(statement: _CodaStatement, line: CodaRecord, remarks: Remarks) -> None:
    """The trailer: everything announced must be there."""
    if statement.old is None:
        raise line.damaged("coda_record")
    statement.finish()
    announced, found = line.digits(17, 22), statement.counted
    if announced != found:
        raise line.damaged("coda_count", announced=announced, found=found)
    if (line.digits(23, 37), line.digits(38, 52)) != (statement.debits, statement.credits):
        raise line.damaged("coda_sums")
    new_balance = statement.old_balance if statement.new is None else statement.new.money(42, 57)
    if statement.old_balance + statement.credits - statement.debits != new_balance:
        raise line.damaged("coda_balance")
    if statement.header.text[16] == "D":
        remarks.say("answer_duplicate", code="D")
    if statement.has_gap:
        remarks.count("answer_sequence_gap")
    new = statement.new or statement.old
    remarks.say(
        "answer_statement",
        number=statement.old.at(3, 5) or "-",
        opening=euros(statement.old_balance // 10),
        opening_on=statement.old.day(59) or "-",
        closing=euros(new_balance // 10),
        closing_on=(new.day(58) if statement.new else statement.old.day(59)) or "-",
    )
