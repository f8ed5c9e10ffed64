"""What all of the server's places share: the model, what is kept, the work; and how the image of a task is found."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.labelling.serving.addresses import (
    AddressError,
    MissingFileError,
    file_below,
    image_address,
    local_part,
    on_server,
    origin,
)
from annotriage.labelling.serving.downloads import LabelStudioFiles
from annotriage.labelling.serving.kept import Kept, Wanted
from annotriage.labelling.serving.metrics import Metrics
from annotriage.labelling.serving.work import Order, Work
from annotriage.names import as_unicode
from annotriage.parallel import usable_cores
from annotriage.scoring.team import Team, way_named
from annotriage.triage.exports.label_studio_set_up import model_version
from annotriage.triage.team_choice import chosen_team, team_of
from annotriage.user_folder import user_folder

if TYPE_CHECKING:
    from annotriage.labelling.serving.settings import ServerSettings
    from annotriage.model_file import ModelFile
    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.store import SessionStore


class Service:
    """One model at work for all who ask.

    Parameters
    ----------
    model : ModelFile
    store : SessionStore
        Where predictions are kept.
    settings : ServerSettings
    uploads : Path
        A folder for images while they are scored.
    threads : int or None
        That score; None: one a core.

    Attributes
    ----------
    team : Team
        For whom is predicted, unless a request says for whom else.
    team_note : str
        Why that is not whom was chosen; empty: it is.
    stopping : asyncio.Event
        Set once the server is being stopped: whoever waits answers with what there is.

    Raises
    ------
    AnnotriageError
        The model cannot be computed, or the store cannot be used.
    """

    def __init__(
        self,
        model: "ModelFile",
        store: "SessionStore",
        settings: "ServerSettings",
        uploads: Path,
        *,
        threads: int | None = None,
    ) -> None:
        self.model = model
        self.settings = settings
        self.metrics = Metrics(f"{model.card.name} {model.card.version}")
        self.uploads = uploads
        self.stopping = asyncio.Event()
        self._names = itertools.count()
        self._kept = Kept(model, store)
        self.team_note = ""
        if settings.way is None and settings.root is not None:
            self.team, self.team_note = chosen_team(store, settings.root, model)
        else:
            self.team = team_of(model, settings.way)
        self._root = None if settings.root is None else settings.root.resolve()
        self._files: LabelStudioFiles | None = None
        if self._root is not None:
            self._kept.note_new(self._root)
        if settings.label_studio:
            self._files = LabelStudioFiles(settings.label_studio, settings.token, uploads, settings.largest)
            self._kept.note_new(self._folder_of_server())
        self.work = Work(
            model, self._kept, self.metrics, threads=threads or usable_cores(), most_waiting=settings.most_waiting
        )

    def model_version(self, team: Team | None = None) -> str:
        """Return what predictions for a team are filed under in Label Studio, as by *Send to Label Studio*.

        None: for whom is predicted here.
        """
        return model_version(self.model.card, team or self.team)

    def team_named(self, drawn: str | None) -> Team:
        """Return for whom a request asks that names a way of drawing; None: it names none.

        Raises
        ------
        AnnotriageError
            There is no such way, or the model does not know it.
        """
        return self.team if drawn is None else team_of(self.model, way_named(drawn, self.model.card))

    def close(self) -> None:
        """End the work; what was computed is kept."""
        self.work.close()

    def offer_token(self, token: str) -> None:
        """Take the token that Label Studio sends for its files, unless one was given."""
        if self._files is not None:
            self._files.offer_token(token)

    def upload_path(self) -> Path:
        """Return a path for an image that is sent."""
        return self.uploads / f"sent-{next(self._names)}"

    def uploaded(self, path: Path, size: int) -> Wanted:
        """Return an image that was sent and lies at a path; nothing of it is kept."""
        return Wanted(None, ImageFile(path, path.name, size, 0, None), lambda: _there(path))

    def wanted(self, data: object, fields: list[str]) -> Wanted:
        """Return the image of a task.

        Parameters
        ----------
        data : object
            The task's ``data``.
        fields : list of str
            What the labelling set-up shows as images.

        Raises
        ------
        AnnotriageError
            It has none, or it may not or cannot be read.
        """
        address = image_address(data, [self.settings.field] if self.settings.field else fields)
        part = local_part(address)
        if part is not None and self._root is not None:
            self._check_origin(address)
            try:
                return self._below_root(self._root, part)
            except MissingFileError:
                if self._files is None:
                    raise
        if self._files is None:
            raise AddressError(
                "The image is no file below a folder that is named (--root DIR), and no server is named to fetch it "
                "from (--label-studio ADDRESS)."
            )
        files, whole = self._files, on_server(address, self.settings.label_studio)
        file = ImageFile(Path(whole.rpartition("/")[2] or "image"), as_unicode(whole), 0, 0, None)
        # What was uploaded keeps its address for good; behind another one, the file can become another.
        is_upload = "/data/upload/" in whole
        return Wanted(self._folder_of_server(), file, lambda: files.fetched(whole), lasting=is_upload)

    def known(self, wanted: Sequence[Wanted]) -> "dict[Wanted, Prediction]":
        """Return what is known of images, without maps, as the model computed it."""
        found = self._kept.known(wanted)
        self.metrics.add("images_known_total", len(found))
        return found

    def _below_root(self, root: Path, part: str) -> Wanted:
        found = file_below(root, part)
        named = root / part
        folder = self._kept.folder_of(named, root)
        name = as_unicode(named.relative_to(folder).as_posix())
        file = ImageFile(found.path, name, found.size, found.modified_ns, None)
        return Wanted(folder, file, lambda: _there(file.path))

    def _check_origin(self, address: str) -> None:
        """Refuse addresses that name another server than Label Studio's, where one is known."""
        server = self.settings.label_studio
        if server and (there := origin(address)) is not None and there != origin(server):
            raise AddressError("The image lies on another server than Label Studio's (--label-studio): it is not read.")

    def _folder_of_server(self) -> Path:
        """Return under which folder what is fetched is kept; no such folder is made."""
        _, host, port = origin(self.settings.label_studio) or ("", "", 0)
        return user_folder() / "label-studio" / f"{host}-{port}"


