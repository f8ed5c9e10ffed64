"""The session store and the models, opened when they are first needed and then shared by all threads."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotriage.model_file import ModelFile
    from annotriage.triage.store import SessionStore


class Workplace:
    """What outlives a folder. Each method may take a while and is for threads other than the window's.

    Attributes
    ----------
    model_name : str or None
        The library's name of the model to use; None: the default one.
    """

    def __init__(self) -> None:
        self.model_name: str | None = None
        self._lock = threading.Lock()
        self._store: SessionStore | None = None
        self._model: ModelFile | None = None
        self._opened_name: str | None = None

    def store(self) -> "SessionStore":
        """Return the session store.

        Raises
        ------
        AnnotriageError
            It cannot be opened.
        """
        from annotriage.triage.store import SessionStore

        with self._lock:
            if self._store is None:
                self._store = SessionStore()
            return self._store

    def model(self) -> "ModelFile":
        """Return the model to use.

        Raises
        ------
        AnnotriageError
            It cannot be used.
        """
        from annotriage.model_file import ModelLibrary

        with self._lock:
            if self._model is None or self._opened_name != self.model_name:
                library = ModelLibrary()
                self._model = library.default() if self.model_name is None else library.find(self.model_name)
                self._opened_name = self.model_name
            return self._model

    def forget_model(self) -> None:
        """Look the model up anew next time: another may have become the default."""
        with self._lock:
            self._model = None

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
