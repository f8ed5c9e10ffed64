"""The guide's files: the page of commands is that of the commands, all links lead somewhere."""

import re
from pathlib import Path

import pytest

import annotriage
from annotriage.desktop.guide.guide_pages import guide_folder, guide_pages
from annotriage.triage.next_step import NextStepRule
from guide.commands import PAGE, page


def test_the_page_of_commands_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m guide.commands"


def test_every_command_and_option_is_on_it() -> None:
    from annotriage.commands.app import VERBS

    text = page()
    for verb in VERBS:
        assert f"\n## annotriage {verb}\n" in text
    assert "### annotriage fetch isic" in text and "`--heatmaps` DIR" in text


@pytest.mark.parametrize("name", [each.name for each in sorted(guide_folder().glob("*.md"))])
def test_every_link_and_picture_is_there(name: str) -> None:
    text = (guide_folder() / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert "://" in target or (guide_folder() / target).is_file(), f"{name} links to {target}"


def test_the_index_leads_to_every_page() -> None:
    assert {each.path for each in guide_pages()} == set(guide_folder().glob("*.md"))


def test_what_the_guide_names_is_called_so_in_the_window() -> None:
    folder = Path(annotriage.__file__).parent
    shown = (path for part in ("desktop", "comparison", "trainings") for path in (folder / part).rglob("*.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in shown)
    said = {_plain(text) for text in re.findall(r'"((?:[^"\\\n]|\\.)+)"', code)}
    others = {"Brush labels to PNG", "Segmentation mask", "Save"}  # Label Studio's, CVAT's, and what is not there
    for path in guide_folder().glob("*.md"):
        text = " ".join(path.read_text(encoding="utf-8").split())
        terms = {
            part.strip() for term in re.findall(r"(?<![*\w])\*([A-Z][^*]*)\*(?!\*)", text) for part in term.split(">")
        }
        missing = {term for term in terms - others if _plain(term) not in said}
        assert not missing, f"{path.name} names what the window calls otherwise: {missing}"


def _plain(text: str) -> str:
    """Return a text of the window without its marks for keys, its colon and its count."""
    return re.sub(r" \(\{\w+\}\)$", "", text.replace("&", "").replace(" …", "…").rstrip(":"))


def test_the_rule_of_the_next_step_stands_in_the_guide_as_the_window_says_it() -> None:
    text = " ".join((guide_folder() / "triage.md").read_text(encoding="utf-8").split())
    rule = NextStepRule().sentences()
    assert " ".join(f"{place}. {sentence}" for place, sentence in enumerate(rule, 1)) in text
