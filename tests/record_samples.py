"""A run made by hand: the frames and facts that a test is about, all else empty or invented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

import pandas as pd

from payroll.model.record_frames import PAYEES
from payroll.publish import sealed
from payroll.record.files import FRAMES
from payroll.record.folder import read_run, record_files
from payroll.record.manifest import MANIFEST
from payroll.record.run import Run
from payroll.store import load_rule_files, rules_folder

NAME, NUMBER, OURS = "Hôpital & Cie", "0912364677", "BE88063954965641"
PAYRUN = b"""\
period = "2022-05"
last_known = "2022-04"

[salaries]
pay_on = 2022-05-31
account = "main"

[[source]]
kind = "employees"
file = "exports/p.xlsx"
"""
CREATED = datetime(2022, 5, 23, 9, 0)  # noqa: DTZ001 - local time, as in the order


@cache
def shipped_rules() -> Mapping[str, bytes]:
    """The bytes of rules/, read once."""
    return load_rule_files(rules_folder())


def employer_toml(
    name: str = NAME, *, language: str = "fr", profile: str = "generic_be_2022"
) -> bytes:
    """employer.toml of one account, whatever the name is written with."""
    facts = {"name": name, "enterprise_number": NUMBER, "language": language}
    account = {"id": "main", "iban": OURS, "bank_profile": profile}
    lines = [f"{key} = {json.dumps(value)}" for key, value in facts.items()]
    lines += ["[[account]]", *(f"{key} = {json.dumps(value)}" for key, value in account.items())]
    return "\n".join(lines).encode()


def run_of(
    frames: Mapping[str, pd.DataFrame] | None = None,
    *,
    language: str = "fr",
    employer_name: str = NAME,
    inputs: Mapping[str, bytes] | None = None,
    **facts: object,
) -> Run:
    """A run of some frames. facts: other fields of Run."""
    made = {name: schema.empty() for name, schema in FRAMES.items()} | dict(frames or {})
    orders = {
        "payrun.toml": PAYRUN,
        "employer.toml": employer_toml(employer_name, language=language),
    }
    known: dict[str, object] = {
        "run_id": "2022-05-a1b2c3",
        "refused": False,
        "created_at": CREATED,
        "code_version": "0.1.0+0123456789ab",
        "inputs_digest": "5e" * 32,
        "rules": shipped_rules(),
    }
    return Run(frames=made, inputs=orders | dict(inputs or {}), **known | facts)  # type: ignore[arg-type]


def read_back(run: Run) -> Run:
    """The run as the files of its record tell it."""
    files = sealed(run, record_files(run))
    return read_run(json.loads(files[MANIFEST]), files, "run")


def with_frames(run: Run, **frames: pd.DataFrame) -> Run:
    """The run with some of its frames replaced."""
    return replace(run, frames={**run.frames, **frames})


def payees_frame(
    names: Mapping[tuple[str, str], str], sites: Iterable[tuple[tuple[str, str], str]] = ()
) -> pd.DataFrame:
    """PAYEES from (kind, id) -> name and ((kind, id), site)."""
    places = dict(sites)
    return PAYEES.from_rows(
        {
            "payee_kind": kind,
            "payee_id": payee_id,
            "name": names.get((kind, payee_id), ""),
            "site": places.get((kind, payee_id), ""),
        }
        for kind, payee_id in {**names, **places}
    )
