"""How a budget of images is spent: on contentious ones, on different ones, and on some that chance chooses."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotriage.measures.diverse import diverse, within_groups
from annotriage.names import as_unicode, stem_of
from annotriage.triage.alone import ALONE
from annotriage.triage.decisions import DECISIONS, Decision
from annotriage.triage.selection import count_of_share, counted_once, most_contentious, open_rows, ranked_among

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.stored_numbers import StoredNumbers

DEFAULT_CONTROL = 0.1
"""Share of a budget that chance spends where nobody said otherwise.

It costs fewer than a tenth of the contentious images found, as chance finds some, too, and a few hundred images sent
bring the tens of control images that an estimate of what is missed needs: see `python -m tests.benchmarks budget`.
"""
MOST_CONTROL = 0.9


@dataclass(frozen=True, slots=True)
class Budget:
    """On what images are spent.

    Attributes
    ----------
    different : float
        From 0, the most contentious, to 1, the most different: see `annotriage.measures.diverse`.
    control : float
        Share of the images, 0 to `MOST_CONTROL`, that chance chooses among those that are not chosen: without them
        nobody ever learns what the ranking misses.
    most : int or None
        Of one patient or lesion, the control sample left aside; None: any.
    unlike : bool
        Whether images that the model knows nothing like of may be chosen.
    seed : int
        Of the chance.
    """

    different: float = 0.0
    control: float = 0.0
    most: int | None = None
    unlike: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        if not (
            0 <= self.different <= 1 and 0 <= self.control <= MOST_CONTROL and (self.most is None or self.most > 0)
        ):
            raise ValueError(f"{self} makes no sense")


TOP = Budget()
"""All of it is spent on the most contentious."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the N images of a catalogue beside their predictions.

    Attributes
    ----------
    features : (N, F) array of float32, or None
        Places in feature space; NaN: not known of an image.
    groups : (N,) array of int, or None
        Images of one patient or lesion have one number; -1: not known.
    """

    features: "NDArray[np.float32] | None" = None
    groups: "NDArray[np.intp] | None" = None


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Spent:
    """What a budget is spent on; all rows stand with the most contentious first.

    Attributes
    ----------
    chosen, control : array of intp
        Rows that were chosen by what is predicted, and by chance.
    top : array of intp
        What would be chosen if all of it were spent on the most contentious.
    others : int
        Images among which chance chose.
    of_full_groups : int
        Images that would have been chosen, had there not been enough of their patient or lesion.
    ungrouped : int
        Chosen ones of which it is not known whose they are.
    without_features, unlike : int
        Images that could not be chosen as nothing tells how different they are, or as the model knows none like them.
    copies : int
        Images left out as nearly the same picture is among what is spent, or is the experts' already.
    """

    chosen: "NDArray[np.intp]"
    control: "NDArray[np.intp]"
    top: "NDArray[np.intp]"
    others: int
    of_full_groups: int = 0
    ungrouped: int = 0
    without_features: int = 0
    unlike: int = 0
    copies: int = 0


def spend(
    catalogue: "Catalogue",
    budget: Budget = TOP,
    known: Known = NOTHING_KNOWN,
    *,
    count: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
    undecided_only: bool = True,
    of_undecided: bool = False,
    among: "NDArray[np.intp] | None" = None,
) -> Spent:
    """Choose images, and others by chance.

    How many is said as for `most_contentious`: the control sample is part of a count or a share, and comes on top of a
    cut-off, so that it is the budget's share of all. It is drawn from the whole folder, whatever `among` says, among
    all that are ranked, not chosen, not the experts' and not excluded; with `undecided_only` among the undecided ones.

    Raises
    ------
    ValueError
        Not exactly one measure is given, or it makes no sense.
    """
    may = ranked_among(catalogue, among)
    unlike = 0
    if not budget.unlike:
        unlike = int((catalogue.unlike[may] & (open_rows(catalogue, may) | (not undecided_only))).sum())
        may = may[~catalogue.unlike[may]]
    asked = {"count": count, "share": share, "cutoff": cutoff, "of_undecided": of_undecided}
    top = most_contentious(catalogue, **asked, undecided_only=undecided_only, among=may, unlike=True)  # type: ignore[arg-type]
    wanted = len(top)
    if cutoff is None:
        of_control = min(count_of_share(budget.control, wanted), max(wanted - 1, 0))
        candidates = counted_once(catalogue, may[open_rows(catalogue, may)] if undecided_only else may)
        wanted -= of_control
    else:
        of_control = count_of_share(budget.control / (1 - budget.control), wanted)
        candidates = top
    chosen, without = _chosen(catalogue, candidates, wanted, budget, known)
    others = _others(catalogue, chosen, undecided_only=undecided_only)
    if not budget.unlike:
        others = others[~catalogue.unlike[others]]
    control = by_chance(catalogue, others, of_control, budget.seed)
    full = 0
    if budget.most is not None and known.groups is not None:
        full = len(candidates[:wanted]) - len(within_groups(candidates[:wanted], known.groups, budget.most))
    ungrouped = len(chosen) if known.groups is None else int((known.groups[chosen] < 0).sum())
    copies = _copies(catalogue, may[open_rows(catalogue, may)] if undecided_only else may, chosen, control)
    return Spent(chosen, control, top, len(others), full, ungrouped, without, unlike, copies)


def _copies(
    catalogue: "Catalogue", rows: "NDArray[np.intp]", chosen: "NDArray[np.intp]", control: "NDArray[np.intp]"
) -> int:
    """Count rows that are left out as nearly the same picture is chosen, or is the experts' already."""
    theirs = np.flatnonzero((catalogue.decision == DECISIONS.index(Decision.EXPERT)) & ~catalogue.changed)
    taken = np.concatenate([chosen, control, theirs])
    grouped = catalogue.group[rows] != ALONE
    return int((grouped & np.isin(catalogue.group[rows], catalogue.group[taken]) & ~np.isin(rows, taken)).sum())


