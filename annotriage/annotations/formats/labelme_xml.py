"""LabelMe's XML, a file an image: of the LabelMe web tool, and *LabelMe ZIP 3.0*, which CVAT exports.

Outlines are those of CVAT: the origin is the corner of the first pixel. Masks are PNG files in the folder ``Masks``
beside the XML files, each as large as the image. Each object says who drew it; of an image on which several people
drew, each one's objects are read apart.
"""

from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

from annotriage.annotations.annotation import NOTHING_DRAWN, Annotation, ReadAnnotations, Region, Shape
from annotriage.annotations.encoded import MaskFile
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.image_names import image_of
from annotriage.annotations.shapes import Polygon, points
from annotriage.names import plain_line, posix

_MASKS = "Masks"
_NOBODY = ("anonymous", "cvat")
"""What LabelMe and old versions of CVAT write where nobody is signed in, or known."""


def _is_this(root: Any, _path: Path) -> bool:
    marks = ("imagesize/nrows", "object/polygon/pt", "object/segm/mask")  # others' XML begins alike: PASCAL VOC
    return root.tag == "annotation" and any(root.find(mark) is not None for mark in marks)


def _read(root: Any, path: Path) -> ReadAnnotations:
    read = ReadAnnotations()
    folder, file = _text(root, "folder"), _text(root, "filename")
    people: defaultdict[str, list[Region]] = defaultdict(list)
    size = None
    if root.find("imagesize") is not None:
        size = (int(_text(root, "imagesize/nrows")), int(_text(root, "imagesize/ncols")))
    for each in root.iterfind("object"):
        if _text(each, "deleted") not in ("", "0"):
            read.unused["objects that were deleted"] += 1
            continue
        shape = _shape(each, path, folder, size)
        if shape is None:
            read.unused["objects that have neither an outline nor a mask"] += 1
            continue
        who = plain_line(_text(each, "polygon/username") or _text(each, "segm/username"))
        people["" if who.casefold() in _NOBODY else who].append(Region(_text(each, "name"), shape))
    image = image_of(f"{folder}/{file}" if file and folder else file) or image_of(path.stem)
    read.annotations += [Annotation(image, who, size, tuple(regions), path) for who, regions in people.items()] or [
        Annotation(image, "", size, (), path, note=NOTHING_DRAWN)
    ]
    return read


def _shape(written: Any, path: Path, folder: str, size: tuple[int, int] | None) -> Shape | None:
    """Return the shape of an object; a box is the outline of its corners. None: it has none."""
    outline = written.find("polygon")
    if outline is not None:
        return Polygon((points([(_text(each, "x"), _text(each, "y")) for each in outline.iterfind("pt")]),))
    name = _text(written, "segm/mask")
    return MaskFile(_mask_path(path, folder, name), size) if name else None


def _mask_path(path: Path, folder: str, name: str) -> Path:
    """Return where a mask lies: in ``Masks`` beside the XML, or above the folders that the XML says it is in."""
    inner = [part for part in PurePosixPath(posix(name)).parts if part not in ("..", "/")]
    above = len(PurePosixPath(posix(folder)).parts)
    places = [place.joinpath(_MASKS, *inner) for place in list(path.parents)[: above + 1]]
    return next((each for each in places if each.is_file()), places[0])


def _text(written: Any, tag: str) -> str:
    return str(written.findtext(tag) or "").strip()


LABELME_XML = AnnotationFormat("LabelMe XML", (".xml",), Content.XML, _is_this, _read)
