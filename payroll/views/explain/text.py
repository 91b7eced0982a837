"""The calculation of one person's pay as text that a payroll officer can follow line by line."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from payroll.model.money import Rounding, divide
from payroll.model.streams import BONUSES, HOLIDAY_PAY
from payroll.record.files import NOT_MADE
from payroll.render.screen import AMOUNT, LABEL, WIDTH, heading, row, table, total, wrap
from payroll.rulebook.figures import Figure
from payroll.texts import catalogue, text
from payroll.texts.days import month_shown
from payroll.texts.shown import day_shown, euros_shown, rate_shown, style_of
from payroll.views.explain.arithmetic import (
    figure_shown,
    figure_value,
    item_label,
    item_shown,
    line_shown,
)
from payroll.views.explain.tree import (
    Deduction,
    Estimate,
    ExplainedLine,
    ExplainedStep,
    Explanation,
    LawChange,
    Note,
    Part,
    StepAmount,
)

#: What words of their own a stream has for what is told of every stream.
_OWN_WORDS = {BONUSES.name: "_bonus", HOLIDAY_PAY.name: "_holiday"}


def explanation_text(found: Explanation, language: str) -> list[str]:
    """The whole explanation as lines of at most WIDTH columns (a cell's name may be longer)."""
    return _ExplanationWriter(found, language).lines()


class _ExplanationWriter:
    """Writes one explanation; figures and rules are told once, at the end, under their number."""

    def __init__(self, found: Explanation, language: str) -> None:
        self._found, self._language = found, language
        self._numbers: dict[object, int] = {}
        self._references: list[list[str]] = []

    def lines(self) -> list[str]:
        rows = self._head()
        for part in self._found.parts:
            rows += ["", *self._part(part)]
        if self._found.findings:
            rows += ["", heading(self._say("findings"))]
            for severity, rule_id, message, source in self._found.findings:
                shown = f"{text(f'wb_severity_{severity}', self._language)} · {rule_id} · {message}"
                rows += wrap(shown + (f" ({source})" if source else ""), 2)
        if self._references:
            rows += ["", heading(self._say("references"))]
            rows += [line for reference in self._references for line in reference]
        return [*rows, "", *wrap(self._say("legend"), 2), *wrap(self._say("legend_status"), 2)]

    def _number(self, key: object, first: str, *others: str) -> str:
        """The number under which something is told at the end: ' [3]'."""
        if key not in self._numbers:
            self._numbers[key] = number = len(self._numbers) + 1
            mark = f"[{number}]".ljust(5)
            head = wrap(first, 7)
            lines = [f"  {mark}{head[0].strip()}", *head[1:]]
            self._references.append(
                [*lines, *(row for words in others if words for row in wrap(words, 7))]
            )
        return f" [{self._numbers[key]}]"

    def _cite(self, *figures: Figure | None) -> str:
        """The numbers of some figures."""
        numbers = "".join(
            self._number(
                (figure.figure_id, figure.from_, figure.rows),
                figure_shown(figure, self._language),
                figure.source,
            )
            for figure in figures
            if figure is not None
        )
        return numbers.replace("] [", "][")

    def _rule(self, step: ExplainedStep) -> str:
        """The number of a step's rule: how the law says it, from when, and by which source."""
        title = self._say("formula", title=step.title[self._language])
        words = (
            []
            if step.method is None
            else [
                figure_shown(step.method, self._language).removeprefix(step.title[self._language]),
                step.method.source,
            ]
        )
        return self._number(
            ("rule", step.step_id),
            title + "".join(words[:1]),
            step.formula[self._language],
            *words[1:],
        )

    def _say(self, name: str, **params: object) -> str:
        return text(f"explain_{name}", self._language, **params)

    def _eur(self, cents: int) -> str:
        return euros_shown(cents, self._language)

    def _month(self, period: str) -> str:
        return month_shown(period, self._language)

    def _head(self) -> list[str]:
        found = self._found
        who = " ".join(part for part in (found.employee_id, found.name) if part)
        title = self._say("title", period=self._month(found.period))
        rows = [heading(f"{title} · {who}", "═")]
        facts = found.facts
        run = self._say("run", run=found.run_id)
        if not facts:
            return [*rows, *wrap(self._say("no_facts"), 2), f"  {run}"]
        share = rate_shown(Fraction(int(facts["fte_millionths"]), 10**6), self._language)
        words = [
            self._say(f"statutory_{facts['statutory']}"),
            self._say("fte", share=share),
            self._say("full_time", amount=self._eur(int(facts["monthly_gross_cents"]))),
            self._say(str(facts["tax_status"])),
        ]
        words += [
            self._say(name, count=facts[name])
            for name in ("children", "disabled_children", "other_dependants", "dependants_65")
            if facts[name]
        ]
        words += [
            self._say(name)
            for name in (
                "disabled",
                "single_parent",
                "spouse_disabled",
                "spouse_low_income",
                "spouse_low_pension",
            )
            if facts[name]
        ]
        return [*rows, *wrap(" · ".join(words), 2), *wrap(f"{run} · {facts['source']}", 2)]

    def _part(self, part: Part) -> list[str]:
        period = self._month(part.earning_period)
        rows = [heading(self._say(f"part_{part.stream}", period=period.upper()))]
        rows += self._gross(part)
        bonus, own = part.stream == BONUSES.name, _OWN_WORDS.get(part.stream, "")
        if part.estimate is not None:
            rows += ["", *self._estimate(part.estimate), *self._lines(part.net_lines)]
            rows += self._net_by_ratio(part, part.estimate)
        if bonus and part.known:
            rows += ["", *self._compared(part)]
        if part.steps:
            rows += ["", "  " + self._say(f"steps{own}")]
            for number, step in enumerate(part.steps, 1):
                rows += self._step(number, step)
            if not own:
                rows.append(total(self._say("net_law"), self._eur(part.net_cents or 0)))
        if not bonus and part.known:
            rows += ["", *self._compared(part)]
        if part.changes:
            rows += ["", *self._changes(part)]
        if part.deductions:
            rows += ["", "  " + self._say("deductions")]
            for deduction in part.deductions:
                rows += self._deduction(deduction)
        for note in part.notes:
            rows += ["", *self._note(note, 2)]
        for reason in part.waits:
            words = text(reason, self._language)
            rows += ["", *wrap(self._say("waits", reason=words), 2)]
        return rows + (["", *self._sum(part)] if part.gross or part.net_lines else [])

    def _gross(self, part: Part) -> list[str]:
        rows: list[str] = []
        if part.gross:
            rows += self._lines(part.gross)
            name = f"gross{_OWN_WORDS.get(part.stream, '')}"
            rows.append(total(self._say(name), self._eur(sum(line.cents for line in part.gross))))
        if part.dropped:
            rows += ["", "  " + self._say("dropped"), *self._dropped(part.dropped)]
        return rows

    def _lines(self, lines: Iterable[ExplainedLine]) -> list[str]:
        rows = []
        for line in lines:
            rows += row(
                self._line_title(line) + self._cite(*line.figures),
                line_shown(line, self._language),
                self._eur(line.cents),
                2,
            )
            basis = text(f"wb_trace_{line.basis}", self._language)
            rows += wrap(" · ".join(part for part in (basis, line.source) if part), 6)
        return rows

    def _dropped(self, lines: Iterable[ExplainedLine]) -> list[str]:
        rows = []
        for line in lines:
            nature = text(f"wb_nature_{line.basis}", self._language)
            rows += row(self._line_title(line), nature, self._eur(line.cents))
            rows += wrap(line.source, 6)
        return rows

    def _line_title(self, line: ExplainedLine) -> str:
        if line.title is not None:
            return line.title[self._language]
        for entry_id in (
            f"wb_component_{line.component}",
            f"explain_component_{line.component}",
            f"explain_{line.component}",
        ):
            if entry_id in catalogue():
                words = text(entry_id, self._language)
                return words[:1].upper() + words[1:]
        return line.component

    def _step(self, number: int, step: ExplainedStep) -> list[str]:
        title = step.title[self._language]
        if step.on_exceptional:
            title = self._say("again", title=title)
        head = f"{number}. {title}{self._rule(step)}"
        rows = [total(head, self._eur(step.sign * step.cents))]
        return rows + self._items(step.items, 5)

    def _items(self, items: Iterable[StepAmount], indent: int) -> list[str]:
        rows = []
        for item in items:
            label = item_label(item, self._language) + self._cite(item.figure)
            shown = item_shown(item, self._language)
            rows += row(label, shown, self._eur(item.cents), indent)
        return rows

    def _compared(self, part: Part) -> list[str]:
        bonus = part.stream == BONUSES.name
        title, first, second = (
            ("compared_bonus", "without", "with") if bonus else ("known", "register", "calculated")
        )
        period = self._found.period if bonus else part.known_period
        rows = []
        for item in part.known:
            label = item.title[self._language] if item.title else self._say(item.entry)
            gap = (
                item.second_cents - item.first_cents
                if bonus
                else (item.first_cents - item.second_cents)
            )
            rows.append((label, *map(self._eur, (item.first_cents, item.second_cents, gap))))
        header = ("", self._say(first), self._say(second), self._say("difference"))
        shown = ["  " + self._say(title, period=self._month(period)), *table(rows, header)]
        if part.residual_cents is not None:
            gap = part.known[-1].first_cents - part.known[-1].second_cents
            if gap != part.residual_cents:
                name = "partial" if any(line.cents for line in part.gross) else "dropped"
                return shown + wrap(self._say(f"residual_{name}"))
        return shown

    def _changes(self, part: Part) -> list[str]:
        def cells(change: LawChange) -> tuple[str, ...]:
            values = (change.old_cents, change.new_cents, change.new_cents - change.old_cents)
            return (change.title[self._language], *map(self._eur, values))

        both = (
            self._say("before", period=self._month(period))
            for period in (part.known_period, part.earning_period)
        )
        header = ("", *both, self._say("difference"))
        rows = ["  " + self._say("changes"), *table([cells(item) for item in part.changes], header)]
        effect = sum(item.new_cents - item.old_cents for item in part.changes)
        rows += table([(self._say("changes_net"), "", "", self._eur(effect))], ("",) * 4)[1:]
        moved = {
            after.figure_id: (before, after)
            for item in part.changes
            for before, after in item.figures
        }
        for before, after in moved.values():
            rows += wrap(
                f"{after.title[self._language]}{style_of(self._language).colon}"
                f"{self._dated(before)} → {self._dated(after)}"
            )
        return rows

    def _dated(self, figure: Figure | None) -> str:
        if figure is None or figure.from_ is None:
            return "-"
        since = self._say("since", day=day_shown(figure.from_, self._language))
        return f"{figure_value(figure, self._language)} ({since}){self._cite(figure)}"

    def _deduction(self, deduction: Deduction) -> list[str]:
        line = deduction.line
        rows = row(self._line_title(line), "", self._eur(line.cents))
        if deduction.note is not None:
            rows += self._note(deduction.note, 6)
        rows += self._items(deduction.items, 6)
        return rows + (wrap(line.source, 6) if line.source else [])

    def _note(self, note: Note, indent: int) -> list[str]:
        cents = {name: self._eur(value) for name, value in note.cents.items()}
        return wrap(self._say(note.note, **cents, **note.words), indent)

    def _estimate(self, estimate: Estimate) -> list[str]:
        rows = ["  " + self._say("estimated"), *self._note(estimate.why, 4)]
        if estimate.unchanged:
            return rows + wrap(self._say("estimate_unchanged"))
        ratio = Fraction(estimate.ratio_net_cents, max(estimate.ratio_gross_cents, 1))
        shown = rate_shown(ratio, self._language)
        if estimate.as_paid:
            return rows + wrap(self._say("estimate_as_paid", percent=shown))
        if estimate.figure is not None:
            policy = self._say("estimate_policy", percent=shown) + self._cite(estimate.figure)
            return rows + wrap(policy)
        amounts = (self._eur(estimate.ratio_net_cents), self._eur(estimate.ratio_gross_cents))
        return rows + wrap(
            self._say("estimate_ratio", net=amounts[0], gross=amounts[1], percent=shown)
        )

    def _net_by_ratio(self, part: Part, estimate: Estimate) -> list[str]:
        """The estimated net as gross x ratio, where that is how it came about."""
        gross = sum(line.cents for line in part.gross)
        ratio = Fraction(estimate.ratio_net_cents, max(estimate.ratio_gross_cents, 1))
        item = StepAmount(
            item="net",
            cents=part.net_cents or 0,
            base_cents=gross,
            rate=ratio,
            rounding=Rounding.HALF_UP,
        )
        raw = gross * ratio
        if (
            estimate.unchanged
            or estimate.as_paid
            or divide(raw.numerator, raw.denominator) != item.cents
        ):
            return []
        shown = item_shown(item, self._language)
        return row(self._say("net_estimated"), shown, self._eur(item.cents), 2)

    def _sum(self, part: Part) -> list[str]:
        """From the net to the payment, and what payments.csv says of it."""
        name = "net_estimated" if part.estimate is not None else "net_law"
        own = _OWN_WORDS.get(part.stream)
        name = f"net{own}" if own and part.estimate is None else name
        amounts = [(self._say(name), part.net_cents or 0)]
        if part.residual_cents:
            amounts.append((self._say("residual"), part.residual_cents))
        amounts += [(self._line_title(item.line), item.line.cents) for item in part.deductions]
        if part.along_cents:
            amounts.append((self._say("along_holiday"), part.along_cents))
        rows = [total(label, self._eur(cents)) for label, cents in amounts]
        rows.append(" " * LABEL + "─" * (WIDTH - LABEL - AMOUNT) + "─" * AMOUNT)
        payment = part.payment
        if payment is None and part.stream == HOLIDAY_PAY.name and part.sum_cents > 0:
            return [*rows, total(self._say("sum_along"), self._eur(part.sum_cents))]
        if payment is None:
            state = "sum_receivable" if part.sum_cents < 0 else "sum_zero"
            return [*rows, total(self._say(state), self._eur(part.sum_cents))]
        rows.append(total(self._say("sum_pay"), self._eur(part.sum_cents)))
        if payment.status in NOT_MADE:
            why = text(NOT_MADE[payment.status], self._language)
            return rows + wrap(f"{payment.payment_id}: {why}", 4)
        if payment.status != "pay":
            held = self._say("sum_held", id=payment.payment_id, rules=payment.hold_rules)
            return rows + wrap(held, 4)
        nature = text(f"wb_legal_{payment.legal_nature}", self._language)
        day = day_shown(payment.execution_date, self._language)
        return rows + wrap(self._say("sum_equal", id=payment.payment_id, day=day, nature=nature), 4)
