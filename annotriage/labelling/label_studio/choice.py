"""What was chosen at the last send to a project, so that the next one goes by it where nothing else is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.order import Images, Overlap, SendOrder, Way
from annotriage.triage.exports.label_studio_set_up import Guide, SetUp, Shown


@dataclass(frozen=True, slots=True)
class SendChoice:
    """How many people draw, what annotators see and draw with, where the images come from."""

    overlap: Overlap = field(default_factory=Overlap)
    set_up: SetUp = field(default_factory=SetUp)
    images: Images = field(default_factory=Images)

    def saved(self) -> dict[str, Any]:
        """Return it as it is remembered."""
        overlap, set_up, images = self.overlap, self.set_up, self.images
        return {
            "people": [overlap.experts, overlap.routine, overlap.first, overlap.above],
            "sampled": overlap.sampled,
            "labels": list(set_up.labels),
            "polygon": set_up.polygon,
            "shown": sorted(set_up.shown),
            "guide": set_up.guide,
            "way": images.way.value,
            "root": None if images.root is None else str(images.root.absolute()),
            "served_as": images.served_as,
        }


def choice_of(order: SendOrder) -> SendChoice:
    """Return what was chosen for an order."""
    return SendChoice(order.overlap, order.set_up, order.images)


def choice_from(saved: object) -> SendChoice | None:
    """Return what was chosen at the last time; None: nothing that makes sense."""
    if not isinstance(saved, Mapping):
        return None
    try:
        experts, routine, first, above = saved["people"]
        sampled = float(saved.get("sampled") or 0)
        overlap = Overlap(int(experts), int(routine), int(first), None if above is None else float(above), sampled)
        guide = None if saved["guide"] is None else Guide(saved["guide"])
        labels, shown = tuple(map(str, saved["labels"])), frozenset(Shown(each) for each in saved["shown"])
        root = None if saved["root"] is None else Path(str(saved["root"]))
        images = Images(Way(saved["way"]), root, str(saved["served_as"]))
        return SendChoice(overlap, SetUp(labels, bool(saved["polygon"]), shown, guide), images)
    except (KeyError, TypeError, ValueError, AnnotriageError):
        return None
