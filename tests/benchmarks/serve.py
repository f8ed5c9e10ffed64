"""`annotriage serve` on real images of 512 x 512; targets: 1,000 tasks in 100 s, and little lost beside plain scoring.

What is measured, with two threads that score and the clients in a process of their own:

- one client that sends an image after the other to `POST /predict`: latency;
- eight clients at once: images a second, beside those of `Scorer` on the same files;
- Label Studio's request: 1,000 tasks at once, each an image below the root; and the same again, when all is known.

Measured on two cores of an x86-64 Linux, Python 3.11, the bundled model, beside other work (a load of 6): one client
76 ms (median) and 96 ms (95th of 100); eight clients 24.8 images/s, 95 % of plain scoring in the same minutes; 1,000
tasks 33.6 s, and 0.46 s when known. With a load of 13: 96 ms, 15.9 images/s (103 %), 77 s and 1.9 s.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.benchmarks.common import SHARED_DATA, THREADS, Options, any_model, real_images, say, verdict, workplace

if TYPE_CHECKING:
    from annotriage.scoring.scorer import Scorer

NAME = "serve"
IMAGES = 1000
SENT = 200
CHUNK = 25
CLIENTS = 8
LONGEST = 100.0
LEAST_SHARE = 0.8
PASSWORD = "of the benchmark"


@contextmanager
def server(folder: Path, model: Path, root: Path) -> Iterator[str]:
    """Run a server, and give its address."""
    said = folder / "serve.log"
    environment = os.environ | {"ANNOTRIAGE_HOME": str(folder / "home"), "ANNOTRIAGE_SERVE_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "annotriage", "serve", "--port", "0", "--root", str(root), "--model", str(model)]
    with said.open("w") as output:
        process = subprocess.Popen([*command, "--jobs", str(THREADS)], stdout=output, stderr=output, env=environment)
        try:
            while (found := re.search(r"http://[^ ]*:\d+/", said.read_text())) is None:
                if process.poll() is not None:
                    sys.exit(said.read_text())
                time.sleep(0.05)
            yield found[0]
        finally:
            process.terminate()
            process.wait()


def send(address: str, paths: list[Path], clients: int) -> list[float]:
    """Send images, and return the seconds that each took."""
    import requests

    def one(part: list[Path]) -> list[float]:
        seconds = []
        with requests.Session() as session:
            session.auth = "annotriage", PASSWORD
            for path in part:
                begun = time.perf_counter()
                answer = session.post(
                    f"{address}predict", data=path.read_bytes(), headers={"Content-Type": "image/jpeg"}
                )
                answer.raise_for_status()
                seconds.append(time.perf_counter() - begun)
        return seconds

    with ThreadPoolExecutor(clients) as pool:
        return [each for part in pool.map(one, (paths[start::clients] for start in range(clients))) for each in part]


def ask(address: str, root: Path, paths: list[Path]) -> float:
    """Ask as Label Studio does, and return the seconds that it took."""
    import requests

    names = [path.relative_to(root).as_posix() for path in paths]
    tasks = [
        {"id": number, "data": {"image": f"/data/local-files/?d={quote(name)}"}} for number, name in enumerate(names)
    ]
    begun = time.perf_counter()
    answer = requests.post(f"{address}predict", json={"tasks": tasks}, auth=("annotriage", PASSWORD))
    seconds = time.perf_counter() - begun
    scored = sum(bool(each) for each in answer.json()["results"])
    if scored < len(tasks):
        say(NAME, f"{len(tasks) - scored} of {len(tasks)} tasks were put off")
    return seconds


def measure(options: Options) -> bool:
    """Print latency and images a second."""
    from annotriage.model_file import open_model_file
    from annotriage.scoring.scorer import Scorer

    root = SHARED_DATA
    tasks = sorted((root / "isic" / "images").glob("*.jpg"))[: options.images or IMAGES]
    sent = real_images()[: min(SENT, options.images or SENT)]
    with workplace(options) as folder:
        model = any_model(folder)
        scorer = Scorer(open_model_file(model), threads=THREADS)
        with server(folder, model, root) as address:
            list(scorer.score(sent[:8])), send(address, sent[:8], CLIENTS)
            alone = sorted(send(address, sent, 1))
            late = alone[int(0.95 * len(alone))]
            say(NAME, f"1 client: {1000 * median(alone):.0f} ms (median), {1000 * late:.0f} ms (95th of 100)")
            share = _in_turns(scorer, address, sent)
            first, again = ask(address, root, tasks), ask(address, root, tasks)
            say(NAME, f"{len(tasks)} tasks in one request: {first:.1f} s; known: {again:.2f} s")
    met = verdict(NAME, first <= LONGEST, f"{len(tasks)} tasks in {LONGEST:g} s")
    return verdict(NAME, share >= LEAST_SHARE, f"at least {LEAST_SHARE:.0%} of plain scoring") and met


def _in_turns(scorer: "Scorer", address: str, sent: list[Path]) -> float:
    """Score chunks by eight clients and plainly in turns, so that other work of the machine hits both."""
    shares, rates, waits = [], [], []
    for start in range(0, len(sent), CHUNK):
        chunk = sent[start : start + CHUNK]
        begun = time.perf_counter()
        waits += send(address, chunk, CLIENTS)
        middle = time.perf_counter()
        list(scorer.score(chunk))
        served, plain = middle - begun, time.perf_counter() - middle
        rates.append(len(chunk) / served)
        shares.append(plain / served)
    say(NAME, f"{CLIENTS} clients: {median(rates):.1f} images/s, {1000 * median(waits):.0f} ms (medians)")
    say(NAME, f"that is {median(shares):.0%} of plain scoring (median of {len(shares)} turns)")
    return median(shares)
