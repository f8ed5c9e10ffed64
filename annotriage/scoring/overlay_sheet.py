"""One picture an image: the image beside all that the model lays over it, with legends."""

import io
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.image_maps import HEATMAP, LESION, STANDARD_MAPS
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.scoring.overlays import CASING, end_colours, map_overlay, sequential_colour, tint
from annotriage.scoring.team_words import beside
from annotriage.wording import dice_text, disagreement_text, share_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import ImageDraw
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from annotriage.image_maps import MapSpec
    from annotriage.scoring.prediction import Prediction

LAYOUT = 2
"""Rises whenever the picture changes, so that older ones are drawn again."""
PANEL = 400
"""Pixels of a panel's longer side."""

_NARROWEST = 304
"""Pixels that the legends and titles need, however narrow the image is."""
_GAP = 16
_SURROUND = (72, 72, 72)
_INK = (240, 240, 240)
_FAINT_INK = (186, 186, 186)
_HEADER, _TITLE, _LEGEND = 72, 28, 64
_GAUGE = 240
_COMPRESSION = 2
"""zlib level: from here on files hardly become smaller, only slower."""


@dataclass(frozen=True)
class _Panel:
    title: str
    picture: "Image"
    spec: "MapSpec | None" = None
    notes: list[str] = field(default_factory=list)


def overlay_png(
    image: Path,
    prediction: "Prediction",
    *,
    name: str | None = None,
    level: float = INTERVAL_LEVEL,
    stamp: str = "",
    maps: "Sequence[MapSpec]" = STANDARD_MAPS,
    whom: str = "",
    heatmap_note: str = "",
) -> bytes:
    """Draw the picture of one image and its prediction.

    Parameters
    ----------
    image : Path
        The image file.
    prediction : Prediction
        With a heatmap. Each of its maps is a panel beside the plain image.
    name : str or None
        What to call the image; None: its file name.
    level : float
        Level of the interval, 0..1.
    stamp : str
        ASCII, kept in the file near its beginning (PNG text "annotriage"), see `read_stamp`.
    maps : sequence of MapSpec
        The model's.
    whom : str
        For whom the prediction holds, beside its numbers.
    heatmap_note : str
        A few words below the heatmap.

    Returns
    -------
    bytes
        A PNG file.

    Raises
    ------
    annotriage.images.UnreadableImageError
        The file cannot be read as an image.
    ValueError
        The prediction has no heatmap.
    """
    from PIL import Image as Images
    from PIL.PngImagePlugin import PngInfo

    from annotriage.images import image_size, read_rgb

    if prediction.heatmap is None or prediction.predicted_dice is None:
        raise ValueError("an overlay needs a prediction with its heatmap")
    rgb = read_rgb(image, _fitted(image_size(image)))
    panels = [_Panel("Image", Images.fromarray(rgb))]
    for spec in maps:
        values = prediction.maps.get(spec.name)
        if values is not None:
            drawn = Images.fromarray(map_overlay(rgb, values, spec))
            notes = _line_notes(float(values.max()), spec) if spec.lines else []
            notes += [heatmap_note] if spec.name == HEATMAP and heatmap_note else []
            panels.append(_Panel(spec.above_pictures, drawn, spec, notes))
    sheet = _sheet(panels, name or image.name, prediction, level, whom)
    information = PngInfo()
    information.add_text("annotriage", stamp)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=_COMPRESSION, pnginfo=information)
    return buffer.getvalue()


