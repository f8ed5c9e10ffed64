"""A tiny model and an empty store, for all tests of sessions."""

from pathlib import Path

import pytest

from annotriage.model_file import ModelFile, open_model_file
from annotriage.triage.store import SessionStore
from tests.tiny_models import write_tiny_model


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "sessions.sqlite")
