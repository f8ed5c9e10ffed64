"""The images and masks of a run, decoded once for all its epochs; what cannot be read is taken out and named."""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.errors import AnnotriageError
from annotriage.names import counted
from annotriage.regressors.data.pixels import pack_masks, pack_pixels
from annotriage.regressors.data.run_data import RunData
from annotriage.regressors.data.run_folder import RunFolder
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.tables import Problem

UNREADABLE = "images that could not be read"


def packed(
    recipe: Recipe, data: RunData, run: RunFolder
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, NDArray[np.bool_] | None]:
    """Decode images and masks once; take unreadable images out, and say so in the run's problems.

    Returns
    -------
    tuple
        Pixels (N, S, S, 3); masks (N, S, S) and which rows have one, or None twice.

    Raises
    ------
    AnnotriageError
        Images or masks have gone since they were listed, others than before cannot be read, or too few are left.
    OSError
        The disk has no room for them.
    """
    size = max([recipe.image_size, *(recipe.mask_stage.all_sizes if recipe.mask_stage else ())])
    reserve(run.pixels, len(data.paths) * size * size * 3)
    unreadable = pack_pixels(data.paths, size, run.pixels)
    _refuse_gone([path for path in data.paths if path in unreadable], "images")
    out = {k for k, path in enumerate(data.paths) if path in unreadable}
    _refuse_others(run, [data.names[k] for k in sorted(out)])
    if out:
        _take_out(out, data, run)
    # Not copied: the file keeps as many rows as it had, of which the first ones are used.
    pixels: NDArray[np.uint8] = np.load(run.pixels, mmap_mode="r")[: len(data.stems)]
    if not recipe.mask_head.enabled:
        return pixels, None, None
    reserve(run.masks, len(data.stems) * size * size)
    unusable: dict[Path, str] = {}
    united: set[Path] = set()
    readable = pack_masks(
        data.masks, len(data.stems), size, run.masks, images=data.paths, problems=unusable, united=united
    )
    _refuse_gone([path for path in data.masks.values() if path in unusable], "masks")
    if unusable:
        names = sorted(path.name for path in unusable)
        reason = next(iter(unusable.values()))
        data.problems.append(Problem(f"masks that are not used ({reason.rstrip('.')})", names))
    if united:
        names = sorted(path.name for path in united)
        data.problems.append(Problem("masks that hold several labels, all of which are taken for the lesion", names))
    return pixels, np.load(run.masks, mmap_mode="r"), _learned_from(recipe, data, readable)


def _take_out(rows: set[int], data: RunData, run: RunFolder) -> None:
    """Take unreadable images out of the data, and close their gaps in the packed pixels."""
    names = [data.names[k] for k in sorted(rows)]
    data.problems.append(Problem(UNREADABLE, names))
    run.add_problem(UNREADABLE, names)
    keep = [k for k in range(len(data.stems)) if k not in rows]
    data.drop(rows)
    if len(data.split.train) < 2 or not data.split.validation or not data.split.test:
        raise AnnotriageError(
            f"{counted(len(names), 'images')} could not be read (first {names[0]}); too few are left to train on."
        )
    pixels = np.load(run.pixels, mmap_mode="r+")
    for new, old in enumerate(keep):
        if new != old:
            pixels[new] = pixels[old]
    pixels.flush()


def _learned_from(recipe: Recipe, data: RunData, readable: set[int]) -> NDArray[np.bool_]:
    """Return of which rows the expert mask may be learned from."""
    has_mask = np.zeros(len(data.stems), bool)
    has_mask[list(readable)] = True
    if recipe.mask_stage is not None or recipe.distillation is not None:
        # The lesion map of an image with a label must be that of an image never outlined: see `MaskStage`.
        has_mask &= np.isnan(data.targets[:, 0])
    else:
        has_mask[data.rows(data.split.validation + data.split.test)] = False
    if not has_mask.any():
        raise AnnotriageError(
            "Not one expert mask can be read that may be learned from (masks of validation and test images may not, "
            "and with a mask_stage only those of images without a label). Give more masks, or set "
            "mask_head.enabled = false."
        )
    return has_mask


def _refuse_gone(paths: list[Path], what: str) -> None:
    """Refuse to train on what is left of a folder that somebody is emptying, or of a drive that has gone."""
    gone = [path for path in paths if not path.exists()]
    if gone:
        raise AnnotriageError(
            f"{counted(len(gone), f'{what} have')} gone since the training was started (first {gone[0]}). Bring them "
            f"back, then resume the training."
        )


def _refuse_others(run: RunFolder, names: list[str]) -> None:
    """Refuse to go on with fits that saw images which cannot be read any more, or did not see some that now can."""
    known = run.problems_known().get(UNREADABLE, [])
    others = sorted(set(known) ^ set(names))
    if others and run.has_fits():
        raise AnnotriageError(
            f"{counted(len(others), 'images')} of the run in {run.folder} (first {others[0]}) can no longer be read, "
            "or could not be read when it was started. Bring them back as they were, or start a new run in another "
            "folder."
        )


def reserve(file: Path, size: int) -> None:
    """Make sure that there is room for a file of this size.

    A file that is mapped into memory takes its room only as it is written to, and where there is none the system ends
    the process without a word.

    Raises
    ------
    OSError
        There is no room.
    """
    file.unlink(missing_ok=True)  # that of an earlier attempt
    beside = file.with_suffix(".part")
    try:
        with beside.open("wb") as out:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(out.fileno(), 0, size)
            elif shutil.disk_usage(file.parent).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            error.filename = str(file)
            raise
    finally:
        beside.unlink(missing_ok=True)
