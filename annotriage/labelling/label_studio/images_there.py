"""How a server comes by the images: a folder that it has itself, or uploads."""

import hashlib
import io
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Protocol

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.connection import Connection, Project
from annotriage.labelling.label_studio.order import Images
from annotriage.labelling.label_studio.progress import Teller
from annotriage.labelling.label_studio.troubles import RefusedError, UnreachableError, storage_trouble
from annotriage.names import counted
from annotriage.triage.exports.label_studio import below_root, local_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from annotriage.triage.ranking import ReviewedImage

SHOWN_BY_BROWSERS = frozenset(".avif .bmp .gif .jfif .jpe .jpeg .jpg .png .webp".split())
_TAKEN = {".bmp": "bmp", ".gif": "gif", ".jfif": "jpeg", ".jpe": "jpeg", ".jpeg": "jpeg", ".jpg": "jpeg", ".png": "png",
          ".webp": "webp"}  # fmt: skip
"""Endings of files that Label Studio lets one upload and browsers show, and what they hold."""
_ENDING = {"jpeg": ".jpg", "png": ".png", "bmp": ".bmp", "gif": ".gif", "webp": ".webp"}
MOST_FILES, MOST_BYTES = 20, 2**25
"""Of one request that uploads images."""
PROBED = 12
"""Images that are looked at whether they load."""
_KEY = re.compile(r"-([0-9a-f]{16})-")
_TRIES = 4


class ImagesThere(Protocol):
    """What knows under which addresses a server has images."""

    def addresses(self, rows: "Sequence[ReviewedImage]") -> dict[str, str]:
        """Return for each image at which address it is, or will be; of those that are not there, nothing."""

    def bring(self, rows: "Sequence[ReviewedImage]", tell: Teller) -> dict[str, str]:
        """See to it that the server has images; return image name -> why it cannot have or show it."""


class LocalFolder:
    """A folder of the server's own disk, below its document root.

    Parameters
    ----------
    connection : Connection
    project : Project
    folder : Path
        Of the images, as this computer has it.
    images : Images
    """

    def __init__(self, connection: Connection, project: Project, folder: Path, images: Images) -> None:
        self._connection, self._project = connection, project
        self._folder = folder
        self.root = folder.absolute().parent if images.root is None else images.root
        self._served_as = images.served_as
        inner = below_root(folder, self.root)
        if inner == ".":
            raise AnnotriageError(
                f"{self.root} is the folder of the images itself, and Label Studio serves only folders below its "
                f"document root: let the root be {folder.absolute().parent}, or another folder above."
            )
        self._inner = inner

    @property
    def storage(self) -> str:
        """The images' folder, as the server has it."""
        if not self._served_as:
            return str(self.root.absolute() / self._inner)
        server = PureWindowsPath if "\\" in self._served_as else PurePosixPath
        return str(server(self._served_as).joinpath(*self._inner.split("/")))

    def addresses(self, rows: "Sequence[ReviewedImage]") -> dict[str, str]:
        """Return the addresses of images."""
        return {row.image: local_address(row.path, self.root) for row in rows if _is_shown(row.path)}

    def bring(self, rows: "Sequence[ReviewedImage]", tell: Teller) -> dict[str, str]:
        """Let the project serve the folder; return which images no browser shows.

        Raises
        ------
        AnnotriageError
            The server does not take the folder: which of its switches is wrong.
        """
        tell("Mapping the folder")
        there = self._connection.client.get("/api/storages/localfiles", project=self._project.number)
        paths = (
            [str(each.get("path") or "") for each in there if isinstance(each, dict)] if isinstance(there, list) else []
        )
        if not any(_holds(path, self.storage) for path in paths):
            asked = {
                "project": self._project.number,
                "path": self.storage,
                "title": "Annotriage",
                "use_blob_urls": True,
            }
            try:
                self._connection.client.post("/api/storages/localfiles", asked)
            except RefusedError as error:
                if error.status != 400:
                    raise
                said = storage_trouble(error.said, self.storage, self._connection.address)
                raise AnnotriageError(said) from None
        why = "no browser shows such a file; uploaded, it is sent as PNG"
        return {row.image: why for row in rows if not _is_shown(row.path)}


