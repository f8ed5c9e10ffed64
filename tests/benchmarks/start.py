"""`annotriage score` on one image in a plain installation, process start to exit; target: at most 1.5 s.

What is measured: wall time of the console script of a virtual environment that holds what ``pip install .`` brings and
no torch. Each run has a new user folder, so that it opens the model, makes its session, decodes, computes and
makes the store; the median of 7 runs after one that warms the disk cache up. A second line gives the same command where
the image is known already. ``--python`` names the interpreter of such an environment; without it, one is made.

The CPU time stands beside it, because another program that is busy lengthens the wall time alone (on Windows it is not
known). Where the target is missed, the modules that take longest to import are listed.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.common import CHECKOUT, Options, any_model, environment, real_images, say, verdict, workplace

NAME = "start"
TARGET = 1.5
RUNS = 7
_IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")


def measure(options: Options) -> bool:
    """Print the median time."""
    with workplace(options) as folder:
        python = options.python or light_environment(folder / "light")
        model = _model(python, folder)
        command = [str(python.with_name("annotriage")), "score", str(real_images()[0]), *model]
        homes = [folder / f"start-home-{number}" for number in range(RUNS + 1)]
        for home in homes:
            shutil.rmtree(home, ignore_errors=True)
        new, cpu = zip(*[_seconds(command, home) for home in homes][1:], strict=True)
        known = [_seconds(command, homes[0])[0] for _ in range(RUNS)]
        say(
            NAME,
            f"a new image: median {median(new):.2f} s ({min(new):.2f} to {max(new):.2f}, {RUNS} runs), "
            f"{TARGET / median(new):.2f} times as fast as the target; CPU {median(cpu):.2f} s; a known image "
            f"{median(known):.2f} s",
        )
        met = verdict(NAME, median(new) <= TARGET, f"at most {TARGET:g} s")
        if not met:
            _list_imports(python, command, homes[0])
    return met


def light_environment(folder: Path) -> Path:
    """Make a virtual environment with the checkout's plain installation; return its interpreter."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        say(NAME, "installing into a new virtual environment (--python names one that exists)")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, str(CHECKOUT)], check=True)
    has_torch = subprocess.run([str(python), "-c", "import torch"], capture_output=True, check=False).returncode == 0
    if has_torch:
        sys.exit(f"The environment {folder} has torch; it is no plain installation.")
    return python


def _model(python: Path, folder: Path) -> list[str]:
    """Return the option that names a model, where the installation has none of its own."""
    listed = subprocess.run(
        [str(python), "-c", "from annotriage.model_file import ModelLibrary; print(len(ModelLibrary().list()))"],
        env=environment(folder / "start-home"),
        capture_output=True,
        text=True,
        check=True,
    )
    if int(listed.stdout):
        return []
    return ["--model", str(any_model(folder))]


def _seconds(command: list[str], home: Path) -> tuple[float, float]:
    """Run a command; return its wall and its CPU seconds."""
    from psutil import Process

    def children() -> float:
        times = Process().cpu_times()
        return times.children_user + times.children_system

    before, begun = children(), time.perf_counter()
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
    return seconds, children() - before


def _list_imports(python: Path, command: list[str], home: Path) -> None:
    """Print the imports that take longest, each with what it imports in turn."""
    done = subprocess.run(
        [str(python), "-X", "importtime", *command],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    found = [(int(cumulative), int(own), name) for own, cumulative, _, name in _IMPORT_LINE.findall(done.stderr)]
    say(NAME, f"imports: {sum(own for _, own, _ in found) / 1000:.0f} ms in all; with what they import in turn:")
    for cumulative, own, name in sorted(found, reverse=True)[:15]:
        say(NAME, f"  {cumulative / 1000:7.1f} ms ({own / 1000:6.1f} its own) {name}")
