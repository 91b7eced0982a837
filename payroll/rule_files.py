"""The files of a rules folder, for payroll.store: each is a rule, or the whole folder is refused.

A folder may come from anybody: it is read to an end, whatever lies in it.
"""

from __future__ import annotations

import os
from pathlib import Path

from payroll.model.errors import DamagedInputError, PayrollError
from payroll.rulebook.folders import misplaced

#: More than the rules of anybody: files and folders, bytes of one file and of all.
ENTRIES_MAX = 1000
FILE_BYTES_MAX = 1024 * 1024
BYTES_MAX = 16 * 1024 * 1024
#: What file managers, office programs and a power cut leave in a folder: never a rule.
LEFT = ("Thumbs.db", "desktop.ini", ".DS_Store")
LEFT_BEGINNING = ("~$", ".~lock.", "._", ".writing-")


def rules_below(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """The bytes of every file below a folder by its path, with the prefix in front of it.

    Raises PayrollError rule_file_not_plain, rules_too_large, DamagedInputError source_denied.
    """
    files: dict[str, bytes] = {}
    total = 0
    try:
        for path in _plain_files(folder, prefix):
            name = _name(path, folder, prefix)
            size = path.stat().st_size
            total += size
            if size > FILE_BYTES_MAX or total > BYTES_MAX:
                raise _too_large(name)
            files[name] = path.read_bytes()
    except OSError as error:
        where = str(error.filename or folder)
        raise DamagedInputError("source_denied", where=where, detail=error.strerror) from error
    return files


def own_rules_folder(workspace: Path) -> Path | None:
    """Where a workspace's own rules lie, None without any.

    Raises PayrollError rule_file_not_plain, and rule_file_misplaced for a folder that looks like
    them and that nobody would read.
    """
    own = workspace / "rules"
    if own.is_symlink() or (own.exists() and not own.is_dir()):
        raise PayrollError("rule_file_not_plain", where=own.name)
    near = [path for path in workspace.iterdir() if path.name.casefold() in ("rule", "rules")]
    months = [path.with_name("rules") for path in workspace.glob("*/payrun.toml")]
    for path in sorted((*near, *months)):
        if path.is_dir() and not (own.is_dir() and path.samefile(own)):
            where = path.relative_to(workspace).as_posix()
            raise misplaced(where, "rule_place_workspace", {})
    return own if own.is_dir() else None


def _plain_files(folder: Path, prefix: str) -> list[Path]:
    """The files below a folder, sorted; nothing in it is a link or a device."""
    found: list[Path] = []
    left, seen = [folder], 0
    while left:
        with os.scandir(left.pop()) as entries:
            for entry in entries:
                path, seen = Path(entry.path), seen + 1
                if seen > ENTRIES_MAX:
                    raise _too_large(str(folder))
                if entry.is_dir(follow_symlinks=False):
                    left.append(path)
                elif not entry.is_file(follow_symlinks=False):
                    where = _name(path, folder, prefix)
                    raise PayrollError("rule_file_not_plain", where=where)
                elif not (entry.name in LEFT or entry.name.startswith(LEFT_BEGINNING)):
                    found.append(path)
    return sorted(found)


def _name(path: Path, folder: Path, prefix: str) -> str:
    return f"{prefix}{path.relative_to(folder).as_posix()}"


def _too_large(where: str) -> PayrollError:
    one, whole = FILE_BYTES_MAX // 1024**2, BYTES_MAX // 1024**2
    return PayrollError("rules_too_large", where=where, files=ENTRIES_MAX, one=one, all=whole)
