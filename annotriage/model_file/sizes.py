"""Whether what a graph computes has the same size for every image.

A model is tried out on made-up images; what it takes then holds for all others only if no size comes from pixels.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SIZES_AT = {"ConstantOfShape": (0,), "Expand": (1,), "Pad": (1,), "Resize": (2, 3), "Upsample": (1,)}
"""Operators that can make more of what they are given -> which of their inputs say how much."""
_ASKS_FOR_SIZE = frozenset({"Shape", "Size"})


class Step(NamedTuple):
    """One operator of a graph: what it is, and the names of what it takes in and gives out."""

    operator: str
    inputs: Sequence[str]
    outputs: Sequence[str]


def size_from_pixels(steps: Iterable[Step], inputs: Iterable[str]) -> str | None:
    """Return the operator whose result has a size that depends on what the inputs hold; None: there is none."""
    takers: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        for name in step.inputs:
            takers[name].append(step)
    waiting = deque(inputs)
    seen = set(waiting)
    while waiting:
        name = waiting.popleft()
        for step in takers[name]:
            if step.operator in _ASKS_FOR_SIZE:  # the size of an image is the card's
                continue
            if any(step.inputs[place] == name for place in SIZES_AT.get(step.operator, ()) if place < len(step.inputs)):
                return step.operator
            fresh = [output for output in step.outputs if output not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
    return None
