"""Results that print as their report, for notebooks."""

from dataclasses import fields

from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.people.results import Team
from annotriage.comparison.reports.report import document_of
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.results import Comparison


class PrintedComparison(Comparison):
    """A comparison of models; `print` writes its report."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the report as text."""
        return as_text(document_of(self))


class PrintedDiagnosis(Diagnosis):
    """A comparison of groups of images; `print` writes its report."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the report as text."""
        return as_text(document_of(self))


class PrintedTeam(Team):
    """The people of a team; `print` writes its report."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the report as text."""
        return as_text(document_of(self))


def printed_comparison(found: Comparison) -> PrintedComparison:
    """Return a comparison that prints as its report."""
    return PrintedComparison(**{each.name: getattr(found, each.name) for each in fields(found)})


def printed_diagnosis(found: Diagnosis) -> PrintedDiagnosis:
    """Return a comparison of groups that prints as its report."""
    return PrintedDiagnosis(**{each.name: getattr(found, each.name) for each in fields(found)})


def printed_team(found: Team) -> PrintedTeam:
    """Return what is found about people so that it prints as its report."""
    return PrintedTeam(**{each.name: getattr(found, each.name) for each in fields(found)})
