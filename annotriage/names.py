"""What tables, folders and metadata call an image, brought to one key; and how many there are of something."""

import re
import unicodedata

READ_ENDINGS = frozenset(
    ".avif .bmp .gif .heic .heif .j2k .jfif .jp2 .jpe .jpeg .jpf .jpg .jpx .png .tif .tiff .webp".split()
)
"""How the names of images end that are read, in small letters."""
_ENDINGS = READ_ENDINGS | {".dcm"}


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


def key_of(name: str) -> str:
    """Return `stem_of` as it is compared: capitals, composed or decomposed letters and what nobody sees are one."""
    return same_letters(stem_of(name))


def same_letters(name: str) -> str:
    """Return a name as it is compared: case folded, letters composed, marks without width left out."""
    if name.isascii():
        return name.casefold()
    composed = unicodedata.normalize("NFC", "".join(each for each in name if unicodedata.category(each) != "Cf"))
    return unicodedata.normalize("NFC", composed.replace("\xa0", " ").casefold())


def posix(name: str) -> str:
    """Return a path as a table may write it with ``/`` between its parts and no ``./`` before."""
    return name.strip().replace("\\", "/").removeprefix("./")


def counted(number: int, plural: str) -> str:
    """Write a number of things in a sentence, one of them in the singular.

    Parameters
    ----------
    number : int
    plural : str
        What they are, beginning with a noun in the plural or what stands before it: "images that have no label".

    Returns
    -------
    str
        "1 image that has no label", "2,681 images that have no label".
    """
    if number != 1:
        return f"{number:,} {plural}"
    what = re.sub(rf"\b({_NOUN})(?: or ({_NOUN}))?(?!\w)", _one, plural, count=1)
    return "1 " + _VERB.sub(lambda verb: _SINGULAR.get(verb[0], f"{verb[0]}s"), what, count=1)


def _one(nouns: re.Match[str]) -> str:
    return " or ".join(_singular(noun) for noun in nouns.groups() if noun is not None)


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(("ches", "shes", "xes", "sses")) else noun[:-1]


_NOUN = r"\w+(?<!s)(?<!ou)(?<!i)s"
"""A noun in the plural: no "contentious", no "less", no "this"."""
_VERB = re.compile(r"\b(?:are|have|do|were|repeat|contradict|differ)\b")
_SINGULAR = {"are": "is", "have": "has", "do": "does", "were": "was"}


def without_endings(name: str) -> str:
    """Take endings of image files off a name, folders staying; never all of it."""
    while True:
        shorter, point, ending = name.rpartition(".")
        if f"{point}{ending.lower()}" not in _ENDINGS or not shorter or shorter.endswith("/"):
            return name
        name = shorter


def plain_line(text: str) -> str:
    """Return a name out of a file on one line: no breaks, no signs that steer a terminal or turn the writing round."""
    plain = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs") else each for each in text)
    turning = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
    return " ".join("".join(each for each in plain if each not in turning).split())
