"""`annotriage serve`: Label Studio's ML backend, and a plain REST API."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import say
from annotriage.commands.team_options import DRAWN_HELP, remember
from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.labelling.serving.service import Service
    from annotriage.labelling.serving.settings import ServerSettings

PASSWORD = "ANNOTRIAGE_SERVE_PASSWORD"
_STOPPED = 130

_EPILOG = """Examples:

annotriage serve --root photos-of-label-studio

annotriage serve --root /data --label-studio http://localhost:8080

annotriage serve --host 0.0.0.0 --allow-host scoring.example.org

curl --user annotriage:PASSWORD --data-binary @lesion.jpg -H "Content-Type: image/jpeg" "http://127.0.0.1:9090/predict?map=heatmap"

What was predicted for Label Studio is kept, for the window as well; images that are sent are not. Ctrl-C stops the
server (exit code 130), SIGTERM as well (0): what is under way is finished and kept."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("serve", epilog=_EPILOG)(serve)


def serve(
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The folder that Label Studio serves (its document root): images of tasks are read below it.",
        ),
    ] = None,
    label_studio: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The Label Studio server from which other images may be fetched.")
    ] = "",
    model: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="The model to predict with; see `annotriage models`.")
    ] = None,
    drawn: Annotated[
        str | None,
        typer.Option(
            metavar="WAY",
            help=f"{DRAWN_HELP} It is remembered for --root; a request may name another (?drawn=WAY).",
            show_default="as chosen for --root",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0: whoever reaches this computer may ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0: any that is free.")] = 9090,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A further name under which the server may be asked. Repeatable."),
    ] = None,
    user: Annotated[str, typer.Option(metavar="NAME", help="Who may ask.")] = "annotriage",
    password: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            envvar=PASSWORD,
            show_envvar=False,
            help=f"With which password; better in the variable {PASSWORD}, which no list of processes shows. Without "
            "one, a new one is made and printed at each start.",
        ),
    ] = "",
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask for no password; only where nobody else reaches the server.")
    ] = False,
    field: Annotated[
        str, typer.Option(metavar="NAME", help="Which field of a task is the image, where there are several.")
    ] = "",
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processor cores to use.", show_default="all")
    ] = None,
    largest: Annotated[int, typer.Option(metavar="MB", min=1, max=4096, help="The largest request.")] = 128,
    queue: Annotated[int, typer.Option(metavar="N", min=1, help="Images that may wait.")] = 5000,
    answer_within: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=1,
            help="After so long, tasks are answered with what is done, and the rest is scored on; Label Studio drops "
            "all after 100 s.",
        ),
    ] = 90.0,
) -> None:
    """Predict for Label Studio (as its ML backend) and for programs of your own (REST), until it is stopped."""
    from annotriage.version import how_to_get, lacking

    if lacking("serve"):
        raise AnnotriageError(
            f"The server needs more than the light install ({', '.join(lacking('serve'))} missing). "
            + how_to_get("serve", what="The server")
        )
    from annotriage.labelling.serving.settings import ServerSettings

    server = _server(label_studio)
    settings = ServerSettings(
        root=root,
        label_studio=server,
        token=_token(server),
        field=field.lstrip("$"),
        user=user,
        password=_password(user, password, host, no_auth=no_auth),
        hosts=frozenset({host, *(allow_host or [])} - {"0.0.0.0", "::"}),
        largest=largest * 2**20,
        most_waiting=queue,
        answer_within=answer_within,
    )
    stopped_by = _serve(settings, model, drawn, host, port, jobs=jobs, is_new=not (password or no_auth))
    say("annotriage: stopped. What was predicted for Label Studio is kept.", err=True)
    if stopped_by == signal.SIGINT:
        raise typer.Exit(_STOPPED)


