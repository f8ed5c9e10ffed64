"""How the team draws: asked once, chosen in words, and followed by the ranking at once with nothing computed anew."""

import csv
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from annotriage.desktop.inspector.legend import Legend
from annotriage.desktop.window.status import StatusLine
from annotriage.model_file import ModelLibrary
from annotriage.scoring.scorer import Scorer
from annotriage.scoring.team_words import QUESTION
from annotriage.triage.catalogue import Filter
from annotriage.triage.decisions import Decision
from annotriage.triage.exports.formats import FORMATS
from annotriage.triage.exports.order import ExportOrder
from annotriage.triage.folder_outcome import folder_outcome
from annotriage.triage.scoring_progress import Phase as Progress
from annotriage.triage.store import SessionStore
from annotriage.triage.team_choice import choose_way, chosen_way
from tests.desktop.finding import find
from tests.desktop.window.conftest import Make
from tests.desktop.window.hands import Hands, redo, undo
from tests.pictures import write_pictures
from tests.tiny_models import ways_with_metrics, write_tiny_model

STEPS = int(os.environ.get("ANNOTRIAGE_STEPS", "40"))
WAYS = {"mixed": "mixed or unknown", "hand": "by hand", "hand_fill": "by hand and flood fill"}
DECIDE = {Qt.Key.Key_1: Decision.EXPERT, Qt.Key.Key_2: Decision.ROUTINE, Qt.Key.Key_3: Decision.EXCLUDE}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model file that knows ways of drawing."""
    return write_tiny_model(tmp_path_factory.mktemp("ways") / "knowing.onnx", name="knowing", ways=ways_with_metrics())


@pytest.fixture(autouse=True)
def with_it(home: Path, knowing: Path) -> None:
    """Let that model be the default one."""
    models = ModelLibrary(home)
    models.import_model(knowing)
    models.set_default("knowing")


@pytest.fixture
def scored_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return what is scored from now on: a list that grows."""
    found: list[Path] = []
    score = Scorer.score

    def counted(scorer: Scorer, images: Iterator[Path], **options: object) -> object:
        def noted() -> Iterator[Path]:
            for image in images:
                found.append(image)
                yield image

        return score(scorer, noted(), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Scorer, "score", counted)
    return found


def settle(hands: Hands) -> None:
    """Wait until numbers of what was chosen are shown."""
    hands.qtbot.waitUntil(lambda: not hands.review.team.is_switching and hands.review.progress.phase is Progress.DONE)


def choose(hands: Hands, way: str) -> None:
    """Choose a way in the menu."""
    menu = find(hands.window, "ways", QMenu)
    next(action for action in menu.actions() if action.data() == way).trigger()
    settle(hands)


def numbers(hands: Hands) -> dict[str, float]:
    """Return the predicted Dice that are shown, by image."""
    catalogue = hands.images.catalogue
    assert catalogue is not None
    return {image.name: 1 - float(value) for image, value in zip(catalogue.images, catalogue.disagreement, strict=True)}


def answer(hands: Hands, text: str) -> QPushButton:
    """Return the button of an answer to the question."""
    return next(button for button in hands.window.messages.findChildren(QPushButton) if button.text().startswith(text))


def asks(hands: Hands) -> bool:
    return any(QUESTION in message for message in hands.messages())


def test_it_is_asked_once_answered_in_words_and_the_ranking_turns_round(
    make: Make, folder: Path, scored_files: list[Path]
) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    mixed, before = numbers(hands), hands.names()
    assert asks(hands) and len(scored_files) == len(before)
    assert find(hands.window, "team-button", QToolButton).text() == "Drawn: mixed or unknown"
    answer(hands, "By hand").click()
    settle(hands)
    assert not asks(hands)
    assert hands.names() == before[::-1]
    assert numbers(hands) == pytest.approx({name: 1 - dice for name, dice in mixed.items()}, abs=1e-6)
    assert len(scored_files) == len(before), "nothing is computed anew"
    hands.close()
    again = make(folder)
    again.wait_until_scored()
    assert not asks(again) and again.names() == before[::-1]
    assert len(scored_files) == len(before)


def test_a_question_that_is_put_aside_is_not_asked_again_and_changes_nothing(make: Make, folder: Path) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    hands.button("Dismiss this message").click()
    hands.review.refresh()
    settle(hands)
    assert not asks(hands)
    with SessionStore() as store:
        assert chosen_way(store, folder) is None


def test_of_a_new_folder_what_was_chosen_last_is_offered_first(make: Make, folder: Path, tmp_path: Path) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    choose(hands, "hand_fill")
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "0.png").write_bytes((folder / "0.png").read_bytes())
    hands.window.open_folder(tmp_path / "next")
    hands.qtbot.waitUntil(lambda: asks(hands))
    buttons = [button.text() for button in hands.window.messages.findChildren(QPushButton)]
    assert buttons[0] == "By hand and flood fill, as last time"
    assert hands.review.team.team.way == "mixed", "offered, and not taken for an answer"


