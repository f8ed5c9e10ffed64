"""What came of the triage of a folder, from what is known of its images."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from annotriage.measures.outcome import TriageOutcome, triage_outcome
from annotriage.measures.thresholds import CONTENTIOUS_BELOW
from annotriage.model_file.exposure import images_met
from annotriage.scoring.team import EVERYBODY, Team
from annotriage.scoring.team_words import team_text
from annotriage.triage.coverage_watch import among, watched_folder
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.sort_keys import by_disagreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.model_file import ModelCard
    from annotriage.triage.catalogue import Catalogue

DEFAULT_FRONT = 0.2
"""Share of the images that is in front where nobody decided any for experts."""


def images_ranked(catalogue: "Catalogue") -> int:
    """Return how many images have a rank and are not excluded."""
    return int(_ranked(catalogue).sum())


def images_in_front(catalogue: "Catalogue") -> int:
    """Return how many images count as in front: as many as were chosen for experts, else a fifth of the ranking."""
    ranked = _ranked(catalogue)
    return int(_chosen(catalogue)[ranked].sum()) or max(1, round(DEFAULT_FRONT * int(ranked.sum())))


def _chosen(catalogue: "Catalogue") -> "NDArray[np.bool_]":
    """Return the (N,) mask of images that are for experts, and not as chance chose them."""
    chosen: NDArray[np.bool_] = (catalogue.decision == DECISIONS.index(Decision.EXPERT)) & ~catalogue.control
    return chosen


def _in_front(catalogue: "Catalogue", rows: "NDArray[np.intp]", front: int | None) -> "NDArray[np.bool_]":
    """Say of ranked rows whether they are in front.

    The first of the ranking are, so many as are asked for. Where chance chose some beside those for experts, and these
    are not the first of the ranking (different images were preferred, or not all were free), what was chosen is in
    front instead: chance chose among the others.
    """
    chosen = _chosen(catalogue)[rows]
    count = images_in_front(catalogue) if front is None else front
    order = by_disagreement(catalogue.disagreement[rows], catalogue.unlike[rows])
    first = np.zeros(len(rows), dtype=np.bool_)
    first[order[:count]] = True
    if not catalogue.control[rows].any() or count != int(chosen.sum()):
        return first
    # A control image stands in front where all that is chosen does down to it.
    order = order[~catalogue.control[rows][order]]
    if not chosen[order[:count]].all():
        return chosen
    least = catalogue.disagreement[rows][chosen].min()
    above: NDArray[np.bool_] = chosen | (catalogue.disagreement[rows] > least)
    return above


def folder_outcome(
    catalogue: "Catalogue",
    card: "ModelCard",
    *,
    front: int | None = None,
    below: float = CONTENTIOUS_BELOW,
    team: Team | None = None,
    fitted: frozenset[bytes] = frozenset(),
) -> TriageOutcome:
    """Compare what was predicted of a folder's images with what people drew.

    The error that the card states is that of the way of drawing for which was predicted.

    Images that are excluded, cannot be read, have no prediction, or were drawn on another file than there is, are left
    out.

    Parameters
    ----------
    catalogue : Catalogue
    card : ModelCard
        Of the model that predicted.
    front : int or None
        How many of the ranking count as in front; None: see `images_in_front`. Beside a control sample, those that
        were chosen.
    below : float
        Images whose measured Dice is below this are contentious.
    team : Team or None
        For whom the catalogue's predictions hold; None: it tells.
    fitted : frozenset of bytes
        Fingerprints of the images that it was calibrated on: see `annotriage.triage.coverage_watch.calibrated_on`.
    """
    rows = np.flatnonzero(_ranked(catalogue))
    first = _in_front(catalogue, rows, front)
    names = {catalogue.images[row].name for row in rows.tolist()}
    seconds = [
        each
        for name, one in catalogue.measured.by_name.items()
        if name in names
        for each in one.seconds
        if each is not None
    ]
    measured = catalogue.measured.of_file()[rows]
    met = np.zeros(len(rows), np.bool_)
    drawn = np.flatnonzero(~np.isnan(measured))
    files = [catalogue.images[row].path for row in rows[drawn].tolist()]
    met[drawn] = among(files, fitted)
    team = team or catalogue.team or EVERYBODY
    way = card.way(team.way)
    stated = card.metrics if way is None else way.metrics
    found = triage_outcome(
        (1.0 - catalogue.disagreement[rows]).astype(np.float64),
        catalogue.lower[rows],
        catalogue.upper[rows],
        measured,
        first,
        control=catalogue.control[rows],
        seconds=np.array(seconds),
        below=below,
        card_error=None if stated is None else stated.mae,
        level=card.interval.level,
        fitted=met,
        alarm=watched_folder(catalogue, card, team, fitted),
    )
    return replace(found, predicted_for=team_text(card, team), learned_from=images_met(card, files) or 0)


def _ranked(catalogue: "Catalogue") -> "NDArray[np.bool_]":
    excluded = catalogue.decision == DECISIONS.index(Decision.EXCLUDE)
    ranked: NDArray[np.bool_] = catalogue.readable() & ~np.isnan(catalogue.disagreement) & ~excluded
    return ranked
