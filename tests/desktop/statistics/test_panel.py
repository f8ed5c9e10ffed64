import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from annotriage.comparison import run_sources
from annotriage.comparison.comparing import compare
from annotriage.comparison.run_sources import UNFINISHED, read_source, together, without_partners
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.navigator import Navigator
from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics.panel import StatisticsDialog
from annotriage.desktop.statistics.run_images import RunImagesDialog
from annotriage.desktop.statistics.tab import EvidenceTab
from annotriage.desktop.widgets.numbers_table import NumbersTable
from annotriage.errors import AnnotriageError
from annotriage.version import install_command
from tests.comparison.made_runs import PAPER_MODELS, TABLE_3_MAE, TABLE_3_MSE, write_folds, write_grid, write_table
from tests.desktop.finding import find
from tests.pictures import write_picture

Open = Callable[..., StatisticsDialog]


@pytest.fixture(scope="session")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "experiment"
    return write_grid(folder, {"resnet18": 0.05, "vit": 0.2}, runs=4, images=60, test=20)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[Open]:
    opened = []

    def make(*paths: Path) -> StatisticsDialog:
        dialog = StatisticsDialog(Settings(), Navigator())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        opened.append(dialog)
        dialog.show()
        dialog.show_runs(list(paths))
        return dialog

    yield make
    for dialog in opened:
        dialog.close()
    assert wait_for_jobs(10)


def compared(qtbot: QtBot, dialog: StatisticsDialog) -> None:
    qtbot.waitUntil(lambda: dialog.evidence is not None and not dialog.comparing)


def built(qtbot: QtBot, dialog: StatisticsDialog, place: int = 0) -> EvidenceTab:
    """Return a tab once it shows all of what the panel knows: neither what was before, nor a part of it."""
    dialog.tabs.setCurrentIndex(place)

    def whole() -> bool:
        tab = dialog.tabs.widget(place)
        known = dialog.evidence is not None and not dialog.comparing and not dialog.picker.busy
        return known and isinstance(tab, EvidenceTab) and tab.evidence is dialog.evidence and not tab.building

    qtbot.waitUntil(whole)
    return dialog.tabs.widget(place)  # type: ignore[return-value]


def tables(tab: EvidenceTab) -> list[str]:
    return [table.text() for table in tab.findChildren(NumbersTable)]


def words(tab: EvidenceTab) -> str:
    return "\n".join(label.text() for label in tab.findChildren(QLabel) if label.isVisibleTo(tab))


def test_it_opens_at_once_and_says_what_to_do(panel: Open) -> None:
    began = time.thread_time()  # of this thread alone: the machine may be busy
    dialog = panel()
    assert time.thread_time() - began < 1
    tab = dialog.tabs.widget(0)
    assert tab is not None and "Add finished runs on the left" in words(tab)  # type: ignore[arg-type]
    assert not dialog.report_button.isEnabled()


@pytest.mark.slow
def test_an_experiment_is_listed_by_model_and_compared(panel: Open, qtbot: QtBot, grid: Path) -> None:
    dialog = panel(grid)
    compared(qtbot, dialog)
    top = dialog.picker.tree.topLevelItem(0)
    assert top is not None
    assert [top.child(k).text(0) for k in range(top.childCount())] == ["resnet18  ·  4 runs", "vit  ·  4 runs"]
    tab = built(qtbot, dialog)
    expected = compare([grid])
    assert f"resnet18\t4\t{expected.table[0].mse_mean:.4f}" in tables(tab)[1]
    assert "0.0340 ± 0.0603" in tables(tab)[0]  # the paper's
    dialog.picker.paper_box.setChecked(False)
    tab = built(qtbot, dialog)
    assert "0.0340 ± 0.0603" not in tables(tab)[0]


@pytest.mark.slow
def test_only_what_is_ticked_is_compared(panel: Open, qtbot: QtBot, grid: Path) -> None:
    dialog = panel(grid)
    compared(qtbot, dialog)
    top = dialog.picker.tree.topLevelItem(0)
    assert top is not None
    top.child(1).setCheckState(0, Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: dialog.evidence is not None and dialog.evidence.found.models == ("resnet18",))
    assert "one model only" in words(built(qtbot, dialog))


