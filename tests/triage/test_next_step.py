"""What comes next for an image is what the rule says, line by line; and what is surprising stands first."""

import math
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.decisions import DECISIONS, Decision, FileStamp, Review
from annotriage.triage.measured import MeasuredImage
from annotriage.triage.next_step import NEXT_STEPS, TIPS, Interval, NextStep, NextStepRule, next_steps
from annotriage.triage.sort_keys import ColumnKey

DICE = st.sampled_from([0.0, 0.3, 0.69, 0.7, 0.71, 0.9, 1.0, math.nan])
RULES = st.builds(NextStepRule, st.sampled_from([0.3, 0.7, 0.9]), st.sampled_from(Interval), st.integers(2, 5))


def one_step(
    dice: float, count: int, on_another: bool, predicted: float, ends: tuple[float, float], said: Decision,
    rule: NextStepRule,
) -> NextStep:  # fmt: skip
    """The rule as it is written, for one image."""
    low, high = ends
    known = not math.isnan(low)
    outside = known and not low <= dice <= high
    if said is Decision.EXCLUDE:
        return NextStep.NOTHING
    if count and on_another:
        return NextStep.AGAIN
    if count >= 2:
        if math.isnan(dice):
            return NextStep.CHECK
        if not math.isnan(predicted) and (outside or not known or rule.interval is Interval.NOT):
            if predicted >= rule.below > dice:
                return NextStep.APART
            if predicted < rule.below <= dice:
                return NextStep.ALIKE
        beyond = {Interval.OUTSIDE: outside, Interval.BELOW: known and dice < low, Interval.NOT: False}[rule.interval]
        if count < rule.enough and (dice < rule.below or beyond):
            return NextStep.THIRD if count == 2 else NextStep.MORE
        return NextStep.ENOUGH
    if count == 1:
        return {Decision.EXPERT: NextStep.SECOND, Decision.ROUTINE: NextStep.ENOUGH}.get(said, NextStep.NOTHING)
    return NextStep.DRAW if said in (Decision.EXPERT, Decision.ROUTINE) else NextStep.NOTHING


@given(
    DICE, st.integers(0, 6), st.booleans(), DICE, st.sampled_from([(0.2, 0.8), (0.7, 0.7), (math.nan, math.nan)]),
    st.sampled_from(DECISIONS), RULES,
)  # fmt: skip
def test_it_is_the_rule(
    dice: float, count: int, on_another: bool, predicted: float, ends: tuple[float, float], said: Decision,
    rule: NextStepRule,
) -> None:  # fmt: skip
    dice = dice if count > 1 else math.nan
    (place,) = next_steps(
        dice=np.array([dice], np.float32),
        count=np.array([count], np.uint8),
        on_another=np.array([on_another]),
        disagreement=np.array([1 - predicted], np.float32),
        lower=np.array([ends[0]], np.float32),
        upper=np.array([ends[1]], np.float32),
        decision=np.array([DECISIONS.index(said)], np.uint8),
        rule=rule,
    )
    as_stored = [float(np.float32(each)) for each in (dice, predicted, *ends)]
    rounded = NextStepRule(float(np.float32(rule.below)), rule.interval, rule.enough)
    assert NEXT_STEPS[place] is one_step(
        as_stored[0], count, on_another, as_stored[1], (as_stored[2], as_stored[3]), said, rounded
    )


def test_every_step_has_its_tip_and_the_rule_names_each() -> None:
    steps = set(NextStep) - {NextStep.NOTHING}
    assert set(TIPS) == steps
    said = " ".join(NextStepRule(enough=4).sentences()).replace("drawn apart", "surprising: drawn apart")
    said = said.replace("drawn alike", "surprising: drawn alike")
    assert [step for step in steps if step.value not in said and step is not NextStep.MORE] == []


