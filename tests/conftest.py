"""Fixtures that every room's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Of one commit CI gives one verdict, on however slow a machine; developers' runs go on searching for new examples.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the checkout; skip without it, except in CI."""
    if not (SHARED_DATA / "isic" / "metrics.csv").is_file():
        reason = f"the real data are not at {SHARED_DATA}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED_DATA


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a user folder of its own, so that no test sees the developer's models and sessions."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ANNOTRIAGE_HOME", str(home))
    yield home
