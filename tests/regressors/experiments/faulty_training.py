"""`annotriage train` on a computer that lets it down.

``python -m tests.regressors.experiments.faulty_training FAULT train ...``

A fault comes when the run tells of a certain event: ``segfault:epoch:2`` after its second epoch. Without a place of its
own, it comes with the first event of that kind.
"""

import ctypes
import os
import sys
from typing import Any

from annotriage.commands import train_report
from annotriage.program import main
from annotriage.regressors.backbones import registry as backbones
from annotriage.regressors.backbones.backbone import ConvolutionalBackbone

ROOM = 200_000


def memory() -> None:
    """Leave the process no more address space than it has."""
    import resource

    with open("/proc/self/status") as status:
        used = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmSize"))
    resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))


def full() -> None:
    """Let no file grow beyond a size, as a disk with that much room would."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))


FAULTS = {
    "memory": memory,
    "full": full,
    "segfault": lambda: ctypes.string_at(0),
}


def let_down(fault: str) -> None:
    """Bring the fault about when its event is told of."""
    name, kind, place = [*fault.split(":"), ""][:3]
    tell = train_report.events

    def events(event: dict[str, Any]) -> None:
        tell(event)
        if event["event"] == kind and place in ("", str(event.get("epoch", event.get("stage")))):
            FAULTS[name]()

    train_report.events = events


if __name__ == "__main__":
    # The smallest of torchvision's networks: its checkpoints are 4 MB instead of 130.
    backbones.BACKBONES["tiny"] = ConvolutionalBackbone(
        "shufflenet_v2_x0_5", stages=("conv1", "maxpool", "stage2", "stage3", "conv5")
    )
    os.nice = lambda _: 0  # tests run beside others, and wait
    if sys.argv[1] != "none":
        let_down(sys.argv[1])
    del sys.argv[1]
    main()
