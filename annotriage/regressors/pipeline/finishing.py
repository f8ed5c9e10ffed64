"""The end of a training run: test predictions, metrics, the card, the model file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotriage.images.fingerprint import packed
from annotriage.measures.evaluation import evaluate_predictions
from annotriage.measures.intervals import METHOD, ConformalFactors, interval, too_few_sentence
from annotriage.model_file import (
    FeatureSpace,
    HeatmapMeaning,
    IntervalMethod,
    ModelCard,
    TestMetrics,
    TrainingData,
    WayOfDrawing,
)
from annotriage.regressors.data.pixels import IMAGENET_MEAN, IMAGENET_SD, PackedImages, to_network
from annotriage.regressors.data.run_data import RunData
from annotriage.regressors.data.run_folder import RunFolder
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.fitting.live_callbacks import ended_early
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.feature_space import fit_feature_space, statistics_of
from annotriage.regressors.pipeline.learned_ways import LearnedWays
from annotriage.regressors.pipeline.onnx_export import Shipped, export, output_names
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.runs.files import WITHOUT_MODEL
from annotriage.wording import share_text

IMAGES_TO_COMPARE = 16
LONGEST_TEXT = 8000
MOST_OF_A_SPACE = 4000
"""Images of which a space of features is made, evenly taken from those learned from: more move it no further."""


def finish(
    recipe: Recipe,
    network: Regressor,
    images: PackedImages,
    data: RunData,
    split: dict[str, list[int]],
    factors: list[ConformalFactors],
    ways: LearnedWays,
    run: RunFolder,
) -> tuple[Path, dict[str, Any]]:
    """Measure a fitted network on the test images and write its run's results and model file.

    Intervals have factors by way of drawing, the first those of mixed.

    Returns
    -------
    tuple
        The model file, and the metrics as written to ``metrics.json``.

    Raises
    ------
    AnnotriageError
        The exported model differs from the network.
    """
    network.eval()
    rows = split["train"] + split["validation"] + split["test"]
    part = {row: name for name, members in split.items() for row in members}
    predicted = predict(network, images, rows)
    true = data.targets[rows, 0].astype(np.float64)
    by_way = predicted["by_way"]
    each = np.stack(
        [
            np.column_stack([np.clip(by_way[:, way, 0], 0, 1), interval(by_way[:, way, 0], by_way[:, way, 1], own)])
            for way, own in enumerate(factors)
        ],
        1,
    )
    ends = each[:, 0, 1:]
    further = predicted["further"] * data.further_sd + data.further_mean
    run.write_predictions(
        {
            "image": data.names[row],
            "split": part[row],
            "dice": round(float(true[k]), 6),
            "predicted_dice": round(float(predicted["dice"][k]), 6),
            "lower": round(float(ends[k, 0]), 6),
            "upper": round(float(ends[k, 1]), 6),
        }
        | {f"predicted_{name}": round(float(further[k, t]), 6) for t, name in enumerate(recipe.further_targets)}
        | _by_way(ways, row, each[k])
        for k, row in enumerate(rows)
    )
    test = np.array([part[row] == "test" for row in rows])
    metrics = evaluate_predictions(
        true[test],
        predicted["dice"][test],
        ends[test, 0],
        ends[test, 1],
        baseline_from=data.targets[split["train"] + split["validation"], 0],
    )
    metrics["further"] = {
        name: _further_metrics(data.targets[rows, 1 + t][test], further[test, t])
        for t, name in enumerate(recipe.further_targets)
    }
    metrics["interval_images"], metrics["interval_level"] = factors[0].images, factors[0].level
    told = ways.card(factors, [rows[k] for k in np.flatnonzero(test)], each[test], true[test])
    metrics["by_way"] = {way.key: way.metrics and way.metrics.model_dump() for way in told}
    # At once: what is measured stays, and can be compared, whatever becomes of the model file.
    run.write_json(run.metrics, metrics | {WITHOUT_MODEL: True})
    shares = term_shares(network, predicted, test)
    space = add_feature_space(network, images, split["test"])
    early = ended_early(run.checkpoints)
    if early:
        metrics["ended_early"] = early
        run.note_version("ended_early", early)
    card = make_card(recipe, network, data, split, metrics, shares, factors[0], told, space)
    names = output_names(network, recipe.further_targets)
    compared = to_network(images.at_size(split["test"][:IMAGES_TO_COMPARE], network.image_size))
    file = run.folder / f"{recipe.name}.onnx"
    shipped = Shipped(network, factors[0], data.further_mean, data.further_sd)
    metrics["largest_difference_onnx_torch"] = export(shipped, names, card, file, compared, compact=recipe.compact)
    metrics["term_shares"] = shares
    run.write_json(run.metrics, metrics)
    return file, metrics


def add_feature_space(network: Regressor, images: PackedImages, untouched: list[int]) -> FeatureSpace | None:
    """Let a network give features as well, made of the images that it learned from.

    Returns
    -------
    FeatureSpace or None
        For the card; None where too few images are there, or where they are not told from one another.
    """
    learned = sorted({*range(len(images))} - {*untouched})
    rows = learned[:: -(-len(learned) // MOST_OF_A_SPACE)]
    size = network.image_size
    known, others = (statistics_of(network.trunk, images, each, size) for each in (rows, untouched))
    if len(known) < 2 or not (np.isfinite(known).all() and np.isfinite(others).all()):
        return None
    network.feature_space, space = fit_feature_space(known, others)
    return space


def _by_way(ways: LearnedWays, row: int, ends: NDArray[np.floating]) -> dict[str, Any]:
    """Return the columns of an image's way of drawing and of what is said for each; none where only mixed is known."""
    if len(ways.keys) < 2:
        return {}
    told: dict[str, Any] = {"way": ways.kinds[row]}
    for way, key in enumerate(ways.keys[1:], 1):
        names = (f"predicted_dice_{key}", f"lower_{key}", f"upper_{key}")
        told |= {name: round(float(value), 6) for name, value in zip(names, ends[way], strict=True)}
    return told


