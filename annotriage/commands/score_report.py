"""What `annotriage score` prints at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from annotriage.commands.console import results, spell_every_letter
from annotriage.measures.expected import chances, expected_count, shared_error
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.model_file.errors import shown
from annotriage.names import counted
from annotriage.scoring.overlays import sequential_colour
from annotriage.wording import dice_text, disagreement_text, share_text

if TYPE_CHECKING:
    from annotriage.triage.ranking import RankedImage

_BAR = 14
_MOST_LISTED = 20


@dataclass(frozen=True)
class RunSummary:
    """How a scoring run went: images scored now, known from before, and the seconds it took."""

    scored: int
    known: int
    seconds: float


def print_ranking(
    rows: Sequence["RankedImage"], *, top: int, level: float, whom: str = "", images: int | None = None
) -> None:
    """Print the first `top` lines of the ranking, for whom it is, and how many are expected to be contentious.

    `level` is that of the intervals, which were measured on so many `images`; None: nothing is expected.
    """
    ranked = [row for row in rows[:top] if row.rank is not None]
    if not ranked:
        return
    console = _stdout([row.image for row in ranked])
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Rank", justify="right", vertical="top")
    table.add_column("Image", overflow="fold")
    table.add_column("Predicted\ndisagreement", no_wrap=True)
    table.add_column(f"Predicted Dice\n({share_text(level)} interval)", no_wrap=True)
    for row in ranked:
        dice = f"{dice_text(row.predicted_dice or 0.0)} ({row.lower:.2f} to {row.upper:.2f})"
        table.add_row(str(row.rank), Text(shown(row.image)), _bar(row.disagreement or 0.0, console), dice)
    console.print(table)
    if whom:
        console.print(Text(whom), soft_wrap=True)
    if images is None:
        return
    first = [np.array([getattr(row, name) for row in ranked]) for name in ("predicted_dice", "lower", "upper")]
    expected = expected_count(chances(*first, level=level), shared_error(images, level))
    be = "is" if len(ranked) == 1 else "are"
    console.print(
        f"Of the first {len(ranked):,}, {expected.words} {be} expected to be contentious (Dice below "
        f"{CONTENTIOUS_BELOW:g}); `annotriage choose` spends a budget."
    )


def print_groups(console: Console, rows: Sequence["RankedImage"]) -> None:
    """Say which images are nearly the same picture; nothing where none are."""
    names: dict[int, list[str]] = {}
    for row in rows:
        if row.group is not None:
            names.setdefault(row.group, []).append(shown(row.image))
    if names:
        first = ", ".join(next(iter(names.values()))[:3])
        several = counted(sum(map(len, names.values())), "images")
        text = f"Nearly the same picture as another: {several} in {counted(len(names), 'groups')} ({first})."
        console.print(Text(text), soft_wrap=True)


def print_unlike(rows: Sequence["RankedImage"], folder: Path) -> None:
    """List on stdout the images unlike what the model knows, how far off they are, and why, where that can be seen."""
    from annotriage.images.oddities import oddity

    if not rows:
        return
    shown_rows = [(row, oddity(folder / row.image)) for row in rows[:_MOST_LISTED]]
    console = _stdout([f"{row.image}  {why}" for row, why in shown_rows])
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Unlike what the model knows", overflow="fold")
    table.add_column("Times the limit", justify="right")
    table.add_column("What can be seen", overflow="fold")
    for row, why in shown_rows:
        table.add_row(Text(shown(row.image)), f"{row.unlikeness or 0:.1f}", Text(why))
    console.print()
    console.print(table)
    more = len(rows) - len(shown_rows)
    if more:
        console.print(f"and {more:,} more; --out writes all of them into the table.")
    console.print("Their predictions must not be trusted: they stand behind all others in the ranking.")


def print_unreadable(rows: Sequence["RankedImage"]) -> None:
    """List images without a prediction and their reasons on stdout."""
    if not rows:
        return
    console = _stdout([f"{row.image}  {row.error}" for row in rows[:_MOST_LISTED]])
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Could not be read", overflow="fold")
    table.add_column("Reason", overflow="fold")
    for row in rows[:_MOST_LISTED]:
        table.add_row(Text(shown(row.image)), Text(shown(row.error or "")))
    console.print()
    console.print(table)
    if len(rows) > _MOST_LISTED:
        console.print(f"and {len(rows) - _MOST_LISTED:,} more; --out writes all of them into the table.")


def print_masks(console: Console, names: Sequence[str]) -> None:
    """Say which masks lay among the images; nothing where there were none."""
    if names:
        examples = ", ".join(shown(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")
        console.print(Text(f"Left out as masks: {len(names):,} ({examples})."), soft_wrap=True)


def print_left_ranking(console: Console, names: Sequence[str]) -> None:
    """Say which files an earlier version ranked that are masks; nothing where there are none."""
    if names:
        examples = ", ".join(shown(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")
        console.print(
            Text(f"Masks that an earlier version had ranked: {len(names):,} ({examples}). They left the ranking."),
            soft_wrap=True,
        )


def print_assumed(console: Console, notes: Sequence[tuple[str, str]]) -> None:
    """Say what was assumed of images, by name, when they were read; nothing where nothing was."""
    if notes:
        name, note = notes[0]
        more = f" and of {counted(len(notes) - 1, 'images')} more" if notes[1:] else ""
        console.print(Text(f"Something was assumed of {shown(name)}{more}: {note}"), soft_wrap=True)


def print_summary(
    console: Console,
    rows: Sequence["RankedImage"],
    run: RunSummary,
    *,
    out: Path | None,
    heatmaps: Path | None,
    not_drawn: Sequence[str],
) -> None:
    """Say in a line or a few how the run went and where its results are."""
    unreadable = sum(row.error is not None for row in rows)
    unlike = sum(row.is_unlike for row in rows)
    parts = []
    if run.scored:
        parts.append(f"{counted(run.scored, 'images')} scored at {run.scored / max(run.seconds, 1e-3):,.1f} images/s")
    if run.known:
        parts.append(f"{counted(run.known, 'images')} known from before")
    if unreadable:
        parts.append(f"{unreadable:,} could not be read")
    if unlike:
        parts.append(f"{unlike:,} unlike what the model knows")
    if parts:
        console.print(Text(", ".join(parts) + "."))
    if out is not None:
        console.print(Text(f"The ranking is in {shown(out)}."), soft_wrap=True)
    if heatmaps is not None:
        console.print(Text(f"The overlays are in {shown(heatmaps)}."), soft_wrap=True)
    for sentence in not_drawn[:_MOST_LISTED]:
        console.print(Text(shown(sentence)), soft_wrap=True)


def _bar(disagreement: float, console: Console) -> Text:
    number = Text(f"{disagreement_text(disagreement)} ")
    full, empty = ("#", ".") if console.options.ascii_only else ("━", "─")
    filled = round(disagreement * _BAR)
    red, green, blue = sequential_colour(disagreement)
    number.append(full * filled, style=f"rgb({red},{green},{blue})")
    number.append(empty * (_BAR - filled), style="dim")
    return number


def _stdout(texts: Sequence[str]) -> Console:
    """Return a console for stdout; in a pipe or a file it is wide enough that no name is cut."""
    spell_every_letter()
    console = results()
    if not console.is_terminal:
        console.width = max(console.width, max(map(len, texts)) + 100)
    return console
