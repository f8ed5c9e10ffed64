"""The maps that lie over an image: what each shows, in which range, words and colours.

A model's card lists those that its file computes. Everything else goes by that list: what is scored and kept, what can
be switched on beside an image and how it is explained, what reports and pictures show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

HEATMAP, LESION = "heatmap", "lesion"
"""The names of the standard maps: what each place contributes to the prediction, and how likely it is lesion."""

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0..255."""


@dataclass(frozen=True, slots=True)
class MapSpec:
    """A map that covers an image: numbers by place, and how they are shown.

    A map whose range reaches below 0 has two colours, and 0 leaves the image as it is; another one has one colour, for
    the upper end of its range. With `lines` the image is not coloured: two lines are drawn, and lightly what lies
    between.

    Attributes
    ----------
    name : str
        Of the model's output, and of the map wherever it is kept.
    title : str
        What it is called in menus.
    words : tuple of str
        What each colour means, the one of the lower end first. Where the reader chooses the colours, a colour's name
        stands before: "pulls the prediction towards disagreement". Of `lines`: one, of what lies between.
    range : (float, float) or None
        Between these its values lie; None: around 0, and as far as each image's reach.
    colours : tuple of Colour
        One of each of the `words`, of the lower end first; empty: two that the reader chooses. Of `lines`: of the outer
        and the inner one.
    lines : (float, float) or None
        Values at which lines are drawn, the outer one's first.
    short : str
        What it is called on a switch; empty: as in menus.
    caption : str
        What stands above a picture of it; empty: the title.
    shows : str
        What it shows, as it goes on after "Show"; empty: the title.
    ends : tuple of str
        The `words` where there is little room; empty: the words.
    explained : str
        A sentence for those who see the picture in a report; empty: the words.
    missing : str
        A clause for an image that has none.
    sentence : str
        What the model's maker says of it.
    """

    name: str
    title: str
    words: tuple[str, ...]
    range: tuple[float, float] | None = None
    colours: tuple[Colour, ...] = ()
    lines: tuple[float, float] | None = None
    short: str = ""
    caption: str = ""
    shows: str = ""
    ends: tuple[str, ...] = ()
    explained: str = ""
    missing: str = "the model gives none for this image"
    sentence: str = ""

    # Read by pydantic, where a card is checked.
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn.

        Raises
        ------
        ValueError
            With a clause that says why.
        """
        if not self.title:
            raise ValueError("a map needs a title")
        low, high = self.range or (-1.0, 1.0)
        if not low < high or high <= 0:
            raise ValueError("a map's range rises, and ends above 0")
        if self.lines is not None and not low < self.lines[0] < self.lines[1] < high:
            raise ValueError("a map's lines rise, and lie within its range")
        words = 2 if self.is_signed and self.lines is None else 1
        if len(self.words) != words or len(self.ends or self.words) != words:
            raise ValueError(f"a map of this range has {words} words, one for each colour")
        colours = 1 if words == 1 and self.lines is None else 2
        if len(self.colours) != colours and (self.colours or colours == 1 or self.lines is not None):
            raise ValueError(f"a map of this range has {colours} colours")
        if any(not 0 <= channel <= 255 for colour in self.colours for channel in colour):
            raise ValueError("a colour is red, green and blue, each 0 to 255")

    @property
    def is_signed(self) -> bool:
        """Whether its values lie on both sides of 0."""
        return self.range is None or self.range[0] < 0

    @property
    def on_switches(self) -> str:
        """What it is called where there is little room."""
        return self.short or self.title

    @property
    def above_pictures(self) -> str:
        """What stands above a picture of it."""
        return self.caption or self.title

    @property
    def in_reports(self) -> str:
        """What a picture of it means, as a sentence."""
        return self.explained or f"{'; '.join(self.words)}."

    def texts(self) -> Iterable[str]:
        """Return all that people get to read."""
        yield from (self.title, *self.words, self.short, self.caption, self.shows, *self.ends)
        yield from (self.explained, self.missing, self.sentence)


TOWARDS_AGREEMENT: Colour = (33, 102, 172)
TOWARDS_DISAGREEMENT: Colour = (190, 24, 43)
"""The ends of a blue-to-red map, which people with any common colour vision can tell apart."""
OUTER, INNER = 0.1, 0.9
"""Probabilities to be lesion at the two lines of the border band."""

STANDARD_MAPS = (
    MapSpec(
        HEATMAP,
        "Heatmap",
        ("pulls the prediction towards disagreement", "pulls the prediction towards agreement"),
        caption="What pulls the prediction",
        shows="what pulls the prediction towards agreement or disagreement",
        ends=("towards disagreement", "towards agreement"),
        explained="red places pull the prediction towards disagreement, blue ones towards agreement; grey places do "
        "neither.",
    ),
    MapSpec(
        LESION,
        "Border uncertainty",
        ("between the lines people may draw the border differently (predicted 10 % and 90 % likely lesion)",),
        range=(0.0, 1.0),
        colours=((0, 224, 255), (255, 233, 60)),
        lines=(OUTER, INNER),
        short="Border",
        shows="where people may draw the border differently",
        explained="the lines are where the model gives a place 10 % (cyan) and 90 % (yellow) to be lesion; the wider "
        "the band between them, the more differently people may draw the border.",
        missing="this model does not say where the lesion is",
    ),
)
"""What cards mean that list no maps; also what is offered before any model is known."""


def offered_maps(listed: Iterable[MapSpec] = ()) -> tuple[MapSpec, ...]:
    """Return the maps that can be shown: the standard ones, as a card describes them, and its others."""
    by_name: Mapping[str, MapSpec] = {spec.name: spec for spec in (*STANDARD_MAPS, *listed)}
    return tuple(by_name.values())
