"""The Triage tab: whether contentious images come first, and how far predictions can be believed."""

from typing import TYPE_CHECKING

from typing_extensions import override

from annotriage.comparison.explained.evidence import tables_of
from annotriage.comparison.explained.triage_words import (
    calibration_sentence,
    coverage_sentence,
    curve_sentence,
    explained,
    nothing_contentious,
)
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.image_folder import ImageFolder, ImageFolderBar
from annotriage.desktop.statistics.tab import StatisticsTab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.reports.document import TableBlock
    from annotriage.comparison.results import Comparison


class TriageTab(StatisticsTab):
    """Contentious images found against images reviewed, and calibration, by model.

    Attributes
    ----------
    images : ImageFolder
    """

    def __init__(self, parent: "QWidget | None" = None) -> None:
        super().__init__(parent)
        self.images = ImageFolder(self)
        self.images.found.connect(self.image_wanted)

    @override
    def close_jobs(self) -> None:
        self.images.forget()
        super().close_jobs()

    @override
    def build(self, evidence: "Evidence") -> "Iterator[None]":
        found = evidence.found
        self.add_heading("Does the order find the contentious images?")
        if not found.triage:
            self.add_sentence("Not all runs have predictions image by image, so their order is not known.")
            return
        tables = tables_of(evidence)
        yield from self._order(found, tables)
        self.add_heading("Can the predictions be believed?")
        yield from self._images(found)
        yield from self._calibration(found, tables)
        for test in explained(found.triage):
            self.add(ExplainedTest(test))
            yield

    def _order(self, found: "Comparison", tables: "dict[str, TableBlock]") -> "Iterator[None]":
        from annotriage.desktop.statistics.triage_charts import curve

        if any(each.contentious for each in found.triage):
            self.add_figure(curve(found.triage), curve_sentence(found.triage))
            yield
            self.add_block(tables["triage"])
        else:
            self.add_sentence(nothing_contentious(found.triage[0]))
        yield

    def _images(self, found: "Comparison") -> "Iterator[None]":
        from annotriage.desktop.statistics.triage_images import ImagesFigure

        figure = ImagesFigure([each for each in found.triage if each.tested is not None])
        figure.image_clicked.connect(self.images.open)
        self.add(figure)
        self.add(ImageFolderBar(self.images))
        yield

    def _calibration(self, found: "Comparison", tables: "dict[str, TableBlock]") -> "Iterator[None]":
        from annotriage.desktop.statistics.triage_charts import calibration, coverage

        self.add_figure(calibration(found.triage), calibration_sentence(found.triage))
        yield
        if any(len(each.bins_coverage) for each in found.triage):
            self.add_figure(coverage(found.triage), coverage_sentence(found.triage))
        else:
            self.add_sentence(coverage_sentence(found.triage))
        yield
        self.add_block(tables["calibration"])
        yield
