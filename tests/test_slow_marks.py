"""A run names, at its end, what took long and is not marked as slow."""

from types import SimpleNamespace

import pytest

from tests.conftest import pytest_terminal_summary


def _report(name: str, seconds: float, when: str = "call", **keywords: int) -> pytest.TestReport:
    return pytest.TestReport(name, ("t.py", 1, name), keywords, "passed", None, when, duration=seconds)  # type: ignore[arg-type]


def _told(*reports: pytest.TestReport) -> list[str]:
    lines: list[str] = []
    pytest_terminal_summary(SimpleNamespace(stats={"passed": list(reports)}, write_line=lines.append))  # type: ignore[arg-type]
    return lines


def test_long_ones_are_named_longest_first() -> None:
    told = _told(_report("a", 2), _report("b", 30), _report("c", 1), _report("d", 40, slow=1))
    assert told == ["2 over 1.5 s and not marked slow: b 30.0 s; a 2.0 s"]


def test_nothing_is_said_of_quick_ones_and_of_what_fixtures_take() -> None:
    assert _told(_report("a", 1), _report("a", 9, "setup"), _report("b", 9, slow=1)) == []