def _further_metrics(true: NDArray[np.floating], predicted: NDArray[np.floating]) -> dict[str, float | None]:
    """MAE beside that of the median, over the images whose value is known."""
    known = ~np.isnan(true)
    if not known.any():
        return {"images": 0, "mae": None, "median_mae": None}
    y, p = true[known], predicted[known]
    return {
        "images": int(known.sum()),
        "mae": float(np.abs(p - y).mean()),
        "median_mae": float(np.abs(y - np.median(y)).mean()),
    }


def term_shares(
    network: Regressor, predicted: dict[str, NDArray[np.float32]], test: NDArray[np.bool_]
) -> dict[str, float]:
    """Share of the test predictions' variance that each lesion term brings in; that of the features is the rest to 1.

    A term's share is the covariance of its part of the prediction with the prediction, over the prediction's variance
    (the shares of a sum add up to 1; a negative one means that the term works against the others).
    """
    if not network.term_names:
        return {}
    dice = predicted["dice"][test].astype(np.float64)
    variance = float(dice.var()) or 1.0
    with torch.no_grad():
        parts = network.term_parts(torch.from_numpy(predicted["terms"][test])).numpy()
    shares = ((parts - parts.mean(0)) * (dice - dice.mean())[:, None]).mean(0) / variance
    return {name: round(float(share), 4) for name, share in zip(network.term_names, shares, strict=True)}


