"""Vision transformers: the class token's answer, and which patches' messages made it."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from annotriage.regressors.backbones.trunk import HeatmapKind, Trunk, TrunkOutput


class TransformerTrunk(Trunk):
    """A torchvision vision transformer up to its class token, with a faithful map of the last attention layer.

    The class token h of the last block is what it was before plus one message a token: h = h0 + b + sum_j m_j, where
    m_j is the attention-weighted value of token j, summed over heads, through the output projection. The answer y is a
    smooth function of h alone (the block's MLP and the final layer norm act on each token by itself). The map holds,
    for each patch j, P x (dy/dh . m_j): the first-order share that patch j's message has in the answer (P patches, so
    that the mean over the map is the sum of the shares). The gradient dy/dh is written out below, in operations that
    ONNX has, so the exported graph computes the map by itself. It leaves out: what reached the class token in earlier
    blocks, its own message to itself, and the curvature of the last MLP.

    Parameters
    ----------
    model : VisionTransformer
        A torchvision ``VisionTransformer``; its classification heads are not used.
    """

    heatmap: ClassVar[HeatmapKind] = HeatmapKind(
        "gradient times message, last attention layer",
        "For each patch: how much its message to the class token in the last attention layer moves the predicted Dice, "
        "to first order (gradient of the prediction times the message). Negative pulls towards disagreement. What "
        "reached the class token in earlier layers, and the bend of the last layer, are not in the map.",
    )

    def __init__(self, model: Any) -> None:
        super().__init__()
        model.heads = nn.Identity()
        self.model: Any = model  # torchvision has no types
        self.width: int = model.hidden_dim
        self.channels: list[int] = []

    def forward(self, image: Tensor, weight: Tensor) -> TrunkOutput:
        """Run images (N, 3, H, W) through.

        Parameters
        ----------
        image : Tensor
            Normalised images.
        weight : Tensor
            (C,) of the linear layer that reads the Dice from the class token.

        Returns
        -------
        TrunkOutput
            The class token (N, C) after the final layer norm, and the map (N, H/patch, W/patch).
        """
        vit = self.model
        tokens = vit._process_input(image)
        tokens = torch.cat([vit.class_token.expand(tokens.shape[0], -1, -1), tokens], 1)
        tokens = vit.encoder.dropout(tokens + vit.encoder.pos_embedding)
        blocks = list(vit.encoder.layers)
        for block in blocks[:-1]:
            tokens = block(tokens)
        last = blocks[-1]
        messages, bias = self._messages(last, tokens)
        h = tokens[:, 0] + last.dropout(messages.sum(1) + bias)
        before_mlp = last.ln_2(h)
        x = h + last.mlp(before_mlp)
        token = vit.encoder.ln(x)
        gradient = self._gradient(last, h, x, weight)
        contributions = torch.einsum("nc,npc->np", gradient, messages[:, 1:])
        side = image.shape[-2] // vit.patch_size, image.shape[-1] // vit.patch_size
        return TrunkOutput(token, contributions.reshape(-1, *side) * contributions.shape[1], [])

    def _messages(self, block: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Split the class token's attention into (N, P+1, C) messages, one a token, and the (C,) bias."""
        attention: nn.MultiheadAttention = block.self_attention
        n, length, width = tokens.shape
        heads, depth = attention.num_heads, width // attention.num_heads
        normed = block.ln_1(tokens)
        q = F.linear(normed[:, :1], attention.in_proj_weight[:width], attention.in_proj_bias[:width])
        k, v = F.linear(normed, attention.in_proj_weight[width:], attention.in_proj_bias[width:]).chunk(2, -1)
        q = q.reshape(n, 1, heads, depth).transpose(1, 2)
        k = k.reshape(n, length, heads, depth).transpose(1, 2)
        v = v.reshape(n, length, heads, depth)
        share = (q @ k.transpose(2, 3) / depth**0.5).softmax(-1)  # (N, heads, 1, P+1)
        weighted = share[:, :, 0].transpose(1, 2)[..., None] * v  # (N, P+1, heads, depth)
        return weighted.reshape(n, length, width) @ attention.out_proj.weight.T, attention.out_proj.bias

    def _gradient(self, block: Any, h: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """Write out dy/dh (N, C) for y = weight . LN(x), x = h + MLP(LN(h))."""
        at_x = _norm_backward(self.model.encoder.ln, x, weight.expand_as(x))
        first, second = block.mlp[0], block.mlp[3]
        inner = first(block.ln_2(h))
        # derivative of GELU: Phi(z) + z phi(z)
        slope = 0.5 * (1 + torch.erf(inner / 2**0.5)) + inner * torch.exp(-0.5 * inner**2) / (2 * torch.pi) ** 0.5
        back = ((at_x @ second.weight) * slope) @ first.weight
        return at_x + _norm_backward(block.ln_2, h, back)


def _norm_backward(norm: nn.LayerNorm, x: Tensor, upstream: Tensor) -> Tensor:
    """Propagate a gradient (N, C) back through a layer norm at x (N, C)."""
    centred = x - x.mean(-1, keepdim=True)
    inverse = (centred.square().mean(-1, keepdim=True) + norm.eps).rsqrt()
    normed = centred * inverse
    g = upstream * norm.weight
    return inverse * (g - g.mean(-1, keepdim=True) - normed * (g * normed).mean(-1, keepdim=True))
