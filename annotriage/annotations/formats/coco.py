"""COCO: instances with outlines or masks, of one person or, by a field that many tools add, of several."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annotriage.annotations.annotation import (
    NOTHING_DRAWN,
    Annotation,
    NothingDrawnError,
    ReadAnnotations,
    Region,
    Shape,
    unnamed,
)
from annotriage.annotations.coco_shapes import RunLengthMask, shapes_in
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.people import person_in
from annotriage.annotations.shapes import rectangle
from annotriage.errors import AnnotriageError
from annotriage.names import counted, posix

VERSIONS_NOTE = "is of one of several versions that Roboflow made of an image: export the images unchanged"
POINTS = "points, which have no area"
BOXES = "boxes without an outline"
STRANGERS = "outlines of images that it does not list"

_PEOPLE = (
    "annotator", "annotator_id", "annotator_name", "annotated_by", "completed_by", "labeler", "labeller", "labeled_by",
    "rater", "reader", "worker_id",
)  # fmt: skip
"""Fields that say who drew, the surer first."""
_PERHAPS = ("username", "user", "user_id", "created_by", "creator", "author")
"""Fields that do so where they hold several people; one alone may be an account that all of them use."""
_INSIDE = ("attributes", "extra", "metadata", "meta", "properties")
"""Objects of an annotation in which tools put further fields."""
_ROBOFLOW = re.compile(r"(.+)_(?:jpe?g|png|bmp|tiff?|webp|avif|heic)\.rf\.\w+", re.IGNORECASE)
_BESIDE = re.compile(r"(?:.*/)?(?:upload/\d+|images)/[0-9a-f]{8}(?:-|__)(.+)")
"""How Label Studio calls the images that it puts beside its COCO."""
_CONVERTER = "Label Studio Converter"
_ADDRESSES = ("file_name", "filename", "coco_url", "url", "flickr_url", "path", "name")


@dataclass(slots=True)
class _Drawn:
    """What a file's annotations hold, by the number of the image and who drew it."""

    regions: defaultdict[tuple[str, str], list[Region]] = field(default_factory=lambda: defaultdict(list))
    unused: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0


def is_coco(document: Any, path: Path) -> bool:
    """Say whether a document has COCO's lists, or is a model's results in COCO's form."""
    if isinstance(document, dict):
        return isinstance(document.get("images"), list) and bool({"annotations", "categories"} & set(document))
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(each, dict) and {"image_id", "category_id", "score"} <= set(each) for each in document)
    )


def read_coco(document: Any, path: Path) -> ReadAnnotations:
    """Read it.

    All outlines of one person on one image are one annotation. An image without any is there with a note: COCO does not
    say whether somebody looked at it. Where a file holds boxes alone, they are taken for outlines, and it is said.

    Raises
    ------
    AnnotriageError
        It is another of COCO's forms (results, panoptic, captions, points alone), two images have one number, or it
        holds no outline.
    """
    if isinstance(document, list):
        raise NothingDrawnError(
            f"{path} holds a model's results in COCO's form, which do not say how their images are called: name the "
            "file of the annotations, which lists the images."
        )
    images = _images(_objects(document, "images"), path)
    listed = _objects(document, "annotations")
    _refuse_other_forms(listed, path)
    boxes = bool(listed) and not any(each.get("segmentation") for each in listed)
    drawn = _drawn(listed, images, _labels(document), boxes=boxes)
    if not drawn.regions:
        raise NothingDrawnError(_nothing(path, len(images), drawn.unused))
    info = document.get("info")
    made_by = str(info.get("contributor", "")) if isinstance(info, dict) else ""
    names = {number: _name(image, made_by) for number, image in images.items()}
    found = [
        Annotation(names[number], who, _size(images[number], regions), tuple(regions), path)
        for (number, who), regions in drawn.regions.items()
    ]
    some_named = any(each.annotator for each in found)
    remarks = _keep_apart(found, list(drawn.regions), images, names)
    seen = {number for number, _ in drawn.regions}
    found += [
        Annotation(names[number], "", _size(image, ()), (), path, note=NOTHING_DRAWN)
        for number, image in images.items()
        if number not in seen
    ]
    if boxes:
        remarks.append(f"{path.name} holds boxes and no outlines: each box is measured as if it were one.")
    if made_by == _CONVERTER:
        remarks.append(
            f"{path.name} was made by Label Studio, which leaves ellipses out of it, fills holes and counts soft edges "
            "whole: its export as JSON has everything as it was drawn."
        )
    if drawn.unnamed and some_named:
        remarks.append(
            f"{path.name} does not say of {counted(drawn.unnamed, 'outlines')} who drew them, but of others."
        )
    return ReadAnnotations(found, remarks, drawn.unused)


