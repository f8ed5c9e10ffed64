"""Which images are sent, how many people draw each, and what annotators see."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QRadioButton, QSizePolicy, QSpinBox, QWidget

from annotriage.desktop.widgets.layout import STRETCH, column, form, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import Caution, bold, heading, plain_text
from annotriage.desktop.widgets.theme import UNIT
from annotriage.labelling.label_studio.order import MOST_PEOPLE, Overlap, people_text
from annotriage.names import counted
from annotriage.triage.budget import chance_of
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.exports.label_studio_set_up import Guide, Shown
from annotriage.triage.exports.order import expert_rows
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.labelling.label_studio.choice import SendChoice
    from annotriage.triage.catalogue import Catalogue

_NOTHING = "Nothing, unless it is ticked: what was predicted or decided could bias the agreement that is measured."
_MOST = 9_999_999
_SHOWN = {
    Shown.SCORE: "the predicted Dice",
    Shown.RANK: "the rank",
    Shown.DECISION: "the decision",
    Shown.ASSIGNEE: "the assignee",
    Shown.NOTE: "the note",
}
_GUIDES = {
    None: "nothing",
    Guide.BAND: "the band in which the border may be drawn differently",
    Guide.OUTLINE: "the model’s own outline",
}


class WhichSent(StrEnum):
    """Which images are sent."""

    ALL = "all"
    EXPERTS = "experts"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """Which images are sent, and so many of the most contentious where it is these."""

    which: WhichSent = WhichSent.ALL
    count: int = 50

    def rows(self, catalogue: "Catalogue") -> "NDArray[np.intp]":
        """Return their rows, the most contentious first."""
        if self.which is WhichSent.EXPERTS:
            return expert_rows(catalogue)
        rows = catalogue.order()
        return rows[: self.count] if self.which is WhichSent.FIRST else rows

    def saved(self) -> dict[str, Any]:
        """Return it as it is remembered."""
        return {"which": self.which.value, "count": self.count}


def image_choice_from(saved: object) -> ImageChoice:
    """Return what was chosen at the last time, or what goes without saying."""
    match saved:
        case {"which": str() as which, "count": int() as count} if which in list(WhichSent) and 0 < count <= _MOST:
            return ImageChoice(WhichSent(which), count)
    return ImageChoice()


class ImagesPage(QWidget):
    """`changed` tells of another choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._which = QButtonGroup(self)
        self._buttons = {
            WhichSent.ALL: QRadioButton("A&ll images"),
            WhichSent.EXPERTS: QRadioButton("Those for e&xperts"),
            WhichSent.FIRST: QRadioButton("The &most contentious"),
        }
        for number, (which, button) in enumerate(self._buttons.items()):
            self._which.addButton(button, number)
            button.setObjectName(f"which-{which}")
        self._count = named(QSpinBox(minimum=1, maximum=_MOST, value=50), "count")
        self._count.setAccessibleName("How many of the most contentious images")
        self._experts = named(QSpinBox(minimum=1, maximum=MOST_PEOPLE, value=2), "people-experts")
        self._routine = named(QSpinBox(minimum=1, maximum=MOST_PEOPLE, value=1), "people-routine")
        self._first = named(QSpinBox(minimum=0, maximum=_MOST, value=0), "experts-first")
        self._sampled = named(QSpinBox(minimum=0, maximum=100, value=0, suffix=" %"), "sampled")
        self._sampled.setToolTip("As many people draw these: only so “Did it work?” can say what the ranking missed")
        self._above: float | None = None
        self._told = named(plain_text(), "people-told")
        bold(self._told)
        self._shown = {each: named(QCheckBox(words), f"show-{each}") for each, words in _SHOWN.items()}
        self._bias = named(
            Caution("What annotators see may bias them, and with them the agreement that is measured."), "bias"
        )
        self._guide = named(QComboBox(), "guide")
        for guide, words in _GUIDES.items():
            self._guide.addItem(words, guide)
        self._lay_out()
        self._connect()
        self._buttons[WhichSent.ALL].setChecked(True)
        self._follow()

    def _lay_out(self) -> None:
        for field in (self._experts, self._routine, self._first, self._sampled):
            field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        people = form(
            ("People who draw an image for &experts", self._experts),
            ("People who draw any &other image", self._routine),
            ("&First undecided ones that count as for experts, too", self._first),
            ("Others, chosen by &chance, that as many people draw", self._sampled),
        )
        column(
            heading("Which images", small=True),
            row(*self._buttons.values(), self._count, STRETCH, spacing=2 * UNIT),
            UNIT, heading("How many people draw each", small=True), people, self._told, UNIT,
            heading("What annotators see beside an image and its name", small=True),
            plain_text(_NOTHING, faint=True), row(*self._shown.values(), STRETCH, spacing=2 * UNIT),
            form(("&Drawn beforehand, as a label of its own", self._guide)),
            self._bias, STRETCH, on=self, margins=3 * UNIT,
        )  # fmt: skip

    def _connect(self) -> None:
        self._which.idToggled.connect(lambda _, checked: self._follow() if checked else None)
        self._count.valueChanged.connect(lambda: self._buttons[WhichSent.FIRST].setChecked(True))
        for field in (self._count, self._experts, self._routine, self._first, self._sampled):
            field.valueChanged.connect(self._follow)
        for box in self._shown.values():
            box.toggled.connect(self._follow)
        self._guide.currentIndexChanged.connect(self._follow)

    @property
    def choice(self) -> ImageChoice:
        """Which images."""
        return ImageChoice(list(WhichSent)[max(self._which.checkedId(), 0)], self._count.value())

    @property
    def overlap(self) -> Overlap:
        """How many people draw each."""
        return Overlap(
            self._experts.value(), self._routine.value(), self._first.value(), self._above, self._sampled.value() / 100
        )

    @property
    def shown(self) -> frozenset[Shown]:
        """What annotators see."""
        return frozenset(each for each, box in self._shown.items() if box.isChecked())

    @property
    def guide(self) -> Guide | None:
        """What is drawn beforehand."""
        found = self._guide.currentData()
        return None if found is None else Guide(found)

    def show_choice(self, choice: "SendChoice", images: ImageChoice) -> None:
        """Show what was chosen at the last send."""
        self._count.setValue(images.count)
        self._buttons[images.which].setChecked(True)
        self._experts.setValue(choice.overlap.experts)
        self._routine.setValue(choice.overlap.routine)
        self._first.setValue(choice.overlap.first)
        self._above = choice.overlap.above
        self._sampled.setValue(round(100 * choice.overlap.sampled))
        for each, box in self._shown.items():
            box.setChecked(each in choice.set_up.shown)
        self._guide.setCurrentIndex(list(_GUIDES).index(choice.set_up.guide))

    def show_counts(self, catalogue: "Catalogue") -> None:
        """Say how many images there are of each kind, and how many people draw how many of those chosen."""
        every, experts = catalogue.order(), expert_rows(catalogue)
        self._buttons[WhichSent.ALL].setText(f"A&ll images ({number_text(len(every))})")
        self._buttons[WhichSent.EXPERTS].setText(f"Those for e&xperts ({number_text(len(experts))})")
        self._buttons[WhichSent.EXPERTS].setEnabled(len(experts) > 0)
        if not len(experts) and self.choice.which is WhichSent.EXPERTS:
            self._buttons[WhichSent.ALL].setChecked(True)
        rows = self.choice.rows(catalogue)
        decided = catalogue.decision[rows]
        ranks = np.full(len(catalogue), _MOST + 1)
        ranks[every] = np.arange(1, len(every) + 1)
        shown = catalogue.disagreement[rows]
        ranked = (ranks[rows] <= self._first.value()) & ~np.isnan(shown)
        if self._above is not None:
            ranked |= shown >= np.float32(self._above)
        several = decided == DECISIONS.index(Decision.EXPERT)
        several |= (decided == DECISIONS.index(Decision.UNDECIDED)) & ranked
        left_out = decided == DECISIONS.index(Decision.EXCLUDE)
        excluded, count, overlap = int(left_out.sum()), int(several.sum()), self.overlap
        names = catalogue.names(rows[~several & ~left_out].tolist()) if overlap.sampled else []
        sampled = sum(chance_of(name) < overlap.sampled for name in names)
        others = len(rows) - excluded - count - sampled
        most = max(overlap.experts, overlap.routine)
        outlines = counted(count * overlap.experts + sampled * most + others * overlap.routine, "outlines")
        by_chance = f"{images_text(sampled)} by chance by as many, " if sampled else ""
        said = (
            f"{images_text(count)} by {people_text(overlap.experts)} each, {by_chance}{images_text(others)} by "
            f"{people_text(overlap.routine)} each: {outlines} in all."
        )
        if excluded:
            said += f" Excluded, and not sent: {images_text(excluded)}."
        if not count:
            said += (
                " None counts as for experts yet: decide some with key 1, or let the first ones of the ranking count."
            )
        self._told.setText(said)

    def _follow(self, *_: object) -> None:
        self._bias.setVisible(bool(self.shown) or self.guide is not None)
        self.changed.emit()
