"""The process of one training run: its events, the orders given to it, and its outcome."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typing_extensions import override

from annotriage.own_program import program
from annotriage.regressors.data.data_paths import DataPaths
from annotriage.regressors.experiments.outcome import STOPPED_CODE, Outcome, exit_reason
from annotriage.runs.files import RunFiles
from annotriage.runs.states import Event, Order, State

STOP_SECONDS = 60
"""How long a run that is to stop may take over it: it looks between batches, and decoding or export look later."""


class EventProcess:
    """A process of this program that tells what it does, a line of JSON each.

    Parameters
    ----------
    command : list of str
    log : Path
        Gets what it writes to standard error.
    append : bool
        Add to the log, else write it anew.
    """

    def __init__(self, command: list[str], log: Path, *, append: bool = False) -> None:
        self._command, self._log, self._append = command, log, append
        self._process: subprocess.Popen[bytes] | None = None
        self._done = self._stopping = False
        self.failure: dict[str, Any] | None = None
        """The event of its failure; None: it told of none."""

    def start(self) -> None:
        """Start it.

        Raises
        ------
        OSError
            The log cannot be written, or the system starts no process.
        """
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab" if self._append else "wb") as errors:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, **_apart()
            )

    def events(self) -> Iterator[dict[str, Any]]:
        """Go through what it tells, until it has ended; a process that is not listened to any more is killed."""
        process = self._process
        assert process is not None and process.stdout is not None, "not started"
        try:
            for line in process.stdout:
                event = _event(line)
                kind = event.get("event")
                if kind is None:
                    continue
                self._done = self._done or kind == Event.DONE
                if kind == Event.FAILED:
                    self.failure = event
                yield event
            process.wait()
        finally:
            self.kill()
            process.wait()
            for pipe in (process.stdout, process.stdin):
                with contextlib.suppress(OSError):  # orders that nobody has read
                    if pipe is not None:
                        pipe.close()

    def kill(self) -> None:
        """End it at once."""
        process = self._process
        if process is not None and process.poll() is None:
            self._stopping = True
            with contextlib.suppress(OSError):
                process.kill()


class RunProcess(EventProcess):
    """A run of `annotriage train`. All but `events` may be called from any thread, and returns at once.

    Parameters
    ----------
    recipe : Path
        TOML file.
    data : DataPaths
    out : Path
        The run folder.
    resume : bool
        Go on with what is there.
    device : {"auto", "cpu", "cuda", "mps"}
    log : Path
        Gets what it writes to standard error; added to on a resume, else written anew.
    outlines : Path, optional
        The folder of a run whose mask stage it takes over.
    """

    def __init__(
        self,
        recipe: Path,
        data: DataPaths,
        out: Path,
        *,
        resume: bool,
        device: str = "auto",
        log: Path,
        outlines: Path | None = None,
    ) -> None:
        command = [*program(), "train", str(recipe), *data.arguments(), "--out", str(out)]
        if device != "auto":
            command += ["--device", device]
        if outlines is not None:
            command += ["--outlines", str(outlines)]
        command += ["--events", "--control"] + (["--resume"] if resume else [])
        super().__init__(command, log, append=resume)
        self._out = out
        self._lock = threading.Lock()

    @override
    def start(self) -> None:
        super().start()
        with self._lock:
            stopping = self._stopping
        if stopping:
            self.stop()

    def pause(self) -> None:
        """Let it rest before its next batch; it tells ``paused``."""
        self._order(Order.PAUSE)

    def go_on(self) -> None:
        """Go on after a pause; it tells ``going_on``."""
        self._order(Order.GO_ON)

    def finish(self) -> None:
        """End the fit under way and keep its best epoch; what follows goes on. It tells ``finishing``."""
        self._order(Order.FINISH)

    def stop(self) -> None:
        """End it so that it can be resumed; it is killed where it takes over a minute."""
        with self._lock:
            self._stopping = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        self._order(Order.STOP)
        timer = threading.Timer(STOP_SECONDS, self.kill)
        timer.daemon = True
        timer.start()

    def outcome(self) -> Outcome:
        """Say how it ended; after `events`."""
        process = self._process
        code = None if process is None else process.poll()
        if self._done:
            return Outcome(State.DONE, "", False)
        resumable = RunFiles(self._out).recipe.is_file()
        failure = self.failure or {}
        reason = str(failure.get("reason", ""))
        if self._stopping or code is None or code == STOPPED_CODE or reason == "stopped":
            return Outcome(State.STOPPED, f"The training was stopped. What was done is kept in {self._out}.", resumable)
        if reason:
            return Outcome(State.FAILED, reason, bool(failure.get("resume", resumable)) and resumable)
        return Outcome(State.FAILED, exit_reason(code, self._log), resumable)

    def _order(self, order: Order) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        with self._lock, contextlib.suppress(OSError, ValueError):  # it has ended
            process.stdin.write(order.encode() + b"\n")
            process.stdin.flush()


def _apart() -> dict[str, Any]:
    """Keep Ctrl-C from it, which is for us: we tell it to stop, and it can keep what it did."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