def test_a_model_that_knows_no_ways_asks_nothing_and_shows_nothing_of_them(make: Make, folder: Path) -> None:
    hands = make(folder, model="tiny")
    hands.wait_until_scored()
    assert not asks(hands)
    assert not find(hands.window, "team-button", QToolButton).isVisible()
    assert not find(hands.window, "ways", QMenu).menuAction().isEnabled()
    assert "drawn" not in hands.words(find(hands.window, "status", StatusLine))


def test_for_whom_stands_with_the_numbers_wherever_they_are(make: Make, folder: Path) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    choose(hands, "hand")
    hands.wait_for_words("By hand: error 0.054, rank correlation 0.50, 87 images", hands.panel)
    assert "drawn: by hand" in hands.words(find(hands.window, "status", StatusLine))
    assert "(MAE 0.05)" in find(hands.window, "model-button", QToolButton).text()
    line = hands.images.index(0, 0)
    assert "(by hand)" in hands.images.data(line, Qt.ItemDataRole.AccessibleTextRole)
    titles = [
        hands.images.headerData(column, Qt.Orientation.Horizontal) for column in range(hands.images.columnCount())
    ]
    assert "Predicted disagreement\nby hand" in titles
    assert "On 87 images drawn so" in hands.panel.numbers.gauge.toolTip()
    hands.window.pages.overlays.set_shown("heatmap", True)
    notes = find(hands.panel, "legend", Legend).sentences()
    assert "Heatmap: it explains the prediction for “mixed or unknown”, not the one for “by hand”." in notes
    choose(hands, "mixed")
    notes = find(hands.panel, "legend", Legend).sentences()
    assert not any("explains the prediction" in note for note in notes)


def test_it_stands_in_lists_and_beside_what_came_of_the_triage(make: Make, folder: Path, tmp_path: Path) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    choose(hands, "hand")
    catalogue, model = hands.images.catalogue, hands.review.model
    assert catalogue is not None and model is not None
    listed = tmp_path / "list.csv"
    order = ExportOrder(catalogue, None, listed, {}, 0.5, lambda: model.card, lambda _: None)
    FORMATS["list"].write(order, lambda *_: None, threading.Event())
    lines = list(csv.DictReader(listed.read_text("utf-8-sig").splitlines()))
    assert {line["predicted_for"] for line in lines} == {"by hand"}
    outcome = folder_outcome(catalogue, model.card)
    assert outcome.predicted_for == "by hand" and outcome.card_error == 0.054


def test_what_was_chosen_under_another_model_and_is_not_known_to_this_one_is_said(make: Make, folder: Path) -> None:
    with SessionStore() as store:
        choose_way(store, folder, "corrected")
    hands = make(folder)
    hands.wait_until_scored()
    assert any("does not know the way of drawing corrected" in message for message in hands.messages())
    assert hands.review.team.words == "mixed or unknown"


def test_what_arrives_while_it_is_chosen_holds_for_the_team_too(make: Make, tmp_path: Path, qtbot: QtBot) -> None:
    write_pictures(tmp_path / "some", 60)
    hands = make(tmp_path / "some")
    qtbot.waitUntil(lambda: hands.review.progress.done > 0)
    hands.review.team.choose("hand")
    settle(hands)
    hands.images.reorder()
    assert hands.review.team.team.way == "hand"
    dice = numbers(hands)
    # Pictures get brighter with their number: by hand, their Dice falls.
    values = [dice[f"{number}.png"] for number in range(len(dice))]
    assert np.all(np.diff(values) <= 1e-6) and values[0] > 0.5 > values[-1]


def test_chosen_while_the_folder_is_listed_it_holds_for_all_of_it(make: Make, folder: Path, qtbot: QtBot) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    before = hands.names()
    hands.review.refresh()
    hands.review.team.choose("hand")
    hands.review.team.choose("hand_fill")
    hands.review.team.choose("hand")
    settle(hands)
    hands.review.refresh()
    settle(hands)
    hands.images.reorder()
    assert hands.review.team.team.way == "hand" and hands.names() == before[::-1]


