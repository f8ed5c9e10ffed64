"""Masks among the images of a session. Scripts of others import it from here; it lives with what masks' names mean."""

from annotriage.agreement.masks_among import without_masks

__all__ = ["without_masks"]
