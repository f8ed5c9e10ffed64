"""An image in words, for its tool tip and for those who hear the window."""

from typing import TYPE_CHECKING

from annotriage.triage.decision_words import decision_text
from annotriage.wording import measured_text

if TYPE_CHECKING:
    from annotriage.triage.columns import ShownImages


def spoken_text(images: "ShownImages", line: int) -> str:
    """Say all that a tile shows, for those who hear it."""
    disagreement = images.disagreement(line)
    parts = [images.name(line)]
    if disagreement is None:
        parts.append("not scored yet")
    else:
        whom = f" ({images.team_words})" if images.team_words else ""
        parts.append(f"rank {images.rank(line)}, predicted disagreement {images.disagreement_text(line)}{whom}")
    if unlike := images.unlike_text(line):
        parts.append(f"unlike what the model knows, {unlike}: its numbers must not be trusted")
    if (count := images.readers(line)) > 0:
        dice = images.measured(line)
        agreed = "" if dice is None else f", measured Dice {measured_text(dice)}"
        parts.append(f"drawn by {'one person' if count == 1 else f'{count} people'}{agreed}")
    if step := images.next_step(line).value:
        parts.append(f"next step: {step}")
    parts.append(decision_text(images.decision(line)))
    if images.is_gone(line):
        parts.append("no longer in the folder")
    if images.is_changed(line):
        parts.append("changed since it was decided")
    review = images.review(line)
    if review.assignee:
        parts.append(f"assigned to {review.assignee}")
    if review.note:
        parts.append("with a note: {note}".format(note=review.note.replace("\n", " ")))
    return ", ".join(parts)
