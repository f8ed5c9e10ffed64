"""A console of rich's that no text can steer; it is made by `annotriage.commands.console`."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from annotriage.commands.console import clean


class SafeConsole(Console):
    """A console on which only its own styles and cursor movements reach the terminal, none that stand in a text."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as ever, and clean each text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)
