"""How a budget is spent: never more than it is, chance among those that were not chosen, and a mark that stays."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.images import ImageFile
from annotriage.triage.budget import Budget, Known, by_chance, groups_of, spend
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decision_import import keep_held, match_decisions, read_decisions
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.exports.folder_list import add_to_list
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import reviewed_images
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.send_preview import Accuracy, budget_lines, catch, cost_text
from annotriage.triage.store import SessionStore

pytestmark = pytest.mark.copies


def folder_of(number: int, seed: int = 0, folder: Path = Path("/images")) -> Catalogue:
    drawn = np.random.default_rng(seed)
    catalogue = Catalogue(folder, [ImageFile(folder / f"{n:03}", f"{n:03}", 1, 1, None) for n in range(number)])
    catalogue.disagreement[:] = drawn.uniform(0, 1, number)
    dice = 1 - catalogue.disagreement
    catalogue.lower[:], catalogue.upper[:] = np.maximum(dice - 0.2, 0), np.minimum(dice + 0.1, 1)
    return catalogue


@pytest.mark.slow
@given(
    seed=st.integers(0, 10_000),
    number=st.integers(0, 60),
    measure=st.one_of(
        st.fixed_dictionaries({"count": st.integers(0, 70)}),
        st.fixed_dictionaries({"share": st.floats(0, 1)}),
        st.fixed_dictionaries({"cutoff": st.floats(0, 1)}),
    ),
    budget=st.builds(
        Budget,
        different=st.sampled_from([0.0, 0.4, 1.0]),
        control=st.sampled_from([0.0, 0.1, 0.5, 0.9]),
        most=st.sampled_from([None, 1, 3]),
        unlike=st.booleans(),
    ),
    undecided_only=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_budget_holds_what_it_says(
    seed: int, number: int, measure: dict[str, float], budget: Budget, undecided_only: bool
) -> None:
    catalogue, drawn = folder_of(number, seed), np.random.default_rng(seed)
    said = drawn.choice(list(Decision), number)
    catalogue.set_reviews({f"{n:03}": Review(Decision(word)) for n, word in enumerate(said)})
    known = Known(
        drawn.standard_normal((number, 3)).astype(np.float32),
        drawn.integers(-1, 9, number),
    )
    catalogue.unlikeness[:] = drawn.uniform(0, 1.25, number)
    spent = spend(catalogue, budget, known, **measure, undecided_only=undecided_only)  # type: ignore[arg-type]
    chosen, control = spent.chosen.tolist(), spent.control.tolist()
    assert len(set(chosen)) == len(chosen) and len(set(control)) == len(control)
    assert not set(chosen) & set(control), "chance chooses among the others"
    if "cutoff" not in measure:
        assert len(chosen) + len(control) <= len(spent.top), "never more than the budget"
        assert bool(chosen) >= bool(control)
    else:
        assert set(chosen) <= set(spent.top.tolist())
    if budget.most is not None and known.groups is not None:
        assert all(many <= budget.most for one, many in Counter(known.groups[chosen].tolist()).items() if one >= 0)
    if not budget.unlike:
        assert not catalogue.unlike[chosen + control].any()
    taken = catalogue.decision[control]
    assert set(taken.tolist()) <= ({0} if undecided_only else {0, 2}), "neither the experts' nor excluded"
    ranks = catalogue.ranks()
    assert (np.diff(ranks[spent.chosen]) > 0).all()


def test_chance_depends_on_names_and_seed_alone() -> None:
    catalogue = folder_of(200)
    rows = catalogue.ranked()
    first = by_chance(catalogue, rows, 20)
    assert set(first.tolist()) == set(by_chance(catalogue, rows[::-1], 20).tolist())
    assert set(first.tolist()) != set(by_chance(catalogue, rows, 20, seed=1).tolist())
    assert set(first.tolist()) < set(by_chance(catalogue, rows, 40).tolist()), "more of it holds what was drawn before"


@pytest.mark.slow
def test_chance_has_nothing_to_do_with_the_ranking() -> None:
    catalogue = folder_of(2000)
    ranked = catalogue.ranked()
    places = np.flatnonzero(np.isin(ranked, by_chance(catalogue, ranked, 400, seed=3)))
    from scipy.stats import kstest

    assert kstest(places / 2000, "uniform").pvalue > 0.01


def test_what_cannot_be_chosen_is_counted() -> None:
    catalogue = folder_of(40)
    features = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    features[:5] = np.nan
    groups = np.where(np.arange(40) < 30, 0, -1)
    caught = catch(catalogue, count=20, undecided_only=True, budget=Budget(0.5, 0.1, 1), known=Known(features, groups))
    said = " ".join(budget_lines(caught))
    assert "nothing tells how different they are: 5 images" in said
    assert "Control sample: 2 of them" in said and "not known whose they are" in said
    assert "1 of the same patient or lesion is chosen" in said
    assert len(caught) == len(caught.names()) == 2 + 11, "one of the patient, and the ten of which nobody knows"


def test_copies_that_are_not_sent_are_counted() -> None:
    catalogue = folder_of(40)
    first, second, third, *_, last, least = catalogue.names(catalogue.ranked().tolist())
    before = catch(catalogue, count=10, undecided_only=True)
    assert before.spent.copies == 0 and not any("same picture" in line for line in budget_lines(before))
    catalogue.set_groups({first: 1, second: 1, third: 1, last: 2, least: 2})
    caught = catch(catalogue, count=10, undecided_only=True)
    assert len(caught) == 10 and not {second, third} & set(caught.names())
    assert any("nearly the same picture is sent" in line and "2 images" in line for line in budget_lines(caught))
    everything = catch(catalogue, count=40, undecided_only=True)
    assert len(everything) == 37 and everything.spent.copies == 3


def test_it_says_what_a_choice_costs() -> None:
    catalogue = folder_of(300)
    plain = catch(catalogue, count=60, undecided_only=True, accuracy=Accuracy(images=167))
    assert cost_text(plain).startswith("Of 60 images, about ") and "alone" not in cost_text(plain)
    assert "Without a control sample, what the ranking misses will never be known." in budget_lines(plain)
    some = catch(catalogue, count=60, undecided_only=True, budget=Budget(control=0.2))
    assert some.of_top.value == pytest.approx(plain.expected.value) and some.expected.value < plain.expected.value
    assert "the most contentious alone would be about" in cost_text(some)
    one = catch(catalogue, count=1, undecided_only=True, budget=Budget(control=0.5))
    assert len(one) == 1 and any("so few images are sent" in line for line in budget_lines(one))


def test_patients_are_found_by_the_names_of_images() -> None:
    folder = Path("/images")
    names = ["a/ISIC_1.jpg", "ISIC_2.JPG", "3.png"]
    catalogue = Catalogue(folder, [ImageFile(folder / name, name, 1, 1, None) for name in names])
    assert groups_of(catalogue, {"ISIC_1": "x", "ISIC_2": "x"}).tolist() == [0, 0, -1]


def test_the_mark_stays_with_undo_other_decisions_and_lists(tmp_path: Path) -> None:
    catalogue = folder_of(6, folder=tmp_path)
    with SessionStore(tmp_path / "sessions.sqlite") as store:
        journal = ReviewJournal(store, tmp_path)
        sent = lambda review: Review(Decision.EXPERT, control=review.control)  # noqa: E731
        journal.change("Send", ["000", "001"], sent, control=["001"])
        assert journal.reviews() == {"000": Review(Decision.EXPERT), "001": Review(Decision.EXPERT, control=True)}
        journal.undo()
        assert journal.reviews() == {}
        journal.redo()
        assert journal.reviews()["001"].control
        catalogue.set_reviews(journal.reviews())
    assert catalogue.control.tolist() == [False, True, False, False, False, False]
    write_list(reviewed_images(catalogue), tmp_path / "list.csv")
    read = match_decisions(read_decisions(tmp_path / "list.csv"), [f"{n:03}" for n in range(6)])
    assert read.reviews["001"].control and not read.reviews["000"].control
    assert keep_held(Review(Decision.EXPERT, control=True), Review(Decision.ROUTINE)).control
    assert (
        match_decisions(read_decisions(tmp_path / "list.csv"), ["000"], {"000": Review(control=True)})
        .reviews["000"]
        .control
    ), "a list that does not say so takes nothing away"


def test_those_who_draw_are_not_told(tmp_path: Path) -> None:
    catalogue = folder_of(3, folder=tmp_path)
    catalogue.set_reviews({"001": Review(Decision.EXPERT, control=True)})
    add_to_list(reviewed_images(catalogue), tmp_path)
    assert "control" not in (tmp_path / "list.csv").read_text(encoding="utf-8-sig")
    assert "yes" not in (tmp_path / "list.csv").read_text(encoding="utf-8-sig")
