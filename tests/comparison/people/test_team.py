"""People compared: simulated teams on real masks, the real tables, and what is not said."""

import math
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from annotriage.agreement.people.drawn import Drawn, DrawnMask, DrawnPair, letters
from annotriage.agreement.people.measuring_people import read_pairs
from annotriage.comparison.documents.feedback import feedback_document
from annotriage.comparison.documents.people import people_document
from annotriage.comparison.people.results import Team
from annotriage.comparison.people.team import compare_people
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.wording import p_cell
from annotriage.errors import AnnotriageError
from tests.simulated_teams import TeamPlan, expert_masks, simulated

pytestmark = pytest.mark.slow


def made(
    people: int = 3, images: int = 14, *, tools: dict[int, str] | None = None, timed: bool = False, seed: int = 0
) -> Drawn:
    """Return numbers of a team as if its masks had been measured."""
    chance = np.random.default_rng(seed)
    drawn = Drawn(source="masks")
    for image in range(images):
        area = math.exp(chance.normal(8, 0.8))
        row = [
            DrawnMask(
                f"i{image:02d}", f"p{who}", round(area * math.exp(chance.normal(0, 0.1))),
                1.1 + 0.05 * float(chance.random()), (tools or {}).get(who, ""),
                finished=float(image) if timed else math.nan,
            )
            for who in range(people)
        ]  # fmt: skip
        drawn.masks += row
        drawn.pairs += [
            DrawnPair(a.image, a.person, b.person, float(np.clip(chance.normal(0.85, 0.05), 0, 1)), (a.tool, b.tool))
            for at, a in enumerate(row)
            for b in row[at + 1 :]
        ]
    return drawn


def effects(team: Team, key: str) -> dict[str, tuple[float, float, float]]:
    """Return each person's difference and interval."""
    (quantity,) = (each for each in team.quantities if each.quantity.key == key)
    return {e.person: (e.difference.value, e.difference.low, e.difference.high) for e in quantity.effects}


@pytest.fixture(scope="module")
def experts(shared_data: Path) -> list[NDArray[np.bool_]]:
    return expert_masks(shared_data, 40, seed=0)


@pytest.mark.parametrize("seed", [1, 2])
def test_known_bias_and_drift_are_recovered(experts: list[NDArray[np.bool_]], seed: int) -> None:
    bias, drift = np.array([0.25, 0.0, -0.1, 0.0]), np.array([0.0, 0.8, 0.0, 0.0])
    plan = TeamPlan(4, 40, share=0.8, bias=tuple(bias), drift=tuple(drift))
    team = compare_people(simulated(experts, plan, seed))
    missed = []
    for key, truth in (("size", bias), ("size-drift", drift)):
        for at, (value, low, high) in enumerate(effects(team, key).values()):
            expected = truth[at] - np.delete(truth, at).mean()
            assert abs(value - expected) < high - low, (key, at)
            missed += [] if low <= expected <= high else [(key, at)]
    assert len(missed) <= 1, missed  # of eight intervals of 95 %
    seen = {(quantity.key, effect.person) for quantity, effect in team.seen()}
    assert ("size", "person-0") in seen and ("size-drift", "person-1") in seen


def test_teams_without_any_difference_raise_no_alarm(experts: list[NDArray[np.bool_]]) -> None:
    alarms = 0
    for seed in range(8):
        alarms += bool(compare_people(simulated(experts, TeamPlan(3, 20), 100 + seed)).seen())
    assert alarms <= 1  # `python -m tests.benchmarks people` asks 100 of all sizes


def test_the_team_of_ima(shared_data: Path) -> None:
    team = compare_people(read_pairs(shared_data / "ima" / "pairwise_metrics.csv"))
    tools = {each.kind: each for each in team.kinds[0].effects}
    assert round(tools["T1 + T2"].mean, 2) == 0.66 and round(tools["T2 + T2"].mean, 2) == 0.92
    assert tools["T2 + T2"].by_one == tools["T2 + T2"].values == 151
    (agreement,) = team.quantities
    by_name = {effect.person: effect for effect in agreement.effects}
    assert not by_name["A00"].told and math.isfinite(by_name["A00"].plain.value)
    assert by_name["A08"].seen and "A00" not in by_name["A08"].others
    assert team.too_few["A07"] == 9
    text = " ".join(as_text(people_document(team)).split())
    assert "A00 used only T2, which nobody else used" in text
    assert "pairs by T1 + T2 have a mean Dice of 0.66, pairs by T2 + T2 0.92" in text
    assert "1,787 of 2,029 images (88 %) were drawn by two people only" in text


def test_names_and_their_order_change_nothing() -> None:
    drawn = made(4, timed=True)
    renamed = drawn.renamed({"p0": "zoe", "p1": "m", "p2": "al", "p3": "bo"})
    shuffled = replace(renamed, masks=list(renamed.masks), pairs=list(renamed.pairs))
    Random(1).shuffle(shuffled.masks)
    Random(2).shuffle(shuffled.pairs)
    one, other = compare_people(drawn), compare_people(shuffled)
    for key in ("size", "raggedness", "agreement", "size-drift"):
        assert effects(one, key)["p0"] == pytest.approx(effects(other, key)["zoe"], abs=1e-5)


