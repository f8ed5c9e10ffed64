"""What a test is given, and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from annotriage.comparison.explained.explained import Check, Explained
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.pairing import RunTable
from annotriage.comparison.results import Analysis, Test
from annotriage.comparison.shared_images import shares_in_common
from annotriage.comparison.statistical_tests.group_checks import images_are_independent
from annotriage.comparison.wording import number_or_dash, p_cell
from annotriage.names import counted


@dataclass(frozen=True, eq=False)
class Compared:
    """Models on the same rows.

    Attributes
    ----------
    analysis : Analysis
        The errors, (N, K), and what is computed of them for all tests.
    table : RunTable
        The runs; over images, those that the images' errors are means of.
    metric : {"mse", "mae"}
    """

    analysis: Analysis
    table: RunTable
    metric: str

    @cached_property
    def shares(self) -> tuple[float, float | None] | None:
        """How many images two runs have in common on average: of the test, and to learn from; None: not known."""
        return shares_in_common(self.table)


@dataclass(frozen=True, eq=False)
class GroupsCompared:
    """Groups of images.

    Attributes
    ----------
    found : Diagnosis
        What is computed of them for all tests.
    together : mapping of str to str
        Image to what it shares with others of its lesion or patient.
    """

    found: Diagnosis
    together: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _shared(self) -> Check:
        names = [name for group in self.found.groups for name in group.images]
        return images_are_independent(names, self.together, ())

    def independent(self, test: str) -> Check:
        """Count the images that share their lesion or patient with another."""
        return replace(self._shared, needed_by=(test,))


ModelTest: TypeAlias = Callable[[Compared], Explained | None]
"""Computes and explains one test; None where it does not apply. Listed in `listed.MODEL_TESTS`."""
GroupTest: TypeAlias = Callable[[GroupsCompared], Explained | None]
"""The same for groups of images. Listed in `listed.GROUP_TESTS`."""


def numbers(test: Test, letter: str) -> str:
    """Say what a test has found, and by which statistic."""
    return f"{test.reading} {letter} = {test.statistic:.4g}, n = {test.n:,}."


def effect_words(found: Diagnosis, test: Test, letter: str) -> str:
    """Write the numbers of a test by ranks, with its effect size."""
    return (
        f"{letter} = {test.statistic:,.1f}, p = {p_cell(test.p)}, {counted(test.n, 'images')}; effect size: "
        f"{found.effect_name} {number_or_dash(found.effect, 3)}."
    )
