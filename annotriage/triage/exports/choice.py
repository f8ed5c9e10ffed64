"""One set of answers to the questions of an export: remembered, and checked before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotriage.triage.exports.formats import FORMATS, ExportFormat, FolderOf
from annotriage.triage.exports.order import Which

_BEFORE = {"label studio": "label-studio", "folder": "images"}
"""What a format was called in what earlier versions remembered."""


@dataclass(slots=True)
class ExportChoice:
    """Format, which images, ending of the file, and the answers to the format's questions by their names."""

    kind: str = "list"
    which: Which = Which.ALL
    ending: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def format(self) -> ExportFormat:
        """The format."""
        return FORMATS[self.kind]

    @property
    def suffix(self) -> str:
        """What the file's name ends in; empty: it is a folder."""
        endings = [ending for ending, _ in self.format.endings]
        return self.ending if self.ending in endings else (endings or [""])[0]

    @property
    def answers(self) -> dict[str, Any]:
        """The answers to the format's own questions, and to those that were not asked what goes without saying."""
        return {each.name: self.options.get(each.name, each.default) for each in self.format.fields}

    def button(self, count: int) -> str:
        """Return what the button says."""
        return self.format.button(count, self.answers)

    def saved(self) -> dict[str, Any]:
        """Return it as it is remembered: folders are not, they are of one session."""
        folders = {each.name for known in FORMATS.values() for each in known.fields if isinstance(each, FolderOf)}
        options = {name: value for name, value in self.options.items() if name not in folders}
        return {"kind": self.kind, "which": self.which, "ending": self.ending, **options}


def choice_from(saved: object) -> ExportChoice:
    """Return what was chosen last time; whatever makes no sense is as at the first time."""
    if not isinstance(saved, Mapping):
        return ExportChoice()
    kind = _BEFORE.get(str(saved.get("kind")), str(saved.get("kind")))
    known = {each.name: each for some in FORMATS.values() for each in some.fields}
    options = {name: value for name, value in saved.items() if name in known and known[name].accepts(value)}
    endings = {ending for some in FORMATS.values() for ending, _ in some.endings}
    ending = str(saved.get("ending"))
    if kind not in FORMATS or saved.get("which") not in set(Which) or ending not in {*endings, ""}:
        return ExportChoice()
    return ExportChoice(kind, Which(str(saved["which"])), ending, options)


def free_path(path: Path) -> Path:
    """Return the path, or with a number the first one beside it that is free."""
    free, number = path, 2
    while free.exists():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free


def suggested_path(choice: ExportChoice, folder: Path, place: Path) -> Path:
    """Return a path in `place` that is free, called after the folder of the images."""
    noun = "for experts" if choice.format.is_folder and choice.which is Which.EXPERTS else choice.format.noun
    return free_path(place / f"{folder.name or 'images'} {noun}{choice.suffix}")


def problem_and_note(choice: ExportChoice, folder: Path | None, count: int, target: Path | None) -> tuple[str, str]:
    """Say what stands in the way of an export, and what to know before it; empty: nothing.

    Parameters
    ----------
    choice : ExportChoice
    folder : Path or None
        The open one.
    count : int
        Images to export.
    target : Path or None
    """
    if folder is None:
        return "No folder is open.", ""
    if count == 0 and not choice.format.empty:
        return "There is no such image; choose other images.", ""
    if target is None:
        return "Choose where to write.", ""
    if choice.format.is_folder:
        if target.resolve().is_relative_to(folder.resolve()):
            return "Choose a folder outside of the open one: copies in it would be listed as images.", ""
        return "", _about_folder(target)
    if target.is_dir():
        return "This is a folder; give the file a name.", ""
    if target.suffix.lower() != choice.suffix:
        return f"The file’s name must end in {choice.suffix}.", ""
    if not target.parent.is_dir():
        return f"There is no folder {target.parent}.", ""
    return "", "This file exists and will be replaced." if target.exists() else ""


def _about_folder(target: Path) -> str:
    """Say what becomes of what is in a folder."""
    from annotriage.triage.exports.folder_list import FILE_NAME, is_ours

    if not target.exists():
        return ""
    try:
        ours = is_ours(target)
    except OSError:
        ours = False
    if not (target / FILE_NAME).exists():
        return "What is in the folder stays as it is."
    if ours:
        return "What is in the folder stays as it is; its list.csv gets new lines for these images."
    return "What is in the folder stays as it is, and its list.csv, which is another one, too."
