"""Decisions in the coordinator's words."""

from typing import TYPE_CHECKING

from annotriage.triage.decisions import Decision
from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.triage.catalogue import Summary


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
