"""Find in a thread which images of the open folder are nearly the same picture: one of each is sent."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotriage.desktop.background import Job
from annotriage.triage.scoring_progress import Phase

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel
    from annotriage.triage.folder_scoring import FolderScoring


class FolderLikeness(QObject):
    """The groups in `Catalogue.group`: found once all images are scored, and again after more were."""

    def __init__(self, images: "ImageModel", parent: QObject) -> None:
        super().__init__(parent)
        self._images = images
        self._job: Job | None = None

    def follow(self, phase: Phase, scoring: "FolderScoring | None") -> None:
        """Find them when all is scored; forget what is under way when that begins anew or the folder is closed."""
        catalogue = self._images.catalogue
        if self._job is not None:
            self._job.forget()
            self._job = None
        if phase is not Phase.DONE or scoring is None or catalogue is None:
            return
        names = [image.name for image in catalogue.images]
        self._job = Job(lambda: _groups(scoring, names), self._on_found, name="likeness")

    def _on_found(self, group_of: dict[str, int]) -> None:
        self._job = None
        if self._images.catalogue is not None:
            self._images.catalogue.set_groups(group_of)
            self._images.summary_changed.emit()


def _groups(scoring: "FolderScoring", names: list[str]) -> dict[str, int]:
    from annotriage.desktop.gc_control import considerate

    with considerate():
        return scoring.groups(names)
