"""A feedback sheet for one annotator: what the numbers say, and the most different outlines beside the others'."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.people.different_outlines import DifferentOutline, OutlineKind, OutlinePicture
from annotriage.comparison.documents import people_words as words
from annotriage.comparison.explained.document import Block, Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.plot import Part, Picture, Plot, Segments, Text
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.people.results import Team
from annotriage.comparison.wording import p_cell
from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.wording import UNKNOWN, number_text

IN_A_ROW = 3
SIDE = 420
"""Pixels of the longer side of a picture on the sheet."""
_ROOM = 0.12
_GAP = 0.06
_LETTERS = 34
_OWN, _OTHERS = 1, 0
"""Series: vermilion and blue, which colour-blind people tell apart."""

TITLES = {
    OutlineKind.LARGER: "Larger than the others",
    OutlineKind.SMALLER: "Smaller than the others",
    OutlineKind.PLACE: "In another place",
    OutlineKind.RAGGED: "With a more ragged border",
    OutlineKind.MISSED: "A piece that the others drew is missing",
    OutlineKind.EXTRA: "A piece that no other drew",
}


def feedback_document(
    team: Team,
    person: str,
    pictures: Sequence[tuple[OutlinePicture, NDArray[np.uint8] | None]],
    names: Mapping[str, str],
) -> Document:
    """Lay out a feedback sheet.

    Parameters
    ----------
    team : Team
        In which the person is called `person`.
    person : str
    pictures : sequence of (OutlinePicture, (h, w, 3) array of uint8 or None)
        With the photograph of each at any size; None: it is not found.
    names : mapping of str to str
        What the others are called on the sheet.

    Raises
    ------
    AnnotriageError
        The person is not among those who are compared.
    """
    if person not in team.people:
        raise AnnotriageError(
            f"Nothing can be said of {person}, who shares {counted(team.too_few.get(person, 0), 'images')} with "
            f"others; {team.least} are needed. Let more of the same images be drawn, or ask for fewer (--min-images)."
        )
    blocks = (*_numbers(team, person), *_pictures(person, pictures, names))
    return Document(f"Outlines of {person} beside the others'", blocks)


def _numbers(team: Team, person: str) -> Iterator[Block]:
    yield Heading("What the numbers say")
    others = len(team.people) - 1
    said = f"Compared with {counted(others, 'others')} who drew the same images, each image having a level of its own."
    mine = [(each, effect) for each in team.quantities for effect in each.effects if effect.person == person]
    seen = [(each.quantity, effect) for each, effect in mine if effect.seen]
    if seen:
        told = "; ".join(words.does(quantity, effect) for quantity, effect in seen)
        said += f" {person} {told}. That is more than chance would bring."
    elif any(effect.told for _, effect in mine):
        said += f" No difference between {person} and the others is more than chance may bring."
    yield Paragraph(said)
    yield Paragraph(words.FAIRNESS)
    rows = []
    for each, effect in mine:
        known = effect.told
        rows.append(
            (
                each.quantity.title,
                number_text(effect.images),
                words.amount(each.quantity, effect.difference.value),
                words.interval(each.quantity, effect.difference),
                p_cell(effect.p_corrected) if known else UNKNOWN,
            )
        )
        if not known and not math.isnan(effect.plain.value):
            yield Paragraph(
                f"{each.quantity.title}: what is {person}'s and what is the tool's cannot be told apart.", caution=True
            )
    columns = ("", "images", "difference from the others", "95 % interval", "p (Holm)")
    caption = (
        "Size: area of the mask. Border: its length at the same area, more for a more ragged one. Agreement: Dice. p "
        "is corrected for all people and quantities of the team; above 0.05 a difference may be chance."
    )
    yield TableBlock("feedback-numbers", caption, columns, tuple(rows))


def _pictures(
    person: str, pictures: Sequence[tuple[OutlinePicture, NDArray[np.uint8] | None]], names: Mapping[str, str]
) -> Iterator[Block]:
    yield Heading("Outlines that differ most")
    if not pictures:
        yield Paragraph("No outline differs from the others' by so much that it would be worth a look.")
        return
    yield Paragraph(
        f"Vermilion, thick: {person}. Blue, thin: the others. They differ from what most of the others drew; each "
        "image stands where it differs most. They may be worth a look together: who is right, they do not say."
    )
    for kind in OutlineKind:
        some = [each for each in pictures if each[0].different.kind is kind]
        if some:
            yield FigureBlock(
                f"feedback-{kind}",
                TITLES[kind],
                " ".join(_sentence(picture, names) for picture, _ in some),
                partial(outlines_plot, some),
            )


def _sentence(picture: OutlinePicture, names: Mapping[str, str]) -> str:
    who = words.names_text(sorted(names.get(name, name) for name, _ in picture.others))
    return f"{picture.different.image}: {told(picture.different)}, beside {who}."


def told(different: DifferentOutline) -> str:
    """Say in what an outline differs, and by how much."""
    amount = different.amount
    match different.kind:
        case OutlineKind.LARGER:
            return f"{100 * math.expm1(amount):.0f} % larger"
        case OutlineKind.SMALLER:
            return f"{-100 * math.expm1(amount):.0f} % smaller"
        case OutlineKind.PLACE:
            return f"{amount:.1f} lesion radii away"
        case OutlineKind.RAGGED:
            return f"border {100 * math.expm1(amount):.0f} % longer"
        case OutlineKind.MISSED:
            return "nothing drawn" if amount >= 1 else f"{100 * amount:.0f} % of the lesion not drawn"
        case OutlineKind.EXTRA:
            return f"{100 * amount:.0f} % more, in a piece apart"


def outlines_plot(pictures: Sequence[tuple[OutlinePicture, NDArray[np.uint8] | None]]) -> Plot:
    """Draw outlines on their photographs, side by side, each with its image's name and its difference."""
    parts: list[Part] = []
    for place, (picture, photograph) in enumerate(pictures[:IN_A_ROW]):
        left = place * (1 + _GAP)
        parts += _one(picture, photograph, left)
        name = picture.different.image
        name = name if len(name) <= _LETTERS else f"…{name[1 - _LETTERS :]}"
        parts.append(Text(name, left, -0.03, (0.0, 0.0)))
        parts.append(Text(f"{told(picture.different)}, Dice {picture.different.dice:.2f}", left, -0.12, (0.0, 0.0)))
    wide = IN_A_ROW * (1 + _GAP) - _GAP
    return Plot(parts, x_range=(0.0, wide), y_range=(-0.22, 1.0), height=270, axes=False)


