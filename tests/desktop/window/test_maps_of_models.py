"""A map that only a model's card tells of, in the whole window: offered, explained and remembered with that model."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton

from annotriage.model_file import ModelLibrary
from tests.desktop.test_map_of_a_model import GLARE
from tests.desktop.window.conftest import Make
from tests.tiny_models import write_tiny_model


@pytest.mark.slow
def test_a_models_own_map_is_switched_on_in_menu_and_panel_and_remembered(
    make: Make, folder: Path, home: Path, tmp_path: Path
) -> None:
    ModelLibrary().import_model(write_tiny_model(tmp_path / "glare.onnx", name="glare", maps=[GLARE]))
    hands = make(folder, model="glare")
    hands.wait_until_scored()
    switch = hands.panel.findChild(QToolButton, "show glare")
    assert switch is not None and switch.text() == "Glare"
    hands.menu("Image", "Glare").trigger()
    assert switch.isChecked()
    hands.wait_for_words("Glare: bright places, in which nobody sees a border", hands.panel)
    hands.close()
    again = make(folder, model="glare")
    again.wait_until_scored()
    assert again.actions.maps["glare"].isChecked()
    plain = make(folder)
    plain.wait_until_scored()
    assert plain.panel.findChild(QToolButton, "show glare") is None and "glare" not in plain.actions.maps
