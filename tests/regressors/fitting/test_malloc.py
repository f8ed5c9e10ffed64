"""Memory that is kept while a fit runs, and given back after it."""

import platform

import psutil
import pytest
import torch

from annotriage.regressors.fitting.malloc import keep_freed_memory

pytestmark = pytest.mark.slow

MEGABYTES = (96, 48, 48, 12, 120, 4)
PAGES = sum(MEGABYTES) << 8  # of 4 kB


def step() -> float:
    """Take memory as a training step does: block after block, all of them freed at its end."""
    blocks = [torch.ones(size << 18) for size in MEGABYTES]
    return float(sum(block[-1] for block in blocks))


def page_faults() -> int:
    """Count the pages that the system has handed to this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc's malloc is told anything")
def test_freed_memory_serves_again_and_is_given_back_at_the_end() -> None:
    before = psutil.Process().memory_info().rss
    with keep_freed_memory():
        for _ in range(4):
            step()
        begun = page_faults()
        for _ in range(3):
            assert step() == len(MEGABYTES)
        # 3 times PAGES otherwise. Small things that lie where a block was move a block on, so that it is not nothing.
        assert page_faults() - begun < PAGES
    assert psutil.Process().memory_info().rss < before + (48 << 20)


def test_it_may_be_entered_again_and_left_by_an_error() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="stopped"), keep_freed_memory():
            assert step() == len(MEGABYTES)
            raise ValueError("stopped")


def test_systems_without_glibc_go_on_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    with keep_freed_memory():
        assert float(torch.ones(3).sum()) == 3
