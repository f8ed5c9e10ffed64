"""The library of models: bundled ones, the user's own, and what goes wrong between them."""

import os
from pathlib import Path

import pytest

from annotriage.model_file import ModelFileError, ModelLibrary, library
from tests.tiny_models import write_tiny_model


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the shipped files: one bundled model."""
    folder = tmp_path / "resources"
    (folder / "models").mkdir(parents=True)
    write_tiny_model(folder / "models" / "bundled.onnx", name="bundled")
    monkeypatch.setattr(library, "resources_folder", lambda: folder)
    return folder


@pytest.fixture
def models(resources: Path, own_home: Path) -> ModelLibrary:
    return ModelLibrary()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "some run.onnx", name="mine")


def names(models: ModelLibrary) -> list[str]:
    return [entry.name for entry in models.list()]


def test_the_bundled_model_is_the_default(models: ModelLibrary) -> None:
    (entry,) = models.list()
    assert (entry.name, entry.bundled, entry.default, entry.problem) == ("bundled", True, True, None)
    assert models.default().card.name == "bundled"


def test_a_new_home_is_not_written_to_by_looking(models: ModelLibrary, own_home: Path) -> None:
    models.list()
    models.default()
    assert list(own_home.iterdir()) == []


@pytest.mark.slow
def test_a_model_is_imported_found_chosen_and_removed(models: ModelLibrary, mine: Path) -> None:
    entry = models.import_model(mine)
    assert (entry.name, entry.bundled, entry.default) == ("mine", False, False)
    assert names(models) == ["bundled", "mine"]
    assert models.find("mine").path == entry.path
    assert models.find("MINE").path == entry.path
    assert models.default().card.name == "bundled"
    assert models.set_default("mine").default
    assert ModelLibrary().default().card.name == "mine"
    assert [entry.default for entry in models.list()] == [False, True]
    models.remove("mine")
    assert names(models) == ["bundled"]
    assert models.default().card.name == "bundled"
    models.import_model(mine)  # coming back does not make it the default again
    assert models.default().card.name == "bundled"


@pytest.mark.slow
def test_a_default_deleted_by_hand_falls_back(models: ModelLibrary, mine: Path) -> None:
    path = models.import_model(mine).path
    models.set_default("mine")
    path.unlink()
    assert models.default().card.name == "bundled"


@pytest.mark.slow
def test_a_damaged_default_is_not_replaced_silently(models: ModelLibrary, mine: Path) -> None:
    path = models.import_model(mine).path
    models.set_default("mine")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelFileError, match="damaged"):
        models.default()


def test_a_choice_that_makes_no_sense_is_none(models: ModelLibrary, own_home: Path) -> None:
    for text in ("", "[]", '{"default": 3}', "{}", '{"default": "gone"}'):
        (own_home / "default-model.json").write_text(text)
        assert models.default().card.name == "bundled"


def test_any_model_file_is_found_by_its_path(models: ModelLibrary, mine: Path) -> None:
    assert models.find(mine).card.name == "mine"
    assert models.find(str(mine)).path == mine


def test_what_is_not_there_is_said_with_what_is(models: ModelLibrary) -> None:
    with pytest.raises(ModelFileError, match="no model called nobody: the library holds bundled"):
        models.find("nobody")
    with pytest.raises(ModelFileError, match=r"no model file .*nobody\.onnx"):
        models.find("nobody.onnx")
    for ask in (models.remove, models.set_default):
        with pytest.raises(ModelFileError, match="no model called nobody"):
            ask("nobody")


def test_without_any_model_the_default_says_what_to_do(resources: Path, models: ModelLibrary) -> None:
    (resources / "models" / "bundled.onnx").unlink()
    assert models.list() == []
    with pytest.raises(ModelFileError, match="annotriage models import"):
        models.default()


def test_the_bundled_model_cannot_be_removed(resources: Path, models: ModelLibrary) -> None:
    with pytest.raises(ModelFileError, match="cannot be removed"):
        models.remove("bundled")
    assert (resources / "models" / "bundled.onnx").exists()


@pytest.mark.slow
def test_a_name_that_is_taken_is_explained(models: ModelLibrary, mine: Path, tmp_path: Path) -> None:
    bundled_too = write_tiny_model(tmp_path / "b.onnx", name="Bundled")
    with pytest.raises(ModelFileError, match="ships with Annotriage"):
        models.import_model(bundled_too)
    models.import_model(mine)
    models.import_model(mine)  # the same file again is no clash
    other = write_tiny_model(tmp_path / "o.onnx", name="mine", title="Another")
    with pytest.raises(ModelFileError, match="--replace"):
        models.import_model(other)
    assert models.find("mine").card.title != "Another"
    entry = models.import_model(other, replace=True)
    assert entry.card is not None
    assert entry.card.title == "Another"
    assert names(models) == ["bundled", "mine"]


@pytest.mark.slow
def test_an_imported_model_may_be_imported_from_the_library_itself(models: ModelLibrary, mine: Path) -> None:
    path = models.import_model(mine).path
    assert models.import_model(path).path == path


@pytest.mark.slow
def test_a_damaged_file_is_listed_and_can_be_removed(models: ModelLibrary, mine: Path) -> None:
    good = models.import_model(mine).path
    (good.parent / "broken.onnx").write_bytes(good.read_bytes()[:500])
    (good.parent / "folder.onnx").mkdir()
    (good.parent / "notes.txt").write_text("no model")
    (good.parent / ".half.onnx").write_bytes(b"half")
    found = {entry.name: entry.problem for entry in models.list()}
    assert list(found) == ["bundled", "broken", "folder", "mine"]
    assert found["mine"] is None
    assert "broken.onnx" in (found["broken"] or "")
    assert "folder" in (found["folder"] or "")
    with pytest.raises(ModelFileError):
        models.set_default("broken")
    models.remove("broken")
    assert names(models) == ["bundled", "folder", "mine"]
    with pytest.raises(ModelFileError, match="cannot be deleted"):
        models.remove("folder")


def test_a_file_put_there_under_a_bundled_name_is_shadowed(models: ModelLibrary) -> None:
    models.folder.mkdir()
    write_tiny_model(models.folder / "Bundled.onnx")
    first, second = models.list()
    assert first.problem is None
    assert "same name" in (second.problem or "")
    assert models.find("bundled").path == first.path
    models.remove("bundled")
    assert len(models.list()) == 1


@pytest.mark.slow
def test_a_failed_import_leaves_nothing(models: ModelLibrary, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(library.os, "fsync", full)
    with pytest.raises(ModelFileError, match="No space left"):
        models.import_model(mine)
    assert list(models.folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="permissions are of POSIX systems")
def test_others_may_read_what_one_imports_for_a_team(models: ModelLibrary, mine: Path) -> None:
    mine.chmod(0o600)
    before = os.umask(0o022)
    try:
        assert models.import_model(mine).path.stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_what_cannot_be_opened_is_not_imported(models: ModelLibrary, mine: Path) -> None:
    mine.write_bytes(mine.read_bytes()[:-1])
    with pytest.raises(ModelFileError):
        models.import_model(mine)
    assert not models.folder.exists()


@pytest.mark.slow
def test_listing_imports_no_runtime(models: ModelLibrary, own_home: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from annotriage.model_file import ModelLibrary; ModelLibrary().list();"
        "heavy = {'onnxruntime', 'onnx', 'torch', 'PIL', 'rich'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_bundled_file_is_called_what_its_card_says() -> None:
    for entry in ModelLibrary().list():
        assert entry.problem is None
        assert entry.card is not None
        assert entry.card.name == entry.name
