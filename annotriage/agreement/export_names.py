"""What the names of exported files and archives say of who drew: tools give most of them names of their own making."""

import re

from annotriage.agreement.mask_names import SEPARATORS

_WORDS = (
    "annotations?|instances|labels?|results?|exports?|exported|dataset|coco|via|cvat|project|geojson"
    r"|region[_ ]?data|img[_ ]?metadata|csv|json"
)
_WHEN = r"\d{1,2}[a-z]{3}\d{4}(?:_\d{1,2}h\d{1,2}m(?:\d{1,2}s)?)?"
"""VIA's: ``23Nov2026_12h30m``."""
_SAYS_NOTHING = re.compile(
    rf"(?:{_WORDS}|{_WHEN}|default|output|data|min|xml|brush|to|region|all|train|val|test|tasks?|task_\d+|at|\d[\d_-]*"
    r"|[0-9a-f]{6,}|[\W_])+",
    re.IGNORECASE,
)
_WORD = re.compile(rf"(?:^|[_. -])(?:{_WORDS}|{_WHEN})(?=$|[_. -])", re.IGNORECASE)
# task_bob_annotations_2026_11_30_12_00_00_cvat for images 1.1
_OF_CVAT = re.compile(r"(?:job|task|project)_(.+)_(?:annotations|dataset)_\d{4}(?:_\d{2}){5}(?:_.*)?", re.IGNORECASE)


_FETCHED_AGAIN = re.compile(r" ?\(\d+\)$")
"""What browsers put behind a name that is there already: ``bob (1)``."""


def says_nobody(stem: str) -> bool:
    """Say whether a file's name is one that tools give to any export: ``annotations``, ``instances_default``."""
    of_cvat = _OF_CVAT.fullmatch(stem)
    return _SAYS_NOTHING.fullmatch(of_cvat[1] if of_cvat else stem) is not None


def person_in(stem: str) -> str:
    """Take what tools add out of a name: ``bob`` of ``bob_annotations`` and ``via_project_bob_23Nov2026_12h30m``."""
    of_cvat = _OF_CVAT.fullmatch(stem)
    name = of_cvat[1] if of_cvat else stem
    return _WORD.sub("", _FETCHED_AGAIN.sub("", name)).strip(SEPARATORS) or stem
