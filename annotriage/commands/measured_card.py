"""Figures of a cross-validation, way of drawing by way of drawing, onto the card of the model it is about."""

from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.comparison.results import Comparison


def write_measured(found: "Comparison", file: Path) -> None:
    """Put the figures of all runs of a model, asked for each image's own way, onto its card in a model file.

    The test part of one run holds too few images of a way to say anything; all folds of a cross-validation hold every
    labelled image once.

    Parameters
    ----------
    found : Comparison
    file : Path
        Named on its card as the runs name the model; written whole or not at all.

    Raises
    ------
    AnnotriageError
        The file is no model of ours, none of the runs is of its model, or they know no ways.
    """
    from annotriage.comparison.by_way import ALL
    from annotriage.measures.ways import MIXED, WAYS
    from annotriage.model_file import KindMetrics, open_model_file, with_card
    from annotriage.writing import replace_file

    model = open_model_file(file)
    name = model.card.name
    mine = [line for line in found.by_way if line.model == name]
    if not mine or not model.card.ways:
        names = ", ".join(dict.fromkeys(line.model for line in found.by_way)) or "none that knows ways of drawing"
        raise AnnotriageError(
            f"{file} holds the model {name}; the runs are of {names}. Give runs of that model, trained with --pairs."
        )
    measured = {(line.kind, line.told): KindMetrics(**line.measures.as_dict()) for line in mine}
    ways = [
        way.model_copy(
            update={"metrics": measured.get((ALL, False) if way.key == MIXED else (WAYS.get(way.key, ""), True))}
        )
        for way in model.card.ways
    ]
    replace_file(file, with_card(model.data(), model.card.model_copy(update={"ways": ways})))
