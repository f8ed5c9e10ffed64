"""Look for what people drew, and say what was found: as `annotriage agree`, `convert` and `people` begin."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from annotriage.commands.console import say

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.agreement.mask_set import MaskSet

UNCLEAR = 2
"""The exit code where a person must choose."""


def look_for_masks(
    messages: "Console",
    masks: Sequence[Path],
    *,
    pattern: str | None,
    tasks: Path | None,
    images: Path | None,
    label: str | None,
    keep_consensus: bool,
) -> "tuple[MaskSet, str | None]":
    """Return what was found, and which label is meant; exit with `UNCLEAR` where that can be read in several ways.

    Raises
    ------
    AnnotriageError
        Nothing is there, or no mask is found.
    """
    from rich.text import Text

    from annotriage.agreement.finding import find_masks
    from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
    from annotriage.agreement.readings import UnclearMasksError
    from annotriage.agreement.studio_tasks import are_tasks, name_tasks
    from annotriage.commands.agree_report import print_found

    try:
        with messages.status("Looking for masks"):
            found = find_masks(masks, pattern, keep_consensus=keep_consensus, images=[] if images is None else [images])
            found = found if tasks is None else name_tasks(found, tasks)
            label, remark = settle_label(found, label.strip() or None if label else None)
    except (UnclearMasksError, UnclearLabelsError) as error:
        say(f"annotriage: {error}", err=True, fg="red")
        raise typer.Exit(UNCLEAR) from None
    print_found(messages, found)
    if remark:
        messages.print(Text(remark))
    if tasks is None and are_tasks(found):
        messages.print(
            "Images are called by Label Studio's tasks; --tasks FILE, its export as JSON or CSV, gives their names."
        )
    return found, label


def say_broken(messages: "Console", found: "MaskSet") -> None:
    """Say at the end, where it is seen, which files could not be read: all that is in them is missing in the result."""
    from rich.text import Text

    from annotriage.names import counted

    names = found.broken()
    if names:
        first = ", ".join(names[:3]) + (", ..." if names[3:] else "")
        messages.print(Text(f"Without {counted(len(names), 'files')} that could not be read ({first}).", style="bold"))