class Uploads:
    """Images that are uploaded to a project.

    Which image an upload is, its name tells: 16 digits of a hash of its content stand before the image's own name.
    """

    def __init__(self, connection: Connection, project: Project) -> None:
        self._client, self._project = connection.client, project
        self._there: dict[str, str] = {}  # key -> address
        self._keys: dict[str, str] = {}  # image name -> key

    def addresses(self, rows: "Sequence[ReviewedImage]") -> dict[str, str]:
        """Return the addresses of images that were uploaded."""
        keys = ((row.image, self._keys.get(row.image, "")) for row in rows)
        return {name: self._there[key] for name, key in keys if key in self._there}

    def bring(self, rows: "Sequence[ReviewedImage]", tell: Teller) -> dict[str, str]:
        """Upload the images that are not there; return which ones cannot be read, and why.

        Raises
        ------
        AnnotriageError
            The server does not take them.
        """
        problems: dict[str, str] = {}
        self._look()
        failures = 0
        for done, batch in _batches(rows, problems, self._keys, self._there):
            tell("Uploading images", done, len(rows))
            while left := [file for key, file in batch.items() if key not in self._there]:
                try:
                    self._client.upload(f"/api/projects/{self._project.number}/import", left, commit_to_project=False)
                    sent = True
                except UnreachableError:
                    failures, sent = failures + 1, False
                    if failures >= _TRIES:
                        raise
                self._look()
                if sent and any(key not in self._there for key in batch):
                    raise AnnotriageError("Label Studio took the images, but does not list them: look at its log.")
        tell("Uploading images", len(rows), len(rows))
        return problems

    def _look(self) -> None:
        found = self._client.get(f"/api/projects/{self._project.number}/file-uploads", all=True)
        for each in found if isinstance(found, list) else []:
            file = str(each.get("file") or "") if isinstance(each, dict) else ""
            key = _KEY.search(file)
            if key is not None:
                self._there.setdefault(key[1], f"/data/{file}")


def not_loading(connection: Connection, project: int, addresses: "Mapping[str, str]", tell: Teller) -> list[str]:
    """Look at some images, evenly over all, whether they load; return a sentence where they do not."""
    names = list(addresses)
    some = names[:: max(1, len(names) // PROBED)][:PROBED]
    failed = {}
    for done, name in enumerate(some):
        tell("Looking whether images load", done, len(some))
        if why := why_not_loaded(connection, addresses[name]):
            failed[name] = why
    tell("Looking whether images load", len(some), len(some))
    if not failed:
        return []
    name, why = next(iter(failed.items()))
    return [
        f"{len(failed)} of {counted(len(some), 'images')} looked at do not load in Label Studio; {name}: {why}. "
        f"`annotriage doctor --label-studio {connection.address} --project {project}` says which switch is wrong."
    ]


def why_not_loaded(connection: Connection, address: str) -> str:
    """Look whether an image loads; return why not, empty: it does."""
    reply = connection.client.probe(address)
    if reply.status in (200, 206) and not reply.kind.startswith("text/html"):
        return ""
    if reply.status == 403 and "SERVING_ENABLED" in str(reply.body):
        return "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED is not true on the server"
    if reply.status in (401, 403):
        return f"the account may not see it ({reply.status})"
    if reply.status == 404:
        return "the server has no such file below its document root, or no storage holds it (404)"
    return f"the server answers with {reply.status}"


def _is_shown(path: Path) -> bool:
    return path.suffix.lower() in SHOWN_BY_BROWSERS


def _holds(outer: str, inner: str) -> bool:
    """Tell whether a folder of the server is another one, or above it."""
    kind = PureWindowsPath if "\\" in outer + inner else PurePosixPath
    return bool(outer) and kind(inner).is_relative_to(kind(outer))


def _batches(
    rows: "Sequence[ReviewedImage]", problems: dict[str, str], keys: dict[str, str], there: dict[str, str]
) -> "Iterator[tuple[int, dict[str, tuple[str, bytes, str]]]]":
    """Yield how many images were looked at, and the files to upload by their keys."""
    batch: dict[str, Any] = {}
    size = 0
    for done, row in enumerate(rows):
        try:
            content, kind = _content(row.path)
        except (OSError, AnnotriageError) as error:
            reason = getattr(error, "strerror", None)
            problems[row.image] = f"it cannot be read ({reason or error})"
            continue
        key = hashlib.sha256(content).hexdigest()[:16]
        keys[row.image] = key
        if key in there or key in batch:
            continue
        if batch and (len(batch) >= MOST_FILES or size + len(content) > MOST_BYTES):
            yield done, batch
            batch, size = {}, 0
        batch[key] = (f"{key}-{row.path.stem}{_ENDING[kind]}", content, f"image/{kind}")
        size += len(content)
    if batch:
        yield len(rows), batch


def _content(path: Path) -> tuple[bytes, str]:
    """Return a file as it is, or as PNG where Label Studio takes it in no other form, and what it is then."""
    kind = _TAKEN.get(path.suffix.lower())
    if kind is not None:
        return path.read_bytes(), kind
    from PIL import Image

    from annotriage.images import read_rgb

    held = io.BytesIO()
    Image.fromarray(read_rgb(path)).save(held, "PNG")
    return held.getvalue(), "png"
