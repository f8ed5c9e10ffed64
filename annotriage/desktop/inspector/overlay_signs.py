"""What can be drawn over images, and how it is found in the window: icons, keys, words."""

from dataclasses import dataclass

from annotriage.image_maps import HEATMAP, LESION, MapSpec

ANNOTATORS, DIFFERENCES, SIDE_BY_SIDE = "annotators", "differences", "side_by_side"
"""What can be switched on beside the maps: the annotators' own lines, where they differ, and the plain image beside."""


@dataclass(frozen=True, slots=True)
class MapSign:
    """How a map is found in the window: its icon, its key, and words by which the list of keys finds it."""

    icon: str = "heatmap"
    key: str = ""
    also_called: str = "map overlay"


_SIGNS = {
    HEATMAP: MapSign("heatmap", "H", "explain why map overlay"),
    LESION: MapSign("border-band", "B", "outline band overlay"),
}


def map_sign(spec: MapSpec) -> MapSign:
    """Return how a map is found; those that only some models give have no keys."""
    return _SIGNS.get(spec.name, MapSign())
