"""What is wrong between here and a Label Studio server, and which switch to set: nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.client import Client
from annotriage.labelling.label_studio.connection import Connection, Project, connect
from annotriage.labelling.label_studio.images_there import LocalFolder, why_not_loaded
from annotriage.labelling.label_studio.order import Images
from annotriage.labelling.label_studio.tasks_there import read_task
from annotriage.labelling.label_studio.tokens import TokenKind, keyring_problem, known_token
from annotriage.labelling.label_studio.troubles import (
    ROOT,
    SERVING,
    RefusedError,
    document_root_in,
    storage_trouble,
)
from annotriage.names import counted, plain_line
from annotriage.triage.exports.label_studio import LOCAL_FILES
from annotriage.triage.exports.label_studio_set_up import IMAGE, ReadSetUp
from annotriage.wording import images_text

_NOWHERE = "annotriage-looks-whether-files-are-served"
_LOOKED_AT = 6
_PROJECTS = 20
_PRIVATE = "ML_BLOCK_LOCAL_IP=false and USE_DEFAULT_BANNED_SUBNETS=false"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes
    ----------
    name, text : str
    well : bool or None
        Whether a check went well; None: nothing was checked.
    """

    name: str
    text: str
    well: bool | None = None


def examine(
    address: str,
    token: str | None = None,
    *,
    project: int | None = None,
    folder: Path | None = None,
    images: Images | None = None,
) -> Iterator[Finding]:
    """Look at a server, from its address to whether images load, and say of each switch that is wrong how to set it.

    Parameters
    ----------
    address : str
    token : str or None
        None: the one of the environment or of the keyring.
    project : int or None
        Only this one; None: those there are, at most 20.
    folder : Path or None
        Of images that are to be mapped; None: only what was mapped before is looked at.
    images : Images or None
        How the folder is to be mapped.
    """
    said = keyring_problem()
    yield Finding("keyring", said or "keeps tokens")
    known = None if token else known_token(Client(address, "").address)
    if token is None and known is None:
        yield from _without_token(address)
        return
    if known is not None:
        yield Finding("token", f"from {known.place}")
    try:
        connection = connect(address, token or (known.token if known is not None else ""))
    except AnnotriageError as error:
        yield Finding("server", str(error), False)
        return
    try:
        yield from _of_account(connection)
        projects = _projects(connection, project)
        yield from _of_files(connection, projects, folder, images or Images())
        for each in projects:
            yield from _of_project(connection, each)
    except AnnotriageError as error:
        yield Finding("server", str(error), False)
    finally:
        connection.close()


def _without_token(address: str) -> Iterator[Finding]:
    """Say whether anybody is there, at least."""
    client = Client(address, "")
    try:
        answer = client.request("GET", "/api/version", refusing=False)
    except AnnotriageError as error:
        yield Finding("server", str(error), False)
        return
    finally:
        client.close()
    version = answer.body.get("release") if isinstance(answer.body, dict) else None
    if version is None:
        yield Finding("server", f"{client.address} does not answer as Label Studio does: check the address.", False)
        return
    yield Finding("server", f"Label Studio {version} at {client.address}", True)
    yield Finding(
        "token",
        "none is known: `annotriage label-studio status` asks for one, or set ANNOTRIAGE_LABEL_STUDIO_TOKEN; the rest "
        "needs one",
        False,
    )


def _of_account(connection: Connection) -> Iterator[Finding]:
    client = connection.client
    yield Finding("server", f"Label Studio {connection.version or 'of an unknown version'} at {client.address}", True)
    yield Finding("account", f"{connection.person.name}, by a {client.kind.value}", True)
    for remark in connection.remarks:
        yield Finding("remark", remark)
    kinds = _asked(client, "/api/jwt/settings")
    if isinstance(kinds, dict):
        legacy, personal = kinds.get("legacy_api_tokens_enabled"), kinds.get("api_tokens_enabled")
        taken = [name for name, on in ((TokenKind.PERSONAL.value, personal), (TokenKind.LEGACY.value, legacy)) if on]
        note = "" if legacy else "; LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN=true makes it take legacy ones"
        yield Finding("kinds of token", f"{' and '.join(taken) or 'none'}{note}")


