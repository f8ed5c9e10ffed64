"""Which device computes."""

from pathlib import Path

import pytest

from annotriage.model_file import ModelFileError, open_model_file
from annotriage.model_file.sessions import PROVIDERS_VARIABLE, choose_providers
from tests.tiny_models import write_tiny_model

CPU, CUDA, COREML = "CPUExecutionProvider", "CUDAExecutionProvider", "CoreMLExecutionProvider"


@pytest.mark.parametrize(
    ("available", "wanted", "expected"),
    [
        ([CPU], "", [CPU]),
        (["AzureExecutionProvider", CPU], "", [CPU]),
        (["TensorrtExecutionProvider", CUDA, CPU], "", [CUDA, CPU]),
        ([COREML, CPU], "cpu", [CPU]),
        ([CUDA, COREML, CPU], "CoreML, cuda", [COREML, CUDA, CPU]),
        ([CPU], "cuda", [CPU]),
    ],
)
def test_the_best_device_first_and_the_cpu_last(
    monkeypatch: pytest.MonkeyPatch, available: list[str], wanted: str, expected: list[str]
) -> None:
    monkeypatch.setenv(PROVIDERS_VARIABLE, wanted)
    assert choose_providers(available) == expected


def test_an_unknown_device_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROVIDERS_VARIABLE, "abacus")
    with pytest.raises(ModelFileError, match="abacus"):
        open_model_file(write_tiny_model(tmp_path / "tiny.onnx")).session(1)


def test_a_device_that_fails_leaves_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    real = onnxruntime.InferenceSession

    def session(data: bytes, options: object, providers: list[str], **quiet: int) -> object:
        if CUDA in providers:
            raise RuntimeError("CUDA driver version is insufficient")
        return real(data, options, providers=providers, **quiet)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    assert open_model_file(write_tiny_model(tmp_path / "tiny.onnx")).session(1).get_providers() == [CPU]
