"""The documents say what the program does: what they show is run, what they name is there.

README tells a month from its first workbook to its last statement; its commands are run in that
order, in a folder where WORKSPACE is the sample hospital. What stands in capitals is what a person
would put there.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from payroll.cli.main import VERBS
from payroll.model.streams import STREAMS
from payroll.record.files import FRAMES, file_of
from tests.command import payroll
from tests.release_world import WORDS, sent_file, status_report

ROOT = Path(__file__).resolve().parent.parent
README, ARCHITECTURE, CONTRIBUTING = (
    (ROOT / name).read_text("utf-8")
    for name in ("README.md", "payroll/ARCHITECTURE.md", "CONTRIBUTING.md")
)
#: Endings that are right though not 0: something is held, differs, or is still open at the bank.
ENDINGS = {
    "run": (1,),
    "bank import": (1,),
    "backtest": (1,),
    "status": (1,),
    "reissue": (0, 1),
    "forget": (3,),
}
#: Verbs that are called inside the workspace.
INSIDE = ("bank", "status", "ledger")
STAFF = (
    "N° agent;Statut;ETP;Traitement mensuel brut;Situation fiscale;Enfants à charge;"
    "Agent handicapé\n1001;Contractuel;1;3000,00;Isolé;0;non\n"
)


def shown(text: str) -> Iterator[str]:
    """Every command in a code span or a fenced block, comments taken off, line breaks joined."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from (line.partition("  #")[0].strip() for line in block.splitlines())
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
        words = " ".join(span.split())
        if words.startswith(("payroll ", "python3 scripts/", "python scripts/")):
            yield words


def called(*words: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a verb."""
    done = payroll(*words)
    return done.returncode, done.stdout, done.stderr


class Month:
    """What the capitals of README stand for, as the month goes on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = ""

    def filled(self, command: str) -> list[str]:
        words = shlex.split(command)[1:]
        known: dict[str, Callable[[], str]] = {
            "RUN": lambda: self.run,
            "FINDING": self._finding,
            "PAYEE": lambda: "010645",
            "EMPLOYEE": lambda: "010645",
            "FILE": lambda: str(self._sent()),
            "ID": self._problem,
            "A": lambda: self.run,
            "B": lambda: self.run,
            "OLD": lambda: str(ROOT / "rules"),
            "NEW": lambda: str(ROOT / "rules"),
        }
        filled = [known[word]() if word in known else word for word in words]
        if "bank/*" in filled:
            place = filled.index("bank/*")
            filled[place : place + 1] = self._answers()
        return filled

    def _finding(self) -> str:
        rows = json.loads(called("decide", self.run, "--json")[1])
        return str(next(row["finding_id"] for row in rows if row["override"] == "one"))

    def _sent(self) -> Path:
        return sorted(self.folder.glob("WORKSPACE/2022-05/outbox/*.xml"))[0]

    def _answers(self) -> list[str]:
        """The bank refuses one payment of our file, and answers for a file that is not ours."""
        file = sent_file(self._sent())
        first, *_ = file.payments
        ours = status_report(file, group="PART", payments={first[0]: "RJCT"})
        theirs = status_report(replace(file, message_id="M-OF-ANOTHER"), group="ACSP")
        paths = []
        for number, content in enumerate((ours, theirs)):
            path = self.folder / f"answer{number}.xml"
            path.write_bytes(content)
            paths.append(str(path))
        return paths

    def _problem(self) -> str:
        status = json.loads(called("status", "--workspace", "WORKSPACE", "--json")[1])
        return str(status["unmatched"][0]["id"])


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """The sample hospital as WORKSPACE, and the few things that a person has beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAYROLL_PASSPHRASE", WORDS)
    monkeypatch.setenv("PAYROLL_LANG", "en")
    assert called("demo", "WORKSPACE")[0] == 0
    (tmp_path / "list.csv").write_text(STAFF, "utf-8")
    return Month(tmp_path)


#: Verbs that a sentence names without their arguments.
SPOKEN_OF = (["bank", "settle"], ["ledger", "verify"], ["keys", "enrol"])


def test_every_command_of_the_readme_does_what_it_says(month: Month) -> None:
    done = []
    for command in shown(README):
        if not command.startswith("payroll "):
            continue
        words = month.filled(command)
        if len(words) == 1 or words in SPOKEN_OF:
            words = [*words, "--help"]  # spoken of, not shown
        with chdir("WORKSPACE" if words[0] in INSIDE else "."):
            code, out, said = called(*words)
        right = ENDINGS.get(" ".join(words[:2])) or ENDINGS.get(words[0], (0,))
        assert code in ((0,) if "--help" in words else right), f"{command}: {code}\n{said}"
        done.append(words[0])
        if words[0] == "run" and "--help" not in words:
            month.run = out.strip()
        if words[:2] == ["keys", "new"]:  # a month needs two people
            second = ("keys", "new", "--name", "Hervé Spécimen", "--out", "herve.key")
            assert called(*second, "--enrol", "WORKSPACE")[0] == 0
        if words[0] == "approve":
            own = ("--by", "Hervé Spécimen", "--key", "herve.key")
            assert called("approve", month.run, *own)[0] == 0
    assert set(VERBS) - set(done) == set(), "a verb that README does not show"


def test_every_command_of_the_architecture_is_one(month: Month) -> None:
    month.run = called("run", "WORKSPACE/2022-05")[1].strip()
    commands = [item for item in shown(ARCHITECTURE) if item.startswith("payroll ")]
    assert len(commands) >= 3
    for command in commands:
        assert called(*month.filled(command))[0] == 0, command


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_script_that_is_shown_is_there(text: str) -> None:
    scripts = {
        word for command in shown(text) for word in command.split() if word.startswith("scripts/")
    }
    assert scripts
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


def test_every_path_and_name_of_the_architecture_is_there() -> None:
    """What stands in code marks and looks like a path below payroll/ or the checkout exists."""
    spans = re.findall(r"`([\w./<>-]+)`", ARCHITECTURE)
    paths = [span for span in spans if "/" in span and "<" not in span]
    paths += [span for span in spans if span.endswith((".py", ".toml")) and "/" not in span]
    assert len(paths) > 20
    missing = [
        name
        for name in paths
        if not any(
            place.exists() or list(ROOT.glob(f"{where}/{name}"))
            for where in (".", "payroll", "payroll/*", "payroll/texts/*", "rules/*")
            for place in (ROOT / where.rstrip("*") / name,)
        )
    ]
    missing = [name for name in missing if name not in OF_A_RUN]
    assert missing == []


OF_A_RUN = {"payments.csv", "payrun.toml", "inputs/", *(file_of(frame) for frame in FRAMES)}


def test_the_readme_names_the_streams_and_files() -> None:
    assert [name for name in STREAMS if name not in README] == []
    assert all(f"`{name}`" in README for name in ("lines.csv", "line-sums.csv", "people.csv"))
