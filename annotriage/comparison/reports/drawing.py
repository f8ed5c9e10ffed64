"""Figures of matplotlib as vectors: in an SVG, in a PDF of their own, or placed on a page of a PDF."""

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_POINTS = 72
"""Points of an inch, in which a PDF measures."""


def as_svg(drawing: "Figure") -> bytes:
    """Return a figure as SVG; its letters are outlines, so that it looks alike everywhere."""
    out = io.BytesIO()
    drawing.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def pages_as_pdf(pages: "Sequence[Figure]", title: str) -> bytes:
    """Return figures as the pages of a PDF."""
    from matplotlib.backends.backend_pdf import PdfPages

    out = io.BytesIO()
    with PdfPages(out, metadata={"Title": title, "Creator": "Annotriage", "CreationDate": None}) as file:
        for page in pages:
            file.savefig(page)
    return out.getvalue()


def place_on(page: "Figure", drawing: "Figure", place: tuple[float, float, float, float]) -> None:
    """Put a figure on a page, as vectors.

    Parameters
    ----------
    page : Figure
        Of a PDF.
    drawing : Figure
        Is no good for anything else afterwards.
    place : tuple of float
        Left, lower, width and height on the page, in inches.
    """
    from matplotlib.artist import Artist
    from matplotlib.backend_bases import RendererBase

    left, lower, width, height = place
    drawing.set_dpi(_POINTS)
    drawing.set_size_inches(width, height)
    drawing.draw_without_rendering()  # lays it out, for good: it is moved next
    drawing.set_layout_engine("none")
    drawing.bbox_inches.set_points(np.array([[left, lower], [left + width, lower + height]]))

    class _Placed(Artist):
        def draw(self, renderer: RendererBase) -> None:
            drawing.draw(renderer)

    page.add_artist(_Placed())
