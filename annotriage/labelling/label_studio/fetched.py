"""What came of fetching what people drew in a project."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.labelling.label_studio.connection import Project
from annotriage.names import counted
from annotriage.triage.measured import MeasuredImage
from annotriage.wording import images_text

if TYPE_CHECKING:
    from annotriage.agreement.measuring import ImageAgreement


@dataclass(slots=True)
class Fetched:
    """What came of a fetch.

    Attributes
    ----------
    project : Project
    export : Path
        What people drew, all of it: a file that Label Studio itself could have exported.
    tasks : int
        Of the folder's images.
    drawn : Counter of int to int
        How many people drew it -> of how many images that is so.
    read : int
        Tasks that were new or changed since the last fetch.
    changed : int
        Images of which something else is drawn than at the last fetch.
    measured : list of MeasuredImage
        What was measured now.
    agreements : list of ImageAgreement
        The same with all measures, of every image, where everything was asked for.
    not_here : list of str
        What tasks call images that the folder does not have.
    left_out : Counter of str to int
        What was not used, and how often: "annotations that were skipped".
    problems : list of str
        What is wrong with what was drawn of some images, a sentence each, which begins with the image's name.
    stopped : bool
        It was stopped before the end; the same fetch goes on from there.
    """

    project: Project
    export: Path
    tasks: int = 0
    drawn: Counter[int] = field(default_factory=Counter)
    read: int = 0
    changed: int = 0
    measured: list[MeasuredImage] = field(default_factory=list)
    agreements: "list[ImageAgreement]" = field(default_factory=list)
    not_here: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    stopped: bool = False

    @property
    def sentence(self) -> str:
        """What was found, in a sentence or two."""
        twice = sum(count for people, count in self.drawn.items() if people > 1)
        if not self.tasks and not self.stopped:
            return f"No task of {self.project} shows an image of this folder: is it the project you mean?"
        compared = [each.dice for each in self.measured if each.is_measured]
        begins = "Stopped; the same fetch goes on from there. So far in" if self.stopped else "In"
        said = (
            f"{begins} {self.project}: {images_text(self.tasks)}, of which {images_text(self.drawn[1])} drawn by one "
            f"person and {images_text(twice)} by several; {images_text(self.changed)} new or changed."
        )
        if compared:
            said += f" Measured now: {images_text(len(compared))}, mean Dice {sum(compared) / len(compared):.3f}."
        return said

    def remarks(self) -> list[str]:
        """Return what was not used, a sentence each."""
        said = [f"Not used: {counted(number, what)}." for what, number in sorted(self.left_out.items())]
        if self.not_here:
            some = ", ".join(self.not_here[:3]) + (", ..." if len(self.not_here) > 3 else "")
            said.append(f"Not in the folder: {counted(len(self.not_here), 'drawn images')} ({some}).")
        return said
