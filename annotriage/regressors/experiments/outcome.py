"""The outcome of a run's process, and the reason of an exit without a word."""

import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from annotriage.runs.states import State

STOPPED_CODE = 130
_BY_LACK_OF_MEMORY = "ended by the system, most likely for lack of memory"
_BY_SIGNAL = {
    "SIGKILL": _BY_LACK_OF_MEMORY,
    "SIGBUS": "ended by the system: what it had mapped into memory could not be written or read, most likely because "
    "the disk is full or a drive has gone",
    "SIGSEGV": "ended by a fault in one of its libraries (segmentation fault)",
    "SIGILL": "ended by a fault in one of its libraries: this processor lacks an instruction that they use",
    "SIGABRT": "ended by one of its libraries (abort), which happens for lack of memory",
    "SIGFPE": "ended by a fault in one of its libraries",
    "SIGTERM": "ended from outside",
    "SIGHUP": "ended from outside",
    "SIGXCPU": "ended by the system: its time was up",
    "SIGXFSZ": "ended by the system: a file became larger than is allowed here",
}
_BY_WINDOWS_CODE = {
    0xC0000005: _BY_SIGNAL["SIGSEGV"],
    0xC0000006: _BY_SIGNAL["SIGBUS"],
    0xC0000017: _BY_LACK_OF_MEMORY,
    0xC000001D: _BY_SIGNAL["SIGILL"],
    0xC00000FD: _BY_SIGNAL["SIGSEGV"],
    0xC000012D: _BY_LACK_OF_MEMORY,
    0xC000013A: "ended from outside",
    0xC0000409: _BY_SIGNAL["SIGABRT"],
}
_WAY_OUT_OF_MEMORY = (
    " Close other programs and resume it; where that does not help, start a new run with a smaller batch size or image "
    "size."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run's process ended.

    Attributes
    ----------
    state : State
        Its results are there (``DONE``), somebody stopped it, or it failed: by itself, or ended without a word.
    sentence : str
        What happened and what to do; empty when it is done.
    can_resume : bool
        Whether the run can be taken up again.
    """

    state: State
    sentence: str
    can_resume: bool


def exit_reason(code: int, log: Path) -> str:
    """Say how a process died that did not say so itself.

    Parameters
    ----------
    code : int
        Its exit code; negative: the signal that ended it.
    log : Path
        What it had written to standard error.
    """
    how = _how(code)
    if how is None:
        last = _last_line(log)
        if code == 0:
            return f"The training ended without a result ({last})."
        return f"The training ended by an error: {last} (exit code {code})."
    return f"The training was {how}." + (_WAY_OUT_OF_MEMORY if "lack of memory" in how else " It can be resumed.")


def _how(code: int) -> str | None:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            return f"ended by the system (signal {-code})"
        return _BY_SIGNAL.get(name, f"ended by the system ({name})")
    if sys.platform == "win32":
        return _BY_WINDOWS_CODE.get(code & 0xFFFFFFFF)
    if code > 128:  # a shell or a container in between tells signals so
        return _how(128 - code)
    return None


def _last_line(log: Path) -> str:
    """Return the last thing a process said: its own sentence, or the end of a traceback, which names the error."""
    try:
        said = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        said = ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("annotriage: ").rstrip(".")[:500] if lines else "it said nothing"
