"""What the pages of the training wizard share."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class WizardPage(QWidget):
    """One page of the wizard; `title` is how the rail calls it.

    `changed` tells that what is missing, or what the page wrote into the plan, is another.
    """

    changed = Signal()
    title = ""

    def missing(self) -> str:
        """Say in one sentence what is still missing; empty when the page is complete."""
        return ""

    def enter(self) -> None:
        """Get ready: the page is shown now."""

    def leave(self) -> None:
        """Do what is due when another page is shown."""

    def shut_down(self) -> None:
        """Stop threads and processes: the wizard is closed."""
