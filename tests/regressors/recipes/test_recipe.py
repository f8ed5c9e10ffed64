"""Recipes: the paper's is the paper's, mistakes are named, and what is written is read back."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.regressors.recipes.recipe import Recipe, load_recipe, parse_recipe, recipe_toml
from annotriage.regressors.recipes.sections import (
    Augmentation,
    Distillation,
    EarlyStopping,
    Fit,
    Loss,
    MaskHead,
    MaskRound,
    MaskStage,
    Optimiser,
    Schedule,
    SplitFractions,
)


def test_paper_recipe_is_the_papers_set_up() -> None:
    recipe = load_recipe("paper")
    assert (recipe.backbone, recipe.weights, recipe.image_size) == ("resnet18", "imagenet", 224)
    assert (recipe.split.train, recipe.split.validation, recipe.split.test) == (0.70, 0.15, 0.15)
    assert recipe.fit.epochs == 10 and recipe.fit.loss.name == "mse"
    assert recipe.fit.augmentation == Augmentation(horizontal_flip=True, rotation_degrees=10)
    assert recipe.fit.optimiser.name == "adam" and recipe.fit.optimiser.learning_rate == 1e-4
    assert recipe.fit.optimiser.weight_decay > 0 and recipe.fit.optimiser.head_rate == 1
    assert recipe.fit.schedule.name == "plateau" and recipe.fit.schedule.factor == 0.1
    assert recipe.fit.early_stopping.patience == 3
    assert not recipe.mask_head.enabled and recipe.mask_stage is None and recipe.distillation is None
    assert not recipe.further_targets and recipe.fit.precision == "auto" and not recipe.compact


@pytest.mark.parametrize("backbone", ["resnet18", "efficientnet_b0", "vit_b_32"])
def test_the_papers_three_models_are_one_word_apart(backbone: str) -> None:
    values = load_recipe("paper").model_dump(mode="json", exclude_none=True) | {"backbone": backbone}
    assert parse_recipe(values, "paper").backbone == backbone


@pytest.mark.parametrize("name", ["paper", "bundled"])
def test_shipped_recipes_are_read_by_name_and_spelled_out_whole(name: str) -> None:
    recipe = load_recipe(name)
    assert parse_recipe(tomllib.loads(recipe_toml(recipe)), name) == recipe


def test_unknown_recipe_names_those_that_ship() -> None:
    with pytest.raises(AnnotriageError, match=r"no recipe nowhere\. .*bundled, paper"):
        load_recipe("nowhere")


@pytest.mark.parametrize(
    ("values", "place", "says"),
    [
        (
            {"backbone": "resnet99"},
            "backbone",
            "choose one of resnet18, efficientnet_b0, efficientnet_lite0, mobilenet_v3_large, vit_b_32",
        ),
        ({"weights": "places365"}, "weights", "'imagenet' or 'none'"),
        ({"image_size": 100}, "image_size", "multiple of 32"),
        ({"image_size": 0}, "image_size", "greater than or equal to 32"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"name": "two words"}, "name", "pattern"),
        ({"name": "a/b"}, "name", "pattern"),
        ({"name": "con"}, "name", "every system"),
        ({"name": "n" * 65}, "name", "at most 64"),
        ({"description": "\x1b[2J"}, "description", "control character"),
        ({"learning_rate": 1e-3}, "learning_rate", "Extra inputs are not permitted"),
        ({"fit": {"epochs": 0}}, "fit.epochs", "greater than or equal to 1"),
        ({"fit": {"epoch": 5}}, "fit.epoch", "Extra inputs are not permitted"),
        ({"fit": {"epochs": "many"}}, "fit.epochs", "valid integer"),
        ({"fit": {"loss": {"name": "mae"}}}, "fit.loss.name", "'mse', 'l1' or 'smooth_l1'"),
        ({"fit": {"optimiser": {"name": "lion"}}}, "fit.optimiser.name", "'adam', 'adamw' or 'sgd'"),
        ({"fit": {"optimiser": {"learning_rate": float("nan")}}}, "fit.optimiser.learning_rate", "got nan"),
        (
            {"fit": {"schedule": {"name": "step"}}},
            "fit.schedule.name",
            "'constant', 'plateau', 'one_cycle' or 'cosine'",
        ),
        ({"fit": {"precision": "int8"}}, "fit.precision", "'auto', 'float32' or 'bfloat16'"),
        ({"fit": {"augmentation": {"rotation_degrees": 270}}}, "fit.augmentation.rotation_degrees", "180"),
        ({"split": {"train": 0.75}}, "split", "must add up to 1; they add up to 1.05"),
        ({"split": {"test": 0}}, "split.test", "greater than 0"),
        ({"split": {"folds": 5}}, "split", "folds and fold go together"),
        ({"split": {"folds": 5, "fold": 6}}, "split", "no fold 6 of 5"),
        ({"mask_stage": {}}, "recipe", "mask_stage needs mask_head.enabled = true"),
        ({"mask_head": {"enabled": True}, "backbone": "vit_b_32"}, "recipe", "no feature pyramid"),
        ({"mask_head": {"terms": ["colour"]}}, "mask_head.terms.0", "'expected_dice', 'threshold_dice'"),
        ({"mask_head": {"enabled": True}, "mask_stage": {"rounds": []}}, "mask_stage.rounds", "at least 1"),
        ({"distillation": {"views": 9}}, "distillation.views", "less than or equal to 8"),
        ({"distillation": {}, "further_targets": ["count"]}, "recipe", "do not go together"),
        ({"further_targets": ["dice_mean"]}, "recipe", "may not name the Dice itself"),
        ({"further_targets": ["fleiss kappa"]}, "further_targets.0", "pattern"),
        ({"further_targets": ["count", "count"]}, "recipe", "twice"),
        ({"card": {"licence": "a\nb"}}, "card.licence", "one line"),
    ],
)
def test_each_bad_value_is_named_with_its_place(values: dict[str, object], place: str, says: str) -> None:
    with pytest.raises(AnnotriageError) as error:
        parse_recipe({"name": "mine"} | values, "mine.toml")
    first, *lines = str(error.value).splitlines()
    assert "mine.toml" in first
    assert any(line.startswith(f"  {place}: ") and says in line for line in lines), str(error.value)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(AnnotriageError) as error:
        parse_recipe({"fit": {"epochs": 0, "batch_size": 1}, "weights": 3}, "mine.toml")
    assert all(place in str(error.value) for place in ("name:", "fit.epochs:", "fit.batch_size:", "weights:"))


def test_text_that_is_no_toml_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('name = "x"\nseed = = 3\n')
    with pytest.raises(AnnotriageError, match=r"not valid TOML.*line 2"):
        load_recipe(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AnnotriageError, match="not valid TOML"):
        load_recipe(file)


flags = st.booleans()


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, exclude_min=low == 0, allow_nan=False)


text = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=40)
fits = st.builds(
    Fit,
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(2, 4096),
    precision=st.sampled_from(["auto", "float32", "bfloat16"]),
    augmentation=st.builds(
        Augmentation, horizontal_flip=flags, vertical_flip=flags, rotation_degrees=numbers(0, 180), mixup=numbers(0, 2)
    ),
    loss=st.builds(Loss, name=st.sampled_from(["mse", "l1", "smooth_l1"]), beta=numbers(0, 1)),
    optimiser=st.builds(Optimiser, name=st.sampled_from(["adam", "adamw", "sgd"]), learning_rate=numbers(0, 1)),
    schedule=st.builds(Schedule, name=st.sampled_from(["constant", "plateau", "one_cycle", "cosine"])),
    early_stopping=st.builds(EarlyStopping, patience=st.integers(0, 1000), keep_best=flags),
)
sizes = st.integers(1, 32).map(lambda k: 32 * k)
rounds = st.builds(MaskRound, image_size=sizes, epochs=st.integers(1, 50))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    backbone = draw(st.sampled_from(sorted(BACKBONES)))
    mask_head = MaskHead(enabled=draw(flags) and BACKBONES[backbone].has_pyramid)
    distillation = draw(st.none() | st.builds(Distillation, folds=st.integers(2, 50), fit=fits))
    stage = st.builds(MaskStage, rounds=st.lists(rounds, min_size=1, max_size=3).map(tuple))
    train = draw(st.sampled_from([0.5, 0.6, 0.7]))
    return Recipe(
        name=draw(st.from_regex(r"m[A-Za-z0-9_-]{0,20}", fullmatch=True)),
        description=draw(text),
        backbone=backbone,
        weights=draw(st.sampled_from(["imagenet", "none"])),
        image_size=draw(sizes),
        seed=draw(st.integers(0, 2**31 - 1)),
        further_targets=() if distillation else draw(st.sampled_from([(), ("count",), ("count", "jaccard_mean")])),
        split=SplitFractions(
            train=train,
            validation=0.15,
            test=0.85 - train,
            seed=draw(st.none() | st.integers(0, 9)),
            **draw(st.sampled_from([{}, {"folds": 5, "fold": 2}])),
        ),
        fit=draw(fits),
        mask_head=mask_head,
        mask_stage=draw(st.none() | stage) if mask_head.enabled else None,
        distillation=distillation,
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(recipes())
def test_written_recipes_are_read_back_equal(recipe: Recipe) -> None:
    text = recipe_toml(recipe)
    again = parse_recipe(tomllib.loads(text), "again")
    assert again == recipe
    assert recipe_toml(again) == text


def test_recipes_do_not_change_once_read() -> None:
    with pytest.raises(Exception, match="frozen"):
        load_recipe("paper").seed = 3  # type: ignore[misc]


def test_the_mask_stage_is_one_fit_over_all_its_rounds() -> None:
    rounds = (MaskRound(image_size=32, epochs=3), MaskRound(image_size=64, epochs=2))
    stage = MaskStage(rounds=rounds, learning_rate=0.01, augmentation=Augmentation(border_blur=0.5))
    assert stage.image_sizes == (32, 32, 32, 64, 64)
    fit = stage.fit
    assert (fit.epochs, fit.optimiser.name, fit.optimiser.learning_rate) == (5, "adamw", 0.01)
    assert fit.schedule.name == "one_cycle" and not fit.early_stopping.keep_best and fit.early_stopping.patience == 0
    assert fit.augmentation.border_blur == 0.5
