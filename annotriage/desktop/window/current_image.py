"""Keeps the inspector and the large view on the current image and on what is known about it."""

from typing import TYPE_CHECKING, TypedDict

from PySide6.QtCore import QObject, QTimer

from annotriage.desktop.inspector.gauge import Numbers
from annotriage.triage.measured_words import measured_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotriage.desktop.inspector.inspector_panel import InspectorPanel
    from annotriage.desktop.inspector.large_view import LargeView
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.window.target import Target
    from annotriage.images import ImageFile


class Drawn(TypedDict, total=False):
    """What `Numbers` say of what people drew."""

    measured_dice: float | None
    drawn: tuple[tuple[str, str], ...]
    readers: int


_AHEAD = (1, -1, 2, 3)
"""Where the images lie, from the current one, that are decoded ahead; the likeliest next one first."""


class CurrentImage(QObject):
    """Shows the current image in whichever of the two views is in use."""

    def __init__(
        self,
        review: "ReviewController",
        target: "Target",
        panel: "InspectorPanel",
        large: "LargeView",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._images = review.images
        self._target = target
        self._panel = panel
        self._large = large
        # A selection that grows under the mouse, or a burst of predictions, is shown once.
        self._reviews_soon = QTimer(self, singleShot=True, interval=0)
        self._reviews_soon.timeout.connect(self._show_reviews)
        self._numbers_soon = QTimer(self, singleShot=True, interval=50)
        self._numbers_soon.timeout.connect(self._show_numbers)
        target.changed.connect(self._on_target)
        self._images.modelReset.connect(self._show_image)
        self._images.order_changed.connect(self._show_image)
        self._images.summary_changed.connect(self._show_numbers_soon)
        review.journal.recorded.connect(self._reviews_soon.start)
        for changed in (review.model_changed, review.team.changed):
            changed.connect(self._show_model)

    @property
    def current(self) -> "ImageFile | None":
        """The current image."""
        line = self._line()
        return None if line is None else self._images.image(line)

    def near(self) -> set[str]:
        """Return the names of the current image and of those that are decoded ahead."""
        line = self._line()
        if line is None:
            return set()
        return {image.name for image in [self._images.image(line), *self._neighbours(line)]}

    def show(self) -> None:
        """Show the current image in the view that is in use now."""
        self._show_image()

    def show_reviews_now(self) -> None:
        """Show at once what would be shown in a moment, as before somebody types about the selected images."""
        if self._reviews_soon.isActive():
            self._reviews_soon.stop()
            self._show_reviews()

    def _line(self) -> int | None:
        return self._target.current

    def _on_target(self) -> None:
        view = self._large if self._target.is_large else self._panel
        image = self.current
        if image != view.image:
            self._show_image()
        self._reviews_soon.start()

    def _show_image(self, *_: object) -> None:
        line = self._line()
        view = self._large if self._target.is_large else self._panel
        image = None if line is None else self._images.image(line)
        view.pictures.show_image(image, neighbours=[] if line is None else self._neighbours(line))
        self._show_numbers()
        self._reviews_soon.start()

    def _neighbours(self, line: int) -> "Sequence[ImageFile]":
        count = self._images.rowCount()
        return [self._images.image(line + step) for step in _AHEAD if 0 <= line + step < count]

    def _show_numbers(self) -> None:
        line = self._line()
        changed = line is not None and self._images.is_changed(line)
        drawn = {} if line is None else self._drawn(line)
        numbers = Numbers(changed=changed, **drawn)
        if line is not None and (disagreement := self._images.disagreement(line)) is not None:
            interval = self._images.interval(line)
            model, team = self._review.model, self._review.team
            numbers = Numbers(
                predicted_dice=1.0 - disagreement,
                lower=None if interval is None else interval[0],
                upper=None if interval is None else interval[1],
                rank=self._images.rank(line),
                ranked=self._images.ranked,
                level=None if model is None else model.card.interval.level,
                changed=changed,
                cutoff=self._images.cutoff,
                unlike=self._images.unlike_text(line),
                team=team.words,
                figures=team.figures,
                sentence=team.sentence,
                **drawn,
            )
        (self._large if self._target.is_large else self._panel).set_numbers(numbers)

    def _drawn(self, line: int) -> "Drawn":
        """Return what people drew of an image."""
        catalogue, images = self._images.catalogue, self._images
        one = None if catalogue is None else catalogue.measured.by_name.get(images.name(line))
        if one is None:
            return {}
        rows = measured_rows(
            one,
            interval=images.interval(line),
            step=images.next_step(line),
            of_file=not images.is_drawn_on_another(line),
        )
        return {"measured_dice": images.measured(line), "drawn": tuple(rows), "readers": one.count}

    def _show_reviews(self) -> None:
        lines = self._target.lines()
        reviews = self._images.reviews_of(lines) if lines else {}
        view = self._large if self._target.is_large else self._panel
        catalogue = self._images.catalogue
        used = set() if catalogue is None else {review.assignee for review in catalogue.reviews.values()}
        view.fields.set_assignees(sorted(used - {""}))
        view.set_reviews(reviews)

    def _show_model(self, *_: object) -> None:
        card = None if self._review.model is None else self._review.model.card
        self._panel.set_model(card, self._review.team.sentence)
        self._show_numbers()

    def _show_numbers_soon(self) -> None:
        # Ranks change with the predictions of other images, too.
        if not self._numbers_soon.isActive():
            self._numbers_soon.start()
