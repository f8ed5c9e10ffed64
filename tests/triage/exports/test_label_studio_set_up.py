"""The labelling set-up: written so that it is in sight, and read so that what is missing is told."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from annotriage.errors import AnnotriageError
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.exports.label_studio_set_up import (
    Guide,
    ReadSetUp,
    SetUp,
    Shown,
    data_of,
    labeling_config,
    summary_of,
)
from annotriage.triage.exports.reviewed import reviewed_images

GIVEN = frozenset({"name", "summary"})


@pytest.mark.parametrize(
    "set_up",
    [
        SetUp(),
        SetUp(labels=("lesion", "hair & scale <2>", '"ruler"'), polygon=True),
        SetUp(shown=frozenset(Shown)),
        SetUp(guide=Guide.BAND, decides=True),
        SetUp(guide=Guide.OUTLINE, polygon=True),
    ],
)
def test_what_is_written_lacks_nothing(set_up: SetUp) -> None:
    read = ReadSetUp(labeling_config(set_up))
    assert read.missing(set_up, GIVEN) == []
    assert read.image_key == "image" and set(set_up.labels) <= set(read.labels)
    names = [each.get("name") for each in ElementTree.fromstring(labeling_config(set_up)).iter() if each.get("name")]
    assert len(set(names)) == len(names), "Label Studio refuses two tags of one name"
    if set_up.guide is not None:
        control = read.control_of(set_up.guide.label)
        assert control is not None and control.name != "lesion", "it is nobody's outline"


def test_what_is_missing_is_told() -> None:
    config = labeling_config(SetUp(labels=("nevus",)))
    wanted = SetUp(("mole",), polygon=True, guide=Guide.BAND, shown=frozenset({Shown.RANK}))
    assert ReadSetUp(config).missing(wanted, GIVEN) == [
        "the label mole (it has nevus)",
        "a polygon for mole",
        "a brush label border band",
        'what shows the ranking (<Header value="$summary"/>)',
    ]
    config = '<View><Image name="i" value="$photo"/><Text name="t" value="$patient"/></View>'
    assert ReadSetUp(config).missing(SetUp(), GIVEN) == [
        "the label lesion",
        "a value for $patient, which each task would need",
    ]
    assert ReadSetUp("<View/>").missing(SetUp(), GIVEN)[0].startswith("an image")


def test_labels_are_found_whatever_draws_them() -> None:
    config = (
        '<View><Image name="i" value="$image"/><Image name="other" valueList="$images"/>'
        '<EllipseLabels name="e" toName="i"><Label value="lesion"/></EllipseLabels>'
        '<BrushLabels name="b" toName="i"><Label value="Läsion" alias="scar"/></BrushLabels>'
        '<BrushLabels name="lost" toName="nowhere"><Label value="x"/></BrushLabels></View>'
    )
    read = ReadSetUp(config)
    assert read.labels == ("lesion", "scar")
    control = read.control_of("lesion")
    assert control is not None and (control.tag, control.name, control.image) == ("EllipseLabels", "e", "i")
    assert read.control_of("lesion", "BrushLabels") is None


@pytest.mark.parametrize("text", ["", "no XML", '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'])
def test_what_cannot_be_read_is_a_sentence(text: str) -> None:
    with pytest.raises(AnnotriageError, match="cannot be read"):
        ReadSetUp(text)


@pytest.mark.parametrize("labels", [(), ("",), ("a", "a "), ("border band",)])
def test_labels_that_cannot_be_told_apart_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(AnnotriageError):
        SetUp(labels=labels, guide=Guide.BAND)


def test_data_hold_what_is_shown_and_nothing_else(catalogue: Catalogue) -> None:
    first, *_, new = [row for row in reviewed_images(catalogue) if row.error is None]
    assert data_of(first, "/a", frozenset()) == {"image": "/a", "name": "sub/ü 1.png"}
    assert data_of(first, "/a", frozenset(), "photo") == {"photo": "/a", "name": "sub/ü 1.png"}
    assert set(data_of(first, "/a", frozenset({Shown.SCORE}))) == {
        "image", "name", "summary", "predicted_dice", "disagreement", "lower", "upper",
    }  # fmt: skip
    assert "decision" not in data_of(first, "/a", frozenset(Shown)), "the question of that name would take it"
    assert summary_of(first, frozenset({Shown.RANK, Shown.DECISION})) == "Rank 1, for experts"
    assert summary_of(replace(first, assignee="Anna"), frozenset({Shown.ASSIGNEE})) == "assigned to Anna"
    assert (
        summary_of(new, frozenset({Shown.SCORE})) == "Not scored yet" and summary_of(new, frozenset({Shown.NOTE})) == ""
    )


def test_the_label_that_goes_without_saying_is_asked_of_no_project_with_others() -> None:
    assert ReadSetUp(labeling_config(SetUp(("Läsion", "hair")))).missing(SetUp(), GIVEN) == []
    config = labeling_config(SetUp(("x",), guide=Guide.BAND)).replace('value="x"', f'value="{Guide.BAND.label}"')
    assert ReadSetUp(config).drawn_labels == ()
    assert ReadSetUp(config).missing(SetUp(), GIVEN) == ["the label lesion"]
