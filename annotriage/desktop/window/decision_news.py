"""Sentences about what was just decided, for the status line."""

from collections.abc import Mapping, Sequence

from annotriage.triage.decisions import Decision, Review
from annotriage.wording import images_text


def _goes(decision: Decision) -> str:
    return {
        Decision.EXPERT: "For experts",
        Decision.ROUTINE: "Routine",
        Decision.EXCLUDE: "Exclude",
        Decision.UNDECIDED: "Undecided",
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
            said = "{now} instead of {before}: {image} ({keys} takes it back)."
            return said.format(now=_goes(review.decision), before=_goes(old[name]), image=name, keys=keys)
        label = f"{label} ({name})"
    if others:
        said = "{what}; decided otherwise before: {images}. {keys} takes it back."
        return said.format(what=label, images=images_text(len(others)), keys=keys)
    return f"{label}. {keys} takes it back."


def taken_back_text(label: str, reviews: Mapping[str, Review], *, redone: bool) -> str:
    """Say what was taken back, or done again."""
    if len(reviews) == 1:
        label = f"{label} ({next(iter(reviews))})"
    return ("Done again: {what}." if redone else "Taken back: {what}.").format(what=label)


def unchanged_text(label: str, names: Sequence[str]) -> str:
    """Say that a decision holds already."""
    if len(names) == 1:
        label = f"{label} ({names[0]})"
    return f"As it was: {label}."
