"""Loading and comparing 300 runs.

What is measured: three models of 100 runs, and ten models of 30, each run with its folder as training writes it, 2,261
labelled images of which 339 are for testing (the paper's number, 15 %). `compare` reads them all, checks that they
belong together and runs every test over runs and over images. Target: under 5 seconds, the imports of scipy,
statsmodels, scikit-posthocs and pandas counted.
"""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.common import CHECKOUT, Options, say, verdict, workplace

NAME = "comparison"
RUNS = 300
IMAGES, TEST = 2261, 339
TARGET = 5.0

_CODE = """
import sys, time
from pathlib import Path
begun = time.perf_counter()
from annotriage.comparison.comparing import compare
found = compare([Path(sys.argv[1])])
print(time.perf_counter() - begun)
"""


def measure(options: Options) -> bool:
    """Print the seconds; return whether the target was met."""
    from tests.comparison.made_runs import write_grid

    slowest = 0.0
    with workplace(options) as folder:
        for models in (3, 10):
            grid = folder / f"grid-{models}"
            if not grid.is_dir():
                noise = {f"model-{k}": 0.1 + 0.01 * k for k in range(models)}
                write_grid(grid, noise, RUNS // models, IMAGES, TEST)
            seconds = _seconds(grid)
            say(NAME, f"{RUNS} runs of {models} models loaded and compared in {seconds:.2f} s")
            slowest = max(slowest, seconds)
    return verdict(NAME, slowest < TARGET, f"{RUNS} runs in under {TARGET:g} s")


def _seconds(grid: Path) -> float:
    """Compare in a process of its own, so that imports count."""
    said = subprocess.run(
        [sys.executable, "-c", _CODE, str(grid)], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    return float(said.stdout)
