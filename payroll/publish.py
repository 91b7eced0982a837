"""A run as the files of its folder: the record, what people look at, and the manifest over both.

A refused run has its record alone: there is nothing to print or to sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payroll.record.folder import record_files
from payroll.record.manifest import MANIFEST, manifest_bytes
from payroll.record.run import Run
from payroll.sepa.facts import file_facts
from payroll.views.control_sheet.sheet import build_control_sheet
from payroll.views.page.page import build_page
from payroll.views.workbook.workbook import build_workbook


def publish(run: Run, announce: Callable[[str], None] = lambda _stage: None) -> dict[str, bytes]:
    """Every file of the run folder by its path; the same run gives the same bytes.

    Raises InvariantError when the record contradicts itself.
    """
    announce("files")
    files = record_files(run)
    if not run.refused:
        announce("review")
        files |= documents(run)
    return sealed(run, files)


def sealed(run: Run, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with the manifest that names each of them."""
    return {**files, MANIFEST: manifest_bytes(run, files)}


def documents(run: Run) -> dict[str, bytes]:
    """What people look at; the control sheet from the bytes of each file, re-read one by one."""
    reread = (file_facts(file.path, file.content) for file in run.sepa_files)
    return {
        "review.xlsx": build_workbook(run),
        "review.html": build_page(run),
        "control-sheet.pdf": build_control_sheet(run, reread),
    }
