"""Formats of annotations that are not read as masks: what they are, and how PNG files come out of their tools."""

from collections.abc import Mapping, Sequence

from annotriage.names import counted

_VOLUME = (
    "a volume of medical imaging",
    "In ITK-SNAP or 3D Slicer save the segmentation as a series of PNG files, or convert it with a line of Python "
    "(nibabel, SimpleITK)",
)
_OUTLINES = (
    "outlines as text",
    "Export masks instead: in Label Studio 'Brush labels to PNG', in CVAT 'Segmentation mask', in Supervisely 'as "
    "masks'; of labelme, labelme2voc.py writes PNG files; VIA and QuPath have scripts for it",
)
_ARRAY = ("an array of Python", "Save it as PNG: Image.fromarray((array > 0).astype('uint8') * 255).save('NAME.png')")
_OTHER = ("a drawing", "Export it as PNG, white on black")

_FORMATS: Mapping[str, tuple[str, str]] = {
    ".nii.gz": _VOLUME, ".nii": _VOLUME, ".nrrd": _VOLUME, ".mha": _VOLUME, ".mhd": _VOLUME, ".seg.nrrd": _VOLUME,
    ".geojson": _OUTLINES, ".json": _OUTLINES, ".xml": _OUTLINES, ".jsonl": _OUTLINES,
    ".npy": _ARRAY, ".npz": _ARRAY, ".mat": _ARRAY,
    ".svg": _OTHER, ".psd": _OTHER, ".xcf": _OTHER,
}  # fmt: skip
_READ = "Masks are read from PNG, BMP, GIF, TIFF and JPEG files, or from a table (CSV) that lists them"


def unread_ending(name: str) -> str | None:
    """Return the ending by which a file is an annotation that is not read; None: it is none."""
    lower = name.lower()
    if lower.startswith("."):
        return None
    return next((ending for ending in _FORMATS if lower.endswith(ending)), None)


def sentence_on_unread(found: Mapping[str, Sequence[str]], place: str) -> str:
    """Say what was found instead of masks, what is read, and how to get there."""
    told = "; ".join(_told(ending, names) for ending, names in found.items())
    first = next(iter(found))
    return f"There are no masks that can be read in {place}, but {told}. {_READ}. {_FORMATS[first][1]}."


def why_unread(ending: str, names: Sequence[str]) -> str:
    """Say that annotations beside the masks are not read."""
    return f"Not read: {_told(ending, names)}."


def _told(ending: str, names: Sequence[str]) -> str:
    more = ", ..." if len(names) > 2 else ""
    return f"{counted(len(names), 'files')} {ending} ({', '.join(names[:2])}{more}; {_FORMATS[ending][0]})"
