"""Stands for the program that says what a training costs, and for whoever waits for it."""

import json
from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from annotriage.desktop.training.recipe.editor import ModelEditor
from annotriage.desktop.widgets.step_page import WizardPage

Make = Callable[..., WizardPage]
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


def editor(page: WizardPage) -> ModelEditor:
    assert isinstance(page, ModelEditor)
    return page


def wait(qtbot: QtBot, page: WizardPage) -> None:
    each = editor(page)
    qtbot.waitUntil(lambda: not each.costs.busy and not each._later.isActive())
