"""What a run learns from: the columns that the user chose, and metadata that do not know every image."""

from pathlib import Path

import numpy as np
import pytest

from annotriage.errors import AnnotriageError
from annotriage.regressors.data.run_data import RunData, gather, refuse_too_few_to_train
from annotriage.regressors.recipes.recipe import Recipe
from tests.regressors.small import small_recipe, write_folder, write_pairs

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


def folders(tmp_path: Path) -> tuple[Recipe, Path, Path, Path, Path, Path]:
    """Two folders of images and masks, and a recipe that learns from images without a label."""
    images, table, masks = write_folder(tmp_path / "one", 30, unlabelled=24)
    more, _, more_masks = write_folder(tmp_path / "two", 0, unlabelled=30, seed=1)
    for k, file in enumerate(sorted(more.iterdir())):
        (more_masks / f"{file.stem}_segmentation.png").rename(more_masks / f"H{k:02d}_segmentation.png")
        file.rename(more / f"H{k:02d}.png")
    recipe = small_recipe(mask_head={"enabled": True}, mask_stage={})
    return recipe, table, images, masks, more, more_masks


def told(data: RunData) -> dict[str, list[str]]:
    return {problem.what: problem.names for problem in data.problems}


def test_images_of_further_folders_have_no_label_and_their_masks_are_learned_from(tmp_path: Path) -> None:
    recipe, table, images, masks, more, more_masks = folders(tmp_path)
    alone = gather(recipe, images, table, None, masks)
    both = gather(recipe, [images, more], table, None, [masks, more_masks])
    assert both.split == alone.split and both.stems[:54] == alone.stems and len(both.stems) == 84
    assert both.names[54:] == [f"images/H{k:02d}.png" for k in range(30)]
    assert {both.stems[row]: path.parent for row, path in both.masks.items() if row >= 54} == {
        f"H{k:02d}": more_masks for k in range(30)
    }
    assert np.isnan(both.targets[54:]).all() and not np.isnan(both.targets[:30]).any()


def test_of_images_and_masks_of_one_name_none_is_used(tmp_path: Path) -> None:
    recipe, table, images, masks, more, more_masks = folders(tmp_path)
    first = [each.stem for each in sorted(images.iterdir())]
    for k, other in enumerate((first[40], first[3])):  # one without a label, one with
        (more / f"H{k:02d}.png").rename(more / f"{other}.png")
        (more_masks / f"H{k:02d}_segmentation.png").rename(more_masks / f"{other}_segmentation.png")
    data = gather(recipe, [images, more], table, None, [masks, more_masks])
    assert first[40] not in data.stems and data.stems.count(first[3]) == 1
    assert data.paths[data.stems.index(first[3])].parent == images
    assert sorted(told(data)["images without a label whose name another image has; none of them is used"]) == sorted(
        [str(images / f"{first[40]}.png"), str(more / f"{first[40]}.png")]
    )
    assert sorted(told(data)["images with more than one mask, none of which is used"]) == sorted([first[40], first[3]])
    (twice,) = [names for what, names in told(data).items() if "the labels name too" in what]
    assert twice == [f"images/{first[3]}.png"]


def test_further_folders_say_so_where_a_recipe_learns_from_labels_alone(tmp_path: Path) -> None:
    _, table, images, _, more, _ = folders(tmp_path)
    data = gather(small_recipe(), [images, more], table, None, None)
    (names,) = [names for what, names in told(data).items() if what.startswith("folders of images without a label")]
    assert names == [str(more)] and len(data.stems) == 30


def test_pairs_of_images_that_are_not_there_are_named(tmp_path: Path) -> None:
    images, table, _ = write_folder(tmp_path, 30)
    pairs = write_pairs(tmp_path / "pairs.csv", table, elsewhere=7)
    data = gather(small_recipe(), images, table, None, None, pairs=pairs)
    (names,) = [names for what, names in told(data).items() if "are not at hand" in what]
    assert names == [f"ELSE_{k:07d}" for k in range(7)]
    assert any("37 pairs with a consensus" in doubt for doubt in data.doubts)
