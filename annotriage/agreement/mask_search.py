"""Look for people's masks where a person said, and say in words what was found, left out and understood."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.agreement_words import counts_text, masks_text
from annotriage.agreement.finding import CONSENSUS_NOTE
from annotriage.agreement.match_table import MatchTable
from annotriage.wording import number_text

if TYPE_CHECKING:
    from annotriage.agreement.label_choice import UnclearLabelsError
    from annotriage.agreement.mask_set import MaskRow, RowKey
    from annotriage.agreement.readings import UnclearMasksError

_MOST_NAMED = 8
_MOST_NOTES, _MOST_REMARKS = 5, 3


@dataclass(frozen=True, slots=True)
class FoundMasks:
    """What was found.

    Attributes
    ----------
    table : MatchTable
        Who drew which mask of which image, earlier corrections kept.
    reading : str
        How names were read, in a sentence.
    notes : list of str
        What was left out and why, and what else there is to know; the most important only.
    example : Path or None
        One of the masks.
    label : str or None
        Which label is measured.
    are_tasks : bool
        Images are called by the numbers of Label Studio's tasks.
    """

    table: MatchTable
    reading: str
    notes: list[str]
    example: Path | None
    label: str | None
    are_tasks: bool

    @property
    def summary(self) -> str:
        """Say how many masks, images and people there are, and who these are where they are few."""
        matched, names = self.table.matched(), self.table.names()
        named = f" ({', '.join(names)})" if 0 < len(names) <= _MOST_NAMED else ""
        return f"{masks_text(matched.masks)}: {counts_text(matched.images, matched.annotators)}{named}"


@dataclass(frozen=True, slots=True)
class MaskSearch:
    """What is looked for, and how it is read.

    Attributes
    ----------
    paths : sequence of Path
        Folders, mask files, exports of annotation tools and tables of masks.
    pattern : str or None
        How names are made; None: it is found out.
    keep_consensus : bool
        Count consensus masks as people's.
    label : str or None
        Which of several labels is measured; None: nobody said it.
    tasks : Path or None
        Label Studio's export of the tasks, which names their images.
    images : sequence of Path
        Folders of the photographs, which say how large the images are of which an export does not.
    before : mapping of RowKey to MaskRow
        What a person corrected.
    """

    paths: Sequence[Path]
    pattern: str | None
    keep_consensus: bool
    label: str | None
    tasks: Path | None
    images: Sequence[Path]
    before: "Mapping[RowKey, MaskRow]"

    def run(self) -> "FoundMasks | UnclearMasksError | UnclearLabelsError":
        """Return what was found, or between what a person must choose.

        Raises
        ------
        AnnotriageError
            Nothing can be made of what is there.
        """
        from annotriage.agreement.finding import find_masks
        from annotriage.agreement.label_choice import UnclearLabelsError, settle_label
        from annotriage.agreement.readings import UnclearMasksError
        from annotriage.agreement.studio_tasks import are_tasks, name_tasks

        try:
            found = find_masks(self.paths, self.pattern, keep_consensus=self.keep_consensus, images=self.images)
            in_tasks = are_tasks(found)
            found = found if self.tasks is None else name_tasks(found, self.tasks)
            label, remark = settle_label(found, self.label)
        except (UnclearMasksError, UnclearLabelsError) as error:
            return error
        left_out = Counter(row.note for row in found.rows if not row.used)
        first = {row.note: row.name for row in reversed(found.rows) if not row.used}
        notes = [_left_out_text(note, count, first[note]) for note, count in left_out.most_common(_MOST_NOTES)]
        remarks = [*filter(None, [remark]), *found.remarks]
        example = next((row.path for row in found.rows if row.used), None)
        table = MatchTable(found.rows, self.before)
        return FoundMasks(table, found.reading, [*notes, *remarks[:_MOST_REMARKS]], example, label, in_tasks)


def _left_out_text(why: str, count: int, first: str) -> str:
    if why == CONSENSUS_NOTE:
        return f"Consensus masks left out: {number_text(count)}"
    return f"Left out: {number_text(count)}, {why} ({first}{', …' if count > 1 else ''})"
