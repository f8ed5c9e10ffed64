"""Graphs that are refused before ONNX Runtime sees them, though their checksum is true."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from annotriage.model_file import ModelCard, open_model_file, with_card
from annotriage.model_file.operators import OPERATORS
from annotriage.model_file.wire import encode_bytes
from tests.model_file.refusals import refusal, written
from tests.tiny_models import tiny_card, tiny_onnx


def external_tensor(location: str) -> onnx.TensorProto:
    tensor = TensorProto(name="outside", dims=[1], data_type=TensorProto.FLOAT)
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
    return tensor


def _in_initializer(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    model.graph.initializer.append(tensor)


def _in_constant(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["outside"], value=tensor))


def _in_sub_graph(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    result = helper.make_tensor_value_info("outside", TensorProto.FLOAT, [1])
    branch = helper.make_graph([], "branch", [], [result], initializer=[tensor])
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "always"))
    model.graph.node.append(helper.make_node("If", ["always"], ["maybe"], then_branch=branch, else_branch=branch))


def _in_sparse(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    indices = numpy_helper.from_array(np.array([0], dtype=np.int64), "indices")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(tensor, indices, [4]))


def _in_function(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    node = helper.make_node("Constant", [], ["y"], value=tensor)
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("custom", "Outside", [], ["y"], [node], opset))


@pytest.mark.parametrize("place", [_in_initializer, _in_constant, _in_sub_graph, _in_sparse, _in_function])
@pytest.mark.parametrize("location", ["weights.bin", "missing.bin", "/etc/hostname", "*/_ORT_MEM_ADDR_/*"])
def test_external_data_are_refused_and_never_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Callable[[onnx.ModelProto, onnx.TensorProto], None],
    location: str,
) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(4))
    monkeypatch.chdir(tmp_path)
    model = tiny_onnx()
    place(model, external_tensor(location))
    assert "outside itself" in refusal(written(tmp_path, model))


def test_external_location_without_the_flag_is_refused(tmp_path: Path) -> None:
    model = tiny_onnx()
    tensor = external_tensor("weights.bin")
    tensor.data_location = TensorProto.DEFAULT
    model.graph.initializer.append(tensor)
    assert "outside itself" in refusal(written(tmp_path, model))


def test_unknown_operators_are_refused(tmp_path: Path) -> None:
    model = tiny_onnx()
    model.graph.node.append(helper.make_node("Frobnicate", ["image"], ["odd"]))
    assert "Frobnicate" in refusal(written(tmp_path, model))


@pytest.mark.parametrize("domain", ["com.microsoft", "my.own", "ai.onnx.ml"])
def test_custom_domains_are_refused(tmp_path: Path, domain: str) -> None:
    model = tiny_onnx()
    model.graph.node.append(helper.make_node("Gelu", ["image"], ["odd"], domain=domain))
    assert domain in refusal(written(tmp_path, model))


def test_an_operator_is_found_in_a_sub_graph(tmp_path: Path) -> None:
    model = tiny_onnx()
    result = helper.make_tensor_value_info("odd", TensorProto.FLOAT, [1])
    branch = helper.make_graph([helper.make_node("Odd", ["image"], ["odd"], domain="my")], "b", [], [result])
    model.graph.node.append(helper.make_node("If", ["always"], ["x"], then_branch=branch, else_branch=branch))
    assert "(my)" in refusal(written(tmp_path, model))


def test_operators_are_some_of_onnx_own_and_hold_no_graphs() -> None:
    schemas = {schema.name: schema for schema in onnx.defs.get_all_schemas() if schema.domain == ""}
    assert set(schemas) >= OPERATORS
    graphs = {onnx.defs.OpSchema.AttrType.GRAPH, onnx.defs.OpSchema.AttrType.GRAPHS}
    control = {name for name, schema in schemas.items() if {each.type for each in schema.attributes.values()} & graphs}
    assert {"If", "Loop", "Scan"} <= control and not control & OPERATORS


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (tiny_card(height=64), "input image"),
        (tiny_card(lesion=False), "outputs"),
        (tiny_card(further_targets=["count"]), "outputs"),
    ],
)
def test_a_graph_that_does_not_fit_its_card(tmp_path: Path, card: ModelCard, words: str) -> None:
    assert words in refusal(written(tmp_path, tiny_onnx(), card))


def _fixed_batch(graph: onnx.GraphProto) -> None:
    graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def _bytes_in(graph: onnx.GraphProto) -> None:
    graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8


def _grey_in(graph: onnx.GraphProto) -> None:
    graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1


def _two_inputs(graph: onnx.GraphProto) -> None:
    graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, ["N"]))


def _no_output(graph: onnx.GraphProto) -> None:
    del graph.output[:]


def _flat_heatmap(graph: onnx.GraphProto) -> None:
    graph.output[2].CopyFrom(helper.make_tensor_value_info("heatmap", TensorProto.FLOAT, ["N", 16]))


def _huge_heatmap(graph: onnx.GraphProto) -> None:
    graph.output[2].type.tensor_type.shape.dim[1].dim_value = 1 << 40


def _wide_interval(graph: onnx.GraphProto) -> None:
    graph.output[1].type.tensor_type.shape.dim[1].dim_value = 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_fixed_batch, "input image"),
        (_bytes_in, "float32"),
        (_grey_in, "input image"),
        (_two_inputs, "more"),
        (_no_output, "none"),
        (_flat_heatmap, "heatmap"),
        (_huge_heatmap, "heatmap"),
        (_wide_interval, "interval"),
    ],
)
def test_wrong_inputs_and_outputs(tmp_path: Path, change: Callable[[onnx.GraphProto], None], words: str) -> None:
    model = tiny_onnx()
    change(model.graph)
    assert words in refusal(written(tmp_path, model))


@pytest.mark.slow
def test_weights_may_be_named_among_the_inputs(tmp_path: Path) -> None:
    model = tiny_onnx()
    model.graph.input.append(helper.make_tensor_value_info("slope16", TensorProto.FLOAT16, []))
    open_model_file(written(tmp_path, model)).try_out()


@pytest.mark.slow
def test_a_file_of_countless_parts_is_refused_soon(tmp_path: Path) -> None:
    path = tmp_path / "parts.onnx"
    path.write_bytes(b"\x08\x09" * 5_000_000)
    refusal(path)
    graph = encode_bytes(7, b"\x08\x09" * 1_000_001)
    path.write_bytes(with_card(graph, tiny_card()))
    assert "too many parts" in refusal(path)


def test_deep_sub_graphs_are_refused(tmp_path: Path) -> None:
    graph = helper.make_graph([], "inner", [], [])
    for _ in range(30):
        graph = helper.make_graph([helper.make_node("If", ["c"], ["x"], then_branch=graph)], "outer", [], [])
    model = tiny_onnx()
    model.graph.node.extend(graph.node)
    assert "nested too deeply" in refusal(written(tmp_path, model))


@pytest.mark.parametrize("grows", ["ConstantOfShape", "Expand", "Pad", "Resize"])
@pytest.mark.parametrize("bright", [True, False])
def test_a_size_that_comes_from_pixels_is_refused(tmp_path: Path, grows: str, bright: bool) -> None:
    """Of such a model the made-up images tell nothing: it may fill the memory at the first bright one."""
    model = tiny_onnx()
    graph = model.graph

    def constant(name: str, value: object, kind: type = np.int64) -> str:
        graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=kind), name))
        return name

    def add(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        graph.node.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    said = "image" if bright else add("Cast", [add("Shape", ["image"], "shape")], "said", to=TensorProto.FLOAT)
    mean = add("ReduceMean", [said], "its_mean", keepdims=0)
    size = add("Reshape", [add("Cast", [mean], "number", to=TensorProto.INT64), constant("one_place", [1])], "size")
    if grows == "ConstantOfShape":
        add(grows, [size], "grown")
    elif grows == "Resize":
        add(grows, [constant("row", [1.0], np.float32), "", "", size], "grown")
    elif grows == "Pad":
        add(grows, [constant("row", [1.0], np.float32), add("Concat", [size, size], "pads", axis=0)], "grown")
    else:
        add(grows, [constant("row", [1.0], np.float32), size], "grown")
    path = written(tmp_path, model)
    if bright:
        assert f"depends on the pixels of an image ({grows})" in refusal(path)
    else:
        open_model_file(path)
