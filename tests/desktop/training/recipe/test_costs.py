"""What a training costs is measured."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.widgets.text import SignedText
from annotriage.trainings.plan import TrainingPlan
from tests.desktop.finding import find
from tests.desktop.training.recipe.fake_estimate import Fake, Make, editor, estimate, wait


@pytest.mark.slow
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
    assert "4 runs (2 networks × 2): about 1 h, at most" in find(each, "total", SignedText).text()
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
    each.draft.set_value(("image_size",), 96)
    assert plan.seconds is None
    wait(qtbot, page)
    assert [call[-2] for call in fake.calls][2:] == ["resnet18"]


@pytest.mark.slow
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
    assert find(each, "waiting").isVisible()
    each.cancel.click()
    assert not each.costs.busy
    assert each.choice.rows["resnet18"].cost.text() == "not measured yet"
    each.draft.set_value(("image_size",), 96)
    qtbot.wait(20)
    assert not each.costs.busy  # until it is asked for
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
    assert not editor(page).costs.busy


@pytest.mark.slow
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


@pytest.mark.slow
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
    row.copy.click()
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
