"""Which of the names that people gave to outlines is measured."""

from collections import Counter
from collections.abc import Collection, Iterable

from annotriage.agreement.label_map import lesion_among
from annotriage.agreement.mask_labels import ALL, alike, is_number, listed
from annotriage.agreement.mask_set import MaskRow
from annotriage.errors import AnnotriageError
from annotriage.names import counted

TOGETHER = " + "
"""Between labels that are measured together."""
_UNNAMED = "outlines without a label"


def names_in(rows: Iterable[MaskRow]) -> Counter[str]:
    """Count in how many annotations each label stands, whatever its capitals; the label that is none, too."""
    spelled: dict[str, str] = {}
    found: Counter[str] = Counter()
    for row in rows:
        if row.used and row.annotation is not None:
            for key in {label.casefold(): label for label in row.annotation.labels}.items():
                found[spelled.setdefault(*key)] += 1
    return found


def settled_name(names: Counter[str]) -> tuple[str | None, str]:
    """Return the only label that is called as a lesion is, and what to tell; None: a person must choose.

    Parameters
    ----------
    names : Counter of str
        As `names_in` counts them: several.
    """
    lesion = lesion_among(names)
    if lesion is None:
        return None, ""
    others = tuple(f"{label or _UNNAMED}: {counted(count, 'annotations')}" for label, count in names.items()
                   if label != lesion and not is_number(label))  # fmt: skip
    if not others:
        return lesion, ""
    return lesion, f"Measured is the label {lesion}; what has another is left out ({', '.join(others[:8])})."


def wanted_names(label: str, names: Collection[str]) -> set[str]:
    """Return the labels that are meant, in small letters: one, or several that are joined, ``nevus + melanoma``.

    Parameters
    ----------
    label : str
    names : collection of str
        What there is, in small letters: a label may have a plus sign itself.
    """
    if label.casefold() in names:
        return {label.casefold()}
    return {each.strip() for each in label.casefold().split(TOGETHER.strip())}


def check_name(names: Counter[str], label: str | None, *, files: bool) -> None:
    """Refuse a label that no annotation has.

    Parameters
    ----------
    names : Counter of str
    label : str or None
    files : bool
        Masks are among what is measured, whose labels may be others.

    Raises
    ------
    AnnotriageError
        It is in none; says what there is.
    """
    named = tuple(filter(None, names))
    if label is None or label == ALL or files or not named:
        return
    there = {name.casefold() for name in named}
    if wanted_names(label, there) <= there or any(alike(label, name) for name in named):
        return
    raise AnnotriageError(f"No annotation has the label {label}: they have {listed(named)}. Name one of these, or all.")
