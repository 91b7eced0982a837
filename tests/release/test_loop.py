"""The sample itself: approved, released, proved, and released no second time."""

from __future__ import annotations

import pytest

from payroll.model.errors import PayrollError
from payroll.release.workspace import prove
from tests.release.desk_samples import Desk


def test_released_once_and_proved(released: Desk) -> None:
    assert released.delivered() == released.expected()
    assert len(released.expected()) == 2
    assert prove(released.workspace)[0] == []
    with pytest.raises(PayrollError) as refused:
        released.release()
    assert refused.value.error_id == "run_released"
    assert prove(released.workspace)[0] == []
