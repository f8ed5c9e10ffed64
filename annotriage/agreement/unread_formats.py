"""Formats of annotations that are not read as masks: what they are, and how PNG files come out of their tools."""

from collections.abc import Mapping, Sequence

from annotriage.names import counted

_VOLUME = (
    "a volume of medical imaging",
    "In ITK-SNAP or 3D Slicer save the segmentation as NIfTI (.nii.gz) or as a series of PNG files",
)
_ARRAYS = ("arrays", "Save each as a file of NumPy (.npy), or as PNG: white on black")
_DRAWING = ("a drawing", "Export it as PNG, white on black")
_STRANGE = (
    "of no format of annotations that is read",
    "Export annotations in another format, or masks: in Label Studio JSON, in CVAT 'CVAT for images' or 'Segmentation "
    "mask'",
)

_FORMATS: Mapping[str, tuple[str, str]] = {
    ".nrrd": _VOLUME, ".seg.nrrd": _VOLUME, ".mha": _VOLUME, ".mhd": _VOLUME,
    ".mat": _ARRAYS,
    ".json": _STRANGE, ".geojson": _STRANGE, ".xml": _STRANGE, ".jsonl": _STRANGE, ".ndjson": _STRANGE,
    ".svg": _DRAWING, ".psd": _DRAWING, ".xcf": _DRAWING,
}  # fmt: skip
_READ = (
    "Masks are read from PNG, BMP, GIF, TIFF and JPEG files, from what annotation tools export, or from a table (CSV) "
    "that lists them"
)


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
    return f"There are no masks that can be read in {place}, but {told}. {_READ}. {_FORMATS.get(first, _STRANGE)[1]}."


def why_unread(ending: str, names: Sequence[str]) -> str:
    """Say that annotations beside the masks are not read."""
    return f"Not read: {_told(ending, names)}."


def _told(ending: str, names: Sequence[str]) -> str:
    more = ", ..." if len(names) > 2 else ""
    return (
        f"{counted(len(names), 'files')} {ending} ({', '.join(names[:2])}{more}; {_FORMATS.get(ending, _STRANGE)[0]})"
    )
