"""A calibration to the user's own team as a small file in the library, beside the models, with a card of its own."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from annotriage.images.fingerprint import packed, unpacked
from annotriage.measures.calibration import FEWEST_IMAGES, LEAST_SLOPE, MOST_SHIFT, MOST_SLOPE, Calibration
from annotriage.measures.intervals import ConformalFactors
from annotriage.measures.ways import MIXED
from annotriage.model_file.card_parts import Count, Fraction, Line, Name, OutputName, Part
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.plain_files import read_plain
from annotriage.user_folder import user_folder as usual_user_folder
from annotriage.wording import decimal_text, share_text
from annotriage.writing import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from annotriage.measures.calibrating import Fit
    from annotriage.model_file.opening import ModelFile

_LARGEST = 4 * 1024**2
"""Bytes of a file that is read: it names half a million images."""
_ENDING = ".calibration.json"


def _refuse_no_fingerprints(text: str) -> str:
    unpacked(text)
    return text


class MeasuredQuality(Part):
    """Mean absolute error, and the share of intervals that held the measured Dice and their mean width, all 0..1."""

    mae: Fraction
    coverage: Fraction
    width: Fraction


class CalibrationCard(Part):
    """What the file says.

    Attributes
    ----------
    format : int
        1.
    model : str
        The key of the model that it was fitted to.
    name, version : str
        What that model is called.
    made : date
    way : str
        The way of drawing whose answer it corrects.
    way_was_known : bool
        False: it is the way that fits best.
    shift, slope, below, above, level : float
        See `annotriage.measures.calibration.Calibration`.
    images, groups : int
        Measured images that it was fitted to; patients, lesions or images that were kept together.
    fitted_to : str
        Fingerprints of these images: see `annotriage.images.fingerprint`.
    source : str
        Where what people drew was read, in words.
    before, after : MeasuredQuality
        Without it, and with it, cross-validated.
    gain, gain_low, gain_high : float
        Mean absolute error before minus after, with its 95 % interval.
    helps : bool
        Whether it is shown to help.
    used : bool
        Whether predictions are made with it where nobody says otherwise.
    """

    format: Literal[1] = 1
    model: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    name: Name
    version: Line
    made: date
    way: OutputName
    way_was_known: bool
    shift: Annotated[float, Field(ge=-MOST_SHIFT, le=MOST_SHIFT)]
    slope: Annotated[float, Field(ge=LEAST_SLOPE, le=MOST_SLOPE)]
    below: float
    above: float
    level: Annotated[float, Field(gt=0, lt=1)]
    images: Annotated[int, Field(ge=FEWEST_IMAGES)]
    groups: Count
    fitted_to: Annotated[str, Field(max_length=_LARGEST), AfterValidator(_refuse_no_fingerprints)]
    source: Line
    before: MeasuredQuality
    after: MeasuredQuality
    gain: float
    gain_low: float
    gain_high: float
    helps: bool
    used: bool

    @model_validator(mode="after")
    def _check_whole(self) -> "CalibrationCard":
        if not self.gain_low <= self.gain_high or self.groups > self.images or len(self.met) > self.images:
            raise ValueError("contradicts itself")
        return self

    @property
    def calibration(self) -> Calibration:
        """What predictions are made with."""
        factors = ConformalFactors(self.below, self.above, self.level, self.images)
        return Calibration(self.model, self.way, self.shift, self.slope, factors, self.images)

    def __str__(self) -> str:
        """Say whether it helps, and by how much, in a sentence."""
        change = (
            f"mean absolute error {decimal_text(self.before.mae)} before, {decimal_text(self.after.mae)} after "
            f"(difference {decimal_text(self.gain)}, 95 % interval {decimal_text(self.gain_low)} to "
            f"{decimal_text(self.gain_high)})"
        )
        held = (
            f"intervals held {share_text(self.before.coverage)} before, {share_text(self.after.coverage)} after, and "
            f"are meant to hold {share_text(self.level)}"
        )
        if self.gain_low > 0 or self.helps:
            what = "It helps" if self.gain_low > 0 else "It mends the intervals; the error is not shown to be smaller"
        else:
            what = "It is shown to be worse" if self.gain_high < 0 else "It is not shown to help"
        return f"{what}: on images that it had not met, {change}; {held}."

    @property
    def met(self) -> frozenset[bytes]:
        """The fingerprints of the images that it was fitted to."""
        return unpacked(self.fitted_to)


def calibration_card(
    fit: "Fit", model: "ModelFile", images: "Iterable[Path]", *, source: str, used: bool | None = None
) -> CalibrationCard:
    """Return the card of a fit.

    Parameters
    ----------
    fit : Fit
    model : ModelFile
        What it was fitted to.
    images : iterable of Path
        The files of the measured images.
    source : str
        Where what people drew was read.
    used : bool or None
        Whether it is used from now on; None: where it is shown to help.
    """
    found, factors = fit.calibration, fit.calibration.factors
    before, after = (
        MeasuredQuality(mae=each.mae, coverage=each.coverage, width=each.width) for each in (fit.before, fit.after)
    )
    return CalibrationCard(
        model=model.key,
        name=model.card.name,
        version=model.card.version,
        made=date.today(),
        way=found.way,
        way_was_known=fit.way_was_known,
        shift=found.shift,
        slope=found.slope,
        below=factors.below,
        above=factors.above,
        level=factors.level,
        images=found.images,
        groups=fit.groups,
        fitted_to=packed(images),
        source=shown(source, 200),
        before=before,
        after=after,
        gain=fit.gain,
        gain_low=fit.gain_low,
        gain_high=fit.gain_high,
        helps=fit.helps,
        used=fit.helps if used is None else used,
    )


class Calibrations:
    """The calibrations of the library: at most one a model.

    Parameters
    ----------
    user_folder : Path or None
        As of `annotriage.model_file.ModelLibrary`.
    """

    def __init__(self, user_folder: Path | None = None) -> None:
        self.folder = (usual_user_folder() if user_folder is None else user_folder) / "models"

    def path(self, model: "ModelFile") -> Path:
        """Return where the calibration of a model lies, or would."""
        return self.folder / f"{model.card.name}-{model.key}{_ENDING}"

    def read(self, model: "ModelFile") -> CalibrationCard | None:
        """Read the calibration of a model; None: there is none.

        Raises
        ------
        ModelFileError
            The file is damaged, of a newer version or of another model.
        """
        path = self.path(model)
        try:
            text = read_plain(path, _LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelFileError(f"The calibration {path} cannot be read ({error.strerror}).{_ANEW}") from None
        return read_card(text, path, model)

    def of(self, model: "ModelFile") -> Calibration | None:
        """Return the calibration with which a model predicts; None: there is none, it is off, or it is damaged."""
        try:
            card = self.read(model)
        except ModelFileError:
            return None
        return card.calibration if card is not None and card.used else None

    def write(self, card: CalibrationCard, model: "ModelFile") -> Path:
        """Keep a calibration in the place of the model's earlier one, all of it or nothing, and return its file.

        Raises
        ------
        ModelFileError
            It cannot be written.
        """
        path = self.path(model)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, card_bytes(card))
        except OSError as error:
            raise ModelFileError(
                f"{path} cannot be written ({error.strerror}); check the disk and its permissions."
            ) from None
        return path

    def remove(self, model: "ModelFile") -> bool:
        """Delete the calibration of a model; return whether there was one.

        Raises
        ------
        ModelFileError
            It cannot be deleted.
        """
        try:
            self.path(model).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ModelFileError(
                f"{self.path(model)} cannot be deleted ({error.strerror}); check its permissions."
            ) from None
        return True


_ANEW = " The model works without it; calibrate anew, or remove it with `annotriage calibrate MODEL --remove`."


def card_bytes(card: CalibrationCard) -> bytes:
    """Return the file of a card."""
    return (card.model_dump_json(indent=1) + "\n").encode()


def read_card(text: bytes, path: Path, model: "ModelFile") -> CalibrationCard:
    """Return the card that a file holds; raises as `Calibrations.read`."""
    try:
        values = json.loads(text)
        number = values["format"]
        if isinstance(number, int) and number > 1:
            raise ModelFileError(f"The calibration {path} was made by a newer version of Annotriage.{_ANEW}")
        card = CalibrationCard.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ModelFileError(
            f"The calibration {path} is damaged ({shown(where, 60)}: {first['msg']}).{_ANEW}"
        ) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ModelFileError(f"The calibration {path} is damaged: it is no such file.{_ANEW}") from None
    if card.model != model.key:
        raise ModelFileError(f"The calibration {path} is of another model than {model.card.name}.{_ANEW}")
    if card.way != MIXED and model.card.way(card.way) is None:
        raise ModelFileError(
            f"The calibration {path} is of a way of drawing that {model.card.name} does not know.{_ANEW}"
        )
    return card


def calibration_of(model: "ModelFile") -> Calibration | None:
    """Return the calibration with which a model predicts for its user: see `Calibrations.of`."""
    return Calibrations().of(model)


def calibration_problem(model: "ModelFile") -> str:
    """Say why a model's calibration cannot be used; empty: it can, or there is none."""
    try:
        Calibrations().read(model)
    except ModelFileError as error:
        return str(error)
    return ""
