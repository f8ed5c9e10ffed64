"""Files of every format with one thing in them changed, at random: read, or a sentence; no pixel where none can be."""

import copy
import json
import xml.etree.ElementTree as tree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotriage.annotations.marking import marked
from annotriage.annotations.reading import read_annotations
from annotriage.errors import AnnotriageError
from annotriage.images import UnreadableImageError
from tests.annotations import test_cvat, test_labelme, test_labelme_xml, test_qupath, test_supervisely, test_via
from tests.annotations.exports import SIZE, STAR, in_base64, png, some_mask, written

CORNERS = [[int(x), int(y)] for x, y in STAR]
DOCUMENTS: dict[str, Any] = {
    "labelme.json": test_labelme.document(
        test_labelme.shape("polygon", STAR), test_labelme.shape("circle", [[9, 9], [20, 20]]),
        test_labelme.shape("rectangle", [[9, 9], [20, 20]]),
        test_labelme.shape("mask", [[10, 15], [39, 34]], mask=in_base64(png(some_mask()))),
    ),
    "via.json": test_via.export(test_via.image("a.jpg", *test_via.SHAPES.values()), test_via.image("b.jpg")),
    "via3.json": test_via.project("polygon"),
    "qupath.geojson": test_qupath.collection(
        test_qupath.feature("Polygon", [test_qupath.SQUARE, test_qupath.HOLE]),
        test_qupath.feature("MultiPolygon", [[test_qupath.SQUARE], [test_qupath.ASIDE]]),
    ),
    "a.jpg.json": test_supervisely.document(
        test_supervisely.made("polygon", **test_supervisely.outline(CORNERS, [test_supervisely.HOLE])),
        test_supervisely.made("rectangle", **test_supervisely.outline([[10, 5], [29, 14]])),
        test_supervisely.made("bitmap", **test_supervisely.bitmap(png(some_mask()))),
    ),
}  # fmt: skip
STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=5),
    st.sampled_from([[], {}, [[]], [{}], "1e999", -1, 10**400, [1, 2, 3], {"a": 1}, "\ud800", "\x00"]),
)  # fmt: skip


def places_in(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all values in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [at] * bool(at) + [place for key, value in inner for place in places_in(value, (*at, key))]


def changed(document: Any, place: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    result = copy.deepcopy(document)
    inner = result
    for key in place[:-1]:
        inner = inner[key]
    change(inner, place[-1])
    return result


def is_read_or_refused(path: Path) -> None:
    """Read a file and all its pixels; what is wrong must be a sentence that names the file."""
    try:
        found = read_annotations(path)
    except AnnotriageError as error:
        assert path.name in str(error) and str(error).endswith((".", ")"))
        return
    for annotation in found.annotations if found is not None else ():
        assert annotation.image or annotation.note
        if not annotation.note:
            try:
                bitmap = marked(annotation.regions, SIZE)
            except UnreadableImageError as error:
                assert len(str(error)) > 20
            else:
                height, width = bitmap.inside.shape
                assert bitmap.inside.dtype == np.bool_
                assert not bitmap.inside.size or (bitmap.top + height <= SIZE[0] and bitmap.left + width <= SIZE[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_document_is_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    document = DOCUMENTS[name]
    place = data.draw(st.sampled_from(places_in(document)))
    value = data.draw(STRANGE)

    def put(inner: Any, key: Any) -> None:
        inner[key] = value

    def drop(inner: Any, key: Any) -> None:
        del inner[key]

    mutated = changed(document, place, data.draw(st.sampled_from([put, drop])))
    path = tmp_path / name
    path.write_text(json.dumps(mutated), encoding="utf-8")
    is_read_or_refused(path)


XML = test_cvat.export(
    test_cvat.image(
        test_cvat.POLYGON, test_cvat.mask(some_mask(), 5, 5),
        '<box label="lesion" xtl="20.00" ytl="10.00" xbr="60.00" ybr="30.00" rotation="3"/>',
        '<ellipse label="lesion" cx="40.50" cy="30.50" rx="22.50" ry="10.00"/>',
    )
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_xml_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    root = tree.fromstring(XML)
    element = data.draw(st.sampled_from([each for each in root.iter() if each.attrib]))
    key = data.draw(st.sampled_from(sorted(element.attrib)))
    text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=6)
    value = data.draw(st.one_of(st.none(), text, st.sampled_from(["", "nan", "inf", "-1", "1e9", "9" * 400, "1,2;3"])))
    if value is None:
        del element.attrib[key]
    else:
        element.attrib[key] = value
    is_read_or_refused(written(tmp_path / "annotations.xml", tree.tostring(root, "unicode")))


LABELME_XML = test_labelme_xml.document(
    test_labelme_xml.thing(test_labelme_xml.outline(STAR, "ann")),
    test_labelme_xml.thing(test_labelme_xml.segm("im_1_mask_0.png", "bob")),
)


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_xml_of_labelme_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    test_labelme_xml.mask_file(tmp_path / "Masks" / "im_1_mask_0.png", some_mask(*SIZE))
    root = tree.fromstring(LABELME_XML)
    element = data.draw(st.sampled_from([each for each in root.iter() if not len(each)]))
    text = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=6)
    strange = ["", "nan", "inf", "-1", "1e9", "9" * 400, "..", "../..", "/", "Masks", "a" * 300]
    element.text = data.draw(st.one_of(st.none(), text, st.sampled_from(strange)))
    is_read_or_refused(written(tmp_path / "im_1.xml", tree.tostring(root, "unicode")))


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_bytes_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["npy", "npz", "nii", "nii.gz"]))
    path = tmp_path / f"a.{kind}"
    mask = some_mask(*SIZE).astype(np.uint8)
    if kind == "npy":
        np.save(path, mask)
    elif kind == "npz":
        np.savez_compressed(path, mask)
    else:
        import nibabel

        nibabel.save(nibabel.Nifti1Image(mask.T[:, :, None], np.eye(4)), path)  # type: ignore[attr-defined, no-untyped-call]
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, min(len(content) - 1, 400)))
    content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    path.write_bytes(content)
    is_read_or_refused(path)
