"""What a training learns from, as options of the commands that train."""

from pathlib import Path
from typing import Annotated

import typer

from annotriage.commands.files import existing_table

Images = Annotated[
    list[Path],
    typer.Option(
        metavar="DIR",
        help="Folder of lesion images, those that the labels are of. Repeatable: further folders have no labels.",
        exists=True,
        file_okay=False,
    ),
]
Masks = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="Folder of expert masks, for recipes that learn from them. Repeatable.", exists=True
    ),
]
PairsOfTools = Annotated[
    Path | None,
    typer.Option(
        "--pairs",
        metavar="FILE",
        help="Pairs of masks with their tools (from `agree --pairs`, or IMA++): the model then answers for ways of "
        "drawing as well.",
        callback=existing_table,
    ),
]