def read_stamp(path: Path) -> str | None:
    """Read the stamp of a picture that `overlay_png` drew; None: there is no such file, or it is another's."""
    try:
        with path.open("rb") as file:
            start = file.read(256)
    except OSError:
        return None
    key = b"tEXtannotriage\0"
    at = start.find(key)
    if not start.startswith(b"\x89PNG\r\n\x1a\n") or at < 4:
        return None
    text = at + len(key)
    end = at + 4 + int.from_bytes(start[at - 4 : at], "big")
    return start[text:end].decode("latin-1")


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Fit (height, width) into a panel, keeping its shape."""
    scale = PANEL / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _line_notes(highest: float, spec: "MapSpec") -> list[str]:
    """Say below a picture what lies between its lines."""
    if spec.name != LESION:
        return [spec.words[0]]
    outer, inner = spec.lines or (0.0, 0.0)
    if highest < outer:
        return ["The model finds no lesion in this image."]
    if highest < inner:
        return ["The model is nowhere sure that it sees lesion."]
    return ["In between, people may draw the border differently."]


def _sheet(panels: list[_Panel], name: str, prediction: "Prediction", level: float, whom: str) -> "Image":
    from PIL import Image as Images
    from PIL import ImageDraw

    picture_width, picture_height = panels[0].picture.size
    step = max(picture_width, _NARROWEST)
    width = _GAP + len(panels) * (step + _GAP)
    height = _HEADER + _TITLE + picture_height + _LEGEND
    sheet = Images.new("RGB", (width, height), _SURROUND)
    draw = ImageDraw.Draw(sheet)
    _draw_header(draw, width, name, prediction, level, whom)
    for number, panel in enumerate(panels):
        left = _GAP + number * (step + _GAP)
        draw.text((left, _HEADER + _TITLE - 9), panel.title, _INK, _font(14), anchor="ls")
        sheet.paste(panel.picture, (left + (step - picture_width) // 2, _HEADER + _TITLE))
        below = _HEADER + _TITLE + picture_height + 10
        if panel.spec is not None:
            (_draw_lines_legend if panel.spec.lines else _draw_colours_legend)(sheet, left, below, step, panel.spec)
        for line, note in enumerate(panel.notes):
            at = below + (34 if panel.spec is not None and panel.spec.lines else 46) + 16 * line
            draw.text(
                (left, at), _shortened(draw, _drawable(note), step, _font(12)), _FAINT_INK, _font(12), anchor="ls"
            )
    return sheet


def _draw_header(
    draw: "ImageDraw.ImageDraw", width: int, name: str, prediction: "Prediction", level: float, whom: str
) -> None:
    number = disagreement_text(prediction.disagreement or 0.0)
    draw.text((_GAP, 38), "Predicted disagreement", _INK, _font(20), anchor="ls")
    at = _GAP + draw.textlength("Predicted disagreement", _font(20)) + 10
    draw.text((at, 38), number, _INK, _font(28), anchor="ls")
    dice = f"Predicted Dice {dice_text(prediction.predicted_dice or 0.0)}"
    if prediction.lower is not None and prediction.upper is not None:
        dice += f", {share_text(level)} interval {prediction.lower:.2f} to {prediction.upper:.2f}"
    dice = _shortened(draw, _drawable(beside(dice, whom)), width - 3 * _GAP - _GAUGE - 30, _font(14))
    draw.text((_GAP, 62), dice, _FAINT_INK, _font(14), anchor="ls")
    left_of_name = at + draw.textlength(number, _font(28))
    shown = _shortened(draw, _drawable(name), width - _GAP - left_of_name - 2 * _GAP, _font(14))
    draw.text((width - _GAP, 30), shown, _INK, _font(14), anchor="rs")
    _draw_gauge(draw, width - _GAP - 12 - _GAUGE, 46, prediction)


def _draw_gauge(draw: "ImageDraw.ImageDraw", left: int, top: int, prediction: "Prediction") -> None:
    """Draw the disagreement as a bar on a scale of 0 to 1, and its interval as a thin line below the bar."""
    disagreement = prediction.disagreement or 0.0
    draw.rectangle((left, top, left + _GAUGE, top + 9), (52, 52, 52))
    if disagreement > 0:
        draw.rectangle((left, top, left + round(_GAUGE * disagreement), top + 9), sequential_colour(disagreement))
    if prediction.lower is not None and prediction.upper is not None:
        ends = [left + round(_GAUGE * (1 - edge)) for edge in (prediction.upper, prediction.lower)]
        draw.line([(ends[0], top + 14), (ends[1], top + 14)], _FAINT_INK, 2)
    for text, at, anchor in (("0", left - 6, "rs"), ("1", left + _GAUGE + 6, "ls")):
        draw.text((at, top + 10), text, _FAINT_INK, _font(12), anchor=anchor)


def _draw_colours_legend(sheet: "Image", left: int, top: int, width: int, spec: "MapSpec") -> None:
    from PIL import Image as Images
    from PIL import ImageDraw

    draw = ImageDraw.Draw(sheet)
    values = np.linspace(-1 if spec.is_signed else 0, 1, width, dtype=np.float32)[:, None]
    lower, upper = (np.array(end, dtype=np.float32) for end in end_colours(spec))
    grey = np.float32(150)  # as in the panel, where nothing is contributed
    row = grey + (np.where(values < 0, lower, upper) - grey) * tint(values)
    bar = np.broadcast_to(np.rint(row).astype(np.uint8), (10, width, 3))
    sheet.paste(Images.fromarray(np.ascontiguousarray(bar)), (left, top))
    words = spec.ends or spec.words
    most = width / len(words) - 4
    places = ((left, "ls"), (left + width, "rs")) if spec.is_signed else ((left + width, "rs"),)
    for (at, anchor), text in zip(places, words, strict=True):
        draw.text((at, top + 28), _shortened(draw, _drawable(text), most, _font(13)), _INK, _font(13), anchor=anchor)


def _draw_lines_legend(sheet: "Image", left: int, top: int, width: int, spec: "MapSpec") -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(sheet)
    for offset, colour, value in zip((0, width // 2), spec.colours, spec.lines or (), strict=True):
        at = left + offset
        text = f"{value * 100:.0f} % likely lesion" if spec.name == LESION else f"{value:g}"
        draw.line([(at, top + 8), (at + 26, top + 8)], CASING, 5)
        draw.line([(at + 1, top + 8), (at + 25, top + 8)], colour, 3)
        draw.text((at + 34, top + 13), text, _INK, _font(13), anchor="ls")


@cache
def _font(size: int) -> "FreeTypeFont | ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _drawable(text: str) -> str:
    """Spell a name with the letters that the built-in font has."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(
        character if " " <= character <= "~" else "?" for character in plain if not unicodedata.combining(character)
    )


def _shortened(draw: "ImageDraw.ImageDraw", text: str, width: float, font: "FreeTypeFont | ImageFont") -> str:
    """Leave out the middle of a name that is too long for `width` pixels."""
    if draw.textlength(text, font) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        short = f"{text[: kept // 2]}...{text[-(kept - kept // 2) :]}"
        if draw.textlength(short, font) <= width:
            return short
    return ""
