"""Decisions in the coordinator's words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotriage.triage.decisions import Decision, Review
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.triage.summary import Summary

_WORDS = {
    Decision.UNDECIDED: "Undecided",
    Decision.EXPERT: "Expert review",
    Decision.ROUTINE: "Routine annotation",
    Decision.EXCLUDE: "Exclude",
}


def decision_text(decision: Decision) -> str:
    """Return a decision as buttons, tables and reports call it: 'Expert review'."""
    return _WORDS[decision]


def short_decision_text(decision: Decision) -> str:
    """Return a decision in one word, for where there is no room: 'Expert'."""
    return _WORDS[decision].split()[0]


def done_text(summary: "Summary") -> str:
    """Say that all images are decided: 'Done: 60 images decided'."""
    return f"Done: {images_text(summary.decided)} decided"


def decided_text(summary: "Summary") -> str:
    """Say how many images were decided how: '12 for experts, 40 routine, 8 excluded.'."""
    return (
        f"{number_text(summary.experts)} for experts, {number_text(summary.routine)} routine, "
        f"{number_text(summary.excluded)} excluded."
    )


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
            return f"{_goes(review.decision)} instead of {_goes(old[name])}: {name} ({keys} takes it back)."
        label = f"{label} ({name})"
    if others:
        return f"{label}; decided otherwise before: {images_text(len(others))}. {keys} takes it back."
    return f"{label}. {keys} takes it back."


def taken_back_text(label: str, reviews: Mapping[str, Review], *, redone: bool) -> str:
    """Say what was taken back, or done again."""
    if len(reviews) == 1:
        label = f"{label} ({next(iter(reviews))})"
    return f"{'Done again' if redone else 'Taken back'}: {label}."


def unchanged_text(label: str, names: Sequence[str]) -> str:
    """Say that a decision holds already."""
    if len(names) == 1:
        label = f"{label} ({names[0]})"
    return f"As it was: {label}."
