"""Predictions -> a ranking, the most contentious image first; the ranking as a table for people and programs."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from annotriage.scoring.prediction import Prediction

COLUMNS = ("rank", "image", "predicted_dice", "disagreement", "lower", "upper", "error")
ENDINGS = (".csv", ".json", ".xlsx")
DECIMALS = 4
"""Digits kept of what is between 0 and 1: far more than any prediction means."""

# What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms too.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_WIDTHS = {"rank": 8, "image": 44, "error": 60}


@dataclass(frozen=True, slots=True)
class RankedImage:
    """One line of the ranking.

    Attributes
    ----------
    rank : int or None
        1 is the most contentious; None for an image without prediction.
    image : str
        Its name, valid Unicode.
    predicted_dice, disagreement, lower, upper : float or None
        0..1, rounded; `lower` and `upper` are those of the Dice.
    further : dict of str to float
        The model's further targets.
    error : str or None
        Why there is no prediction.
    """

    rank: int | None
    image: str
    predicted_dice: float | None
    disagreement: float | None
    lower: float | None
    upper: float | None
    further: dict[str, float]
    error: str | None

    def cells(self, further: Sequence[str]) -> dict[str, str | float | None]:
        """Return the line as column -> value, the `further` columns last."""
        line: dict[str, str | float | None] = {column: getattr(self, column) for column in COLUMNS}
        return line | {name: self.further.get(name) for name in further}


def rank(predictions: "Iterable[tuple[str, Prediction]]") -> list[RankedImage]:
    """Rank images by predicted disagreement.

    Parameters
    ----------
    predictions : iterable of (str, Prediction)
        Names and predictions in natural order: images with equal disagreement keep it, and so do those without a
        prediction.

    Returns
    -------
    list of RankedImage
        The most contentious first, those without a prediction last.
    """
    lines = [_line(name, prediction) for name, prediction in predictions]
    scored = [line for line in lines if line.disagreement is not None]
    scored.sort(key=lambda line: -(line.disagreement or 0.0))
    ranked = [replace(line, rank=place) for place, line in enumerate(scored, start=1)]
    return ranked + [line for line in lines if line.disagreement is None]


def write_ranking(rows: Sequence[RankedImage], path: Path, *, further: Sequence[str] = ()) -> None:
    r"""Write a ranking as CSV, JSON or XLSX, by the ending of `path`; the file appears whole or not at all.

    In CSV and XLSX, texts that a spreadsheet would run as a formula get a leading apostrophe, and control characters
    are spelled (``\x0a``), so that an image stays one line.

    Parameters
    ----------
    rows : sequence of RankedImage
    path : Path
        An existing file is replaced.
    further : sequence of str
        The model's further targets, one more column each.

    Raises
    ------
    AnnotriageError
        The ending is none of these, or the file cannot be written.
    """
    lines = [row.cells(further) for row in rows]
    columns = [*COLUMNS, *further]
    match path.suffix.lower():
        case ".csv":
            data = _as_csv(lines, columns)
        case ".json":
            data = json.dumps(lines, indent=1, ensure_ascii=False).encode() + b"\n"
        case ".xlsx":
            data = _as_xlsx(lines, columns)
        case _:
            raise AnnotriageError(f"{path} does not end in {', '.join(ENDINGS)}; give it one of these endings.")
    write_whole(path, data)


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _line(name: str, prediction: "Prediction") -> RankedImage:
    dice = _rounded(prediction.predicted_dice)
    return RankedImage(
        rank=None,
        image=name,
        predicted_dice=dice,
        disagreement=None if dice is None else _rounded(1 - dice),
        lower=_rounded(prediction.lower),
        upper=_rounded(prediction.upper),
        # Six significant digits: a further target can be of any size.
        further={name: float(f"{value:.6g}") for name, value in prediction.further.items()},
        error=prediction.error,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def _as_csv(lines: list[dict[str, str | float | None]], columns: list[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([_csv_cell(line[column]) for column in columns])
    return text.getvalue().encode()


def _csv_cell(value: str | float | None) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.{DECIMALS}f}" if 0 <= value <= 1 else f"{value:.6g}"
        case int():
            return str(value)
        case _:
            return _text_cell(value)


def _as_xlsx(lines: list[dict[str, str | float | None]], columns: list[str]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Ranking")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(column, 15)

    def cell(value: str | float | None) -> "WriteOnlyCell":
        made = WriteOnlyCell(sheet, _text_cell(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # never a formula, whatever it begins with
        elif isinstance(value, float):
            made.number_format = f"0.{'0' * DECIMALS}"
        return made

    header = [cell(column) for column in columns]
    for made in header:
        made.font = Font(bold=True)
    sheet.append(header)
    for line in lines:
        sheet.append([cell(line[column]) for column in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text_cell(text: str) -> str:
    """Spell control characters, which workbooks cannot hold and which tear lines apart, and defuse the text."""
    spelled = "".join(
        f"\\x{ord(character):02x}" if character < " " or character == "\x7f" else character for character in text
    )
    return defused(spelled)
