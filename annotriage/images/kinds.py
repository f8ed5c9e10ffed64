"""What kind of file this is, from its first bytes."""

import struct
from typing import Literal, TypeAlias

from annotriage.names import READ_ENDINGS

Kind: TypeAlias = Literal["AVIF", "BMP", "GIF", "HEIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP"]
"""The image formats that are read, by Pillow's names."""

HEAD_BYTES = 132
"""How many of a file's first bytes decide what it is: DICOM says so behind 128 bytes of anything."""

_RAW = "a camera's raw file"
# Raw files start like a TIFF and hold a small preview that would be read in place of the photograph.
_UNREAD_SUFFIXES = {
    ".dcm": "a DICOM file",
    ".jxl": "a JPEG XL image",
    **dict.fromkeys((".pgm", ".pnm", ".ppm"), "a Netpbm image"),
    **dict.fromkeys((".psb", ".psd"), "a Photoshop file"),
    **dict.fromkeys((".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq"), _RAW),
    **dict.fromkeys((".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl"), _RAW),
    **dict.fromkeys((".sr2", ".srf", ".srw", ".x3f"), _RAW),
}

_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # TIFF's form for files above 4 GB
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}

_UNREAD_STARTS = (
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    (b"8BPS", "a Photoshop file"),
    *((start, _RAW) for start in (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"IIU\0", b"FOVb", b"\0MRM")),
)
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"version https://git-lfs", "a Git LFS pointer; `git lfs pull` fetches the image"),
    (b"<!doctype html", "a web page, as a failed download leaves behind"),
    (b"<html", "a web page, as a failed download leaves behind"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML text"),
)


def image_kind(head: bytes) -> Kind | None:
    """Return the kind of image that a file with these first `HEAD_BYTES` bytes is; None for anything else."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        # The first brand may be the general one of both; those that follow tell.
        if b"avif" in head[8:64] or b"avis" in head[8:64]:
            return "AVIF"
        if head[8:12] in _HEIF_BRANDS:
            return "HEIF"
    # Two letters alone would take every table that starts with a column "BMI" for an image.
    if head[:2] == b"BM" and len(head) >= 18 and struct.unpack_from("<I", head, 14)[0] in _BMP_HEADERS:
        return "BMP"
    return None


def is_dicom(head: bytes) -> bool:
    """Say whether a file with these first `HEAD_BYTES` bytes is a DICOM file, whatever its name."""
    return head[128:132] == b"DICM"


def claims_to_be_image(suffix: str) -> bool:
    """Say whether a file whose name ends in `suffix` (small letters, with the dot) should be an image."""
    return suffix in READ_ENDINGS or suffix in _UNREAD_SUFFIXES


def why_no_image(suffix: str, head: bytes) -> str | None:
    """Say why a file is not read as an image.

    Parameters
    ----------
    suffix : str
        The ending of its name, in small letters, with the dot.
    head : bytes
        Its first `HEAD_BYTES` bytes, all where it is shorter; not empty.

    Returns
    -------
    str or None
        A sentence or two; None where the file starts like an image that is read.
    """
    unread = _UNREAD_SUFFIXES.get(suffix)
    if image_kind(head) is None:
        unread = next((what for start, what in _UNREAD_STARTS if head.startswith(start)), unread)
        unread = "a DICOM file" if is_dicom(head) else unread
    elif head.startswith(b"II*\0") and head[8:10] == b"CR":  # Canon's, whatever its name
        unread = _RAW
    if unread == _RAW or (unread and image_kind(head) is None):
        return f"This is {unread}, which is not read here: export it as JPEG, PNG or TIFF."
    if image_kind(head) is not None:
        return None
    if not head.strip(b"\0"):
        return "The file starts with nothing but zeros, as an interrupted copy leaves behind: copy it again."
    return f"This is not an image but {_what_else(head)}: replace it by the image."


def _what_else(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, what in _FOREIGN:
        if start.startswith(mark.lower()):
            return what
    text = start.decode("utf-8", "ignore")
    if len(text.encode()) > len(start) - 4 and all(letter.isprintable() or letter.isspace() for letter in text):
        return "a text file"
    return "something unknown, or an image whose beginning is damaged"
