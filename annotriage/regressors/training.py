"""One training run from a recipe to a model file, in stages that a stop between (or inside) them does not lose."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotriage.datasets.labels import Problem
from annotriage.datasets.splits import k_folds
from annotriage.errors import AnnotriageError
from annotriage.regressors.answers import answers
from annotriage.regressors.compacting import compact
from annotriage.regressors.fit_callbacks import Report
from annotriage.regressors.fit_module import Weights
from annotriage.regressors.fitting import fit_stage
from annotriage.regressors.intervals import ConformalFactors, conformal_factors
from annotriage.regressors.mask_head import lesion_terms
from annotriage.regressors.network import Regressor
from annotriage.regressors.pixels import (
    PackedImages,
    PlainBatches,
    ShuffledBatches,
    pack_masks,
    pack_pixels,
    to_network,
)
from annotriage.regressors.recipe import Recipe
from annotriage.regressors.run_data import RunData, gather
from annotriage.regressors.run_folder import RunFolder

Floats = NDArray[np.float32]


def train(
    recipe: Recipe,
    images: Path,
    labels: Path,
    out: Path,
    *,
    clinical: Path | None = None,
    masks: Path | None = None,
    columns: Mapping[str, str] | None = None,
    resume: bool = False,
    report: Report = lambda _: None,
) -> Path:
    """Train a regressor.

    Parameters
    ----------
    recipe : Recipe
    images, labels, clinical, masks, columns
        As for `annotriage.regressors.run_data.gather`.
    out : Path
        The run folder; made here. An existing run is only taken up with `resume`.
    resume : bool
        Go on where a stopped run of the same recipe and data was.
    report : callable
        Gets a dict for each event: ``start``, ``stage``, ``epoch``, ``done``.

    Returns
    -------
    Path
        The model file inside the run folder.

    Raises
    ------
    AnnotriageError
        The data cannot be learned from, the folder is in use by another run, or the export is not exact.
    Stopped
        The user stopped it; call again with `resume`.
    """
    data = gather(recipe, images, labels, clinical, masks, columns)
    run = RunFolder(out)
    run.begin(recipe, data, resume)
    pixels, packed_masks, has_mask = _packed(recipe, data, run)
    everything = PackedImages(pixels, data.standardised(), packed_masks, has_mask)
    split = {name: data.rows(getattr(data.split, name)) for name in ("train", "validation", "test")}
    report(
        {
            "event": "start",
            "run": str(out),
            "images": len(data.stems),
            "columns": data.columns,
            "problems": [{"what": p.what, "count": len(p.names), "names": p.names[:5]} for p in data.problems],
        }
        | {name: len(rows) for name, rows in split.items()}
    )
    torch.manual_seed(recipe.seed)
    stages = _Stages(recipe, run, report)
    network = Regressor(recipe)
    if recipe.mask_stage is not None:
        stages.masks(network, everything)
    learned = split["train"] + (split["validation"] if recipe.distillation else [])
    _start_head(network, everything, learned)
    if recipe.distillation is not None:
        factors = stages.distilled(network, everything, learned, data)
    else:
        stages.fit(network, everything, split["train"], split["validation"], "fit")
        factors = None
    if recipe.compact:
        compact(network)
    if factors is None:
        factors = _factors(answers(network, everything, split["validation"]), data.targets[split["validation"], 0])
    from annotriage.regressors.finishing import finish

    report({"event": "stage", "stage": "export"})
    model_file, metrics = finish(recipe, network, everything, data, split, factors, run)
    run.forget_work()
    report({"event": "done", "model": str(model_file), "metrics": metrics})
    return model_file


def _packed(
    recipe: Recipe, data: RunData, run: RunFolder
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, NDArray[np.bool_] | None]:
    """Decode images and masks once; take unreadable images out, and say so in the run's problems."""
    rounds = recipe.mask_stage.rounds if recipe.mask_stage else ()
    size = max([recipe.image_size, *(each.image_size for each in rounds)])
    unreadable = pack_pixels(data.paths, size, run.pixels)
    if unreadable:
        names = [data.names[k] for k, path in enumerate(data.paths) if path in unreadable]
        data.problems.append(Problem("images that could not be read", names))
        run.add_problem("images that could not be read", names)
        keep = [k for k, path in enumerate(data.paths) if path not in unreadable]
        data.drop({k for k, path in enumerate(data.paths) if path in unreadable})
        if min(len(data.split.train), len(data.split.validation), len(data.split.test)) == 0:
            raise AnnotriageError(
                f"{len(names)} images could not be read (first {names[0]}); too few are left to train on."
            )
        kept = np.load(run.pixels, mmap_mode="r")[keep]
        np.save(run.pixels, kept)
    pixels: NDArray[np.uint8] = np.load(run.pixels, mmap_mode="r")
    if not recipe.mask_head.enabled:
        return pixels, None, None
    readable = pack_masks(data.masks, len(data.stems), size, run.masks)
    has_mask = np.zeros(len(data.stems), bool)
    has_mask[list(readable)] = True
    if recipe.mask_stage is not None or recipe.distillation is not None:
        # The lesion map of an image with a label must be that of an image never outlined: see `MaskStage`.
        has_mask &= np.isnan(data.targets[:, 0])
    else:
        has_mask[data.rows(data.split.validation + data.split.test)] = False
    if not has_mask.any():
        raise AnnotriageError(
            "Not one expert mask can be read that may be learned from (masks of validation and test images may not, "
            "and with a mask_stage only those of images without a label). Give more masks, or set "
            "mask_head.enabled = false."
        )
    return pixels, np.load(run.masks, mmap_mode="r"), has_mask


