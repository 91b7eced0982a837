"""Holiday pay through the ledger: a year of it is released once, in whatever payment it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release_world import World, hospital


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, hospital(), streams=("salaries", "holiday_pay"))


def test_a_year_is_released_once(world: World) -> None:
    world.pay("2022-05")
    assert len(world.outbox()) == 1  # one payment for both
    _, again = world.run("2022-05")
    assert again.payments.empty
    assert set(again.frames["already_paid"]["stream"]) == {"salaries"}
    assert "LED-003" not in set(again.findings["rule_id"])
    _, june = world.run("2022-06")
    assert set(june.payments["stream"]) == {"salaries"}
    left = june.frames["already_paid"]
    assert left["stream"].tolist() == ["holiday_pay"] * len(world.made.staff)
    told = june.findings[june.findings["rule_id"] == "LED-001"]
    assert set(told["stream"]) == {"holiday_pay"}
    assert not (june.findings["stream"] == "holiday_pay")[
        june.findings["severity"].isin(["hold", "block"])
    ].any()
