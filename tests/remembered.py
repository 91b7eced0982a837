"""Runs that were built, and their files: what is built again from the same is remembered.

A run is a function of its request, and its files are one of the run (tests/test_end_to_end.py and
tests/test_plant_faults.py build them anew in processes of their own and compare every byte). Most
tests of a desk begin with the same run, and to approve or to release it builds it once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import payroll.pipeline
import payroll.publish
from payroll.record.identity import identity
from payroll.record.run import Run, RunRequest

#: How many results are kept, and of how many payments at most.
KEPT, PAYMENTS = 100, 1_000
Announce = Callable[[str], None]


def remember() -> None:
    """Stand in for `build_run` and `publish`, before anything imports them."""
    payroll.pipeline.build_run = _Remembered(payroll.pipeline.build_run, _of_request)
    payroll.publish.publish = _Remembered(payroll.publish.publish, id)


def _of_request(request: RunRequest) -> tuple[object, ...]:
    files = request.rulebook.files
    made = identity(request.order, request.inputs, files, request.code_version, request.created_at)
    return (made, id(request.rulebook))  # a test may leave rules out of a book


class _Remembered:
    """A function of one value whose results are kept, with the stages that it announced."""

    def __init__(self, make: Callable[..., Any], key: Callable[[Any], object]) -> None:
        self.make = make
        self.key = key
        self.found: OrderedDict[object, tuple[Any, Any, tuple[str, ...]]] = OrderedDict()

    def __call__(self, given: Any, announce: Announce = lambda _stage: None) -> Any:
        key = self.key(given)
        if key in self.found:
            _, result, stages = self.found[key]
            for stage in stages:
                announce(stage)
        else:
            told: list[str] = []

            def tell(stage: str) -> None:
                told.append(stage)
                announce(stage)

            result = self.make(given, tell)
            run = result if isinstance(result, Run) else given
            if len(run.payments) > PAYMENTS:
                return result
            self.found[key] = given, result, tuple(told)  # `given` stays, and with it its id
        self.found.move_to_end(key)
        while len(self.found) > KEPT:
            self.found.popitem(last=False)
        return dict(result) if isinstance(result, dict) else result