def _start_head(network: Regressor, data: PackedImages, rows: list[int]) -> None:
    """Start the last layer where it already does something: lesion terms by least squares, else the mean Dice."""
    dice = data.targets[rows, 0]
    with torch.no_grad():
        network.linear.weight.mul_(0.1)
        network.linear.bias.zero_()
        network.linear.bias[0] = float(dice.mean())
    if not network.term_names:
        return
    raw = lesion_numbers(network, data, rows)
    network.set_term_scale(torch.from_numpy(raw))
    scaled = (raw - network.term_mean.numpy()) / network.term_sd.numpy()
    found, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(rows)), scaled]), dice, rcond=None)
    with torch.no_grad():
        network.linear.weight[0].zero_()
        network.linear.bias[0] = float(found[0])
        network.term_weights[0] = torch.from_numpy(found[1:].astype(np.float32))


@torch.no_grad()
def lesion_numbers(network: Regressor, data: PackedImages, rows: list[int]) -> Floats:
    """Return the lesion map's terms (N, K), not standardised."""
    network.eval()
    found = []
    for batch in PlainBatches(rows):
        logits = network(to_network(data.at_size(batch, network.image_size))).lesion_logits
        found.append(lesion_terms(logits.sigmoid(), network.term_names))
    return torch.cat(found).numpy()


def _factors(answer: dict[str, Floats], true: Floats) -> ConformalFactors:
    return conformal_factors(true, np.clip(answer["dice"], 0, 1), answer["spread"])


