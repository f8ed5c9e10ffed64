"""Sentences about what was just decided, for the status line."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from annotriage.desktop.counting import images_text
from annotriage.triage.decisions import Decision, Review


def _tr(text: str) -> str:
    return QCoreApplication.translate("DecisionNews", text)


def _goes(decision: Decision) -> str:
    return {
        Decision.EXPERT: _tr("For experts"),
        Decision.ROUTINE: _tr("Routine"),
        Decision.EXCLUDE: _tr("Exclude"),
        Decision.UNDECIDED: _tr("Undecided"),
    }[decision]


def recorded_text(label: str, reviews: Mapping[str, Review], before: Mapping[str, Review], keys: str) -> str:
    """Say what was done, what other decisions it replaced, and how to take it back.

    Parameters
    ----------
    label : str
        What the action is called.
    reviews, before : mapping of str to Review
        What holds now, and what held before, of the images that it changed.
    keys : str
        That take it back.
    """
    old = {name: before[name].decision for name in reviews if name in before}
    others = [name for name, was in old.items() if was not in (Decision.UNDECIDED, reviews[name].decision)]
    if len(reviews) == 1:
        name, review = next(iter(reviews.items()))
        if others:
            said = _tr("{now} instead of {before}: {image} ({keys} takes it back).")
            return said.format(now=_goes(review.decision), before=_goes(old[name]), image=name, keys=keys)
        label = _tr("{what} ({image})").format(what=label, image=name)
    if others:
        said = _tr("{what}; decided otherwise before: {images}. {keys} takes it back.")
        return said.format(what=label, images=images_text(len(others)), keys=keys)
    return _tr("{what}. {keys} takes it back.").format(what=label, keys=keys)


def taken_back_text(label: str, reviews: Mapping[str, Review], *, redone: bool) -> str:
    """Say what was taken back, or done again."""
    if len(reviews) == 1:
        label = _tr("{what} ({image})").format(what=label, image=next(iter(reviews)))
    return (_tr("Done again: {what}.") if redone else _tr("Taken back: {what}.")).format(what=label)


def unchanged_text(label: str, names: Sequence[str]) -> str:
    """Say that a decision holds already."""
    if len(names) == 1:
        label = _tr("{what} ({image})").format(what=label, image=names[0])
    return _tr("As it was: {what}.").format(what=label)
