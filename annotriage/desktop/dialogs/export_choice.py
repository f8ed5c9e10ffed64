"""What can be exported, and what was chosen last time."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotriage.desktop.settings import Settings
from annotriage.triage.report_content import TOP

ENDINGS = (".csv", ".xlsx", ".json")


class Kind(StrEnum):
    """What is written."""

    LIST = "list"
    LABEL_STUDIO = "label studio"
    FOLDER = "folder"
    REPORT = "report"


class Which(StrEnum):
    """Of which images."""

    ALL = "all"
    SHOWN = "shown"
    SELECTED = "selected"
    EXPERTS = "experts"


@dataclass(slots=True)
class ExportChoice:
    """One set of answers.

    Attributes
    ----------
    kind : Kind
    which : Which
    ending : str
        Of a list.
    link : bool
        Links instead of copies.
    top : int
        Images in a report.
    """

    kind: Kind = Kind.LIST
    which: Which = Which.ALL
    ending: str = ENDINGS[0]
    link: bool = False
    top: int = TOP

    @property
    def suffix(self) -> str:
        """What the file's name ends in; empty: it is a folder."""
        return {Kind.LIST: self.ending, Kind.LABEL_STUDIO: ".json", Kind.FOLDER: "", Kind.REPORT: ".pdf"}[self.kind]


def last_choice() -> ExportChoice:
    """Return what was chosen last time; whatever makes no sense is as at the first time."""
    try:
        held: Any = Settings().last_choice
        choice = ExportChoice(
            Kind(held["kind"]), Which(held["which"]), held["ending"], held["link"] is True, int(held["top"])
        )
    except (ValueError, TypeError, KeyError):
        return ExportChoice()
    if choice.ending not in ENDINGS or not 1 <= choice.top <= 1000:
        return ExportChoice()
    return choice


def remember(choice: ExportChoice) -> None:
    """Keep a choice for the next time."""
    Settings().last_choice = asdict(choice)


def free_path(path: Path) -> Path:
    """Return the path, or with a number the first one beside it that is free."""
    free, number = path, 2
    while free.exists():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free
