"""How a Label Studio project looks to those who draw in it: written, and read to see whether tasks of ours fit it.

Formats: labelstud.io, "Labeling configuration" and its tags. Label Studio calls such a text a labeling configuration.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from annotriage.errors import AnnotriageError
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.wording import dice_text, disagreement_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from annotriage.model_file import ModelCard
    from annotriage.scoring.team import Team
    from annotriage.triage.ranking import ReviewedImage

IMAGE, NAME, SUMMARY = "image", "name", "summary"
"""What the data of a task are called: the image's address, its name, and what annotators see of the ranking."""
_TO_DRAW_WITH = ("BrushLabels", "PolygonLabels", "EllipseLabels", "RectangleLabels")
_AMBER = "#ffb000"
"""What the model draws, apart from the colours that Label Studio gives to labels."""
_WORDS = {Decision.EXPERT: "for experts", Decision.ROUTINE: "for routine", Decision.EXCLUDE: "excluded"}


class Shown(StrEnum):
    """What of the ranking annotators may see; each may bias the agreement that is to be measured."""

    SCORE = "score"
    RANK = "rank"
    DECISION = "decision"
    ASSIGNEE = "assignee"
    NOTE = "note"


class Guide(StrEnum):
    """What is drawn on an image beforehand, as a label of its own, which never counts as anybody's outline."""

    BAND = "band"
    """Between the lines at which a place is 10 % and 90 % likely lesion."""
    OUTLINE = "outline"
    """Where a place is more likely lesion than not."""

    @property
    def label(self) -> str:
        """What it is called in Label Studio."""
        return "border band" if self is Guide.BAND else "predicted outline"


OURS = "Annotriage "
"""What the versions of our predictions begin with: others are never touched."""


def model_version(card: "ModelCard", team: "Team | None") -> str:
    """Return what Label Studio files a model's predictions for a team under, whichever way they come there."""
    from annotriage.scoring.team_words import version_text

    return OURS + version_text(card, team)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What annotators see and draw with.

    Attributes
    ----------
    labels : tuple of str
        What is drawn; the first is chosen already when an image opens: a stroke without a label draws nothing.
    polygon : bool
        Whether there are polygons beside the brush.
    shown : frozenset of Shown
        What of the ranking stands beside the image; nothing, unless it is asked for.
    guide : Guide or None
    decides : bool
        Whether annotators are asked for a decision, too.
    """

    labels: tuple[str, ...] = ("lesion",)
    polygon: bool = False
    shown: frozenset[Shown] = frozenset()
    guide: Guide | None = None
    decides: bool = False

    def __post_init__(self) -> None:
        """Refuse labels that cannot be told apart.

        Raises
        ------
        AnnotriageError
        """
        said = [label.strip() for label in self.labels]
        if not said or not all(said) or len(set(said)) < len(said):
            raise AnnotriageError("Each label needs a name of its own, such as lesion.")
        if self.guide is not None and self.guide.label in said:
            raise AnnotriageError(f"The label {self.guide.label} is what the model draws; call yours something else.")


def labeling_config(set_up: SetUp | None = None) -> str:
    """Return the labeling configuration: the labels beside the image, so that they are in sight in any window."""
    chosen = set_up or SetUp()
    lines = ['    <Header value="$name" size="5"/>']
    if chosen.shown:
        lines.append('    <Header value="$summary" size="6"/>')
    lines += _labels("BrushLabels", "lesion", chosen.labels, more=' selected="true"')
    if chosen.polygon:
        lines += _labels("PolygonLabels", "polygon", chosen.labels)
    if chosen.guide is not None:
        lines.append('    <Header value="Drawn by the model" size="6"/>')
        lines += _labels("BrushLabels", "predicted", (chosen.guide.label,), more=f' background="{_AMBER}"')
    if chosen.decides:
        lines.append('    <Choices name="decision" toName="image" choice="single">')
        lines += [f'      <Choice value="{each}"/>' for each in DECISIONS if each is not Decision.UNDECIDED]
        lines.append("    </Choices>")
    controls = "\n".join(lines)
    return f"""<View style="display: flex; align-items: flex-start; gap: 1em">
  <View style="flex: 0 0 11em">
{controls}
  </View>
  <View style="flex: 1 1 0; min-width: 0">
    <Image name="image" value="$image" zoom="true" zoomControl="true" brightnessControl="true"/>
  </View>
