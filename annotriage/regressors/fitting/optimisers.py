"""The optimiser and the schedule that a recipe names."""

from typing import Any

import torch

from annotriage.regressors.recipes.sections import Optimiser, Schedule


def build_optimiser(groups: list[dict[str, Any]], how: Optimiser) -> torch.optim.Optimizer:
    """Build the optimiser a recipe names.

    Fused: each weight is read and written once a step. torch's own choice on a processor, the same arithmetic one
    operation after the other, takes five times as long, which for a vision transformer is noticed.
    """
    if how.name == "sgd":
        return torch.optim.SGD(groups, momentum=how.momentum, weight_decay=how.weight_decay, fused=True)
    kind = torch.optim.Adam if how.name == "adam" else torch.optim.AdamW
    return kind(groups, weight_decay=how.weight_decay, fused=True)


def with_schedule(optimiser: torch.optim.Optimizer, how: Schedule, steps: int, watched: str) -> Any:
    """Join an optimiser with the schedule a recipe names, in the form Lightning wants."""
    if how.name == "constant":
        return optimiser
    if how.name == "plateau":
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=how.factor, patience=how.patience)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": plateau, "monitor": watched}}
    schedule: torch.optim.lr_scheduler.LRScheduler
    if how.name == "one_cycle":
        rates = [group["lr"] for group in optimiser.param_groups]
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rates, total_steps=steps + 1, pct_start=_rising_share(how.warm_up, steps + 1)
        )
    else:
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _rising_share(warm_up: float, total: int) -> float:
    """Return the share of `total` steps in which one cycle's rate rises, at least one step.

    torch's rise ends at step ``share * total - 1``, which may be neither 0 nor the last one: it divides by the lengths
    of both ways.
    """
    return warm_up if warm_up * total > 1 else min(2 / total, 0.75)
