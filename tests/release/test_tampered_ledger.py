"""A ledger changed by anything but the program: every byte, and every row by SQL."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from payroll.cli.ledger import verify
from payroll.ledger.book import GENESIS, event_of
from payroll.ledger.keys import open_key
from payroll.ledger.payment_keys import RowsDigest, payment_digest
from payroll.model.errors import PayrollError
from payroll.release.workspace import prove, reading
from tests.release.desk_samples import PHRASE, Desk, keys

FLIPS = int(os.environ.get("FLIPS", "600"))  # how many bytes of the file
Change = Callable[[sqlite3.Connection], object]


def told(desk: Desk) -> list[str]:
    """What is wrong with a ledger, by its kinds; also of one that cannot be opened at all."""
    try:
        return [what for what, _ in prove(desk.workspace)[0]]
    except PayrollError as error:
        return [error.error_id]


def reseal(desk: Desk) -> None:
    """What somebody who knows this program would do last: a seal that fits."""
    with desk.sql() as ledger:
        seq, head = ledger.execute("SELECT seq, digest FROM event ORDER BY 1 DESC").fetchone()
    digest = hashlib.sha256(desk.ledger.read_bytes()).hexdigest()
    desk.seal.write_text(json.dumps({"seq": seq, "head": head, "sha256": digest}), "utf-8")


def test_a_byte_changed_anywhere_in_the_file_is_seen(released_desk: Desk, tmp_path: Path) -> None:
    desk = Desk(tmp_path, released_desk.run_id)
    for name in ("ledger.sqlite", "ledger.sqlite.seal"):
        shutil.copy(released_desk.workspace / name, tmp_path / name)
    sound = desk.ledger.read_bytes()
    assert told(desk) == []
    step = max(1, len(sound) // FLIPS)
    places = sorted({*range(100), *range(0, len(sound), step), len(sound) - 1})
    assert len(places) >= FLIPS
    unseen = []
    for place in places:
        altered = bytearray(sound)
        altered[place] ^= 0xFF if place % 2 else 1 << place % 8
        desk.ledger.write_bytes(altered)
        if not told(desk):
            unseen.append(place)
        for left in ("-wal", "-shm"):
            desk.ledger.with_name(f"ledger.sqlite{left}").unlink(missing_ok=True)
    assert unseen == []
    desk.ledger.write_bytes(sound)
    assert told(desk) == []


@pytest.mark.parametrize("change", ["cut", "longer", "emptied", "deleted", "another"])
def test_a_ledger_cut_or_replaced_is_seen(change: str, released: Desk) -> None:
    content = released.ledger.read_bytes()
    if change == "cut":
        released.ledger.write_bytes(content[: len(content) // 2])
    elif change == "longer":
        released.ledger.write_bytes(content + bytes(4096))
    elif change == "emptied":
        released.ledger.write_bytes(b"")
    elif change == "another":
        released.ledger.write_bytes(b"no database at all" * 1000)
    else:
        released.ledger.unlink()
    assert told(released)
    with pytest.raises(PayrollError):
        released.release()


def test_ledger_verify_leaves_with_its_exit_code(
    released: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--workspace", str(released.workspace), "--lang", "en", "--json"]
    assert verify.main(arguments, standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["intact"]
    with released.sql() as ledger:
        ledger.execute("UPDATE event SET at = '2022-01-01' WHERE seq = 2")
    assert verify.main(arguments, standalone_mode=False) == 1
    told_as = capsys.readouterr()
    assert {"problem": "event_changed", "which": "2"} in json.loads(told_as.out)["problems"]
    assert "Release nothing" in told_as.err
    released.ledger.write_bytes(b"no database" * 1000)
    with pytest.raises(PayrollError) as refused:
        verify.main(arguments, standalone_mode=False)
    assert refused.value.exit_code == 4


SEMANTIC: list[tuple[str, str, set[str]]] = [
    (
        "amount",
        "UPDATE payment SET amount_cents = amount_cents + 1 WHERE rowid_ = 1",
        {"payment_changed", "totals_differ"},
    ),
    ("iban", "UPDATE payment SET iban = 'BE68539007547034' WHERE rowid_ = 1", {"payment_changed"}),
    (
        "delete a claim",
        ("DELETE FROM claim WHERE end_to_end_id = (SELECT min(end_to_end_id) FROM payment)"),
        {"payment_changed"},
    ),
    (
        "delete a payment",
        "DELETE FROM payment WHERE rowid_ = 1",
        {"rows_changed", "totals_differ", "claim_added"},
    ),
    (
        "add a payment",
        (
            "INSERT INTO payment SELECT 'E-more', message_id, 'P-more', stream,"
            " payee_id, creditor_name, iban, amount_cents, '', digest FROM payment LIMIT 1"
        ),
        {"payment_changed", "rows_changed", "totals_differ"},
    ),
    (
        "add a claim",
        "INSERT INTO claim VALUES ('fees', '1', '2022-05', 'x', '', 'E-none')",
        {"claim_added"},
    ),
    (
        "delete the last event",
        "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
        {"rewritten"},
    ),
    (
        "delete an approval",
        ("DELETE FROM event WHERE seq = (SELECT min(seq) FROM event WHERE kind = 'approved')"),
        {"event_missing"},
    ),
    (
        "rename an approval",
        (
            "UPDATE event SET body = replace(body, 'Zoé Modèle', 'Noëlle Fictif')"
            " WHERE kind = 'approved'"
        ),
        {"event_changed", "approval_forged"},
    ),
    (
        "move an event in time",
        "UPDATE event SET at = '2022-05-01T00:00:00' WHERE seq = 2",
        {"event_changed"},
    ),
    (
        "set freed",
        (
            "UPDATE claim SET freed = end_to_end_id WHERE end_to_end_id ="
            " (SELECT min(end_to_end_id) FROM payment)"
        ),
        {"claim_freed"},
    ),
    ("change a file", "UPDATE file SET execution_date = '2022-01-01'", {"file_changed"}),
    (
        "delete a file",
        "DELETE FROM file WHERE message_id = (SELECT min(message_id) FROM file)",
        {"file_missing", "payments_added"},
    ),
    (
        "add a file",
        (
            "INSERT INTO file SELECT 'M-more', block_id, run_id, path, 'x.xml', sha256,"
            " stream, debtor_iban, bank_profile, execution_date, 0, 0, rows_digest"
            " FROM file LIMIT 1"
        ),
        {"file_added"},
    ),
    (
        "swap two keys",
        (
            "UPDATE claim SET end_to_end_id = CASE end_to_end_id"
            " WHEN (SELECT min(end_to_end_id) FROM payment)"
            " THEN (SELECT max(end_to_end_id) FROM payment)"
            " WHEN (SELECT max(end_to_end_id) FROM payment)"
            " THEN (SELECT min(end_to_end_id) FROM payment)"
            " ELSE end_to_end_id END"
        ),
        {"payment_changed"},
    ),
    ("drop a table", "DROP TABLE claim", {"ledger_format"}),
    ("drop an index", "DROP INDEX claim_payment", {"ledger_format"}),
    (
        "add a trigger",
        (
            "CREATE TRIGGER more AFTER INSERT ON payment BEGIN"
            " UPDATE payment SET iban = 'BE68539007547034'; END"
        ),
        {"ledger_format"},
    ),
    (
        "another type",
        "UPDATE event SET body = '{\"files\": [1, 2]}' WHERE kind = 'released'",
        {"structure"},
    ),
]


@pytest.mark.parametrize(
    ("statement", "expected"), [row[1:] for row in SEMANTIC], ids=[row[0] for row in SEMANTIC]
)
def test_a_row_changed_by_sql_is_named(statement: str, expected: set[str], released: Desk) -> None:
    first = "end_to_end_id = (SELECT min(end_to_end_id) FROM payment)"
    with released.sql() as ledger:
        before = ledger.total_changes
        ledger.execute(statement.replace("rowid_ = 1", first))
        assert ledger.total_changes > before or statement.startswith(("DROP", "CREATE"))
    assert expected <= set(told(released))
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id in {"ledger_altered", *expected}
    reseal(released)  # a seal of one's own hides only that the last events are gone
    assert expected - {"rewritten"} <= set(told(released))


def test_a_key_freed_by_the_bank_cannot_be_taken_back(released: Desk) -> None:
    from payroll.ledger.book import Event
    from payroll.ledger.payment_keys import refresh_claims
    from payroll.release.workspace import writing

    with writing(released.workspace) as ledger, ledger.transaction():
        message_id = ledger.connection.execute("SELECT min(message_id) FROM file").fetchone()[0]
        ledger.append(
            Event(
                at="2022-06-01T10:00:00",
                kind="rejected",
                message_id=message_id,
                run_id=released.run_id,
                body={},
            )
        )
        assert refresh_claims(ledger, [message_id])
    assert told(released) == []
    with released.sql() as ledger_file:
        ledger_file.execute("UPDATE claim SET freed = ''")
    assert set(told(released)) == {"claim_held"}


def test_the_seal_is_missed_when_it_is_gone(released: Desk) -> None:
    released.seal.unlink()
    assert told(released) == ["seal"]
    released.seal.write_bytes(b"{}")
    assert told(released) == ["seal"]
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id == "ledger_altered"


def test_an_older_seal_put_back_is_seen(approved_desk: Desk, released: Desk) -> None:
    shutil.copy(approved_desk.seal, released.seal)
    assert told(released) == ["seal_old"]


def test_an_older_copy_of_the_ledger_put_back_is_seen(approved_desk: Desk, released: Desk) -> None:
    shutil.copy(approved_desk.ledger, released.ledger)
    assert told(released) == ["rewritten"]
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id == "ledger_altered"


def test_what_was_written_ahead_and_put_back_is_seen(approved: Desk, tmp_path: Path) -> None:
    """A write-ahead log of somebody's own, beside a sealed ledger."""
    with reading(approved.workspace) as ledger:
        assert ledger is not None
        with sqlite3.connect(approved.ledger, isolation_level=None) as own:
            own.execute("UPDATE event SET at = '2022-01-01T00:00:00' WHERE seq = 1")
            shutil.copytree(approved.workspace, tmp_path / "copy")
        own.close()
    copy = Desk(tmp_path / "copy", approved.run_id)
    assert copy.ledger.with_name("ledger.sqlite-wal").stat().st_size > 0
    assert "event_changed" in told(copy)


