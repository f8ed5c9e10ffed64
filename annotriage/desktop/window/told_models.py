"""What becomes of the open folder when models come, go, or are made the default, and what is said of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar
    from annotriage.desktop.window.dialogs import Dialogs
    from annotriage.desktop.window.training_windows import TrainingDesk


class ToldModels(QObject):
    """Listens to the dialog of models and to the trainings.

    Parameters
    ----------
    review : ReviewController
    dialogs : Dialogs
    training : TrainingDesk
    messages : MessageBar

    Signals
    -------
    news : str
        What was just done, for the status line.
    """

    news = Signal(str)

    def __init__(
        self,
        review: "ReviewController",
        dialogs: "Dialogs",
        training: "TrainingDesk",
        messages: "MessageBar",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._dialogs = dialogs
        self._training = training
        self._messages = messages
        dialogs.model_removed.connect(self._on_removed)
        dialogs.library_changed.connect(self._on_library)
        review.model_removed.connect(self._tell_removed)
        training.failed.connect(self._tell_failed)
        training.installed.connect(self._on_installed)
        training.default_changed.connect(self._on_default)

    def _on_library(self) -> None:
        if self._review.workplace.model_name is None and self._review.folder is not None:
            self._review.use_model(None)

    def _on_removed(self, name: str) -> None:
        used = self._review.workplace.model_name
        if used is not None and used.casefold() == name.casefold():
            self._review.use_model(None)
            self._tell_removed(name)

    def _tell_removed(self, name: str) -> None:
        text = "The model {name} was removed: folders are scored with the default one from now on."
        self._messages.tell(text.format(name=name), problem=False)

    def _tell_failed(self, sentence: str) -> None:
        self._messages.tell(sentence, action="Show the trainings", do=self._training.show_trainings)

    def _on_installed(self, name: str) -> None:
        self._dialogs.refresh_models()
        self._on_library()
        text = f"The model {name} is installed."
        if self._review.folder is None:
            self.news.emit(text)
        else:
            self._offer(text, name)

    def _on_default(self, name: str) -> None:
        self._dialogs.refresh_models()
        self._on_library()
        text = f"The model {name} is the one in use now."
        chosen = self._review.workplace.model_name
        if self._review.folder is None or chosen in (None, name):
            self.news.emit(text)
        else:
            self._offer(text, None)

    def _offer(self, text: str, model: str | None) -> None:
        """Say something, and offer to score the open folder with a model; None: with the default one."""
        action = "Score this folder with it"
        self._messages.tell(text, action=action, do=lambda: self._review.use_model(model), problem=False)
