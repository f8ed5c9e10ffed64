"""Reading a long export of Label Studio: 10,000 brush annotations; target: at most 600 MB, masks unpacked when asked.

What is measured: the time in which a child process reads a made-up export as JSON (5,000 tasks of two annotations each,
real masks enlarged to 1,024 pixels, their edges soft), its peak of resident memory (VmHWM), and the time that unpacking
a mask takes then. The export's size is printed, and the part of it that stays in memory.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.annotations.studio_exports import annotation, packed, region, rgba, task
from tests.benchmarks.common import CHECKOUT, SHARED_DATA, Options, environment, say, verdict, workplace

NAME = "annotations"
ANNOTATIONS = 10_000
DISTINCT = 20
SIDE = 1024
AT_MOST = 600.0

_CHILD = """
import json, sys, time
from pathlib import Path
from annotriage.annotations.reading import read_annotations

def memory(name):
    return next(int(line.split()[1]) / 1000 for line in open("/proc/self/status") if line.startswith(name))

begun = time.perf_counter()
found = read_annotations(Path(sys.argv[1])).annotations
read = time.perf_counter() - begun
peak, held = memory("VmHWM"), memory("VmRSS")
begun = time.perf_counter()
for each in found[:50]:
    each.regions[0].shape.marked(each.size)
unpacked = (time.perf_counter() - begun) / min(50, len(found))
print(json.dumps({"found": len(found), "read": read, "peak": peak, "held": held, "unpacked": unpacked}))
"""


def measure(options: Options) -> bool:
    """Print times and memory; return whether the target was met."""
    count = options.images or ANNOTATIONS
    with workplace(options) as folder:
        path = _export(folder / f"export-{count}.json", count)
        megabytes = path.stat().st_size / 1e6
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, str(path)],
            env=environment(folder / "annotations-home"), cwd=CHECKOUT, check=True, capture_output=True, text=True,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(child.stdout)
    say(
        NAME,
        f"{found['found']:,} annotations, {megabytes:.0f} MB of JSON, read in {found['read']:.1f} s, peak "
        f"{found['peak']:.0f} MB, held {found['held']:.0f} MB; a mask unpacked in {1000 * found['unpacked']:.1f} ms",
    )
    return verdict(NAME, found["peak"] <= AT_MOST and found["found"] == count, f"at most {AT_MOST:g} MB")


def _export(path: Path, count: int) -> Path:
    if path.exists():
        return path
    from PIL import Image

    sources = sorted((SHARED_DATA / "isic" / "masks").iterdir())
    masks = []
    for source in sources[:: max(1, len(sources) // DISTINCT)][:DISTINCT]:
        soft = Image.open(source).convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        masks.append(json.dumps(packed(rgba(np.asarray(soft)))))
    begun = path.with_suffix(".part")
    with begun.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(count // 2):
            drawn = [annotation(_brush(f"MASK{(number + who) % DISTINCT}"), by=who) for who in (2, 3)]
            text = json.dumps(task(*drawn, id=number, image=f"/data/local-files/?d=lesions/im_{number}.jpg"))
            for at in range(len(masks) - 1, -1, -1):
                text = text.replace(f'"MASK{at}"', masks[at])
            file.write(("," if number else "") + text)
        file.write("]")
    return begun.rename(path)


def _brush(mask: str) -> dict[str, Any]:
    return region("brushlabels", {"format": "rle", "rle": mask}, original_width=SIDE, original_height=SIDE)
