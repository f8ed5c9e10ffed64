"""Groups of images in the window: what `annotriage diagnosis` prints, asked for in a thread, in words for everybody."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.comparison.documents.evidence import Evidence, gather
from annotriage.comparison.documents.groups_question import Question, in_the_window
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.runs import read_runs
from annotriage.desktop.background import wait_for_jobs
from annotriage.desktop.charts.figure_frame import FigureFrame
from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics import groups_tab
from annotriage.desktop.statistics.explained_test import ExplainedTest
from annotriage.desktop.statistics.groups_tab import GroupsTab
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.report_saver import GroupsReport
from annotriage.desktop.widgets.numbers_table import NumbersTable
from tests.comparison.made_runs import write_grid
from tests.desktop.finding import find
from tests.pictures import write_picture

Ask = Callable[[Question], GroupsTab]
KINDS = ["benign"] * 30 + ["malignant"] * 20 + ["indeterminate"] * 3 + [""] * 2


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    dice = np.random.default_rng(0).beta(6, 2, len(KINDS)).round(6)
    dice[30:50] = (dice[30:50] - 0.2).clip(0, 1).round(6)
    lines = [f"im{k}.jpg,{2 + k % 3},{value}" for k, value in enumerate(dice.tolist())]
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(["image,count,dice_mean", *lines, "broken.jpg,2,nan"]))
    return path


@pytest.fixture
def clinical(tmp_path: Path) -> Path:
    path = tmp_path / "clinical.csv"
    lines = [f"im{k},{kind},{['male', 'female'][k % 2]},p{k // 2},{'AB'[k % 2]}" for k, kind in enumerate(KINDS)]
    path.write_text("\n".join(["isic_id,benign_malignant,sex,patient_id,clinic", *lines]))
    return path


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[[], GroupsTab]]:
    shown: list[GroupsTab] = []

    def make() -> GroupsTab:
        tab = GroupsTab(Settings(), ImageFolder(Settings()))
        shown.append(tab)
        qtbot.addWidget(tab)
        tab.show()
        return tab

    yield make
    for tab in shown:
        tab.close_jobs()
    assert wait_for_jobs(10)


@pytest.fixture
def ask(qtbot: QtBot, make: Callable[[], GroupsTab]) -> Ask:
    def ask(question: Question) -> GroupsTab:
        tab = make()
        with qtbot.waitSignal(tab.built):
            tab.form.ask(question)
        return tab

    return ask


def words(tab: GroupsTab) -> str:
    return "\n".join(label.text().replace("\u200b", "") for label in tab.findChildren(QLabel) if label.isVisible())


def rows(tab: GroupsTab) -> list[list[str]]:
    """Return all rows as a command prints them."""
    lines = [line for table in tab.findChildren(NumbersTable) for line in table.text().splitlines()]
    return [[cell or "-" for cell in line.split("\t")] for line in lines]


def printed(*arguments: str | Path) -> str:
    found = CliRunner().invoke(app, ["diagnosis", *map(str, arguments)])
    assert found.exit_code == 0, found.output
    return " ".join(found.output.split())


@pytest.mark.slow
def test_the_numbers_are_those_that_the_command_prints(ask: Ask, labels: Path, clinical: Path) -> None:
    tab = ask(Question(labels, clinical))
    said = printed("--labels", labels, "--clinical", clinical)
    shown = rows(tab)
    # With heads: groups, tests (plain and adjusted), differences by means (four ways) and ranks (two).
    assert len(shown) == 1 + 4 + 1 + 4 + 1 + 6
    for row in shown:
        assert " ".join(row) in said
    assert ["indeterminate", "3", "-", "-", "no"] in shown and ["(not known)", "2", "-", "-", "no"] in shown
    assert "50 of 55 images with a label are compared: benign 30, malignant 20." in words(tab)
    assert "The paper has r = 0.005, p = 0.828" in words(tab)
    assert "Of the metrics table: 1 row without a Dice (broken.jpg)." in words(tab)


@pytest.mark.slow
def test_all_images_of_the_large_table_are_as_the_command_prints_them(ask: Ask, shared_data: Path) -> None:
    labels, clinical = shared_data / "ima" / "image_level_metrics.csv", shared_data / "ima" / "image_metadata.csv"
    if not labels.is_file():
        pytest.skip("the large table is not there")
    tab = ask(Question(labels, clinical))
    shown = rows(tab)
    assert ["benign", "1,740", "0.8037", "0.8636", "yes"] in shown
    assert ["malignant", "445", "0.7508", "0.8221", "yes"] in shown
    assert any(row[1:4] == ["-0.10708", "5.2e-07", "2,185"] for row in shown)
    assert "r = -0.107, p = 5.2e-07, 2,185 images. The paper has r = 0.005, p = 0.828" in words(tab)
    assert "253 of 2,185 images show a lesion or patient that another shows, too" in words(tab)
    said = printed("--labels", labels, "--clinical", clinical)
    assert all(" ".join(row) in said for row in shown)


@pytest.mark.slow
def test_each_test_is_explained_with_its_assumptions(ask: Ask, labels: Path, clinical: Path) -> None:
    tab = ask(Question(labels, clinical))
    cards = {card.accessibleName(): card for card in tab.findChildren(ExplainedTest)}
    assert list(cards) == [
        "Point-biserial correlation (benign 0, malignant 1)", "Mann-Whitney U", "Difference of the medians",
        "Van Elteren within strata of annotators", "Regression with annotators",
    ]  # fmt: skip
    for name, card in cards.items():
        assert card.accessibleDescription().count(". ") >= 1
        adjusted = name.startswith(("Van Elteren", "Regression"))  # which allow for patients who have two images
        assert adjusted != any(label.text() == "Does not hold" for label in card.findChildren(QLabel))
    assert "that of benign has the higher Dice in" in words(tab)
    assert "A difference of 0 is not among the plausible ones." in words(tab)


@pytest.mark.slow
def test_several_groups_and_other_columns(ask: Ask, labels: Path, clinical: Path, qtbot: QtBot) -> None:
    tab = ask(Question(labels, clinical, by="annotators"))
    assert "Kruskal-Wallis" in words(tab) and "The groups explain about" in words(tab)
    assert [row[0] for row in rows(tab)[1:4]] == ["2", "3", "4"]
    qtbot.waitUntil(lambda: tab.form.by.findData("clinic") >= 0)
    assert tab.form.by.findData("patient_id") < 0  # one for every second image
    with qtbot.waitSignal(tab.built):
        tab.form.by.setCurrentIndex(tab.form.by.findData("clinic"))
    assert [row[0] for row in rows(tab)[1:3]] == ["a", "b"] and "The paper has" not in words(tab)


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """Malignant lesions were drawn by flood fill, mostly; all by two people."""
    path = tmp_path / "masks.csv"
    flood = [k % 5 == 0 if k < 30 else k % 5 != 0 for k in range(len(KINDS))]
    lines = [f"im{k},{who},{'T2' if flood[k] else 'T1'},S1" for k in range(len(KINDS)) for who in ("A1", "A2")]
    path.write_text("\n".join(["image,annotator,tool,skill_level", *lines]))
    return path


@pytest.mark.slow
def test_what_is_adjusted_for_is_chosen_and_remembered(
    ask: Ask, make: Callable[[], GroupsTab], labels: Path, clinical: Path, masks: Path, qtbot: QtBot
) -> None:
    tab = ask(Question(labels, clinical, masks, adjust=("tool", "skill", "annotators")))
    assert "With and without the drawing tools allowed for" in words(tab)
    assert "the annotators' skills are the same (S1): there is nothing to allow for." in words(tab)
    patient = find(tab, "adjust-patient", QCheckBox)
    assert not patient.isChecked() and find(tab, "adjust-tool", QCheckBox).isChecked()
    with qtbot.waitSignal(tab.built):
        patient.click()
    assert "With and without the drawing tools and the patient allowed for" in words(tab)
    said = printed("--labels", labels, "--clinical", clinical, "--masks", masks, "--adjust", "tool", "--adjust",
                   "patient")  # fmt: skip
    assert all(" ".join(row) in said for row in rows(tab) if "regression" in " ".join(row))
    for box in tab.findChildren(QCheckBox):
        box.setChecked(False)
    qtbot.waitUntil(lambda: tab.found is not None and tab.found.adjusted is not None and not tab.found.adjusted.factors)
    again = make()
    assert again.form.question == Question(labels, clinical, masks, adjust=())


@pytest.mark.slow
def test_what_nothing_tells_is_not_adjusted_for_and_said(ask: Ask, labels: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join(["isic_id,benign_malignant", *(f"im{k},{kind}" for k, kind in enumerate(KINDS))]))
    tab = ask(Question(labels, plain, adjust=("tool", "patient")))
    assert "Not allowed for, as nothing says it: the patient." in words(tab)
    assert "would tell: choose it in the field Masks." in words(tab) and "--" not in words(tab)


@pytest.mark.slow
def test_pairs_alone_are_enough(ask: Ask, clinical: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    draw = np.random.default_rng(1)
    lines = [f"im{k},A1,A2,{draw.uniform(0.5, 1):.3f},T1,T{1 + k % 2}" for k in range(len(KINDS))]
    pairs.write_text("\n".join(["image,annotator1,annotator2,dice,tool1,tool2", *lines]))
    tab = ask(Question(clinical=clinical, pairs=pairs, adjust=("tool",)))
    said = printed("--pairs", pairs, "--clinical", clinical, "--adjust", "tool")
    assert all(" ".join(row) in said for row in rows(tab))
    assert "The same by pairs of masks, each with its own tools" in words(tab)
    assert "50 of 55 images with a label are compared" in words(tab)


def test_without_labels_it_says_what_to_choose(make: Callable[[], GroupsTab]) -> None:
    assert "Choose the table of labels" in words(make())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clinical": None}, "There is no column diagnosis or benign_malignant to group by"),
        ({"by": "tool"}, "in the field Masks"),
        ({"labels": Path("/nowhere/metrics.csv")}, "There is no /nowhere/metrics.csv: choose it again."),
        ({"by": "country"}, "There is no column country"),
    ],
)
def test_what_cannot_be_compared_is_said(
    make: Callable[[], GroupsTab], qtbot: QtBot, labels: Path, clinical: Path, change: dict[str, Path], said: str
) -> None:
    tab = make()
    tab.form.ask(Question(**{"labels": labels, "clinical": clinical, **change}))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: said in words(tab))
    assert "--" not in words(tab) and "These cannot be compared" in words(tab)


def test_one_group_is_not_compared(make: Callable[[], GroupsTab], qtbot: QtBot, labels: Path, tmp_path: Path) -> None:
    clinical = tmp_path / "one.csv"
    clinical.write_text("\n".join(["isic_id,benign_malignant", *(f"im{k},benign" for k in range(40))]))
    tab = make()
    tab.form.ask(Question(labels, clinical))
    qtbot.waitUntil(lambda: "Fewer than two groups by diagnosis" in words(tab))


def test_options_of_the_command_line_become_fields() -> None:
    assert in_the_window("Bad. Or say which it is: --column dice=NAME.") == "Bad."
    unsure = "Bad. It may be dc (0 to 1); if so, say --column dice=dc."
    assert in_the_window(unsure) == "Bad. It may be dc (0 to 1); if so, give the column that name."
    assert in_the_window("There are: none; name a file by --clinical.") == "There are: none; choose clinical data."


@pytest.mark.slow
def test_a_point_opens_its_image(ask: Ask, labels: Path, clinical: Path, qtbot: QtBot, tmp_path: Path) -> None:
    tab = ask(Question(labels, clinical))
    write_picture(tmp_path / "photographs" / "im7.jpg", 0.5)
    tab.images.set_folder(tmp_path / "photographs")
    chart = tab.findChildren(FigureFrame)[0].chart
    found = tab.found
    assert found is not None
    for _ in range(40):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
        if chart.shown_label.startswith("im7.jpg: "):
            break
    assert chart.shown_label == f"im7.jpg: {found.groups[0].dice[7]:.3f}, benign"
    with qtbot.waitSignal(tab.images.found) as opened:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert opened.args == [tmp_path / "photographs" / "im7.jpg"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".tex", ".json"])
def test_the_report_is_the_commands(
    ask: Ask, labels: Path, clinical: Path, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    # Of one name in two folders: LaTeX names the folder of its figures, which is called after the file.
    files = [tmp_path / maker / f"report{ending}" for maker in ("window", "command")]
    for file in files:
        file.parent.mkdir()
    report = ask(Question(labels, clinical)).findChild(GroupsReport)
    report.save(files[0])
    qtbot.waitUntil(lambda: report.said.startswith("Saved: "))
    printed("--labels", labels, "--clinical", clinical, "--report", files[1])
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_said(ask: Ask, labels: Path, clinical: Path, qtbot: QtBot) -> None:
    report = ask(Question(labels, clinical)).findChild(GroupsReport)
    report.save(Path("/nowhere/report.html"))
    qtbot.waitUntil(lambda: "The folder /nowhere does not exist" in report.said)
    assert report.button.isEnabled()


@pytest.mark.slow
def test_the_answer_to_an_older_question_is_passed_over(
    make: Callable[[], GroupsTab], qtbot: QtBot, labels: Path, clinical: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked, go_on = groups_tab.answer, [], threading.Event()

    def slow(question: Question) -> Diagnosis:
        asked.append(question.by)
        if question.by == "diagnosis":
            go_on.wait(10)
        return real(question)

    monkeypatch.setattr(groups_tab, "answer", slow)
    tab = make()
    tab.form.ask(Question(labels, clinical))
    qtbot.waitUntil(lambda: bool(asked))
    assert "Comparing the groups…" in words(tab)
    with qtbot.waitSignal(tab.built):
        tab.form.ask(Question(labels, clinical, by="sex"))
    go_on.set()
    assert wait_for_jobs(10)
    qtbot.wait(50)
    assert "Mean Dice by sex" in words(tab) and "benign" not in words(tab)


@pytest.mark.slow
def test_the_question_is_remembered(
    ask: Ask, make: Callable[[], GroupsTab], labels: Path, clinical: Path, qtbot: QtBot
) -> None:
    question = Question(labels, clinical, by="sex")
    ask(question)
    again = make()
    assert again.form.question == question
    qtbot.waitUntil(lambda: "Mean Dice by sex" in words(again))


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_grid(tmp_path_factory.mktemp("grid"), {"a": 0.1, "b": 0.2}, runs=1)


@pytest.fixture(scope="module")
def evidence(grid: Path) -> Evidence:
    return gather(read_runs([grid]), "mse", paper=True)


@pytest.mark.slow
def test_what_the_runs_learned_from_is_proposed(
    make: Callable[[], GroupsTab],
    qtbot: QtBot,
    evidence: Evidence,
    grid: Path,
    labels: Path,
    clinical: Path,
    tmp_path: Path,
) -> None:
    (grid / "training.json").write_text(
        json.dumps({"labels": str(labels), "clinical": str(clinical), "images": str(tmp_path)})
    )
    tab = make()
    with qtbot.waitSignal(tab.built):
        tab.show_result(evidence)
    assert tab.form.question == Question(labels, clinical) and tab.images.folder == tmp_path
    tab.form.ask(Question(tmp_path / "other.csv", clinical))
    qtbot.waitUntil(lambda: f"The runs learned from {labels}." in words(tab))
    button = next(each for each in tab.findChildren(QPushButton) if each.text() == "Use these labels")
    with qtbot.waitSignal(tab.built):
        button.click()
    assert tab.form.question.labels == labels and not button.isVisible()


@pytest.mark.slow
def test_the_papers_numbers_can_be_left_out(
    ask: Ask, qtbot: QtBot, evidence: Evidence, labels: Path, clinical: Path
) -> None:
    tab = ask(Question(labels, clinical))
    assert "The paper has" in words(tab)
    with qtbot.waitSignal(tab.built):
        tab.show_result(replace(evidence, paper=False))
    assert "The paper has" not in words(tab)


def test_what_becomes_of_runs_does_not_touch_it(ask: Ask, labels: Path, clinical: Path) -> None:
    tab = ask(Question(labels, clinical))
    before = words(tab)
    tab.show_nothing()
    assert words(tab) == before and tab.evidence is None


@pytest.mark.slow
def test_twelve_thousand_points_are_drawn_at_once(ask: Ask, qtbot: QtBot, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = [f"im{k}" for k in range(12_000)]
    labels, clinical = tmp_path / "many.csv", tmp_path / "kinds.csv"
    dice = rng.beta(6, 2, len(names)).round(4).tolist()
    labels.write_text("\n".join(["image,dice_mean", *(f"{n},{d}" for n, d in zip(names, dice, strict=True))]))
    clinical.write_text("\n".join(["isic_id,sex", *(f"{n},{'mfx'[k % 3]}" for k, n in enumerate(names))]))
    before = time.thread_time()  # of the window's thread alone; what others compute does not count
    tab = ask(Question(labels, clinical, by="sex"))
    assert time.thread_time() - before < 2
    chart = tab.findChildren(FigureFrame)[0].chart
    before = time.thread_time()
    for _ in range(5):
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert (time.thread_time() - before) / 5 < 0.05 and chart.shown_label