@pytest.mark.slow
def test_a_cross_validation_is_measured_on_all_images(panel: Open, qtbot: QtBot, tmp_path: Path) -> None:
    folds = write_folds(tmp_path / "folds", {"resnet18": 0.1}, folds=3, images=60)
    dialog = panel(folds)
    compared(qtbot, dialog)
    (expected,) = compare([folds]).cross_validated
    tab = built(qtbot, dialog)
    assert "Cross-validation" in words(tab) and "All 60 images, each predicted by the one of 3 runs" in words(tab)
    assert any(f"resnet18\t{expected.mae:.4f}\t{expected.mae_ratio:.3f}" in table for table in tables(tab))


@pytest.mark.slow
def test_another_error_and_another_run_are_shown(panel: Open, qtbot: QtBot, grid: Path) -> None:
    dialog = panel(grid)
    compared(qtbot, dialog)
    dialog.picker.metric_box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.evidence is not None and dialog.evidence.found.metric == "mae")
    dialog.picker.chosen_box.setCurrentIndex(2)
    qtbot.waitUntil(lambda: dialog.evidence is not None and dialog.evidence.found.chosen == "3")
    assert "Table 2, of run 3." in words(built(qtbot, dialog))


@pytest.mark.slow
def test_a_click_on_a_run_lists_its_images_the_worst_first(panel: Open, qtbot: QtBot, grid: Path) -> None:
    dialog = panel(grid)
    compared(qtbot, dialog)
    tab = built(qtbot, dialog)
    assert dialog.evidence is not None
    run = dialog.evidence.runs.runs[0][1]
    tab.show_run(run)
    images = tab.findChild(RunImagesDialog)
    assert images is not None and run.images is not None
    worst = run.images.names[int(np.argmax(run.images.squared))]
    assert images.model.name(0) == worst
    with qtbot.waitSignal(images.folder_wanted) as caught:
        images.folder_wanted.emit(run.source)
    assert caught.args == [run.source]
    images.table.activated.emit(images.model.index(0, 0))
    assert "folder of the images" in images.bar.words  # there is none yet to open it from
    images.close()


@pytest.mark.slow
def test_runs_without_a_partner_are_left_out_on_a_click(panel: Open, qtbot: QtBot, tmp_path: Path) -> None:
    made = write_grid(tmp_path / "runs", {"resnet18": 0.05, "vit": 0.2}, runs=4, images=60, test=20)
    (made / "vit" / "run-04" / "metrics.json").unlink()
    dialog = panel(made)
    qtbot.waitUntil(lambda: "no partner" in dialog.bar.text())
    tab = dialog.tabs.widget(0)
    assert tab is not None and "unequal numbers of runs" in words(tab)  # type: ignore[arg-type]
    assert dialog.picker.problems == "1 run is not finished yet and left out."
    dialog.bar._answer()
    compared(qtbot, dialog)
    assert dialog.evidence is not None and dialog.evidence.runs.keys == ("1", "2", "3")


def test_damaged_and_empty_sources_are_told_in_words(panel: Open, qtbot: QtBot, tmp_path: Path, grid: Path) -> None:
    made = write_grid(tmp_path / "runs", {"resnet18": 0.05}, runs=2, images=60, test=20)
    (made / "resnet18" / "run-01" / "metrics.json").write_text("{")
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("model,run\nresnet18,1\n")
    dialog = panel(made, tmp_path / "empty", tmp_path / "table.csv")
    qtbot.waitUntil(lambda: dialog.picker.tree.topLevelItemCount() == 3)
    assert "metrics.json is damaged" in dialog.picker.problems and "the MSE" in dialog.picker.problems
    tops = [dialog.picker.tree.topLevelItem(k) for k in range(3)]
    empty = next(top for top in tops if top is not None and top.text(0) == "empty")
    assert empty.child(0).text(0) == "No finished run is in here."
    assert len(dialog.picker.runs) == 1


