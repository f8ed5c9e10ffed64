import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.training import model_editor
from annotriage.desktop.training.model_editor import ModelEditor
from annotriage.desktop.training.model_missing import WithoutTorch
from annotriage.desktop.training.model_page import ModelPage
from annotriage.desktop.training.plan import TrainingPlan
from annotriage.desktop.training.recipe_presets import quick_recipe, recipes_folder, save_own
from annotriage.regressors.recipe import load_recipe, recipe_toml
from annotriage.version import install_command

Make = Callable[..., ModelPage]
FAKE = """
import json, pathlib, sys, time, tomllib
recipe = tomllib.loads(pathlib.Path(sys.argv[2]).read_text())
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:] + [recipe["backbone"], recipe["weights"]]) + chr(10))
answer = json.loads((here / "answers").read_text())[recipe["backbone"]]
if answer == "wait":
    time.sleep(60)
elif answer == "crash":
    sys.exit("first line" + chr(10) + "Out of luck.")
elif isinstance(answer, str):
    print(json.dumps({"event": "failed", "reason": answer})); sys.exit(1)
else:
    if recipe["weights"] == "none":
        answer["weights"] = {"state": "none"}
    print("chatter"); print(json.dumps({"event": "estimate", **answer}))
"""


def estimate(seconds: float, state: str = "present") -> dict[str, object]:
    weights = {"state": state, "file": "/weights/x.pth", "sentence": "They cannot be reached; put x.pth into /weights."}
    devices = [{"name": "cpu", "words": "processor (2 cores)"}, {"name": "cuda", "words": "a graphics card"}]
    return {"seconds": seconds, "images_per_second": 38.2, "device": "cpu", "devices": devices, "weights": weights}


class Fake:
    """Stands for `annotriage train --estimate`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "fake.py"
        self.program.write_text(FAKE)
        self.answers: dict[str, object] = {"resnet18": estimate(600), "efficientnet_b0": estimate(1200),
                                           "mobilenet_v3_large": estimate(300), "vit_b_32": estimate(3000)}  # fmt: skip
        self.say()

    def say(self, **answers: object) -> None:
        self.answers |= answers
        (self.folder / "answers").write_text(json.dumps(self.answers))

    @property
    def calls(self) -> list[list[str]]:
        calls = self.folder / "calls"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    folder = tmp_path / "fake"
    folder.mkdir()
    return Fake(folder)


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    return TrainingPlan(images=tmp_path / "images", labels=tmp_path / "metrics.csv", columns=("dice=x",))


@pytest.fixture
def make(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Show the page, as often as one likes."""
    monkeypatch.setattr(model_editor, "_WAIT_MS", 0)
    pages: list[ModelPage] = []

    def make(plan: TrainingPlan, **options: object) -> ModelPage:
        page = ModelPage(plan, **({"lacking": (), "command": [sys.executable, str(fake.program)]} | options))  # type: ignore[arg-type]
        pages.append(page)
        page.resize(800, 640)
        page.show()
        return page

    yield make
    for page in pages:
        page.shut_down()
        if page.editor is not None:
            assert page.editor.costs.measurer._process is None
        page.close()


def editor(page: ModelPage) -> ModelEditor:
    assert page.editor is not None
    return page.editor


def wait(qtbot: QtBot, page: ModelPage) -> None:
    each = editor(page)
    qtbot.waitUntil(lambda: not each.costs.measurer.busy and not each._later.isActive())


# Without torch


