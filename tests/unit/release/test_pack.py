"""Encrypted bundles: what was packed comes out, age and tar agree, hostile ones are refused."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from payroll.model.errors import DamagedInputError, PayrollError, Said
from payroll.release import pack as bundling
from payroll.release import unpack as unbundle
from payroll.release.pack import pack
from payroll.release.recipients import identities_of, recipients_of
from payroll.release.unpack import unpack
from tests.unit.release.run_samples import FILES, PHRASE, RUN_ID, Person

#: An identity file of age under PHRASE, and whom it opens for. Made with 2^10 rounds of scrypt:
#: pyrage takes as many as make a second, each time that it writes or reads one.
SEALED_IDENTITY = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCA0a3FyTGlJT1hHdkxTeElHbUZnNmNRIDEwClp3MW41SlZr"
    "OE1OMlo4M3pGN2VDdXNjcENFV3BTV3ROb2NmMnlDSU1mS2sKLS0tIExsc0VZQjN1bXlQNjRuMEZZVm13NytPZ0h1"
    "UnV0cmxVUjl1RDFaY09KYWMKsUo/rqv/HEPDG/S7fS1wKZ6idf+TdptvSOfW+qd6cCJEzp1TM91huBxOC0B5kCx8"
    "In47oeEPRYrT4TmTC3vtANgTWRsG5Ji1ryFBlojFw7TWA6ouH4EQXcK44LNFZ2rPbiSkLBOCnXVUw7Q="
)
SEALED_FOR = "age1k9rsvuzzxrwffu24wqqnnqjz4xdtuqh7ycss0rrgjxq93j9hlsnqfnu8xg"

Members = list[tuple[tarfile.TarInfo, bytes]]


def tool(name: str, *arguments: object, given: bytes = b"") -> bytes:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [name, *map(str, arguments)], input=given, capture_output=True, check=True
    )
    return done.stdout


def phrase() -> str:
    return PHRASE


def never() -> str:
    raise AssertionError("no passphrase is needed")


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(PayrollError) as caught:
        call()
    return caught.value.error_id


@pytest.fixture
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def bundle(run: Path, anne: Person, tmp_path: Path) -> Path:
    return pack(run, recipients_of([anne.public], tmp_path), tmp_path / "out" / "run.age").path


def test_what_was_packed_comes_out(run: Path, bundle: Path, anne: Person, tmp_path: Path) -> None:
    done = unpack(bundle, identities_of(anne.file, phrase), tmp_path / "into")
    assert done.folder == tmp_path / "into" / RUN_ID
    assert tree(done.folder) == tree(run)
    assert done.files == len(FILES) + 1
    assert [path.name for path in (tmp_path / "into").iterdir()] == [RUN_ID]
    assert bundle.stat().st_mode & 0o777 == 0o600
    for path in [done.folder, *done.folder.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_the_tar_is_the_same_each_time_the_envelope_never(
    run: Path, tmp_path: Path, identity: pyrage.x25519.Identity
) -> None:
    to = recipients_of([str(identity.to_public())], tmp_path)
    first, second = (pack(run, to, tmp_path / name) for name in ("1.age", "2.age"))
    assert first.sha256 == hashlib.sha256(first.path.read_bytes()).hexdigest()
    assert first.sha256 != second.sha256
    tars = [pyrage.decrypt(item.path.read_bytes(), [identity]) for item in (first, second)]
    assert tars[0] == tars[1]
    assert len(tars[0]) == first.tar_bytes
    with tarfile.open(fileobj=io.BytesIO(tars[0])) as archive:
        members = archive.getmembers()
    assert members[0].name == f"{RUN_ID}/manifest.json"
    assert {item.name for item in members} == {f"{RUN_ID}/{name}" for name in tree(run)}
    assert {(item.uid, item.gid, item.uname, item.mode) for item in members} == {(0, 0, "", 0o600)}


def test_age_and_tar_open_our_bundle_with_an_age_key_and_an_openssh_key(
    run: Path, anne: Person, tmp_path: Path
) -> None:
    age_key, ssh_key = tmp_path / "age.key", tmp_path / "ssh.key"
    tool("age-keygen", "-o", age_key)
    ssh_key.write_bytes(anne.file.read_bytes())
    ssh_key.chmod(0o600)
    tool("ssh-keygen", "-q", "-p", "-P", PHRASE, "-N", "", "-f", ssh_key)
    public = tool("age-keygen", "-y", age_key).decode().strip()
    path = pack(run, recipients_of([public, anne.public], tmp_path), tmp_path / "run.age").path
    for key in (age_key, ssh_key):
        tar = tool("age", "-d", "-i", key, path)
        listed = tool("tar", "--quoting-style=literal", "-tf", "-", given=tar).decode()
        assert set(listed.splitlines()) == {f"{RUN_ID}/{name}" for name in tree(run)}
    tool("tar", "-x", "-C", tmp_path, given=tar)
    assert tree(tmp_path / RUN_ID) == tree(run)


@pytest.mark.parametrize("how", ["folder", "inside"])
@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_a_bundle_of_age_and_tar_opens_with_us(
    run: Path, anne: Person, tmp_path: Path, how: str, form: str
) -> None:
    where = (run.parent, RUN_ID) if how == "folder" else (run, ".")
    tar = tool("tar", f"--format={form}", "-C", where[0], "-c", where[1])
    bundle = tmp_path / "theirs.age"
    bundle.write_bytes(tool("age", "-r", anne.public, given=tar))
    done = unpack(bundle, identities_of(anne.file, phrase), tmp_path / "into")
    assert tree(done.folder) == tree(run)


def test_wrong_key_and_every_kind_of_damage(
    bundle: Path, anne: Person, tmp_path: Path, identity: pyrage.x25519.Identity
) -> None:
    ours, into = identities_of(anne.file, phrase), tmp_path / "into"
    assert error_of(lambda: unpack(bundle, [identity], into)) == "bundle_wrong_key"
    whole, broken = bundle.read_bytes(), tmp_path / "broken.age"
    middle = len(whole) // 2
    for content, error in (
        (whole[:-1], "bundle_damaged"),
        (whole[:middle], "bundle_damaged"),
        (whole[:60], "bundle_damaged"),
        (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], "bundle_damaged"),
        (whole + b"more", "bundle_damaged"),
        (b"PK\x03\x04 a zip", "bundle_not_age"),
        (b"", "bundle_not_age"),
    ):
        broken.write_bytes(content)
        assert error_of(lambda: unpack(broken, ours, into)) == error
        assert list(into.iterdir()) == []
    assert error_of(lambda: unpack(tmp_path / "none", ours, into)) == "file_not_found"


def test_nothing_is_ever_overwritten(run: Path, bundle: Path, anne: Person, tmp_path: Path) -> None:
    before = bundle.read_bytes()
    to = recipients_of([anne.public], tmp_path)
    assert error_of(lambda: pack(run, to, bundle)) == "file_exists"
    assert bundle.read_bytes() == before
    into = tmp_path / "into"
    (into / RUN_ID).mkdir(parents=True)
    ours = identities_of(anne.file, phrase)
    assert error_of(lambda: unpack(bundle, ours, into)) == "run_exists"
    assert list((into / RUN_ID).iterdir()) == []
    assert error_of(lambda: pack(run, to, run / "x.age")) == "pack_inside_run"


def alter(run: Path) -> None:
    (run / "payments.csv").write_bytes(b"payment_id;name\n1;Anne Fictivf\n")


def lengthen(run: Path) -> None:
    (run / "payments.csv").write_bytes(FILES["payments.csv"] + b"2;Zoe\n")


def remove(run: Path) -> None:
    (run / "payments.csv").unlink()


def add(run: Path) -> None:
    (run / "sepa" / "more.xml").write_bytes(b"<more/>")


def link(run: Path) -> None:
    (run / "payments.csv").rename(run.parent / "elsewhere.csv")
    (run / "payments.csv").symlink_to(run.parent / "elsewhere.csv")


@pytest.mark.parametrize("change", [alter, lengthen, remove, add, link])
def test_an_altered_run_gives_no_bundle(
    run: Path, anne: Person, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    change(run)
    to = recipients_of([anne.public], tmp_path)
    out = tmp_path / "out"
    assert error_of(lambda: pack(run, to, out / "run.age")) == "pack_altered"
    assert not out.exists() or list(out.iterdir()) == []


class Stopping(io.RawIOBase):
    """A stream on which writing ends as told."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def write(self, block: object) -> int:  # noqa: ARG002 - its interface
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), PayrollError)],
)
def test_an_interruption_or_a_full_disk_is_no_damage(
    *,
    run: Path,
    bundle: Path,
    anne: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    expected: type[BaseException],
) -> None:
    ours, to = identities_of(anne.file, phrase), recipients_of([anne.public], tmp_path)
    into, out = tmp_path / "into", tmp_path / "fresh"
    limited, digesting = unbundle._Limited, bundling._Digesting
    monkeypatch.setattr(unbundle, "_Limited", lambda _, where: limited(Stopping(error), where))
    monkeypatch.setattr(bundling, "_Digesting", lambda _: digesting(Stopping(error)))
    for call in (lambda: pack(run, to, out / "run.age"), lambda: unpack(bundle, ours, into)):
        with pytest.raises(expected) as caught:
            call()
        if isinstance(caught.value, PayrollError):
            assert caught.value.error_id == "run_not_written"
            assert caught.value.params["detail"] == "No space left"
    assert list(into.iterdir()) == list(out.iterdir()) == []


