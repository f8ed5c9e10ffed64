"""What the names of masks and of their folders say.

A mask is called like its image, with the annotator and words like ``mask`` and ``segmentation`` behind: (stem of the
image, separator, rest). All stems are those of `annotriage.names.stem_of`.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

MASK_ENDINGS = {".png", ".bmp", ".gif", ".tif", ".tiff", ".jpg", ".jpeg"}
SEPARATORS = "_-. "
CONSENSUS = ("ST", "MV")
"""What IMA++ calls its consensus masks: STAPLE and majority vote."""
_MOST_ANNOTATORS = 50
"""Masks of one image; names of more that begin alike are those of a data set."""

_WORDS = "masks?|segmentations?|segm?|groundtruth|ground[_ -]truth|gt|annotations?"
# What tools and people put behind: SegmentationClass, SegmentationObjectPNG, GroundTruth_v3, masks (1), masks_2018.
_FOLDER_REST = (
    r"(?:class|object)?(?:raw|png)?(?:visuali[sz]ations?)?"
    r"(?:[_ .-]+(?:v?\d+|\(\d+\)|png|final|new|old|copy|binary|colou?r))*"
)
_MASK_FOLDER = re.compile(rf"(?:.*[_ -])?(?:{_WORDS}|labels){_FOLDER_REST}", re.IGNORECASE)
_ANNOTATOR = "annotator|rater|reader|observer|expert"
_ANNOTATOR_FOLDER = re.compile(rf"(?:{_ANNOTATOR})s?[_ -]?\w{{0,20}}", re.IGNORECASE)
_TITLE = re.compile(rf"(?:{_ANNOTATOR}|dr|prof|user)", re.IGNORECASE)
_MASK_WORD = re.compile(rf"(?:^|[_. -])(?:{_WORDS})(?=$|[_. -])", re.IGNORECASE)
_PART_WORD = re.compile(r"attribute[_ -]\w+|(?:(?:all|other)[_ -]?)?objects?(?:[_ -]?\d+)?", re.IGNORECASE)
# Annotator, tool, skill and the mask's own number.
_IMA_REST = r"([A-Z0-9]+)_(T\d|ST|MV)_(S\d|ST|MV)_(\w+)"
_IMA = re.compile(_IMA_REST, re.IGNORECASE)
_IMA_WHOLE = re.compile(rf"(.+)_{_IMA_REST}", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?:ground[_ -]?truth|gt|gold(?:[_ -]?standard)?|reference(?:[_ -]?standard)?)s?", re.IGNORECASE
)
_CONSENSUS_WORD = re.compile(r"staple|majority(?:[_ -]?vot\w*)?|consensus", re.IGNORECASE)


def is_mask_folder(name: str) -> bool:
    """Say whether a folder's name says that masks are in it: ``masks``, ``ISIC2018_Task1_Training_GroundTruth``."""
    return _MASK_FOLDER.fullmatch(name) is not None


def is_annotator_folder(name: str) -> bool:
    """Say whether a folder's name says that it holds what one annotator drew: ``annotator_2``, ``Reader B``."""
    return _ANNOTATOR_FOLDER.fullmatch(name) is not None


def is_consensus(annotator: str) -> bool:
    """Say whether an annotator is none but what several agreed on: ``ST``, ``MV``, ``staple``, ``Majority vote``."""
    return annotator in CONSENSUS or _CONSENSUS_WORD.fullmatch(annotator) is not None


def is_reference(annotator: str) -> bool:
    """Say whether an annotator's name is that of what others are compared with: ``ground_truth``, ``gold``."""
    return _REFERENCE.fullmatch(annotator) is not None


def says_mask(rest: str) -> bool:
    """Say whether what follows an image's stem and a separator says that the file is a mask of it."""
    return any((_MASK_WORD.search(rest), _IMA.fullmatch(rest), _PART_WORD.fullmatch(rest)))


def annotator_in(rest: str) -> str:
    """Return the annotator that the rest of a mask's name names; empty: it names none."""
    ima = _IMA.fullmatch(rest)
    return ima[1] if ima is not None else _MASK_WORD.sub("", rest).strip(SEPARATORS)


