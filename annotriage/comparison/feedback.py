"""Make a feedback sheet for one annotator: numbers, and the most different outlines on their photographs."""

from typing import TYPE_CHECKING

from annotriage.agreement.mask_set import MaskSet, image_key
from annotriage.agreement.people.different_outlines import OutlinePicture, find_different, load_picture
from annotriage.agreement.people.drawn import Drawn, letters
from annotriage.comparison.documents.feedback import feedback_document
from annotriage.comparison.explained.document import Document
from annotriage.comparison.people.results import FEWEST_IMAGES
from annotriage.comparison.people.team import compare_people
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError, image_size, read_rgb

if TYPE_CHECKING:
    import threading

    import numpy as np
    from numpy.typing import NDArray

    from annotriage.agreement.photographs import Photographs

ENDINGS = (".pdf", ".html")
_LONGEST = 1600
"""Pixels of a photograph's longer side."""


def feedback_sheet(
    drawn: Drawn,
    found: MaskSet,
    person: str,
    photographs: "Photographs | None" = None,
    *,
    least: int = FEWEST_IMAGES,
    lettered: bool = True,
    resample: bool = False,
    label: str | None = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> Document:
    """Make a feedback sheet.

    Parameters
    ----------
    drawn : Drawn
        What everybody drew.
    found : MaskSet
        The masks.
    person : str
        For whom it is.
    photographs : Photographs or None
        Where they are looked for; outlines whose photograph is not found lie on grey.
    least : int
        Images that a person must share with others.
    lettered : bool
        Whether the others are called by letters.
    resample, label, threads, stop
        As in `annotriage.agreement.measuring.measure`.

    Raises
    ------
    AnnotriageError
        There is no such person, or too little is known to say anything.
    """
    name = find_person(drawn, person)
    team = compare_people(drawn, least=least, lettered=lettered, named=name)
    names = letters(drawn.people(), name) if lettered else {}
    pictures = []
    if name in team.people:
        for different in find_different(found, name, resample=resample, label=label, threads=threads, stop=stop):
            picture = load_picture(different, name, resample=resample, label=label)
            pictures.append((picture, _photograph(picture, photographs)))
    return feedback_document(team, name, pictures, names)


def find_person(drawn: Drawn, person: str) -> str:
    """Return somebody's name as the masks have it.

    Raises
    ------
    AnnotriageError
        Nobody is called so.
    """
    people = drawn.people()
    name = next((name for name in people if image_key(name) == image_key(person.strip())), None)
    if name is None:
        raise AnnotriageError(f"No annotator is called {person}; there are {', '.join(people) or 'none'}.")
    return name


def _photograph(picture: OutlinePicture, photographs: "Photographs | None") -> "NDArray[np.uint8] | None":
    if photographs is None:
        return None
    different = picture.different
    path = photographs.of(different.image, [row.path for row in different.rows])
    if path is None:
        return None
    try:
        height, width = image_size(path)
        scale = min(1.0, _LONGEST / max(height, width))
        return read_rgb(path, (max(1, round(height * scale)), max(1, round(width * scale))))
    except UnreadableImageError:
        return None
