"""The colours in which contributions are shown, two maps with a clear middle."""

from enum import StrEnum

from annotriage.image_maps import TOWARDS_AGREEMENT, TOWARDS_DISAGREEMENT


class Colormap(StrEnum):
    """Both ends are told apart with any common colour vision; the values are what settings hold."""

    RED_BLUE = "red-blue"
    ORANGE_PURPLE = "orange-purple"


_ENDS = {
    Colormap.RED_BLUE: (TOWARDS_DISAGREEMENT, TOWARDS_AGREEMENT),
    # The ends of ColorBrewer's PuOr.
    Colormap.ORANGE_PURPLE: ((209, 99, 6), (84, 39, 136)),
}


_NAMES = {Colormap.RED_BLUE: ("red", "blue"), Colormap.ORANGE_PURPLE: ("orange", "purple")}


def colour_names(colormap: Colormap) -> tuple[str, str]:
    """Return what the colours of the lower and the upper end are called."""
    return _NAMES[colormap]


def ends(colormap: Colormap) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return the colours of what pulls towards disagreement, and towards agreement, in full."""
    return _ENDS[colormap]
