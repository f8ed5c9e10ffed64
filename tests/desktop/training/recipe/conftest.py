"""The page on which networks are chosen, with a program that estimates at once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotriage.desktop.training.recipe import editor as model_editor
from annotriage.desktop.training.recipe.page import model_page
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.trainings.plan import TrainingPlan
from tests.desktop.training.recipe.fake_estimate import Fake, Make


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
    pages: list[WizardPage] = []

    def make(plan: TrainingPlan, **options: object) -> WizardPage:
        page = model_page(plan, **({"lacking": (), "command": [sys.executable, str(fake.program)]} | options))  # type: ignore[arg-type]
        pages.append(page)
        page.resize(800, 640)
        page.show()
        return page

    yield make
    for page in pages:
        page.shut_down()
        if isinstance(page, model_editor.ModelEditor):
            assert not page.costs.busy
        page.close()
