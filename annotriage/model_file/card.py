"""What a model file says about itself."""

import re
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from annotriage.image_maps import HEATMAP, LESION, MapSpec, offered_maps
from annotriage.images.fingerprint import unpacked
from annotriage.measures.thresholds import INTERVAL_LEVEL

CARD_KEY = "annotriage.card"
"""Key of the ONNX metadata under which the card lies, as JSON."""

REQUIRED_OUTPUTS = ("predicted_dice", "interval", HEATMAP)
_OWN_OUTPUTS = (*REQUIRED_OUTPUTS, LESION)

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


def _check_recipe(value: Any, depth: int = 0) -> Any:
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
            _check_recipe(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_recipe(inner, depth + 1)
    return value


LARGEST_CARD = 4 * 1024**2
"""Bytes of the longest card that is read: it names half a million images that were learned from."""


def _refuse_no_fingerprints(text: str) -> str:
    unpacked(text)
    return text


def _check_map(spec: MapSpec) -> MapSpec:
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


class _Part(BaseModel):
    """What all parts of a card share: unchangeable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HeatmapMeaning(_Part):
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


class TrainingData(_Part):
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


class TestMetrics(_Part):
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


class IntervalMethod(_Part):
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


class ModelCard(_Part):
    """What a model is, how it was made and what it may be used for: JSON in the model file's metadata.

    Attributes
    ----------
    format : int
        Version of this layout; a file of a newer one is refused.
    name : str
        What the library and the command line call the model: letters, digits, ``-``, ``_``, ``.``.
    version, title, description : str
        For people.
    architecture : str
        The backbone, for example ``resnet18``.
    input_height, input_width : int
        Pixels of the ``image`` input, 32..1024.
    mean, std : tuple of float
        An input channel is (value / 255 - mean) / std, in the order R, G, B.
    outputs : list of str
        Names of all outputs: ``predicted_dice``, ``interval``, the maps (``heatmap``, maybe ``lesion``, and those of
        `maps`), and the ``further_targets``.
    heatmap : HeatmapMeaning
    maps : list of MapSpec
        Maps beside the standard ones, each an output (N, h, w), or how a standard one is shown otherwise. A card
        without any is written as it always was, so that models of before and their seals stay what they are.
    further_targets : list of str
        What else the network predicts, one number an image each.
    recipe : dict
        The training recipe as resolved.
    data : TrainingData
    metrics : TestMetrics or None
    interval : IntervalMethod
    intended_use, limitations, licence : str
        For people.
    created : datetime.date
    """

    format: Literal[1]
    name: Name
    version: Line
    title: Line
    description: Text
    architecture: Line
    input_height: Pixels
    input_width: Pixels
    mean: tuple[float, float, float]
    std: tuple[Positive, Positive, Positive]
    outputs: list[OutputName] = Field(max_length=32)
    heatmap: HeatmapMeaning
    further_targets: list[OutputName] = Field(max_length=28)
    recipe: Annotated[dict[str, Any], AfterValidator(_check_recipe)]
    data: TrainingData
    metrics: TestMetrics | None
    interval: IntervalMethod
    intended_use: Text
    limitations: Text
    licence: Line
    created: date
    maps: list[Annotated[MapSpec, AfterValidator(_check_map)]] = Field(default=[], max_length=16)

    @model_validator(mode="after")
    def _outputs_are_those_we_know(self) -> Self:
        further, listed = self.further_targets, [spec.name for spec in self.maps]
        named = set(self.outputs)
        if len(named) != len(self.outputs) or len({*further, *listed}) != len(further) + len(listed):
            raise ValueError("an output is named twice")
        expected = {*REQUIRED_OUTPUTS, *further, *listed}
        if named - {LESION} != expected - {LESION} or named & {*listed} != {*listed} or {*further} & {*_OWN_OUTPUTS}:
            raise ValueError(
                f"the outputs must be {', '.join(REQUIRED_OUTPUTS)}, maybe {LESION}, the other maps, and the further "
                "targets"
            )
        return self

    @model_serializer(mode="wrap")
    def _without_no_maps(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = written(self)
        if not self.maps:
            del values["maps"]
        return values

    @property
    def all_maps(self) -> tuple[MapSpec, ...]:
        """The maps that the model gives, standard ones first."""
        return tuple(
            replace(spec, sentence=spec.sentence or self.heatmap.sentence) if spec.name == HEATMAP else spec
            for spec in offered_maps(self.maps)
            if spec.name in self.outputs
        )

    @property
    def has_lesion(self) -> bool:
        """Whether the model also says where the lesion is."""
        return LESION in self.outputs
