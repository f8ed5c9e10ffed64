"""What annotation tools export besides masks, and how they call masks: known layouts, read without a question."""

import re
from collections.abc import Container, Mapping, Sequence
from pathlib import Path, PurePosixPath

from annotriage.names import stem_of

IMAGE_NOTE = "looks like the image itself, not like a mask"
PICTURE_NOTE = "shows a mask drawn on its image, and is none itself"
AGAIN_NOTE = "shows the same outlines again in another way"
EARLIER_NOTE = "was drawn anew by the same person later"
UNNAMED_NOTE = "is called as an image that was annotated, and names nobody: it may be the image, or the same outlines"
STROKES_NOTE = "holds the strokes from which the mask beside it was grown"
NOTES = (IMAGE_NOTE, PICTURE_NOTE, AGAIN_NOTE, EARLIER_NOTE, STROKES_NOTE)

SIDE_FILES = {"meta.json", "obj_class_to_machine_color.json", "key_id_map.json", "notes.json", "config.xml"}
"""What tools write beside annotations, and nobody drew."""
IMAGE_FOLDERS = {"image", "images", "img", "imgs", "photo", "photos", "jpeg", "jpegimages", "originals"}
_PICTURES = re.compile(r".*visuali[sz]ations?|(?:.*[_ -])?(?:label_?viz|viz|overlays?|previews?)", re.IGNORECASE)
# What every name that gets a note has somewhere; others need not be looked at closely.
_MAYBE = re.compile(
    r"ima?g|photo|jpe?g/|jpeg|orig|viz|visuali|overlay|preview|object|class(?:png|npy)|masks_|_mask|semantic|instance"
    r"|_gtfine_",
    re.IGNORECASE,
)
_OBJECTS = ("segmentationobject", "segmentationobjectpng", "segmentationobjectnpy")
_CLASSES = ("segmentationclasspng", "segmentationclassnpy")
# The same masks by folder: the first is measured, the others are left out where the first has the file, too.
_AGAIN = (
    ("segmentationclass", (*_OBJECTS, *_CLASSES, "segmentationclasspng_color")),  # CVAT, labelme2voc: PASCAL VOC
    ("segmentationclasspng", (*_OBJECTS, "segmentationclassnpy", "segmentationclasspng_color")),
    ("segmentationclassnpy", _OBJECTS),
    ("masks_machine", ("masks_human", "masks_instances")),  # Supervisely
    ("semantic", ("semantic_rgb", "instance")),  # KITTI
)
_TOOL_FOLDERS = {name for first, others in _AGAIN for name in (first, *others)}
# Beside COCO's panoptic JSON, and of Cityscapes: what of a path says nothing but the kind.
_KIND_PATHS = re.compile(
    r"(?:^|(?<=/))(?:(?:annotations/)?panoptic_\w+|gtfine/(?:default|train|val|test))/", re.IGNORECASE
)
_LABELME = re.compile(r"(.+)_json", re.IGNORECASE)
# By the end of the name: kept, and what is left out where the kept one is there (PixelAnnotationTool; RectLabel).
_COLOURED, _GROWN, _STROKES = "_color_mask", "_watershed_mask", "_mask"
_WHOLE = "_all_objects"
_ONE_OBJECT = re.compile(r"(.+)_object\d+", re.IGNORECASE)
_CITY = "_gtfine_labelids"
_CITY_AGAIN = ("_gtfine_color", "_gtfine_instanceids")
KINDS = (_COLOURED, _WHOLE, _CITY)
"""Ends of names that say which of several exports of one mask a file is."""
# Label Studio: task-31-annotation-4-by-3-FROM-LABEL-0; who annotated is a number or an address.
_LABEL_STUDIO = re.compile(
    r"(?P<image>task-\d+)(?:-annotation-(?P<annotation>\d+))?-by-(?P<annotator>\d+|.+?@.+?\.[a-z]{2,}|[^-]+)-(?P<label>.+?)-(?P<part>\d+)",
    re.IGNORECASE,
)


