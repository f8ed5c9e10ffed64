"""The options that say for whom predictions are to hold."""

from typing import Annotated

import typer

from annotriage.measures.ways import WAYS

Drawn = Annotated[
    str | None,
    typer.Option(
        "--drawn", metavar="WAY", help=f"How the team draws: {', '.join(WAYS)}.", show_default="as it was chosen"
    ),
]
Uncalibrated = Annotated[
    bool, typer.Option("--uncalibrated", help="Leave out what `annotriage calibrate` fitted to your team.")
]
