"""The way from one screen to another: one per window, handed down to every screen that leads somewhere else."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal


class Navigator(QObject):
    """What a screen asks of the window, and what it tells the others. The window listens; a screen emits.

    So no screen knows the others, and none passes on what its parts ask for.
    """

    open_image = Signal(Path)
    """Large if it is of the open folder, else in a small window of its own."""
    open_folder = Signal(Path)
    open_statistics = Signal(list)
    """Of these folders of runs, a list of Path; of what was chosen last where it is empty."""
    open_training = Signal(object)
    """A `Training`, at the page where it is."""
    plan_training = Signal(object)
    """A new one, filled in as this `TrainingPlan`; None: as it was left."""
    open_trainings = Signal()

    news = Signal(str)
    """What was just done, for the status line."""
    failed = Signal(str)
    """Something could not be done, or should be known; a sentence that stays until it is dismissed."""

    model_installed = Signal(str)
    """A model of this name is in the library now."""
    default_model_changed = Signal(str)
    """A model of this name is the one in use now."""
    model_removed = Signal(str)
    """The model of this name was deleted from the library."""
    library_changed = Signal()
    """Models were imported, replaced or removed, or another one is the default."""
    trainings_changed = Signal()
    """One was thrown away, or brought back."""
