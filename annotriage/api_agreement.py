"""What `import annotriage` gives to measure how much people's masks agree."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from annotriage import api_arguments as given

if TYPE_CHECKING:
    import pandas as pd

PathLike: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class AgreementTables:
    """How much people's masks agree.

    Attributes
    ----------
    images : DataFrame
        A row an image, as in the table that `annotriage agree --out` writes and regressors learn from: see
        `annotriage.agreement.metrics_table.METRICS_COLUMNS`. Its last column says what is wrong.
    pairs : DataFrame
        A row a pair of masks, as `annotriage agree --pairs` writes them.
    reading : str
        How images and annotators were read from the masks' names, in a sentence.
    left_out : dict of str to list of Path
        Why -> the files that were not used.
    remarks : tuple of str
        What else was found and is not read, a sentence each.
    """

    images: "pd.DataFrame"
    pairs: "pd.DataFrame"
    reading: str
    left_out: dict[str, list[Path]]
    remarks: tuple[str, ...]


def agree(
    masks: PathLike | Sequence[PathLike],
    *,
    pattern: str | None = None,
    label: str | None = None,
    tasks: PathLike | None = None,
    images: PathLike | None = None,
    keep_consensus: bool = False,
    distances: bool = True,
    resample: bool = False,
    threads: int | None = None,
) -> AgreementTables:
    """Measure how much people's masks, or their outlines in what annotation tools export, agree, image by image.

    Parameters
    ----------
    masks : path, or sequence of paths
        A folder for each annotator, or one folder, or files that annotation tools export (Label Studio, COCO, CVAT,
        labelme, VIA and others; also as ZIP), or a table of image, annotator and mask.
    pattern : str or None
        How the masks are named: ``{image}_{annotator}.png``; None: it is found out.
    label : str or None
        Which label to measure where there are several: a name, a number, a colour, or ``all``; None: the one that is
        called as a lesion is, or the only one.
    tasks : path or None
        Label Studio's export of the tasks (JSON or CSV), which says what task-31 shows.
    images : path or None
        The folder of the images, for exports that do not say how large these are.
    keep_consensus : bool
        Whether masks by ST, MV, staple, ground_truth, ... count as if people had drawn them.
    distances : bool
        Whether to measure how far the outlines lie apart, which takes as long as all else.
    resample : bool
        Whether masks of one image that have different sizes are brought to the largest.
    threads : int or None
        Processor cores to use; None: all.

    Returns
    -------
    AgreementTables

    Raises
    ------
    annotriage.agreement.readings.UnclearMasksError
        The names can be read in several ways; the sentence names the pattern of each.
    annotriage.agreement.label_choice.UnclearLabelsError
        The masks hold several labels, and none is chosen; the sentence names each, and how often it occurs.
    AnnotriageError
        Nothing is there, or no mask is found.
    """
    import pandas as pd

    from annotriage.agreement.finding import find_masks
    from annotriage.agreement.label_choice import settle_label
    from annotriage.agreement.measuring import measure
    from annotriage.agreement.metrics_table import METRICS_COLUMNS, PAIR_COLUMNS, metrics_cells, pair_cells
    from annotriage.agreement.studio_tasks import name_tasks

    label, threads = given.text_or_none(label, "label"), given.threads_or_none(threads)
    pattern, listed = given.text_or_none(pattern, "pattern"), given.path_or_none(tasks, "tasks")
    photographs = given.path_or_none(images, "images")
    found = find_masks(
        given.paths(masks, "masks"),
        pattern,
        keep_consensus=keep_consensus,
        images=[] if photographs is None else [photographs],
    )
    if listed is not None:
        found = name_tasks(found, listed)
    label, remark = settle_label(found, label)
    lines: list[list[str | float | None]] = []
    pairs: list[list[str | float | None]] = []
    work = measure(found, with_distances=distances, resample=resample, label=label, threads=threads)
    with closing(work):
        for measured in work:
            lines.append(metrics_cells(measured))
            pairs.extend(pair_cells(measured))
    return AgreementTables(
        pd.DataFrame(lines, columns=list(METRICS_COLUMNS)),
        pd.DataFrame(pairs, columns=list(PAIR_COLUMNS)),
        found.reading,
        {note: [row.path for row in rows] for note, rows in found.left_out().items()},
        (*filter(None, [remark]), *found.remarks),
    )
