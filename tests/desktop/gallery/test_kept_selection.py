import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel

from annotriage.desktop.gallery.line_selection import KeptSelection, LineSelection
from annotriage.desktop.review.image_model import ImageModel
from annotriage.images import ImageFile
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.sort_keys import SortKey

MANY = 30_000


def catalogue_of(count: int) -> Catalogue:
    """Return images of which every third has an ``a`` in its name, in no order of disagreement."""
    folder = Path("images")
    names = [f"{number:05d}{'b' if number % 3 else 'a'}.png" for number in range(count)]
    catalogue = Catalogue(folder, [ImageFile(folder / name, name, 1, 1, None) for name in names])
    catalogue.disagreement[:] = np.random.default_rng(0).random(count)
    return catalogue


class Shown:
    """An image model with what is selected of it."""

    def __init__(self, count: int) -> None:
        self.images = ImageModel()
        self.images.set_catalogue(catalogue_of(count))
        self.selection = QItemSelectionModel(self.images)
        self.kept = KeptSelection(self.images, self.selection)
        self.lines = LineSelection(self.images, self.selection)

    def selected(self) -> set[str]:
        return {self.images.image(line).name for line in self.lines.lines(self.images.rowCount())}


@pytest.fixture
def shown(qapp: object) -> Shown:
    return Shown(600)


def test_all_of_a_filter_stay_selected_alone_when_it_is_lifted(shown: Shown) -> None:
    shown.images.set_filter(Filter(text="a"))
    shown.lines.select_all()
    before = shown.selected()
    assert len(before) == 200
    shown.images.set_filter(Filter())
    assert shown.selected() == before


def test_what_a_filter_hides_is_no_longer_selected(shown: Shown) -> None:
    shown.lines.select_all()
    shown.images.set_filter(Filter(text="a"))
    assert len(shown.selected()) == shown.images.rowCount() == 200
    shown.images.set_filter(Filter(text="nothing of the kind"))
    shown.images.set_filter(Filter())
    assert shown.selected() == set()


def test_it_stays_on_its_images_in_another_order_and_another_listing(shown: Shown) -> None:
    shown.lines.select([(0, 9), (100, 100)])
    before = shown.selected()
    shown.images.set_sorting(SortKey.NAME, reverse=True)
    assert shown.selected() == before
    shown.images.set_catalogue(catalogue_of(900))  # more were found
    assert shown.selected() == before
    shown.images.set_catalogue(catalogue_of(300))  # some are gone
    assert shown.selected() == {name for name in before if name < "00300"}


def test_another_folder_begins_without_a_selection(shown: Shown) -> None:
    shown.lines.select_all()
    shown.images.set_catalogue(None)
    shown.images.set_catalogue(catalogue_of(600))
    assert shown.selected() == set()


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 3])
def test_many_selected_images_are_sorted_at_once(qapp: object, every: int) -> None:
    shown = Shown(MANY)
    shown.lines.select([(line, line) for line in range(0, MANY, every)] if every > 1 else [(0, MANY - 2)])
    begun = time.thread_time()
    shown.images.set_sorting(SortKey.NAME)
    assert time.thread_time() - begun < 1  # by Qt itself 2 and more
    assert len(shown.selected()) == (MANY // every if every > 1 else MANY - 1)
