"""Files are opened once and told apart; broken ones get a sentence."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from annotriage.annotations.annotation import Annotation, ReadAnnotations, Region
from annotriage.annotations.format import AnnotationFormat, Content
from annotriage.annotations.formats import listed
from annotriage.annotations.reading import NO_IMAGE_NOTE, may_be_annotations, read_annotations
from annotriage.annotations.shapes import Polygon, points
from annotriage.errors import AnnotriageError

TRIANGLE = [(1, 1), (9, 1), (1, 9)]


def read_toy(document: Any, path: Path) -> ReadAnnotations:
    found = [
        Annotation(
            each["image"],
            "",
            tuple(each.get("size", (20, 20))),
            tuple(Region("lesion", Polygon((points(ring),))) for ring in each["rings"]),
            path,
        )
        for each in document["toys"]
    ]
    return ReadAnnotations(found)


def read_toy_xml(root: Any, path: Path) -> ReadAnnotations:
    return ReadAnnotations([Annotation(root.findtext("image"), "", None, (), path)])


TOYS = (
    AnnotationFormat("Toy JSON", (".json",), Content.JSON, lambda found, _: "toys" in found, read_toy),
    AnnotationFormat("Toy XML", (".xml",), Content.XML, lambda root, _: root.tag == "toy", read_toy_xml),
    AnnotationFormat("Toy", (".toy.gz",), Content.FILE, lambda found, path: found == path,
                     lambda found, path: ReadAnnotations([Annotation(path.name, "", None, (), path)])),
)  # fmt: skip


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "FORMATS", TOYS)


def toy(*items: dict[str, Any]) -> dict[str, Any]:
    return {"toys": list(items)}


def write(path: Path, data: Any) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


def read(path: Path) -> ReadAnnotations:
    found = read_annotations(path)
    assert found is not None
    return found


def test_files_are_told_by_what_they_hold(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.json", toy({"image": "a", "rings": [TRIANGLE]})))
    assert (found.format, found.annotations[0].image, found.annotations[0].path.name) == ("Toy JSON", "a", "a.json")
    assert read(write(tmp_path / "a.xml", b"<toy><image>x</image></toy>")).annotations[0].image == "x"
    assert read(write(tmp_path / "a.toy.gz", b"?")).annotations[0].image == "a.toy.gz"
    assert read_annotations(write(tmp_path / "b.json", {"other": 1})) is None
    assert read_annotations(write(tmp_path / "b.json", 3)) is None
    assert read_annotations(write(tmp_path / "b.xml", b"<other/>")) is None
    assert read_annotations(write(tmp_path / "b.png", b"")) is None
    names = ("A.JSON", "a.json.gz", "a.xml", "a.toy.gz", "a.png", ".a.json", "a.gz", "toy.gz")
    assert [may_be_annotations(name) for name in names] == [True, True, True, True, False, False, False, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_whatever_wrote_the_text(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(toy({"image": "über", "rings": []}), ensure_ascii=False)
    assert read(write(tmp_path / "a.json", text.encode(encoding))).annotations[0].image == "über"
    assert read(write(tmp_path / "a.json.gz", gzip.compress(text.encode(encoding)))).annotations[0].image == "über"
    xml = f'<?xml version="1.0" encoding="{encoding[:6] if "16" in encoding else encoding.removesuffix("-sig")}"?>'
    if "32" not in encoding and encoding != "utf-16-le":
        found = read(write(tmp_path / "a.xml", f"{xml}<toy><image>über</image></toy>".encode(encoding)))
        assert found.annotations[0].image == "über"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b"", "is empty"),
        ("a.json", b" \n", "is empty"),
        ("a.json", b'{"toys": [', "no whole JSON .* line 1, column 11"),
        ("a.json", b"[" * 200_000 + b"]" * 200_000, "nested too deep"),
        ("a.json", b'{"toys": ' + b"1" * 5000 + b"}", "cannot be read as JSON"),
        ("a.json", b'{"toys": 3}', "cannot be read as Toy JSON.*TypeError"),
        ("a.json", b'{"toys": [{}]}', "cannot be read as Toy JSON.*KeyError.*image"),
        ("a.json.gz", b"no gzip", "cannot be read"),
        ("a.json.gz", gzip.compress(b"[" * 1000, mtime=0)[:-20], "damaged or cut off"),
        ("a.xml", b"<toy>", "no whole XML"),
        ("a.xml", b'<?xml version="1.0" encoding="none-such"?><toy/>', "no whole XML"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><toy>&a;</toy>', "defines entities"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><toy>&a;</toy>', "defines entities"),
    ],
)
def test_broken_files_get_a_sentence(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = write(tmp_path / name, data)
    with pytest.raises(AnnotriageError, match=words) as error:
        read_annotations(path)
    assert str(path) in str(error.value)


def test_what_is_no_file_or_too_large_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.json").mkdir()
    for name in ("folder.json", "none.json"):
        with pytest.raises(AnnotriageError, match="cannot be read"):
            read_annotations(tmp_path / name)
    bomb = write(tmp_path / "a.json.gz", gzip.compress(b" " * 2_000_000))
    monkeypatch.setattr("annotriage.annotations.reading.MOST_BYTES", 1_000_000)
    with pytest.raises(AnnotriageError, match="more than 1 MB"):
        read_annotations(bomb)


def test_outlines_that_mark_nothing_are_counted_and_strange_annotations_say_why(tmp_path: Path) -> None:
    huge = [(1, 1), (1e300, 1), (1, 9)]
    found = read(
        write(
            tmp_path / "a.json",
            toy(
                {"image": "a", "rings": [TRIANGLE, TRIANGLE[:2], huge, [("x", 1), (2, 2), (3, 3)]]},
                {"image": "b", "rings": [TRIANGLE[:2]]},
                {"image": "c", "rings": []},
                {"image": "", "rings": [TRIANGLE]},
                {"image": "e", "rings": [TRIANGLE], "size": [1_000_000, 1_000_000]},
                {"image": "f\u2028\x07g", "rings": [TRIANGLE], "size": [0, 5]},
            ),
        )
    )
    assert [len(each.regions) for each in found.annotations] == [1, 0, 0, 1, 1, 1]
    assert [each.place for each in found.annotations] == list(range(6))
    notes = [each.note for each in found.annotations]
    assert notes[0] == notes[2] == "" and notes[1] == "none of its outlines can be used" and notes[3] == NO_IMAGE_NOTE
    assert "1,000,000 × 1,000,000" in notes[4] and notes[5]
    assert found.annotations[5].image == "f g"
    assert found.unused == {
        "outlines with fewer than three points": 2,
        "outlines with coordinates far off or without numbers": 2,
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "<toy/>", "holds XML, not JSON: call it .xml"),
        ("a.xml", '{"toys": []}', "holds JSON, not XML: call it .json"),
        ("a.xml", "\ufeff\n[1, 2]", "holds JSON, not XML: call it .json"),
        ("a.json", "\n<!DOCTYPE html>\n<html><body>Log in", "is a web page"),
        ("a.xml", "<html><p>Log in<br></html>", "is a web page"),
        ("a.json", '{"toys": [', "is no whole JSON"),
        ("a.xml", "<toy><image>", "is no whole XML"),
    ],
)
def test_what_a_file_is_in_truth_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(AnnotriageError, match=said):
        read_annotations(tmp_path / name)
