"""How many images of a folder are scored, decided and left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotriage.triage.next_step import NextStep


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of images: readable ones, those with a prediction, and those by decision.

    Further those whose file changed since they were decided, those about which the model knows nothing,
    and those unlike what it knows; and those that
    count nowhere else: decided ones that are no longer in the folder, and people's masks, which are left out. At last
    those that anybody drew, those of which a Dice is measured, and those of each next step.
    """

    total: int
    scored: int
    unreadable: int
    experts: int
    routine: int
    excluded: int
    changed: int = 0
    unsure: int = 0
    unlike: int = 0
    gone: int = 0
    masks: int = 0
    drawn: int = 0
    measured: int = 0
    steps: Mapping[NextStep, int] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """Images with a decision."""
        return self.experts + self.routine + self.excluded

    @property
    def undecided(self) -> int:
        """Images without a decision."""
        return self.total - self.decided

    @property
    def left(self) -> int:
        """Images still to be looked at: undecided, or decided about a file that was replaced since."""
        return self.undecided + self.changed

    @property
    def settled(self) -> int:
        """Images whose decision is about the file that there is."""
        return self.total - self.left
