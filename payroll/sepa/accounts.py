"""Account numbers by the run: Belgian ones judged in one go, every other by the model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from payroll.model.identifiers import iban_problem

_BELGIAN = re.compile(r"BE[0-9]{14}")


def wrong_ibans(ibans: Iterable[str]) -> dict[str, str]:
    """The distinct IBANs that cannot be paid, each with `iban_problem`'s reason."""
    doubtful = [iban for iban in set(ibans) if not _right_belgian(iban)]
    return {iban: problem for iban in doubtful if (problem := iban_problem(iban))}


def _right_belgian(iban: str) -> bool:
    """Whether both pairs of check digits of a Belgian IBAN are right (ISO 7064, then BBAN)."""
    return (
        _BELGIAN.fullmatch(iban) is not None
        and "02" <= iban[2:4] <= "98"
        and int(f"{iban[4:]}1114{iban[2:4]}") % 97 == 1
        and (int(iban[4:14]) % 97 or 97) == int(iban[14:])
    )
