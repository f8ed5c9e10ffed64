"""Reports: the same numbers on the terminal, in HTML, PDF, LaTeX and JSON."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from annotriage.comparison.comparing import compare
from annotriage.comparison.explained.document import FigureBlock, Paragraph
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.groupings import Grouping
from annotriage.comparison.image_groups import Diagnosis, compare_groups
from annotriage.comparison.reports.drawing import pages_as_pdf, place_on
from annotriage.comparison.reports.figures import drawn
from annotriage.comparison.reports.latex import escaped
from annotriage.comparison.reports.report import document_of, write_report
from annotriage.comparison.results import Comparison
from annotriage.errors import AnnotriageError
from tests.comparison.made_runs import printed, runs_of, write_grid


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    models = {"paper_resnet18": 0.05, "middle": 0.1, "worst": 0.2}
    return compare([write_grid(tmp_path_factory.mktemp("grid"), models, runs=4)])


@pytest.fixture(scope="module")
def groups() -> Diagnosis:
    dice = np.random.default_rng(0).beta(6, 2, 40)
    return compare_groups(
        Grouping("site", "a_file.csv", ["arm & leg"] * 20 + ["<head>"] * 20, ["arm & leg", "<head>"]), dice
    )


def test_text_has_tables_cautions_methods_and_versions(found: Comparison) -> None:
    said = printed(found)
    assert "Caution: The second assumption fails" in said
    for name in ("scipy.stats.friedmanchisquare", "Nemenyi (scikit_posthocs)", "baycomp.CorrelatedTTest", "paper: MSE"):
        assert name in said
    assert found.versions["scipy"] in said
    assert f"{found.table[0].mse:.4f} ± {found.table[0].mse_sd:.4f}" in said


def test_what_warns_of_tests_stands_beside_them_on_the_screen_and_once_in_reports(found: Comparison) -> None:
    document = document_of(found)
    beside = [block.text for block in document.part("Tests") if isinstance(block, Paragraph)]
    analyses = [analysis for analysis in (found.over_runs, found.over_images) if analysis is not None]
    notes = {note for analysis in analyses for note in analysis.notes}
    assert notes and notes <= set(beside)
    in_reports = [block.text for block in document.flat() if isinstance(block, Paragraph)]
    assert all(in_reports.count(note) == sum(note in each.notes for each in analyses) for note in notes)


def test_the_papers_column_can_be_left_out(found: Comparison) -> None:
    table = next(block for block in document_of(found, paper=False).flat() if isinstance(block, TableBlock))
    assert not any("paper" in column for column in table.columns)


@pytest.mark.slow
def test_every_figure_is_drawn_and_says_in_words_what_it_shows(found: Comparison, groups: Diagnosis) -> None:
    blocks = [*document_of(found).flat(), *document_of(groups).flat()]
    figures = {block.label: block for block in blocks if isinstance(block, FigureBlock)}
    wanted = {"figure-2", "figure-3", "figure-4", "figure-5", "critical-difference-runs", "triage-curve"}
    assert wanted <= set(figures)
    for figure in figures.values():
        shown = drawn(figure.draw())
        shown.canvas.draw()
        assert shown.axes and len(figure.caption) > 60


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "img":
            assert dict(attrs)["alt"]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.slow
def test_html_is_one_file_that_fetches_nothing(found: Comparison, groups: Diagnosis, tmp_path: Path) -> None:
    for result in (found, groups):
        write_report(result, tmp_path / "report.html")
        page = _Page()
        page.feed((tmp_path / "report.html").read_text(encoding="utf-8"))
        assert page.links and all(link.startswith("data:image/svg+xml;base64,") for link in page.links)
        assert not page.scripts
    assert "<head>" in page.text and "arm & leg" in page.text


@pytest.mark.slow
def test_pdf_has_pages_with_pictures(found: Comparison, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.pdf")
    data = (tmp_path / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", data)) >= 3


@pytest.mark.slow
def test_latex_has_whole_tables_and_escapes_names(found: Comparison, groups: Diagnosis, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.tex")
    text = (tmp_path / "report.tex").read_text(encoding="utf-8")
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") >= 5
    assert r"paper\_resnet18 &" in text and r"$\pm$" in text
    body = [line for line in text.splitlines() if not line.startswith("%")]
    rows = [line for line in body if line.endswith(r" \\")]
    assert rows and not any(re.search(r"(?<!\\)[_%#]", line) for line in rows)
    write_report(groups, tmp_path / "groups.tex")
    assert r"arm \& leg &" in (tmp_path / "groups.tex").read_text(encoding="utf-8")
    assert escaped("a_b\\{c}") == r"a\_b\textbackslash{}\{c\}"


def test_json_holds_every_number_and_no_nan(found: Comparison, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    values = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found.over_runs is not None and found.over_runs.friedman is not None
    assert values["over_runs"]["friedman"]["p"] == found.over_runs.friedman.p
    assert values["over_runs"]["friedman"]["method"] == "scipy.stats.friedmanchisquare"
    assert values["raw"]["mse"] == found.raw["mse"].tolist()
    assert values["versions"] == found.versions


def test_bad_places_are_refused(found: Comparison, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"ends in \.doc; a report ends in \.html"):
        write_report(found, tmp_path / "report.doc")
    with pytest.raises(AnnotriageError, match="does not exist; make it first"):
        write_report(found, tmp_path / "nowhere" / "report.html")


@pytest.mark.slow
def test_figures_of_a_pdf_are_vectors(found: Comparison, groups: Diagnosis, tmp_path: Path) -> None:
    for result in (found, groups):
        write_report(result, tmp_path / "report.pdf")
        assert b"/Subtype /Image" not in (tmp_path / "report.pdf").read_bytes()


def test_figures_keep_their_place_on_the_page() -> None:
    drawing, page = Figure((4, 2), layout="constrained"), Figure((8, 10))
    drawing.add_subplot().plot([0, 1], [0, 1])
    place_on(page, drawing, (1, 3, 6, 3))
    assert np.allclose(drawing.bbox.extents, 72 * np.array([1, 3, 7, 6]))
    seen = drawing.axes[0].get_window_extent()
    assert 72 < seen.x0 < seen.x1 < 7 * 72 and 3 * 72 < seen.y0 < seen.y1 < 6 * 72
    assert pages_as_pdf([page], "a page").startswith(b"%PDF")


@pytest.mark.slow
def test_html_loses_no_column_on_paper(found: Comparison, tmp_path: Path) -> None:
    write_report(found, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    on_paper = text[text.index("@media print") : text.index("</style>")]
    assert ".wide { overflow: visible; }" in on_paper and "auto" not in on_paper
    assert "nowrap" not in text and "display: block" not in text
    assert text.count('<div class="wide"><table') == text.count("<table") == text.count("</table></div>")


@pytest.mark.slow
def test_latex_takes_figures_in_and_counts_by_itself(found: Comparison, groups: Diagnosis, tmp_path: Path) -> None:
    for result, name in ((found, "my report, 50%.tex"), (groups, "groups.tex")):
        write_report(result, tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        files = re.findall(r"\\includegraphics\[width=\\linewidth\]\{(.+?)\}", text)
        assert files and all((tmp_path / file).read_bytes().startswith(b"%PDF") for file in files)
        assert all(re.fullmatch(r"[A-Za-z0-9./-]+", file) for file in files)
        captions = re.findall(r"\\caption\{(.*)\}", text)
        assert len(captions) == text.count(r"\begin{table}") + len(files)
        assert not any(re.match(r"(Table|Figure) \d", caption) for caption in captions)


HOSTILE = "a$x_1$\n\\write18{id}\r% $\u2028b"


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".html", ".pdf", ".tex", ".json"])
def test_names_of_any_letters_are_plain_text_in_every_report(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(0)
    models = [HOSTILE, "$\\frac$", "=1+1|[/foo]" * 30]
    runs = runs_of(rng.normal(0.1, 0.01, (4, 3)), models)  # as a caller may make them, not through a reader
    path = tmp_path / f"report{ending}"
    write_report(compare(runs), path)
    if ending == ".tex":
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.startswith(("%", " ", "\\begin", "\\end")) and "\\write" not in line.split("%")[0]
    groups = compare_groups(
        Grouping("$by", "a\nfile", ["$a $b"] * 9 + [HOSTILE] * 9, ["$a $b", HOSTILE]), rng.random(18)
    )
    write_report(groups, path)


def test_table_3_has_both_rows(found: Comparison) -> None:
    table = next(b for b in document_of(found).flat() if isinstance(b, TableBlock) and b.label == "table-3")
    assert [row[0] for row in table.rows] == ["MSE", "MSE", "MAE", "MAE"]
    assert [row[-1] for row in table.rows] == ["0.95447", "-", "0.94599", "-"]
    for metric in ("mse", "mae"):
        expected = stats.kruskal(*stats.zscore(found.raw[metric], axis=0).T)
        assert any(row[2] == f"{expected.statistic:.5f}" for row in table.rows)


def test_a_report_is_never_called_as_a_runs_own_file(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="a run's own file"):
        write_report(None, tmp_path / "Metrics.json")  # type: ignore[arg-type]
