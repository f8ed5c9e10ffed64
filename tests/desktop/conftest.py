"""What the window's tests share: a catalogue of a few images and the model that shows it."""

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.theme import LIGHT
from annotriage.images import find_images
from annotriage.model_file import ModelLibrary
from annotriage.triage.catalogue import Catalogue
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

IMAGES = 12

_tests_done = 0

# What is waited for comes in milliseconds here, but not on every machine and in every hour.
for _waiting in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):
    _waiting.__kwdefaults__["timeout"] = 30_000


@pytest.fixture(autouse=True)
def garbage_in_this_thread() -> Iterator[None]:
    """Let no thread that decodes images take views apart; see `annotriage.desktop.gc_control`."""
    global _tests_done
    gc.disable()
    yield
    _tests_done += 1
    gc.collect(2 if _tests_done % 50 == 0 else 1)  # all of it takes a twentieth of a second


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    """Begin each test in the light theme, whatever the one before has left."""
    if qapp.palette() != LIGHT.palette():
        qapp.setPalette(LIGHT.palette())


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a user folder with two quick models and a slow one, to be copied."""
    home, files = tmp_path_factory.mktemp("library"), tmp_path_factory.mktemp("models")
    models = ModelLibrary(home)
    for name in ("tiny", "other"):
        models.import_model(write_tiny_model(files / f"{name}.onnx", name=name))
    models.import_model(write_tiny_model(files / "slow.onnx", name="slow", height=640, width=640))
    models.set_default("tiny")
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of small pictures, from dark to bright."""
    write_pictures(tmp_path / "images", IMAGES)
    return tmp_path / "images"


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    """Return its catalogue, as if a model had been sure that darker images are more contentious."""
    catalogue = Catalogue(folder, find_images(folder))
    catalogue.disagreement[:] = np.linspace(0.9, 0.1, IMAGES)
    catalogue.lower[:] = np.clip(1 - catalogue.disagreement - 0.1, 0, 1)
    catalogue.upper[:] = np.clip(1 - catalogue.disagreement + 0.1, 0, 1)
    return catalogue


@pytest.fixture
def image_model(catalogue: Catalogue, qapp: object) -> ImageModel:
    """Return the Qt model that shows it, sorted by disagreement."""
    model = ImageModel()
    model.set_catalogue(catalogue)
    return model
