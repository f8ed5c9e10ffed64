"""The tab Comparison: the paper's Table 2, all runs, and how far the models lie apart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from annotriage.comparison.explained import comparison_words as words
from annotriage.comparison.explained.evidence import tables_of
from annotriage.comparison.wording import number_text, with_sd
from annotriage.desktop.statistics.tab import AS_IT_SHOULD_BE_READ, AS_PUBLISHED, StatisticsTab
from annotriage.desktop.widgets.numbers_table import NumbersTable

if TYPE_CHECKING:
    from annotriage.comparison.explained.evidence import Evidence
    from annotriage.comparison.results import Analysis
    from annotriage.desktop.statistics.run_images import RunImagesDialog


class ComparisonTab(StatisticsTab):
    """Errors by model beside baselines and the paper's, all runs, mean ranks, differences, and what would be needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: RunImagesDialog | None = None

    @override
    def build(self, evidence: "Evidence") -> Iterator[None]:
        from annotriage.desktop.statistics import comparison_figures as figures

        found = evidence.found
        self.add_heading("Errors on test images")
        for note in found.notes:
            self.add_sentence(note)
        frame = self.add_figure(figures.runs_chart(evidence), words.runs_sentence(found))
        frame.chart.clicked.connect(self._show_run)
        yield
        self._add_table_2(evidence)
        yield
        if found.against_guess:
            self.add_heading("Against a guess that looks at no image")
            self.add_block(tables_of(evidence)["against-guess"])
            yield
        if found.cross_validated:
            self.add_heading("Cross-validation: every image, by the run that had not seen it")
            self.add_block(tables_of(evidence)["cross-validation"])
            yield
        analysis = found.over_runs or found.over_images
        if analysis is None:
            return
        self.add_heading(f"How far the models lie apart, over {words.units_text(analysis)}")
        for note in analysis.notes:
            self.add_sentence(note)
        yield
        tables = tables_of(evidence)
        yield
        if analysis.critical_difference is not None:
            tall = figures.ranks_height(len(analysis.models))
            self.add_figure(figures.ranks_chart(analysis), words.ranks_sentence(analysis), height=tall)
            self.add_block(tables[f"ranks-{analysis.unit}"])
            yield
        tall = figures.rows_height(len(analysis.pairs))
        chart = figures.differences_chart(analysis, found.metric)
        self.add_figure(chart, words.differences_sentence(analysis, found.metric), height=tall)
        self.add_block(tables[f"pairs-{analysis.unit}"])
        yield
        self.add_figure(figures.rope_chart(analysis), words.rope_sentence(analysis), height=tall)
        self._add_effects(analysis)
        yield
        self._add_needed(analysis)

    def _add_table_2(self, evidence: "Evidence") -> None:
        found = evidence.found
        columns, rows = published_rows(evidence)
        caption = (
            "Table 2, of {one} {run}. ± is the standard deviation over its test images: how much images differ, not "
            "how certain the mean is. Baseline: always guessing the mean (MSE), the median (MAE)."
        )
        published = NumbersTable(caption.format(one=words.one_of(found.unit), run=found.chosen), columns, rows)
        runs = found.table[0].runs
        caption = "Mean over {runs}. ± is the standard deviation over {units} (n − 1): how much {units} differ."
        if runs == 1:
            caption = "One {one} only: how far another would differ is not known."
        columns, rows = run_rows(evidence)
        read = NumbersTable(
            caption.format(
                runs=words.counted(runs, found.unit), units=words.several_of(found.unit), one=words.one_of(found.unit)
            ),
            columns,
            rows,
        )
        self.add_side_by_side(AS_PUBLISHED, published, AS_IT_SHOULD_BE_READ, read)

    def _add_effects(self, analysis: "Analysis") -> None:
        columns, rows = words.effect_rows(analysis)
        self.add_table(words.effects_caption(analysis), columns, rows)

    def _add_needed(self, analysis: "Analysis") -> None:
        unit = words.several_of(analysis.unit)
        self.add_heading(f"How many {unit} would be needed")
        columns = ("pair", "difference", "needed", "there are", unit)
        self.add_table(words.needed_sentence(analysis), columns, words.needed_rows(analysis))

    def _show_run(self, run: Any) -> None:
        """Show a run's images, or its folder where the images are not known."""
        from annotriage.desktop.statistics.run_images import RunImagesDialog

        if run.images is None:
            self.folder_wanted.emit(run.source if run.source.is_dir() else run.source.parent)
            return
        if self._images is not None:
            self._images.close()
        self._images = RunImagesDialog(run, self)
        self._images.destroyed.connect(self._forget_images)
        self._images.image_wanted.connect(self.image_wanted)
        self._images.folder_wanted.connect(self.folder_wanted)
        self._images.show()

    def _forget_images(self) -> None:
        self._images = None


def published_rows(evidence: "Evidence") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of Table 2 as the paper has it: one run."""
    found = evidence.found
    columns = ["model", "MSE", "MAE"]
    rows = [
        [line.model, with_sd(line.mse, line.mse_sd), with_sd(line.mae, line.mae_sd)] for line in found.table
    ]  # fmt: skip
    rows.append(["baseline", number_text(found.chosen_mean_mse), number_text(found.chosen_median_mae)])
    if evidence.paper:
        columns += ["paper: MSE", "paper: MAE"]
        for row, line in zip(rows, found.table, strict=False):
            paper = line.paper
            row += ["-", "-"] if paper is None else [with_sd(paper.mse, paper.mse_sd), with_sd(paper.mae, paper.mae_sd)]
        rows[-1] += ["-", "-"]
    return columns, rows


def run_rows(evidence: "Evidence") -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of the same over all runs."""
    found = evidence.found
    rows = [
        [line.model, str(line.runs), with_sd(line.mse_mean, line.mse_runs_sd),
         with_sd(line.mae_mean, line.mae_runs_sd)]
        for line in found.table
    ]  # fmt: skip
    rows.append(["baseline", "", number_text(found.mean_mse), number_text(found.median_mae)])
    return ["model", found.unit, "MSE", "MAE"], rows
