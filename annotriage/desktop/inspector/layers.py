"""What can be drawn over one image, prepared off the GUI thread.

Maps become small tinted images, lines become paths in fractions of the image, so that they are sharp at any zoom.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainterPath, QPolygonF

from annotriage.image_maps import INNER, OUTER, STANDARD_MAPS, MapSpec
from annotriage.scoring.colormaps import Colormap, ends
from annotriage.scoring.overlays import (
    band_lines,
    end_colours,
    sequential_colour,
    smooth_between_lines,
    strengths,
    tint,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.annotator_masks import AnnotatorLines, Drawing

MapsOf: TypeAlias = "Callable[[ImageFile], Prediction | None]"
DrawingOf: TypeAlias = "Callable[[ImageFile], Drawing]"

_TINT_SIDE = 640
_BAND_SIDE = 512
"""Longer sides of the enlarged maps; what is finer than this the maps do not know."""
_COVER = 0.8
"""Opacity of the map of where people differ."""
_PASSES = 4
_UNSEEN = 0.0003
"""Distance, in fractions of the image, by which a pass may move a line: a third of a pixel of a large view."""
# Okabe and Ito's colours, without those that look like skin or like the band's own lines; with the four dashes no two
# of the first twenty annotators look the same.
_COLOURS = ((230, 159, 0), (86, 180, 233), (204, 121, 167), (0, 200, 140), (245, 245, 245))
_DASHES: tuple[tuple[float, ...], ...] = ((), (10, 5), (3, 4), (12, 4, 3, 4))


@dataclass(frozen=True, slots=True)
class Band:
    """A map's lines, as the border band, in fractions of the image: the outer and the inner ones, what lies between."""

    outer: QPainterPath
    inner: QPainterPath
    between: QPainterPath


@dataclass(frozen=True, slots=True)
class Outline:
    """One annotator's lines, in fractions of the image, and how they are told apart; dashes in pixels."""

    annotator: str
    path: QPainterPath
    colour: QColor
    dashes: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """All that can be drawn over an image.

    Attributes
    ----------
    scored : bool
        Whether there is a prediction.
    tints : dict of str to dict of Colormap to QImage
        The maps that colour the image, by name; those that were not given are left out.
    bands : dict of str to Band
        The maps whose lines are drawn, by name.
    outlines : tuple of Outline
        Of the annotators.
    differing : QImage or None
        Where people differ, tinted; None: fewer than two people drew it.
    people : int
        How many it compares.
    further : dict of str to float
        The model's further targets.
    problem : str or None
        Why the maps could not be read.
    """

    scored: bool = False
    tints: dict[str, dict[Colormap, QImage]] = field(default_factory=dict)
    bands: dict[str, Band] = field(default_factory=dict)
    outlines: tuple[Outline, ...] = ()
    differing: QImage | None = None
    people: int = 0
    further: dict[str, float] = field(default_factory=dict)
    problem: str | None = None

    @property
    def bytes(self) -> int:
        """Memory that the tints hold; paths are small."""
        images = {id(image): image for tint in self.tints.values() for image in tint.values()}
        differing = 0 if self.differing is None else self.differing.sizeInBytes()
        return differing + sum(image.sizeInBytes() for image in images.values())

    def has(self, name: str) -> bool:
        """Say whether a map can be drawn."""
        return name in self.tints or name in self.bands


def build_layers(
    prediction: "Prediction | None",
    lines: "Sequence[AnnotatorLines]" = (),
    problem: str | None = None,
    maps: Sequence[MapSpec] = STANDARD_MAPS,
    *,
    differing: "NDArray[np.float32] | None" = None,
    people: int = 0,
) -> Layers:
    """Prepare what can be drawn over an image: of a prediction these maps, annotators' lines, where people differ."""
    outlines = tuple(_outline(place, annotator, drawn) for place, (annotator, drawn) in enumerate(lines))
    drawn = Layers(
        outlines=outlines,
        differing=None if differing is None else tinted_shares(differing),
        people=people,
        problem=problem,
    )
    if prediction is None or prediction.predicted_dice is None:
        return drawn
    given = [(spec, values) for spec in maps if (values := prediction.maps.get(spec.name)) is not None]
    return replace(
        drawn,
        scored=True,
        tints={spec.name: _tints(values, spec) for spec, values in given if not spec.lines},
        bands={spec.name: _band(values, spec) for spec, values in given if spec.lines},
        further=dict(prediction.further),
    )


