"""Images chosen for experts by command: which, at what cost, and with what mark."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from annotriage.commands.app import app
from annotriage.triage.decisions import Decision
from annotriage.triage.journal import ReviewJournal
from annotriage.triage.store import SessionStore
from tests.commands.test_outcome import IMAGES, folder  # noqa: F401

pytestmark = pytest.mark.slow


def invoke(*given: object) -> Result:
    return CliRunner().invoke(app, ["choose", *map(str, given)], env={"NO_COLOR": "1", "COLUMNS": "200"})


def names_in(said: Result) -> list[str]:
    return [line for line in said.stdout.splitlines() if line.endswith(".png")]


def test_it_names_them_and_says_what_they_cost(folder: Path) -> None:  # noqa: F811
    said = invoke(folder, "--count", 10)
    assert said.exit_code == 0, said.output
    names = names_in(said)
    assert len(names) == 10 and names[:9] == [f"{place:02d}.png" for place in range(9)], "and one by chance"
    assert "Of 10 images, about" in said.output and "the most contentious alone would be about" in said.output
    assert "Control sample: 1 of them" in said.output and "Nothing is decided yet" in said.output
    plain = invoke(folder, "--control", 0)
    assert len(names_in(plain)) == IMAGES // 5 and "will never be known" in plain.output


def test_what_is_decided_is_marked_in_the_store_and_can_be_undone(folder: Path) -> None:  # noqa: F811
    said = invoke(folder, "--count", 20, "--control", 0.25, "--decide", "--assignee", "Dr Moss", "--seed", 4)
    assert said.exit_code == 0, said.output
    with SessionStore() as store:
        journal = ReviewJournal(store, folder)
        reviews = journal.reviews()
        assert set(reviews) == set(names_in(said))
        assert all((each.decision, each.assignee) == (Decision.EXPERT, "Dr Moss") for each in reviews.values())
        marked = {name for name, review in reviews.items() if review.control}
        assert len(marked) == 5 and min(marked) >= "15.png", "15 by the ranking, the others by chance"
        assert journal.undo_label == "Send 20 images to experts, 5 of them a control sample (seed 4)"
        assert all(review.made_on is not None for review in reviews.values())
    again = invoke(folder, "--count", 3, "--control", 0)
    assert not set(names_in(again)) & set(reviews), "what is decided is passed over"


def test_of_one_patient_so_many(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    table = tmp_path / "patients.csv"
    lines = [f"{place:02d},{'one' if place < 10 else place}" for place in range(IMAGES - 1)]
    table.write_text("\n".join(["isic_id,patient_id", *lines]), encoding="utf-8")
    said = invoke(folder, "--count", 5, "--control", 0, "--most-of-patient", 2, "--patients", table)
    assert said.exit_code == 0, said.output
    assert names_in(said) == ["00.png", "01.png", "10.png", "11.png", "12.png"]
    assert "Not in patients.csv: 1 image" in said.output


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--count", 3, "--share", 0.1], "Give one of"),
        (["--most-of-patient", 2], "belong together"),
        (["--assignee", "A"], "--assignee is for --decide"),
        (["--control", 0.95], "0.9"),
    ],
)
def test_what_makes_no_sense_is_refused(folder: Path, given: list[object], words: str) -> None:  # noqa: F811
    said = invoke(folder, *given)
    assert said.exit_code == 2 and words in " ".join(said.output.split())


def test_a_model_without_features_is_told(folder: Path) -> None:  # noqa: F811
    from annotriage.model_file import ModelLibrary

    said = invoke(folder, "--diverse", 0.5)
    if ModelLibrary().default().card.features is None:
        assert said.exit_code == 1 and "does not tell how different images are" in str(said.exception)
    else:
        assert "nothing tells how different they are" in said.output  # these were stored without
