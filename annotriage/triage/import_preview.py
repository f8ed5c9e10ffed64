"""What a list of decisions would change, before it does, and the words for it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from annotriage.names import counted
from annotriage.tables import Problem
from annotriage.triage.decision_import import Replaced, count_replaced, keep_held, match_decisions, read_decisions
from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import DECISIONS, NOTHING_SAID, Review
from annotriage.wording import images_text, number_text

_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a list would change.

    Attributes
    ----------
    changed : dict of str to Review
        Image -> all that is said of it then; only images of which something else is said now.
    before : dict of str to Review
        What is said of these now.
    same : int
        Images of which the list says what is said already.
    problems : list of Problem
        What of the list is not used.
    """

    changed: dict[str, Review]
    before: dict[str, Review]
    same: int
    problems: list[Problem]

    def replaced(self) -> Replaced:
        """Count what would be overturned of what is said now."""
        return count_replaced(self.changed, self.before)

    def kept(self) -> "ImportPreview":
        """Return what the list would change if all that is said now stayed."""
        added = {name: keep_held(review, self.before[name]) for name, review in self.changed.items()}
        changed = {name: review for name, review in added.items() if review != self.before[name]}
        before = {name: self.before[name] for name in changed}
        return ImportPreview(changed, before, self.same, self.problems)


def preview_import(path: Path, names: list[str], held: dict[str, Review]) -> ImportPreview:
    """Read a list and compare it with what is said.

    Raises
    ------
    AnnotriageError
        The file is no such list.
    """
    matched = match_decisions(read_decisions(path), names, held)
    changed = {name: review for name, review in matched.reviews.items() if review != held.get(name, NOTHING_SAID)}
    before = {name: held.get(name, NOTHING_SAID) for name in changed}
    return ImportPreview(changed, before, len(matched.reviews) - len(changed), matched.problems)


def kept_lines(all_of_it: Replaced, replaced: Replaced) -> list[str]:
    """Say how much of what is said here stays although the list says something else."""
    return _counts(
        "Keeps",
        all_of_it.decisions - replaced.decisions,
        all_of_it.assignees - replaced.assignees,
        all_of_it.notes - replaced.notes,
    )


def replaced_lines(replaced: Replaced) -> list[str]:
    """Say how much of what is said here is overturned."""
    return _counts("Replaces", replaced.decisions, replaced.assignees, replaced.notes)


def _counts(verb: str, decisions: int, assignees: int, notes: int) -> list[str]:
    said = {
        f"{counted(decisions, 'decisions')} made here": decisions,
        counted(assignees, "assignees"): assignees,
        counted(notes, "notes"): notes,
    }
    return [f"{verb} {words}" for words, count in said.items() if count]


def change_lines(shown: ImportPreview) -> list[str]:
    """Say how many images go where, and of how many only the note or the assignee changes."""
    going = Counter(
        review.decision for name, review in shown.changed.items() if review.decision is not shown.before[name].decision
    )
    lines = [f"{decision_text(decision)}: {images_text(going[decision])}" for decision in DECISIONS if going[decision]]
    only_words = len(shown.changed) - going.total()
    if only_words:
        lines.append(f"Only assignee or note: {images_text(only_words)}")
    if shown.same:
        lines.append(f"As it is already: {images_text(shown.same)}")
    return lines


def problem_text(problem: Problem) -> str:
    """Say what of a list is not used, and of which images."""
    names = "\n".join(f"    {name}" for name in problem.names[:_MOST_NAMES])
    said = counted(problem.count, problem.what)
    text = f"{f'Note: {said}' if problem.remark else said}:\n{names}"
    if problem.count > _MOST_NAMES:
        text += "\n    " + f"and {number_text(problem.count - _MOST_NAMES)} more"
    return text