def test_a_light_install_says_how_to_get_the_rest(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan, lacking=("torch", "lightning"))
    assert "cannot train" in page.missing()
    assert "torch and others missing" in page.without.said.text()
    qtbot.keyClick(page.without.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == install_command("train")
    page.enter()
    page.leave()


def test_a_light_package_names_the_full_one(qtbot: QtBot) -> None:
    shown = WithoutTorch(["torch"], frozen=True)
    qtbot.addWidget(shown)
    shown.show()
    assert "install the full package" in shown.said.text()
    assert not shown.command.isVisible()
    assert not shown.copy.isVisible()


# Choosing


def test_it_begins_with_the_papers_recipe(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    assert page.missing() == ""
    assert [recipe.model_dump() for recipe in plan.recipes] == [load_recipe("paper").model_dump()]
    assert plan.seconds is None


def test_several_networks_get_names_of_their_own(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    choice = editor(page).choice
    choice.rows["vit_b_32"].box.click()
    choice.runs.setValue(10)
    assert [(recipe.name, recipe.backbone) for recipe in plan.recipes] == [
        ("paper-resnet18", "resnet18"),
        ("paper-vit_b_32", "vit_b_32"),
    ]
    assert plan.runs == 10
    assert choice._name_note.text() == "Called paper-resnet18, paper-vit_b_32"
    assert "20 runs (2 networks × 10)" in editor(page)._total.text()
    choice.rows["resnet18"].box.click()
    assert [recipe.name for recipe in plan.recipes] == ["paper-vit_b_32"]
    choice.rows["vit_b_32"].box.click()
    assert page.missing() == "Choose at least one network."
    assert plan.recipes == ()


def test_the_bundled_recipe_needs_masks(make: Make, plan: TrainingPlan, tmp_path: Path) -> None:
    page = make(plan)
    box = editor(page).choice.preset
    place = box.findData("bundled")
    assert not box.model().item(place).isEnabled()
    assert "needs expert masks" in box.itemText(place)
    plan.masks = tmp_path
    page.enter()
    assert box.model().item(place).isEnabled()
    box.setCurrentIndex(place)
    box.activated.emit(place)
    assert page.missing() == ""
    assert plan.recipes[0].name == "like-bundled"
    assert plan.recipes[0].mask_stage is not None
    row = editor(page).choice.rows["vit_b_32"]
    assert not row.box.isEnabled()
    assert row._words.text() == "cannot outline lesions, as this recipe asks"
    editor(page)._edit(("backbone",), "vit_b_32")
    assert page.missing() == "ViT-B/32 cannot outline lesions, as this recipe asks."
    editor(page)._edit(("backbone",), "resnet18")
    plan.further_masks = 19
    page.enter()
    assert "there are only 19 images of these; at least 20 are needed" in page.missing()
    assert not box.model().item(place).isEnabled()
    assert "needs masks of more images without a label" in box.itemText(place)
    plan.further_masks = 20
    page.enter()
    assert page.missing() == ""
    plan.masks = None
    page.enter()
    assert "choose their folder on the page Labels" in page.missing()


def test_name_and_image_size_are_chosen(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    choice = editor(page).choice
    choice.name.selectAll()
    qtbot.keyClicks(choice.name, "my study")
    assert page.missing() == "Name: has a character that is not allowed there."
    assert plan.recipes == ()
    assert choice._name_problem.isVisible()
    choice.name.selectAll()
    qtbot.keyClicks(choice.name, "my-study")
    choice.pixels.setFocus()
    qtbot.keyClick(choice.pixels, Qt.Key.Key_Down)
    assert (plan.recipes[0].name, plan.recipes[0].image_size) == ("my-study", 256)
    assert "Changed since: image size." in choice._words.text()


def test_a_plan_that_was_made_before_is_shown_again(make: Make, plan: TrainingPlan) -> None:
    first = make(plan)
    editor(first).choice.rows["vit_b_32"].box.click()
    editor(first).draft.weights["vit_b_32"] = "none"
    editor(first).choice.runs.setValue(3)
    before = plan.recipes
    page = make(plan)
    assert plan.recipes == before
    assert [recipe.weights for recipe in plan.recipes] == ["imagenet", "none"]
    assert editor(page).choice.runs.value() == 3


# Cost


def test_costs_are_measured_one_after_the_other_on_enter(
    qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake
) -> None:
    page = make(plan)
    each = editor(page)
    each.choice.rows["efficientnet_b0"].box.click()
    each.choice.runs.setValue(2)
    assert fake.calls == []
    with qtbot.waitSignal(page.changed):
        page.enter()
    qtbot.waitUntil(lambda: plan.seconds is not None)
    wait(qtbot, page)
    assert plan.seconds == 2 * (600 + 1200)
    assert each.choice.rows["resnet18"].cost.text() == "about 10 min a run, at most; 38 images/s"
    assert each.choice.rows["resnet18"].weights.text() == "ImageNet weights are here"
    assert "4 runs (2 networks × 2): about 60 min, at most" in each._total.text()
    assert [call[-2] for call in fake.calls] == ["resnet18", "efficientnet_b0"]
    said = fake.calls[0]
    assert said[0] == "train"
    assert said[2:-2] == ["--images", str(plan.images), "--labels", str(plan.labels), "--column", "dice=x",
                          "--device", "auto", "--estimate", "--events"]  # fmt: skip
    # What is known is not measured again; what was changed is.
    page.leave()
    page.enter()
    wait(qtbot, page)
    assert len(fake.calls) == 2
    each.choice.pixels.activated.emit(0)
    each.choice.rows["efficientnet_b0"].box.click()
    each._edit(("image_size",), 96)
    assert plan.seconds is None
    wait(qtbot, page)
    assert [call[-2] for call in fake.calls][2:] == ["resnet18"]


def test_devices_are_those_that_were_found(qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake) -> None:
    page = make(plan)
    box = editor(page).choice.device
    assert [box.itemData(place) for place in range(box.count())] == ["auto", "cpu"]
    page.enter()
    wait(qtbot, page)
    assert [box.itemText(place) for place in range(1, box.count())] == ["Processor (2 cores)", "A graphics card"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert plan.device == "cuda"
    wait(qtbot, page)
    assert fake.calls[-1][-5] == "cuda"


def test_measuring_is_cancelled(qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake) -> None:
    fake.say(resnet18="wait")
    page = make(plan)
    each = editor(page)
    page.enter()
    qtbot.waitUntil(lambda: len(fake.calls) == 1)
    assert each.choice.rows["resnet18"].cost.text() == "measuring…"
    assert each._waiting.isVisible()
    process = each.costs.measurer._process
    assert process is not None
    each.cancel.click()
    assert not each.costs.measurer.busy
    assert each.choice.rows["resnet18"].cost.text() == "not measured yet"
    each._edit(("image_size",), 96)
    qtbot.wait(20)
    assert not each.costs.measurer.busy  # until it is asked for
    fake.say(resnet18=estimate(60))
    each.measure.click()
    qtbot.waitUntil(lambda: plan.seconds == 60)
    assert page.missing() == ""


def test_leaving_the_page_ends_the_process(qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake) -> None:
    fake.say(resnet18="wait")
    page = make(plan)
    page.enter()
    qtbot.waitUntil(lambda: len(fake.calls) == 1)
    page.leave()
    assert editor(page).costs.measurer._process is None
    assert not editor(page).costs.measurer.busy


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Only 3 images have a label.", "Only 3 images have a label."),
        ("crash", "Out of luck."),
        ({}, "without an answer"),
    ],
)
def test_what_cannot_be_measured_says_why(
    qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake, answer: object, said: str
) -> None:
    fake.say(resnet18=answer)
    page = make(plan)
    row = editor(page).choice.rows["resnet18"]
    page.enter()
    qtbot.waitUntil(row.trouble.isVisible)
    assert said in row.trouble.text()
    assert plan.seconds is None
    assert page.missing() == ""  # it can be trained without knowing
    fake.say(resnet18=estimate(60))
    row.again.click()
    qtbot.waitUntil(lambda: plan.seconds == 60)
    assert not row.trouble.isVisible()


def test_a_program_that_does_not_start(qtbot: QtBot, make: Make, plan: TrainingPlan, tmp_path: Path) -> None:
    page = make(plan, command=[str(tmp_path / "nothing")])
    row = editor(page).choice.rows["resnet18"]
    page.enter()
    qtbot.waitUntil(row.trouble.isVisible)
    assert "could not be started" in row.trouble.text()


def test_weights_that_cannot_be_had_have_ways_out(
    qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.say(resnet18=estimate(600, "unreachable"), efficientnet_b0=estimate(10, "download"))
    page = make(plan)
    each = editor(page)
    each.choice.rows["efficientnet_b0"].box.click()
    row = each.choice.rows["resnet18"]
    page.enter()
    wait(qtbot, page)
    assert page.missing() == "The ImageNet weights of ResNet-18 cannot be had: start from random weights."
    assert "put x.pth into /weights" in row.trouble.text()
    assert each.choice.rows["efficientnet_b0"].weights.text() == "ImageNet weights will be downloaded"
    row._copy.click()
    assert QGuiApplication.clipboard().text() == "/weights/x.pth"
    row.random.click()
    assert page.missing() == ""
    assert [recipe.weights for recipe in plan.recipes] == ["none", "imagenet"]
    wait(qtbot, page)
    assert row.weights.text() == "starts from random weights"
    assert not row.trouble.isVisible()


def test_weights_that_were_put_there_are_found(qtbot: QtBot, make: Make, plan: TrainingPlan, fake: Fake) -> None:
    fake.say(resnet18=estimate(600, "unreachable"))
    page = make(plan)
    row = editor(page).choice.rows["resnet18"]
    page.enter()
    wait(qtbot, page)
    fake.say(resnet18=estimate(600, "present"))
    row.again.click()
    wait(qtbot, page)
    assert page.missing() == ""
    assert plan.recipes[0].weights == "imagenet"


# Recipes of one's own


def test_a_recipe_is_kept_and_chosen_again(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    each = editor(page)
    each.choice.name_edited.emit("mine")
    each._edit(("fit", "epochs"), 77)
    each.tabs.setCurrentWidget(each.text)
    each.text.own_button.click()
    assert "Kept among your recipes as mine" in each._total.text()
    assert load_recipe(recipes_folder() / "mine.toml").fit.epochs == 77
    each._on_preset("quick")
    assert plan.recipes[0].fit.epochs == 3
    box = each.choice.preset
    box.setCurrentIndex(box.findText("mine"))
    box.activated.emit(box.currentIndex())
    assert plan.recipes[0].fit.epochs == 77


def test_a_kept_recipe_that_is_broken_says_so(make: Make, plan: TrainingPlan) -> None:
    save_own(quick_recipe(), "broken").write_text("name = 3")
    page = make(plan)
    each = editor(page)
    each._on_preset(str(recipes_folder() / "broken.toml"))
    assert "has values that are not allowed" in each._total.text()
    assert plan.recipes[0].name == "paper-resnet18"
    assert each.choice.preset.currentData() == "paper"


def test_text_is_copied_saved_and_loaded(make: Make, plan: TrainingPlan, tmp_path: Path) -> None:
    page = make(plan)
    each = editor(page)
    each.tabs.setCurrentWidget(each.text)
    assert each.text.edit.toPlainText() == recipe_toml(plan.recipes[0])
    each.text.copy_button.click()
    assert QGuiApplication.clipboard().text() == recipe_toml(plan.recipes[0])
    each.text.save(tmp_path / "a.toml")
    assert load_recipe(tmp_path / "a.toml") == plan.recipes[0]
    each.text.save(tmp_path / "no" / "a.toml")
    assert "cannot be written" in each._total.text()
    (tmp_path / "b.toml").write_text('name = "b"\nbackbone = "vit_b_32"\n[fit]\nepochs = 4')
    each.text.load(tmp_path / "b.toml")
    assert (plan.recipes[0].name, plan.recipes[0].fit.epochs) == ("b", 4)
    assert each.choice.rows["vit_b_32"].box.isChecked()
    assert not each.choice.rows["resnet18"].box.isChecked()
    (tmp_path / "c.toml").write_text('name = "b"\nepochs = 4')
    each.text.load(tmp_path / "c.toml")
    assert "not allowed" in each._total.text()
    assert plan.recipes[0].name == "b"


def test_the_text_of_each_network(make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    each = editor(page)
    each.choice.rows["vit_b_32"].box.click()
    each.tabs.setCurrentWidget(each.text)
    each.text.which.setCurrentIndex(1)
    assert 'backbone = "vit_b_32"' in each.text.edit.toPlainText()
    each._edit(("fit", "epochs"), 0)
    assert each.text.edit.toPlainText() == ""
    assert "Fit › epochs: must be 1 or more" in each.text.edit.placeholderText()
    assert not each.text.save_button.isEnabled()


def test_everything_is_reached_by_tab(qtbot: QtBot, make: Make, plan: TrainingPlan) -> None:
    page = make(plan)
    page.activateWindow()
    each = editor(page)
    each.choice.preset.setFocus()
    qtbot.waitUntil(each.choice.preset.hasFocus)
    met = set()
    for _ in range(20):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        met.add(QApplication.focusWidget())
    choice = each.choice
    assert {choice.name, choice.runs, choice.pixels, choice.device, *(row.box for row in choice.rows.values())} <= met
