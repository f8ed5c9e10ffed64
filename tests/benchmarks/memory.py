"""Peak memory of `annotriage score` over 10,000 images; target: at most 600 MB, and flat.

What is measured: the resident memory (RSS) of a child process that runs the real command, with ``--heatmaps``, on a
folder of 10,000 images: links of different names to real 512 x 512 images. It is read from /proc every 20 ms; the peak
that the system itself noted (VmHWM) is what counts for the target. How far the child is, is read from the session store
while it scores and from the folder of overlays while it draws.

Flat means: the peak of the last 2,000 images is at most 20 MB above that of the first 2,000, for scoring and for
drawing. Some growth is meant: the names, sizes and numbers of all images are held (about 1 kB an image).
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.common import (
    CHECKOUT,
    Options,
    any_model,
    environment,
    real_images,
    say,
    verdict,
    workplace,
)

NAME = "memory"
IMAGES = 10_000
AT_MOST = 600.0
FLAT = 20.0
SAMPLE_SECONDS = 0.02
LOOK_SECONDS = 0.5

Sample = tuple[str, int, float]
"""Phase (start, scoring, drawing), images done in it, resident MB."""


def measure(options: Options) -> bool:
    """Print the peak, its part at the beginning and at the end, and the slope."""
    count = options.images or IMAGES
    with workplace(options) as folder:
        images = linked_images(folder / f"linked-{count}", count)
        model = any_model(folder)
        home, overlays = folder / "memory-home", folder / "memory-overlays"
        for old in (home, overlays):
            shutil.rmtree(old, ignore_errors=True)
        command = [
            *(sys.executable, "-m", "annotriage", "score", str(images)),
            *("--model", str(model), "--heatmaps", str(overlays), "--out", str(folder / "memory.csv")),
        ]
        begun = time.monotonic()
        with (folder / "memory.log").open("w") as log:
            child = subprocess.Popen(command, env=environment(home), cwd=CHECKOUT, stdout=log, stderr=subprocess.STDOUT)
            samples, peak = watch(child, home / "sessions.sqlite", overlays, count)
        minutes = (time.monotonic() - begun) / 60
        if child.returncode != 0:
            sys.exit(f"The command failed:\n{(folder / 'memory.log').read_text()[-2000:]}")
        ranked = len((folder / "memory.csv").read_text().splitlines()) - 1
    say(NAME, f"peak {peak:.0f} MB over {ranked:,} images, {model.name}, {minutes:.1f} minutes")
    growth = [_report(phase, samples, count) for phase in ("scoring", "drawing")]
    met = peak <= AT_MOST and all(grown <= FLAT for grown in growth) and ranked == count
    return verdict(NAME, met, f"at most {AT_MOST:g} MB, and at most {FLAT:g} MB more at the end than at the beginning")


def linked_images(folder: Path, count: int) -> Path:
    """Fill a folder with links of different names to a few hundred real images."""
    sources = real_images()[:300]
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        link = folder / f"lesion-{number:05d}.jpg"
        if not link.exists():
            link.symlink_to(sources[number % len(sources)])
    return folder


def watch(child: "subprocess.Popen[bytes]", store: Path, overlays: Path, count: int) -> tuple[list[Sample], float]:
    """Sample a child's memory until it ends; return the samples and the system's own peak, in MB."""
    import psutil

    samples: list[Sample] = []
    phase, done, peak, looked = "start", 0, 0.0, 0.0
    process = psutil.Process(child.pid)
    while child.poll() is None:
        if time.monotonic() - looked > LOOK_SECONDS:
            phase, done = _progress(store, overlays, count)
            looked = time.monotonic()
        with contextlib.suppress(psutil.Error, OSError):
            samples.append((phase, done, process.memory_info().rss / 1e6))
            peak = max(peak, _high_water(child.pid))
        time.sleep(SAMPLE_SECONDS)
    return samples, max(peak, *(sample[2] for sample in samples))


def _progress(store: Path, overlays: Path, count: int) -> tuple[str, int]:
    if overlays.is_dir():
        with os.scandir(overlays) as entries:
            return "drawing", sum(1 for _ in entries)
    try:
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=1)) as connection:
            done = connection.execute("SELECT count(*) FROM predictions").fetchone()[0]
    except sqlite3.Error:  # it is not there yet, or busy
        return "start", 0
    return ("start" if done in (0, count) else "scoring"), done


def _high_water(pid: int) -> float:
    """Return VmHWM in MB; 0 on systems that do not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(found[0].split()[1]) * 1024 / 1e6 if found else 0.0


def _report(phase: str, samples: list[Sample], count: int) -> float:
    """Print a phase's figures; return by how many MB the end's peak is above the beginning's."""
    part = min(2000, max(1, count // 5))
    done, held = (np.array(column) for column in zip(*((d, mb) for p, d, mb in samples if p == phase), strict=True))
    first, last = held[done < part], held[done >= count - part]
    if not len(first) or not len(last):
        say(NAME, f"{phase}: too few images to compare its beginning and end")
        return 0.0
    settled = done >= part / 2
    slope = np.polyfit(done[settled] / 1000, held[settled], 1)[0] if np.ptp(done[settled]) else 0.0
    say(
        NAME,
        f"{phase}: peak {first.max():.0f} MB in the first {part:,} images, {last.max():.0f} MB in the last {part:,}; "
        f"{slope:+.2f} MB per 1,000 images",
    )
    return float(last.max() - first.max())
