"""The options that say for whom predictions are to hold; the way of drawing is chosen once for a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.measures.ways import WAYS

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.model_file import ModelFile
    from annotriage.scoring.team import Team
    from annotriage.triage.folder_scoring import FolderScoring
    from annotriage.triage.store import SessionStore

_KEYS = ", ".join(WAYS)
DRAWN_HELP = f"How the people draw whose agreement is predicted: {_KEYS}."

Drawn = Annotated[
    str | None, typer.Option("--drawn", metavar="WAY", help=DRAWN_HELP, show_default="as it was calibrated")
]
Uncalibrated = Annotated[
    bool, typer.Option("--uncalibrated", help="Leave out what `annotriage calibrate` fitted to your team.")
]
DrawnOfFolder = Annotated[
    str | None,
    typer.Option(
        "--drawn",
        metavar="WAY",
        help=f"{DRAWN_HELP} It is remembered for the folder, and nothing is computed anew.",
        show_default="as chosen for the folder",
    ),
]


def remember(store: "SessionStore", folder: Path, model: "ModelFile", drawn: str | None) -> None:
    """Remember the way of drawing that was named for a folder, which `FolderScoring` finds; None: none was named.

    Raises
    ------
    AnnotriageError
        There is no such way, the model does not know it, or the store cannot be written.
    """
    from annotriage.scoring.team import way_named
    from annotriage.triage.team_choice import choose_way, team_of

    if drawn is not None:
        way = way_named(drawn, model.card)
        team_of(model, way, calibrated=False)
        choose_way(store, folder, way)


def team_wanted(store: "SessionStore", folder: Path, model: "ModelFile", uncalibrated: bool) -> "Team | None":
    """Return the team of a folder without its calibration; None: `FolderScoring` finds the team by itself."""
    from annotriage.triage.team_choice import chosen_team

    return chosen_team(store, folder, model, calibrated=False)[0] if uncalibrated else None


def for_whom(scoring: "FolderScoring") -> str:
    """Say for whom a folder's predictions hold; empty: the model knows no ways of drawing, and nothing is chosen.

    Of a way for which it was never measured how good predictions are, that is said, too.
    """
    from annotriage.scoring.team_words import figures_in_short, team_text
    from annotriage.triage.team_choice import chosen_way

    words = team_text(scoring.model.card, scoring.team)
    if not words:
        return ""
    way = scoring.model.card.way(scoring.team.way)
    caution = f"; {figures_in_short(way)}" if way is not None and way.metrics is None else ""
    chosen = chosen_way(scoring.store, scoring.folder)
    if chosen == scoring.team.way:
        return f"Predicted for: {words} (chosen for this folder){caution}"
    return f"Predicted for: {words}; choose with --drawn{caution}"


def print_for_whom(console: "Console", scoring: "FolderScoring") -> None:
    """Say for whom a folder's predictions hold, and where that is not what was chosen."""
    for sentence in (scoring.team_note, for_whom(scoring)):
        if sentence:
            console.print(sentence, markup=False, highlight=False, soft_wrap=True)