def _chosen(
    catalogue: "Catalogue", candidates: "NDArray[np.intp]", wanted: int, budget: Budget, known: Known
) -> "tuple[NDArray[np.intp], int]":
    """Return the rows that are chosen, and how many could not be as nothing tells how different they are."""
    if not budget.different:
        return within_groups(candidates, known.groups, budget.most)[:wanted], 0
    if known.features is None:
        return candidates[:0], len(candidates)
    seen = ~np.isnan(known.features[candidates]).any(axis=1)
    rows = candidates[seen]
    places = diverse(
        catalogue.disagreement[rows],
        known.features[rows],
        wanted,
        budget.different,
        groups=None if known.groups is None else known.groups[rows],
        most=budget.most,
    )
    return rows[np.sort(places)], int((~seen).sum())


def _others(catalogue: "Catalogue", chosen: "NDArray[np.intp]", *, undecided_only: bool) -> "NDArray[np.intp]":
    """Return the rows that chance may choose, the most contentious first."""
    ranked = catalogue.ranked()
    taken = (Decision.EXPERT, Decision.EXCLUDE)
    free = ~np.isin(catalogue.decision[ranked], [DECISIONS.index(each) for each in taken])
    if undecided_only:
        free = open_rows(catalogue, ranked)
    others: NDArray[np.intp] = ranked[free & ~catalogue.control[ranked] & ~np.isin(ranked, chosen)]
    # What is nearly the same picture as a chosen one, or as another, is drawn once.
    once = counted_once(catalogue, others)
    same = (catalogue.group[once] != ALONE) & np.isin(catalogue.group[once], catalogue.group[chosen])
    left: NDArray[np.intp] = once[~same]
    return left


def by_chance(catalogue: "Catalogue", rows: "NDArray[np.intp]", count: int, seed: int = 0) -> "NDArray[np.intp]":
    """Draw rows at random, by their names and a seed alone: whatever the order of a listing, the same ones."""
    lots = np.array([chance_of(name, seed) for name in catalogue.names(rows.tolist())])
    drawn: NDArray[np.intp] = rows[np.sort(np.argsort(lots, kind="stable")[:count])]
    return drawn


def chance_of(name: str, seed: int = 0) -> float:
    """Return a number of an image that has nothing to do with it, evenly spread over 0..1, and always the same."""
    said = as_unicode(name) if not seed else f"{seed}/{as_unicode(name)}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:6], "big") / 2**48


def groups_of(catalogue: "Catalogue", key_of_stem: "Mapping[str, str]") -> "NDArray[np.intp]":
    """Return the (N,) numbers of patients or lesions, by what metadata say of each image; -1: nothing.

    Parameters
    ----------
    catalogue : Catalogue
    key_of_stem : mapping
        As `annotriage.datasets.clinical.read_groups` returns it.
    """
    numbers: dict[str, int] = {}
    found = np.full(len(catalogue), -1, np.intp)
    for row, image in enumerate(catalogue.images):
        key = key_of_stem.get(stem_of(image.name))
        if key is not None:
            found[row] = numbers.setdefault(key, len(numbers))
    return found


def features_of(catalogue: "Catalogue", numbers: "StoredNumbers") -> "NDArray[np.float32] | None":
    """Return the (N, F) features that the store knows of images that did not change since; None: of none.

    NaN: not known of an image.
    """
    if numbers.features is None:
        return None
    rows = catalogue.rows.rows(numbers.names)
    known = np.flatnonzero(rows >= 0)
    same = (catalogue.sizes[rows[known]] == numbers.sizes[known]) & (
        catalogue.modified_ns[rows[known]] == numbers.modified_ns[known]
    )
    known = known[same]
    features = np.full((len(catalogue), numbers.features.shape[1]), np.nan, dtype=np.float32)
    features[rows[known]] = numbers.features[known]
    return features
