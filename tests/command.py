"""Call the command line: in this process, which has its modules and rules already, or in a new one.

A verb keeps nothing between two calls but what it reads of the program's own files, so most tests
call it here; a start of Python with pandas would take longer than the verb itself.
"""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from payroll.cli.main import main

Done = subprocess.CompletedProcess[str]


def process(*arguments: object) -> Done:
    """The verb in a process of its own, as people call it."""
    environment = {key: value for key, value in os.environ.items() if key != "PAYROLL_DEBUG"}
    return subprocess.run(
        [sys.executable, "-m", "payroll", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment,
    )


def payroll(*arguments: object) -> Done:
    """The verb in this process: exit code, stdout, stderr."""
    words = ["payroll", *map(str, arguments)]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with mock.patch.dict(os.environ), mock.patch("sys.argv", words):
        os.environ.pop("PAYROLL_DEBUG", None)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            gc.enable()  # `run` ends it, for it expects to be the last thing that its process does
    told = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return Done(words, code, *told)
