"""Whether names are those of people, of images or of things: by such signs readings of a layout are told apart."""

import re
from collections.abc import Iterable
from enum import Enum

_PERSON = re.compile(
    r"(?:annotator|rater|reader|observer|expert|grader|labell?er|physician|clinician|dermatologist|doctor|resident"
    r"|dr|prof|user|obs|derm)s?(?:[_ .-]+\w[\w .-]{0,30}|\d{1,3}|(?-i:[A-Z]))?|id[_ -]?\d{1,2}",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"(?:case|patient|pat|image|img|im|lesion|nevus|naevus|mole|scan|photo|pic|picture|sample|subject|slide|frame|exam"
    r"|isic|ham|imd|dscn?|dscf|pxl|mvimg|screenshot)s?[_ .-]*\d[\w .-]*|(?:.*\D)?\d{4,}(?:\D.*)?",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\D*[^\W\d_]\D*")
_SPLIT = re.compile(r"[\W\d_]+")
_THINGS = frozenset(
    """left right top bottom front back before after first second close overview
    benign malignant melanoma melanomas nevus nevi naevus naevi lesion lesions mole moles keratosis carcinoma bcc scc
    akiec bkl mel vasc hair hairs skin ruler ink border borders background foreground gel bubble vignette
    train training val valid validation test testing holdout fold split part parts set batch series folder data dataset
    visit session day week month round time try
    color colour colored coloured rgb grey gray binary watershed instance instances object objects class classes
    label labels overlay overlays viz vis preview contour contours outline edge edges prob heatmap pred prediction
    auto manual final draft old new copy edited corrected original version raw small large crop cropped resized
    piece pieces region regions inner outer all other png mask masks""".split()
)


class Sign(Enum):
    """What names look like."""

    PERSON = "words for who draws: annotator_1, Reader B, dr_smith"
    NAME = "words without a number, as people's names are: bob"
    IMAGE = "what images are called: ISIC_0000004, case_001, IMG_20240101_120001"
    THING = "words for parts, kinds and diagnoses: left, train, nevus, final, part2"
    OTHER = "what may be either: r1, A04, 1, x"


def sign_of(names: Iterable[str]) -> Sign:
    """Return what all of these names look like; OTHER where they are of several kinds, or there are none."""
    signs = {_sign(name) for name in names}
    if len(signs) == 1:
        return signs.pop()
    if signs == {Sign.PERSON, Sign.NAME}:
        return Sign.NAME
    return Sign.THING if Sign.THING in signs else Sign.OTHER


def _sign(name: str) -> Sign:
    if _PERSON.fullmatch(name):
        return Sign.PERSON
    if _IMAGE.fullmatch(name):
        return Sign.IMAGE
    if _THINGS.intersection(_SPLIT.split(name.casefold())):
        return Sign.THING
    return Sign.NAME if _WORDS.fullmatch(name) else Sign.OTHER
