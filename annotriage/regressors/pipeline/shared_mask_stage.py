"""A finished mask stage shared between runs: it sees no agreement label, so runs of other splits can use it."""

import csv
import io
from pathlib import Path
from typing import Any

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.run_folder import RunFolder
from annotriage.regressors.recipes.recipe import Recipe, load_recipe
from annotriage.runs.files import MASK_STAGE, PARTS, RunFiles
from annotriage.runs.notes import OR_ANEW, damaged, lists_of_names, read_note
from annotriage.writing import write_whole

_SHAPED_BY = ("backbone", "weights", "image_size", "seed", "further_targets", "mask_head", "mask_stage")
"""What of a recipe decides how the mask stage ends, or what its network looks like."""


def has_mask_stage(folder: Path) -> bool:
    """Return whether a run folder holds a finished mask stage."""
    return _weights(RunFiles(folder)).is_file()


def same_mask_stage(one: Recipe, other: Recipe) -> bool:
    """Return whether the mask stages of two recipes end alike on the same images."""
    return not _different(one, other)


def reuse_mask_stage(run: RunFolder, recipe: Recipe, source: Path) -> None:
    """Give a run that has begun the finished mask stage of another one, instead of a fit of its own.

    A run whose own mask stage is finished is left as it is.

    Parameters
    ----------
    run : RunFolder
        Has its split already.
    recipe : Recipe
        Its recipe.
    source : Path
        The folder of the other run, with its checkpoints.

    Raises
    ------
    AnnotriageError
        There is no mask stage to take over, or it was learned by another recipe or beside other images.
    """
    if has_mask_stage(run.folder):
        return
    there = RunFiles(source)
    if recipe.mask_stage is None:
        raise AnnotriageError(f"The recipe {recipe.name} has no mask_stage that could be taken over from {source}.")
    if not there.recipe.is_file() or not has_mask_stage(source):
        raise AnnotriageError(
            f"{source} holds no finished mask stage ({_weights(there)}): name a run folder that has its checkpoints, "
            "or leave out --outlines."
        )
    if different := _different(recipe, load_recipe(there.recipe)):
        raise AnnotriageError(
            f"The mask stage of {source} was learned by another recipe ({', '.join(different)} differ). Make them the "
            "same, or leave out --outlines."
        )
    if _labelled(run) != _labelled(there):
        raise AnnotriageError(
            f"The mask stage of {source} was learned beside other labels, images or metadata: it may have seen images "
            "on which this run is to be tested. Bring them back as they were, or leave out --outlines."
        )
    _read(_weights(there))
    if there.curve.is_file() and not run.curve.exists():
        write_whole(run.curve, _lines(there.curve))
    run.note_version("outlines_of", source.resolve().name)
    weights = _weights(run)
    weights.parent.mkdir(parents=True, exist_ok=True)
    write_whole(weights, _weights(there).read_bytes())  # last: a run that is killed before takes them over again


def _weights(run: RunFiles) -> Path:
    return run.stage_weights(MASK_STAGE)


def _read(weights: Path) -> None:
    """Refuse weights of somebody else that are none, before anything of them is copied."""
    # Here, as windows plan runs without torch.
    from annotriage.regressors.fitting.checkpoints import load_numbers

    try:
        load_numbers(weights)
    except AnnotriageError:
        raise
    except Exception as error:  # a damaged archive fails in as many ways as there are damages
        raise AnnotriageError(
            f"{weights} is damaged ({type(error).__name__}). Bring the run's own file back, or leave out --outlines."
        ) from None


def _different(one: Recipe, other: Recipe) -> list[str]:
    return [name for name in _SHAPED_BY if getattr(one, name) != getattr(other, name)]


def _labelled(run: RunFiles) -> tuple[Any, ...]:
    """Return what decides which images a mask stage may see: all others than these, and than those of their groups."""
    try:
        known = read_note(run.split, OR_ANEW)
        labelled = sorted(stem for part in lists_of_names(run.split, known, PARTS, OR_ANEW).values() for stem in part)
        return known["table_sha256"], known["grouped_by"], labelled
    except KeyError as error:
        raise damaged(run.split, error, OR_ANEW) from None


def _lines(curve: Path) -> bytes:
    """Return the mask stage's lines of a run's curve."""
    with curve.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        rows = [row for row in reader if row.get("stage") == MASK_STAGE]
        names = reader.fieldnames or []
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
