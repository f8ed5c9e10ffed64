"""The sample images: a drawn folder whose ambiguity is known, to try the program on."""

from pathlib import Path

from annotriage.user_folder import user_folder

_COUNT = 48


def draw_samples() -> Path:
    """Draw the samples where they are not there yet, and return their folder; for a thread of its own.

    Raises
    ------
    AnnotriageError
        The folder cannot be written.
    """
    from annotriage.datasets.synthesis import write_demo_folder

    folder = user_folder() / "samples"
    write_demo_folder(folder, _COUNT)
    return folder
