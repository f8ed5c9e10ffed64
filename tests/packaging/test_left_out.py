"""What is left out takes what only it needed with it, and nothing else."""

import posixpath
from pathlib import Path

import pytest


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
