"""What is to be said of a training's best finished run, all of it at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from annotriage.comparison.verdict import guessing_sentence
from annotriage.errors import AnnotriageError
from annotriage.trainings.reference_model import ErrorRow, ReferenceComparer, ReferenceComparison, error_rows
from annotriage.trainings.result_words import figure_sentences, runs_notes, worse_words
from annotriage.trainings.results import FinishedRun, prepare, read_results

if TYPE_CHECKING:
    from annotriage.model_file import ModelLibrary


@dataclass(frozen=True, slots=True, eq=False)
class ResultReport:
    """A training's best run in words and numbers.

    Attributes
    ----------
    run : FinishedRun or None
        The one that did best on its validation images beside a guess; None: none is finished and can be read.
    problems : list of str
        What could not be read.
    notes : list of str
        What is not seen in any single run.
    guess : str
        Whether it has learned more than the usual Dice.
    figures : list of tuple
        Title and sentence of each figure of a result.
    errors : list of ErrorRow
    comparison : ReferenceComparison or None
        With the model in use; None: not asked for, or not possible.
    not_compared : str
        Why there is none; empty: there is, or nobody asked.
    worse : str
        Why the model should not become the one in use; empty: nothing known speaks against it.
    """

    run: FinishedRun | None
    problems: list[str]
    notes: list[str] = field(default_factory=list)
    guess: str = ""
    figures: list[tuple[str, str]] = field(default_factory=list)
    errors: list[ErrorRow] = field(default_factory=list)
    comparison: ReferenceComparison | None = None
    not_compared: str = ""
    worse: str = ""


def report_result(
    folder: Path, library: "ModelLibrary", *, compare: bool, report: Callable[[int, int], None]
) -> ResultReport:
    """Read what came of a training and put it into words.

    Parameters
    ----------
    folder : Path
        The training's.
    library : ModelLibrary
    compare : bool
        Whether the model in use predicts the same test images.
    report : callable
        Gets how many it has predicted, and of how many.

    Raises
    ------
    AnnotriageError
        There is no such folder.
    """
    results = read_results(folder)
    if not results.runs:
        return ResultReport(None, results.problems)
    prepared = prepare(results.runs[0], results, library)
    run, found, why = prepared.run, None, ""
    if compare:
        try:
            found = ReferenceComparer(library).compare(prepared, results.pictures, report, Event())
        except AnnotriageError as error:
            why = f"It could not be compared with the model in use. {error}"
    return ResultReport(
        run=run,
        problems=[*results.problems, *([prepared.problem] if prepared.problem else [])],
        notes=runs_notes(results),
        guess=guessing_sentence(prepared.guess),
        figures=figure_sentences(run, prepared.level, found),
        errors=error_rows(run, found),
        comparison=found,
        not_compared=why,
        worse=worse_words(run, found),
    )
