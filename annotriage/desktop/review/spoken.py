"""An image in words, for its tool tip and for those who hear the window."""

from typing import TYPE_CHECKING

from annotriage.triage.decision_words import decision_text

if TYPE_CHECKING:
    from annotriage.triage.columns import ShownImages


def spoken_text(images: "ShownImages", line: int) -> str:
    """Say all that a tile shows, for those who hear it."""
    disagreement = images.disagreement(line)
    parts = [images.name(line)]
    if disagreement is None:
        parts.append("not scored yet")
    else:
        parts.append(f"rank {images.rank(line)}, predicted disagreement {images.disagreement_text(line)}")
    parts.append(decision_text(images.decision(line)))
    if images.is_changed(line):
        parts.append("changed since it was decided")
    review = images.review(line)
    if review.assignee:
        parts.append(f"assigned to {review.assignee}")
    if review.note:
        parts.append("with a note: {note}".format(note=review.note.replace("\n", " ")))
    return ", ".join(parts)
