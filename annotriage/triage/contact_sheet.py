"""A ranking as one picture: small images, the most contentious first, with their numbers."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.scoring.overlay_sheet import _drawable, _font, _shortened
from annotriage.scoring.overlays import sequential_colour

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import ImageDraw

    from annotriage.triage.ranking import RankedImage

PICTURE = 168
"""Pixels of the square that an image is fitted into."""
MOST = 400
"""More images than this make a picture that few programs open quickly; the rest of the ranking is left out."""

_GAP = 14
_CAPTION = 58
_HEADER = 60
_SURROUND = (72, 72, 72)
_INK = (240, 240, 240)
_FAINT_INK = (186, 186, 186)
_TROUGH = (52, 52, 52)


def contact_sheet_png(
    rows: "Sequence[RankedImage]",
    folder: Path,
    *,
    title: str = "Ranked by predicted disagreement",
    notes: Mapping[str, str] | None = None,
    columns: int = 6,
) -> bytes:
    """Draw the images of a ranking, with rank, predicted disagreement and name below each.

    Images without a prediction, and those that can no longer be read, are left out.

    Parameters
    ----------
    rows : sequence of RankedImage
        In the order to show; at most the first `MOST` are drawn.
    folder : Path
        Where the images' names begin.
    title : str
        Headline.
    notes : mapping of str to str, optional
        Image name to a few words below it.
    columns : int
        Images side by side, 1 or more.

    Returns
    -------
    bytes
        A PNG file.
    """
    from PIL import Image, ImageDraw

    shown = [(row, rgb) for row in rows if row.rank is not None and (rgb := _read(folder / row.image)) is not None][
        :MOST
    ]
    columns = max(1, min(columns, len(shown)))
    lines = -(-len(shown) // columns)
    step, line_step = PICTURE + _GAP, PICTURE + _CAPTION + _GAP
    width = max(_GAP + columns * step, 420)
    sheet = Image.new("RGB", (width, _HEADER + max(lines, 1) * line_step), _SURROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, 28), _shortened(draw, _drawable(title), width - 2 * _GAP, _font(20)), _INK, _font(20), anchor="ls")
    said = "0: people will draw the same border. 1: they will not agree at all." if shown else "There is no prediction."
    draw.text((_GAP, 48), said, _FAINT_INK, _font(12), anchor="ls")
    for place, (row, rgb) in enumerate(shown):
        left, top = _GAP + place % columns * step, _HEADER + place // columns * line_step
        across, down = (PICTURE - rgb.shape[1]) // 2, (PICTURE - rgb.shape[0]) // 2
        sheet.paste(Image.fromarray(rgb), (left + across, top + down))
        _caption(draw, left, top + PICTURE, row, (notes or {}).get(row.image, ""))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _read(path: Path) -> "NDArray[np.uint8] | None":
    """Read an image fitted into the square, its shape kept; None where it cannot be read."""
    from annotriage.images import UnreadableImageError, image_size, read_rgb

    try:
        height, width = image_size(path)
        scale = PICTURE / max(height, width)
        return read_rgb(path, (max(1, round(height * scale)), max(1, round(width * scale))))
    except UnreadableImageError:
        return None


def _caption(draw: "ImageDraw.ImageDraw", left: int, top: int, row: "RankedImage", note: str) -> None:
    disagreement = row.disagreement or 0.0
    draw.rectangle((left, top + 4, left + PICTURE - 1, top + 9), _TROUGH)
    filled = round(PICTURE * disagreement)
    if filled:
        draw.rectangle((left, top + 4, left + filled - 1, top + 9), sequential_colour(disagreement))
    draw.text((left, top + 26), f"{row.rank}.  {disagreement:.2f}", _INK, _font(15), anchor="ls")
    at = left + draw.textlength(f"{row.rank}.  {disagreement:.2f}", _font(15)) + 8
    name = _shortened(draw, _drawable(row.image), left + PICTURE - at, _font(12))
    draw.text((left + PICTURE, top + 26), name, _FAINT_INK, _font(12), anchor="rs")
    draw.text(
        (left, top + 43), _shortened(draw, _drawable(note), PICTURE, _font(12)), _FAINT_INK, _font(12), anchor="ls"
    )