@contextmanager
def _there(path: Path) -> Iterator[Path]:
    yield path


async def settled(order: Order, *, seconds: float, stopping: asyncio.Event, gone: "asyncio.Future[Any]") -> bool:
    """Wait until all images of an order are predicted.

    Parameters
    ----------
    order : Order
    seconds : float
        How long to wait at most.
    stopping : asyncio.Event
        Ends the wait.
    gone : Future
        Done once whoever asked is gone; ends the wait, and the order is cancelled.

    Returns
    -------
    bool
        Whether whoever asked is still there.
    """
    loop = asyncio.get_running_loop()
    all_done = asyncio.Event()
    left = itertools.count(len(order.futures) - 1, -1)

    def one_done(_: object) -> None:
        if next(left) <= 0:
            loop.call_soon_threadsafe(all_done.set)

    for future in order.futures:
        future.add_done_callback(one_done)
    if not order.futures:
        all_done.set()
    ends = [asyncio.ensure_future(all_done.wait()), asyncio.ensure_future(stopping.wait())]
    try:
        await asyncio.wait([*ends, gone], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
    is_gone = gone.done() and not all_done.is_set()
    if is_gone:
        order.cancel()
    return not is_gone


def prediction_of(future: Any) -> "Prediction | None":
    """Return what came of an image; None: nothing yet.

    Raises
    ------
    AnnotriageError
        The model cannot be computed, or the store cannot be written.
    """
    if not future.done() or future.cancelled():
        return None
    error = future.exception()
    if isinstance(error, AnnotriageError):
        raise error
    result: Prediction = future.result()
    return result