def ima_name(stem: str) -> tuple[str, str] | None:
    """Return image and annotator of ``ISIC_0000004_A04_T1_S2_54ea``; None for names that are not made so."""
    found = _IMA_WHOLE.fullmatch(stem)
    return (found[1], found[2]) if found is not None else None


def ima_kind(stem: str) -> tuple[str, str] | None:
    """Return tool and skill of ``ISIC_0000004_A04_T1_S2_54ea``; None for names that are not made so, or no person's."""
    found = _IMA_WHOLE.fullmatch(stem)
    return None if found is None or found[3].upper() in CONSENSUS else (found[3].upper(), found[4].upper())


def without_mask_words(stem: str) -> str:
    """Take ``_mask``, ``_segmentation`` and the like out of a mask's stem; never all of it."""
    without = _MASK_WORD.sub("", stem)
    return (without.strip(SEPARATORS) or stem) if without != stem else stem


def mask_word_in(stem: str) -> str:
    """Return the first such word in a stem, as it is written; empty: there is none."""
    found = _MASK_WORD.search(stem)
    return found[0].strip(SEPARATORS) if found else ""


def is_mask_word(stem: str) -> bool:
    """Say whether a name is nothing but such words, ``mask``, so that it tells neither image nor annotator."""
    return not _MASK_WORD.sub("", stem).strip(SEPARATORS) or stem.casefold() in ("label", "labels")


def splits(stem: str) -> list[tuple[str, str]]:
    """Return all (stem of an image, rest) that the stem of a mask may mean, the longest first."""
    places = [place for place, character in enumerate(stem) if character in SEPARATORS and place > 0]
    return [(stem[:place], stem[place + 1 :]) for place in reversed(places)]


def read_names(stems: Sequence[str]) -> list[tuple[str, str]]:
    """Tell images from annotators in the names of masks that lie together.

    Names alone do not say where the image's ends, so all of them are asked: what stands behind different images again
    and again is an annotator. Where nothing does, names with a common beginning that has a number in it, or that is
    known for an image's name, are masks of one image.

    Parameters
    ----------
    stems : sequence of str
        Of the masks.

    Returns
    -------
    list of (str, str)
        For each, the image's stem and the annotator; empty: the name says none.
    """
    ima = [ima_name(stem) for stem in stems]
    unsure = {place: without_mask_words(stem) for place, stem in enumerate(stems) if ima[place] is None}
    images_before: dict[str, int] = defaultdict(int)
    masks_behind: dict[str, int] = defaultdict(int)
    for stem in set(unsure.values()):
        for image, rest in splits(stem):
            images_before[rest.casefold()] += 1
            masks_behind[image.casefold()] += 1

    def candidates(stem: str) -> list[tuple[str, str]]:
        few = [each for each in splits(stem) if masks_behind[each[0].casefold()] <= _MOST_ANNOTATORS]
        return [(image, rest) for image, rest in few if rest]

    sure: dict[int, tuple[str, str]] = {}
    for place, stem in unsure.items():
        often = max(candidates(stem), key=lambda each: images_before[each[1].casefold()], default=None)
        if often is not None and images_before[often[1].casefold()] > 1:
            sure[place] = _with_title(stem, *often)
    images = {image.casefold() for image, _ in sure.values()} | {stem.casefold() for stem in unsure.values()}

    def by_beginning(stem: str) -> tuple[str, str]:
        for image, rest in candidates(stem):
            numbered = any(letter.isdigit() for letter in image)
            if image.casefold() in images or (numbered and masks_behind[image.casefold()] > 1):
                return image, rest
        return stem, ""

    return [ima[place] or sure.get(place) or by_beginning(unsure[place]) for place in range(len(stems))]


def _with_title(stem: str, image: str, annotator: str) -> tuple[str, str]:
    """Give an annotator the word before, where it belongs to him: ``dr_smith``, ``rater_2``."""
    for shorter, title in splits(image)[:1]:
        if _TITLE.fullmatch(title):
            return shorter, stem[len(shorter) + 1 :]
    return image, annotator
