"""The words of rules. A rule file has them in fr, nl and en; a further language in its rules.toml:

    [control.REB-023]
    title = "..."      # message, remedy: with the placeholders of the French, or fewer
    [step.withholding]
    title = "..."      # formula
    [parameter.hours_per_year]
    title = "..."      # likewise scale, component, premium, policy, deduction, bank, status,
                       # reason
    [format.employees.fields]
    iban = ["...", "..."]      # the first is shown, all are understood
    [format.employees.values.status]
    contractual = ["..."]

What it lacks is shown in French, marked. It holds for a rule of the employer's own too, by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from payroll.model.refusals import refused
from payroll.rulebook.toml import RuleModel
from payroll.texts import FALLBACK, SEVERAL, fields_of, fits, in_language, languages
from payroll.texts.folders import toml_of

#: The languages that the rule files themselves hold.
WRITTEN = ("fr", "nl", "en")


def _plain_placeholders(text: str) -> str:
    """Accept only {name} and {name:one|several}: no attribute, index, conversion or format stands
    in a rule file.
    """
    for name, spec, conversion in fields_of(text):
        if not name.isidentifier() or conversion or (spec and spec.count(SEVERAL) != 1):
            raise refused("placeholder", name="{" + name + "}")
    return text


Words = Annotated[str, Field(min_length=3), AfterValidator(_plain_placeholders)]


class Texts(RuleModel):
    """One text in the three languages, all required; asked for in any language known."""

    fr: Words
    nl: Words
    en: Words
    _rule: tuple[str, ...] = PrivateAttr(())  # where a further language has it, see `Worded`

    def __getitem__(self, language: str) -> str:
        return words_of(self._rule, dict(self), language)

    def find_under(self, *names: str) -> None:
        """Say under which names a further language has it."""
        self._rule = names


class Worded(RuleModel):
    """An entry of a rule file with words: each of its texts knows under which names it is found."""

    KIND: ClassVar[str]

    @model_validator(mode="after")
    def _name_texts(self) -> Self:
        entry_id = str(getattr(self, "id", "") or getattr(self, "code", ""))
        for name, value in self:
            if isinstance(value, Texts):
                value.find_under(self.KIND, entry_id, name)
        return self


def words_of(rule: tuple[str, ...], written: Mapping[str, str], language: str) -> str:
    """The words of one text of a rule. rule: its names in rules.toml, the last its field.

    The rule's own id when even the fallback is missing, as a figure's title may be.
    """
    if FALLBACK not in written:
        return written.get(language, rule[-2])
    own = None if language in WRITTEN else _further(language, rule)
    if isinstance(own, str) and fits(own, written[FALLBACK]):
        return own
    return in_language(written, language)


def in_every_language(rule: tuple[str, ...], written: Mapping[str, str]) -> dict[str, str]:
    """The words of one text of a rule by language."""
    return {language: words_of(rule, written, language) for language in languages()}


def further_aliases(kind: str, *names: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(language, words) of a field or value of a source format in each further language."""
    for language in languages():
        own = None if language in WRITTEN else _further(language, ("format", kind, *names))
        words = (
            tuple(word for word in own if isinstance(word, str)) if isinstance(own, list) else ()
        )
        if words:
            yield language, words


@cache
def _further(language: str, names: tuple[str, ...]) -> object:
    found: object = toml_of(language, "rules.toml")
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
