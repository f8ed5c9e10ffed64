"""Label Studio's tasks and the images that they are of."""

from pathlib import Path

import pytest

from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.agreement.studio_tasks import name_tasks
from annotriage.errors import AnnotriageError


def found(*images: str) -> MaskSet:
    return MaskSet([MaskRow(image, "1", Path(f"{image}.png")) for image in images], "read so")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_tasks_are_called_by_their_images(tmp_path: Path) -> None:
    table = write(
        tmp_path / "t.csv",
        "annotator,id,image\n"
        "1,31,/data/local-files/?d=lesions/%C3%BC%201.png\n"
        "1,33,/data/upload/2/0a1b2c3d-ISIC_0000004.JPG\n"
        "2,33,/data/upload/2/0a1b2c3d-ISIC_0000004.JPG\n"
        "1,35,https://host/x/deadbeef-9.jpg?sig=1\n",
    )
    masks = name_tasks(found("task-31", "33", "task-35", "task-77"), table)
    assert [row.image for row in masks.rows] == ["\u00fc 1", "ISIC_0000004", "deadbeef-9", "task-77"]
    assert masks.remarks == ("t.csv does not name 1 of the tasks (task-77).",)


def test_names_are_preferred_to_addresses(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "id,image,name\n31,/data/x.png,a #1?.png\n")
    assert name_tasks(found("task-31"), table).rows[0].image == "a #1?"


def test_what_names_no_task_or_two_alike_is_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "id,image\n1,a.jpg\n2,a.png\n")
    with pytest.raises(AnnotriageError, match="another project"):
        name_tasks(found("task-7"), table)
    with pytest.raises(AnnotriageError, match="two images would become one"):
        name_tasks(found("task-1", "task-2"), table)
    with pytest.raises(AnnotriageError, match="id"):
        name_tasks(found("task-1"), write(tmp_path / "u.csv", "image\na.jpg\n"))


@pytest.mark.parametrize("name", ["JSON.json", "JSON_MIN.json", "CSV.csv"])
def test_tasks_in_every_export(peer_samples: Path, name: str) -> None:
    masks = name_tasks(found("task-31", "task-35"), peer_samples / "labelstudio_real" / name)
    assert [row.image for row in masks.rows] == ["ISIC_0013998", "ISIC_0012512"]


def test_json_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match="is no export of Label Studio"):
        name_tasks(found("task-31"), write(tmp_path / "t.json", '{"images": []}'))
