"""Whatever stands where in a document of Label Studio or COCO: it is read, or a sentence says why not."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.annotations.label_studio.documents import task_of
from annotriage.annotations.marking import marked
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from tests.annotations.studio_exports import (
    HEIGHT,
    SQUARE,
    WIDTH,
    annotation,
    brush,
    disc,
    polygon,
    region,
    task,
)
from tests.annotations.test_coco import document, outline, packed, unpacked
from tests.annotations.test_label_studio import condensed, values

ELLIPSE = {"x": 50, "y": 50, "radiusX": 9, "radiusY": 9, "rotation": 3}
VECTOR = {
    "vertices": [{"x": x, "y": y, "isBezier": True, "controlPoint1": {"x": 1, "y": 2}} for x, y in SQUARE],
    "closed": True,
}
MASK = disc(20, 20, 9)
WHOLE: dict[str, Any] = {
    "JSON": [
        task(
            annotation(brush(MASK), polygon(SQUARE), region("ellipse", ELLIPSE), by=2),
            annotation(region("vectorlabels", VECTOR), region("labels", {"labels": ["a"]}), by={"id": 3}),
            drafts=[{"user": "a", "result": [polygon(SQUARE)]}],
            predictions=[{"model_version": "m", "result": [polygon(SQUARE)]}],
        ),
        task(annotation(polygon(SQUARE)), data={"pages": ["a.jpg", "b.jpg"], "name": "c"}),
    ],
    "JSON_MIN": [condensed(who, lesion=values(polygon(SQUARE), brush(MASK))) for who in (2, 3)],
    "COCO": document(
        outline(packed(MASK), annotator="a"), outline(unpacked(MASK), attributes={"annotator": 7}),
        outline([[1.0, 1, 50, 1, 50, 50]], bbox=[1, 1, 49, 49], user={"name": "x"}),
    ),
}  # fmt: skip
STRANGE = st.one_of(
    st.sampled_from([None, True, 0, -1, 1e308, float("nan"), float("inf"), "", "x", [], {}, [[]], [None], {"a": 1}]),
    st.integers(-(10**400), 10**400),
    st.text(max_size=5),
    st.lists(st.integers(0, 300), max_size=30),
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in list(inner)[:40]:
        found += places(each, (*path, key))
    return found


PLACES = {name: places(whole) for name, whole in WHOLE.items()}


def changed(whole: Any, path: tuple[Any, ...], value: Any, *, gone: bool) -> Any:
    result = copy.deepcopy(whole)
    node = result
    for key in path[:-1]:
        node = node[key]
    if gone:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return result


@pytest.mark.slow
@pytest.mark.parametrize("name", list(WHOLE))
@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_anywhere(tmp_path: Path, name: str, data: st.DataObject) -> None:
    made = WHOLE[name]
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from(PLACES[name]))
        try:
            made = changed(made, where, data.draw(STRANGE), gone=data.draw(st.booleans()))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    path = tmp_path / "export.json"
    path.write_text(json.dumps(made))
    try:
        found = read_annotations(path)
    except AnnotriageError as error:
        assert "holds something else than that format has" not in str(error), "a reader met what it did not expect"
        return
    for each in found.annotations if found is not None else ():
        if each.note:
            continue
        try:
            marked(each.regions, each.size or (HEIGHT, WIDTH))
        except AnnotriageError as error:
            assert str(error)


def test_what_is_no_record_is_left_to_the_reading_of_tasks() -> None:
    assert task_of(7) == 7