def rechain(connection: sqlite3.Connection) -> None:
    """Every digest anew, as the program would have computed it over these rows."""
    for (message_id,) in connection.execute("SELECT message_id FROM file").fetchall():
        digests, count = RowsDigest(), 0
        for row in connection.execute(
            "SELECT end_to_end_id, message_id, payment_id, stream, payee_id, creditor_name, iban,"
            " amount_cents, replaces FROM payment WHERE message_id = ? ORDER BY 1",
            (message_id,),
        ).fetchall():
            own = connection.execute(
                "SELECT stream, payee_id, period, item FROM claim WHERE end_to_end_id = ?"
                " ORDER BY 1, 2, 3, 4",
                (row[0],),
            ).fetchall()
            digest = payment_digest(row, own)
            digests.add(digest)
            count += 1
            connection.execute(
                "UPDATE payment SET digest = ? WHERE end_to_end_id = ?", (digest, row[0])
            )
        total = connection.execute(
            "SELECT sum(amount_cents) FROM payment WHERE message_id = ?", (message_id,)
        ).fetchone()[0]
        connection.execute(
            "UPDATE file SET rows_digest = ?, transactions = ?, total_cents = ?"
            " WHERE message_id = ?",
            (digests.text(), count, total, message_id),
        )
    files = [list(row) for row in connection.execute("SELECT * FROM file ORDER BY message_id")]
    rows = connection.execute("SELECT * FROM event ORDER BY seq").fetchall()
    connection.execute("DELETE FROM event")
    previous = GENESIS
    for seq, row in enumerate(rows, 1):
        body = json.loads(row[6])
        if row[2] == "released":
            body["files"] = files
        content = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = event_of((*row[:6], content, previous, "")).chained(seq, previous)
        connection.execute(
            "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?)",
            (seq, *row[1:6], content, previous, digest),
        )
        previous = digest


