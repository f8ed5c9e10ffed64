"""Write a result as a report; the file's ending says which kind."""

import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TypeAlias

from annotriage.comparison.documents.comparison_document import comparison_document
from annotriage.comparison.documents.groups import groups_document
from annotriage.comparison.documents.outcome import outcome_document
from annotriage.comparison.documents.people import people_document
from annotriage.comparison.explained.document import Block, Document, FigureBlock
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.people.results import Team
from annotriage.comparison.results import Comparison
from annotriage.errors import AnnotriageError
from annotriage.json_text import json_bytes
from annotriage.measures.outcome import TriageOutcome
from annotriage.runs.files import RUN_FILES
from annotriage.writing import write_whole

Result: TypeAlias = Comparison | Diagnosis | Team | TriageOutcome
ENDINGS = (".html", ".pdf", ".tex", ".json")


def document_of(result: Result, *, paper: bool = True, more: Sequence[Block] = ()) -> Document:
    """Lay a result out; `paper` shows the paper's own numbers beside ours, `more` are further parts."""
    if isinstance(result, Comparison):
        return comparison_document(result, paper=paper, more=more)
    if isinstance(result, TriageOutcome):
        return outcome_document(result)
    if isinstance(result, Team):
        return people_document(result)
    return groups_document(result, paper=paper)


def figures_folder(path: Path) -> Path:
    """Return where the figures of a LaTeX report lie: beside it, under a name that LaTeX can read."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", path.stem).strip("-.") or "report"
    return path.with_name(f"{plain}-figures")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise AnnotriageError(
            f"The folder {folder} for the report's figures cannot be made ({error.strerror})."
        ) from None


def check_ending(path: Path) -> None:
    """Make sure that a report can be written as `path` says, before long work.

    Raises
    ------
    AnnotriageError
        Its ending is none of `ENDINGS`, its name that of a run's own file, or its folder does not exist.
    """
    if path.suffix.lower() not in ENDINGS:
        raise AnnotriageError(f"{path} ends in {path.suffix or 'nothing'}; a report ends in {', '.join(ENDINGS)}.")
    if path.name.casefold() in RUN_FILES:
        raise AnnotriageError(f"{path} is called as a run's own file, by which runs are found: name another file.")
    if not path.absolute().parent.is_dir():
        raise AnnotriageError(f"The folder {path.parent} does not exist; make it first.")


def write_report(result: Result, path: Path | str, *, paper: bool = True, more: Sequence[Block] = ()) -> None:
    """Write a report.

    Parameters
    ----------
    result : Comparison, Diagnosis, Team or TriageOutcome
    path : Path or str
        Ends in .html, .pdf, .tex or .json; beside a .tex, its figures are written into `figures_folder`.
    paper : bool
        Whether the paper's own numbers stand beside ours.
    more : sequence of Block
        Further parts of a comparison's report.

    Raises
    ------
    AnnotriageError
        The ending is unknown, or the file cannot be written.
    """
    path = Path(path)
    check_ending(path)
    document = document_of(result, paper=paper, more=more)
    if path.suffix.lower() == ".json":
        write_whole(path, json_bytes(as_json(result, document)))
    else:
        write_document(document, path)


def write_document(document: Document, path: Path) -> None:
    """Write a document as .html, .pdf or .tex; see `write_report`."""
    ending = path.suffix.lower()
    if ending == ".tex":
        from annotriage.comparison.reports.latex import as_latex, figure_files

        folder = figures_folder(path)
        files = figure_files(document)
        _make(folder)
        for name, drawn in files.items():
            write_whole(folder / name, drawn)
        data = as_latex(document, folder.name)
    elif ending == ".pdf":
        from annotriage.comparison.reports.pdf import as_pdf

        data = as_pdf(document)
    else:
        from annotriage.comparison.reports.html import as_html

        data = as_html(document)
    write_whole(path, data)


def as_json(result: Result, document: Document) -> dict[str, object]:
    """Return all numbers of a result, and what is said of them; runs stand where they were read from."""
    numbers = {each.name: getattr(result, each.name) for each in fields(result) if each.name != "runs"}
    said = [
        {"kind": type(block).__name__.removesuffix("Block").lower(), "block": _plain(block)}
        for block in document.flat()
    ]
    return numbers | {"report": said}


def _plain(block: Block) -> object:
    return {"title": block.title, "sentence": block.sentence} if isinstance(block, FigureBlock) else block
