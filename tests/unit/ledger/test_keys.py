"""Signing keys: the OpenSSH formats, with ssh-keygen as the second opinion."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from payroll.ledger import keys
from payroll.model.errors import DamagedInputError, UsageError

PHRASE = "cheval correct agrafe"
QUICK = 4  # rounds: tests guess no passphrases


@pytest.fixture(scope="module")
def pair() -> tuple[bytes, str]:
    return keys.new_key(PHRASE, rounds=QUICK)


def ssh_keygen(*arguments: object) -> str:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    done = subprocess.run(
        ["ssh-keygen", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def test_ssh_keygen_reads_our_private_key_and_agrees(
    pair: tuple[bytes, str], tmp_path: Path
) -> None:
    private, public = pair
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_bytes(private)
    assert ssh_keygen("-y", "-P", PHRASE, "-f", file).split()[:2] == public.split()
    (tmp_path / "key.pub").write_text(f"{public} Anne Fictive\n", "utf-8")
    assert ssh_keygen("-lf", tmp_path / "key.pub").split()[1] == keys.fingerprint(public)


def test_we_read_a_key_of_ssh_keygen(tmp_path: Path) -> None:
    file = tmp_path / "theirs"
    ssh_keygen("-q", "-t", "ed25519", "-a", "4", "-N", PHRASE, "-C", "Anne", "-f", file)
    public = keys.compact_public((tmp_path / "theirs.pub").read_text("utf-8"))
    assert keys.public_in(file.read_bytes()) == public
    assert keys.needs_passphrase(file.read_bytes())
    assert keys.public_of(keys.open_key(file.read_bytes(), PHRASE)) == public


def test_the_default_key_is_slow_to_guess() -> None:
    private, _ = keys.new_key(PHRASE)
    body = base64.b64decode("".join(private.decode().strip().splitlines()[1:-1]))
    assert b"aes256-ctr" in body
    assert b"bcrypt" in body
    assert int.from_bytes(body[body.index(b"bcrypt") + 6 + 4 + 4 + 16 :][:4], "big") == 64


def test_a_signature_is_of_one_key_and_one_message(pair: tuple[bytes, str]) -> None:
    private, public = pair
    signature = keys.open_key(private, PHRASE).sign(b"manifest digest")
    _, other = keys.new_key(PHRASE, rounds=QUICK)
    assert keys.verify(public, b"manifest digest", signature)
    assert not keys.verify(public, b"manifest digesT", signature)
    assert not keys.verify(other, b"manifest digest", signature)
    assert not keys.verify("ssh-ed25519 AAAA", b"manifest digest", signature)
    assert not keys.verify(public, b"manifest digest", signature[:-1])


def test_wrong_short_or_missing_passphrase(pair: tuple[bytes, str]) -> None:
    private, _ = pair
    for phrase in ("", "another phrase"):
        with pytest.raises(UsageError) as caught:
            keys.open_key(private, phrase, "anne.key")
        assert (caught.value.error_id, caught.value.where) == ("passphrase_wrong", "anne.key")
    with pytest.raises(UsageError) as short:
        keys.new_key("a" * (keys.PASSPHRASE_MIN - 1))
    assert short.value.error_id == "passphrase_short"


def test_the_public_key_is_read_without_a_passphrase(pair: tuple[bytes, str]) -> None:
    private, public = pair
    assert keys.public_in(private) == public
    assert keys.needs_passphrase(private)
    bare = keys.without_passphrase(keys.open_key(private, PHRASE))
    assert not keys.needs_passphrase(bare)
    assert keys.public_in(bare) == public
    for phrase in ("", PHRASE):
        assert keys.public_of(keys.open_key(bare, phrase)) == public


def test_what_is_no_key_is_refused(pair: tuple[bytes, str]) -> None:
    private, _ = pair
    head, foot = b"-----BEGIN OPENSSH PRIVATE KEY-----\n", b"\n-----END OPENSSH PRIVATE KEY-----\n"
    rsa = generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    cut = base64.b64encode(base64.b64decode(b"".join(private.split(b"\n")[1:-2]))[:60])
    for content in (
        b"",
        b"hello",
        b"\xff\xfe",
        head + b"AAAA" + foot,
        head + cut + foot,
        private[:-40],
        rsa,
    ):
        with pytest.raises(DamagedInputError) as caught:
            keys.public_in(content)
        assert caught.value.error_id == "key_unreadable"
    for content in (b"", b"hello", private[: len(private) // 2], rsa):
        with pytest.raises(DamagedInputError):
            keys.open_key(content, PHRASE)


def test_a_public_line_loses_its_comment(pair: tuple[bytes, str]) -> None:
    _, public = pair
    assert keys.compact_public(f"{public} Anne Fictive, finance") == public
    for line in ("", "ssh-ed25519", "ssh-rsa AAAA", "ssh-ed25519 AAAA", public[:-4]):
        with pytest.raises(ValueError, match="ssh-ed25519"):
            keys.compact_public(line)
    assert keys.fingerprint("nonsense") == ""
