"""Whether what people drew leaves the predicted intervals more often than it may, of images that made none of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from annotriage.images.fingerprint import fingerprint, unpacked
from annotriage.measures.coverage_alarm import CoverageAlarm, coverage_alarm
from annotriage.measures.intervals import inside
from annotriage.model_file import Calibrations, ModelFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotriage.model_file import ModelCard, ModelFile
    from annotriage.scoring.team import Team
    from annotriage.triage.catalogue import Catalogue
    from annotriage.triage.store import SessionStore


def calibrated_on(model: "ModelFile", team: "Team") -> frozenset[bytes]:
    """Return the fingerprints of the images that a team's calibration was fitted to; none where it has none."""
    if team.calibration is None:
        return frozenset()
    try:
        card = Calibrations().read(model)
    except ModelFileError:
        return frozenset()
    return frozenset() if card is None else card.met


def among(files: Sequence[Path], known: frozenset[bytes]) -> "NDArray[np.bool_]":
    """Return (N,) which files are among those of which the fingerprints are given."""
    if not known:
        return np.zeros(len(files), np.bool_)
    return np.array([fingerprint(file) in known for file in files], np.bool_)


def team_of_folder(model: "ModelFile", store: "SessionStore", folder: Path) -> "tuple[Team, frozenset[bytes]]":
    """Return for whom a folder's predictions hold, and what `calibrated_on` says of them."""
    from annotriage.triage.team_choice import chosen_team

    team, _ = chosen_team(store, folder, model)
    return team, calibrated_on(model, team)


def watched(
    card: "ModelCard",
    team: "Team",
    files: Sequence[Path],
    dice: "NDArray[np.floating]",
    ends: "NDArray[np.floating]",
    fitted: frozenset[bytes],
) -> CoverageAlarm:
    """Watch N measured images, in the order in which they are given: see `annotriage.measures.coverage_alarm`.

    Parameters
    ----------
    card : ModelCard
    team : Team
        For whom the intervals hold.
    files : sequence of Path
        In the order in which they were measured, or in any that does not depend on what was.
    dice : ndarray
        (N,) measured.
    ends : ndarray
        (N, 2) of the predicted intervals; NaN: none.
    fitted : frozenset of bytes
        See `calibrated_on`. These images are left out, and those that the model learned from.
    """
    used = ~np.isnan(ends).any(axis=1)
    known = fitted if card.data.learned is None else fitted | unpacked(card.data.learned)
    used &= ~among(files, known)
    images = None
    if team.calibration is not None:
        images = team.calibration.factors.images
    elif (way := card.way(team.way)) is not None and way.images >= 1:
        images = way.images
    outside = ~inside(dice[used], ends[used, 0], ends[used, 1])
    return coverage_alarm(outside, level=card.interval.level, images=images)


def watched_folder(catalogue: "Catalogue", card: "ModelCard", team: "Team", fitted: frozenset[bytes]) -> CoverageAlarm:
    """Watch the measured images of a folder, those first that were measured first."""
    dice = catalogue.measured.of_file()
    rows = np.flatnonzero(~np.isnan(dice) & catalogue.readable() & ~np.isnan(catalogue.disagreement)).tolist()

    def when(row: int) -> tuple[float, int]:
        one = catalogue.measured.by_name.get(catalogue.images[row].name)
        at = None if one is None else one.measured_at
        return (0.0 if at is None else at.timestamp(), row)

    rows.sort(key=when)
    ends = np.column_stack([catalogue.lower[rows], catalogue.upper[rows]]).astype(np.float64).reshape(-1, 2)
    return watched(card, team, [catalogue.images[row].path for row in rows], dice[rows], ends, fitted)
