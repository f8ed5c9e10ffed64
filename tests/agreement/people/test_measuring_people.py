"""What people drew, from masks and from tables of pairs, with tool, skill and time where they are said."""

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from annotriage.agreement.finding import find_masks
from annotriage.agreement.mask_set import MaskRow
from annotriage.agreement.overlaps import dice
from annotriage.agreement.people.drawn import Drawn
from annotriage.agreement.people.mask_facts import KnownFacts, time_of
from annotriage.agreement.people.measuring_people import Gathering, measure_people, read_pairs
from annotriage.annotations.annotation import Annotation
from annotriage.errors import AnnotriageError
from tests.agreement.masks import disc, write_mask


def drawn_in(*given: Path) -> Drawn:
    gathering = Gathering(KnownFacts(given))
    for image in measure_people(find_masks(given), gathering.facts, threads=1):
        gathering.add(image)
    return gathering.done()


def test_masks_in_folders(tmp_path: Path) -> None:
    first, second = disc(), disc(column=44, radius=17)
    for who, mask in (("al", first), ("bob", second)):
        for image in ("a", "b"):
            write_mask(tmp_path / who / f"{image}.png", mask)
    write_mask(tmp_path / "al" / "alone.png", first)
    drawn = drawn_in(tmp_path / "al", tmp_path / "bob")
    assert [(mask.image, mask.person, mask.area) for mask in drawn.masks[:2]] == [
        ("a", "al", first.sum()), ("a", "bob", second.sum()),
    ]  # fmt: skip
    assert [pair.dice for pair in drawn.pairs] == [pytest.approx(dice(first, second))] * 2
    assert drawn.remarks == ["1 image has only one person's mask, with which nothing can be compared."]
    assert all(math.isnan(mask.finished) and not mask.tool for mask in drawn.masks)


def test_names_of_ima_say_tool_and_skill(tmp_path: Path) -> None:
    for who in ("A01_T1_S1", "A02_T3_S2"):
        write_mask(tmp_path / f"ISIC_0000004_{who}_54ea8ac3.png", disc(radius=12 + (who[1:3] == "02")))
    (pair,) = drawn_in(tmp_path).pairs
    assert (pair.tools, pair.skills, pair.tool_kind) == (("T1", "T3"), ("S1", "S2"), "T1 + T3")


def test_a_table_of_masks_says_tool_skill_and_time(tmp_path: Path) -> None:
    lines = ["image,annotator,mask,tool,skill_level,finished"]
    for who, tool, day in (("al", "brush", "2026-03-01"), ("bob", "", "soon")):
        write_mask(tmp_path / f"a-{who}.png", disc(radius=12 + len(who)))
        lines.append(f"a,{who},a-{who}.png,{tool},expert,{day}")
    (tmp_path / "masks.csv").write_text("\n".join(lines))
    drawn = drawn_in(tmp_path / "masks.csv")
    al, bob = drawn.masks
    assert (al.tool, al.skill, bob.tool) == ("brush", "expert", "")
    assert al.finished == time_of("2026-03-01") and math.isnan(bob.finished)
    assert "1 mask of masks.csv has a time that is neither a date nor a number (soon)" in drawn.remarks[0]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("2026-03-01", "2026-03-02"), ("9", "10"), ("2026-03-01T10:00+02:00", "2026-03-01T09:00Z"), ("1.5e9", "1.6e9")],
)
def test_times_grow(earlier: str, later: str) -> None:
    assert time_of(earlier) < time_of(later)


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "31.12."])
def test_what_is_no_time(text: str) -> None:
    assert math.isnan(time_of(text))


def test_masks_that_mark_nothing_count_for_agreement_only(tmp_path: Path) -> None:
    write_mask(tmp_path / "al" / "a.png", disc())
    write_mask(tmp_path / "bob" / "a.png", np.zeros((60, 80), bool))
    drawn = drawn_in(tmp_path / "al", tmp_path / "bob")
    assert drawn.pairs[0].dice == 0 and drawn.masks[1].area == 0
    assert drawn.remarks == ["1 mask has nothing marked: no size or border to compare, only agreement."]


def test_pairs_of_our_own_table(tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text(
        "image,mask1,mask2,annotator1,annotator2,dice\n"
        "a,ISIC_1_A01_T1_S1_x.png,ISIC_1_A02_T2_S2_y.png,A01,a02,0.8\n"
        "b,p.png,q.png,A01,A02,0.9\n"
        "c,p.png,q.png,A01,A02,nothing\n"
        "c,p.png,q.png,A01,ST,0.9\n"
        "c,p.png,q.png,A01,,0.9\n"
    )
    drawn = read_pairs(table)
    assert len(drawn.pairs) == 2 and len(drawn.people()) == 2 and not drawn.has_masks
    assert drawn.pairs[0].tools == ("T1", "T2") and drawn.pairs[1].tool_kind == ""
    assert [remark.split()[0] for remark in drawn.remarks] == ["1", "1", "1"]


def test_a_table_without_two_people_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("image,annotator1,annotator2,dice\na,al,al,0.8\n")
    with pytest.raises(AnnotriageError, match="no pair of masks that two people drew"):
        read_pairs(table)


@pytest.mark.slow
def test_the_pairs_of_ima(shared_data: Path) -> None:
    drawn = read_pairs(shared_data / "ima" / "pairwise_metrics.csv")
    assert len(drawn.pairs) == 2852 and "ST" not in drawn.people() and "MV" not in drawn.people()
    assert sum(pair.same_person and pair.tool_kind == "T2 + T2" for pair in drawn.pairs) == 151
    assert drawn.remarks == ["11,570 pairs with a consensus, which is no person's mask, are left out."]


def test_exports_of_tools_say_when_an_annotation_was_finished() -> None:
    path, finished = Path("project.json"), datetime(2026, 3, 1, 10, tzinfo=UTC)
    annotation = Annotation("a", "al", None, (), path, finished=finished)
    assert KnownFacts().of(MaskRow("a", "al", path, annotation=annotation)).finished == finished.timestamp()
