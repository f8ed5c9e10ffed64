"""What a run, or a training of several, is doing, and the words in which its process is followed and told what to do.

One vocabulary: `State` is what a person sees and training.json holds, `Event` is what `annotriage train --events`
tells, `Order` is what it hears with ``--control``.
"""

from enum import StrEnum


class State(StrEnum):
    """What a run or a training is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"

    @property
    def at_work(self) -> bool:
        """Whether a process may be busy with it, or will be without anybody doing more."""
        return self in (State.QUEUED, State.RUNNING, State.PAUSED)

    @property
    def can_resume(self) -> bool:
        """Whether it is over, and not done."""
        return self in (State.STOPPED, State.FAILED)


class Order(StrEnum):
    """What a person may ask of a run under way; the values are lines on its standard input."""

    PAUSE = "pause"
    GO_ON = "go on"
    FINISH = "finish"  # end the fit under way and keep its best epoch; what follows goes on
    STOP = "stop"


class Event(StrEnum):
    """What a run tells of itself: ``event`` of each line of `annotriage train --events`."""

    START = "start"
    STAGE = "stage"
    STEP = "step"
    EPOCH = "epoch"
    HARDEST = "hardest"
    PAUSED = "paused"
    GOING_ON = "going_on"
    FINISHING = "finishing"
    ESTIMATE = "estimate"
    DONE = "done"
    FAILED = "failed"
