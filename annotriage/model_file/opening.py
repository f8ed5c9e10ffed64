"""Open a model file: everything that can be wrong with it is found here, before ONNX Runtime sees it."""

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from annotriage.model_file.card import CARD_KEY, ModelCard
from annotriage.model_file.card_parts import LARGEST_CARD
from annotriage.model_file.checksum import CHECKSUM_KEY, digest, metadata
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.model_file.foreign import FOREIGN_ONNX, what_it_seems
from annotriage.model_file.inspection import check_contents, check_ports, inspect
from annotriage.model_file.sessions import InferenceSession, SessionHolder
from annotriage.model_file.trial import ensure_tried, try_apart
from annotriage.model_file.wire import WireError

LARGEST_FILE = 512 * 1024**2
"""Bytes of the largest model file that is read; a ViT-B/32 in float32 has 353 MB."""


@dataclass(frozen=True)
class ModelFile:
    """A model file that passed every check.

    Attributes
    ----------
    path : Path
        Where it lies.
    card : ModelCard
        What it says about itself.
    sha256 : str
        Its checksum: the SHA-256 of the file with the checksum blanked, 64 hex digits. Equal checksums, equal files.
    """

    path: Path
    card: ModelCard
    sha256: str
    _holder: SessionHolder = field(default_factory=SessionHolder, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The first 16 hex digits of the checksum: what predictions are kept under."""
        return self.sha256[:16]

    def data(self) -> bytes:
        """Return the bytes that were checked, reading them again where they were let go.

        Raises
        ------
        ModelFileError
            The file was changed or removed after it was opened.
        """
        held = self._holder.data
        if held is not None:
            return held
        data = read_bytes(self.path)
        try:
            unchanged = verified_checksum(data) == self.sha256
        except ModelFileError:
            unchanged = False
        if not unchanged:
            raise ModelFileError(f"{shown(self.path)} was changed while it was in use; start again.")
        return data

    def session(self, threads: int) -> InferenceSession:
        """Return the session that computes this model, made at the first call and then shared.

        Parameters
        ----------
        threads : int
            Threads that one run may use, at least 1. Another number than last time makes a new session.

        Returns
        -------
        onnxruntime.InferenceSession
            On the best device there is (CUDA, CoreML, DirectML, else the CPU); several threads may use it.

        Raises
        ------
        ModelFileError
            ONNX Runtime cannot compute the graph, or it failed when it was tried out, in a process of its own with
            limits: that is done before the first session on this computer.
        """
        if threads < 1:
            raise ValueError("a session needs at least one thread")
        ensure_tried(self.path, self.sha256)
        return self._holder.session(self.path, self.data, self.card, threads)

    def try_out(self) -> None:
        """Compute two made-up images, in a process of its own with limits, and check what comes out.

        Raises
        ------
        ModelFileError
            It takes too long or too much memory, the outputs have other shapes than the card says or are not finite,
            or the prediction or its interval is none.
        """
        try_apart(self.path, self.sha256)


def open_model_file(path: Path) -> ModelFile:
    """Open a model file and check all of it that can be checked without computing.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    ModelFile
        Its bytes are held until the first session is made; no session is made here.

    Raises
    ------
    ModelFileError
        It is missing, unreadable, too large, no model of Annotriage's, of a newer format, damaged, refers to
        other files, uses unknown operators, or does not fit its card.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        sha256 = verified_checksum(data)
        card = read_card(data)
        contents = inspect(data)
        check_contents(contents)
        check_ports(contents.inputs, contents.outputs, card)
    except ModelFileError as error:
        raise ModelFileError(f"{shown(path)} {error}") from None
    except WireError as error:  # a true checksum over what is no ONNX: made so on purpose
        raise ModelFileError(f"{shown(path)} is not an ONNX file that can be read: {error}.") from None
    return ModelFile(path, card, sha256, SessionHolder(data))


def read_bytes(path: Path) -> bytes:
    """Read a file that is not too large to be a model.

    Raises
    ------
    ModelFileError
        With a whole sentence.
    """
    place = shown(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ModelFileError(f"{place} is a folder; name the model file in it.")
        if not stat.S_ISREG(status.st_mode):  # reading a pipe could wait for ever
            raise ModelFileError(f"{place} is not a plain file; name a model file.")
        if status.st_size == 0:
            raise ModelFileError(f"{place} is empty; copy or download the model again.")
        if status.st_size <= LARGEST_FILE:
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
            if len(data) <= LARGEST_FILE:
                return data
    except FileNotFoundError:
        raise ModelFileError(f"There is no model file {place}; check the name.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ModelFileError(f"{place} cannot be read ({reason}); check its permissions and its disk.") from None
    raise ModelFileError(
        f"{place} is too large for a model file: {status.st_size / 1024**2:,.0f} MiB "
        f"where at most {LARGEST_FILE // 1024**2} are read."
    )


def verified_checksum(data: bytes) -> str:
    """Check that not a bit of a model file was changed, and return its checksum.

    Raises
    ------
    ModelFileError
        With the rest of a sentence that begins with the file's name.
    """
    try:
        entries = metadata(data)
    except WireError:
        raise ModelFileError(what_it_seems(data)) from None
    checksums = [(start, end) for key, start, end in entries if key == CHECKSUM_KEY.encode()]
    cards = [data[start:end] for key, start, end in entries if key == CARD_KEY.encode()]
    if not cards:
        raise ModelFileError(what_it_seems(data) if not entries else FOREIGN_ONNX)
    if len(checksums) == 1 and len(cards) == 1:
        start, end = checksums[0]
        if data[start:end] == digest(data, start).encode():
            return data[start:end].decode()
    elif not checksums:  # a later format may keep its checksum in another way
        _refuse_newer(cards[0])
    raise ModelFileError("is damaged: its contents do not match its checksum; copy or download it again.")


def read_card(data: bytes) -> ModelCard:
    """Read the card of a file whose checksum was checked.

    Raises
    ------
    ModelFileError
        With the rest of a sentence that begins with the file's name.
    """
    (text,) = [data[start:end] for key, start, end in metadata(data) if key == CARD_KEY.encode()]
    if len(text) > LARGEST_CARD:
        raise ModelFileError(f"has a card of more than {LARGEST_CARD // 1024} KiB; export it with a shorter one.")
    _refuse_newer(text)
    try:
        return ModelCard.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = shown(".".join(str(step) for step in first["loc"]) or "the whole", 80)
        message = first["msg"].removeprefix("Value error, ")
        raise ModelFileError(
            f"has a card that is not valid, at {place}: {shown(message, 160)}; export it again."
        ) from None
    except RecursionError:
        raise ModelFileError("has a card that is nested too deeply; export it again.") from None


def _refuse_newer(card: bytes) -> None:
    try:
        version = json.loads(card[:LARGEST_CARD]).get("format")
    except (ValueError, AttributeError, RecursionError):
        return
    if isinstance(version, int) and version > 1:
        raise ModelFileError(
            f"has a card of format {shown(str(version), 20)}, newer than this version's 1; update Annotriage."
        )