class _Stages:
    """The fits of one run, in their order."""

    def __init__(self, recipe: Recipe, run: RunFolder, report: Report) -> None:
        self.recipe, self.run, self.report = recipe, run, report

    def _fit(
        self,
        network: Regressor,
        data: PackedImages,
        rows: ShuffledBatches,
        validation: list[int],
        stage: str,
        **how: Any,
    ) -> None:
        self.report({"event": "stage", "stage": stage})
        sizes = (self.recipe.image_size,) * how["fit"].epochs
        how = {"image_sizes": sizes, "seed": self.recipe.seed} | how
        fit_stage(
            network,
            data,
            rows,
            validation,
            folder=self.run.checkpoints / stage,
            stage=stage,
            curve=self.run.curve,
            report=self.report,
            **how,
        )

    def masks(self, network: Regressor, data: PackedImages) -> None:
        """Teach the backbone and the mask head to outline lesions, on images without a label."""
        stage = self.recipe.mask_stage
        assert stage is not None and data.has_mask is not None
        rows = np.flatnonzero(data.has_mask).tolist()
        fit = stage.fit
        self._fit(
            network,
            data,
            ShuffledBatches(rows, fit.batch_size, seed=self.recipe.seed),
            [],
            "masks",
            fit=fit,
            weights=Weights(dice=0, mask=1),
            image_sizes=stage.image_sizes,
        )

    def fit(
        self,
        network: Regressor,
        data: PackedImages,
        rows: list[int],
        validation: list[int],
        stage: str,
        *,
        student: bool = False,
        seed: int = 0,
    ) -> None:
        """Fit the Dice, and go on outlining lesions beside it where there are masks."""
        recipe = self.recipe
        fit = recipe.distillation.fit if student and recipe.distillation else recipe.fit
        beside: list[int] = []
        if recipe.mask_head.enabled and data.has_mask is not None and not student:
            beside = np.flatnonzero(data.has_mask).tolist()
        batches = ShuffledBatches(rows, fit.batch_size, beside, fit.batch_size // 3, seed=recipe.seed + seed)
        weights = Weights(
            dice=1.0,
            further=recipe.further_weight if recipe.further_targets else 0.0,
            mask=recipe.mask_head.weight if recipe.mask_head.enabled else 0.0,
        )
        self._fit(network, data, batches, validation, stage, fit=fit, weights=weights, seed=recipe.seed + seed)

    def distilled(
        self, network: Regressor, data: PackedImages, learned: list[int], run_data: RunData
    ) -> ConformalFactors:
        """Fit a teacher a fold, then the student on what they say; the interval comes from the folds left out."""
        how = self.recipe.distillation
        assert how is not None
        start = {k: v.clone() for k, v in network.state_dict().items()}
        stems = [run_data.stems[k] for k in learned]
        folds = k_folds(stems, data.targets[learned, 0], run_data.groups, how.folds, self.recipe.seed)
        free = np.flatnonzero(np.isnan(data.targets[:, 0])).tolist() if how.unlabelled else []
        blind: Floats = np.full(
            (len(data), 2), np.nan, np.float32
        )  # dice and spread by the teacher who had not seen it
        told: list[Floats] = []
        for k, fold in enumerate(folds):
            held_out = run_data.rows(fold)
            file = self.run.checkpoints / f"teacher-{k + 1}-answers.npz"
            if not file.exists():
                network.load_state_dict(start)
                rows = [row for row in learned if row not in set(held_out)]
                self.fit(network, data, rows, held_out, f"teacher-{k + 1}", seed=k + 1)
                said = answers(network, data, held_out + free, how.views)
                beside = file.with_suffix(".part.npz")
                np.savez(beside, dice=said["dice"], spread=said["spread"])
                beside.replace(file)
            with np.load(file) as said:
                both = np.stack([said["dice"], said["spread"]], 1)
            blind[held_out] = both[: len(held_out)]
            told.append(both[len(held_out) :])
        true = data.targets[learned, 0]
        factors = conformal_factors(true, np.clip(blind[learned, 0], 0, 1), blind[learned, 1])
        self.run.write_json("teachers.json", teachers_summary(true, blind[learned, 0], how.folds))
        targets, spread = data.targets.copy(), np.full(len(data), 0.1, np.float32)
        targets[learned, 0] = how.label_share * true + (1 - how.label_share) * np.clip(blind[learned, 0], 0, 1)
        spread[learned] = blind[learned, 1]
        if free:
            mean = np.mean(told, 0)
            targets[free, 0], spread[free] = np.clip(mean[:, 0], 0, 1), mean[:, 1]
        taught = PackedImages(data.pixels, targets, data.masks, data.has_mask, spread)
        network.load_state_dict(start)
        self.fit(network, taught, learned + free, [], "student", student=True, seed=100)
        return replace(factors)


def teachers_summary(true: Floats, blind: Floats, folds: int) -> dict[str, Any]:
    """Measure the teachers on the folds they had not seen."""
    from annotriage.regressors.evaluation import evaluate_predictions

    return json.loads(json.dumps({"folds": folds, "on_folds_not_seen": evaluate_predictions(true, blind)}))  # type: ignore[no-any-return]
