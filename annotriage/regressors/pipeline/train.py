"""One training run from a recipe to a model file, in stages that a stop between (or inside) them does not lose."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from annotriage.regressors.data.copies import doubt_of_copies
from annotriage.regressors.data.packing import packed
from annotriage.regressors.data.pixels import PackedImages
from annotriage.regressors.data.run_data import RunData, gather
from annotriage.regressors.data.run_folder import RunFolder
from annotriage.regressors.fitting.callbacks import Report
from annotriage.regressors.fitting.controls import Controls
from annotriage.regressors.fitting.devices import device_of
from annotriage.regressors.fitting.eta import ImageCounts, TimeLeft, work_of
from annotriage.regressors.fitting.inference import predict
from annotriage.regressors.networks.compacting import compact
from annotriage.regressors.networks.regressor import Regressor
from annotriage.regressors.pipeline.learned_ways import learned_ways
from annotriage.regressors.pipeline.shared_mask_stage import reuse_mask_stage
from annotriage.regressors.pipeline.stages import Stages, start_head
from annotriage.regressors.recipes.recipe import Recipe
from annotriage.runs.files import PARTS
from annotriage.runs.states import Event


def train(
    recipe: Recipe,
    images: Path | Sequence[Path],
    labels: Path,
    out: Path,
    *,
    clinical: Path | None = None,
    masks: Path | Sequence[Path] | None = None,
    columns: Mapping[str, str] | None = None,
    pairs: Path | None = None,
    resume: bool = False,
    report: Report = lambda _: None,
    device: str = "auto",
    controls: Controls | None = None,
    outlines: Path | None = None,
) -> Path:
    """Train a regressor.

    Parameters
    ----------
    recipe : Recipe
    images, labels, clinical, masks, columns, pairs
        As for `annotriage.regressors.data.run_data.gather`.
    out : Path
        The run folder; made here. An existing run is only taken up with `resume`.
    resume : bool
        Go on where a stopped run of the same recipe and data was.
    report : callable
        Gets a dict for each event: ``start``, ``stage``, ``step``, ``epoch``, ``hardest``, ``done``.
    device : {"auto", "cpu", "cuda", "mps"}
        What the fits run on.
    controls : Controls, optional
        Through which a person pauses it, or ends a fit early and keeps its best epoch.
    outlines : Path, optional
        The folder of another run, whose mask stage is taken over instead of fitted: see
        `annotriage.regressors.pipeline.shared_mask_stage`.

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
    where = device_of(device)
    data = gather(recipe, images, labels, clinical, masks, columns, pairs)
    run = RunFolder(out)
    run.begin(recipe, data, resume, where.words)
    if outlines is not None:
        reuse_mask_stage(run, recipe, outlines)
    pixels, packed_masks, has_mask = packed(recipe, data, run)
    copies = doubt_of_copies(data, pixels)
    data.doubts += [copies] if copies else []
    everything = PackedImages(pixels, data.standardised(), packed_masks, has_mask)
    split = {name: data.rows(getattr(data.split, name)) for name in PARTS}
    report(
        {
            "event": Event.START,
            "run": str(out),
            "images": len(data.stems),
            "columns": data.columns,
            "problems": [
                {"what": p.what, "count": len(p.names), "names": p.names[:5], "remark": p.remark} for p in data.problems
            ],
            "doubts": data.doubts,
            "device": where.name,
            "device_words": where.words,
        }
        | {name: len(rows) for name, rows in split.items()}
        | _baselines(data, split)
    )
    torch.manual_seed(recipe.seed)
    unlabelled = len(data.stems) - sum(map(len, split.values()))
    outlined = 0 if has_mask is None else int(has_mask.sum())
    own = data.rows_below(images if isinstance(images, Path) else images[0])
    own_masks = 0 if has_mask is None else int(has_mask[own].sum())
    counts = ImageCounts(len(split["train"]), len(split["validation"]), outlined, unlabelled, own_masks)
    work = work_of(recipe, counts)
    stages = Stages(recipe, run, report, TimeLeft(work), data.names, where.name, controls or Controls(report))
    network = Regressor(recipe)
    if recipe.mask_stage is not None:
        stages.masks(network, everything, own)
    learned = split["train"] + (split["validation"] if recipe.distillation else [])
    ways = learned_ways(data, learned, sorted({*data.labelled} - {*learned}), far=recipe.distillation is not None)
    start_head(network, everything, learned, recipe.first_fit.loss.name)
    if recipe.distillation is not None:
        factors = stages.distilled(network, everything, learned, data, ways)
    else:
        stages.plain(network, everything, learned, split["validation"], ways)
        factors = None
    if recipe.compact:
        compact(network)
    if factors is None:
        factors = ways.factors(split["validation"], predict(network, everything, split["validation"])["by_way"])
    from annotriage.regressors.pipeline.finishing import finish

    report({"event": Event.STAGE, "stage": "export"})
    model_file, metrics = finish(recipe, network, everything, data, split, factors, ways, run)
    run.forget_work()
    report({"event": Event.DONE, "model": str(model_file), "metrics": metrics})
    return model_file


def _baselines(data: RunData, split: dict[str, list[int]]) -> dict[str, float]:
    """Measure on the validation images what predicting the training labels' median, or mean, gives."""
    known, true = (data.targets[split[name], 0].astype(np.float64) for name in ("train", "validation"))
    return {
        "validation_median_mae": round(float(np.abs(true - np.median(known)).mean()), 6),
        "validation_mean_mse": round(float(((true - known.mean()) ** 2).mean()), 6),
    }
