"""The fits of one training run, in their order; a stop between (or inside) them loses none."""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotriage.datasets.splits import k_folds
from annotriage.measures.intervals import ConformalFactors
from annotriage.regressors.data.pixels import PackedImages, ShuffledBatches
from annotriage.regressors.data.run_data import RunData
from annotriage.regressors.data.run_folder import RunFolder
from annotriage.regressors.fitting.callbacks import Report
from annotriage.regressors.fitting.controls import Controls
from annotriage.regressors.fitting.eta import TimeLeft
from annotriage.regressors.fitting.fit_module import Weights
from annotriage.regressors.fitting.fit_stage import fit_stage
from annotriage.regressors.fitting.inference import lesion_term_values, predict
from annotriage.regressors.fitting.precision import precision_of
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.networks.weight_interpolation import interpolate_weights, refit_spread
from annotriage.regressors.pipeline.learned_ways import LearnedWays
from annotriage.regressors.pipeline.outline_head import fit_outline_head
from annotriage.regressors.pipeline.outline_teachers import outline_predictions
from annotriage.regressors.pipeline.shared_mask_stage import has_mask_stage
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.runs.files import FIRST_MASK_STAGE, MASK_STAGE
from annotriage.runs.states import Event

Floats = NDArray[np.float32]


def start_head(network: Regressor, data: PackedImages, rows: list[int], loss: str) -> None:
    """Start the last layer where it already does something: the mean Dice, or the lesion terms' best line.

    Least squares, or least absolute deviations where the recipe's own loss is L1.
    """
    dice = data.targets[rows, 0]
    with torch.no_grad():
        network.linear.weight.mul_(0.1)
        network.linear.bias.zero_()
        network.linear.bias[0] = float(dice.mean())
    if not network.term_names:
        return
    raw = lesion_term_values(network, data, rows, network.term_names)
    network.set_term_scale(torch.from_numpy(raw))
    bias, weights = _best_line((raw - network.term_mean.numpy()) / network.term_sd.numpy(), dice, loss)
    with torch.no_grad():
        network.linear.weight[0].zero_()
        network.linear.bias[0] = bias
        network.term_weights[0] = torch.from_numpy(weights.astype(np.float32))


def start_ways(network: Regressor, data: PackedImages, rows: list[int], dice: Floats, loss: str) -> None:
    """Start what answers for ways of drawing at the lesion terms' best lines, or where mixed starts.

    Parameters
    ----------
    dice : ndarray
        (len(rows), K - 1) by way beside mixed; NaN where unknown.
    """
    network.add_ways(dice.shape[1])
    if network.ways is None:
        return
    terms = None
    if network.term_names:
        raw = lesion_term_values(network, data, rows, network.term_names)
        terms = (raw - network.term_mean.numpy()) / network.term_sd.numpy()
    for way in range(dice.shape[1]):
        known = ~np.isnan(dice[:, way])
        with torch.no_grad():
            if terms is None:
                network.ways.dice.bias[way] = float(dice[known, way].mean())
            else:
                bias, weights = _best_line(terms[known], dice[known, way], loss)
                network.ways.dice.weight[way].zero_()
                network.ways.dice.bias[way] = bias
                network.ways.term_weights[way] = torch.from_numpy(weights.astype(np.float32))


def _best_line(terms: Floats, dice: Floats, loss: str) -> tuple[float, NDArray[np.floating]]:
    """Return bias and weights of the best line through terms, by squares or (L1) by absolute deviations."""
    if loss == "l1":
        from sklearn.linear_model import QuantileRegressor

        line = QuantileRegressor(quantile=0.5, alpha=0).fit(terms.astype(np.float64), dice)
        return float(line.intercept_), line.coef_
    found, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(dice)), terms]), dice, rcond=None)
    return float(found[0]), found[1:]


