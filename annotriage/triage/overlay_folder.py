"""A session's overlays: one picture an image in a folder that mirrors the images' own."""

import hashlib
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile, UnreadableImageError
from annotriage.parallel import ordered_map, usable_cores
from annotriage.scoring.overlay_sheet import LAYOUT, overlay_png, read_stamp
from annotriage.scoring.team_words import map_note_in_short, team_text
from annotriage.writing import write_whole

if TYPE_CHECKING:
    import threading

    from annotriage.scoring.prediction import Prediction
    from annotriage.triage.session import Session


class OverlayFolder:
    """The overlays of a session.

    A picture says in its own file what it shows (image, size and time of change, model, numbers, layout), so that it
    is drawn again when and only when it would come out differently, whatever the clocks say.

    Parameters
    ----------
    session : Session
        Its images' predictions are drawn.
    folder : Path
        Where the pictures go; made when the first is drawn.
    """

    def __init__(self, session: "Session", folder: Path) -> None:
        self.session = session
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return where the picture of an image lies: ``a.jpg`` -> ``a.jpg.png``, so that ``a.png`` has its own."""
        return self.folder / f"{name}.png"

    def left(self) -> list[ImageFile]:
        """List the images whose picture is missing or shows something else than is known now."""
        images = []
        for image in self.session.images:
            prediction = self.session.predictions.get(image.name)
            if prediction is not None and prediction.error is None and image.problem is None:
                if read_stamp(self.path(image.name)) != self._stamp(image, prediction):
                    images.append(image)
        return images

    def draw(
        self, *, threads: int | None = None, stop: "threading.Event | None" = None
    ) -> Generator[str | None, None, None]:
        """Draw what is left.

        Maps are drawn as they were kept, so that a run that was interrupted makes the same pictures.

        Parameters
        ----------
        threads : int or None
            Worker threads; None: one a core.
        stop : threading.Event or None
            Once set, no further picture is begun.

        Yields
        ------
        str or None
            For each picture, in the order of the images: None when it is drawn, else a sentence why not.

        Raises
        ------
        AnnotriageError
            The folder cannot be written.
        """
        left: dict[object, ImageFile] = {image.path: image for image in self.left()}
        kept = self.session.with_maps(list(left.values()))

        def draw_one(prediction: "Prediction") -> str | None:
            return self._draw_one(left[prediction.image], prediction)

        drawn = ordered_map(draw_one, kept, threads=threads or usable_cores(), stop=stop)
        with closing(drawn):
            yield from drawn

    def _draw_one(self, image: ImageFile, prediction: "Prediction") -> str | None:
        path = self.path(image.name)
        try:
            picture = overlay_png(
                image.path,
                prediction,
                name=image.name,
                level=self.session.model.card.interval.level,
                stamp=self._stamp(image, prediction),
                maps=self.session.model.card.all_maps,
                whom=self._whom,
                heatmap_note=map_note_in_short(self.session.model.card, self.session.team),
            )
        except UnreadableImageError as error:  # it could be read a moment ago
            return f"{image.name} could not be drawn: {error}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AnnotriageError(
                f"The folder {path.parent} cannot be made ({error.strerror}); check its name and permissions."
            ) from None
        write_whole(path, picture)
        return None

    @property
    def _whom(self) -> str:
        return team_text(self.session.model.card, self.session.team)

    def _stamp(self, image: ImageFile, prediction: "Prediction") -> str:
        shown = (
            LAYOUT,
            self.session.model.sha256,
            image.name,
            image.size,
            image.modified_ns,
            prediction.predicted_dice,
            prediction.lower,
            prediction.upper,
            *filter(None, [self._whom]),
        )
        return hashlib.sha256(repr(shown).encode()).hexdigest()
