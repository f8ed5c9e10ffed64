"""What a model file says about itself."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from annotriage.image_maps import HEATMAP, LESION, MapSpec, offered_maps
from annotriage.measures.ways import MIXED, WAYS
from annotriage.model_file.card_parts import (
    FeatureSpace,
    HeatmapMeaning,
    IntervalMethod,
    Line,
    Name,
    OutputName,
    Part,
    Pixels,
    Positive,
    TestMetrics,
    Text,
    TrainingData,
    WayOfDrawing,
    check_map,
    check_recipe,
)

CARD_KEY = "annotriage.card"
"""Key of the ONNX metadata under which the card lies, as JSON."""

REQUIRED_OUTPUTS = ("predicted_dice", "interval", HEATMAP)
BY_WAY, FEATURES = "by_way", "features"
_OWN_OUTPUTS = (*REQUIRED_OUTPUTS, LESION, BY_WAY, FEATURES)


class ModelCard(Part):
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
    outputs: list[OutputName] = Field(max_length=40)
    heatmap: HeatmapMeaning
    further_targets: list[OutputName] = Field(max_length=28)
    recipe: Annotated[dict[str, Any], AfterValidator(check_recipe)]
    data: TrainingData
    metrics: TestMetrics | None
    interval: IntervalMethod
    intended_use: Text
    limitations: Text
    licence: Line
    created: date
    maps: list[Annotated[MapSpec, AfterValidator(check_map)]] = Field(default=[], max_length=16)
    ways: list[WayOfDrawing] = Field(default=[], max_length=32)
    features: FeatureSpace | None = None

    @model_validator(mode="after")
    def _outputs_are_those_we_know(self) -> Self:
        further, listed = self.further_targets, [spec.name for spec in self.maps]
        named = set(self.outputs)
        if len(named) != len(self.outputs) or len({*further, *listed}) != len(further) + len(listed):
            raise ValueError("an output is named twice")
        expected = {*REQUIRED_OUTPUTS, *further, *listed}
        expected |= ({BY_WAY} if self.ways else set()) | ({FEATURES} if self.features else set())
        if named - {LESION} != expected - {LESION} or named & {*listed} != {*listed} or {*further} & {*_OWN_OUTPUTS}:
            raise ValueError(
                f"the outputs must be {', '.join(REQUIRED_OUTPUTS)}, maybe {LESION}, the other maps, the further "
                f"targets, {BY_WAY} with ways of drawing and {FEATURES} with what they are"
            )
        keys = [way.key for way in self.ways]
        if keys and (keys[0] != MIXED or len({*keys}) != len(keys)):
            raise ValueError(f"the ways of drawing must each be named once, {MIXED} first")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = written(self)
        for name, value in (("maps", self.maps), ("ways", self.ways), ("features", self.features)):
            if not value:
                del values[name]
        return values

    def way(self, key: str) -> WayOfDrawing | None:
        """Return a way of drawing by its key; None: the model does not know it."""
        return next((way for way in self.ways if way.key == key), None)

    def way_words(self, key: str) -> str:
        """Return what people call a way of drawing, whether the model knows it or not: 'by hand'."""
        way = self.way(key)
        return WAYS.get(key, key) if way is None else way.words

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
