"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...]``; exit code 1 when a target is missed.

Without a name all of them run, at full size, for about half an hour; nothing else should use the machine meanwhile.
``--images`` makes them shorter: to see that they work, not to measure.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.common import Options

NAMES = (
    "throughput",
    "memory",
    "start",
    "training",
    "agreement",
    "annotations",
    "comparison",
    "scrolling",
    "window",
    "statistics",
    "borders",
    "serve",
    "watch",
    "people",
    "likeness",
    "calibration",
    "diagnosis",
    "budget",
)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all without one")
    parser.add_argument("--images", type=int, help="images to measure with")
    parser.add_argument("--epochs", type=int, default=Options.epochs, help="of the training benchmark")
    parser.add_argument("--python", type=Path, help="interpreter of an installation without torch")
    parser.add_argument("--folder", type=Path, help="where images are made and found again; default: a temporary one")
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {unknown.pop()}; there are {', '.join(NAMES)}")
    options = Options(given.images, given.epochs, given.python, given.folder)
    met = [
        import_module(f"tests.benchmarks.{name}").measure(options) for name in NAMES if name in (given.names or NAMES)
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
