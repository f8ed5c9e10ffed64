"""The images of a folder, and what people drew of them: matched by their names, and measured."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.finding import find_masks, without_consensus
from annotriage.agreement.mask_set import ImageMasks, MaskRow, MaskSet, by_person
from annotriage.agreement.measuring import ImageAgreement, measure_image
from annotriage.agreement.studio_tasks import name_tasks
from annotriage.datasets.match import places_of
from annotriage.images import natural_key
from annotriage.images.fingerprint import fingerprint
from annotriage.names import counted, without_endings
from annotriage.parallel import ordered_map, usable_cores
from annotriage.triage.decisions import FileStamp
from annotriage.triage.measured import MaskSource, MeasuredImage

if TYPE_CHECKING:
    import threading

    from annotriage.images import ImageFile
    from annotriage.triage.annotator_masks import AnnotatorMasks

_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class DrawnImage:
    """An image of a folder, and the masks that people drew of it."""

    file: "ImageFile"
    masks: ImageMasks


@dataclass(frozen=True, slots=True)
class DrawnImages:
    """Which images of a folder were drawn.

    Attributes
    ----------
    drawn : list of DrawnImage
        In the order of the folder's images.
    not_here : list of str
        What masks call images that the folder does not have.
    unclear : list of str
        What masks call images where the folder has several that it could mean.
    doubled : list of str
        What masks call images where another name means the same one: whose masks they are is not known, so that none
        of them is used.
    """

    drawn: list[DrawnImage]
    not_here: list[str]
    unclear: list[str]
    doubled: list[str]

    @property
    def words(self) -> str:
        """What is not used, counted, in a sentence each; empty: all is."""
        said = (
            (self.not_here, "drawn images are not in the folder"),
            (self.unclear, "drawn images could be several of the folder"),
            (self.doubled, "drawn images have names that mean the same one of the folder"),
        )
        return " ".join(f"{counted(len(names), what)} ({_some(names)})." for names, what in said if names)


def drawn_images(found: MaskSet, images: "Sequence[ImageFile]") -> DrawnImages:
    """Find the images of a folder to which masks belong: by the full name, the end of the path, or the stem.

    Parameters
    ----------
    found : MaskSet
    images : sequence of ImageFile
        All of the folder; those that cannot be read may be among them.
    """
    sets = found.images
    places = places_of([each.image for each in sets], images)
    by_place: dict[int, list[ImageMasks]] = defaultdict(list)
    not_here: list[str] = []
    unclear: list[str] = []
    for masks, candidates in zip(sets, places, strict=True):
        if len(candidates) == 1:
            by_place[candidates[0]].append(masks)
        else:
            (unclear if candidates else not_here).append(masks.image)
    doubled = [each.image for several in by_place.values() if len(several) > 1 for each in several]
    drawn = [DrawnImage(images[place], by_place[place][0]) for place in sorted(by_place) if len(by_place[place]) == 1]
    return DrawnImages(drawn, not_here, unclear, doubled)


def masks_of(source: MaskSource, folder: Path | None = None) -> MaskSet:
    """Find the masks of a source that has paths, as it was found before.

    Parameters
    ----------
    source : MaskSource
    folder : Path or None
        Of the images, which say how large they are where the source does not.

    Raises
    ------
    AnnotriageError
        Nothing is there any more, or it can be read in several ways by now.
    """
    found = find_masks(source.paths, source.pattern, images=[] if folder is None else [folder])
    if source.tasks is not None:
        found = name_tasks(found, source.tasks)
    said = {(each.path, each.place): each for each in source.corrections}

    def corrected(row: MaskRow) -> MaskRow:
        each = said.get(row.key)
        return row if each is None else replace(row, image=each.image, annotator=each.annotator, note=each.note)

    rows = [corrected(row) for row in found.rows]
    return MaskSet(rows, found.reading, found.remarks)


def drawn_beside(images: "Iterable[ImageFile]", beside: "AnnotatorMasks") -> list[DrawnImage]:
    """Return the images of a folder beside which masks lie, and these; those that are a consensus are left out."""
    found = list(beside.all_beside(images))
    rows = iter(without_consensus(MaskSet(row for _, masks in found for row in masks)).rows)
    drawn = []
    for image, masks in found:
        people = [row for row in islice(rows, len(masks)) if row.used]
        if people:
            people.sort(key=lambda row: (row.annotator.casefold(), row.path.name))
            drawn.append(DrawnImage(image, ImageMasks(without_endings(image.name), tuple(people))))
    return drawn


def measure_drawn(
    drawn: Sequence[DrawnImage],
    source: MaskSource,
    *,
    known: Mapping[str, MeasuredImage] | None = None,
    threads: int | None = None,
    stop: "threading.Event | None" = None,
) -> Generator[MeasuredImage, None, None]:
    """Measure what people drew, in the order given; what did not change since it was measured is left out.

    Parameters
    ----------
    drawn : sequence of DrawnImage
    source : MaskSource
        Where the masks come from.
    known : mapping of str to MeasuredImage or None
        What was measured of the source before, by image name.
    threads : int or None
        None: one a core.
    stop : threading.Event or None
        Once set, no further image is begun.

    Yields
    ------
    MeasuredImage
        Those that were drawn by one person, or cannot be compared, too.
    """

    def of(one: DrawnImage) -> MeasuredImage | None:
        stamp = stamp_of(one.masks.rows, source)
        before = (known or {}).get(one.file.name)
        if before is not None and before.stamp == stamp:
            return None
        if len(by_person(one.masks.rows)) == 1:
            measured = ImageAgreement(one.masks.image, one.masks.rows[:1], None)  # its pixels say nothing
        else:
            measured = measure_image(one.masks, with_distances=False, resample=source.resample, label=source.label)
        return measured_image(one.file, measured, source=source, stamp=stamp)

    for measured in ordered_map(of, drawn, threads=threads or usable_cores(), stop=stop):
        if measured is not None:
            yield measured


def measured_image(
    file: "ImageFile",
    measured: ImageAgreement,
    *,
    source: MaskSource,
    seconds: Mapping[str, float] | None = None,
    measured_at: datetime | None = None,
    stamp: str = "",
) -> MeasuredImage:
    """Put what was measured of an image's masks beside its file.

    Parameters
    ----------
    file : ImageFile
        As it is now.
    measured : ImageAgreement
    source : MaskSource
    seconds : mapping of str to float or None
        How long people took, by annotator; None: as far as their annotations say it.
    measured_at : datetime or None
        With its time zone; None: now.
    stamp : str
        Of `stamp_of`; empty: it is measured again whenever it is asked for.
    """
    agreement = measured.agreement
    rows = measured.rows
    seconds = _seconds(measured) if seconds is None else seconds
    names = [row.annotator.strip() or row.name for row in rows]
    order = sorted(range(len(rows)), key=lambda place: natural_key(names[place]))
    place_of = {old: new for new, old in enumerate(order)}
    took = tuple(seconds.get(rows[place].annotator) for place in order)
    pairs = [
        (min(places := (place_of[pair.first], place_of[pair.second])), max(places), pair.dice)
        for pair in (() if agreement is None else agreement.pairs)
    ]
    return MeasuredImage(
        name=file.name,
        dice=math.nan if agreement is None else agreement.dice_mean,
        dice_min=math.nan if agreement is None else agreement.dice_min,
        annotators=tuple(names[place] for place in order),
        seconds=took if any(each is not None for each in took) else (),
        source=source.words,
        measured_at=measured_at or datetime.now(UTC).replace(microsecond=0),
        pairs=tuple(sorted(pairs)),
        problem=_problem(measured),
        made_on=FileStamp(file.size, file.modified_ns, _content(file)),
        stamp=stamp,
    )


def stamp_of(rows: Iterable[MaskRow], source: MaskSource) -> str:
    """Return what changes when masks are changed, or measured in another way: 32 hexadecimal digits."""
    said = hashlib.blake2b(f"{source.label!r} {source.resample}".encode(), digest_size=16)
    for row in rows:
        try:
            status = row.path.stat()
            file = (status.st_size, status.st_mtime_ns)
        except OSError:
            file = (-1, -1)
        said.update(f"\n{row.annotator}\t{row.path}\t{row.key[1]}\t{file}".encode("utf-8", "surrogateescape"))
    return said.hexdigest()


def touched_only(known: Mapping[str, MeasuredImage], images: "Iterable[ImageFile]") -> list[MeasuredImage]:
    """Return what was measured on files that got another time but hold what they held, with that time."""
    found = []
    for image in images:
        made_on = known[image.name].made_on if image.name in known else None
        if made_on is None or made_on.fits(image) or made_on.content is None or made_on.size != image.size:
            continue
        if _content(image) == made_on.content:
            found.append(replace(known[image.name], made_on=replace(made_on, modified_ns=image.modified_ns)))
    return found


def _seconds(measured: ImageAgreement) -> dict[str, float]:
    """Return how long people took; of whom several annotations are put together, all of them."""
    united = {rows[0]: rows for rows in measured.united}
    took: dict[str, float] = {}
    for row in measured.rows:
        known = [each.annotation.seconds for each in united.get(row, (row,)) if each.annotation is not None]
        if known and all(each is not None for each in known):
            took[row.annotator] = sum(filter(None, known))
    return took


def _content(file: "ImageFile") -> str | None:
    """Return what tells the file from others: of its beginning alone, as all images of a folder may be drawn."""
    found = fingerprint(file.path)
    return None if found is None else found.hex()


def _problem(measured: ImageAgreement) -> str:
    """Return what is wrong; that one person alone drew it is told by the count."""
    if measured.agreement is None and len(measured.rows) == 1 and len(measured.problems) == 1:
        return ""
    return measured.error


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_TOLD]) + (", ..." if len(names) > _MOST_TOLD else "")