class Stages:
    """The fits of one run.

    Parameters
    ----------
    recipe : Recipe
    run : RunFolder
    report : callable
        Gets their events, those of steps and epochs with the time that is left.
    left : TimeLeft
    names : list of str
        Of all images.
    device : {"cpu", "cuda", "mps"}
    controls : Controls
    """

    def __init__(
        self,
        recipe: Recipe,
        run: RunFolder,
        report: Report,
        left: TimeLeft,
        names: list[str],
        device: str,
        controls: Controls,
    ) -> None:
        self.recipe, self.run, self.report = recipe, run, report
        self.left, self.names, self.device, self.controls = left, names, device, controls
        self._precisions: dict[str, str] = {}

    def _fit(
        self,
        network: Regressor,
        data: PackedImages,
        rows: ShuffledBatches,
        validation: list[int],
        stage: str,
        **how: Any,
    ) -> None:
        self.report({"event": Event.STAGE, "stage": stage})
        self._precisions[stage] = precision_of(how["fit"].precision, self.device)
        self.run.note_version("precision", self._precisions)
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
            report=lambda event: self.report(self.left.with_time(event)),
            device=self.device,
            controls=self.controls,
            names=self.names,
            **how,
        )

    def masks(self, network: Regressor, data: PackedImages, own: list[int]) -> None:
        """Teach the backbone and the mask head to outline lesions, on images without a label.

        Parameters
        ----------
        network : Regressor
        data : PackedImages
        own : list of int
            Rows of the labelled images' own folder: with a first stage, which sees all, the last one sees only these.
        """
        stage = self.recipe.mask_stage
        assert stage is not None and data.has_mask is not None
        rows = np.flatnonzero(data.has_mask)
        fits = [(MASK_STAGE, stage.fit, stage.image_sizes, rows)]
        if stage.first is not None:
            fits = [(MASK_STAGE, stage.fit, stage.image_sizes, rows[np.isin(rows, own)])]
            if not has_mask_stage(self.run.folder):  # which may have come from another run, without its first one
                fits.insert(0, (FIRST_MASK_STAGE, stage.first_fit, stage.first.image_sizes, rows))
        for name, fit, sizes, seen in fits:
            self._fit(
                network,
                data,
                ShuffledBatches(seen.tolist(), fit.batch_size, seed=self.recipe.seed),
                [],
                name,
                fit=fit,
                weights=Weights(dice=0, mask=1, overlap=self.recipe.mask_head.overlap_weight),
                image_sizes=sizes,
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
            overlap=recipe.mask_head.overlap_weight,
        )
        self._fit(network, data, batches, validation, stage, fit=fit, weights=weights, seed=recipe.seed + seed)

    def plain(
        self, network: Regressor, data: PackedImages, rows: list[int], validation: list[int], ways: LearnedWays
    ) -> None:
        """Fit the Dice, for each way of drawing on the images that were drawn so."""
        start_ways(network, data, rows, ways.own[rows, 1:], self.recipe.fit.loss.name)
        self.fit(network, _with_ways(data, ways), rows, validation, "fit")

    def distilled(
        self, network: Regressor, data: PackedImages, learned: list[int], run_data: RunData, ways: LearnedWays
    ) -> list[ConformalFactors]:
        """Fit a teacher a fold, then the student on what they say; intervals come from the folds left out.

        Returns
        -------
        list of ConformalFactors
            By way of drawing.
        """
        how = self.recipe.distillation
        assert how is not None
        stems = [run_data.stems[k] for k in learned]
        folds = k_folds(stems, data.targets[learned, 0], run_data.groups, how.folds, self.recipe.seed)
        unlabelled = np.flatnonzero(np.isnan(data.targets[:, 0])).tolist() if how.teaches_unlabelled else []
        if how.teachers == "outlines":
            self.report({"event": Event.STAGE, "stage": "teachers"})
            by_row = {row: k for k, fold in enumerate(folds) for row in run_data.rows(fold)}
            fold_of = np.array([by_row[row] for row in learned])
            out_of_fold, pseudo_labels = outline_predictions(
                network, data, learned, fold_of, unlabelled, how.views, ways
            )
        else:
            start_ways(network, data, learned, ways.own[learned][:, 1 : 1 + len(ways.at_hand)], how.fit.loss.name)
            start = {k: v.clone() for k, v in network.state_dict().items()}
            both = self._network_predictions(
                network, start, _with_ways(data, ways), learned, [run_data.rows(fold) for fold in folds], unlabelled
            )
            network.load_state_dict(start)
            network.ways = None
            out_of_fold, pseudo_labels = (ways.with_derived(each) for each in both)
        true = ways.own[learned]
        self.run.write_json(self.run.teachers, teachers_summary(true, out_of_fold, how.folds, ways.keys))
        if not how.student_share:
            fit_outline_head(network, data, learned, how.views, ways)
            own = refit_spread(network, predict(network, data, learned), out_of_fold[:, :, 1])
            return ways.factors(learned, np.stack([out_of_fold[:, :, 0], own], 2))
        said, rows = np.clip(out_of_fold[:, :, 0], 0, 1), learned + unlabelled
        # The label has its share in the answer for the ways in which the image was drawn.
        targets = np.where(np.isnan(true), said, how.label_share * true + (1 - how.label_share) * said)
        taught = np.full((len(data), len(ways.keys), 2), np.nan, np.float32)
        taught[learned] = np.stack([targets, out_of_fold[:, :, 1]], 2)
        taught[unlabelled] = np.stack([np.clip(pseudo_labels[:, :, 0], 0, 1), pseudo_labels[:, :, 1]], 2)
        start_ways(network, data, learned, taught[learned, 1:, 0], how.fit.loss.name)
        start = {k: v.clone() for k, v in network.state_dict().items()}
        lessons = PackedImages(
            data.pixels,
            np.column_stack([taught[:, 0, 0], data.targets[:, 1:]]),
            data.masks,
            data.has_mask,
            taught[:, 0, 1],
            taught[:, 1:] if len(ways.keys) > 1 else None,
        )
        self.fit(network, lessons, rows, [], "student", student=True, seed=100)
        answers = out_of_fold
        if how.student_share < 1:
            interpolate_weights(network, start, how.student_share)
            own = refit_spread(network, predict(network, data, rows), taught[rows][:, :, 1])
            answers = np.stack([out_of_fold[:, :, 0], own[: len(learned)]], 2)
        return ways.factors(learned, answers)

    def _network_predictions(
        self,
        network: Regressor,
        start: dict[str, torch.Tensor],
        data: PackedImages,
        learned: list[int],
        folds: list[list[int]],
        unlabelled: list[int],
    ) -> tuple[Floats, Floats]:
        """Fit a teacher a fold, from `start`; return what each says of its own, and the mean of all on `unlabelled`."""
        how = self.recipe.distillation
        assert how is not None
        count = 1 if network.ways is None else 1 + network.ways.dice.out_features
        out_of_fold: Floats = np.full((len(data), count, 2), np.nan, np.float32)
        pseudo_labels: list[Floats] = []
        for k, held_out in enumerate(folds):
            file = self.run.teacher_predictions(f"teacher-{k + 1}")
            both = _stored_predictions(file, len(held_out) + len(unlabelled), count)
            if both is None:
                network.load_state_dict(start)
                rows = [row for row in learned if row not in set(held_out)]
                self.fit(network, data, rows, held_out, f"teacher-{k + 1}", seed=k + 1)
                predicted = predict(network, data, held_out + unlabelled, how.views)
                beside = file.with_suffix(".part.npz")
                both = predicted["by_way"]
                np.savez(beside, dice=both[:, :, 0], spread=both[:, :, 1])
                beside.replace(file)
            out_of_fold[held_out] = both[: len(held_out)]
            pseudo_labels.append(both[len(held_out) :])
        return out_of_fold[learned], np.mean(pseudo_labels, 0)


