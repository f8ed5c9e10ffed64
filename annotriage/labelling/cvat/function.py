"""An auto-annotation function for CVAT's own client (`cvat-sdk`, `cvat-cli`): image in, tag, band or outline out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.cvat.marks import COLOURS, DISAGREEMENT, INTERVAL, LABELS, Mark, marked, polygons
from annotriage.measures.ways import MIXED
from annotriage.scoring.scorer import Scorer
from annotriage.scoring.team import EVERYBODY, Team

if TYPE_CHECKING:
    from PIL.Image import Image

    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction

_IDS = {mark: number for number, mark in enumerate(Mark)}
_DISAGREEMENT_ID, _INTERVAL_ID = 0, 1
_ALIKE = 0.03
"""Disagreement by which two ways to decode one image differ at most."""


def chosen_marks(text: str) -> tuple[Mark, ...]:
    """Return the marks that a text names with commas between: ``tag,band``.

    Raises
    ------
    AnnotriageError
        One of them is none.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Mark)]
    if unknown or not names:
        raise AnnotriageError(f"Marks are {', '.join(Mark)}, with commas between; {text!r} names another.")
    return tuple(Mark(name) for name in dict.fromkeys(names))


def create(
    model: str, cutoff: float, marks: str, key: str = "", listed: Path | None = None, way: str = MIXED
) -> "CvatFunction":
    """Return the function.

    Parameters
    ----------
    model : str
        A model's name in the library, or its file.
    cutoff : float
        The predicted disagreement, 0..1, from which on a frame is contentious.
    marks : str
        ``tag``, ``band``, ``outline``, or several with commas between.
    key : str
        The key of the model for which the cut-off was found; empty: any.
    listed : Path or None
        The list of frames (JSON), whose numbers count for the tag: see `CvatFunction`.
    way : str
        Key of the way of drawing for which is predicted.

    Raises
    ------
    AnnotriageError
        The model cannot be used, is another one, or does not say where the lesion is.
    """
    from annotriage.model_file import ModelLibrary
    from annotriage.triage.team_choice import team_of

    chosen = ModelLibrary().find(model)
    if key and chosen.key != key:
        raise AnnotriageError(
            f"The model {model} is another one than that which the function was written for; write it again with "
            "`annotriage cvat`."
        )
    return CvatFunction(chosen, float(cutoff), chosen_marks(marks), _listed(listed), team_of(chosen, way))


class CvatFunction:
    """A detection function, as `cvat_sdk.auto_annotation` describes one.

    Parameters
    ----------
    model : ModelFile
    cutoff : float
        The predicted disagreement, 0..1, from which on a frame is contentious.
    marks : sequence of Mark
    listed : mapping of str to (float, float, float), optional
        Frame -> disagreement and interval in the ranking. CVAT's client hands over decoded images, whose numbers differ
        from those of the files in the last digits: a frame that is listed, and predicted alike, is tagged by the list.
    team : Team, optional
        For whom the tag is predicted.
    """

    def __init__(
        self,
        model: "ModelFile",
        cutoff: float,
        marks: Sequence[Mark],
        listed: Mapping[str, tuple[float, float, float]] | None = None,
        team: Team = EVERYBODY,
    ) -> None:
        if not 0 <= cutoff <= 1:
            raise AnnotriageError(f"A cut-off lies from 0 to 1; {cutoff:g} does not.")
        without_lesion = [mark for mark in marks if mark is not Mark.TAG]
        if without_lesion and "lesion" not in model.card.outputs:
            raise AnnotriageError(
                f"The model {model.card.name} does not say where the lesion is, so there is no {without_lesion[0]}; "
                "mark the tag alone, or take another model."
            )
        self._cutoff = cutoff
        self._marks = tuple(marks)
        self._listed = dict(listed or {})
        self._scorer = Scorer(model, threads=1)
        self._team = team
        self.spec = _spec(self._marks)

    def detect(self, context: Any, image: "Image") -> list[Any]:
        """Return the annotations of a frame.

        Parameters
        ----------
        context : cvat_sdk.auto_annotation.DetectionFunctionContext
            Its `conv_mask_to_poly` asks for polygons in place of masks. A prediction is no detection with a confidence,
            so that `conf_threshold` leaves nothing out.
        image : Image

        Raises
        ------
        AnnotriageError
            The frame cannot be read; a mask among the frames has no annotations.
        """
        (prediction,) = self._scorer.score([image])
        if prediction.is_mask:
            return []
        if prediction.error is not None:
            raise AnnotriageError(f"The frame {context.frame_name} cannot be predicted: {prediction.error}")
        found = []
        for mark in self._marks:
            if mark is Mark.TAG:
                found += self._tag(context.frame_name, self._team.of(self._scorer.model.card, prediction))
            else:
                found += _shapes(mark, prediction, image, as_polygons=bool(context.conv_mask_to_poly))
        return found

    def _tag(self, frame: str, prediction: "Prediction") -> list[Any]:
        from cvat_sdk import auto_annotation as cvat
        from cvat_sdk.attributes import attribute_vals_from_dict

        predicted, lower, upper = prediction.disagreement or 0.0, prediction.lower or 0.0, prediction.upper or 0.0
        known = self._listed.get(frame)
        if known is not None and abs(known[0] - predicted) < _ALIKE:
            predicted, lower, upper = known
        if predicted < self._cutoff:
            return []
        values: dict[int, str | int] = {
            _DISAGREEMENT_ID: int(round(100 * predicted, 4)),  # rounded down, as everywhere
            _INTERVAL_ID: f"{lower:.2f} to {upper:.2f}",
        }
        return [cvat.tag(_IDS[Mark.TAG], attributes=attribute_vals_from_dict(values))]


