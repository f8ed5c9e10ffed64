"""For whom the open folder's predictions hold: chosen in words, changed without anything being computed anew."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.background import Job
from annotriage.scoring.team import EVERYBODY, is_whole
from annotriage.scoring.team_words import figures_in_short, figures_text, map_note, team_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.model_file import ModelCard, WayOfDrawing
    from annotriage.scoring.prediction import Prediction
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.catalogue_changes import ImagesChange
    from annotriage.triage.folder_scoring import FolderScoring


class FolderTeam(QObject):
    """The team of the open folder; all numbers in `ImageModel` hold for it.

    Another choice is written down and its numbers are read in a thread; the window goes on meanwhile with those of
    before, and words and numbers change together.
    """

    changed = Signal()
    """Predictions hold for somebody else, or another model is in use."""
    switched = Signal()
    """Another way of drawing was chosen, and the images are ranked by it; after `changed`."""
    unknown = Signal()
    """The model knows ways of drawing, and nobody said yet how this folder's team draws."""
    noted = Signal(str)
    """Why predictions do not hold for whom was chosen; a sentence."""
    failed = Signal(str)
    """The choice could not be written down; a sentence."""

    def __init__(self, images: "ImageModel", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._scoring: FolderScoring | None = None
        self.is_settled = True
        """Whether somebody said how the open folder's team draws."""
        self._job: Job | None = None
        self._wanted: tuple[Path, str | None] | None = None
        """A folder and the way that was chosen for it, until its numbers are shown."""
        self._arrived: list[tuple[str, Prediction]] = []  # while another team's numbers are being read

    @property
    def team(self) -> "Team":
        """For whom predictions hold."""
        return EVERYBODY if self._scoring is None else self._scoring.team

    @property
    def card(self) -> "ModelCard | None":
        """The card of the model that predicts; None: no folder is open."""
        return None if self._scoring is None else self._scoring.model.card

    @property
    def ways(self) -> "Sequence[WayOfDrawing]":
        """The ways of drawing that can be chosen, mixed first; none: the model knows none."""
        return () if self.card is None else self.card.ways

    @property
    def is_switching(self) -> bool:
        """Whether the numbers of another choice are being read."""
        return self._job is not None

    @property
    def words(self) -> str:
        """For whom predictions hold, in few words: 'by hand'; empty: the model knows no ways."""
        return team_text(self.card, self.team)

    @property
    def figures(self) -> str:
        """How good they are, in few words; empty: the model knows no ways."""
        way = self._way
        return "" if way is None else f"{figures_in_short(way)}{self._before}"

    @property
    def sentence(self) -> str:
        """How good they are, in sentences; empty: the model knows no ways."""
        way = self._way
        return "" if way is None else figures_text(way)

    @property
    def _before(self) -> str:
        return "" if self.team.calibration is None else ", before calibration"

    @property
    def _way(self) -> "WayOfDrawing | None":
        return None if self.card is None else self.card.way(self.team.way)

    def map_note(self, name: str) -> str:
        """Say of a map that it is of another prediction; empty: it is not."""
        return map_note(self.card, self.team, name)

    def begin(self, scoring: "FolderScoring | None", *, is_chosen: bool = True) -> None:
        """Begin with another folder or model; None: with none yet."""
        self._scoring, self.is_settled = scoring, is_chosen
        self._arrived = []
        if self._job is not None:
            self._job.forget()
            self._job = None
        self._images.set_team_words(self.words)
        self.changed.emit()
        if scoring is None:
            return
        if scoring.team_note:
            self.noted.emit(scoring.team_note)
        if self._wanted is not None and self._wanted[0] == scoring.folder:
            self.choose(self._wanted[1])  # it may have been written down too late for this
        elif self.ways and not is_chosen and self.team.calibration is None:
            self.unknown.emit()

    def choose(self, way: str | None) -> None:
        """Let predictions hold for a team that draws in a way; None: as was chosen, as when it was calibrated anew."""
        if self._scoring is None:
            return
        self._wanted = self._scoring.folder, way
        if self._job is None:
            self._switch(way)

    # What is under way to the window, and may have been told for another team

    def of(self, arrived: "list[tuple[str, Prediction]]") -> "list[tuple[str, Prediction]]":
        """Return predictions that arrive, by the images' names, as they hold for the team."""
        if self._job is not None:
            self._arrived += arrived
        return self._turned(arrived)

    def of_change(self, change: "ImagesChange") -> "ImagesChange":
        """Return what changed in the folder, with predictions as they hold for the team."""
        return replace(change, predictions=dict(self.of(list(change.predictions.items()))))

    def _turned(self, arrived: "list[tuple[str, Prediction]]") -> "list[tuple[str, Prediction]]":
        scoring = self._scoring
        if scoring is None or scoring.team.is_plain:
            return arrived if scoring is None else [(name, scoring.for_team(each)) for name, each in arrived]
        card = scoring.model.card  # what lacks its ways of drawing is scored again
        return [(name, scoring.for_team(each)) for name, each in arrived if is_whole(card, each)]

    # Another way

    def _switch(self, way: str | None) -> None:
        scoring, catalogue = self._scoring, self._images.catalogue
        assert scoring is not None
        self._arrived = []
        self._job = Job(
            lambda: _switched(scoring, way, catalogue),
            lambda found: self._on_switched(way, catalogue, *found),
            self._on_failed,
        )

    def _on_switched(
        self, way: str | None, catalogue: "Catalogue | None", team: "Team", numbers: "NDArray[np.float32] | None"
    ) -> None:
        self._job = None
        scoring = self._scoring
        assert scoring is not None  # the job would have been forgotten
        wanted = way if self._wanted is None else self._wanted[1]
        if way != wanted or self._images.catalogue is not catalogue:
            self._switch(wanted)  # chosen otherwise, or listed otherwise, in the meantime
            return
        self._wanted = None
        scoring.team, scoring.team_note, self.is_settled = team, "", self.is_settled or way is not None
        self._images.set_team_words(self.words)
        if numbers is not None:
            self._images.replace_numbers(numbers, team, self._turned(self._arrived))
        self._arrived = []
        self.changed.emit()
        self.switched.emit()

    def _on_failed(self, sentence: str) -> None:
        self._job = self._wanted = None
        self._arrived = []
        self.changed.emit()  # back to what holds still, wherever the choice is shown
        self.failed.emit(sentence)


def _switched(
    scoring: "FolderScoring", way: str | None, catalogue: "Catalogue | None"
) -> "tuple[Team, NDArray[np.float32] | None]":
    """Write a choice down, and read the numbers that hold then; for a thread."""
    from annotriage.desktop.gc_control import considerate
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.team_choice import choose_way, team_of

    if way is not None:
        team_of(scoring.model, way)  # which refuses one that the model does not know
        choose_way(scoring.store, scoring.folder, way)
    with considerate():
        other = FolderScoring(scoring.folder, scoring.model, scoring.store)
        return other.team, None if catalogue is None else catalogue.columns_of(other.stored_numbers())
