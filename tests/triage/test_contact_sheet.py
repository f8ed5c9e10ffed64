import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotriage.scoring import Prediction
from annotriage.triage.contact_sheet import PICTURE, contact_sheet_png
from annotriage.triage.ranking import rank


def sheet(folder: Path, dice: dict[str, float | None], **options) -> np.ndarray:
    predictions = [
        (
            name,
            Prediction(folder / name, predicted_dice=value, error=None if value is not None else "The file is empty."),
        )
        for name, value in dice.items()
    ]
    return np.asarray(Image.open(io.BytesIO(contact_sheet_png(rank(predictions), folder, **options))))


def colours(picture: np.ndarray) -> list[tuple[int, int]]:
    """Return where pure red, green and blue pictures begin: (row, column)."""
    found = []
    for channel in range(3):
        pure = (picture[..., channel] == 255) & (np.delete(picture, channel, 2).max(2) == 0)
        rows, columns = np.nonzero(pure)
        found.append((int(rows.min()), int(columns.min())))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255))):
        Image.new("RGB", (300, 300), colour).save(tmp_path / f"{name}.png")
    return tmp_path


def test_the_most_contentious_image_comes_first(folder: Path) -> None:
    picture = sheet(folder, {"red.png": 0.9, "green.png": 0.2, "blue.png": 0.5})
    red, green, blue = colours(picture)
    assert green[0] == blue[0] == red[0]
    assert green[1] < blue[1] < red[1]
    one_column = sheet(folder, {"red.png": 0.9, "green.png": 0.2, "blue.png": 0.5}, columns=1)
    red, green, blue = colours(one_column)
    assert green[0] < blue[0] < red[0]


def test_images_keep_their_shape(folder: Path) -> None:
    Image.new("RGB", (400, 100), (255, 0, 255)).save(folder / "wide.png")
    picture = sheet(folder, {"wide.png": 0.5})
    rows, columns = np.nonzero((picture[..., 0] == 255) & (picture[..., 1] == 0) & (picture[..., 2] == 255))
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (PICTURE, PICTURE // 4)


def test_what_cannot_be_shown_is_left_out(folder: Path) -> None:
    all_three = sheet(folder, {"red.png": 0.9, "green.png": 0.2, "blue.png": 0.5})
    more = sheet(folder, {"red.png": 0.9, "green.png": 0.2, "blue.png": 0.5, "bad.png": None, "gone.png": 0.1})
    assert more.shape == all_three.shape
    assert sheet(folder, {"bad.png": None}).shape[2] == 3


def test_notes_are_drawn_whatever_letters_they_have(folder: Path) -> None:
    plain = sheet(folder, {"red.png": 0.5})
    noted = sheet(folder, {"red.png": 0.5}, notes={"red.png": "größer, 病変 " * 20})
    assert plain.shape == noted.shape
    assert (plain != noted).any()