def _objects(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = document.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _images(listed: Sequence[Mapping[str, Any]], path: Path) -> dict[str, Mapping[str, Any]]:
    images: dict[str, Mapping[str, Any]] = {}
    for each in listed:
        before = images.setdefault(str(each.get("id")), each)
        if before is not each and _name(before, "") != _name(each, ""):
            raise AnnotriageError(
                f"{path} gives two images the number {each.get('id')} ({_name(before, '')} and {_name(each, '')}), so "
                "that it does not say which of them an outline is of: export them apart, and name both files."
            )
    return images


def _labels(document: Mapping[str, Any]) -> dict[str, str]:
    return {str(each.get("id")): str(each.get("name", each.get("id"))) for each in _objects(document, "categories")}


def _refuse_other_forms(listed: Sequence[Mapping[str, Any]], path: Path) -> None:
    if any("segments_info" in each for each in listed):
        raise NothingDrawnError(
            f"{path} is COCO panoptic, whose masks are PNG files beside it with a number in their colours: export "
            "instances (COCO with segmentation) instead."
        )
    if listed and all("caption" in each for each in listed):
        raise NothingDrawnError(f"{path} holds captions of images, and nothing is drawn in it.")


def _drawn(
    listed: Sequence[Mapping[str, Any]], images: Mapping[str, Any], labels: Mapping[str, str], *, boxes: bool
) -> _Drawn:
    drawn = _Drawn()
    person = _person_by(listed, images)
    for each in listed:
        number = str(each.get("image_id"))
        if number not in images:
            drawn.unused[STRANGERS] += 1
            continue
        shapes, fault = _shapes(each, boxes=boxes)
        if fault:
            drawn.unused[fault] += 1
        if not shapes:
            continue
        who = person(each)
        drawn.unnamed += not who
        category = str(each.get("category_id", ""))
        drawn.regions[number, who] += [Region(labels.get(category, category), shape) for shape in shapes]
    return drawn


def _shapes(annotation: Mapping[str, Any], *, boxes: bool) -> tuple[Sequence[Shape], str]:
    if annotation.get("segmentation"):
        return shapes_in(annotation["segmentation"], annotation.get("bbox"))
    if annotation.get("bbox"):
        if not boxes:
            return [], BOXES
        try:
            x, y, width, height = map(float, annotation["bbox"])
            return [rectangle(x, y, width, height)], ""
        except (TypeError, ValueError, OverflowError):
            pass
    return [], POINTS if annotation.get(
        "keypoints"
    ) else BOXES if "bbox" in annotation else "annotations without any outline"


def _person_by(
    listed: Sequence[Mapping[str, Any]], images: Mapping[str, Mapping[str, Any]]
) -> Callable[[Mapping[str, Any]], str]:
    """Find out which field says who drew; it may stand at the image, where each has an entry of its own for each."""
    by_image = [images.get(str(each.get("image_id")), {}) for each in listed]
    for holders in (listed, by_image):
        names = {name for each in holders for part in _parts(each) for name in part}
        for name in (*_PEOPLE, *_PERHAPS):
            if name not in names:
                continue
            people = {who for each in holders if (who := _said(each, name))}
            if len(people) > (name in _PERHAPS):
                if holders is listed:
                    return lambda each, name=name: _said(each, name)  # type: ignore[misc]
                return lambda each, name=name: _said(images[str(each.get("image_id"))], name)  # type: ignore[misc]
    return lambda each: ""


def _parts(holder: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield holder
    for name in _INSIDE:
        if isinstance(part := holder.get(name), dict):
            yield part


def _said(holder: Mapping[str, Any], name: str) -> str:
    return next((who for part in _parts(holder) if (who := person_in(part.get(name)))), "")


def _size(image: Mapping[str, Any], regions: Iterable[Region]) -> tuple[int, int] | None:
    try:
        height, width = int(image["height"]), int(image["width"])
        if height > 0 and width > 0:
            return height, width
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    masks = (region.shape for region in regions if isinstance(region.shape, RunLengthMask))
    return next((mask.size for mask in masks if mask.size is not None), None)


def _name(image: Mapping[str, Any], made_by: str) -> str:
    """Return an image's name, as it was called before the tool called it otherwise."""
    extra = image.get("extra")
    if isinstance(extra, dict) and isinstance(extra.get("name"), str) and extra["name"].strip():
        return image_of(extra["name"])  # Roboflow's
    texts = {name: text.strip() for name in _ADDRESSES if isinstance(text := image.get(name), str) and text.strip()}
    served = texts.get("path", "")
    if served.startswith("/data/") or "://" in served:  # Label Studio keeps the last part in file_name, escaped
        return image_of(served)
    address = next(iter(texts.values()), "")
    if made_by.startswith("Label Studio") and (beside := _BESIDE.fullmatch(posix(address))):
        return image_of(beside[1])
    name = image_of(address)
    changed = _ROBOFLOW.fullmatch(name)
    return changed[1] if changed else name


def _keep_apart(
    found: list[Annotation],
    places: Sequence[tuple[str, str]],
    images: Mapping[str, Mapping[str, Any]],
    names: Mapping[str, str],
) -> list[str]:
    """Tell entries of one image apart, of which nobody says whose they are; return what is to be said of it."""
    entries: defaultdict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(found):
        if not each.annotator:
            entries[each.image].append(at)
    remarks = []
    for name, several in entries.items():
        if len(several) < 2:
            continue
        numbers = [places[at][0] for at in several]
        if any(".rf." in str(images[number].get("file_name")) for number in numbers):
            for at in several:
                found[at] = replace(found[at], note=VERSIONS_NOTE)
            continue
        for count, at in enumerate(several, start=1):
            found[at] = replace(found[at], annotator=unnamed(count))
        remarks = [
            f"{found[0].path.name} lists images several times ({name}) and does not say who drew each: they are "
            "numbered, and the same number need not be the same person."
        ]
    return remarks


def _nothing(path: Path, images: int, unused: Mapping[str, int]) -> str:
    what = ", ".join(counted(number, kind) for kind, number in unused.items())
    return (
        f"{path} holds no outline: it lists {counted(images, 'images')} and {what or 'no annotations'}. Export it with "
        "outlines or masks (segmentation)."
    )


COCO = AnnotationFormat("COCO", (".json",), Content.JSON, is_coco, read_coco)
