"""A test that is listed is known everywhere: to the result, the panel, and every kind of report."""

import json
from html import escape
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.documents.evidence import Evidence
from annotriage.comparison.explained.document import Document
from annotriage.comparison.explained.explained import Check, Explained, Number
from annotriage.comparison.group_results import Diagnosis
from annotriage.comparison.groupings import Grouping
from annotriage.comparison.image_groups import compare_groups
from annotriage.comparison.reports.report import document_of, write_report
from annotriage.comparison.reports.text import as_text
from annotriage.comparison.results import Comparison
from annotriage.comparison.statistical_tests import listed
from annotriage.comparison.statistical_tests.compared import Compared, GroupsCompared
from annotriage.desktop.settings import Settings
from annotriage.desktop.statistics.image_folder import ImageFolder
from annotriage.desktop.statistics.tab import EvidenceTab
from tests.comparison.made_runs import runs_of

NAME, METHOD = "Cochran's throw-away", "scipy.stats.f_oneway"
ASKS, CHECKED = "Asks what nobody asks.", "The sky is blue."
Result = Comparison | Diagnosis


def throw_away(values: list[np.ndarray]) -> Explained:
    found = stats.f_oneway(*values)
    number = Number(NAME, float(found.statistic), float(found.pvalue), len(values), METHOD)
    check = Check(CHECKED, False, "It rains.", (NAME,))
    return Explained(NAME, ASKS, f"F = {found.statistic:.3f}.", checks=(check,), method=METHOD, numbers=(number,))


def of_models(compared: Compared) -> Explained | None:
    return throw_away(list(compared.analysis.values.T)) if compared.analysis.unit == "runs" else None


def of_groups(compared: GroupsCompared) -> Explained:
    return throw_away([group.dice for group in compared.found.groups])


@pytest.fixture(params=["models", "groups"])
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Return a comparison to which one more test was listed: nothing else knows of it."""
    if request.param == "models":
        monkeypatch.setattr(listed, "MODEL_TESTS", (*listed.MODEL_TESTS, of_models))
        return compare(runs_of(np.random.default_rng(0).normal(0.1, 0.01, (6, 3))))
    monkeypatch.setattr(listed, "GROUP_TESTS", (*listed.GROUP_TESTS, of_groups))
    dice = np.random.default_rng(0).beta(6, 2, 40)
    return compare_groups(Grouping("site", "a file", ["arm"] * 20 + ["leg"] * 20, ["arm", "leg"]), dice)


def in_words(document: Document) -> str:
    return " ".join(as_text(document).split())


def test_it_is_in_the_text_with_its_check(found: Result) -> None:
    said = in_words(document_of(found))
    assert f"{NAME} {ASKS} F = " in said and f"Does not hold: {CHECKED} It rains." in said
    assert f"Computed by {METHOD}." in said and f"{NAME} 0." in said.replace(f"{NAME} 1.", f"{NAME} 0.")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".html", ".tex", ".json"])
def test_it_is_in_every_report(found: Result, tmp_path: Path, ending: str) -> None:
    write_report(found, tmp_path / f"report{ending}")
    text = (tmp_path / f"report{ending}").read_text(encoding="utf-8")
    assert (
        (escape(NAME) if ending == ".html" else NAME) in text
        and ASKS in text
        and CHECKED in text
        and "It rains." in text
    )


def test_json_has_its_numbers(found: Result, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.json")
    said = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    explained = (said["over_runs"] if "over_runs" in said else said)["explained"]
    (told,) = [each for each in explained if each["title"] == NAME]
    assert told["numbers"][0]["p"] < 1 and told["checks"][0]["holds"] is False
    assert any(block["block"].get("title") == NAME for block in said["report"] if block["kind"] == "explained")


def test_it_is_in_the_panel(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(listed, "MODEL_TESTS", (*listed.MODEL_TESTS, of_models))
    tab = EvidenceTab("Tests", ImageFolder(Settings()))
    qtbot.addWidget(tab)
    tab.show()
    with qtbot.waitSignal(tab.built):
        tab.show_result(Evidence(compare(runs_of(np.random.default_rng(0).normal(0.1, 0.01, (6, 3))))))
    texts = {label.text() for label in tab.findChildren(QLabel)}
    assert {NAME, ASKS, f"{CHECKED} It rains.", f"Computed by {METHOD}."} <= texts
