"""The pages of the user guide: their order, titles, and where a text occurs."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from annotriage.resources_folder import resources_folder

FIRST = "index.md"


def guide_folder() -> Path:
    """Return the folder of the guide; ``pictures`` lies in it."""
    return resources_folder() / "guide"


@dataclass(frozen=True)
class GuidePage:
    """One page.

    `path` is a Markdown file in `guide_folder`.
    """

    path: Path

    @cached_property
    def text(self) -> str:
        """The page in Markdown."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def title(self) -> str:
        """Its first heading."""
        found = re.search(r"^# (.+)$", self.text, re.MULTILINE)
        return found[1] if found else self.path.stem

    def holds(self, words: str) -> bool:
        """Return whether all words, in any order, are on the page; capital letters count as small ones."""
        text = self.text.casefold()
        return all(word in text for word in words.casefold().split())


def guide_pages() -> list[GuidePage]:
    """Return the pages: first the index, then those that it links to, in that order."""
    first = GuidePage(guide_folder() / FIRST)
    linked = re.findall(r"\]\(([\w-]+\.md)\)", first.text)
    return [first, *(GuidePage(first.path.with_name(name)) for name in dict.fromkeys(linked))]
