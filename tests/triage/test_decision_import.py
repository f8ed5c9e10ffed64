"""Lists of decisions that come back."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decision_import import ImportedLine, match_decisions, read_decisions
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import reviewed_images

_AROUND = re.compile(r"^[\s\u200b-\u200f\u2060]+|[\s\u200b-\u200f\u2060]+$")
NASTY = st.one_of(
    st.text(max_size=12),
    st.text(st.sampled_from("='+-@\t\r\n\\x0a5cufe\"; ,\ufffe＝🩺'"), max_size=12),
    st.sampled_from([r"\x0a", r"\x5cx0a", "'=1", "''=1", "\n=1", "a\r\nb", "sep=;", "12", "1.0", "TRUE", "None"]),
).map(lambda text: _AROUND.sub("", text.replace("\ufeff", "")))  # tables lose what nobody sees around a cell
NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=6).map(
        lambda text: f"{text}.jpg"
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda name: name.strip().casefold(),
)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".json", ".xlsx"])
@settings(max_examples=60)
@given(data=st.data())
def test_what_goes_out_comes_back(tmp_path_factory: pytest.TempPathFactory, ending: str, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("round")
    names = data.draw(NAMES)
    reviews = {name: Review(data.draw(st.sampled_from(Decision)), data.draw(NASTY), data.draw(NASTY)) for name in names}
    catalogue = Catalogue(folder, [ImageFile(folder / name, name, 1, 1, None) for name in names])
    catalogue.set_reviews(reviews)
    write_list(reviewed_images(catalogue), folder / f"list{ending}")
    matched = match_decisions(read_decisions(folder / f"list{ending}"), names)
    assert matched.problems == []
    assert matched.reviews == reviews


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    return path


FOLDER = ["a.jpg", "b.jpg", "sub/c.jpg", "sub/d.png", "other/d.png", "1.jpg"]


def test_any_table_with_an_image_and_a_decision(tmp_path: Path) -> None:
    imported = read_decisions(
        table(tmp_path, "Decision;x;Image\nExpert ;1; A.JPG\nROUTINE;2;b\nexclude;3;sub\\c.jpg\n")
    )
    assert imported.lines[0] == ImportedLine("A.JPG", Decision.EXPERT, None, None)
    matched = match_decisions(imported, FOLDER, {"b.jpg": Review(Decision.EXPERT, "Anna", "note")})
    assert matched.reviews == {
        "a.jpg": Review(Decision.EXPERT),
        "b.jpg": Review(Decision.ROUTINE, "Anna", "note"),
        "sub/c.jpg": Review(Decision.EXCLUDE),
    }
    assert matched.problems == []


def test_what_the_list_does_not_say_stays(tmp_path: Path) -> None:
    imported = read_decisions(table(tmp_path, "image,decision,note\na.jpg,,new\nb.jpg,expert,\n1.jpg,,\n"))
    held = {name: Review(Decision.ROUTINE, "Anna", "old") for name in FOLDER}
    assert match_decisions(imported, FOLDER, held).reviews == {
        "a.jpg": Review(Decision.ROUTINE, "Anna", "new"),
        "b.jpg": Review(Decision.EXPERT, "Anna", ""),
    }


def test_what_cannot_be_used_is_counted_and_named(tmp_path: Path) -> None:
    imported = read_decisions(
        table(
            tmp_path,
            "image,decision,note\n"
            "a.jpg,perhaps,keep this\n"
            ",expert,\n"
            "gone.jpg,expert,\n"
            "d,expert,\n"
            "b.jpg,expert,\nB.jpg,routine,\n"
            "sub/c.jpg,expert,\nsub/c.jpg,expert,\n"
            "1.jpg,routine,\n",
        )
    )
    matched = match_decisions(imported, FOLDER)
    assert matched.reviews == {
        "a.jpg": Review(note="keep this"),
        "sub/c.jpg": Review(Decision.EXPERT),
        "1.jpg": Review(Decision.ROUTINE),
    }
    assert {problem.what: problem.names for problem in matched.problems} == {
        "images whose decision is none of expert, routine, exclude, undecided": ["a.jpg: perhaps"],
        "lines without an image": ["row 3"],
        "images that are not in this folder": ["gone.jpg"],
        "lines that could mean several images": ["d"],
        "images with contradictory lines; none is used": ["b.jpg"],
        "images that several lines say the same about; it is used once": ["sub/c.jpg"],
    }
    assert str(matched.problems[0]).startswith("1 image whose decision is none of")


def test_a_name_is_taken_before_a_stem(tmp_path: Path) -> None:
    imported = read_decisions(table(tmp_path, "image,decision\nx.jpg,expert\n"))
    assert list(match_decisions(imported, ["x.png", "x.jpg", "X.JPG"]).reviews) == ["x.jpg"]


def test_a_workbook_that_people_made(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([None, None, None])
    book.active.append(["Image", "Decision", "Comment"])
    book.active.append([1, "Expert", 2.0])
    book.active.append(["a", "Excluded"])
    book.save(tmp_path / "list.xlsx")
    assert match_decisions(read_decisions(tmp_path / "list.xlsx"), FOLDER).reviews == {
        "1.jpg": Review(Decision.EXPERT, note="2"),
        "a.jpg": Review(Decision.EXCLUDE),
    }


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("gone.csv", None, "cannot be read"),
        ("gone.json", None, "cannot be read"),
        ("gone.xlsx", None, "cannot be read"),
        ("list.csv", b"", "is empty"),
        (
            "list.csv",
            b"image,note\na,b\n",
            "no column for the decision: name it decision. Its columns are: ima",
        ),
        ("list.csv", b"PK\x03\x04", "an Excel or ZIP file"),
        ("list.xlsx", b"image,decision\n", "no workbook that can be read"),
        ("list.json", b"{", "no JSON that can be read"),
        ("list.json", b"[" * 100_000, "no JSON that can be read"),
        ("list.json", b'{"a": 1}', "no list of images"),
        ("list.json", b"[]", "is empty"),
        ("list.json", b'[{"image": "a"}]', "no column for the decision"),
        ("list.json", b"\xff\xfe\xfd", "no JSON that can be read"),
    ],
)
def test_files_that_are_no_such_list(tmp_path: Path, name: str, data: bytes | None, sentence: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(AnnotriageError, match=sentence):
        read_decisions(tmp_path / name)


def test_an_empty_workbook(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "list.xlsx")
    with pytest.raises(AnnotriageError, match="is empty"):
        read_decisions(tmp_path / "list.xlsx")


def test_json_of_another_shape_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    held = [{"image": "a.jpg", "decision": None, "note": 5}, {"decision": "expert", "image": 1}]
    (tmp_path / "list.json").write_text(json.dumps(held))
    matched = match_decisions(read_decisions(tmp_path / "list.json"), FOLDER)
    assert matched.reviews == {"a.jpg": Review(note="5"), "1.jpg": Review(Decision.EXPERT)}


def test_answers_come_back_from_label_studio_by_the_names_we_wrote(tmp_path: Path) -> None:
    def region(name: str, **value: object) -> dict[str, object]:
        return {"from_name": name, "value": value}

    task = {"data": {"image": "/data/local-files/?d=sub/ISIC_9.jpg", "name": "sub/ISIC_9.jpg"}}
    answers = [
        {"was_cancelled": True, "result": [region("decision", choices=["expert"])]},
        {"result": [region("decision", choices=["routine"]), region("note", text=["seen"])]},
    ]
    (tmp_path / "full.json").write_text(json.dumps([task | {"annotations": answers}]))
    matched = match_decisions(read_decisions(tmp_path / "full.json"), ["ISIC_9.jpg", "sub/ISIC_9.jpg"])
    assert matched.reviews == {"sub/ISIC_9.jpg": Review(Decision.ROUTINE, "", "seen")} and not matched.problems
    small = "image,name,decision,annotator\n/data/?d=a.jpg,a.jpg,expert,1\n"
    (tmp_path / "min.csv").write_text(small)
    matched = match_decisions(read_decisions(tmp_path / "min.csv"), ["a.jpg"])
    assert matched.reviews == {"a.jpg": Review(Decision.EXPERT)}
    assert [problem.names for problem in matched.problems] == [["1"]]


def test_scripts_outside_find_what_importing_decisions_takes() -> None:
    from annotriage.agreement.masks_among import without_masks as theirs
    from annotriage.triage.mask_names import without_masks

    assert without_masks is theirs


def task(number: int, *answers: dict[str, object], **data: str) -> dict[str, object]:
    return {"id": number, "data": data, "annotations": list(answers)}


def answer(question: str, *choices: str, **more: object) -> dict[str, object]:
    return {"result": [{"from_name": question, "type": "choices", "value": {"choices": list(choices)}}], **more}


def test_answers_of_label_studio_that_are_not_used_are_counted(tmp_path: Path) -> None:
    tasks = [
        task(1, answer("decision", "expert"), answer("quality", "blurred"), image="/data/upload/1/0a1b2c3d-a.jpg"),
        task(2, answer("decision", "routine", was_cancelled=True), filename="b.jpg"),
        task(3, answer("decision", "exclude"), filename="c.jpg"),
    ]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    found = match_decisions(read_decisions(tmp_path / "tasks.json"), ["a.jpg", "b.jpg", "c.jpg"])
    assert {name: review.decision for name, review in found.reviews.items()} == {
        "a.jpg": Decision.EXPERT,
        "c.jpg": Decision.EXCLUDE,
    }
    assert {problem.what: problem.names for problem in found.problems} == {
        "further questions than decision": ["quality"],
        "tasks that were skipped in Label Studio": ["task 2"],
    }


def test_a_project_of_label_studio_without_decisions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tasks.json").write_text(json.dumps([task(1, answer("class", "expert"), image="a.jpg")]))
    with pytest.raises(AnnotriageError, match="question called decision, but to class"):
        read_decisions(tmp_path / "tasks.json")


def test_one_image_is_told_in_good_english(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("image,decision\na.jpg,expert\na.jpg,routine\n")
    found = match_decisions(read_decisions(tmp_path / "a.csv"), ["a.jpg"])
    assert str(found.problems[0]).startswith("1 image with contradictory lines; none is used")
