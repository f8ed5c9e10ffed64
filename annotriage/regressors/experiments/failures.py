"""Errors that end a training run, in words: a full disk, lack of memory, and defects of the program."""

import errno
import re
from collections.abc import Iterator
from pathlib import Path

from annotriage.names import counted
from annotriage.regressors.recipes.recipe import Recipe

# As torch, oneDNN, CUDA, MPS, ONNX Runtime and the C++ library say it.
NO_MEMORY = re.compile(
    r"out of memory|(cannot|can't|could not|failed to|unable to) allocate|not enough memory|bad.alloc"
    r"|could not create a memory|could not create a primitive(?! descriptor)|can't start new thread",
    re.IGNORECASE,
)
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_expected(error: BaseException) -> bool:
    """Return whether an error comes from outside (memory, disk) and is no defect of the program."""
    return ran_out_of_memory(error) or any(isinstance(each, OSError) for each in _causes(error))


def failure_text(error: BaseException, recipe: Recipe, folder: Path | None) -> str:
    """Return a sentence on what ended the run, and what to do.

    Parameters
    ----------
    error : BaseException
        What ended it.
    recipe : Recipe
    folder : Path or None
        Of the run; None where nothing was trained.
    """
    resume = "" if folder is None else f" and resume the run in {folder}"
    kept = "" if folder is None else "; what was done up to its last whole epoch is kept"
    if ran_out_of_memory(error):
        size = recipe.image_size
        return (
            f"The memory of this computer did not suffice for batches of "
            f"{counted(recipe.first_fit.batch_size, 'images')} of {size} x {size} pixels. Close other "
            f"programs{resume}; or start anew with a smaller batch size (fit.batch_size) or image size (image_size)."
        )
    for each in _causes(error):
        if isinstance(each, OSError):
            where = each.filename or folder or "a temporary file"
            if each.errno in FULL_DISK:
                return f"The disk is full: {where} could not be written. Make room there{resume}{kept}."
            return f"Training could not go on: {each.strerror or each} ({where}). Mend that{resume}{kept}."
    first = (str(error).strip().splitlines() or ["no reason given"])[0][:200]
    return (
        f"Training ended by an error of the program ({type(error).__name__}: {first}). Try again{resume}{kept}; where "
        "that ends the same way, report it with its log."
    )


def ran_out_of_memory(error: BaseException) -> bool:
    """Return whether the computer, or its graphics card, ran out of memory."""
    for each in _causes(error):
        if isinstance(each, MemoryError) or type(each).__name__ == "OutOfMemoryError":
            return True
        if isinstance(each, OSError):
            if each.errno == errno.ENOMEM:
                return True
        elif NO_MEMORY.search(str(each)):
            return True
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        yield now
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