def _tints(values: "NDArray[np.float32]", spec: MapSpec) -> dict[Colormap, QImage]:
    if spec.colours:
        return dict.fromkeys(Colormap, _tint_image(values, spec, Colormap.RED_BLUE))
    return {colormap: _tint_image(values, spec, colormap) for colormap in Colormap}


def _tint_image(map_: "NDArray[np.float32]", spec: MapSpec, colormap: Colormap) -> QImage:
    """Colour a map; transparent where a place contributes nothing."""
    values = strengths(map_, _enlarged(map_.shape, _TINT_SIDE), spec)
    height, width = values.shape
    cover = tint(values)
    lower, upper = end_colours(spec, ends(colormap))
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    for place, channel in enumerate((2, 1, 0)):  # in memory a pixel of Qt's 32-bit formats is blue, green, red, alpha
        colour = np.where(values < 0, np.float32(lower[channel]), np.float32(upper[channel]))
        pixels[..., place] = np.rint(colour * cover)
    pixels[..., 3] = np.rint(cover * np.float32(255))
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # with memory of its own


def tinted_shares(values: "NDArray[np.float32]") -> QImage:
    """Colour a map of 0..1 from dark blue to yellow by its largest value; transparent where all agree."""
    largest = max(float(values.max()), 1e-6)
    steps = np.rint(values / largest * 255).astype(np.uint8)
    colours = np.empty((256, 4), dtype=np.uint8)
    for step in range(256):
        cover = _COVER if step else 0.0
        red, green, blue = sequential_colour(step / 255)
        # In memory a pixel of Qt's 32-bit formats is blue, green, red, alpha.
        colours[step] = np.rint(np.array([blue, green, red, 255]) * cover)
    pixels = colours[steps]
    height, width = steps.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _band(values: "NDArray[np.float32]", spec: MapSpec) -> Band:
    from contourpy import FillType, contour_generator

    # One more pixel all around, so that lines that leave the image reach its edge.
    smooth = smooth_between_lines(values, _enlarged(values.shape, _BAND_SIDE), spec)
    probability, levels = np.pad(smooth, 1, mode="edge"), spec.lines or (OUTER, INNER)
    size = (probability.shape[0] - 2, probability.shape[1] - 2)
    outer, inner = band_lines(probability, levels)
    filled = contour_generator(z=probability, fill_type=FillType.OuterOffset).filled(*levels)
    areas, offsets_of_areas = cast("tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]]", filled)
    between = QPainterPath()
    for points, offsets in zip(areas, offsets_of_areas, strict=True):
        for start, stop in pairwise(offsets.tolist()):
            between.addPolygon(_polygon(simplified(_fractions(points[start:stop], size))))
    return Band(_path(outer, size), _path(inner, size), between)


def _outline(place: int, annotator: str, lines: "Sequence[NDArray[np.float64]]") -> Outline:
    path = QPainterPath()
    for line in lines:
        path.addPolygon(_polygon(simplified(line)))
    return Outline(annotator, path, QColor(*_COLOURS[place % len(_COLOURS)]), _DASHES[place % len(_DASHES)])


def _path(lines: "Sequence[NDArray[np.float64]]", size: tuple[int, int]) -> QPainterPath:
    path = QPainterPath()
    for line in lines:
        path.addPolygon(_polygon(simplified(_fractions(line, size))))
    return path


def _fractions(points: "NDArray[np.float64]", size: tuple[int, int]) -> "NDArray[np.float64]":
    """Turn places in a padded map of the size (h, w) into fractions of the image."""
    height, width = size
    return np.clip((points - 0.5) / (width, height), 0, 1)  # half a pixel to its middle, one to the padding


def simplified(line: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Leave out points of an (n, 2) line that hardly matter, since each costs time whenever the line is painted.

    Every second point goes that lies next to the chord between its neighbours, a few times over.
    """
    for _ in range(_PASSES):
        if len(line) < 8:
            break
        before, between, after = line[:-2:2], line[1:-1:2], line[2::2]
        chord, offset = after - before, between - before
        along = np.clip((chord * offset).sum(axis=1) / np.maximum((chord**2).sum(axis=1), 1e-12), 0, 1)
        away = np.hypot(*(offset - along[:, None] * chord).T)
        kept = np.ones(len(line), dtype=bool)
        kept[1:-1:2] = away > _UNSEEN
        line = line[kept]
    return line


def _polygon(points: "NDArray[np.float64]") -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])


def _enlarged(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Return the size of a map (height, width) so enlarged that its longer side has about `side` pixels."""
    times = max(1.0, side / max(shape))
    return round(shape[0] * times), round(shape[1] * times)
