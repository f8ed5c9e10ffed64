"""`annotriage agree --folder`: what was measured, beside the predictions of a folder's images."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.names import counted

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.agreement.mask_set import MaskSet
    from annotriage.agreement.measuring import ImageAgreement
    from annotriage.triage.measured import MeasuredImage


class FolderAgreement:
    """Keeps what is measured of a folder's images, and writes it down at the end: all of it or nothing.

    Parameters
    ----------
    folder : Path
        Of the images.
    found : MaskSet
    masks : sequence of Path
    pattern, label : str or None
    resample : bool
    tasks : Path or None
        How the masks are found again; see `MaskSource`.

    Raises
    ------
    AnnotriageError
        None of the masks is of an image in the folder.
    """

    def __init__(
        self,
        folder: Path,
        found: "MaskSet",
        masks: Sequence[Path],
        *,
        pattern: str | None,
        label: str | None,
        resample: bool,
        tasks: Path | None,
    ) -> None:
        from annotriage.images import find_images
        from annotriage.triage.measured import MaskSource, SourceKind, files_words
        from annotriage.triage.measuring import drawn_images

        paths = tuple(path.absolute() for path in masks)
        tasks = None if tasks is None else tasks.absolute()
        self._folder = folder
        self._source = MaskSource(SourceKind.FILES, files_words(paths), paths, pattern, label, resample, tasks)
        self._drawn = drawn_images(found, find_images(folder))
        self._of = {one.masks.image: one for one in self._drawn.drawn}
        self._measured: list[MeasuredImage] = []
        if not self._of:
            raise AnnotriageError(f"None of the masks is of an image in {folder}. {self._drawn.words}")

    def add(self, measured: "ImageAgreement") -> None:
        """Take in one image."""
        from annotriage.triage.measuring import measured_image, stamp_of

        one = self._of.get(measured.image)
        if one is not None:
            stamp = stamp_of(one.masks.rows, self._source)
            self._measured.append(measured_image(one.file, measured, source=self._source, stamp=stamp))

    def write(self, messages: "Console") -> None:
        """Write it into the session store, in the place of what these masks said before.

        Raises
        ------
        AnnotriageError
            The store cannot be written.
        """
        from rich.text import Text

        from annotriage.triage.measured_images import MeasuredImages
        from annotriage.triage.store import SessionStore

        with SessionStore() as store:
            MeasuredImages(store, self._folder).write(self._source, self._measured)
        count = sum(one.is_measured for one in self._measured)
        messages.print(
            Text(
                f"{counted(count, 'images')} of {self._folder} have a measured Dice now: the window and exported lists "
                f"show it beside the prediction. {self._drawn.words}".strip()
            ),
            soft_wrap=True,
        )
