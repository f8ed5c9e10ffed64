"""A server that answers and an account that may ask it: its projects, its people, and a new project."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.labelling.label_studio.address import is_loopback
from annotriage.labelling.label_studio.client import Client, checked
from annotriage.labelling.label_studio.tokens import TokenKind, cleaned_token
from annotriage.labelling.label_studio.troubles import RefusedError
from annotriage.names import plain_line
from annotriage.triage.exports.label_studio_set_up import SetUp, labeling_config

LONGEST_TITLE, SHORTEST_TITLE = 50, 3
"""Letters of a project's name; Label Studio takes no others."""
TRIED = "1.23"
"""The version of Label Studio with which all of this was tried."""
_FIELDS = "id,title,label_config,model_version,show_collab_predictions,sampling,task_number,total_annotations_number"


@dataclass(frozen=True, slots=True)
class Person:
    """An account.

    Attributes
    ----------
    number : int
    name : str
        First and last name, or the e-mail address where there is none.
    email : str
    """

    number: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a server.

    Attributes
    ----------
    number : int
    title : str
    config : str
        Its labelling set-up, XML.
    model_version : str
        The predictions that it shows.
    shows_predictions : bool
        Whether annotators see predictions.
    tasks, annotations : int
        How many there are.
    """

    number: int
    title: str
    config: str = field(repr=False)
    model_version: str = ""
    shows_predictions: bool = True
    tasks: int = 0
    annotations: int = 0

    def __str__(self) -> str:
        """Call it as people do."""
        return f"project {self.number} ({self.title})"


@dataclass(slots=True)
class Connection:
    """A server that answered; made by `connect`. May be used by one thread at a time.

    Attributes
    ----------
    client : Client
    person : Person
        Whose token it is.
    version : str
        Of the server; empty: it does not say.
    remarks : list of str
        What to know before anything is sent, a sentence each.
    """

    client: Client
    person: Person
    version: str
    remarks: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the server's interface begins."""
        return self.client.address

    def projects(self) -> list[Project]:
        """Return the projects that the account sees, the newest first."""
        found = [
            _project(each, self.address)
            for page in self.client.pages("/api/projects/", "results", include=_FIELDS)
            for each in page
        ]
        return sorted(found, key=lambda project: -project.number)

    def project(self, number: int) -> Project:
        """Return one project.

        Raises
        ------
        AnnotriageError
            There is none of that number, or it is another organization's.
        """
        try:
            return _project(self.client.get(f"/api/projects/{number}/"), self.address)
        except RefusedError as error:
            if error.status != 404:
                raise
            raise AnnotriageError(
                f"{self.address} has no project {number} that {self.person.name} may see: look at the number in the "
                "address of its page, /projects/NUMBER/."
            ) from None

    def make_project(self, title: str, set_up: SetUp, *, empty: bool = False, mixed: bool = False) -> Project:
        """Make a project with the labelling set-up that tasks of ours fit.

        Parameters
        ----------
        title : str
            3 to 50 letters.
        set_up : SetUp
        empty : bool
            Whether people may submit an image without having drawn anything; it counts as "no lesion".
        mixed : bool
            Label Studio hands out contentious and clear images in turn, by the clusters and scores of predictions,
            where one person draws, and at random where several do; else the most contentious first.

        Raises
        ------
        AnnotriageError
        """
        named = plain_line(title)
        if not SHORTEST_TITLE <= len(named) <= LONGEST_TITLE:
            raise AnnotriageError(
                f"A project's name has {SHORTEST_TITLE} to {LONGEST_TITLE} letters; “{named}” has not."
            )
        made = self.client.post(
            "/api/projects/",
            {
                "title": named,
                "label_config": labeling_config(set_up),
                "show_collab_predictions": set_up.guide is not None,
                "enable_empty_annotation": empty,
                "sampling": "Uncertainty sampling" if mixed else "Sequential sampling",
            },
        )
        return _project(made, self.address)

    def people(self) -> dict[int, Person]:
        """Return the accounts by number; empty where the account may not list them."""
        try:
            found = [_person(each) for page in self.client.pages("/api/users/", "results") for each in page]
        except RefusedError as error:
            if error.status != 403:
                raise
            return {}
        return {each.number: each for each in apart(found)}

    def tasks(self, project: int, *, size: int = 100, **params: object) -> Iterator[dict[str, Any]]:
        """Yield a project's tasks as they are, without what was drawn: see ``/api/tasks/``.

        ``review`` makes it say who drew, which ``annotators`` holds.
        """
        for page in self.client.pages(
            "/api/tasks/", "tasks", size=size, project=project, resolve_uri=False, review=True, **params
        ):
            yield from (each for each in page if isinstance(each, dict) and isinstance(each.get("id"), int))

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()


def connect(address: str, token: str, *, stop: threading.Event | None = None) -> Connection:
    """Ask a server who it is and who the token's account is.

    Parameters
    ----------
    address : str
        As somebody typed or copied it.
    token : str
    stop : threading.Event or None
        Once set, this and all that is asked later ends with `Stopped`.

    Raises
    ------
    AnnotriageError
        The address is none, nobody answers, or the token is not taken: of which kind it is, and what to do.
    """
    client = Client(address, cleaned_token(token), stop=stop)
    asked = client.address
    remarks: list[str] = []
    who = checked(client.get("/api/current-user/whoami"), "who is asked", client.address)
    if client.address != asked:
        remarks.append(f"{asked} sends on to {client.address}, which is used.")
    if client.address.startswith("http:") and not is_loopback(client.address):
        remarks.append(
            f"The way to {client.address} is not encrypted: whoever listens on this network can read the token and the "
            "images. https:// is safe, where the server has it."
        )
    if client.kind is TokenKind.SHORT:
        remarks.append(
            "This is the short token that a personal access token is exchanged for: in five minutes it ends."
        )
    version = _version(client)
    if version and _numbers(version)[:2] < _numbers(TRIED):
        remarks.append(
            f"{client.address} is of Label Studio {version}; what is done here was tried with version {TRIED}: "
            "look at the first images that you send."
        )
    return Connection(client, _person(who), version, remarks)


def apart(people: list[Person]) -> list[Person]:
    """Tell people apart who have the same name, by their e-mail address."""
    names = [each.name for each in people]
    return [
        Person(each.number, f"{each.name} ({each.email or each.number})", each.email)
        if names.count(each.name) > 1
        else each
        for each in people
    ]


def _version(client: Client) -> str:
    try:
        answer = client.get("/api/version")
    except RefusedError:
        return ""
    said = answer.get("release") if isinstance(answer, dict) else None
    return str(said or "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:3])


def _person(said: Any) -> Person:
    held = said if isinstance(said, dict) else {}
    number = int(held.get("id") or 0)
    email = plain_line(str(held.get("email") or ""))
    name = plain_line(f"{held.get('first_name') or ''} {held.get('last_name') or ''}")
    return Person(number, name or email or f"user {number}", email)


def _project(said: Any, address: str) -> Project:
    held = checked(said, "a project", address)
    if not isinstance(held.get("id"), int):
        raise AnnotriageError(f"{address} answers without the number of a project: is it a Label Studio server?")
    return Project(
        held["id"],
        plain_line(str(held.get("title") or "")),
        str(held.get("label_config") or ""),
        str(held.get("model_version") or ""),
        bool(held.get("show_collab_predictions", True)),
        int(held.get("task_number") or 0),
        int(held.get("total_annotations_number") or 0),
    )
