"""What `annotriage evaluate` prints of errors by way of drawing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotriage.wording import share_text

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.comparison.model_by_way import WayErrors
    from annotriage.measures.kinds import KindMeasures

NOT_KNOWN = (
    "These figures are of a mixture: with which tools each image was drawn is not known, and on images of one way of "
    "drawing errors are others. --pairs FILE (what `annotriage agree --pairs` or IMA++ writes, with tool1 and tool2) "
    "gives them way by way."
)


def print_by_way(console: "Console", errors: Sequence["WayErrors"], below: float) -> None:
    """Print the errors on the images of each way, of the model's answer for it and beside it of that for a mixture."""
    from rich.table import Table

    def number(kind: "KindMeasures | None", name: str) -> str:
        value: float | None = None if kind is None else getattr(kind, name)
        return "-" if value is None else f"{value:.3f}"

    def share(kind: "KindMeasures | None", name: str) -> str:
        value: float | None = None if kind is None else getattr(kind, name)
        return "-" if value is None else share_text(value)

    knows = any(each.own is not None for each in errors)
    title = "By way of drawing, by what the model answers for it"
    if not knows:
        title = "By way of drawing; the model knows none, and answers for a mixture"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("drawn", overflow="fold")
    above, below_it = ("", "", "of the", "", "of the", "Spear-", "cover-", "found in"), (
        "images", "MAE", "median", "ratio", "mixture", "man", "age", "a fifth",
    )  # fmt: skip
    for heading in zip(above, below_it, strict=True):
        table.add_column("\n".join(heading), justify="right", no_wrap=True)
    for each in errors:
        mixture = each.mixture
        own = each.own if knows else mixture
        table.add_row(
            each.words,
            f"{mixture.images:,}",
            number(own, "mae"),
            number(mixture, "median_mae"),
            number(own, "ratio"),
            number(mixture, "mae"),
            number(own, "spearman"),
            share(own, "coverage"),
            share(own, "found_in_fifth"),
        )
    console.print(table)
    console.print(
        "MAE: of the Dice predicted for the way; of the median: by always guessing the median of the images drawn so; "
        "ratio: the first by the second; of the mixture: by what is predicted where the way is not known; found in a "
        f"fifth: of the images drawn so whose true Dice is below {below:g}, those among the fifth ranked first.",
        style="dim",
    )
