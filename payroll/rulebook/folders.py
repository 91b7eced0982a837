"""Where a rule may stand: the folders of rules/ and the tables of each. Anything else is refused.

A rule that nobody reads is worse than none: whoever wrote it believes that it holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from payroll.model.errors import PayrollError, Said
from payroll.model.refusals import SHOWN_MAX
from payroll.rulebook.toml import WORKSPACE

#: Folder -> the tables that its files may hold, as they are written.
TABLES: Mapping[str, Mapping[str, str]] = {
    "parameters": {
        "parameter": "[parameter.<id>]",
        "component": "[[component]]",
        "premium": "[[premium]]",
        "policy": "[[policy]]",
        "deduction": "[[deduction]]",
        "step": "[[step]]",
    },
    "scales": {"scale": "[scale.<id>]"},
    "controls": {"control": "[[control]]"},
    "formats": {"fields": "[fields]", "values": "[values.<field>]"},
    "bank": {
        "country": "[[country]]",
        "profile": "[[profile]]",
        "status": "[[status]]",
        "reason": "[[reason]]",
    },
}
ENDING = ".toml"


def folder_of(path: str) -> str:
    """The folder of rules/, or of a workspace's rules, in which a rule file lies; '' for none."""
    folder, slash, _ = path.removeprefix(WORKSPACE).partition("/")
    return folder if slash else ""


def require_place(path: str) -> None:
    """Raise PayrollError rule_file_misplaced for a file that no loader would read."""
    folder = folder_of(path)
    if not folder:
        raise misplaced(path, "rule_place_none", {})
    if folder not in TABLES:
        params = {"text": folder, "near": _nearest(folder, TABLES) or "-"}
        raise misplaced(path, "rule_place_folder", params)
    if not path.endswith(ENDING):
        raise misplaced(path, "rule_place_ending", {})


def misplaced(path: str, text_id: str, params: Mapping[str, str]) -> PayrollError:
    """The error about a file or folder that holds rules where nobody reads them."""
    said = Said(text_id, params)
    return PayrollError(
        "rule_file_misplaced", where=path, detail=(said,), folders=", ".join(TABLES)
    )


def require_tables(path: str, content: Mapping[str, object]) -> None:
    """Raise PayrollError rule_table_unknown for a table that no loader of the folder takes."""
    folder = folder_of(path)
    for name in content:
        if name not in TABLES[folder]:
            raise PayrollError(
                "rule_table_unknown",
                where=path,
                text=name[:SHOWN_MAX],
                folder=folder,
                near=_near_table(name),
                known=", ".join(TABLES[folder].values()),
            )


def _near_table(name: str) -> str:
    """The table meant, as it is written, with its folder: `[[control]] (controls/)`."""
    homes = {table: folder for folder, tables in TABLES.items() for table in tables}
    near = _nearest(name, homes)
    return f"{TABLES[homes[near]][near]} ({homes[near]}/)" if near else "-"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    return next(iter(difflib.get_close_matches(name.casefold(), known, 1)), "")