def test_with_letters_the_document_names_nobody() -> None:
    drawn = made(3).renamed({"p0": "Miranda", "p1": "Prospero", "p2": "Caliban"})
    team = compare_people(drawn, lettered=True)
    text = " ".join(as_text(people_document(team)).split())
    assert team.people == ("A", "B", "C") and "Letters stand for names." in text
    assert not any(name in text for name in ("Miranda", "Prospero", "Caliban"))
    told = letters(drawn.people())
    assert effects(team, "size")[told["Caliban"]] == pytest.approx(effects(compare_people(drawn), "size")["Caliban"])


def test_a_tool_of_ones_own_leaves_nothing_said_of_the_person() -> None:
    team = compare_people(made(3, tools={0: "brush", 1: "brush", 2: "polygon"}))
    size = effects(team, "size")
    assert math.isnan(size["p2"][0]) and math.isfinite(size["p0"][0])
    text = " ".join(as_text(people_document(team)).split())
    assert "but cannot be told from the tool (p2 alone used polygon and used nothing else)" in text
    assert "p0 and p1 are compared among themselves only." in text


def test_people_who_share_no_images_are_compared_in_their_circles() -> None:
    one, other = made(2, seed=1), made(2, seed=2).renamed({"p0": "q0", "p1": "q1"})
    other.masks = [replace(mask, image=f"x{mask.image}") for mask in other.masks]
    other.pairs = [replace(pair, image=f"x{pair.image}") for pair in other.pairs]
    team = compare_people(Drawn([*one.masks, *other.masks], [*one.pairs, *other.pairs]))
    (size, *_) = team.quantities
    assert [effect.others for effect in size.effects] == [("p1",), ("p0",), ("q1",), ("q0",)]


def test_few_images_are_too_few() -> None:
    with pytest.raises(AnnotriageError, match=r"No two people share 10 images.*p0 4, p1 4, p2 4.*--min-images"):
        compare_people(made(3, 4))
    assert compare_people(made(3, 4), least=3).people == ("p0", "p1", "p2")


def test_who_drew_few_is_named_and_not_compared() -> None:
    drawn = made(3)
    drawn.masks = [mask for mask in drawn.masks if mask.person != "p2" or mask.image < "i05"]
    drawn.pairs = [pair for pair in drawn.pairs if pair.second != "p2" or pair.image < "i05"]
    team = compare_people(drawn)
    assert team.people == ("p0", "p1") and team.too_few == {"p2": 5}
    text = " ".join(as_text(people_document(team)).split())
    assert "Nothing is said of those who share fewer: p2 (5)." in text
    assert "whose part it is cannot be told" in text


def test_no_sheet_for_who_drew_too_few() -> None:
    drawn = made(3)
    drawn.pairs = [pair for pair in drawn.pairs if pair.second != "p2" or pair.image < "i05"]
    team = compare_people(drawn)
    with pytest.raises(AnnotriageError, match=r"Nothing can be said of p2, who shares 5 images with others; 10 are"):
        feedback_document(team, "p2", [], {})
    document = feedback_document(team, "p0", [], {})
    text = " ".join(as_text(document).split())
    assert "No outline differs" in text and "None of this says who is right." in text


def test_without_times_there_is_no_drift() -> None:
    team = compare_people(made(3))
    assert not any("drift" in each.quantity.key for each in team.quantities)
    assert any("Nothing says when the masks were drawn" in note for note in team.notes)
    assert any("drift" in each.quantity.key for each in compare_people(made(3, timed=True)).quantities)


def test_all_p_values_are_corrected_together() -> None:
    team = compare_people(made(4, timed=True))
    assert team.compared == sum(len(each.effects) for each in team.quantities) == 20
    smallest = min((e for each in team.quantities for e in each.effects), key=lambda e: e.difference.p)
    assert smallest.p_corrected == pytest.approx(min(1.0, 20 * smallest.difference.p))


def test_a_difference_that_is_written_as_nothing_is_none() -> None:
    drawn = made(2)
    first = {mask.image: mask for mask in drawn.masks if mask.person == "p0"}
    drawn.masks = [
        mask if mask.person == "p0" else replace(first[mask.image], person="p1", area=2 * first[mask.image].area,
                                                 raggedness=first[mask.image].raggedness * (1 + 1e-9))
        for mask in drawn.masks
    ]  # fmt: skip
    team = compare_people(drawn)
    assert {(quantity.key, effect.person) for quantity, effect in team.seen()} == {("size", "p0"), ("size", "p1")}
    assert not any(f"({sign}0.0 %)" in as_text(people_document(team)) for sign in "+-\N{MINUS SIGN}")


def test_no_p_is_written_as_0() -> None:
    assert [p_cell(p) for p in (0.0, 1e-320, 5.2e-7, 0.03125, 1.0)] == [
        "<1e-300", "<1e-300", "5.2e-07", "0.03125", "1.00000"
    ]  # fmt: skip