def _with_ways(data: PackedImages, ways: LearnedWays) -> PackedImages:
    """Add to images what people who drew them in one way agreed on."""
    if not ways.at_hand:
        return data
    own = ways.own[:, 1 : 1 + len(ways.at_hand), None]
    by_way = np.concatenate([own, np.full_like(own, np.nan)], 2)
    return PackedImages(data.pixels, data.targets, data.masks, data.has_mask, data.spread, by_way)


def _stored_predictions(file: Path, count: int, ways: int) -> Floats | None:
    """Read the predictions (count, ways, 2) of a teacher of an earlier process; None: they are missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as predicted:
            both: Floats = np.stack(
                [predicted[name].reshape(len(predicted[name]), -1) for name in ("dice", "spread")], 2
            )
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # missing or damaged: asked again
    return both if both.shape == (count, ways, 2) and both.dtype == np.float32 else None


def teachers_summary(true: Floats, out_of_fold: Floats, folds: int, ways: list[str]) -> dict[str, Any]:
    """Measure the teachers on the folds they had not seen: mixed on all images, each way on those drawn so."""
    from annotriage.measures.evaluation import evaluate_predictions

    found = [
        (key, evaluate_predictions(true[has, way], out_of_fold[has, way, 0]))
        for way, key in enumerate(ways)
        if (has := ~np.isnan(true[:, way])).any()
    ]
    told = {"folds": folds, "on_folds_not_seen": found[0][1]}
    if len(ways) > 1:
        told["by_way"] = dict(found[1:])
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]