def _serve(
    settings: "ServerSettings",
    model: str | None,
    drawn: str | None,
    host: str,
    port: int,
    *,
    jobs: int | None,
    is_new: bool,
) -> int | None:
    from dataclasses import replace

    from annotriage.labelling.serving.running import listening, run
    from annotriage.labelling.serving.service import Service
    from annotriage.labelling.serving.upload_folder import upload_folder
    from annotriage.model_file import ModelLibrary
    from annotriage.scoring.team import way_named
    from annotriage.triage.store import SessionStore

    library = ModelLibrary()
    chosen = library.default() if model is None else library.find(model)
    _log_to_the_terminal()
    way = None if drawn is None else way_named(drawn, chosen.card)
    settings = replace(settings, way=way)
    with listening(host, port) as listener, SessionStore() as store, upload_folder() as uploads:
        if settings.root is not None:
            remember(store, settings.root, chosen, way)
        service = Service(chosen, store, settings, uploads, threads=jobs)
        try:
            there = listener.getsockname()[1]
            return run(service, listener, lambda: _introduce(service, host, there, is_new=is_new))
        finally:
            service.close()


def _introduce(service: "Service", host: str, port: int, *, is_new: bool) -> None:
    """Say where the server is, who may ask, and what Label Studio must be told."""
    from annotriage.labelling.serving.access import is_loopback
    from annotriage.scoring.team_words import team_text

    settings, card = service.settings, service.model.card
    shown = f"[{host}]" if ":" in host else host
    say(f"Annotriage predicts with {card.name} {card.version} at http://{shown}:{port}/", err=True)
    if whom := team_text(card, service.team):
        say(f"For: {whom}" + ("" if settings.way else "; choose with --drawn"), err=True)
    if service.team_note:
        say(service.team_note, err=True)
    if not settings.password:
        say("Everybody who reaches it may ask.", err=True)
    elif is_new:
        say(f"User: {settings.user}    Password, new at each start: {settings.password}", err=True)
    else:
        say(f"User: {settings.user}    Password: the one that was given", err=True)
    if not is_loopback(host):
        say(
            "Others on the network can reach it. Passwords and images travel readable: put it behind a server with "
            "HTTPS, or into a network that you trust.",
            err=True,
        )
    if settings.root is None and not settings.label_studio:
        say("Images that are sent are predicted; for Label Studio's tasks name --root or --label-studio.", err=True)
    say(f'In Label Studio: Settings > Model > Connect Model, with the name "{service.model_version()}"', err=True)
    say("(with another name its column of scores stays empty).", err=True)


def _log_to_the_terminal() -> None:
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    for name in ("annotriage.labelling.serving", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


def _server(address: str) -> str:
    """Return the address of a Label Studio server as it is asked; empty: none was named."""
    if not address:
        return ""
    from annotriage.labelling.label_studio.address import server_address

    return server_address(address)


def _token(server: str) -> str:
    """Return the token for the server that is known, of the environment or the system's keyring; empty: none."""
    if not server:
        return ""
    from annotriage.labelling.label_studio.tokens import known_token

    known = known_token(server)
    return "" if known is None else known.token


def _password(user: str, given: str, host: str, *, no_auth: bool) -> str:
    """Return the password, a new one where none was given; empty: none is asked for."""
    import secrets

    from annotriage.labelling.serving.access import is_loopback
    from annotriage.labelling.serving.settings import SHORTEST_PASSWORD

    if no_auth and given:
        raise typer.BadParameter("A password is given as well: give one of the two.", param_hint="--no-auth")
    if no_auth and not is_loopback(host):
        raise typer.BadParameter(
            f"At {host} others can reach the server, so it asks for a password: leave --no-auth out, or --host.",
            param_hint="--no-auth",
        )
    if not user or ":" in user or not user.isprintable():
        raise typer.BadParameter("A name has no colon, and is not empty.", param_hint="--user")
    if given and len(given) < SHORTEST_PASSWORD:
        raise typer.BadParameter(f"A password has at least {SHORTEST_PASSWORD} letters.", param_hint="--password")
    return "" if no_auth else given or secrets.token_urlsafe(18)
