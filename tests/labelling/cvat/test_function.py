"""The function file in the hands of CVAT's own client (`cvat-sdk`): its types, its checks, its mapping of labels."""

import importlib.util
import io
import json
import logging
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotriage.errors import AnnotriageError
from annotriage.labelling.cvat.files import write_cvat_files
from annotriage.labelling.cvat.frames import deserving_rows, frames_of
from annotriage.labelling.cvat.function import CvatFunction, chosen_marks, create
from annotriage.labelling.cvat.marks import Mark, marked
from annotriage.model_file import ModelFile, open_model_file
from annotriage.triage.folder_scoring import FolderScoring
from annotriage.triage.session import Session
from annotriage.triage.store import SessionStore
from tests.pictures import write_pictures
from tests.tiny_models import write_tiny_model

if importlib.util.find_spec("cvat_sdk") is None and not os.environ.get("CI"):
    pytest.skip("CVAT's client is not installed: pip install cvat-sdk", allow_module_level=True)

pytestmark = pytest.mark.slow


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    return open_model_file(write_tiny_model(tmp_path / "tiny.onnx"))


@pytest.fixture
def written(tmp_path: Path, model: ModelFile) -> Path:
    """What `annotriage cvat` writes for ten pictures, of which two deserve two people."""
    photos, out = tmp_path / "photos", tmp_path / "for-cvat"
    write_pictures(photos, 10)
    with SessionStore() as store:
        list(Session(photos, model, store).score())
        scoring = FolderScoring(photos, model, store)
        from annotriage.images import find_images

        catalogue = scoring.catalogue(find_images(photos), scoring.stored_numbers())
        rows = deserving_rows(catalogue, count=2)
        frames = frames_of(catalogue, rows, replicas=2)
        cutoff = float(catalogue.disagreement[rows].min()) - 1e-6
    write_cvat_files(out, frames, model, model_name=str(model.path), cutoff=cutoff, marks=tuple(Mark), is_share=False)
    return out


