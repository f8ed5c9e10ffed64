"""The verdict on runs beside the model in use, as a part of a comparison's document."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from annotriage.comparison.explained.document import Block, Heading, Paragraph
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.wording import with_sd
from annotriage.errors import AnnotriageError
from annotriage.trainings.reference_model import ReferenceComparer, error_rows
from annotriage.trainings.results import prepare, read_results

if TYPE_CHECKING:
    from annotriage.comparison.results import Comparison
    from annotriage.comparison.run_types import Run
    from annotriage.model_file import ModelLibrary

TITLE = "Beside the model in use"


def reference_part(
    found: "Comparison", pictures: Path, library: "ModelLibrary", clinical: Path | None = None
) -> Iterator[Block]:
    """Let the model in use predict the test images of the run that Table 2 shows, of each model, and compare the two.

    Parameters
    ----------
    found : Comparison
        Of run folders; of what was read from tables it is said that it cannot be compared.
    pictures : Path
        The folder of the images.
    library : ModelLibrary
        Says which model is in use.
    clinical : Path, optional
        The metadata that say which images are of one patient; what the training was given when left out.
    """
    yield Heading(TITLE, 1)
    comparer = ReferenceComparer(library)
    for run in found.runs.runs[found.runs.keys.index(found.chosen)]:
        yield Heading(run.name)
        try:
            yield from _verdict(run, pictures, library, comparer, clinical)
        except AnnotriageError as error:
            yield Paragraph(f"It could not be compared with the model in use: {error}", caution=True)


def _verdict(
    run: "Run", pictures: Path, library: "ModelLibrary", comparer: ReferenceComparer, clinical: Path | None
) -> Iterator[Block]:
    if not run.source.is_dir():
        raise AnnotriageError("a table of runs does not hold what it takes; name the folders of runs.")
    results = read_results(run.source)
    if not results.runs:
        raise AnnotriageError(" ".join(results.problems) or f"{run.source} holds no finished run.")
    finished, results = results.runs[0], replace(results, clinical=clinical or results.clinical)
    found = comparer.compare(prepare(finished, results, library), pictures, lambda done, total: None, Event())
    if found is None:
        return
    verdict = found.verdict
    yield Paragraph(f"{verdict.headline}. {verdict.sentence}")
    yield from (Paragraph(caution, caution=True) for caution in verdict.cautions)
    rows = tuple(
        (each.name, with_sd(each.mae, each.mae_sd), with_sd(each.mse, each.mse_sd))
        for each in error_rows(finished, found)
    )
    caption = f"Errors of {run.name} on its test images, of the model in use and of a guess. {verdict.method}".strip()
    yield TableBlock(f"beside-{run.model}-{run.run}", caption, ("", "MAE", "MSE"), rows)
