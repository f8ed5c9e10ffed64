"""Try a model out in a process of its own, with limits, before it is computed in this one.

What a graph costs cannot be seen in its file. So what nobody tried on this computer computes two made-up images
elsewhere first: there it can be ended, whatever it does, and its memory is not ours.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from annotriage.errors import AnnotriageError
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.own_program import environment, program
from annotriage.resources_folder import resources_folder
from annotriage.user_folder import user_folder

VERB = "try-model"
"""The hidden argument that makes the program one trial (`annotriage.program`)."""
COMPUTING_SECONDS = 30
"""Of a processor, for two images and what opens the file: a model that takes longer could not score a folder."""
LONGEST_SECONDS = 120
"""By the clock, on a computer that is busy with other things."""
MOST_MEMORY = 3 * 1024**3
"""Bytes beyond the file's own size times 4; the largest backbone at 1024 pixels takes less than one GB."""
_LOOK_UP = 0.02
_TOO_MUCH = 75
_NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate", "BFCAre", "bfc_arena")
_TRIED = "tried-models.txt"
_tried: set[str] = set()


def ensure_tried(path: Path, checksum: str) -> None:
    """Try a model out unless it ships with the program or was tried on this computer before.

    Raises
    ------
    ModelFileError
        It cannot be computed within the limits, or computes what cannot be.
    """
    if checksum in _tried or _ships(path):
        return
    # Read again each time: another process may have tried it.
    with contextlib.suppress(OSError, UnicodeDecodeError, AnnotriageError):
        if checksum in _notes().read_text(encoding="ascii").split():
            _tried.add(checksum)
            return
    try_apart(path, checksum)
    remember(checksum)


def remember(checksum: str) -> None:
    """Note that a model passed on this computer."""
    _tried.add(checksum)
    with contextlib.suppress(OSError, AnnotriageError):  # then it is tried again next time
        _notes().parent.mkdir(parents=True, exist_ok=True)
        with _notes().open("a", encoding="ascii") as notes:
            notes.write(f"{checksum}\n")


def try_apart(path: Path, checksum: str) -> None:
    """Try a model out in a process of its own.

    Raises
    ------
    ModelFileError
        It cannot be computed within the limits, or computes what cannot be.
    """
    try:
        process = subprocess.Popen(
            [*program(), VERB, os.fspath(path), checksum],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise ModelFileError(
            f"{shown(path)} could not be tried out because no process was started ({error.strerror}); close other "
            "programs and try again."
        ) from None
    with process:
        try:
            end = time.monotonic() + LONGEST_SECONDS
            while process.poll() is None and time.monotonic() < end:  # a wait that Ctrl-C ends on every system
                time.sleep(_LOOK_UP)
            ended = process.poll()
        finally:
            process.kill()
        assert process.stdout is not None
        said = process.stdout.read()
    problem = _problem(ended, said)
    if problem is not None:
        raise ModelFileError(problem if problem.startswith(shown(path)) else f"{shown(path)} {problem}")


def main(arguments: Sequence[str]) -> NoReturn:
    """Be the process of one trial: open the file again, compute, and say in one line of JSON what is wrong."""
    from annotriage.model_file.opening import open_model_file
    from annotriage.model_file.runtime import onnx_runtime
    from annotriage.model_file.sessions import PROVIDERS_VARIABLE, compute_made_up, make_session

    path, checksum = Path(arguments[0]), arguments[1]
    with contextlib.suppress(ValueError):  # Ctrl-C is for those who wait; they end us
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ[PROVIDERS_VARIABLE] = "cpu"
    problem = None
    try:
        model = open_model_file(path)
        if model.sha256 != checksum:
            raise ModelFileError("was changed while it was in use; start again.")
        onnx_runtime()
        limit(MOST_MEMORY + 4 * path.stat().st_size)
        compute_made_up(path, make_session(path, model.data(), model.card, 1), model.card)
    except ModelFileError as error:
        problem = str(error)
        if any(words in problem for words in _NO_MEMORY):
            problem = _too_large()
    except MemoryError:
        problem = _too_large()
    print(f"\n{json.dumps({'problem': problem})}", flush=True)
    os._exit(0)  # not by way of threads that wait for what does not come


def limit(memory: int) -> None:
    """End this process once it takes so many bytes more, computes for too long, or nobody waits for it any more."""
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + COMPUTING_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            most = pages * resource.getpagesize() + memory
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
    threading.Thread(target=_end_without_reader, daemon=True).start()
    threading.Thread(target=_end_when_large, args=(_memory() + memory,), daemon=True).start()


def _end_without_reader() -> None:
    with contextlib.suppress(OSError):
        os.read(0, 1)  # nothing is ever written to it: it is closed by those who wait, or by their end
        os._exit(1)


def _end_when_large(most: int) -> None:
    while _memory() <= most:
        time.sleep(_LOOK_UP)
    os._exit(_TOO_MUCH)


def _memory() -> int:
    """Return the most bytes of memory that this process ever held at once."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        class Counters(ctypes.Structure):
            _fields_ = (
                ("cb", wintypes.DWORD),
                ("faults", wintypes.DWORD),
                *((f"n{k}", ctypes.c_size_t) for k in range(8)),
            )

        counters = Counters(cb=ctypes.sizeof(Counters))
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        get = kernel.K32GetProcessMemoryInfo
        get.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
        get(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
        return int(counters.n0)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _problem(code: int | None, said: bytes) -> str | None:
    """Put the end of a trial into the rest of a sentence; None: all is well."""
    if code == 0:
        with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
            problem = json.loads(said.splitlines()[-1])["problem"]
            return None if problem is None else str(problem)
    if code is None or (sys.platform != "win32" and code == -signal.SIGXCPU):
        return f"takes longer than {COMPUTING_SECONDS} seconds of computing for two images, so it is not used."
    if code == _TOO_MUCH:
        return _too_large()
    return (
        f"could not be computed within {MOST_MEMORY // 1024**3} GB of memory: the process that tried it ended with "
        f"{code}, so it is not used."
    )


def _too_large() -> str:
    return f"needs more than {MOST_MEMORY // 1024**3} GB of memory for two images, so it is not used."


def _notes() -> Path:
    return user_folder() / _TRIED


def _ships(path: Path) -> bool:
    try:
        return path.resolve().parent == (resources_folder() / "models").resolve()
    except OSError:
        return False
