"""Take the guide's pictures in a real window, of drawn lesions: `python -m guide.pictures` (without a screen: Xvfb).

Everything on them is the program at work: a folder is scored, masks are measured, a small model is trained. The lesions
are drawn, so that nobody's photograph is in the guide. Takes some minutes.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from annotriage.desktop.window.main_window import MainWindow

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "guide" / "pictures"
EVIDENCE = Path(__file__).resolve().parents[1] / "training" / "runs" / "paper"
LESIONS = 240
PEOPLE = ("ana", "bob", "eve")
FURTHER_DOWN = 96
"""Where in the ranking the image is that is shown large: the first drawings are too faint to see much of them."""
WINDOW = (1280, 800)
COLOURS = 256
"""Of a picture, chosen so that rare ones (of a heatmap) are among them: a package should not grow by megabytes."""

RECIPE = """
name = "own-lesions"
backbone = "resnet18"
weights = "none"
image_size = 96

[fit]
epochs = 12
batch_size = 16

[fit.optimiser]
learning_rate = 3e-4

[fit.early_stopping]
patience = 0
"""


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ["ANNOTRIAGE_HOME"] = str(place / "home")
        os.environ["XDG_CACHE_HOME"] = str(place / "cache")
        (place / "home" / "recipes").mkdir(parents=True)
        (place / "home" / "recipes" / "own-lesions.toml").write_text(RECIPE, encoding="utf-8")
        draw(place)
        take(place / "lesions", place / "masks")


def draw(place: Path) -> None:
    """Draw lesions, their table, and what three people would outline."""
    from PIL import Image

    from annotriage.datasets.synthesis import write_demo_folder
    from annotriage.datasets.synthesis.drawing import draw_lesion

    write_demo_folder(place / "lesions", LESIONS)
    (place / "lesions" / "truth.csv").rename(place / "metrics.csv")
    rng = np.random.default_rng(0)
    (place / "masks").mkdir()
    for number in range(12):
        drawing = draw_lesion(number, ambiguous=number % 2 == 0)
        for person in PEOPLE:
            mask = drawing.mask > rng.uniform(0.15, 0.85)
            Image.fromarray(mask.astype(np.uint8) * 255).save(place / "masks" / f"lesion{number + 1:02}_{person}.png")


def take(images: Path, masks: Path) -> None:
    """Use the program as a person would, and take a picture of each screen."""
    from PySide6.QtWidgets import QApplication

    from annotriage.desktop.agreement.dialog import AgreementDialog
    from annotriage.desktop.background import wait_for_jobs
    from annotriage.desktop.dialogs.models_dialog import ModelsDialog
    from annotriage.desktop.gc_control import WindowThreadGarbage
    from annotriage.desktop.settings import Settings
    from annotriage.desktop.widgets.applying import apply_theme
    from annotriage.desktop.window.main_window import MainWindow
    from annotriage.triage.scoring_progress import Phase
    from tests.end_to_end.training_window import press, seen, until

    app = QApplication([])
    garbage = WindowThreadGarbage(app)
    apply_theme(app, "light")
    window = MainWindow(Settings())
    window.resize(*WINDOW)
    window.show()
    window.open_folder(images)
    until(lambda: window.review.progress.phase is Phase.DONE, "the folder was not scored")
    window.actions_.new_ranking.trigger()
    window.pages.workspace.gallery.focus()
    actions = window.actions_
    for decide in (actions.expert, actions.expert, actions.routine):
        decide.trigger()
        rest(1)
    rest(3)
    grab(window, "window")
    window.actions_.large.trigger()
    for _ in range(FURTHER_DOWN):
        window.actions_.next.trigger()
    for action in window.actions_.maps.values():
        if not action.isChecked():
            action.trigger()
    rest(2.5)
    grab(window, "large")
    window.actions_.leave.trigger()
    window.actions_.models.trigger()
    rest(1.5)
    models = seen(ModelsDialog)
    grab(models, "models")
    models.close()
    agreement = AgreementDialog(masks, window)
    agreement.resize(1100, 720)
    agreement.show()
    agreement.choose([masks])
    until(agreement.next.isEnabled, "the masks were not found")
    press(agreement, agreement.next.text().replace("&", ""))
    rest(2.5)
    grab(agreement, "agreement")
    agreement.close()
    train(window, images)
    statistics(window)
    window.close()
    wait_for_jobs(10)
    garbage.stop()


def train(window: "MainWindow", images: Path) -> None:
    """Go through the wizard."""
    from annotriage.desktop.training.wizard import RESULT, Wizard
    from tests.end_to_end.training_window import fill_in, press, seen, until

    window.actions_.train.trigger()
    wizard = seen(Wizard)
    wizard.resize(1100, 760)
    pages = wizard.planning
    recipe = Path(os.environ["ANNOTRIAGE_HOME"]) / "recipes" / "own-lesions.toml"
    with tempfile.TemporaryDirectory() as own:
        fill_in(wizard, images, images.parent / "metrics.csv", recipe, Path(own))
    until(lambda: "about" in wizard.next.text(), "the cost was not measured")
    rest(1)
    grab(wizard, "training-model")
    press(wizard, "Back")
    until(lambda: not pages[1].missing(), "the labels are not checked")
    rest(1.5)
    grab(wizard, "training-labels")
    press(wizard, "Choose a model")
    press(wizard, "Start training")
    page = wizard.training_page
    until(
        lambda: bool(page.live and page.live.runs and len(page.live.runs[0].curve) >= 7), "the training does not go on"
    )
    rest(1.5)
    grab(wizard, "training-run")
    until(lambda: page.missing() == "", "the training did not end")
    if wizard.step != RESULT:
        press(wizard, "See the result")
    rest(15)
    grab(wizard, "training-result")
    wizard.close()


def statistics(window: "MainWindow") -> None:
    """Show the runs that the README speaks of."""
    from annotriage.desktop.statistics.panel import StatisticsDialog
    from tests.end_to_end.training_window import seen, until

    window.actions_.statistics.trigger()
    panel = seen(StatisticsDialog)
    panel.resize(1200, 800)
    panel.show_runs([EVIDENCE])
    until(lambda: panel.evidence is not None, "the runs were not compared")
    rest(4)
    grab(panel, "statistics")
    panel.close()


def rest(seconds: float) -> None:
    """Let the window work for a while; sleeping in between, so that its threads get on, too."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.01)


def grab(part: "QWidget", name: str) -> None:
    """Write a picture of a window, in few colours."""
    from PIL import Image
    from PySide6.QtGui import QImage

    image = part.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
    few = Image.fromarray(pixels).quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    few.save(PICTURES / f"{name}.png", optimize=True)
    print(f"{name}.png, {(PICTURES / f'{name}.png').stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
    sys.exit(0)
