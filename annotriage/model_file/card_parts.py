"""The parts of a model's card, and the rules for the text and the numbers in them."""

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from annotriage.image_maps import MapSpec
from annotriage.images.fingerprint import unpacked
from annotriage.measures.thresholds import INTERVAL_LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Names that Windows gives to devices: a model of such a name could not be kept as a file there.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_DEEPEST_RECIPE = 12
_LONGEST_OF_MAP = 2000


def _refuse_control_characters(text: str) -> str:
    """Let through what terminals and windows can show as it stands: no escapes, no reversed direction."""
    for character in text:
        if character != "\n" and (
            unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        ):
            raise ValueError(f"holds the control character U+{ord(character):04X}")
    return text


def _refuse_line_breaks(text: str) -> str:
    if "\n" in text:
        raise ValueError("must be one line")
    return _refuse_control_characters(text)


def _refuse_device_names(name: str) -> str:
    if name.endswith(".") or _DEVICES.fullmatch(name):
        raise ValueError("cannot be the name of a file on every system")
    return name


def check_recipe(value: Any, depth: int = 0) -> Any:
    """Apply the rules for text to whatever a recipe holds."""
    if depth > _DEEPEST_RECIPE:
        raise ValueError("is nested too deeply")
    if isinstance(value, str):
        _refuse_control_characters(value)
    elif isinstance(value, float) and not (abs(value) < float("inf")):
        raise ValueError("holds a number that is not finite")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_line_breaks(str(key))
            check_recipe(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            check_recipe(inner, depth + 1)
    return value


LARGEST_CARD = 4 * 1024**2
"""Bytes of the longest card that is read: it names half a million images that were learned from."""


def _refuse_no_fingerprints(text: str) -> str:
    unpacked(text)
    return text


def check_map(spec: MapSpec) -> MapSpec:
    """Apply the rules for text to what people get to read of a map."""
    for text in spec.texts():
        if len(text) > _LONGEST_OF_MAP:
            raise ValueError("says too much of a map")
        _refuse_line_breaks(text)
    return spec


Name = Annotated[
    str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), AfterValidator(_refuse_device_names)
]
OutputName = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Line = Annotated[str, Field(max_length=200), AfterValidator(_refuse_line_breaks)]
Text = Annotated[str, Field(max_length=8000), AfterValidator(_refuse_control_characters)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Pixels = Annotated[int, Field(ge=32, le=1024)]


class Part(BaseModel):
    """What all parts of a card share: unchangeable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HeatmapMeaning(Part):
    """What the model's ``heatmap`` output means.

    Attributes
    ----------
    method : str
        Short name of the method.
    exact : bool
        Whether the map's mean plus ``bias`` (plus ``other_terms``) equals the unclamped predicted Dice.
    sentence : str
        The meaning in words, shown beside the map.
    bias : float or None
        The constant that is added to the map's mean.
    other_terms : dict of str to float
        Whatever else enters the prediction -> its share of the predictions' variance.
    """

    method: Line
    exact: bool
    sentence: Text
    bias: float | None
    other_terms: dict[Line, float] = Field(max_length=32)


class TrainingData(Part):
    """The labelled images that the model learned from.

    Attributes
    ----------
    images : int
        Number of labelled images.
    table_sha256 : str
        SHA-256 of the table of labels, 64 hex digits.
    train, validation, test : int
        Images in each part of the split.
    grouped_by : list of str
        What kept images together in the split (``patient_id``, ``lesion_id``); empty: nothing did.
    sentence : str
        Where the data came from, in words.
    learned : str or None
        Fingerprints of all image files that were learned from, labelled or not, those of the test part left out: see
        `annotriage.images.fingerprint`. None: not known.
    """

    images: Count
    table_sha256: Sha256
    train: Count
    validation: Count
    test: Count
    grouped_by: list[Line] = Field(max_length=16)
    sentence: Text
    learned: Annotated[str, Field(max_length=LARGEST_CARD), AfterValidator(_refuse_no_fingerprints)] | None = None


class TestMetrics(Part):
    """Errors on the test images, beside those of the two guesses that look at no image; None: not known.

    Attributes
    ----------
    mse, mse_sd, mae, mae_sd : float or None
        Mean and standard deviation over the test images of the squared and the absolute error of the Dice.
    median_mae, mean_mse : float or None
        MAE of always predicting the training images' median Dice; MSE of always predicting their mean.
    r2, pearson, spearman : float or None
        Agreement of predicted and true Dice.
    """

    __test__ = False  # its name begins like a test's, and pytest would collect it

    mse: float | None
    mse_sd: float | None
    mae: float | None
    mae_sd: float | None
    median_mae: float | None
    mean_mse: float | None
    r2: float | None
    pearson: float | None
    spearman: float | None


class IntervalMethod(Part):
    """How the ``interval`` output was made, and how often it held the truth.

    Attributes
    ----------
    method : str
        Name of the method.
    level : float
        Share of the images whose Dice the interval is meant to hold, 0..1.
    coverage : float or None
        Share measured on images that took no part in making it, 0..1.
    coverage_images : int
        Number of those images.
    """

    method: Line
    level: Fraction = INTERVAL_LEVEL
    coverage: Fraction | None
    coverage_images: Count


class KindMetrics(Part):
    """How good predictions are on images that were drawn in one way, each predicted by a network that had not met it.

    Attributes
    ----------
    images : int
        Number of those images.
    mean_dice, mae : float
        True mean Dice; mean absolute error.
    median_mae : float
        Of always guessing that kind's own median: the guess of one who knows the way and looks at no image.
    spearman, coverage : float or None
        None where there is no spread, or no interval.
    contentious : int
        Images whose true Dice is below 0.7.
    found_in_fifth : float or None
        Share of those among the fifth of the images that is ranked first; None where there are none.
    """

    images: Count
    mean_dice: Fraction
    mae: Fraction
    median_mae: Fraction
    spearman: float | None
    coverage: Fraction | None
    contentious: Count
    found_in_fifth: Fraction | None


class WayOfDrawing(Part):
    """One row of the ``by_way`` output: for whom it answers, and how its interval is made of it.

    Attributes
    ----------
    key : str
        Of `annotriage.measures.ways.WAYS`, or a name of the training table's own.
    words : str
        What people read.
    pairs, images : int
        Pairs that were drawn so and learned from, and the images among which they are; 0: what is answered rests on
        other tables, or on other ways.
    below, above : float
        How many of the row's spreads its interval reaches below and above its Dice.
    metrics : KindMetrics or None
        None: not measured.
    note : str
        What those should know who choose it; empty: nothing.
    """

    key: OutputName
    words: Line
    pairs: Count
    images: Count
    below: float
    above: float
    metrics: KindMetrics | None = None
    note: Text = ""


class FeatureSpace(Part):
    """What the ``features`` output is: a place for every image, near to that of images that look alike.

    Attributes
    ----------
    size : int
        Numbers an image, the last of which may say how much of the image no number tells.
    unlike_above : float
        Images whose numbers' root mean square is above this are unlike what the model knows.
    sentence : str
        What was measured: how many of the training images' kind are called unlike, and how many of what else.
    """

    size: Annotated[int, Field(ge=2, le=1024)]
    unlike_above: Positive
    sentence: Text

    def unlikeness(self, features: "NDArray[np.floating[Any]]") -> "NDArray[np.float32]":
        """Return how far off images lie, (N,) of their (N, F) features: above 1 they are unlike what the model knows.

        NaN where features are, and everywhere where there are not as many as the card says.
        """
        import numpy as np

        if features.ndim != 2 or features.shape[1] != self.size:
            return np.full(len(features), np.nan, np.float32)
        far = np.sqrt((np.asarray(features, np.float64) ** 2).mean(axis=1)) / self.unlike_above
        rounded: NDArray[np.float32] = far.astype(np.float32)
        return rounded