@pytest.mark.slow
def test_a_table_of_runs_is_dropped_and_the_published_test_is_reached(
    panel: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    errors = (np.array(table, float).T / 10_000 for table in (TABLE_3_MSE, TABLE_3_MAE))
    table = write_table(tmp_path / "runs.csv", *errors, PAPER_MODELS)
    dialog = panel()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    dialog.picker.dropEvent(event)
    compared(qtbot, dialog)
    tab = built(qtbot, dialog, 1)
    said = words(tab)
    assert "H = 0.09319" in said and "The paper has H = 0.09319, p = 0.95447" in said
    assert "removes the very difference" in said and "As published" in said and "As it should be read" in said
    assert Settings().recent_runs() == [table]


@pytest.mark.slow
def test_a_report_is_written_and_a_failure_told(panel: Open, qtbot: QtBot, grid: Path, tmp_path: Path) -> None:
    dialog = panel(grid)
    compared(qtbot, dialog)
    dialog.save_report(tmp_path / "report.json")
    qtbot.waitUntil(lambda: "is saved" in dialog.bar.text())
    assert json.loads((tmp_path / "report.json").read_text())
    dialog.save_report(tmp_path / "nowhere" / "report.html")
    qtbot.waitUntil(lambda: "does not exist" in dialog.bar.text())
    assert dialog.report_button.isEnabled()


@pytest.mark.slow
def test_a_report_says_whether_the_models_are_better_than_the_one_in_use(
    panel: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    write_grid(tmp_path / "runs", {"mine": 0.05, "other": 0.1}, runs=2, images=60, test=24)
    (run,) = compare([tmp_path / "runs"]).runs.runs[0][:1]
    assert run.images is not None
    for place, name in enumerate(run.images.names):
        write_picture(tmp_path / "photos" / name, 0.3 + place / 60, height=48, width=64)
    dialog = panel(tmp_path / "runs")
    compared(qtbot, dialog)
    box = find(dialog, "beside", QCheckBox)
    assert not box.isEnabled() and "chosen below a chart" in box.toolTip()
    dialog.images.set_folder(tmp_path / "photos")
    for wanted in (True, False):
        box.setChecked(wanted)
        report = tmp_path / f"{wanted}.json"
        dialog.save_report(report)
        qtbot.waitUntil(lambda report=report: report.name in dialog.bar.text(), timeout=60_000)
        assert ("On the same 24 test images" in report.read_text(encoding="utf-8")) == wanted


def test_without_the_libraries_there_is_one_sentence_and_a_button(
    panel: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise AnnotriageError("Statistics need more than the light install (baycomp missing).")

    monkeypatch.setattr("annotriage.comparison.libraries.need_libraries", missing)
    dialog = panel()
    page = find(dialog, "missing", QWidget)
    qtbot.waitUntil(page.isVisible)
    assert "baycomp missing" in " ".join(label.text().replace("\u200b", "") for label in page.findChildren(QLabel))
    next(button for button in page.findChildren(QPushButton) if "Copy" in button.text()).click()
    assert QGuiApplication.clipboard().text() == install_command("statistics")


@pytest.mark.slow
def test_it_can_be_closed_while_it_reads_and_compares(panel: Open, qtbot: QtBot, grid: Path) -> None:
    dialog = panel(grid)
    dialog.close()
    assert wait_for_jobs(20)
    again = panel(grid)
    qtbot.waitUntil(lambda: again.comparing)
    again.close()
    assert wait_for_jobs(20) and again.evidence is None


def test_numbers_are_copied_for_a_spreadsheet(qtbot: QtBot) -> None:
    table = NumbersTable("Errors.", ["model", "MSE"], [["resnet18", "0.1"], ["vit", "0.2"]])
    qtbot.addWidget(table)
    table.copy_button.click()
    assert QGuiApplication.clipboard().text() == "model\tMSE\nresnet18\t0.1\nvit\t0.2"
    table.grid.selectRow(1)
    qtbot.keyClick(table.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "model\tMSE\nvit\t0.2"


def test_numbers_have_signs_of_print_and_are_copied_with_plain_ones(qtbot: QtBot) -> None:
    rows = [["vit_b-32 - b0", "-0.0046", "-0.0094 to +0.0039"], ["x", "-", "5.2e-07"]]
    table = NumbersTable("Pairs.", ["pair", "mean", "interval"], rows)
    qtbot.addWidget(table)
    shown = [[table.grid.item(row, place).text() for place in range(3)] for row in range(2)]
    assert shown == [["vit_b-32 − b0", "−0.0046", "−0.0094 to +0.0039"], ["x", "–", "5.2e-07"]]
    assert table.text().splitlines()[1:] == ["vit_b-32 - b0\t-0.0046\t-0.0094 to +0.0039", "x\t\t5.2e-07"]


def test_sources_are_read_as_far_as_they_are_whole(tmp_path: Path) -> None:
    made = write_grid(tmp_path / "runs", {"a": 0.1, "b": 0.2}, runs=3, images=40, test=15)
    (made / "a" / "run-02" / "metrics.json").unlink()
    source = read_source(made)
    assert {model: len(runs) for model, runs in source.models().items()} == {"a": 2, "b": 3}
    assert [(each.path.name, each.why) for each in source.left_out] == [("run-02", UNFINISHED)]
    assert [(run.model, run.run) for run in without_partners(source.runs)] == [("b", "2")]
    assert read_source(made / "b" / "run-01").runs[0].model == "b"


def test_folders_are_looked_through_only_so_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_grid(tmp_path / "one" / "two", {"a": 0.1}, runs=1, images=40, test=15)
    assert len(read_source(tmp_path).runs) == 1
    monkeypatch.setattr(run_sources, "_DEEPEST", 2)
    assert read_source(tmp_path).runs == ()


@pytest.mark.slow
def test_runs_of_other_data_are_not_ticked_and_the_page_is_not_empty(
    panel: Open, qtbot: QtBot, tmp_path: Path, grid: Path
) -> None:
    other = write_grid(tmp_path / "other", {"resnet18": 0.1}, runs=3, images=60, test=20, seed=1)
    for split in other.rglob("split.json"):
        split.write_text(split.read_text().replace('"table_sha256": "table"', '"table_sha256": "another"'))
    dialog = panel(grid)
    compared(qtbot, dialog)
    dialog.show_runs([other])
    qtbot.waitUntil(lambda: dialog.picker.tree.topLevelItemCount() == 2 and not dialog.picker.busy)
    compared(qtbot, dialog)
    assert dialog.evidence is not None and len(dialog.picker.runs) == 8
    said = "3 runs learned from other labels than those ticked: they are not ticked."
    assert dialog.picker.problems == said
    top = dialog.picker.tree.topLevelItem(1)
    assert top is not None
    top.child(0).setCheckState(0, Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: "3 of the runs learned from other labels" in dialog.bar.text())
    dialog.bar._answer()
    compared(qtbot, dialog)
    assert len(dialog.picker.runs) == 8


def test_runs_of_one_training_come_together(panel: Open, qtbot: QtBot, tmp_path: Path) -> None:
    made = write_grid(tmp_path / "training", {"resnet18": 0.05}, runs=4, images=60, test=20)
    dialog = panel(*(made / "resnet18" / f"run-{number:02d}" for number in (1, 2, 4)))
    compared(qtbot, dialog)
    tree = dialog.picker.tree
    assert [tree.topLevelItem(k).text(0) for k in range(tree.topLevelItemCount())] == ["resnet18"]  # type: ignore[union-attr]
    assert [run.run for run in dialog.picker.runs] == ["1", "2", "4"]
    dialog.show_runs([made / "resnet18" / "run-03", made / "resnet18" / "run-04"])
    qtbot.waitUntil(lambda: len(dialog.picker.runs) == 4 and not dialog.picker.busy)
    assert tree.topLevelItemCount() == 1


def test_run_folders_are_put_together_by_training_and_by_experiment(tmp_path: Path) -> None:
    grid = write_grid(tmp_path / "grid", {"a": 0.1, "b": 0.2}, runs=2, images=40, test=15)
    runs = [grid / model / f"run-{number:02d}" for model in "ab" for number in (1, 2)]
    assert together(runs) == {grid: runs}
    assert together(runs[:2]) == {grid / "a": runs[:2]}
    assert together([grid]) == {grid: []} and together(runs[:1]) == {runs[0]: []}
    assert {run.model for run in read_source(grid, only=runs[:3]).runs} == {"a", "b"}


@pytest.mark.slow
def test_folds_are_called_folds(panel: Open, qtbot: QtBot, tmp_path: Path) -> None:
    folds = write_folds(tmp_path / "folds", {"good": 0.05, "bad": 0.2}, folds=4, images=80)
    dialog = panel(folds)
    compared(qtbot, dialog)
    top = dialog.picker.tree.topLevelItem(0)
    assert top is not None and "4 folds" in top.child(0).text(0) and top.child(0).child(0).text(0) == "fold 1"
    said = words(built(qtbot, dialog))
    assert "Table 2, of fold 1." in said and "Mean over 4 folds." in said and "over 4 folds" in said
    assert "Over folds" in words(built(qtbot, dialog, 1))