def heatmap_meaning(network: Regressor, shares: dict[str, float]) -> HeatmapMeaning:
    """Say in words what a network's heatmap is.

    Parameters
    ----------
    network : Regressor
    shares : dict of str to float
        Of each lesion term: see `term_shares`.
    """
    bias = round(network.heatmap_bias, 6)
    kind = network.trunk.heatmap
    if not kind.exact:
        return HeatmapMeaning(method=kind.method, exact=False, sentence=kind.sentence, bias=bias, other_terms={})
    other = {name: share for name, share in shares.items() if name not in network.mapped_terms}
    sentence = (
        "The exact contribution of each location to the predicted Dice: the mean over the map plus the bias"
        f"{' plus the other terms' if other else ''} is the prediction. Negative pulls towards disagreement."
    )
    if network.mapped_terms:
        outline = sum(shares.get(name, 0.0) for name in network.mapped_terms)
        features = 1 - sum(shares.values())
        sentence += (
            " The map adds up what each place takes from the Dice because it may or may not be lesion, and what "
            f"else the network sees there; of the test predictions' variance the former brings {share_text(outline)}, "
            f"the latter {share_text(features)}."
        )
    if other:
        sentence += (
            " Beside the map, numbers of the outline as a whole enter the prediction; their shares of its variance are "
            "listed as other terms (one below zero works against the rest; all shares add up to 100 %)."
        )
    return HeatmapMeaning(
        method=f"{kind.method.removesuffix(')')}, outline laid out)" if network.mapped_terms else kind.method,
        exact=True,
        sentence=sentence,
        bias=bias,
        other_terms=other,
    )


def make_card(
    recipe: Recipe,
    network: Regressor,
    data: RunData,
    split: dict[str, list[int]],
    metrics: dict[str, Any],
    shares: dict[str, float],
    factors: ConformalFactors,
    ways: list[WayOfDrawing],
    space: FeatureSpace | None,
) -> ModelCard:
    """Fill in the card of a finished run."""
    about = recipe.card
    untouched = set(split["test"])
    return ModelCard(
        format=1,
        name=recipe.name,
        version=about.version,
        title=about.title or recipe.name,
        description=_description(recipe),
        architecture=recipe.backbone,
        input_height=recipe.image_size,
        input_width=recipe.image_size,
        mean=IMAGENET_MEAN,
        std=IMAGENET_SD,
        outputs=output_names(network, recipe.further_targets),
        heatmap=heatmap_meaning(network, shares),
        further_targets=list(recipe.further_targets),
        recipe=recipe.model_dump(mode="json"),
        data=TrainingData(
            images=sum(len(rows) for rows in split.values()),
            table_sha256=data.table_sha256,
            grouped_by=data.grouped_by,
            sentence=about.data,
            learned=packed(path for row, path in enumerate(data.paths) if row not in untouched),
            **{name: len(rows) for name, rows in split.items()},
        ),
        metrics=TestMetrics(**{name: metrics[name] for name in TestMetrics.model_fields}),
        interval=IntervalMethod(
            method=METHOD, level=factors.level, coverage=metrics["coverage"], coverage_images=metrics["images"]
        ),
        intended_use=about.intended_use,
        limitations=_limitations(about.limitations, metrics.get("ended_early", []), factors),
        licence=about.licence,
        created=datetime.now(UTC).date(),
        ways=ways,
        features=space,
    )


def _description(recipe: Recipe) -> str:
    """Say what the recipe says, and from which weights the fit began, whatever the recipe says of that."""
    began = "the backbone's ImageNet weights" if recipe.weights == "imagenet" else "random weights"
    return f"{recipe.description} The fit began with {began}.".strip()[:LONGEST_TEXT]


def _limitations(said: str, early: list[dict[str, Any]], factors: ConformalFactors) -> str:
    """Add to a card's limitations which fits a person ended early, and that an interval is of too few images."""
    told = ", ".join(f"{each['stage']} after epoch {each['epoch']} of {each['epochs']}" for each in early)
    if early:
        said += f" Its training was ended early by hand: {told}."
    if few := too_few_sentence(factors.images, factors.level):
        said += f" {few}"
    return said[:LONGEST_TEXT]
