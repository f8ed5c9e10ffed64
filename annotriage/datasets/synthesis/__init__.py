"""Synthetic dermoscopic images whose ambiguity is known by construction.

Clear images have one sizeable lesion with a sharp border of high contrast. Ambiguous ones have a wide or faint border,
are very small, have several lesions, or lie under hair, a ruler or ink. Lengths are in units of the image's shorter
side; H and W are an image's height and width in pixels.
"""

from annotriage.datasets.synthesis.drawing import Drawing, draw_lesion
from annotriage.datasets.synthesis.folder import TRUTH, DemoImage, write_demo_folder
from annotriage.datasets.synthesis.plan import Plan, plan_image

__all__ = ["TRUTH", "DemoImage", "Drawing", "Plan", "draw_lesion", "plan_image", "write_demo_folder"]
