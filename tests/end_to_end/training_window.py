"""A window in which somebody trains a model, installs it and ranks a folder with it; says each step that was reached.

Run as ``python -m tests.end_to_end.training_window IMAGES LABELS RECIPE PICTURES``: the last one is a folder that gets
a picture of each page.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from shiboken6 import isValid

from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.gc_control import WindowThreadGarbage
from annotriage.desktop.settings import Settings
from annotriage.desktop.training.trainings_dialog import TrainingsDialog
from annotriage.desktop.training.wizard import RESULT, TRAINING, Wizard
from annotriage.desktop.widgets.applying import apply_theme
from annotriage.desktop.window.main_window import MainWindow
from annotriage.triage.scoring_progress import Phase

W = TypeVar("W", bound=QWidget)
_PATIENCE = 600.0
"""Seconds; on an idle machine nothing takes a tenth of it."""


def main() -> None:
    """Go the whole way; each wait that is in vain ends the program."""
    images, labels, recipe, pictures = (Path(argument) for argument in sys.argv[1:5])
    app = QApplication([])
    garbage = WindowThreadGarbage(app)
    apply_theme(app, "light")
    window = MainWindow(Settings())
    window.resize(1200, 760)
    window.show()
    window.open_folder(images)
    until(lambda: window.review.progress.phase is Phase.DONE, "the folder was not scored")
    before = window.review.model
    assert before is not None

    window.actions_.train.trigger()
    wizard = seen(Wizard)
    fill_in(wizard, images, labels, recipe, pictures)
    press(wizard, "Start training")
    until(lambda: wizard.step == TRAINING, lambda: f"no training was started: {wizard.bar.text()}")
    say("started")
    page = wizard.training_page
    until(
        lambda: bool(page.live and page.live.runs and page.live.runs[0].curve), lambda: f"no epoch ended: {page.live}"
    )
    say(window._status._training.text())
    wizard.grab().save(str(pictures / "training.png"))

    wizard.close()  # it goes on without
    window.actions_.trainings.trigger()
    trainings = seen(TrainingsDialog)
    until(lambda: len(trainings.rows()) == 1, "the training is not listed")
    trainings.grab().save(str(pictures / "trainings.png"))
    press(trainings, "Open")
    wizard = seen(Wizard)
    say(f"found again at {wizard.step}")
    until(
        lambda: wizard.training_page.missing() == "",
        lambda: f"it did not end: {wizard.training_page.live} {wizard.training_page.bar.text()}",
    )
    trainings.close()
    if wizard.step == TRAINING:
        press(wizard, "See the result")
    until(lambda: wizard.step == RESULT, "there is no result")
    press(wizard, "Install")
    sentence = "The model small is installed."
    until(lambda: sentence in window.messages.sentences(), "it was not installed")
    say("installed")
    wizard.grab().save(str(pictures / "result.png"))
    wizard.close()

    press(window, "Score this folder with it")
    until(
        lambda: window.review.model not in (None, before) and window.review.progress.phase is Phase.DONE,
        lambda: f"the folder was not scored with it: {window.messages.sentences()}",
    )
    window.grab().save(str(pictures / "window.png"))
    assert window.review.model is not None
    say(f"scored {window.review.progress.done} images with {window.review.model.card.name}")
    window.actions_.expert.trigger()
    until(lambda: len(window.review.images.catalogue.reviews) == 1, "nothing was decided")  # type: ignore[union-attr]
    window.close()
    wait_for_jobs(10)
    garbage.stop()
    say("closed")


def fill_in(wizard: Wizard, images: Path, labels: Path, recipe: Path, pictures: Path) -> None:
    """Type what the first three pages ask for."""
    images_page, labels_page, model_page = wizard.planning
    QTest.keyClicks(images_page.folder.line, str(images))  # type: ignore[attr-defined]
    until(wizard.next.isEnabled, lambda: images_page.missing())
    wizard.grab().save(str(pictures / "images.png"))
    press(wizard, "Choose the labels")
    QTest.keyClicks(labels_page.table.line, str(labels))  # type: ignore[attr-defined]
    until(wizard.next.isEnabled, lambda: labels_page.missing())
    wizard.grab().save(str(pictures / "labels.png"))
    press(wizard, "Choose a model")
    preset: QComboBox = model_page.choice.preset  # type: ignore[attr-defined]
    until(lambda: preset.findText(recipe.stem) >= 0, "the saved recipe is not offered")
    preset.setCurrentIndex(preset.findText(recipe.stem))
    preset.activated.emit(preset.currentIndex())
    until(wizard.next.isEnabled, lambda: model_page.missing())
    wizard.grab().save(str(pictures / "model.png"))
    say(", ".join(recipe.name for recipe in wizard.plan.recipes))


def seen(kind: type[W]) -> W:
    """Wait for a window and return it."""

    def found() -> list[W]:
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]

    until(lambda: len(found()) == 1, f"no {kind.__name__}")
    return found()[0]


def press(part: QWidget, text: str) -> None:
    """Wait for a button that begins like this and can be pressed, and click on it; on the shortest of several."""

    def found() -> list[QAbstractButton]:
        return [
            each for each in part.findChildren(QAbstractButton)
            if isValid(each) and each.isVisible() and each.isEnabled() and each.text().replace("&", "").startswith(text)
        ]  # fmt: skip

    until(lambda: bool(found()), lambda: f"no button {text}: {[b.text() for b in part.findChildren(QAbstractButton)]}")
    QTest.mouseClick(min(found(), key=lambda each: len(each.text())), Qt.MouseButton.LeftButton)


def until(holds: Callable[[], bool], otherwise: str | Callable[[], str]) -> None:
    """Let the window work until something holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > end:
            sys.exit(otherwise if isinstance(otherwise, str) else otherwise())
        QApplication.processEvents()
        time.sleep(0.02)  # not by QTest, which keeps all other threads waiting
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def say(step: str) -> None:
    """Tell the test."""
    print(step, flush=True)


if __name__ == "__main__":
    main()
