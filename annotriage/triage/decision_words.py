"""Decisions in the coordinator's words."""

from typing import TYPE_CHECKING

from annotriage.wording import images_text, number_text

if TYPE_CHECKING:
    from annotriage.triage.catalogue import Summary


def done_text(summary: "Summary") -> str:
    """Say that all images are decided: 'Done: 60 images decided'."""
    return f"Done: {images_text(summary.decided)} decided"


def decided_text(summary: "Summary") -> str:
    """Say how many images were decided how: '12 for experts, 40 routine, 8 excluded.'."""
    return (
        f"{number_text(summary.experts)} for experts, {number_text(summary.routine)} routine, "
        f"{number_text(summary.excluded)} excluded."
    )
