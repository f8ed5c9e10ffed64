"""Threads that measure load SciPy together."""

import subprocess
import sys

import pytest

_TWO_THREADS = """
import threading
from annotriage.agreement.scipy_parts import scipy_parts
begin, failed = threading.Barrier(8), []

def load(part):
    begin.wait()
    try:
        getattr(scipy_parts()[part], ("binary_fill_holes", "cKDTree")[part])
    except BaseException as error:
        failed.append(error)

threads = [threading.Thread(target=load, args=(number % 2,)) for number in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join()
assert not failed, failed
"""


@pytest.mark.slow
def test_threads_that_begin_together_find_it_whole() -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", _TWO_THREADS], check=True)
