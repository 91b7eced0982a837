"""A small pay-run, prepared and approved once; every test works on a copy of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.release.desk_samples import Desk, make_desk


@pytest.fixture(scope="session")
def prepared_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A run that nobody has approved yet."""
    return make_desk(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="session")
def approved_desk(tmp_path_factory: pytest.TempPathFactory, prepared_desk: Desk) -> Desk:
    """The run with both its approvals, not released."""
    desk = prepared_desk.copy(tmp_path_factory.mktemp("approved"))
    desk.approve("Zoé Modèle")
    desk.approve("Hervé Spécimen")
    return desk


@pytest.fixture(scope="session")
def released_desk(tmp_path_factory: pytest.TempPathFactory, approved_desk: Desk) -> Desk:
    """The run released."""
    desk = approved_desk.copy(tmp_path_factory.mktemp("released"))
    desk.release()
    return desk


@pytest.fixture
def approved(tmp_path: Path, approved_desk: Desk) -> Desk:
    return approved_desk.copy(tmp_path)


@pytest.fixture
def unapproved(tmp_path: Path, prepared_desk: Desk) -> Desk:
    return prepared_desk.copy(tmp_path)


@pytest.fixture
def released(tmp_path: Path, released_desk: Desk) -> Desk:
    return released_desk.copy(tmp_path)
