"""Which label of masks is measured, where they hold several: by what all masks hold, or a person must choose."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotriage.agreement.label_map import label_map_beside, lesions_among
from annotriage.agreement.mask_labels import ALL, HeldLabels, alike, hold_several, is_name, is_number, largest, listed
from annotriage.agreement.mask_set import ImageMasks, MaskRow, MaskSet
from annotriage.agreement.named_labels import TOGETHER, check_name, names_in, settled_name
from annotriage.agreement.row_masks import labels_of
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from annotriage.names import counted
from annotriage.parallel import ordered_map, usable_cores
from annotriage.wording import share_text

_LOOKED_AT = 100
"""Images whose masks are looked at. What the others hold is told when they are measured."""
_MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """A label that may be measured, and where it is, in a sentence."""

    label: str
    words: str


class UnclearLabelsError(AnnotriageError):
    """Masks hold several labels, of which a person must choose one.

    Attributes
    ----------
    choices : tuple of LabelChoice
        The last is all of them together.

    Parameters
    ----------
    choices : sequence of LabelChoice
    """

    def __init__(self, choices: Sequence[LabelChoice]) -> None:
        self.choices = tuple(choices)
        lines = ["The masks hold several labels. Say which is measured:"]
        lines += [f'  --label "{each.label}": {each.words}' for each in choices]
        super().__init__("\n".join(lines))


def settle_label(found: MaskSet, label: str | None = None) -> tuple[str | None, str]:
    """Find out which label is measured where nobody says it.

    Of names that people gave to outlines, it is the only one that is called as a lesion is. Where each person marks
    with one number or colour of his own in all images, it is that of his pen. Different ones are classes otherwise: the
    lesion and a ruler, or two kinds of lesion, are not to be compared.

    Parameters
    ----------
    found : MaskSet
    label : str or None
        What somebody says; None: nobody does.

    Returns
    -------
    (str or None, str)
        What is measured, as `annotriage.agreement.row_masks.mask_of` takes it, and what to tell, in a sentence;
        empty: nothing.

    Raises
    ------
    UnclearLabelsError
        A person must choose.
    AnnotriageError
        There are annotations only, and the label that is said is in none of them.
    """
    names, files = names_in(found.rows), [row for row in found.rows if row.used and row.annotation is None]
    if label is not None:
        check_name(names, label, files=bool(files))
        return label, ""
    if len(names) < 2 or not any(map(is_name, filter(None, names))):
        return _settled(found)
    label, told = settled_name(names)
    if label is None:
        read = _read(row for image in _looked_at(found) for row in image.rows if row.annotation is not None)
        raise UnclearLabelsError(
            _with_lesions(_choices(_named_alike(each.taken for each in read), [each.held for each in read]), names)
        )
    _, remark = _settled(MaskSet(files))
    return label, " ".join(filter(None, (told, remark)))


def _settled(found: MaskSet) -> tuple[str | None, str]:
    """Settle it where no annotation has several labels."""
    looked = _looked_at(found)
    rows = [row for image in looked for row in image.rows]
    read = _read(rows)
    labels = dict(zip(map(id, rows), _named_alike(each.taken for each in read), strict=True))
    several = any(hold_several(each) for each in labels.values())
    apart = any(_differ(image, labels) for image in looked)
    if not several and not apart:
        return None, ""
    pens = {} if several else _pens(rows, labels)
    if not pens:
        raise UnclearLabelsError(_choices(list(labels.values()), [each.held for each in read]))
    told = ", ".join(f"{who} {label}" for who, label in list(pens.items())[:_MOST_TOLD])
    return (
        ALL,
        f"Everybody marks with one number or colour of his own ({told}): taken as that of his pen, not of a class.",
    )


def _looked_at(found: MaskSet) -> list[ImageMasks]:
    images = found.images
    return images if len(images) <= _LOOKED_AT else [images[at * len(images) // _LOOKED_AT] for at in range(_LOOKED_AT)]


def _read(rows: Iterable[MaskRow]) -> list[HeldLabels]:
    return list(ordered_map(_labels_of, list(rows), threads=usable_cores()))


def differ(labels: Iterable[str]) -> bool:
    """Say whether labels, one of each mask, are different ones.

    A number, a colour and a name are those of several programs: of them nothing is known.
    """
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    for label in labels:
        kinds[is_number(label) + 2 * is_name(label)].append(label)
    return any(not alike(kind[0], other) for kind in kinds for other in kind[1:])


def _labels_of(row: MaskRow) -> HeldLabels:
    try:
        return labels_of(row)
    except UnreadableImageError:
        return HeldLabels()  # measuring will say what is wrong


def _named_alike(read: Iterable[Mapping[str, int]]) -> list[dict[str, int]]:
    """Call colours that are alike by the name of the first."""
    names: list[str] = []
    result = []
    for each in read:
        renamed: defaultdict[str, int] = defaultdict(int)
        for label, count in each.items():
            name = next((name for name in names if alike(name, label)), label)
            if name is label:
                names.append(name)
            renamed[name] += count
        result.append(dict(renamed))
    return result


def _differ(image: ImageMasks, labels: Mapping[int, Mapping[str, int]]) -> bool:
    return differ(largest(of) for row in image.rows if (of := labels[id(row)]))


def _pens(rows: Sequence[MaskRow], labels: Mapping[int, Mapping[str, int]]) -> dict[str, str]:
    """Return each person's own label; empty where it is none: one has several, or too few masks to tell."""
    drawn: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        known = label_map_beside(row.path) if row.annotation is None else None
        named = row.annotation is not None and any(map(is_name, filter(None, row.annotation.labels)))
        if named or (known is not None and len(known.labels) > 1):  # they mean something there
            return {}
        if of := labels[id(row)]:
            drawn[row.annotator].append(largest(of))
    if any(not who.strip() or len(used) < 2 or differ(used) for who, used in drawn.items()):
        return {}
    return {who: used[0] for who, used in drawn.items()}


def _with_lesions(choices: list[LabelChoice], names: Iterable[str]) -> list[LabelChoice]:
    """Offer the names of lesions together as well, where there are others: nevus and melanoma without hair."""
    lesions = lesions_among(names)
    if len(lesions) < 2 or len(lesions) == len(choices) - 1:
        return choices
    label = TOGETHER.join(lesions)
    return [
        *choices[:-1],
        LabelChoice(label, f"every kind of lesion together ({listed(tuple(lesions))})"),
        choices[-1],
    ]


def _choices(taken: Sequence[Mapping[str, int]], held: Sequence[Mapping[str, int]]) -> list[LabelChoice]:
    """Offer what is more than a slip of the hand somewhere, and say of it what choosing it would measure."""
    offered = list(dict.fromkeys(label for labels in taken for label in labels))
    holding: defaultdict[str, int] = defaultdict(int)
    pixels: defaultdict[str, int] = defaultdict(int)
    for labels in held:
        for label in offered:
            counts = [count for other, count in labels.items() if alike(label, other)]
            holding[label] += bool(counts)
            pixels[label] += sum(counts)
    total = max(1, sum(sum(labels.values()) for labels in held))
    order = sorted(offered, key=lambda label: -pixels[label])
    choices = [
        LabelChoice(
            label,
            f"in {counted(holding[label], 'masks')} of {len(held):,}, "
            f"{share_text(pixels[label] / total)} of what is marked",
        )
        for label in order[:_MOST_TOLD]
    ]
    return [*choices, LabelChoice(ALL, f"all of them together ({listed(tuple(order))})")]
