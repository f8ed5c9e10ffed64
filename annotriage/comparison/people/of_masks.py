"""Compare people by the masks in folders and tables, or by a table of pairs, in one call."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from annotriage.agreement.finding import find_masks
from annotriage.agreement.label_choice import settle_label
from annotriage.agreement.people.mask_facts import KnownFacts
from annotriage.agreement.people.measuring_people import Gathering, measure_people, read_pairs
from annotriage.agreement.studio_tasks import name_tasks
from annotriage.comparison.people.results import FEWEST_IMAGES, Team
from annotriage.comparison.people.team import compare_people


def people_of_masks(
    masks: Sequence[Path],
    *,
    letters: bool = False,
    min_images: int = FEWEST_IMAGES,
    pattern: str | None = None,
    label: str | None = None,
    tasks: Path | str | None = None,
    images: Path | str | None = None,
    keep_consensus: bool = False,
    resample: bool = False,
    threads: int | None = None,
) -> Team:
    """Compare annotators: size, border, agreement, change over time, each corrected for the images.

    Parameters
    ----------
    masks : sequence of Path
        A folder for each annotator, or one folder, or a table of image, annotator and mask, whose columns ``tool``,
        ``skill_level`` and ``finished`` are read, too.
    letters : bool
        Whether letters stand for names.
    min_images : int
        Images that a person must share with others to be compared, at least 3.
    pattern, label, tasks, images, keep_consensus, resample, threads
        As for `annotriage.agree`.

    Raises
    ------
    AnnotriageError
        As for `annotriage.agree`; the statistics libraries are missing; or no two people share enough images.
    """
    photographs = [] if images is None else [Path(images)]
    found = find_masks(masks, pattern, keep_consensus=keep_consensus, images=photographs)
    if tasks is not None:
        found = name_tasks(found, Path(tasks))
    label, _ = settle_label(found, label)
    gathering = Gathering(KnownFacts(masks))
    with closing(measure_people(found, gathering.facts, resample=resample, label=label, threads=threads)) as work:
        for image in work:
            gathering.add(image)
    return compare_people(gathering.done(), least=min_images, lettered=letters)


def people_of_pairs(
    pairs: Path, *, letters: bool = False, min_images: int = FEWEST_IMAGES, keep_consensus: bool = False
) -> Team:
    """Compare annotators by a table of pairs, as `annotriage agree --pairs` writes it: agreement only.

    Parameters and errors are those of `people_of_masks`.
    """
    drawn = read_pairs(pairs, keep_consensus=keep_consensus)
    return compare_people(drawn, least=min_images, lettered=letters)
