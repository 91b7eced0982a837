"""For every test."""

from __future__ import annotations

import gc
import os

from tests.remembered import remember

remember()
#: What lasts when the power goes is tried by tests/release/crashes.py, in processes of its own: no
#: other test waits for a disk.
os.fsync = lambda _descriptor: None


def pytest_collection_finish() -> None:
    """Leave what was loaded out of every collection to come, and collect seldom.

    The tests make millions of small values without cycles beside some hundred thousand that stay;
    walking those again and again took a sixth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