</View>
"""


def _labels(tag: str, name: str, labels: tuple[str, ...], *, more: str = "") -> list[str]:
    return [
        f'    <{tag} name="{name}" toName="image">',
        *(
            f"      <Label value={quoteattr(label.strip())}{more if number == 0 else ''}/>"
            for number, label in enumerate(labels)
        ),
        f"    </{tag}>",
    ]


@dataclass(frozen=True, slots=True)
class Control:
    """What draws a label: its name, and that of the image on which it draws."""

    tag: str
    name: str
    image: str


class ReadSetUp:
    """A project's labeling configuration, read.

    Parameters
    ----------
    text : str
        XML.

    Attributes
    ----------
    image_key : str
        What the data of a task call the image's address; empty: there is no image.
    labels : tuple of str
        What can be drawn.
    variables : frozenset of str
        What the data of each task must hold.

    Raises
    ------
    AnnotriageError
        It is no XML.
    """

    def __init__(self, text: str) -> None:
        from defusedxml import ElementTree

        try:
            root: Element = ElementTree.fromstring(text)
        except Exception as error:  # of XML, and of what is dangerous in it
            raise AnnotriageError(
                f"The project's labelling set-up cannot be read ({error}); look at it in Label Studio under Settings."
            ) from None
        images = {
            str(each.get("name")): str(each.get("value", ""))[1:]
            for each in root.iter("Image")
            if each.get("value", "").startswith("$")
        }
        self.image_key = next(iter(images.values()), "")
        self.variables = frozenset(
            word for each in root.iter() for value in each.attrib.values() for word in re.findall(r"\$(\w+)", value)
        )
        self._controls: dict[str, list[Control]] = {}
        for each in root.iter():
            image = str(each.get("toName", ""))
            if each.tag in _TO_DRAW_WITH and image in images:
                control = Control(each.tag, str(each.get("name")), image)
                for label in each.iter("Label"):
                    value = label.get("value") or ""
                    self._controls.setdefault(str(label.get("alias") or value), []).append(control)
        self.labels = tuple(self._controls)

    def control_of(self, label: str, tag: str = "") -> Control | None:
        """Return what draws a label, of a tag where one is named; None: nothing does."""
        return next((each for each in self._controls.get(label, []) if tag in ("", each.tag)), None)

    @property
    def drawn_labels(self) -> tuple[str, ...]:
        """What people draw: the labels without those of what the model draws beforehand."""
        return tuple(label for label in self.labels if label not in {guide.label for guide in Guide})

    def missing(self, wanted: SetUp, given: frozenset[str]) -> list[str]:
        """Say what of a set-up it lacks, a clause each.

        Parameters
        ----------
        wanted : SetUp
        given : frozenset of str
            What the data of the tasks hold beside the image.

        Notes
        -----
        A label that goes without saying is not asked of a project that has others: its people draw these.
        """
        lacks = []
        if not self.image_key:
            lacks.append('an image (<Image name="image" value="$image"/>)')
        lacks += self._missing_labels(wanted)
        if wanted.polygon:
            lacks += [
                f"a polygon for {label}" for label in wanted.labels if self.control_of(label, "PolygonLabels") is None
            ]
        if wanted.guide is not None and self.control_of(wanted.guide.label, "BrushLabels") is None:
            lacks.append(f"a brush label {wanted.guide.label}")
        if wanted.shown and SUMMARY not in self.variables:
            lacks.append('what shows the ranking (<Header value="$summary"/>)')
        unknown = sorted(self.variables - given - {self.image_key})
        lacks += [f"a value for ${name}, which each task would need" for name in unknown]
        return lacks

    def _missing_labels(self, wanted: SetUp) -> list[str]:
        there = self.drawn_labels
        if there and wanted.labels == SetUp().labels:
            return []
        has = f" (it has {', '.join(there)})" if there else ""
        return [f"the label {label}{has}" for label in wanted.labels if self.control_of(label) is None]


def summary_of(row: "ReviewedImage", shown: frozenset[Shown]) -> str:
    """Say of an image what annotators may see of it."""
    parts = []
    if row.predicted_dice is None:
        if shown & {Shown.RANK, Shown.SCORE}:
            parts.append("Not scored yet")
    else:
        if Shown.RANK in shown:
            parts.append(f"Rank {row.rank}")
        if Shown.SCORE in shown:
            interval = "" if row.lower is None or row.upper is None else f" ({row.lower:.2f} to {row.upper:.2f})"
            parts.append(f"predicted disagreement {disagreement_text(1 - row.predicted_dice)}")
            parts.append(f"predicted Dice {dice_text(row.predicted_dice)}{interval}")
    if Shown.DECISION in shown and row.decision in _WORDS:
        parts.append(_WORDS[row.decision])
    if Shown.ASSIGNEE in shown and row.assignee:
        parts.append(f"assigned to {row.assignee}")
    if Shown.NOTE in shown and row.note:
        parts.append(row.note)
    return ", ".join(parts)


def data_of(row: "ReviewedImage", address: str, shown: frozenset[Shown], image_key: str = IMAGE) -> dict[str, object]:
    """Return the data of an image's task: what is shown, and nothing else, as everybody may look at them in a list.

    Parameters
    ----------
    row : ReviewedImage
    address : str
        Where Label Studio finds the image.
    shown : frozenset of Shown
    image_key : str
        What the set-up calls the image.
    """
    data: dict[str, object] = {image_key: address, NAME: row.image}
    if not shown:
        return data
    data[SUMMARY] = summary_of(row, shown)
    if Shown.RANK in shown:
        data["rank"] = row.rank
    if Shown.SCORE in shown:
        data |= {name: getattr(row, name) for name in ("predicted_dice", "disagreement", "lower", "upper")}
    if Shown.DECISION in shown:
        # Not "decision": Label Studio's tables give that name to the question of the same name.
        data["decided"] = row.decision.value
    if Shown.ASSIGNEE in shown:
        data["assignee"] = row.assignee
    if Shown.NOTE in shown:
        data["note"] = row.note
    return {name: value for name, value in data.items() if value is not None}
