"""Opening a model file: what works, and one sentence for everything that does not."""

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from annotriage.model_file import ModelCard, ModelFileError, open_model_file, opening, with_card, with_checksum
from annotriage.model_file.wire import encode_bytes
from tests.model_file.refusals import refusal, written
from tests.tiny_models import BIAS, SLOPE, tiny_card, tiny_onnx, write_tiny_model


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiny_model(tmp_path_factory.mktemp("whole") / "tiny.onnx").read_bytes()


@pytest.mark.slow
def test_a_model_file_opens_and_predicts(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx", height=64, width=48, further_targets=["count"]))
    assert (model.card.input_height, model.card.input_width) == (64, 48)
    assert len(model.key) == 16
    assert model.sha256.startswith(model.key)
    images = np.random.default_rng(0).normal(size=(3, 3, 64, 48)).astype(np.float32)
    dice, heatmap, count = model.session(1).run(["predicted_dice", "heatmap", "count"], {"image": images})
    np.testing.assert_allclose(dice, SLOPE * images.mean(axis=(1, 2, 3)) + BIAS, atol=1e-6)
    np.testing.assert_allclose(heatmap.mean(axis=(1, 2)) + BIAS, dice, atol=1e-6)
    np.testing.assert_allclose(count, dice)
    model.try_out()


def test_the_session_is_made_once(tmp_path: Path) -> None:
    model = open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))
    first = model.session(1)
    assert model.session(1) is first
    assert model.session(2) is not first
    assert model.session(2).get_session_options().intra_op_num_threads == 2


def test_a_file_changed_while_in_use_is_noticed(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.onnx")
    model = open_model_file(path)
    model.session(1)
    write_tiny_model(path, title="another")
    with pytest.raises(ModelFileError, match="changed while it was in use"):
        model.session(2)


def test_a_second_checksum_changes_nothing(whole: bytes) -> None:
    assert with_checksum(whole) == whole
    onnx.checker.check_model(whole)


def test_the_checksum_tells_models_apart(tmp_path: Path) -> None:
    one = open_model_file(write_tiny_model(tmp_path / "one.onnx"))
    copy = open_model_file(write_tiny_model(tmp_path / "copy.onnx"))
    other = open_model_file(write_tiny_model(tmp_path / "other.onnx", title="Other"))
    assert one.key == copy.key != other.key


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_is_found(tmp_path: Path, whole: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8
    path = tmp_path / "damaged.onnx"
    path.write_bytes(damaged)
    refusal(path)


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_truncation_is_found(tmp_path: Path, whole: bytes, data: st.DataObject) -> None:
    path = tmp_path / "short.onnx"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    refusal(path)


@pytest.mark.slow
@given(garbage=st.binary(max_size=400))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_with_a_sentence(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "garbage.onnx"
    path.write_bytes(garbage)
    refusal(path)


@pytest.mark.slow
@given(garbage=st.binary(min_size=1, max_size=60), where=st.floats(0, 1))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_forged_file_with_a_true_checksum_never_crashes(tmp_path: Path, garbage: bytes, where: float) -> None:
    """Someone may break a file on purpose and give it a checksum: it opens or is refused, nothing else is raised."""
    graph = bytearray(tiny_onnx().SerializeToString())
    at = int(where * len(graph))
    graph[at : at + len(garbage)] = garbage
    path = tmp_path / "forged.onnx"
    try:
        path.write_bytes(with_card(bytes(graph), tiny_card()))
    except ValueError:
        return  # no longer even a list of fields
    try:
        open_model_file(path)
    except ModelFileError:
        pass


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"weights")


def _tripwire(path: Path) -> None:
    class Tripwire:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(path.parent / "loaded"),)

    path.write_bytes(pickle.dumps(Tripwire()))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text("name,dice\na,0.9\n"), "text file"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid"), "git lfs pull"),
        (lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100)), "JPEG"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)), "PNG"),
        (_tripwire, "pickle"),
        (_zip, "zip"),
        (lambda path: path.touch(), "empty"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: None, "no model file"),
        (lambda path: path.symlink_to("nowhere"), "no model file"),
        (lambda path: path.write_bytes(bytes(range(128, 256))), "not an ONNX file"),
        (lambda path: path.write_bytes(tiny_onnx().SerializeToString()), "without Annotriage's card"),
    ],
)
def test_what_is_no_model_of_ours(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "file.onnx"
    make(path)
    assert words in refusal(path)
    assert not (tmp_path / "loaded").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    assert "not a plain file" in refusal(tmp_path / "pipe.onnx")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "secret.onnx")
    path.chmod(0)
    assert "permissions" in refusal(path)


def test_a_file_that_the_system_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiny_model(tmp_path / "bad-disk.onnx")

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    assert "Permission denied" in refusal(path)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.truncate(opening.LARGEST_FILE + 1)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was opened"))
    assert "too large" in refusal(path)


def test_a_newer_format(tmp_path: Path) -> None:
    path = tmp_path / "newer.onnx"
    path.write_bytes(with_card(tiny_onnx().SerializeToString(), tiny_card().model_copy(update={"format": 2})))
    assert "update Annotriage" in refusal(path)
    # It may also keep its checksum in another way.
    path.write_bytes(path.read_bytes().replace(b"annotriage.sha256", b"annotriage.sha512"))
    assert "update Annotriage" in refusal(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "\x1b[31mred"}, "title"),
        ({"description": "long " * 5000}, "description"),
        ({"recipe": {"a": "x" * 5_000_000}}, "4096 KiB"),
        ({"mean": (float("nan"), 0.0, 0.0)}, "mean"),
        ({"licence": None}, "licence"),
        ({"surprise\x1b": 1}, "surprise"),
    ],
)
def test_a_card_that_is_not_valid(tmp_path: Path, change: dict[str, object], words: str) -> None:
    path = tmp_path / "card.onnx"
    card = ModelCard.model_construct(**(dict(tiny_card()) | change))
    object.__setattr__(card, "model_dump_json", lambda: _json(dict(tiny_card()) | change))
    path.write_bytes(with_card(tiny_onnx().SerializeToString(), card))
    sentence = refusal(path)
    assert words in sentence
    assert sentence.isprintable()


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, default=lambda value: value.model_dump() if hasattr(value, "model_dump") else str(value))


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b"[1]", b'{"format": 1}'])
def test_a_card_that_is_no_card(tmp_path: Path, text: bytes) -> None:
    model = tiny_onnx()
    path = tmp_path / "card.onnx"
    entry = encode_bytes(14, encode_bytes(1, b"annotriage.card") + encode_bytes(2, text))
    path.write_bytes(with_checksum(model.SerializeToString() + entry))
    assert "card" in refusal(path)


@pytest.mark.slow
def test_a_graph_that_cannot_be_computed_is_refused_by_its_session(tmp_path: Path) -> None:
    model = tiny_onnx()
    model.graph.node[0].input[0] = "nothing"
    opened = open_model_file(written(tmp_path, model))
    with pytest.raises(ModelFileError, match="cannot be computed by ONNX Runtime"):
        opened.session(1)


@pytest.mark.slow
def test_outputs_that_are_no_numbers_are_refused_when_tried_out(tmp_path: Path) -> None:
    model = tiny_onnx()
    (bias,) = [tensor for tensor in model.graph.initializer if tensor.name == "bias"]
    bias.CopyFrom(numpy_helper.from_array(np.array(np.nan, dtype=np.float32), "bias"))
    with pytest.raises(ModelFileError, match="not finite"):
        open_model_file(written(tmp_path, model)).try_out()
