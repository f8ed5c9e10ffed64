"""Progress of long work on the terminal: done / total, rate, time left."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Task


class _Rate(ProgressColumn):
    """Things a second, over the last half minute."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def render(self, task: "Task") -> Text:
        """Show the rate once it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.{1 if speed < 10 else 0}f} {self._what}/s")


class _Done(ProgressColumn):
    def render(self, task: "Task") -> Text:
        """Show how many of how many."""
        return Text(f"{int(task.completed):,} of {int(task.total or 0):,}")


@contextmanager
def progress(console: "Console", title: str, total: int, what: str = "images") -> "Iterator[Callable[[], None]]":
    """Show a progress bar while the `with` statement runs; nothing where nobody watches a terminal.

    Parameters
    ----------
    console : rich.console.Console
        Where to show it.
    title : str
        What is being done.
    total : int
        How many there are to do.
    what : str
        What they are, in the plural.

    Yields
    ------
    callable
        To be called once for each that is done.
    """
    with _bar(console, what) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def counting(console: "Console", title: str, what: str = "images") -> "Iterator[Callable[[int, int], None]]":
    """Show a progress bar as `progress` does, once it is told how many are done, and of how many."""
    with _bar(console, what) as bar:
        task = bar.add_task(title, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _bar(console: "Console", what: str) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Done(),
        _Rate(what),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
