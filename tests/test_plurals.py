"""No message says "1 images": what counts goes through `counted`, or says what it says of one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotriage

_NOUNS = (
    "annotators archives cases cells characters columns cores days decisions entries epochs errors files folders "
    "folds groups hours images labels lesions lines masks minutes models notes outlines pages pairs parts patients "
    "people photographs pictures pixels points problems recipes resamples rows runs seconds sheets steps tables tasks "
    "teachers times trainings values warnings"
).replace(" ", "|")
_KINDS = "contentious|different|finished|image|labelled|more|other|test"
_COUNTS = re.compile(rf"\{{([^{{}}]*)\}} (?:(?:{_KINDS}) )?(?:{_NOUNS})\b(?!/s\b| a second\b)")
_WHAT = re.compile(r"\{(?:count|[^{}]*(?:len\(|\.count|_count|\['count'\])[^{}]*)\} \{[^{}]*(?:what|unit|noun)[^{}]*\}")
_LIMIT = re.compile(r"_?[A-Z_]+(?: // [\d_]+)?")
_NEVER_ONE = (
    " x {size} pixels", " x {image.height} pixels", " × {card.input_width} pixels", "{max_length} characters",
    "{self._limits.files} files", "{draws} resamples", "rounds have {epochs} epochs", "counted {times} times",
    "{count} days", "kept for {days} days", "in the last {days} days", "the {part} images", "{folder} tasks",
    "counted {number_text(tests)} times",
)  # fmt: skip
"""Sides, limits, what is only said of several, and what is no number."""


@pytest.mark.slow
def test_every_count_of_things_has_a_singular() -> None:
    folder = Path(annotriage.__file__).parent
    wrong = [
        f"{path.relative_to(folder)}:{line}: {text}"
        for path in sorted(folder.rglob("*.py"))
        for line, text in uncounted(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "say it with annotriage.names.counted, or say what is said of one:\n" + "\n".join(wrong)


def test_counts_without_a_singular_are_found() -> None:
    assert list(uncounted('say(f"{len(found):,} images of {folder}")'))
    assert list(uncounted('words = _tr("{count} test images can be read.").format(count=count)'))
    assert list(uncounted('say(f"note: {problem.count} {problem.what}")'))
    assert not list(uncounted("say(f\"{counted(len(found), 'images')} of {folder}, at {rate:.1f} images/s\")"))
    assert not list(uncounted('def said(n):\n    return _tr("1 run") if n == 1 else _tr("{n} runs").format(n=n)'))


def uncounted(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of messages that would count one thing in the plural."""
    joined = re.sub(r'"\n\s*f?"', "", source)
    if not _COUNTS.search(joined) and not re.search(r"\} \{[^{}]*(?:what|unit|noun)", joined):
        return  # most files: parsing all of them takes seconds
    tree = ast.parse(source)
    skipped = {id(part) for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for part in text.values}
    skipped |= {id(line.value) for line in ast.walk(tree) if isinstance(line, ast.Expr)}  # docstrings
    told_apart = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _tells_one_apart(node)]
    for node in ast.walk(tree):
        text = _text(node)
        if text is None or id(node) in skipped:
            continue
        for never in _NEVER_ONE:
            text = text.replace(never, "")
        alone = any(not _LIMIT.fullmatch(each[1]) for each in _COUNTS.finditer(text))
        inside = any(each.lineno <= node.lineno <= (each.end_lineno or 0) for each in told_apart)
        if _WHAT.search(text) or (alone and not inside):
            yield node.lineno, text


def _text(node: ast.AST) -> str | None:
    """Return a text with its placeholders in braces."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{re.sub('[{}]', '', ast.unparse(part.value))}}}"
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def _tells_one_apart(function: ast.FunctionDef) -> bool:
    """Return whether a function compares something with 1."""
    sides = (side for each in ast.walk(function) if isinstance(each, ast.Compare) for side in each.comparators)
    return any(isinstance(side, ast.Constant) and side.value in (1, 2) for side in sides)
