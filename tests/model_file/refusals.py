"""Helpers of the tests that open files which must be refused."""

from pathlib import Path

import onnx
import pytest

from annotriage.model_file import ModelCard, ModelFileError, open_model_file, with_card
from tests.tiny_models import tiny_card


def refusal(path: Path) -> str:
    """Return the sentence with which a file is refused: one line that names the file."""
    with pytest.raises(ModelFileError) as caught:
        open_model_file(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert path.name in sentence
    assert sentence.endswith(".")
    return sentence


def written(folder: Path, model: onnx.ModelProto, card: ModelCard | None = None) -> Path:
    path = folder / "made.onnx"
    path.write_bytes(with_card(model.SerializeToString(), card or tiny_card()))
    return path