# --- hostile bundles


def members_of(run: Path, prefix: str = f"{RUN_ID}/") -> Members:
    return [member(prefix + name, content) for name, content in sorted(tree(run).items())]


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def sealed(path: Path, members: Members, identity: pyrage.x25519.Identity) -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    path.write_bytes(pyrage.encrypt(buffer.getvalue(), [identity.to_public()]))
    return path


@pytest.mark.parametrize("prefix", ["", "./", f"{RUN_ID}/", f"./{RUN_ID}/"])
def test_without_anything_hostile_the_same_bundle_opens(
    run: Path, tmp_path: Path, identity: pyrage.x25519.Identity, prefix: str
) -> None:
    path = sealed(tmp_path / "h.age", members_of(run, prefix), identity)
    assert tree(unpack(path, [identity], tmp_path / "into").folder) == tree(run)


HOSTILE = [
    ("name", member("/etc/cron.d/x", b"x")),
    ("name", member("../x", b"x")),
    ("name", member(f"{RUN_ID}/../../x", b"x")),
    ("name", member(f"{RUN_ID}/a\\..\\x", b"x")),
    ("name", member(f"{RUN_ID}/C:x", b"x")),
    ("name", member(f"{RUN_ID}/a\nb", b"x")),
    ("name", member(f"{RUN_ID}/a//b", b"x")),
    ("name", member("other-run/x", b"x")),
    ("name", member(f"{RUN_ID}/{'d/' * 40}x", b"x")),
    ("name", member(f"{RUN_ID}/{'n' * 1100}", b"x")),
    ("kind", member(f"{RUN_ID}/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
    ("kind", member(f"{RUN_ID}/hard", type=tarfile.LNKTYPE, linkname=f"{RUN_ID}/payments.csv")),
    ("kind", member(f"{RUN_ID}/dev", type=tarfile.CHRTYPE)),
    ("kind", member(f"{RUN_ID}/fifo", type=tarfile.FIFOTYPE)),
    ("twice", member(f"{RUN_ID}/payments.csv", FILES["payments.csv"])),
    ("twice", member(f"./{RUN_ID}/payments.csv", FILES["payments.csv"])),
    ("name", member("..", type=tarfile.DIRTYPE)),
]


@pytest.mark.parametrize(("reason", "extra"), HOSTILE)
def test_hostile_members_are_refused(
    run: Path,
    tmp_path: Path,
    identity: pyrage.x25519.Identity,
    reason: str,
    extra: tuple[tarfile.TarInfo, bytes],
) -> None:
    into = tmp_path / "deep" / "into"
    path = sealed(tmp_path / "h.age", [*members_of(run), extra], identity)
    before = tree(tmp_path)
    with pytest.raises(DamagedInputError) as caught:
        unpack(path, [identity], into)
    assert caught.value.error_id == "bundle_unlawful"
    assert caught.value.detail == (Said(f"bundle_reason_{reason}"),)
    assert list(into.iterdir()) == []
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "content"),
    [("payments.csv", b"altered"), ("extra.csv", b"x"), ("forgotten.json", b"{}"), ("sepa", b"x")],
)
def test_what_the_manifest_does_not_list_is_refused(
    run: Path, tmp_path: Path, identity: pyrage.x25519.Identity, name: str, content: bytes
) -> None:
    kept = [item for item in members_of(run) if item[0].name != f"{RUN_ID}/{name}"]
    path = sealed(tmp_path / "h.age", [*kept, member(f"{RUN_ID}/{name}", content)], identity)
    assert error_of(lambda: unpack(path, [identity], tmp_path / "into")) == "bundle_altered"
    path = sealed(tmp_path / "h.age", members_of(run)[:-1], identity)
    assert error_of(lambda: unpack(path, [identity], tmp_path / "into")) == "bundle_altered"
    assert list((tmp_path / "into").iterdir()) == []


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{",
        b'{"run_id": "../../x", "files": {}}',
        b'{"run_id": "2022-05-abc123"}',
        b'{"run_id": "2022-05-abc123", "files": {"a": "not a digest"}}',
        b'{"run_id": "2022-05-abc123", "files": {"a": 1}}',
        b"[" * 100_000,
    ],
)
def test_a_hostile_manifest_is_refused(
    tmp_path: Path, identity: pyrage.x25519.Identity, manifest: bytes
) -> None:
    path = sealed(tmp_path / "h.age", [member("manifest.json", manifest)], identity)
    assert error_of(lambda: unpack(path, [identity], tmp_path / "into")) == "manifest_unreadable"