def test_a_choice_that_cannot_be_written_down_is_said_and_changes_nothing(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotriage.errors import AnnotriageError
    from annotriage.triage import team_choice

    def refuse(*_: object) -> None:
        raise AnnotriageError("The disk is full.")

    hands = make(folder)
    hands.wait_until_scored()
    before = hands.names()
    monkeypatch.setattr(team_choice, "choose_way", refuse)
    choose(hands, "hand")
    assert "The disk is full." in hands.messages()
    assert hands.names() == before and hands.review.team.words == "mixed or unknown"
    menu = find(hands.window, "ways", QMenu)
    assert [action.data() for action in menu.actions() if action.isChecked()] == ["mixed"]


class Coordinator(RuleBasedStateMachine):
    """Somebody who chooses ways and models, decides, takes back, filters and sorts in any order."""

    hands: Hands
    scored: list[Path]
    mixed: dict[str, float]

    def __init__(self) -> None:
        super().__init__()
        self.way, self.model = "mixed", "knowing"
        hands = self.hands
        hands.images.set_filter(Filter())
        if hands.review.model is not None and hands.review.model.card.name != self.model:
            hands.review.use_model(self.model)
        self._settle()
        choose(hands, "mixed")
        hands.images.reorder()
        self.said = {name: hands.decision(name) for name in self.mixed}
        self.done: list[tuple[str, Decision]] = []
        self.undone: list[tuple[str, Decision]] = []

    def _settle(self) -> None:
        settle(self.hands)

    @rule(way=st.sampled_from(list(WAYS)))
    @precondition(lambda self: self.model == "knowing")
    def choose_a_way(self, way: str) -> None:
        hands = self.hands
        current, selected, filtered = hands.current(), self._selected(), hands.images.filter
        shown = set(hands.names())
        choose(hands, way)
        self.way = way
        assert hands.images.filter == filtered
        if current is not None and current in set(hands.names()):
            assert hands.current() == current
            if hands.workspace.gallery.view == "grid":
                assert hands.seen(current) or not hands.gallery.grid.isVisible()
        assert self._selected() == selected & set(hands.names())
        assert filtered.low > 0 or set(hands.names()) == shown

    @rule(model=st.sampled_from(["knowing", "tiny"]))
    def use_a_model(self, model: str) -> None:
        if model != self.model:
            self.model = model
            self.hands.review.use_model(model)
            self._settle()
            self.hands.images.reorder()

    @rule(key=st.sampled_from(list(DECIDE)))
    def decide(self, key: Qt.Key) -> None:
        name = self.hands.current()
        if name is None or self.said[name] is DECIDE[key] or len(self._selected()) > 1:
            return
        self.done.append((name, self.said[name]))
        self.undone.clear()
        self.said[name] = DECIDE[key]
        self.hands.qtbot.waitUntil(lambda: self._decided(name, DECIDE[key]))

    def _decided(self, name: str, decision: Decision) -> bool:
        """Press again where an image came a moment ago, or out of sight: then nothing is decided at first."""
        done = self.hands.decision(name) is decision
        if not done and self.hands.current() == name:
            self.hands.window.pages.decisions.decide(decision)
        return done

    @rule()
    @precondition(lambda self: self.done)
    def take_back(self) -> None:
        name, before = self.done.pop()
        self.undone.append((name, self.said[name]))
        undo(self.hands)
        self.hands.wait_for(name, before)
        self.said[name] = before

    @rule()
    @precondition(lambda self: self.undone)
    def do_again(self) -> None:
        name, after = self.undone.pop()
        self.done.append((name, self.said[name]))
        redo(self.hands)
        self.hands.wait_for(name, after)
        self.said[name] = after

    @rule(
        shown=st.sampled_from(
            [Filter(), Filter(low=0.45), Filter(text="1"), Filter(decisions=frozenset({Decision.UNDECIDED}))]
        )
    )
    def filter_images(self, shown: Filter) -> None:
        self.hands.images.set_filter(shown)

    @rule(line=st.integers(0, 11))
    def go_to(self, line: int) -> None:
        if line < self.hands.images.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.hands.workspace.selection.setCurrentIndex(self.hands.images.index(line, 0), flags)

    @invariant()
    def numbers_are_those_of_whom_it_is_said(self) -> None:
        hands = self.hands
        way = self.way if self.model == "knowing" else "mixed"
        expected = {
            name: {"mixed": dice, "hand": 1 - dice, "hand_fill": dice / 2}[way] for name, dice in self.mixed.items()
        }
        assert numbers(hands) == pytest.approx(expected, abs=1e-6)
        words = WAYS[way] if self.model == "knowing" else ""
        assert hands.images.team_words == hands.review.team.words == words
        catalogue = hands.images.catalogue
        assert catalogue is not None and catalogue.team is not None and catalogue.team.way == way
        order = [expected[name] for name in hands.names()]
        assert hands.images.stale or order == sorted(order)

    @invariant()
    def decisions_are_as_they_were_made(self) -> None:
        assert {name: self.hands.decision(name) for name in self.mixed} == self.said

    @invariant()
    def each_model_computed_each_image_once(self) -> None:
        assert len(self.scored) <= 2 * len(self.mixed)

    def _selected(self) -> set[str]:
        return set(self.hands.workspace.gallery.selected_names())


def test_whatever_is_chosen_in_whatever_order(make: Make, folder: Path, scored_files: list[Path]) -> None:
    hands = make(folder)
    hands.wait_until_scored()
    hands.click_on(hands.names()[0])  # from now on nothing but the person changes which image is looked at
    walk = type("Walk", (Coordinator,), {"hands": hands, "scored": scored_files, "mixed": numbers(hands)})
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=max(1, STEPS // 20),
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
