"""What tables, folders and metadata call an image, brought to one key."""

_ENDINGS = tuple(".jpg .jpeg .jpe .jfif .png .tif .tiff .webp .bmp .heic .heif .gif .dcm".split())


def stem_of(name: str) -> str:
    """Return an image's key: its file name without folders and without endings of image files.

    ``sub/ISIC_0000004.png.jpg``, ``ISIC_0000004.JPG`` and ``ISIC_0000004`` all have the stem ``ISIC_0000004``. Other
    points stay: ``visit.2.jpg`` has the stem ``visit.2``.

    Parameters
    ----------
    name : str
        A file name or path, with slashes or backslashes between its parts.

    Returns
    -------
    str
    """
    return without_endings(posix(name).rsplit("/", 1)[-1])


def as_unicode(name: str) -> str:
    r"""Return a name of the file system as valid Unicode: bytes that are none stand as ``\xNN``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def posix(name: str) -> str:
    """Return a path as a table may write it with ``/`` between its parts and no ``./`` before."""
    return name.strip().replace("\\", "/").removeprefix("./")


def without_endings(name: str) -> str:
    """Take endings of image files off a name, folders staying; never all of it."""
    while True:
        shorter = next((name[: -len(ending)] for ending in _ENDINGS if name.lower().endswith(ending)), "")
        if not shorter or shorter.endswith("/"):
            return name
        name = shorter
