"""What is left out takes what only it needed with it, and nothing else."""

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotriage


@pytest.fixture
def needs(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Return what each file needs, to be filled: name of the file -> names of libraries."""
    import left_out

    found: dict[str, set[str]] = {}
    monkeypatch.setattr(left_out, "_imports", lambda source: frozenset(found.get(posixpath.basename(source), ())))
    return found


def listed(*targets: str) -> list[tuple[str, str, str]]:
    return [(target, f"/from/{posixpath.basename(target)}", "BINARY") for target in targets]


def names(files: list[tuple[str, str, str]]) -> list[str]:
    return [name for name, _, _ in files]


def test_a_library_goes_with_the_only_one_that_needs_it(needs: dict[str, set[str]]) -> None:
    from left_out import kept_files

    needs |= {"libqgtk3.so": {"libgtk-3.so.0"}, "libgtk-3.so.0": {"libcairo.so.2"}, "libqxcb.so": {"libX11.so.6"}}
    gtk = "PySide6/Qt/plugins/platformthemes/libqgtk3.so"
    xcb = "PySide6/Qt/plugins/platforms/libqxcb.so"
    files = listed(gtk, xcb, "libgtk-3.so.0", "libcairo.so.2", "libX11.so.6", "libpython3.11.so.1.0")
    assert names(kept_files(files)) == [xcb, "libX11.so.6", "libpython3.11.so.1.0"]


def test_a_link_goes_with_its_library(needs: dict[str, set[str]]) -> None:
    from left_out import kept_files

    needs |= {"QtGui.abi3.so": {"libQt6Gui.so.6"}}
    files = [
        ("PySide6/QtGui.abi3.so", "/from/QtGui.abi3.so", "EXTENSION"),
        *listed("PySide6/Qt/lib/libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Network.so.6"),
        ("libQt6Gui.so.6", "PySide6/Qt/lib/libQt6Gui.so.6", "SYMLINK"),
        ("libQt6Network.so.6", "PySide6/Qt/lib/libQt6Network.so.6", "SYMLINK"),
    ]
    kept = names(kept_files(files))
    assert kept == ["PySide6/QtGui.abi3.so", "PySide6/Qt/lib/libQt6Gui.so.6", "libQt6Gui.so.6"]


def test_libraries_of_a_package_stay_though_nobody_names_them(needs: dict[str, set[str]]) -> None:
    from left_out import kept_files

    files = listed("numpy.libs/libscipy_openblas64_-1.so", "onnxruntime/capi/libonnxruntime_providers_shared.so")
    assert kept_files(files) == files


def test_images_of_qt_keep_the_two_kinds_that_are_used(needs: dict[str, set[str]]) -> None:
    from left_out import kept_files

    folder = "PySide6/Qt/plugins/imageformats"
    kinds = ("libqjpeg.so", "libqsvg.so", "libqgif.so", "libqtiff.so", "libqwebp.so")
    assert names(kept_files(listed(*(f"{folder}/{kind}" for kind in kinds)))) == [
        f"{folder}/libqjpeg.so",
        f"{folder}/libqsvg.so",
    ]


def test_the_light_edition_cannot_train_and_the_full_one_can() -> None:
    from left_out import modules_left_out

    assert {"torch", "lightning", "sklearn"} <= set(modules_left_out("light"))
    assert not {"torch", "lightning", "sklearn"} & set(modules_left_out("full"))


def test_nothing_under_the_gpl_is_taken_along() -> None:
    from left_out import modules_left_out

    for edition in ("light", "full"):
        assert {"readline", "pillow_heif"} <= set(modules_left_out(edition))


def test_every_reason_is_said() -> None:
    import left_out

    tables = (left_out._MODULES, left_out._FILES, left_out._START_UP)
    assert all(len(reason) > 5 for table in tables for reason in table.values())
    first = [next(iter(table.values())) for table in tables]
    assert not any(reason.startswith("the same") for reason in first), "the same as what?"


def test_no_file_of_ours_is_left_out(needs: dict[str, set[str]]) -> None:
    from left_out import kept_files

    root = Path(__file__).resolve().parents[2]
    files = [
        (f"annotriage/{path.relative_to(root).as_posix()}", str(path), "DATA")
        for path in (root / "resources").rglob("*")
        if path.is_file()
    ]
    assert files and kept_files(files) == files


@pytest.mark.slow
def test_nothing_of_ours_imports_what_the_light_edition_leaves_out() -> None:
    from left_out import modules_left_out

    gone = set(modules_left_out("light")) - {"SimpleITK"}  # STAPLE says by itself that it is missing
    named = "|".join(sorted({name.rpartition(".")[2] for name in gone}))
    folder = Path(annotriage.__file__).parent
    wrong = [
        f"{path.relative_to(folder)}: {name}"
        for path in sorted(folder.rglob("*.py"))
        if "regressors" not in path.parts  # torch lives there alone, and only training asks for it
        for source in [path.read_text(encoding="utf-8")]
        if re.search(rf"^ *(?:from|import) .*\b(?:{named})\b", source, re.M)  # parsing all takes seconds
        for name in imported(source)
        if any(name == each or name.startswith(f"{each}.") for each in gone)
    ]
    assert not wrong, "a package would miss these: " + ", ".join(wrong)


def imported(source: str) -> Iterator[str]:
    """Yield the modules that a source imports anywhere, but not where it goes on without them."""
    tree = ast.parse(source)
    asked = {
        id(each)
        for tried in ast.walk(tree)
        if isinstance(tried, ast.Try)
        and any(
            end.type is not None and re.search("Import|ModuleNotFound", ast.unparse(end.type)) for end in tried.handlers
        )
        for line in tried.body
        for each in ast.walk(line)
    }
    for node in ast.walk(tree):
        if id(node) in asked:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
