"""An image in words, for its tool tip and for those who hear the window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from annotriage.desktop.review.image_model import ImageModel


def _tr(text: str) -> str:
    return QCoreApplication.translate("Spoken", text)


def spoken_text(images: "ImageModel", line: int) -> str:
    """Say all that a tile shows, for those who hear it."""
    disagreement = images.disagreement(line)
    parts = [images.image(line).name]
    if disagreement is None:
        parts.append(_tr("not scored yet"))
    else:
        parts.append(_tr("rank {rank}, predicted disagreement {value}").format(
            rank=images.rank(line), value=images.disagreement_text(line)
        ))  # fmt: skip
    parts.append(images.decision_text(images.decision(line)))
    if images.is_changed(line):
        parts.append(_tr("changed since it was decided"))
    review = images.review(line)
    if review.assignee:
        parts.append(_tr("assigned to {name}").format(name=review.assignee))
    if review.note:
        parts.append(_tr("with a note: {note}").format(note=review.note.replace("\n", " ")))
    return ", ".join(parts)