def test_a_file_that_is_also_a_folder_is_refused(
    tmp_path: Path, identity: pyrage.x25519.Identity
) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    manifest = f'{{"run_id": "{RUN_ID}", "files": {{"a": "{digest}", "a/b": "{digest}"}}}}'
    members = [member("manifest.json", manifest.encode()), member("a", b"x"), member("a/b", b"x")]
    path = sealed(tmp_path / "h.age", members, identity)
    assert error_of(lambda: unpack(path, [identity], tmp_path / "into")) in (
        "bundle_unlawful",
        "run_not_written",
    )
    assert list((tmp_path / "into").iterdir()) == []


def test_limits_of_size_number_and_header(
    run: Path, tmp_path: Path, identity: pyrage.x25519.Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "into"
    long_header = member(f"{RUN_ID}/x", b"x", pax_headers={"comment": "c" * 200_000})
    path = sealed(tmp_path / "h.age", [long_header, *members_of(run)], identity)
    assert error_of(lambda: unpack(path, [identity], into)) == "bundle_unlawful"
    path = sealed(tmp_path / "h.age", members_of(run), identity)
    monkeypatch.setattr(unbundle, "MEMBERS_MAX", 3)
    assert error_of(lambda: unpack(path, [identity], into)) == "bundle_unlawful"
    monkeypatch.setattr(unbundle, "MEMBERS_MAX", 5_000)
    monkeypatch.setattr(unbundle, "TAR_BYTES_MAX", 50_000)
    assert error_of(lambda: unpack(path, [identity], into)) == "bundle_unlawful"
    assert list(into.iterdir()) == []


def noise() -> Iterator[bytes]:
    yield b""
    yield b"no tar at all" * 100
    yield bytes(10_000)
    chained = io.BytesIO()
    for _ in range(3_000):  # a header that says: the next header ..., without end
        info, content = member("x", b"9 path=x\n", type=tarfile.XHDTYPE)
        chained.write(info.tobuf(tarfile.USTAR_FORMAT) + content.ljust(512, b"\0"))
    yield chained.getvalue()


@pytest.mark.parametrize(
    "content", list(noise()), ids=("empty", "text", "zeros", "chained headers")
)
def test_what_is_no_tar_is_refused(
    tmp_path: Path, identity: pyrage.x25519.Identity, content: bytes
) -> None:
    path = tmp_path / "h.age"
    path.write_bytes(pyrage.encrypt(content, [identity.to_public()]))
    assert error_of(lambda: unpack(path, [identity], tmp_path / "into")) == "bundle_unlawful"


# --- recipients and identities


EMPLOYER = """
name = "Hôpital Fictif"
enterprise_number = "0468651441"
account = [{{id = "main", iban = "BE68 5390 0754 7034", bank_profile = "generic_be_2022"}}]
[release]
approvers = ["Zoé Modèle", {{name = "Anne Fictive", public_key = "{key}"}}]
"""


def test_recipients_by_key_file_and_approver(
    anne: Person, tmp_path: Path, identity: pyrage.x25519.Identity
) -> None:
    (tmp_path / "employer.toml").write_text(EMPLOYER.format(key=anne.public), "utf-8")
    keys = tmp_path / "keys.txt"
    keys.write_text(f"# archive\n\n{identity.to_public()}\n{anne.public} Anne\n", "utf-8")
    pub = anne.file.with_name("anne.key.pub")
    for asked in (["Anne Fictive"], [str(pub)], [f"{anne.public} a comment"]):
        assert [item.line for item in recipients_of(asked, tmp_path)] == [anne.public]
    both = recipients_of([str(keys), "Anne Fictive", str(pub)], tmp_path)
    assert [item.line for item in both] == [str(identity.to_public()), anne.public]
    assert both[1].shown.startswith("SHA256:")


def test_recipients_that_are_none(
    anne: Person, tmp_path: Path, identity: pyrage.x25519.Identity
) -> None:
    (tmp_path / "employer.toml").write_text(EMPLOYER.format(key=anne.public), "utf-8")
    files = {"empty": "# nobody\n", "nonsense": "hello\n", "secret": str(identity)}
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    for asked, error in (
        ("Hervé Spécimen", "recipient_unknown"),
        ("Zoé Modèle", "approver_without_key"),
        ("age1nonsense", "recipient_unknown"),
        ("ssh-rsa AAAA", "recipient_unknown"),
        ("", "recipient_unknown"),
        (str(tmp_path / "empty"), "recipient_unknown"),
        (str(tmp_path / "nonsense"), "recipient_unknown"),
        (str(tmp_path / "secret"), "recipient_is_secret"),
        (str(identity), "recipient_is_secret"),
        (str(anne.file), "recipient_is_secret"),
    ):
        assert error_of(lambda asked=asked: recipients_of([asked], tmp_path)) == error, asked


def test_identities(anne: Person, tmp_path: Path, identity: pyrage.x25519.Identity) -> None:
    file = tmp_path / "id"
    file.write_text(f"# created\n{identity}\n", "utf-8")
    sealed_for = pyrage.encrypt(b"text", [identity.to_public()])
    assert pyrage.decrypt(sealed_for, identities_of(file, never)) == b"text"
    file.write_bytes(SEALED_IDENTITY)
    sealed_for = pyrage.encrypt(b"text", [pyrage.x25519.Recipient.from_str(SEALED_FOR)])
    assert pyrage.decrypt(sealed_for, identities_of(file, phrase)) == b"text"
    wrong = "another phrase".__str__
    assert error_of(lambda: identities_of(file, wrong)) == "passphrase_wrong"
    assert error_of(lambda: identities_of(anne.file, wrong)) == "passphrase_wrong"
    for content in (b"", b"# nothing\n", b"AGE-SECRET-KEY-1XXXX\n", b"\xff", b"x" * 100_000):
        file.write_bytes(content)
        assert error_of(lambda: identities_of(file, never)) == "key_unreadable"
