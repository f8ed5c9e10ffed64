"""The regressor: a backbone, a linear layer, an optional mask decoder, and a heatmap that is part of the arithmetic."""

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones.registry import backbone
from annotriage.regressors.networks.contributions import BASES, contributions
from annotriage.regressors.networks.mask_decoder import MaskDecoder, lesion_terms
from annotriage.regressors.networks.way_heads import LEAST_SPREAD, WayHeads
from annotriage.regressors.recipes.recipe import Recipe

if TYPE_CHECKING:
    from annotriage.regressors.backbones.trunk import TrunkOutput
    from annotriage.regressors.networks.outline_correction import OutlineCorrection

LEAST_SD = 0.01
"""A term that varies less between images is not blown up: its last digits would decide."""


class RegressorOutput(NamedTuple):
    """Predictions and maps of N images.

    Attributes
    ----------
    dice : Tensor
        (N,) the linear output, unclamped.
    heatmap : Tensor
        (N, h, w) contribution of each location to `dice`, in units of Dice; negative pulls towards disagreement. In
        training mode that of the features alone.
    further : Tensor
        (N, T) further targets, standardised.
    spread : Tensor
        (N,) expected absolute error of `dice`, > 0.
    lesion_logits : Tensor or None
        (N, h2, w2), for networks with a mask head.
    terms : Tensor
        (N, M) standardised terms of the lesion map; M = 0 without a mask head.
    by_way : Tensor
        (N, K, 2) Dice and spread by way of drawing; the first is mixed: `dice` and `spread`.
    features : Tensor or None
        (N, F) what `Regressor.feature_space` makes of the image; None where there is none.
    """

    dice: Tensor
    heatmap: Tensor
    further: Tensor
    spread: Tensor
    lesion_logits: Tensor | None
    terms: Tensor
    by_way: Tensor
    features: Tensor | None