def loaded(path: Path) -> ModuleType:
    """Load a file as `cvat-cli --function-file` does."""
    spec = importlib.util.spec_from_file_location("__cvat_function__", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_passes_the_checks_of_the_client(written: Path, tmp_path: Path, model: ModelFile) -> None:
    from cvat_sdk import models
    from cvat_sdk.auto_annotation import driver
    from cvat_sdk.masks import decode_mask

    function = loaded(written / "annotriage_function.py").create()
    raw = json.loads((written / "labels.json").read_text())
    labels = [
        SimpleNamespace(
            name=label["name"],
            id=100 + number,
            type=label["type"],
            sublabels=[],
            attributes=[
                SimpleNamespace(
                    name=each["name"],
                    id=200 + place,
                    values=each["values"],
                    input_type=models.InputTypeEnum(each["input_type"]),
                )
                for place, each in enumerate(label["attributes"])
            ],
        )
        for number, label in enumerate(raw)
    ]
    tagged, labelled = [], set()
    for as_polygons in (False, True):
        mapper = driver._AnnotationMapper(
            logging.getLogger(),
            function.spec.labels,
            labels,
            allow_unmatched_labels=False,
            conv_mask_to_poly=as_polygons,
        )
        for path in sorted((tmp_path / "photos").iterdir()):
            context = driver._DetectionFunctionContextImpl(frame_name=path.name, conv_mask_to_poly=as_polygons)
            with Image.open(path) as image:
                tags, shapes = mapper.validate_and_remap(function.detect(context, image), 5)
            assert {each.frame for each in [*tags, *shapes]} <= {5}
            assert {shape.type.value for shape in shapes} <= {"polygon" if as_polygons else "mask"}
            labelled |= {(as_polygons, shape.label_id) for shape in shapes}
            if tags:
                tagged.append(path.name)
                assert [each.spec_id for each in tags[0].attributes] == [200, 201]
    assert tagged == ["0.png", "1.png"] * 2  # the darkest, which the tiny model calls contentious
    assert labelled == {(False, 101), (False, 102), (True, 101), (True, 102)}
    with Image.open(tmp_path / "photos" / "3.png") as image:
        context = driver._DetectionFunctionContextImpl(frame_name="3.png")
        shapes = [each for each in function.detect(context, image) if hasattr(each, "points")]
        from annotriage.scoring.scorer import Scorer

        (prediction,) = Scorer(model).score([image])
    assert prediction.lesion is not None
    assert shapes
    for shape in shapes:
        pixels = decode_mask(shape.points, image_width=64, image_height=48)
        mark = {1: Mark.BAND, 2: Mark.OUTLINE}[shape.label_id]
        np.testing.assert_array_equal(pixels, marked(mark, prediction.lesion, (48, 64)))


def test_numbers_of_the_list_count_where_the_frame_is_the_listed_one(model: ModelFile, tmp_path: Path) -> None:
    (path,) = write_pictures(tmp_path, 1)
    with Image.open(path) as image:
        image.load()
    context: Any = SimpleNamespace(frame_name="a.png", conv_mask_to_poly=False)
    (plain,) = CvatFunction(model, 0.0, [Mark.TAG]).detect(context, image)
    percent = int(plain.attributes[0].value)

    def tags(listed: float, cutoff: float) -> list[Any]:
        return CvatFunction(model, cutoff, [Mark.TAG], {"a.png": (listed, 0.1, 0.2)}).detect(context, image)

    (near,) = tags((percent + 1) / 100, (percent + 1) / 100)  # above the cut-off by the list alone
    assert [each.value for each in near.attributes] == [str(percent + 1), "0.10 to 0.20"]
    (far,) = tags(0.01, 0.0)  # another image of that name
    assert far.attributes[0].value == str(percent)


def test_what_cannot_be_is_said(model: ModelFile, tmp_path: Path, written: Path) -> None:
    for text in ("", "tags", "tag,,lines"):
        with pytest.raises(AnnotriageError, match="tag, band, outline"):
            chosen_marks(text)
    assert chosen_marks(" band, tag,band") == (Mark.BAND, Mark.TAG)
    with pytest.raises(AnnotriageError, match="cut-off"):
        CvatFunction(model, 1.5, [Mark.TAG])
    without = open_model_file(write_tiny_model(tmp_path / "without.onnx", name="without", lesion=False))
    with pytest.raises(AnnotriageError, match="where the lesion is"):
        CvatFunction(without, 0.5, [Mark.BAND])
    with pytest.raises(AnnotriageError, match="another one"):
        create(str(model.path), 0.5, "tag", "0" * 16)
    (tmp_path / "list.json").write_text("[3]")
    with pytest.raises(AnnotriageError, match="no list of frames"):
        create(str(model.path), 0.5, "tag", "", tmp_path / "list.json")
    with pytest.raises(SystemExit, match="Marks are"):
        loaded(written / "annotriage_function.py").create(marks="x")
    function = create(str(model.path), 0.5, "tag,band")
    mask = Image.fromarray(np.kron(np.eye(2, dtype=np.uint8), np.full((40, 40), 255, dtype=np.uint8)))
    assert function.detect(SimpleNamespace(frame_name="mask", conv_mask_to_poly=False), mask) == []


def test_the_script_makes_a_task_for_each_number_of_people(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import cvat_sdk

    made: list[tuple[Any, list[str], Any]] = []

    class Client:
        def __init__(self, host: str, **credentials: Any) -> None:
            assert host == "http://localhost:8080" and credentials["access_token"] == "abc"
            self.tasks = self

        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def create_from_data(self, spec: Any, resources: list[str], *, resource_type: Any) -> Any:
            made.append((spec, resources, resource_type))
            return SimpleNamespace(id=len(made))

    monkeypatch.setattr(cvat_sdk, "make_client", Client)
    monkeypatch.setenv("CVAT_ACCESS_TOKEN", "abc")
    monkeypatch.setattr(sys, "argv", ["x", "--host", "http://localhost:8080", "--name", "moles", "--job-size", "5"])
    loaded(written / "annotriage_tasks.py").main()
    assert "task 2: moles (2 people a frame), 2 frames" in capsys.readouterr().out
    (one, its, kind), (two, twos, _) = made
    assert one.name == "moles (1 person a frame)" and len(its) == 8 and kind.name == "LOCAL"
    assert all(Path(path).is_file() for path in [*its, *twos])
    replicas = [getattr(two, name, None) for name in ("initial_replicas", "consensus_replicas")]
    assert replicas.count(2) == 1 and two.segment_size == 5
    assert [label.name for label in two.labels] == ["lesion", "contentious", "border band", "predicted outline"]


def test_the_script_says_in_a_sentence_what_hinders_it(
    written: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script = loaded(written / "annotriage_tasks.py")
    monkeypatch.setattr(sys, "argv", ["x", "--host", "http://127.0.0.1:1"])
    monkeypatch.setenv("CVAT_ACCESS_TOKEN", "abc")
    with pytest.raises(SystemExit, match=r"http://127.0.0.1:1: .*Tasks named above are made"):
        script.main()
    monkeypatch.delenv("CVAT_ACCESS_TOKEN")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(SystemExit, match="set CVAT_ACCESS_TOKEN"):
        script.main()
    monkeypatch.setitem(sys.modules, "cvat_sdk", None)
    with pytest.raises(SystemExit, match="pip install cvat-sdk"):
        script.main()