def catalogue(*images: tuple[str, float, float, Decision, int, float]) -> Catalogue:
    """Return images by name, predicted Dice and the half width of its interval, decision, readers and measured Dice."""
    made = Catalogue(Path(), [ImageFile(Path(name), name, 10, 20, None) for name, *_ in images])
    for row, (name, predicted, half, said, count, dice) in enumerate(images):
        made.set_prediction(row, Prediction(Path(name), predicted, predicted - half, predicted + half))
        made.set_reviews({name: Review(said, made_on=FileStamp(10, 20))})
        if count:
            people = tuple("abcdefg"[:count])
            made.measured.set({name: MeasuredImage(name, dice, dice, people, made_on=FileStamp(10, 20))})
    return made


def team() -> Catalogue:
    return catalogue(
        ("a.jpg", 0.9, 0.1, Decision.EXPERT, 2, 0.95),
        ("b.jpg", 0.9, 0.1, Decision.EXPERT, 2, 0.3),
        ("c.jpg", 0.5, 0.1, Decision.EXPERT, 2, 0.8),
        ("d.jpg", 0.6, 0.3, Decision.EXPERT, 2, 0.65),
        ("e.jpg", 0.6, 0.3, Decision.EXPERT, 1, math.nan),
        ("f.jpg", 0.6, 0.3, Decision.ROUTINE, 0, math.nan),
        ("g.jpg", 0.6, 0.3, Decision.UNDECIDED, 0, math.nan),
        ("h.jpg", 0.6, 0.3, Decision.UNDECIDED, 2, math.nan),
    )


def test_the_surprising_stand_first_the_farthest_off_before_the_others() -> None:
    images = team()
    steps = [NEXT_STEPS[place].name for place in images.next_steps()]
    assert steps == ["ENOUGH", "APART", "ALIKE", "THIRD", "SECOND", "DRAW", "NOTHING", "CHECK"]
    assert images.names(images.order(ColumnKey("next_step"))) == [f"{each}.jpg" for each in "bchdefag"]
    assert images.names(images.order(ColumnKey("next_step"), reverse=True))[-1] == "g.jpg"
    assert images.names(images.order(ColumnKey("measured_dice")))[:4] == ["b.jpg", "d.jpg", "c.jpg", "a.jpg"]


def test_images_are_filtered_by_what_comes_next_and_what_is_measured() -> None:
    images = team()

    def shown(**chosen: object) -> str:
        return "".join(name[0] for name in images.names(np.sort(images.order(shown=Filter(**chosen)))))  # type: ignore[arg-type]

    assert shown(steps=frozenset({NextStep.APART, NextStep.ALIKE})) == "bc"
    assert shown(is_measured=True) == "abcd" and shown(is_measured=False) == "efgh"
    assert shown(measured=(0.3, 0.65)) == "bd"
    summary = images.summary()
    assert (summary.drawn, summary.measured, summary.steps[NextStep.THIRD]) == (6, 4, 1)


def test_nothing_comes_next_where_nobody_drew_anything() -> None:
    images = catalogue(("a.jpg", 0.5, 0.1, Decision.EXPERT, 0, math.nan))
    assert images.next_steps().tolist() == [0] and images.summary().steps[NextStep.DRAW] == 0


def test_what_was_drawn_on_another_file_is_of_no_use() -> None:
    images = team()
    other = MeasuredImage("b.jpg", 0.3, 0.3, ("a", "b"), made_on=FileStamp(11, 20))
    images.measured.set({"b.jpg": other})
    assert NEXT_STEPS[images.next_steps()[1]] is NextStep.AGAIN
    assert math.isnan(images.measured.of_file()[1]) and images.summary().measured == 3


def test_all_of_it_is_replaced_at_once() -> None:
    images = team()
    one = MeasuredImage("a.jpg", 0.5, 0.5, ("x", "y"))
    assert sorted(images.measured.replace({"a.jpg": one, "elsewhere.jpg": one})) == [0, 1, 2, 3, 4, 7]
    assert images.summary().drawn == 1 and images.measured.by_name.keys() == {"a.jpg", "elsewhere.jpg"}
    assert images.measured.replace({"a.jpg": one, "elsewhere.jpg": one}) == []
