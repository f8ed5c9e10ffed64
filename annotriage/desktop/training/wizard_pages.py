"""The wizard's pages by their places: made when they are needed, and asked what they lack."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from annotriage.desktop.training.run.page import TrainingPage

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.training.result.page import ResultPage
    from annotriage.desktop.training.run.queue import TrainingQueue
    from annotriage.desktop.widgets.step_page import WizardPage
    from annotriage.trainings.plan import TrainingPlan

IMAGES, LABELS, MODEL, TRAINING, RESULT = range(5)


class WizardPages(QStackedWidget):
    """Shows one of the pages."""

    changed = Signal()
    measure_wanted = Signal()

    def __init__(self, plan: "TrainingPlan", queue: "TrainingQueue", navigator: "Navigator", *, new: bool) -> None:
        super().__init__()
        self._plan = plan
        self._navigator = navigator
        self._seen: set[int] = set()
        self.planning: list[WizardPage] = []
        self.training = TrainingPage(queue, navigator)
        self.result: ResultPage | None = None
        if new:
            from annotriage.desktop.training.data.images_page import ImagesPage
            from annotriage.desktop.training.data.labels_page import LabelsPage
            from annotriage.desktop.training.recipe.page import ModelPage

            labels = LabelsPage(plan)
            labels.measure_wanted.connect(self.measure_wanted)
            self.planning = [ImagesPage(plan), labels, ModelPage(plan)]
        for place in range(TRAINING):
            self.addWidget(self.planning[place] if self.planning else QWidget())
            if self.planning:
                self.planning[place].changed.connect(self.changed)
        self.addWidget(self.training)
        self._no_result = QWidget()
        self.addWidget(self._no_result)

    def at(self, place: int) -> "WizardPage | None":
        """Return the page of a place; None: there is none (yet)."""
        if place == TRAINING:
            return self.training
        if place == RESULT:
            return self.result
        return self.planning[place] if place < len(self.planning) else None

    def show_place(self, place: int) -> None:
        """Show another page, and tell both."""
        before, page = self.at(self.currentIndex()), self.at(place)
        if before is not None and before is not page:
            before.leave()
        self._seen.add(place)
        self.setCurrentIndex(place)
        if page is not None:
            page.enter()

    def was_seen(self, place: int) -> bool:
        """Tell whether a page has been shown."""
        return place in self._seen

    def make_result(self) -> "ResultPage":
        """Make the last page."""
        from annotriage.desktop.training.result.page import ResultPage
        from annotriage.model_file import ModelLibrary

        self.result = ResultPage(ModelLibrary(), self._navigator, self)
        self.removeWidget(self._no_result)
        self.insertWidget(RESULT, self.result)
        return self.result

    def lacks(self, place: int) -> str:
        """Return what one of the first three pages lacks; what is still being typed is not in the plan yet."""
        sentence = self.planning[place].missing()
        chosen = {IMAGES: self._plan.images, LABELS: self._plan.labels}
        if not sentence and place in chosen and chosen[place] is None:
            return "What was typed is being looked at."
        return sentence

    def is_complete(self, places: int) -> bool:
        """Tell whether none of the first so many pages lacks anything."""
        return bool(self.planning) and not any(map(self.lacks, range(places)))

    def end_planning(self) -> None:
        """Let the first three pages stop their work."""
        for page in self.planning:
            page.shut_down()

    def shut_down(self) -> None:
        """Let all pages stop their work."""
        self.end_planning()
        self.training.shut_down()
        if self.result is not None:
            self.result.shut_down()