def _of_files(
    connection: Connection, projects: list[Project], folder: Path | None, images: Images
) -> Iterator[Finding]:
    """Look at the two switches of local files, and whether a folder would be taken."""
    answer = connection.client.probe(LOCAL_FILES + _NOWHERE)
    if answer.status == 403:
        text = f"it serves none: set {SERVING}=true and {ROOT} there and restart it; or upload images"
        # Images that are uploaded need none of it.
        yield Finding("local files", text, False if folder is not None else None)
        return
    yield Finding("local files", "served", True)
    storage = ""
    if folder is not None:
        try:
            # It is asked of any project: the root alone is looked at.
            storage = LocalFolder(connection, Project(0, "", ""), folder, images).storage
        except AnnotriageError as error:
            yield Finding("document root", str(error), False)
            return
    if not projects:
        text = "cannot be asked for while the server has no project: make one there, or send images"
        yield Finding("document root", text)
        return
    asked = {"project": projects[0].number, "path": f"/{_NOWHERE}", "use_blob_urls": True}
    if folder is None:
        # A folder that is there, and outside of any root: the refusal names the root.
        root = document_root_in(_refusal(connection.client, asked | {"path": "/"}))
        yield Finding("document root", root or "the server does not say it")
        return
    refused = _refusal(connection.client, asked | {"path": storage})
    if refused:
        yield Finding("images' folder", storage_trouble(refused, storage, connection.address), False)
    else:
        yield Finding("images' folder", f"{storage} is taken as a storage", True)


def _refusal(client: Client, asked: dict[str, Any]) -> str:
    """Ask whether a storage would be taken, which makes none; return why not."""
    try:
        client.post("/api/storages/localfiles/validate", asked)
    except RefusedError as error:
        if error.status != 400:
            raise
        return error.said
    return ""


def _of_project(connection: Connection, project: Project) -> Iterator[Finding]:
    """Look whether a project's images load, and what its storages and backends are."""
    name = f"project {project.number}"
    client = connection.client
    try:
        key = ReadSetUp(project.config).image_key
    except AnnotriageError as error:
        yield Finding(name, str(error), False)
        return
    if not key:
        yield Finding(name, "has no image in its labelling set-up")
        return
    tasks = [read_task(said, key or IMAGE) for said in _first(connection, project)]
    local = [task for task in tasks if task.address.startswith(LOCAL_FILES)]
    storages = _asked(client, f"/api/storages/localfiles?project={project.number}")
    paths = [str(each.get("path")) for each in storages if isinstance(each, dict)] if isinstance(storages, list) else []
    if local and not paths:
        yield Finding(
            name,
            "has images of local files and no storage, so none loads: add a source storage 'Local files' with the "
            "folder of the images under Settings → Cloud Storage, and do not sync it; sending again does that, too",
            False,
        )
        return
    yield from _images_load(connection, name, [task.address for task in tasks if task.address], paths)
    backends = _asked(client, f"/api/ml/?project={project.number}")
    for each in backends if isinstance(backends, list) else []:
        if isinstance(each, dict):
            yield _of_backend(name, each, project.model_version)


def _images_load(connection: Connection, name: str, addresses: list[str], paths: list[str]) -> Iterator[Finding]:
    if not addresses:
        yield Finding(name, "has no images yet")
        return
    wrong = {address: why for address in addresses if (why := why_not_loaded(connection, address))}
    if not wrong:
        yield Finding(name, f"{images_text(len(addresses))} looked at, all load", True)
        return
    address, why = next(iter(wrong.items()))
    where = f"; its storages are {', '.join(paths)}" if paths else ""
    advice = f": {ROOT} has to be above the storage, and the address goes on below it" if LOCAL_FILES in address else ""
    yield Finding(
        name,
        f"{len(wrong)} of {counted(len(addresses), 'images')} looked at do not load; {address}: {why}{where}{advice}",
        False,
    )


def _of_backend(name: str, said: dict[str, Any], shown: str) -> Finding:
    """Look at a backend; `shown`: the model version whose predictions the project shows."""
    url, state = str(said.get("url") or ""), str(said.get("state") or "")
    trouble = str(said.get("error_message") or "")
    filed = plain_line(str(said.get("model_version") or ""))
    if state == "CO" and filed and filed != shown:
        return Finding(
            name,
            f"ML backend {url} writes its scores under “{filed}”, and the project shows those of “{shown}”, so that "
            f"their column stays empty: call the connection “{filed}” under Settings → Model",
            False,
        )
    if state == "CO":
        return Finding(name, f"ML backend {url} is connected", True)
    if "reserved network" in trouble or "block" in trouble:
        trouble = f"the server asks nobody in a private network: set {_PRIVATE} there and restart it"
    return Finding(
        name, f"ML backend {url} is not connected ({trouble or state}); a private address needs {_PRIVATE}", False
    )


def _first(connection: Connection, project: Project) -> list[Any]:
    page = next(
        connection.client.pages("/api/tasks/", "tasks", size=_LOOKED_AT, project=project.number, resolve_uri=False), []
    )
    return page[:_LOOKED_AT]


def _projects(connection: Connection, number: int | None) -> list[Project]:
    return [connection.project(number)] if number is not None else connection.projects()[:_PROJECTS]


def _asked(client: Client, path: str) -> Any:
    """Ask for something that not every account and version is given."""
    try:
        return client.get(path)
    except RefusedError:
        return None
