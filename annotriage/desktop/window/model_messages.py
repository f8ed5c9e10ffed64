"""What becomes of the open folder when models come, go, or are made the default, and what is said of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from annotriage.desktop.navigator import Navigator
    from annotriage.desktop.review.controller import ReviewController
    from annotriage.desktop.widgets.message_bar import MessageBar


class ModelMessages(QObject):
    """Messages about models, each with what can be done about it."""

    def __init__(
        self, review: "ReviewController", navigator: "Navigator", messages: "MessageBar", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._navigator = navigator
        self._messages = messages
        navigator.model_removed.connect(self._on_removed)
        navigator.library_changed.connect(self._on_library)
        navigator.model_installed.connect(self._on_installed)
        navigator.default_model_changed.connect(self._on_default)
        review.model_removed.connect(self._tell_removed)

    def _on_library(self) -> None:
        if self._review.resources.model_name is None and self._review.folder is not None:
            self._review.use_model(None)

    def _on_removed(self, name: str) -> None:
        used = self._review.resources.model_name
        if used is not None and used.casefold() == name.casefold():
            self._review.use_model(None)
            self._tell_removed(name)

    def _tell_removed(self, name: str) -> None:
        text = f"The model {name} was removed: folders are scored with the default one from now on."
        self._messages.show_message(text, problem=False)

    def _on_installed(self, name: str) -> None:
        self._on_library()
        text = f"The model {name} is installed."
        if self._review.folder is None:
            self._navigator.news.emit(text)
        else:
            self._offer(text, name)

    def _on_default(self, name: str) -> None:
        self._on_library()
        text = f"The model {name} is the one in use now."
        chosen = self._review.resources.model_name
        if self._review.folder is None or chosen in (None, name):
            self._navigator.news.emit(text)
        else:
            self._offer(text, None)

    def _offer(self, text: str, model: str | None) -> None:
        """Say something, and offer to score the open folder with a model; None: with the default one."""
        action = "Score this folder with it"
        self._messages.show_message(text, action=action, do=lambda: self._review.use_model(model), problem=False)
