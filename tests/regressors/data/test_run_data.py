"""What a run learns from: the columns that the user chose, and metadata that do not know every image."""

from pathlib import Path

import pytest

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.run_data import gather, refuse_too_few_to_train
from tests.regressors.small import small_recipe, write_folder

pytestmark = pytest.mark.slow


def test_a_table_of_other_names_by_the_columns_that_were_chosen(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 30)
    header, *rows = table.read_text().splitlines()
    assert header == "image,count,dice_mean,jaccard_mean"
    table.write_text("\n".join(["case,n,agreement,overlap", *rows]) + "\n")
    with pytest.raises(AnnotriageError, match="say which it is: --column dice=NAME"):
        gather(small_recipe(), images, table, None, None)
    data = gather(small_recipe(), images, table, None, None, {"dice": "agreement"})
    assert data.columns == ["image = case (holds names of images)", "dice = agreement (chosen)"]
    assert [f"{dice:.4f}" for dice in data.targets[:, 0]] == [f"{float(row.split(',')[2]):.4f}" for row in rows]


def test_images_that_the_metadata_do_not_know_are_named(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 30)
    clinical = tmp_path / "metadata.csv"
    clinical.write_text("isic_id,patient_id\n" + "".join(f"ISIC_{k:07d},P{k // 3}\n" for k in range(28)))
    data = gather(small_recipe(), images, table, clinical, None)
    assert {problem.what: problem.names for problem in data.problems} == {
        "labelled images without metadata; each counts as a patient of its own": ["ISIC_0000028", "ISIC_0000029"]
    }


def test_folds_test_every_image_once_and_leave_what_masks_are_learned_on_alone(tmp_path: Path) -> None:
    images, table, masks = write_folder(tmp_path, 30, unlabelled=24)
    found = []
    for fold in (1, 2, 3):
        recipe = small_recipe(
            split={"train": 0.6, "validation": 0.2, "test": 0.2, "folds": 3, "fold": fold},
            mask_head={"enabled": True},
            mask_stage={},
        )
        found.append(gather(recipe, images, table, None, masks))
    assert sorted(stem for data in found for stem in data.split.test) == [f"ISIC_{k:07d}" for k in range(30)]
    assert [len(data.split.validation) for data in found] == [5, 5, 5], "a quarter of what is learned from"
    assert all(data.masks == found[0].masks and data.stems == found[0].stems for data in found)


@pytest.mark.parametrize(("train", "words"), [(0, "none are left"), (1, "only one is left")])
def test_a_training_part_of_one_image_is_refused_in_a_sentence(train: int, words: str) -> None:
    with pytest.raises(AnnotriageError, match=f"Of 20 labelled images {words} to train on"):
        refuse_too_few_to_train(train, 20)
    refuse_too_few_to_train(2, 20)