class Regressor(nn.Module):
    """Predicts the mean pairwise Dice of an image's annotators.

    Where the trunk's heatmap is exact, ``dice = mean(heatmap) + heatmap_bias + sum(weights x other terms)``, exactly:
    for a regression, a class activation map is not a picture of the prediction but the prediction itself, laid out.
    Terms of the lesion map that are sums over its locations are laid out in the same map; the others stay beside it.

    Parameters
    ----------
    recipe : Recipe
        Backbone, weights, image size, mask head and further targets are read from it.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.image_size = recipe.image_size
        self.term_names = tuple(recipe.mask_head.terms) if recipe.mask_head.enabled else ()
        self.trunk = backbone(recipe.backbone).trunk(recipe.weights, recipe.image_size)
        if recipe.mask_head.enabled and not self.trunk.channels:
            raise AnnotriageError(
                f"The recipe {recipe.name} wants a mask head on {recipe.backbone}, which has no feature pyramid. "
                "Set mask_head.enabled = false, or choose another backbone."
            )
        self.mask_head = MaskDecoder(self.trunk.channels) if recipe.mask_head.enabled else None
        width = self.trunk.width
        terms = len(self.term_names)
        self.linear = nn.Linear(width, 1 + len(recipe.further_targets))
        self.term_weights = nn.Parameter(torch.zeros(1 + len(recipe.further_targets), terms))
        self.spread = nn.Linear(width + terms + 1, 1)
        self.ways: WayHeads | None = None
        self.feature_space: nn.Module | None = None
        """Of a finished network: statistics of its trunk (N, W) to features (N, F)."""
        self.correction: OutlineCorrection | None = None
        self.term_mean: Tensor
        self.term_sd: Tensor
        self.register_buffer("term_mean", torch.zeros(terms))
        self.register_buffer("term_sd", torch.ones(terms))
        nn.init.zeros_(self.spread.weight)
        nn.init.constant_(self.spread.bias, -2.3)  # a spread of 0.1 to begin with, about the noise of one pair's Dice

    def forward(self, image: Tensor) -> RegressorOutput:
        """Predict for images (N, 3, H, W), normalised."""
        seen: TrunkOutput = self.trunk(image, self.linear.weight[0])
        pooled, heatmap = seen.features, seen.heatmap
        lesion_logits = self.mask_head(seen.stages).float() if self.mask_head is not None else None
        if lesion_logits is not None:
            # Detached: the lesion map must go on meaning the lesion, and not become a way to fit the Dice.
            lesion = lesion_logits.detach().sigmoid()
            terms = (lesion_terms(lesion, self.term_names) - self.term_mean) / self.term_sd
            if not self.training:
                heatmap = self._with_outline(heatmap, lesion, terms)
        else:
            terms = pooled.new_zeros((pooled.shape[0], 0))
        outputs = self.linear(pooled) + terms @ self.term_weights.T
        dice = outputs[:, 0] if self.correction is None else outputs[:, 0] + self.correction.mixed(terms)
        # The spread learns from the features and changes none: what it costs the Dice is nothing.
        beside = torch.cat([pooled.detach(), terms.detach(), dice.detach()[:, None]], 1)
        spread = F.softplus(self.spread(beside)[:, 0]) + LEAST_SPREAD
        by_way = torch.stack([dice, spread], 1)[:, None]
        if self.ways is not None:
            by_way = torch.cat([by_way, self.ways(pooled, terms, self.correction)], 1)
        features = None if self.feature_space is None else self.feature_space(seen.statistics())
        return RegressorOutput(dice, heatmap, outputs[:, 1:], spread, lesion_logits, terms, by_way, features)

    def add_ways(self, ways: int) -> None:
        """Let it answer for so many ways of drawing beside mixed; they begin as mixed is now.

        Not from the start, so that a mask stage fits networks of any number of ways.
        """
        if not ways:
            return
        heads = WayHeads(self.linear.in_features, len(self.term_names), ways).to(self.linear.weight.device)
        with torch.no_grad():
            heads.dice.weight.copy_(self.linear.weight[:1].expand(ways, -1))
            heads.dice.bias.copy_(self.linear.bias[:1].expand(ways))
            heads.term_weights.copy_(self.term_weights[:1].expand(ways, -1))
        self.ways = heads

    def _with_outline(self, heatmap: Tensor, lesion: Tensor, terms: Tensor) -> Tensor:
        """Add to the features' map (N, H/32, W/32) what places of the lesion map (N, H/2, W/2) take from the Dice.

        Both are brought to (N, H/8, W/8), in ways that leave their means as they are.
        """
        names = self.mapped_terms
        if not names:
            return heatmap
        places = [self.term_names.index(name) for name in names]
        factors = self._factors(terms) / self.term_sd
        weights = torch.stack([factors[:, place] for place in places], 1)  # by a list, it is exported as GatherND
        outline = torch.einsum("nkhw,nk->nhw", contributions(lesion, names), weights)
        smooth = F.interpolate(heatmap[:, None], scale_factor=4.0, mode="bilinear", align_corners=False)
        return (smooth + F.avg_pool2d(outline[:, None], 4))[:, 0]

    def _factors(self, terms: Tensor) -> Tensor:
        """Return (N, M) what a step of each standardised term is worth, from where its map starts to where it is."""
        line = self.term_weights[0].expand(terms.shape[0], -1)
        return line if self.correction is None else line + self.correction.mixed.secants(self._start(terms), terms)

    def _start(self, terms: Tensor) -> Tensor:
        """Return (N, M) standardised terms where the map starts: those laid out at their base, others as they are."""
        laid_out = terms.new_tensor([name in BASES for name in self.term_names])
        bases = terms.new_tensor([BASES.get(name, 0.0) for name in self.term_names])
        return torch.where(laid_out > 0, (bases - self.term_mean) / self.term_sd, terms)

    def term_parts(self, terms: Tensor) -> Tensor:
        """Return (N, M) what each standardised term adds to the Dice, up to a constant.

        Those laid out in the heatmap: the mean of their map. Others: what the prediction moves by where all laid out
        terms are at their base.
        """
        start = self._start(terms)
        parts = self._factors(terms) * (terms - start)
        beside = terms * self.term_weights[0]
        if self.correction is not None and len(self.mapped_terms) < len(self.term_names):
            first = next(k for k, name in enumerate(self.term_names) if name not in BASES)
            moved = self.correction.mixed(start) - self.correction.mixed(self._start(torch.zeros_like(terms)))
            beside = beside + torch.eye(len(self.term_names))[first] * moved[:, None]
        laid_out = torch.tensor([name in BASES for name in self.term_names])
        return torch.where(laid_out, parts, beside)

    @property
    def mapped_terms(self) -> tuple[str, ...]:
        """Terms that are part of the heatmap."""
        return tuple(name for name in self.term_names if name in BASES)

    @property
    def heatmap_bias(self) -> float:
        """The constant beside the heatmap's mean: the linear layer's, and what the laid out terms start from."""
        bias = self.linear.bias[0]
        for name in self.mapped_terms:
            place = self.term_names.index(name)
            bias = bias + self.term_weights[0, place] / self.term_sd[place] * (BASES[name] - self.term_mean[place])
        if self.correction is not None:
            bias = bias + self.correction.mixed(self._start(torch.zeros(1, len(self.term_names))))[0]
        return float(bias.detach())

    def set_term_scale(self, raw: Tensor) -> None:
        """Standardise the lesion terms by (N, M) values over the training images."""
        self.term_mean.copy_(raw.mean(0))
        self.term_sd.copy_(raw.std(0).clamp_min(LEAST_SD))
