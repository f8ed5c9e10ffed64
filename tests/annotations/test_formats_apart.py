"""Which format a file is of: each tool's own, and none of it where nothing but its ending fits."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.formats.listed import FORMATS
from annotriage.annotations.reading import may_be_annotations, read_annotations
from annotriage.errors import AnnotriageError
from annotriage.names import stem_of
from tests.annotations.exports import written

OTHERS = {
    "package.json": {"name": "a", "version": "1.0.0", "files": ["a"], "dependencies": {"b": "1"}},
    "metrics.json": [{"image": "a", "dice": 0.5}],
    "geometry.json": {"type": "Polygon", "coordinates": []},
    "empty.json": {},
    "list.json": [],
    "number.json": 3,
    "text.json": '"shapes"',
    "nothing.json": None,
    "names.json": {"a": {"filename": "a"}, "b": {"filename": "b"}},
    "objects.json": {"objects": [], "size": 3},
    "classes.json": {"classes": ["a"], "tags": []},
    "tree.json": {"shapes": [], "version": 3},
    "voc.xml": "<annotation><filename>a.jpg</filename><object><name>a</name></object></annotation>",
    "page.xml": "<html><body/></html>",
    "table.csv": "image,annotator,mask\na,bob,a.png\n",
    "names.csv": "filename,size\na.jpg,3\n",
    "none.csv": "",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_no_tool_wrote_is_of_no_format(tmp_path: Path, name: str) -> None:
    assert read_annotations(written(tmp_path / name, OTHERS[name])) is None


SAMPLES = {
    "cvat_xml_polygons": "CVAT for images XML",
    "labelme_json": "labelme JSON",
    "via2": "VIA 2 JSON",
    "qupath_geojson": "QuPath GeoJSON",
    "supervisely": "Supervisely JSON",
    "itksnap_nifti": "NIfTI",
    "labelme2voc": "NumPy array",
}


def test_samples_are_of_their_tools_format_and_of_no_other(peer_samples: Path) -> None:
    found = {}
    for file in sorted(peer_samples.rglob("*")):
        if file.is_file() and may_be_annotations(file.name):
            try:
                read = read_annotations(file)
            except AnnotriageError:  # Label Studio's tasks in which nobody drew
                read = None
            found[file.relative_to(peer_samples)] = read.format if read is not None else None
    for file, name in found.items():
        if file.parts[0] in SAMPLES:
            assert name == SAMPLES[file.parts[0]], file
        else:
            assert name not in SAMPLES.values(), file
    assert set(SAMPLES) <= {file.parts[0] for file in found}


def test_a_document_is_of_one_format_at_most(peer_samples: Path) -> None:
    for file in sorted(each for each in peer_samples.rglob("*json") if each.is_file()):
        document = json.loads(file.read_text("utf-8"))
        those = [each.name for each in FORMATS if each.content is Content.JSON and is_of(each, document, file)]
        assert len(those) <= 1, (stem_of(file.name), those)


def is_of(of: AnnotationFormat, document: Any, path: Path) -> bool:
    try:
        return of.is_this(document, path)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False
