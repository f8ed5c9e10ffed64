"""What the server counts of its own work, in the text format of Prometheus (version 0.0.4)."""

import threading
import time
from collections import Counter
from collections.abc import Callable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_HELP = {
    "requests_total": ("counter", "Requests that were answered, by place and status."),
    "request_seconds_total": ("counter", "Seconds that answering took, by place."),
    "images_scored_total": ("counter", "Images that the model was computed for."),
    "images_known_total": ("counter", "Images that were answered from what was kept."),
    "images_failed_total": ("counter", "Images without a prediction: unreadable, a mask, out of reach."),
    "images_put_off_total": ("counter", "Images of Label Studio's tasks that were not done within the time."),
    "scoring_seconds_total": ("counter", "Seconds of all threads that reading and computing took."),
    "refused_total": ("counter", "Requests that were turned away, by reason."),
    "webhook_events_total": ("counter", "Events that Label Studio told of, by kind."),
    "images_waiting": ("gauge", "Images that wait for the model now."),
    "start_time_seconds": ("gauge", "When the server started, seconds since 1970."),
    "model_info": ("gauge", "1; the labels name the model."),
}


class Metrics:
    """Counters and gauges; any thread may count.

    Parameters
    ----------
    model : str
        The model's name and version, for a label.
    """

    def __init__(self, model: str = "") -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._gauges: dict[str, Callable[[], float]] = {}
        self.add("start_time_seconds", time.time())
        self.add("model_info", 1, model=model)
        for name, (kind, _) in _HELP.items():  # those without labels are there from the start, as Prometheus wants it
            if kind == "counter" and name.startswith(("images_", "scoring_")):
                self.add(name, 0)

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Count something; the name is one of those that are explained above."""
        if name not in _HELP:
            raise ValueError(f"nothing is counted under {name}")
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount  # type: ignore[assignment]

    def watch(self, name: str, value: Callable[[], float]) -> None:
        """Let a gauge be asked for when somebody looks."""
        self._gauges[name] = value

    def value(self, name: str, **labels: str) -> float:
        """Return a count; 0: it was never counted."""
        return float(self._counts[name, tuple(sorted(labels.items()))])

    def text(self) -> str:
        """Return all of it as Prometheus reads it."""
        with self._lock:
            counts = dict(self._counts)
        counts |= {(name, ()): value() for name, value in self._gauges.items()}  # type: ignore[misc]
        lines = []
        for name, (kind, help_text) in _HELP.items():
            values = [(labels, value) for (of, labels), value in sorted(counts.items()) if of == name]
            if values:
                lines += [f"# HELP annotriage_{name} {help_text}", f"# TYPE annotriage_{name} {kind}"]
                lines += [f"annotriage_{name}{_labels(labels)} {float(value)!r}" for labels, value in values]
        return "\n".join(lines) + "\n"


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
