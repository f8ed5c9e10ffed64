"""The session store and the models, opened when they are first needed and then shared by all threads."""

import threading
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from pathlib import Path

    from annotriage.images import ImageFile
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.store import SessionStore


class ReviewResources:
    """What outlives a folder. Each method may take a while and is for threads other than the window's."""

    def __init__(self) -> None:
        self.model_name: str | None = None
        """The library's name of the model to use; None: the default one."""
        self._lock = threading.Lock()
        self._store: SessionStore | None = None
        self._model: ModelFile | None = None
        self._opened_name: str | None = None
        self._removed: str | None = None
        self._cannot_open = False

    def store(self) -> "SessionStore":
        """Return the session store.

        Raises
        ------
        AnnotriageError
            It cannot be opened.
        """
        from annotriage.triage.store import SessionStore
        from annotriage.triage.store_errors import DamagedStoreError

        with self._lock:
            if self._store is None:
                try:
                    self._store = SessionStore()
                except DamagedStoreError:
                    self._cannot_open = True
                    raise
            return self._store

    @property
    def is_store_damaged(self) -> bool:
        """Whether it turned out that the session file cannot be made sense of."""
        store = self._store
        return self._cannot_open if store is None else store.is_damaged

    def put_store_aside(self) -> "tuple[Path, int]":
        """Rename the damaged session file, begin a new one, and take over what can be read of the decisions.

        Returns
        -------
        Path, int
            Where the damaged file is now; images whose decisions were taken over.

        Raises
        ------
        AnnotriageError
            It cannot be renamed, or a new one not be made.
        """
        from annotriage.triage.salvage import put_aside, salvage
        from annotriage.triage.store import FILE_NAME, SessionStore
        from annotriage.user_folder import user_folder

        with self._lock:
            path = user_folder() / FILE_NAME if self._store is None else self._store.path
            if self._store is not None:
                self._store.close()
                self._store = None
            try:
                aside = put_aside(path)
            except OSError as error:
                raise AnnotriageError(
                    f"{path} cannot be renamed ({error.strerror}): close other windows of Annotriage, and try again."
                ) from None
            self._store, self._cannot_open = SessionStore(path), False
            return aside, salvage(aside, self._store)

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

    def model_for_folder(self) -> "ModelFile":
        """Return the model for a folder that is about to be listed; see `model`.

        One that was removed while it was in use is given up for the default one, which `take_removed` tells.
        """
        from annotriage.model_file import ModelFileError

        with self._lock:
            if self._model is not None and not self._model.path.exists():
                self._model = None
            was_used = self.model_name is not None and self._opened_name == self.model_name
        try:
            return self.model()
        except ModelFileError:
            if not was_used:
                raise
        with self._lock:
            self._removed, self.model_name = self.model_name, None
        return self.model()

    def take_removed(self) -> str | None:
        """Return the name of the model that was given up since the last call; None: none was."""
        removed, self._removed = self._removed, None
        return removed

    def forget_model(self) -> None:
        """Look the model up anew next time: another may have become the default."""
        with self._lock:
            self._model = None

    def maps_of(self, image: "ImageFile") -> "Prediction | None":
        """Read an image's prediction with its maps, of whichever folder it is.

        Raises
        ------
        AnnotriageError
            The store or the model cannot be used.
        """
        from annotriage.triage.folder_scoring import FolderScoring

        folder = image.path.parents[image.name.count("/")]
        return FolderScoring(folder, self.model(), self.store()).maps_of(image)

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
