"""Short pauses: the tests' servers are better the next time at once."""

import random

import pytest

from annotriage.datasets.fetching import network


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("isic_cli", reason="the extra `fetch` is not installed")
    pytest.importorskip("gdown", reason="the extra `fetch` is not installed")
    monkeypatch.setattr(network, "BACKOFF", 0.01)
    monkeypatch.setattr(network, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(random, "uniform", lambda low, high: low)  # gdown's pauses
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