def _listed(path: Path | None) -> dict[str, tuple[float, float, float]]:
    """Read the numbers of a list of frames; one that is gone lists nothing."""
    if path is None or not path.is_file():
        return {}
    try:
        lines = json.loads(path.read_text(encoding="utf-8"))
        return {line["frame"]: (line["disagreement"], line["lower"], line["upper"]) for line in lines if line["rank"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise AnnotriageError(f"{path} is no list of frames that `annotriage cvat` wrote; write it again.") from None


def label_definitions(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Return the labels that a task needs for the marks, as CVAT's constructor of labels takes them ("Raw")."""
    found: list[dict[str, Any]] = []
    for mark in marks:
        is_tag = mark is Mark.TAG
        attributes = [
            {"name": DISAGREEMENT, "input_type": "number", "mutable": False, "values": ["0", "100", "1"]},
            {"name": INTERVAL, "input_type": "text", "mutable": False, "values": []},
        ]
        found.append(
            {
                "name": LABELS[mark],
                "color": COLOURS[mark],
                "type": "tag" if is_tag else "any",
                "attributes": attributes if is_tag else [],
            }
        )
    return found


def _spec(marks: Sequence[Mark]) -> Any:
    from cvat_sdk import auto_annotation as cvat
    from cvat_sdk.attributes import number_attribute_values

    attributes = [
        cvat.number_attribute_spec(DISAGREEMENT, _DISAGREEMENT_ID, number_attribute_values(0, 100)),
        cvat.text_attribute_spec(INTERVAL, _INTERVAL_ID),
    ]
    labels = [
        cvat.label_spec(LABELS[mark], _IDS[mark], type="tag", attributes=attributes)
        if mark is Mark.TAG
        else cvat.label_spec(LABELS[mark], _IDS[mark], type="mask")
        for mark in marks
    ]
    return cvat.DetectionFunctionSpec(labels=labels)


def _shapes(mark: Mark, prediction: "Prediction", image: "Image", *, as_polygons: bool) -> list[Any]:
    from cvat_sdk import auto_annotation as cvat
    from cvat_sdk.masks import encode_mask

    from annotriage.images.pillow import orientation

    lesion = prediction.lesion
    if lesion is None:
        return []
    size = (image.width, image.height) if orientation(image) >= 5 else (image.height, image.width)
    if as_polygons:
        return [cvat.polygon(_IDS[mark], points) for points in polygons(mark, lesion, size)]
    bitmap = marked(mark, lesion, size)
    return [cvat.mask(_IDS[mark], encode_mask(bitmap))] if bitmap.any() else []