def _one(picture: OutlinePicture, photograph: NDArray[np.uint8] | None, left: float) -> Iterator[Part]:
    """Yield one image with its outlines, fitted into a square at `left`."""
    from PIL import Image

    masks = [picture.own, *(mask for _, mask in picture.others)]
    top, lower, first, last = _seen(np.logical_or.reduce(masks))
    height, width = masks[0].shape
    longer = max(lower - top, last - first)
    scale = 1 / longer
    size = (max(1, round((last - first) * SIDE * scale)), max(1, round((lower - top) * SIDE * scale)))
    if photograph is None:
        pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    else:
        rows, columns = photograph.shape[0] / height, photograph.shape[1] / width
        box = (first * columns, top * rows, last * columns, lower * rows)
        pixels = np.asarray(Image.fromarray(photograph).resize(size, Image.Resampling.BILINEAR, box=box))
    across, along = (last - first) * scale, (lower - top) * scale
    x, y = left + (1 - across) / 2, (1 - along) / 2
    yield Picture(pixels, x, y, across, along)
    for _, mask in picture.others:
        yield from _outline(mask, first, lower, scale, (x, y), 1.0, _OTHERS)
    yield from _outline(picture.own, first, lower, scale, (x, y), 2.0, _OWN)


def _seen(marked: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of what is shown: all that anybody marked, and some room."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    room = max(4, round(_ROOM * max(rows[-1] - rows[0], columns[-1] - columns[0])))
    return (
        max(0, int(rows[0]) - room), min(marked.shape[0], int(rows[-1]) + 1 + room),
        max(0, int(columns[0]) - room), min(marked.shape[1], int(columns[-1]) + 1 + room),
    )  # fmt: skip


def _outline(
    mask: NDArray[np.bool_], first: int, lower: int, scale: float, place: tuple[float, float], width: float, series: int
) -> Iterator[Segments]:
    from contourpy import LineType, contour_generator

    lines = contour_generator(z=np.pad(mask, 1).astype(np.float32), line_type=LineType.Separate).lines(0.5)
    for line in lines:
        points = np.asarray(line, np.float64) - 0.5  # less the pad, to a pixel's middle
        x = place[0] + (points[:, 0] - first) * scale
        y = place[1] + (lower - points[:, 1]) * scale
        yield Segments("", np.stack([x[:-1], x[1:]], 1), np.stack([y[:-1], y[1:]], 1), width, series)
