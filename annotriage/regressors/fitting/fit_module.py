"""The Lightning module of a fit: training and validation losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import lightning as pl
import torch
from torch import Tensor
from torch.nn import functional as F

from annotriage.regressors.data.augmentation import augment, mixup, smear_borders
from annotriage.regressors.data.pixels import to_network
from annotriage.regressors.fitting.optimisers import build_optimiser, with_schedule
from annotriage.regressors.networks.mask_decoder import lesion_terms, mask_loss
from annotriage.regressors.networks.regressor import Regressor, RegressorOutput
from annotriage.regressors.recipes.sections import Fit, Loss


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts beside the Dice's 1, and in the mask's own the overlap beside the cross-entropy."""

    dice: float = 1.0
    further: float = 0.0
    mask: float = 0.0
    overlap: float = 0.5


class FitModule(pl.LightningModule):
    """What Lightning needs to know of a network to fit it.

    Parameters
    ----------
    network : Regressor
    fit : Fit
        The recipe's section for this fit.
    weights : Weights
    total_steps : int
        Optimiser steps of the whole fit, which schedules need.
    image_sizes : sequence of int
        Size of the images in each epoch; they are brought to it where the pack holds them larger.
    validated : bool
        Whether images are kept apart to measure on after each epoch.
    """

    def __init__(
        self,
        network: Regressor,
        fit: Fit,
        weights: Weights,
        total_steps: int,
        image_sizes: Sequence[int],
        validated: bool,
    ) -> None:
        super().__init__()
        self.image_sizes, self.validated = image_sizes, validated
        self.network, self.how, self.loss_weights, self.total_steps = network, fit, weights, total_steps

    def _answer(self, image: Tensor) -> RegressorOutput:
        return cast("RegressorOutput", self.network(to_network(image).contiguous(memory_format=torch.channels_last)))

    def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Return the batch's loss."""
        image, targets = batch["image"].float() / 255, batch["targets"]
        further = slice(1, targets.shape[1])
        if "by_way" in batch:
            targets = torch.cat([targets, batch["by_way"][:, :, 0]], 1)
        masks = batch["mask"].float() / 255 if "mask" in batch else None
        image, masks = resized(image, masks, self.image_sizes[self.current_epoch])
        image, masks = augment(image, masks, self.how.augmentation)
        if self.how.augmentation.border_blur and masks is not None:
            image, masks, targets = self._smeared(image, masks, targets, batch["has_mask"], further)
        labelled = ~torch.isnan(targets[:, 0])
        if self.how.augmentation.mixup and bool(labelled.any()):
            mixed, mixed_targets = mixup(image[labelled], targets[labelled], self.how.augmentation.mixup)
            image, targets = image.clone(), targets.clone()
            image[labelled], targets[labelled] = mixed, mixed_targets
        answer = self._answer(image)
        loss = image.new_zeros(())
        if self.loss_weights.dice and bool(labelled.any()):
            true = torch.cat([targets[labelled, :1], targets[labelled, further.stop :]], 1)
            known = ~torch.isnan(true)  # not every image was drawn in every way
            predicted, spread = (answer.by_way[labelled][..., k][known] for k in range(2))
            true = true[known]
            dice_loss = distance(predicted, true, self.how.loss)
            if "spread" in batch:
                # A student learns the spread that its teachers found on images new to them; its own errors on images
                # it learns from would say too little.
                taught = batch["spread"][labelled, None]
                if "by_way" in batch:
                    taught = torch.cat([taught, batch["by_way"][labelled][..., 1]], 1)
                spread_loss = F.smooth_l1_loss(spread.log(), taught[known].log(), beta=0.5)
            else:
                # Laplace's negative log-likelihood with the mean held fixed: the spread learns the size of errors.
                error = (predicted.detach() - true).abs()
                spread_loss = (error / spread + spread.log()).mean()
            loss = loss + self.loss_weights.dice * dice_loss + 0.1 * spread_loss
            self.log("train_loss", dice_loss, on_step=False, on_epoch=True, batch_size=len(true))
        known = ~torch.isnan(targets[:, further])
        if self.loss_weights.further and bool(known.any()):
            loss = loss + self.loss_weights.further * F.smooth_l1_loss(
                answer.further[known], targets[:, further][known]
            )
        if self.loss_weights.mask and masks is not None and answer.lesion_logits is not None:
            outlined = batch["has_mask"]
            if bool(outlined.any()):
                outline_loss = mask_loss(answer.lesion_logits[outlined], masks[outlined], self.loss_weights.overlap)
                loss = loss + self.loss_weights.mask * outline_loss
                self.log("mask_loss", outline_loss, on_step=False, on_epoch=True, batch_size=int(outlined.sum()))
        return loss

    def _smeared(
        self, image: Tensor, masks: Tensor, targets: Tensor, has_mask: Tensor, further: slice
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Smear some borders; the Dice of such an image falls by what its smeared outline says of itself."""
        chosen = has_mask & (torch.rand(len(image), device=image.device) < self.how.augmentation.border_blur)
        if not bool(chosen.any()):
            return image, masks, targets
        image, masks, targets = image.clone(), masks.clone(), targets.clone()
        widest = self.how.augmentation.border_blur_width
        image[chosen], masks[chosen] = smear_borders(image[chosen], masks[chosen], widest)
        falls = lesion_terms(masks[chosen], ("threshold_dice",))
        targets[chosen, :1] *= falls
        targets[chosen, further.stop :] *= falls
        return image, masks, targets

    def validation_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
        """Log the validation loss, MSE and MAE, or the mask loss where there is no Dice to fit; return the Dice."""
        answer = self._answer(resized(batch["image"].float() / 255, None, self.image_sizes[self.current_epoch])[0])
        size = len(batch["image"])
        if self.loss_weights.dice:
            true = batch["targets"][:, 0]
            self.log("validation_loss", distance(answer.dice, true, self.how.loss), batch_size=size)
            self.log("validation_mse", F.mse_loss(answer.dice, true), batch_size=size)
            self.log("validation_mae", F.l1_loss(answer.dice, true), batch_size=size)
        elif answer.lesion_logits is not None:
            self.log(
                "validation_loss",
                mask_loss(answer.lesion_logits, batch["mask"].float() / 255, self.loss_weights.overlap),
                batch_size=size,
            )
        return answer.dice

    def configure_optimizers(self) -> Any:
        """Build the recipe's optimiser and schedule."""
        how = self.how.optimiser
        head = [
            *self.network.linear.parameters(),
            self.network.term_weights,
            *self.network.spread.parameters(),
            *(() if self.network.ways is None else self.network.ways.parameters()),
        ]
        ids = {id(p) for p in head}
        groups = [
            {"params": [p for p in self.network.parameters() if id(p) not in ids], "lr": how.learning_rate},
            {"params": head, "lr": how.learning_rate * how.head_rate},
        ]
        optimiser = build_optimiser(groups, how)
        # Where nothing is kept apart there is only the training loss to go by.
        watched = "validation_loss" if self.validated else "train_loss"
        return with_schedule(optimiser, self.how.schedule, self.total_steps, watched)


def resized(images: Tensor, masks: Tensor | None, size: int) -> tuple[Tensor, Tensor | None]:
    """Shrink images (N, 3, H, W) and masks (N, H, W) to a square of `size`, with antialiasing."""
    if images.shape[-1] == size:
        return images, masks
    images = F.interpolate(images, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    return images, None if masks is None else F.interpolate(masks[:, None], size=(size, size), mode="area")[:, 0]


def distance(predicted: Tensor, true: Tensor, loss: Loss) -> Tensor:
    """Compute the recipe's loss between (N,) predicted and true Dice."""
    if loss.name == "mse":
        return F.mse_loss(predicted, true)
    if loss.name == "l1":
        return F.l1_loss(predicted, true)
    return F.smooth_l1_loss(predicted, true, beta=loss.beta)
