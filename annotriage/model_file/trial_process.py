"""The process of one trial of a model: it computes two made-up images within limits, and ends whatever happens."""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from annotriage.model_file.errors import ModelFileError
from annotriage.model_file.opening import open_model_file
from annotriage.model_file.runtime import onnx_runtime
from annotriage.model_file.sessions import PROVIDERS_VARIABLE, compute_made_up, make_session
from annotriage.model_file.trial import COMPUTING_SECONDS, LOOK_UP, MOST_MEMORY, TOO_MUCH, too_large

_NO_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate", "BFCAre", "bfc_arena")


def main(arguments: Sequence[str]) -> NoReturn:
    """Be the process of one trial: open the file again, compute, and say in one line of JSON what is wrong."""
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
            problem = too_large()
    except MemoryError:
        problem = too_large()
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
        time.sleep(LOOK_UP)
    os._exit(TOO_MUCH)


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
