"""Models are tried out in a process of its own: what never ends or fills the memory is told in a sentence."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from annotriage.model_file import ModelFileError, ModelLibrary, open_model_file, trial, with_card
from tests.tiny_models import tiny_card, tiny_onnx, write_tiny_model


def constant(model: onnx.ModelProto, name: str, value: Any) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def add(model: onnx.ModelProto, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
    model.graph.node.append(helper.make_node(kind, inputs, [output], **attributes))
    return output


def used(model: onnx.ModelProto, value: str) -> onnx.ModelProto:
    """Make the first output depend on `value`, whose mean is all but nothing."""
    small = add(
        model,
        "Mul",
        [add(model, "ReduceMean", [value], "whole", keepdims=0), constant(model, "tiny", np.float32(1e-30))],
        "nil",
    )
    for node in model.graph.node:
        for k, name in enumerate(node.output):
            if name == "predicted_dice":
                node.output[k] = "dice_before"
        for k, name in enumerate(node.input):
            if name == "predicted_dice":
                node.input[k] = "dice_before"
    add(model, "Add", ["dice_before", small], "predicted_dice")
    return model


def written(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(with_card(model.SerializeToString(), tiny_card()))
    return path


def hours_of_products() -> onnx.ModelProto:
    """Return a graph of ordinary operators that multiplies large matrices for hours."""
    model = tiny_onnx()
    grown = add(
        model, "Resize", ["image", "", "", constant(model, "sizes", np.array([2, 3, 4000, 4000], np.int64))], "grown"
    )
    for k in range(300):
        grown = add(model, "MatMul", [grown, grown], f"product{k}")
    return used(model, grown)


def gigabytes() -> onnx.ModelProto:
    """Return a graph that makes 8 GB out of an image, in steps none of which is written down as large."""
    model = tiny_onnx()
    scales = constant(model, "scales", np.array([1, 1, 600, 600], np.float32))
    return used(model, add(model, "Resize", ["image", "", scales], "grown"))


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileError) as refused:
        open_model_file(path).session(1)
    return str(refused.value)


@pytest.mark.parametrize(
    "operator", ["Loop", "Scan", "If", "SequenceMap", "RegexFullMatch", "Range", "RandomNormal", "NonZero"]
)
def test_operators_that_no_backbone_has_are_refused_before_they_are_tried(tmp_path: Path, operator: str) -> None:
    model = tiny_onnx()
    add(model, operator, ["image"], "odd")
    with pytest.raises(ModelFileError, match=operator):
        open_model_file(written(tmp_path / "model.onnx", model))


@pytest.mark.parametrize("packed", [False, True])
def test_giant_shapes_are_refused_before_they_are_tried(tmp_path: Path, packed: bool) -> None:
    model = tiny_onnx()
    sizes = [1, 8, 16_384, 16_384]
    if packed:
        model.graph.initializer.append(helper.make_tensor("sizes", TensorProto.INT64, [4], sizes))
    else:
        constant(model, "sizes", np.array(sizes, np.int64))
    used(model, add(model, "ConstantOfShape", ["sizes"], "much"))
    with pytest.raises(ModelFileError, match="numbers, more than any backbone needs"):
        open_model_file(written(tmp_path / "model.onnx", model))


def test_to_the_end_is_no_giant_shape(tmp_path: Path) -> None:
    model = tiny_onnx()
    constant(model, "ends", np.array([2**63 - 1, 2**31 - 1], np.int64))
    open_model_file(written(tmp_path / "model.onnx", model))


@pytest.mark.slow
def test_what_computes_for_hours_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LONGEST_SECONDS", 8)
    model = written(tmp_path / "model.onnx", hours_of_products())
    assert "takes longer than" in refusal(model)


@pytest.mark.slow
def test_what_fills_the_memory_is_ended(tmp_path: Path) -> None:
    assert "GB of memory" in refusal(written(tmp_path / "model.onnx", gigabytes()))


def biased(bias: float) -> onnx.ModelProto:
    model = tiny_onnx()
    for tensor in model.graph.initializer:
        if tensor.name == "bias":
            tensor.CopyFrom(numpy_helper.from_array(np.array(bias, dtype=np.float32), "bias"))
    return model


@pytest.mark.slow
@pytest.mark.parametrize("bias", [57, -56, 3])
def test_predictions_that_are_no_dice_are_refused(tmp_path: Path, bias: float) -> None:
    assert "is no Dice" in refusal(written(tmp_path / "model.onnx", biased(bias)))


@pytest.mark.slow
def test_a_prediction_outside_its_interval_is_refused(tmp_path: Path) -> None:
    model = tiny_onnx()
    for tensor in model.graph.initializer:
        if tensor.name == "edges":
            tensor.CopyFrom(numpy_helper.from_array(np.array([[0.1, 0.2]], dtype=np.float32), "edges"))
    assert "outside its own interval" in refusal(written(tmp_path / "model.onnx", model))


@pytest.mark.slow
def test_a_model_is_tried_once_a_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_tried", set())
    model = write_tiny_model(tmp_path / "model.onnx", name="once")
    open_model_file(model).session(1)
    monkeypatch.setattr(trial, "_tried", set())
    monkeypatch.setattr(trial, "try_apart", lambda *_: pytest.fail("it was tried before"))
    open_model_file(model).session(1)
    ModelLibrary().default().session(1)  # ships with the program


@pytest.mark.slow
def test_nothing_is_imported_that_was_not_tried(tmp_path: Path) -> None:
    library = ModelLibrary(tmp_path / "home")
    with pytest.raises(ModelFileError):
        library.import_model(written(tmp_path / "model.onnx", biased(57)))
    assert all(entry.bundled for entry in library.list())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_ends_an_import(tmp_path: Path) -> None:
    model = written(tmp_path / "model.onnx", hours_of_products())
    process = subprocess.Popen(
        [sys.executable, "-m", "annotriage", "models", "import", str(model)],
        env=os.environ.copy(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and not (children.exists() and children.read_text().split()):
        time.sleep(0.05)
    child = int(children.read_text().split()[0])
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert process.stderr is not None and "stopped" in process.stderr.read()
    # Interrupted while it is started, nobody has its handle: it ends by itself once it finds that nobody waits for it.
    end = time.monotonic() + 30
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < end:
            os.kill(child, 0)
            time.sleep(0.05)


@pytest.mark.slow
def test_a_map_larger_than_any_image_is_refused(tmp_path: Path) -> None:
    model = tiny_onnx()
    for node in model.graph.node:
        for names in (node.input, node.output):
            for k, name in enumerate(names):
                if name == "heatmap":
                    names[k] = "small"
    sizes = constant(model, "sizes", np.array([2, 4, 5000], np.int64))
    add(model, "Resize", ["small", "", "", sizes], "wide")
    add(model, "Reshape", ["wide", constant(model, "as_it_is", np.array([0, 0, -1], np.int64))], "heatmap")
    for output in model.graph.output:
        if output.name == "heatmap":
            for dimension in output.type.tensor_type.shape.dim:
                dimension.ClearField("value")
                dimension.dim_param = f"any{id(dimension)}"
    path = written(tmp_path / "wide.onnx", model)
    with pytest.raises(ModelFileError, match="heatmap"):
        open_model_file(path).try_out()
