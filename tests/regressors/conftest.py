"""One thread for networks this small: more of them would mostly wait for each other, above all beside other work."""

import os
import sys

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the processes that tests start


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Let torch use one thread, where a test has loaded it."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
