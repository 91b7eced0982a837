"""What fees and invoices share: payees, references, remittance texts, findings by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from payroll.model.errors import require
from payroll.model.exact import Exact
from payroll.model.findings import Finding, Texts, findings_for
from payroll.model.frames import PAYMENT_TARGETS, TEXT, join_texts
from payroll.model.identifiers import structured_reference
from payroll.model.streams import STREAMS
from payroll.model.tables import SourceTables
from payroll.rebuild.adjustments import iban_changes
from payroll.rulebook.controls import Control

#: The longest free text of a payment (facts: bank-rules 2.3).
REMITTANCE_MAX = 140


@dataclass(frozen=True, slots=True)
class Report:
    """Collects the findings of one stream; `controls` are the rules it is told under."""

    tables: SourceTables
    controls: Mapping[str, Control]
    stream: str
    findings: list[Finding] = field(default_factory=list)

    def rows(
        self,
        rule_id: str,
        rows: pd.DataFrame,
        field_name: str = "",
        /,
        *,
        level: str = "",
        **columns: str,
    ) -> None:
        """One finding per row (columns payee_id, source), naming the cell of `field_name`.

        columns: `observed`, `limit` or a parameter of the message -> the column that holds it.
        """
        places: list[str] = rows["source"].tolist()
        told: dict[str, Texts] = {name: rows[column] for name, column in columns.items()}
        self.findings.extend(
            findings_for(
                rule_id,
                rows,
                kind=STREAMS[self.stream].payee,
                payee="payee_id",
                stream=self.stream,
                observed=told.pop("observed", ""),
                limit=told.pop("limit", ""),
                source=[
                    self.tables.cell(item, field_name) if field_name else item for item in places
                ],
                level=level,
                **told,
            )
        )


@dataclass(frozen=True, slots=True)
class Payees:
    """A master list, one row per payee_id: creditor_name, iban, country, source, own fields."""

    frame: pd.DataFrame

    def positions(self, payee_ids: pd.Series[str]) -> npt.NDArray[np.intp]:
        """Where each payee stands in the list; -1 = nowhere."""
        listed_ids: pd.Index[str] = pd.Index(self.frame["payee_id"])
        return listed_ids.get_indexer(pd.Index(payee_ids))

    def numbers(self, column: str, payee_ids: pd.Series[str]) -> npt.NDArray[np.int64]:
        """An integer or bool column by payee; 0 for a payee who is not on the list."""
        values = np.append(self.frame[column].to_numpy(dtype=np.int64), np.int64(0))
        found: npt.NDArray[np.int64] = values[self.positions(payee_ids)]
        return found

    def texts(self, column: str, payee_ids: pd.Series[str]) -> pd.Series[str]:
        """A text column by payee; '' for a payee who is not on the list."""
        values = np.append(self.frame[column].to_numpy(dtype=object), "")
        return pd.Series(values[self.positions(payee_ids)], index=payee_ids.index, dtype=TEXT)

    def targets(self, stream: str, groups: pd.DataFrame) -> pd.DataFrame:
        """PAYMENT_TARGETS of groups: payee_id, payment_group, remittance, structured_reference,
        source (used for a payee who is not on the list, who keeps an empty IBAN)."""
        listed_payee = self.positions(groups["payee_id"]) >= 0
        found = {name: self.texts(name, groups["payee_id"]) for name in _MASTER_TEXTS}
        source = found.pop("source").where(listed_payee, groups["source"])
        frame = groups.assign(stream=stream, **found, source=source.astype("str"))
        return PAYMENT_TARGETS.conform(frame.astype({"stream": TEXT}))


_MASTER_TEXTS = ("creditor_name", "iban", "country", "source")


def payees_of(tables: SourceTables, kind: str, pay_on: date) -> Payees:
    """The master list of a payee kind (`practitioner`, `supplier`), with the accounts of a pay day.

    The account holder's name goes before the payee's own. Ingest has set repeated rows aside.
    """
    frame = tables[f"{kind}s"].rename(columns={f"{kind}_id": "payee_id"})
    require(frame["payee_id"].is_unique, f"a {kind} stands twice after ingest")
    holder = frame.get("account_holder_name", frame["name"])
    changes = iban_changes(tables, pay_on).set_index("payee_id")
    changed = frame["payee_id"].isin(changes.index)
    now = changes.reindex(frame["payee_id"]).reset_index(drop=True)
    frame = frame.assign(
        creditor_name=holder.where(holder != "", frame["name"]).astype("str"),
        country=frame.get("country", pd.Series("", frame.index, dtype=TEXT)),
        iban=frame["iban"].mask(changed, now["iban"]).astype("str"),
        source=frame["source"].mask(changed, frame["source"] + "; " + now["source"]).astype("str"),
    )
    return Payees(frame)


def read_references(texts: pd.Series[str], ibans: pd.Series[str]) -> pd.DataFrame:
    """References for accounts: structured_reference, free (text), valid, wrong; per row.

    wrong: it looks structured and its check digits fail. A Belgian reference for an account abroad
    is valid but becomes free text (facts: bank-rules 2.3).
    """
    readings = {item: structured_reference(item) for item in texts.unique()}
    found = [readings[item] for item in texts.tolist()]
    reference = pd.Series([item[0] for item in found], index=texts.index, dtype=TEXT)
    abroad = ~ibans.str.startswith("BE") & (ibans != "") & reference.str.fullmatch(r"\d{12}")
    shown = reference.str[:3] + "/" + reference.str[3:7] + "/" + reference.str[7:]
    free = texts.mask(reference != "", "").mask(abroad, "+++" + shown + "+++")
    return pd.DataFrame(
        {
            "structured_reference": reference.mask(abroad, "").astype("str"),
            "free": free.astype("str"),
            "valid": reference != "",
            "wrong": np.array([item[1] != "" for item in found], dtype=bool),
        }
    )


def listed(items: Sequence[str], limit: int = REMITTANCE_MAX) -> str:
    """The items joined by ', ' in at most `limit` characters; what is left out is counted: '+3'."""
    whole = ", ".join(items)
    if len(whole) <= limit:
        return whole
    for kept in range(min(len(items) - 1, limit), 0, -1):
        text = f"{', '.join(items[:kept])} ... +{len(items) - kept}"
        if len(text) <= limit:
            return text
    tail = f"... +{len(items) - 1}" if len(items) > 1 else "..."
    return items[0][: limit - len(tail)] + tail


def percent_text(millionths: Iterable[int]) -> list[str]:
    """Rates as a reader writes them: 185000 -> '18.5%'."""
    shown: dict[int, str] = {}
    for rate in millionths:
        if rate not in shown:
            shown[rate] = f"{Exact(int(rate), 4).short()}%"
    return [shown[rate] for rate in millionths]


def joined_sources(frame: pd.DataFrame, payee_ids: pd.Series[str]) -> pd.Series[str]:
    """For each payee the distinct sources of its rows in a frame, joined by '; '."""
    found = collected(frame, "source")
    texts = [join_texts(found[payee]) for payee in payee_ids.tolist()]
    return pd.Series(texts, index=payee_ids.index, dtype=TEXT)


def collected(frame: pd.DataFrame, column: str) -> dict[str, list[str]]:
    """The texts of a column by payee, in frame order."""
    found: dict[str, list[str]] = {}
    for payee, value in zip(frame["payee_id"].tolist(), frame[column].tolist(), strict=True):
        found.setdefault(payee, []).append(value)
    return found
