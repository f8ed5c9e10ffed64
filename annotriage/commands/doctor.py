"""`annotriage doctor`: what this installation is, and whether it is well."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import say

if TYPE_CHECKING:
    from annotriage.commands.doctor_checks import Finding

_EPILOG = """Examples:

annotriage doctor

annotriage doctor > report.txt

annotriage doctor --label-studio http://localhost:8080 --images photos

Exit codes: 0 all is well, 1 something is wrong; the line that begins with FAIL says what, and what to do."""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("doctor", epilog=_EPILOG)(doctor)


def doctor(
    context: typer.Context,
    label_studio: Annotated[
        str, typer.Option(metavar="URL", help="Look at a Label Studio server instead: which of its switches is wrong.")
    ] = "",
    project: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only this project of it.", show_default="all")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", exists=True, file_okay=False, help="Also whether it would serve this folder of images."
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The server's document root, as this computer has it.",
            show_default="the folder above the images",
        ),
    ] = None,
    served_as: Annotated[
        str, typer.Option(metavar="PATH", help="The document root, as the server has it.", show_default="the same")
    ] = "",
) -> None:
    """Print system, versions, devices and folders, and check the models and the session file; nothing is changed."""
    from annotriage.commands import doctor_checks
    from annotriage.commands.window import window_of

    if label_studio:
        _end(_print("Label Studio", doctor_checks.label_studio(label_studio, project, images, root, served_as)))
        return
    window = window_of(context)
    parts = (
        ("System", doctor_checks.system()),
        ("Versions", doctor_checks.versions()),
        ("Devices", doctor_checks.devices()),
        ("Folders", doctor_checks.folders()),
        ("Window", doctor_checks.window(window)),
        ("Models", doctor_checks.models()),
        ("Sessions", doctor_checks.sessions()),
    )
    _end(sum(_print(title, findings) for title, findings in parts))


def _end(failed: int) -> None:
    say()
    if failed:
        say(f"{failed} {'check' if failed == 1 else 'checks'} failed: see the lines that begin with FAIL.")
        raise typer.Exit(1)
    say("All is well.")


def _print(title: str, findings: Iterable["Finding"]) -> int:
    """Print one part, and return how many of its checks failed."""
    failed = 0
    say(title)
    for finding in _to_the_end(findings):
        mark = {None: "    ", True: "ok  ", False: "FAIL"}[finding.well]
        say(f"  {mark} {finding.name:<18} {finding.text}")
        failed += finding.well is False
    return failed


def _to_the_end(findings: Iterable["Finding"]) -> Iterator["Finding"]:
    """Yield the findings of a part; where an installation is so broken that looking itself fails, that is one, too."""
    from annotriage.commands.doctor_checks import Finding
    from annotriage.errors import AnnotriageError

    try:
        yield from findings
    except AnnotriageError as error:
        yield Finding("not looked at", str(error), False)
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        yield Finding("not looked at", f"{type(error).__name__}: {reason}. Install Annotriage again.", False)