def notes_on(names: Sequence[str]) -> dict[str, str]:
    """Say which files are no masks by themselves, and why.

    Parameters
    ----------
    names : sequence of str
        Paths with ``/`` between their parts, below what was chosen.

    Returns
    -------
    dict of str to str
        By name, a note of `NOTES`; what may be a mask is not in it.
    """
    suspects = [name for name in names if _MAYBE.search(name)]
    there = {_key(name) for name in names} if suspects else set()
    found = {}
    for name in suspects:
        note = _note(PurePosixPath(_key(name)), there)
        if note:
            found[name] = note
    return found


def logical_parts(name: str) -> tuple[str, ...]:
    """Split a path into what says image or annotator: without folders that only name a kind of export, and endings."""
    *folders, last = _KIND_PATHS.sub("", name).split("/")
    stem = stem_of(last)
    if folders and stem.casefold() == "label" and (labelme := _LABELME.fullmatch(folders[-1])):
        folders, stem = folders[:-1], labelme[1]
    return (*(each for each in folders if each.casefold() not in _TOOL_FOLDERS), stem)


def image_in_stem(stem: str, siblings: Container[str]) -> str:
    """Take the kind of export off a stem, where the other kinds lie beside it: ``i1`` of ``i1_color_mask``.

    Parameters
    ----------
    stem : str
    siblings : container of str
        The stems in its folder.
    """
    lower = stem.casefold()
    if lower.endswith(_COLOURED) and stem[: -len(_COLOURED)] + _GROWN in siblings:
        return stem[: -len(_COLOURED)]
    if lower.endswith(_WHOLE) and f"{stem[: -len(_WHOLE)]}_object1" in siblings:
        return stem[: -len(_WHOLE)]
    if lower.endswith(_CITY):
        return stem[: -len(_CITY)]
    return stem


def label_studio_name(stem: str) -> tuple[str, str, str] | None:
    """Return task, user and label of a mask that Label Studio's brush export named; None: it did not."""
    found = _LABEL_STUDIO.fullmatch(stem)
    return (found["image"], found["annotator"], found["label"]) if found else None


def label_studio_annotation(stem: str) -> int | None:
    """Return the number of the annotation of which such a mask shows a region: a higher one is a later one."""
    found = _LABEL_STUDIO.fullmatch(stem)
    return int(found["annotation"]) if found and found["annotation"] else None


def label_studio_patterns(labels: Sequence[str]) -> Mapping[str, str]:
    """Return the pattern that takes the masks of one label only, for each label."""
    return {label: f"{{image}}-annotation-*-by-{{annotator}}-{label}-*" for label in labels}


def holds_objects(mask: Path) -> bool:
    """Say whether a mask shows objects, each with a number or colour of its own, and no labels: of Pascal VOC."""
    return mask.parent.name.casefold() in _OBJECTS


def _key(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return f"{folder}/{stem_of(last.removesuffix('.npy'))}".casefold().lstrip("/")


def _note(path: PurePosixPath, there: set[str]) -> str:
    folders, stem = path.parts[:-1], path.name
    if IMAGE_FOLDERS.intersection(folders):
        return IMAGE_NOTE
    if any(_PICTURES.fullmatch(each) for each in (*folders, stem)):
        return PICTURE_NOTE
    if stem == "img" and str(path.with_name("label")) in there:
        return IMAGE_NOTE
    for first, others in _AGAIN:
        for at, folder in enumerate(folders):
            if folder in others and "/".join((*path.parts[:at], first, *path.parts[at + 1 :])) in there:
                return AGAIN_NOTE
    one = _ONE_OBJECT.fullmatch(stem)
    if one and str(path.with_name(f"{one[1]}{_WHOLE}")) in there:
        return AGAIN_NOTE
    for end in _CITY_AGAIN:
        if stem.endswith(end) and str(path.with_name(stem.removesuffix(end) + _CITY)) in there:
            return AGAIN_NOTE
    return _of_three(path, there)


def _of_three(path: PurePosixPath, there: set[str]) -> str:
    """PixelAnnotationTool writes the strokes, and what grew from them twice: numbered, with borders, and in colours."""
    stem = path.name
    if stem.endswith(_COLOURED) or not stem.endswith(_STROKES):
        return ""
    image = stem.removesuffix(_GROWN).removesuffix(_STROKES)
    if not {str(path.with_name(image + each)) for each in (_COLOURED, _GROWN)} <= there:
        return ""
    return AGAIN_NOTE if stem.endswith(_GROWN) else STROKES_NOTE
