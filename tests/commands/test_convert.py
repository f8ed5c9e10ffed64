"""`annotriage convert`: mask files of whatever people drew, whole or not at all, over nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from annotriage.annotations.formats import listed
from annotriage.commands.app import app
from tests.agreement.masks import disc, write_mask
from tests.annotations.toy import TOY, box, toy, write_toys

BOB, ALICE = box(10, 10, 40, 40), box(20, 10, 50, 40)


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "FORMATS", (TOY,))


def convert(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"}).invoke(app, ["convert", *map(str, arguments)])


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_toys(
        tmp_path / "export.json",
        toy("lesions/im_1", BOB, annotator="bob@clinic.org"),
        toy("lesions/im_1", box(50, 10, 60, 40), annotator="bob@clinic.org"),
        toy("lesions/im_1", ALICE, box(0, 0, 70, 5, "hair"), annotator="alice"),
        toy("lesions/im_2", annotator="alice"),
        toy("lesions/im_3", BOB, annotator="alice", note="a draft"),
    )


def test_a_folder_a_person_and_a_png_an_image(export: Path, tmp_path: Path) -> None:
    result = convert(export, "--out", tmp_path / "new" / "masks")
    assert result.exit_code == 0, result.output
    out = tmp_path / "new" / "masks"
    assert files(out) == ["alice/im_1.png", "alice/im_2.png", "bob@clinic.org/im_1.png"]
    bob, alice = pixels(out / "bob@clinic.org/im_1.png"), pixels(out / "alice/im_1.png")
    assert bob.shape == (60, 80) and bob.dtype == np.uint8 and set(np.unique(bob)) == {0, 255}
    assert (bob > 0).sum() == 900 + 300 and bob[10:40, 50:60].all()
    assert (alice > 0).sum() == 900, "the lesion alone"
    assert not pixels(out / "alice/im_2.png").any()
    assert "Measured is the label lesion" in result.stderr
    assert "3 masks written" in result.stderr and "(1 with nothing marked)" in result.stderr
    assert "a draft" in result.stderr and '--pattern "{annotator}/{image}.png"' in result.stderr


def test_nothing_is_written_over(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "masks"
    write_mask(out / "alice" / "im_2.png", disc())
    (out / "notes.txt").write_text("mine")
    before = (out / "alice/im_2.png").read_bytes()
    result = convert(export, "--out", out)
    assert result.exit_code == 1
    assert "1 file to be written is there already in" in str(result.exception) and "alice/im_2.png" in str(
        result.exception
    )
    assert files(out) == ["alice/im_2.png", "notes.txt"] and (out / "alice/im_2.png").read_bytes() == before
    (out / "alice/im_2.png").unlink()
    assert convert(export, "--out", out).exit_code == 0
    assert len(files(out)) == 4, "beside what was there"


@pytest.mark.parametrize("names", [("a:b", "a?b"), ("A", "a"), ("con.x", "_con.x"), ("a.", "a")])
def test_two_images_never_become_one_file(tmp_path: Path, names: tuple[str, str]) -> None:
    write_toys(tmp_path / "e.json", *(toy(name, BOB, annotator="bob") for name in names))
    result = convert(tmp_path / "e.json", "--out", tmp_path / "masks")
    assert result.exit_code == 1
    assert any(f"{one} and {other}" in str(result.exception) for one, other in (names, names[::-1]))
    assert not (tmp_path / "masks").exists()


def test_names_lead_nowhere_else(tmp_path: Path) -> None:
    write_toys(
        tmp_path / "e.json", toy("../../x", BOB, annotator="../up"), toy("/etc/y", BOB, annotator="CON"),
        toy("z", BOB, annotator=".hidden"),
    )  # fmt: skip
    assert convert(tmp_path / "e.json", "--out", tmp_path / "masks").exit_code == 0
    assert files(tmp_path / "masks") == [".._up/x.png".replace("..", "_..", 1), "_.hidden/z.png", "_CON/y.png"]


def test_a_damaged_file_among_others_is_no_success(export: Path, tmp_path: Path) -> None:
    whole = export.read_bytes()
    (tmp_path / "both").mkdir()
    export.rename(tmp_path / "both" / "bob.json")
    (tmp_path / "both" / "carol.json").write_bytes(whole[:60])
    result = convert(tmp_path / "both", "--out", tmp_path / "masks")
    assert result.exit_code == 3, result.output
    assert "3 masks written" in result.stderr
    assert "Without 1 file that could not be read (carol.json)." in result.stderr


def test_what_nobody_is_known_of_needs_a_name(tmp_path: Path) -> None:
    write_toys(tmp_path / "e.json", toy("a", BOB, annotator="bob"), toy("a", ALICE))
    result = convert(tmp_path / "e.json", "--out", tmp_path / "masks")
    assert result.exit_code == 1 and "Nothing says who drew 1 mask" in str(result.exception)
    write_toys(tmp_path / "e.json", toy("a", BOB), toy("b", ALICE))
    assert convert(tmp_path / "e.json", "--out", tmp_path / "masks").exit_code == 0
    assert files(tmp_path / "masks") == ["a.png", "b.png"]


def test_a_full_disk_leaves_nothing(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotriage.agreement.converting._move", full)
    result = convert(export, "--out", tmp_path / "masks")
    assert result.exit_code == 1 and "No space left" in str(result.exception)
    assert list((tmp_path / "masks").iterdir()) == []


def test_ctrl_c_leaves_nothing(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("annotriage.agreement.converting._move", stopped)
    result = convert(export, "--out", tmp_path / "masks")
    assert result.exit_code == 130 and "Nothing was written" in result.stderr
    assert list((tmp_path / "masks").iterdir()) == []


def test_several_labels_are_asked_for(tmp_path: Path) -> None:
    write_toys(tmp_path / "e.json", toy("a", {**BOB, "label": "nevus"}, {**ALICE, "label": "melanoma"}, annotator="b"))
    result = convert(tmp_path / "e.json", "--out", tmp_path / "masks")
    assert result.exit_code == 2 and '--label "melanoma"' in result.stderr and not (tmp_path / "masks").exists()
    assert convert(tmp_path / "e.json", "--out", tmp_path / "masks", "--label", "Nevus").exit_code == 0


def test_masks_as_files_are_converted_as_well(tmp_path: Path) -> None:
    """Pieces are put together, colours become 255."""
    for part, row in enumerate((10, 40)):
        name = f"task-3-annotation-1-by-2-brush-lesion-{part}.png"
        write_mask(tmp_path / "in" / name, disc(row=row, radius=5))
    (tmp_path / "tasks.csv").write_text("id,image\n3,/data/upload/1/0a1b2c3d-ISIC%201.jpg\n")
    result = convert(tmp_path / "in", "--tasks", tmp_path / "tasks.csv", "--out", tmp_path / "masks")
    assert result.exit_code == 0, result.output
    assert files(tmp_path / "masks") == ["2/ISIC 1.png"]
    assert (pixels(tmp_path / "masks/2/ISIC 1.png") == 255).sum() == 2 * disc(row=10, radius=5).sum()
