"""Which program this is: its version, and a digest of the files that shape what it does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from payroll import __version__
from payroll.atomic_files import files_below
from payroll.texts import FALLBACK
from payroll.texts.folders import is_shipped, language_folder

#: What the program is made of: code, texts, page templates, the packed rules.
CODE = (".py", ".toml", ".j2", ".css", ".js", ".zip")


def code_version(language: str = FALLBACK) -> str:
    """The program's version and a digest of its own files, the rules as they shipped among them:
    `0.1.0+3fa1c2d4e5f6`.

    language: of the run; one that this PC adds is named with the digest of its files
    (`0.1.0+3fa1c2d4e5f6.de-0123456789ab`), because they shape what the run writes.
    """
    package = Path(__file__).resolve().parent
    own = _own_digest(package)
    if is_shipped(language):
        return f"{__version__}+{own}"
    further = _digest_of(language_folder(language), lambda name: name.endswith(".toml"))
    return f"{__version__}+{own}.{language}-{further}"


@cache
def _own_digest(package: Path) -> str:
    """Worked out once: what a process began with is the program that it goes on with."""
    return _digest_of(package, _is_code)


def _is_code(name: str) -> bool:
    """A file that shapes what the program does; of the rules those packed as they shipped."""
    return name.endswith(CODE) and not name.startswith("_rules/")


def _digest_of(folder: Path, wanted: Callable[[str], bool]) -> str:
    whole = hashlib.sha256()
    for name, content in files_below(folder):
        if wanted(name):
            whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()[:12]
