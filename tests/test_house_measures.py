"""The measures of the code, against numbers counted by hand on a small package."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house_measures import circles, imports, measure, private_reaches, table

ROOT = Path(__file__).parents[1]

CONTRACT = """
[[tool.importlinter.contracts]]
name = "down"
type = "layers"
ignore_imports = ["pack -> pack.api"]
layers = ["pack.api", "pack.desktop | pack.commands", "pack.scoring : pack.triage"]
"""

FILES = {
    # 4 lines: a docstring of one, a blank, two of code
    "pack/__init__.py": '"""Doc."""\n\nfrom pack import api\nX = 1\n',
    # 1 line: code; with the front door it would be a circle
    "pack/api.py": "import pack\n",
    # 16 lines: 6 of docstrings, 1 comment, 3 blank, 6 of code; a function of 8 lines, one of 1 inside of it
    "pack/scoring/scorer.py": (
        '"""Doc\n\nof three."""\n\n# why\nimport pack.triage.store\n\n\ndef score():\n    """Say\n\n    this."""\n'
        '    text = """a\n    b"""\n    def inner(): pass  # told\n    return text\n'
    ),
    "pack/triage/store.py": "def load():\n    from pack.scoring import scorer\n    return scorer\n",
    "pack/desktop/window/main.py": (
        "from typing import TYPE_CHECKING\n"
        "from pack.commands import verb\n"
        "if TYPE_CHECKING:\n"
        "    from pack.desktop.gallery.grid import Grid\n"
        "def _tr(text): return text\n"
        'print(_tr("a"), verb.tr("b"), "tr(c)")\n'
    ),
    "pack/desktop/gallery/grid.py": "from pack.desktop.window import main\nclass Grid: pass\n",
    "pack/commands/verb.py": "",
    "pack/triage/up.py": "from pack.desktop import window\nfrom ..desktop.gallery import grid\n",
    "pyproject.toml": CONTRACT,
    "tests/test_it.py": (
        "dialog._form.click()\nself._mine\ndialog._a; dialog._b\nrow._asdict()\nx.__class__\n"
        "monkeypatch.setattr(dialog, '_hidden', 1)\nmonkeypatch.setattr('pack.api._door', 1)\n"
    ),
}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_lines_and_functions_are_those_counted_by_hand(made: Path) -> None:
    found = measure(made / "pack", made / "pyproject.toml", made / "tests")
    #                                     files, lines, code, docs, median, longest, functions: median, 95 %, longest
    assert found.rooms["scoring"].row() == [1, 16, 6, 6, 16, 16, 4, 1, 8]
    assert found.rooms["triage"].row() == [2, 5, 5, 0, 2, 3, 3, 3, 3]
    assert found.rooms["(beside the rooms)"].row() == [2, 5, 3, 1, 2, 4, 0, 0, 0]
    assert found.rooms["desktop"].row()[:2] == [2, 8]
    assert found.rooms["desktop/window"].row()[:3] == [1, 6, 6]
    assert found.whole.row()[:2] == [8, 34]
    assert [max(found.whole.functions)] == [(8, "scoring/scorer.py:score")]


def test_imports_are_told_by_when_they_happen() -> None:
    code = (
        "import p.a\nfrom p import b\nfrom p.b import name\n"
        "if TYPE_CHECKING:\n    from p.c import Shape\nelse:\n    import p.d\n"
        "def late():\n    if x:\n        import p.e\n"
    )
    modules = {"p", "p.a", "p.b", "p.c", "p.d", "p.e", "p.here"}
    found = {(each.target, each.when) for each in imports(ast.parse(code), "p.here", modules)}
    assert found == {
        ("p.a", "loading"), ("p.b", "loading"), ("p.c", "typing"), ("p.d", "loading"), ("p.e", "lazy"),
    }  # fmt: skip


def test_what_runs_against_the_layers_is_found(made: Path) -> None:
    found = measure(made / "pack", made / "pyproject.toml", made / "tests")
    assert {(each.source, each.target) for each in found.against_layers} == {
        ("pack.desktop.window.main", "pack.commands.verb"),  # sideways
        ("pack.triage.up", "pack.desktop.gallery.grid"),
    }


def test_circles_are_found_by_when_they_close(made: Path) -> None:
    found = measure(made / "pack", made / "pyproject.toml", made / "tests").imports
    assert circles([each for each in found if each.when == "loading"]) == []
    assert circles([each for each in found if each.when != "typing"]) == [["pack.scoring.scorer", "pack.triage.store"]]
    assert ["pack.desktop.gallery.grid", "pack.desktop.window.main"] in circles(found)
    assert circles([]) == []


def test_what_is_told_in_a_line(made: Path) -> None:
    told = measure(made / "pack", made / "pyproject.toml", made / "tests").lines()
    assert told["circles of desktop rooms"].startswith("1 | 2: desktop.gallery, desktop.window")
    assert told["marks for translation"] == "2"
    assert told["private reaches of tests"] == "4 lines in 1 files"


def test_private_names_that_python_documents_are_nobodys_secret() -> None:
    assert private_reaches("os._exit(0)\nrow._fields\ncls._own\n") == 0
    assert private_reaches("dialog.\\\n  _form\ndialog._form\n") == 2


def test_two_trees_stand_side_by_side(made: Path) -> None:
    before = measure(made / "pack", made / "pyproject.toml", made / "tests")
    (made / "pack/scoring/scorer.py").unlink()
    now = measure(made / "pack", made / "pyproject.toml", made / "tests")
    rows = {row[:28].strip(): row[28:].split() for row in table(now, before).splitlines()}
    assert rows["the whole"][:4] == ["8", "7", "34", "18"]
    assert rows["scoring"][:4] == ["1", "-", "16", "-"]


@pytest.mark.slow
def test_it_measures_this_checkout() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.house_measures"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = {row[:28].strip(): row[28:].split() for row in run.stdout.splitlines()}
    files = sorted((ROOT / "annotriage").rglob("*.py"))
    assert rows["the whole"][:2] == [
        f"{len(files):,}",
        f"{sum(len(each.read_bytes().splitlines()) for each in files):,}",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("elsewhere", "told"), [(False, "git has no no-such-commit"), (True, "in the folder of the")])
def test_what_it_cannot_measure_is_a_sentence(elsewhere: bool, told: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.house_measures", "--against", "no-such-commit"],
        cwd=tmp_path if elsewhere else ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2 and told in run.stderr and "Traceback" not in run.stderr
