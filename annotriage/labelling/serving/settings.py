"""What a server is told when it is started."""

from dataclasses import dataclass
from pathlib import Path

PORT = 9090
"""Where Label Studio's own backends listen."""
USER = "annotriage"
SHORTEST_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of a server.

    Attributes
    ----------
    root : Path or None
        The folder that Label Studio serves (its document root); images of tasks are read below it. None: none are.
    label_studio : str
        The address of the Label Studio server that images may be fetched from; empty: none.
    token : str
        For that server; empty: what it sends itself.
    field : str
        Which field of a task is the image; empty: the labelling set-up tells.
    way : str or None
        Key of the way of drawing for which is predicted, unless a request names another; None: the one that was chosen
        for `root`.
    user, password : str
        Who may ask; an empty password: everybody who reaches the server.
    hosts : frozenset of str
        Names under which the server may be asked, beside addresses of numbers and localhost.
    largest : int
        Bytes of a request, or of an image that is fetched.
    most_waiting : int
        Images that may wait for the model.
    most_tasks : int
        Tasks of one request.
    answer_within : float
        Seconds after which a request with tasks is answered with what is done.
    body_within, idle_within : float
        Seconds in which a request must have come whole, and in which some of it must come.
    uploads_at_once : int
        Bodies that are read at one time; others are asked to come again.
    """

    root: Path | None = None
    label_studio: str = ""
    token: str = ""
    field: str = ""
    way: str | None = None
    user: str = USER
    password: str = ""
    hosts: frozenset[str] = frozenset()
    largest: int = 128 * 2**20
    most_waiting: int = 5000
    most_tasks: int = 20_000
    answer_within: float = 90.0
    body_within: float = 120.0
    idle_within: float = 20.0
    uploads_at_once: int = 16
