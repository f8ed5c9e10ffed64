"""What stands in several files is measured once: exports in two formats, masks beside their JSON, earlier versions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from annotriage.agreement.found_file import FoundFile
from annotriage.agreement.mask_set import MaskRow, image_key
from annotriage.agreement.tool_exports import (
    AGAIN_NOTE,
    EARLIER_NOTE,
    UNNAMED_NOTE,
    label_studio_annotation,
    label_studio_name,
)
from annotriage.annotations.formats import listed as formats_listed

_STUDIO = "Label Studio"


def drawn_once(files: Sequence[FoundFile], rows: Sequence[MaskRow]) -> list[MaskRow]:
    """Leave out what shows again what another row shows.

    - Of what one person drew of one image, and what is there in several formats, the format counts of which there is
      most, then the first that is listed; annotations before masks as files, as they have labels.
    - Of several annotations of one person and image that say when they were finished, the last one counts: they are
      versions. So it is of masks that Label Studio numbered. Of others nothing is known: they are pieces, which are put
      together when they are measured.
    - A picture that is called as an image of which there are annotations, and names nobody, is the image itself, or the
      same outlines.

    Parameters
    ----------
    files : sequence of FoundFile
    rows : sequence of MaskRow
        Of each of them.
    """
    listed = {each.name: place for place, each in enumerate(formats_listed.FORMATS)}
    often = Counter(file.format for file, row in zip(files, rows, strict=True) if row.used)
    often[""] = 0
    drawn: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    annotated: set[str] = set()
    for place, row in enumerate(rows):
        if row.used:
            drawn[image_key(row.image), image_key(row.annotator)].append(place)
            if row.annotation is not None:
                annotated.add(image_key(row.image))
    studio = any(file.format.startswith(_STUDIO) for file in files)
    notes: dict[int, str] = {}
    for places in drawn.values():
        formats = {files[place].format for place in places}
        kept = max(formats, key=lambda each: (often[each], -listed.get(each, len(listed))))
        notes |= {place: AGAIN_NOTE for place in places if files[place].format != kept}
        alike = [place for place in places if files[place].format == kept]
        notes |= dict.fromkeys(_earlier(alike, rows) or _of_lower_number(alike, files), EARLIER_NOTE)
    for place, (file, row) in enumerate(zip(files, rows, strict=True)):
        if row.used and row.annotation is None:
            if studio and label_studio_name(file.parts[-1]) is not None:
                notes[place] = AGAIN_NOTE
            elif not row.annotator and image_key(row.image) in annotated:
                notes.setdefault(place, UNNAMED_NOTE)
    return [replace(row, note=notes[place]) if place in notes else row for place, row in enumerate(rows)]


def _earlier(places: Iterable[int], rows: Sequence[MaskRow]) -> list[int]:
    """Return all but the last one finished, where all say when that was."""
    when = {place: annotation.finished for place in places if (annotation := rows[place].annotation) is not None}
    known = {place: time for place, time in when.items() if time is not None}
    if len(known) < 2 or len(known) != len(when):
        return []
    last = max(known, key=lambda place: (known[place].timestamp(), place))
    return [place for place in known if place != last]


def _of_lower_number(places: Iterable[int], files: Sequence[FoundFile]) -> list[int]:
    """Return the masks of Label Studio that are of an earlier annotation than others of the same person and task."""
    numbers = {place: label_studio_annotation(files[place].parts[-1]) for place in places}
    known = {place: number for place, number in numbers.items() if number is not None}
    if len(known) != len(numbers):
        return []
    return [place for place, number in known.items() if number < max(known.values())]