RECOMPUTED: list[tuple[str, str, str]] = [
    ("nothing", "SELECT 1", ""),
    (
        "a payment made dearer",
        (
            "UPDATE payment SET amount_cents = amount_cents + 100000"
            " WHERE end_to_end_id = (SELECT min(end_to_end_id) FROM payment)"
        ),
        "release_unapproved",
    ),
    (
        "an approval taken away",
        ("DELETE FROM event WHERE seq = (SELECT min(seq) FROM event WHERE kind = 'approved')"),
        "approval_forged",
    ),
    (
        "another name under an approval",
        (
            "UPDATE event SET body = replace(body, 'Hervé Spécimen',"
            " 'Noëlle Fictif') WHERE kind = 'approved'"
        ),
        "approval_forged",
    ),
    (
        "another time of opening",
        "UPDATE event SET at = '2022-01-01T00:00:00' WHERE seq = 1",
        "approval_forged",
    ),
    (
        "another manifest",
        (
            "UPDATE event SET body = json_set(body, '$.manifest_sha256',"
            " printf('%064d', 1)) WHERE kind = 'released'"
        ),
        "release_unapproved",
    ),
    ("no approvals", "DELETE FROM event WHERE kind = 'approved'", "release_unapproved"),
]


@pytest.mark.parametrize(
    ("statement", "expected"), [row[1:] for row in RECOMPUTED], ids=[row[0] for row in RECOMPUTED]
)
def test_who_recomputes_every_digest_and_the_seal_still_cannot_sign(
    statement: str, expected: str, released: Desk
) -> None:
    with released.sql() as ledger:
        ledger.execute(statement)
        rechain(ledger)
    reseal(released)
    assert (expected in told(released)) if expected else (told(released) == [])


def test_an_approval_signed_with_a_key_of_ones_own_releases_nothing(approved: Desk) -> None:
    """Proof and release ask whether the key signed, and whose key the ledger says it is."""
    key = open_key(keys()["Stranger"][0], PHRASE)
    with approved.sql() as ledger:
        seq, body, previous = ledger.execute(
            "SELECT seq, body, previous FROM event WHERE kind = 'approved' ORDER BY seq DESC"
        ).fetchone()
        content = json.loads(body)
        content["public_key"] = keys()["Stranger"][1]
        signature = key.sign(content["statement"].encode())
        content["signature"] = base64.b64encode(signature).decode()
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        row = ledger.execute("SELECT * FROM event WHERE seq = ?", (seq,)).fetchone()
        digest = event_of((*row[:6], text, previous, "")).chained(seq, previous)
        ledger.execute("UPDATE event SET body = ?, digest = ? WHERE seq = ?", (text, digest, seq))
    reseal(approved)
    assert told(approved) == ["signer_unknown"]
    with pytest.raises(PayrollError) as refused:
        approved.release()
    assert refused.value.error_id == "approval_forged"
    assert approved.delivered() == {}
