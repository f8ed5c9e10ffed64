"""What was measured by hand, offered to the folder that is open: to stand beside its predictions."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from annotriage.desktop.background import Job
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.agreement.mask_set import MaskRow
    from annotriage.desktop.agreement.dialog import AgreementDialog
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.triage.measured import MaskSource
    from annotriage.triage.measuring import DrawnImages


class MeasuredOffer(QObject):
    """Asks in the dialog that measured; what is taken over is remembered, and read again whenever it changes."""

    def __init__(self, review: "ReviewController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._review = review
        self._job: Job | None = None

    def offer(self, dialog: "AgreementDialog", source: "MaskSource", rows: "list[MaskRow]") -> None:
        """Look for the measured images in the open folder, and ask where there are some."""
        catalogue, folder = self._review.images.catalogue, self._review.folder
        if catalogue is None or folder is None:
            return
        images = catalogue.images

        def look() -> "DrawnImages":
            from annotriage.agreement.mask_set import MaskSet
            from annotriage.triage.measuring import drawn_images

            return drawn_images(MaskSet(rows), images)

        def ask(found: "DrawnImages") -> None:
            self._job = None
            if found.drawn and isValid(dialog) and self._review.folder == folder:
                total = len(found.drawn) + len(found.not_here) + len(found.unclear) + len(found.doubled)
                sentence = (
                    f"These are masks of the folder that is open: {number_text(len(found.drawn))} of "
                    f"{images_text(total)} found. {found.words} Show them beside the predictions?"
                )
                take = partial(self._review.measuring.begin, source)
                dialog.bar.ask(" ".join(sentence.split()), "Show beside predictions", "Not now", take)

        if self._job is not None:
            self._job.forget()
        self._job = Job(look, ask)
