"""From a trained network to a model file, and the proof that both say the same."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from annotriage.errors import AnnotriageError
from annotriage.measures.intervals import ConformalFactors
from annotriage.model_file import BY_WAY, FEATURES, ModelCard, with_card
from annotriage.model_file.runtime import onnx_runtime
from annotriage.regressors.networks.regressor import Regressor
from annotriage.writing import replace_file

LARGEST_DIFFERENCE = 1e-4
LARGEST_OF_HEATMAP = 1e-3
"""Share of the heatmap's largest value: a quarter of the smallest step between two of its 256 colours. A map is laid
out by sums over a thousand channels, which cancel out; only its mean is the prediction, which is held to the above."""
LARGEST_OF_FEATURES = 1e-3
"""Share of the largest of them. They are told apart by their root mean square, of about 1, to two digits."""
FEWEST_VALUES_TO_HALVE = 256
OPSET = 18


class Shipped(nn.Module):
    """A network as model files hold it: outputs named and in their order, the interval's factors built in.

    Parameters
    ----------
    network : Regressor
    factors : ConformalFactors
    further_mean, further_sd : ndarray
        (T,) bring further targets back to their own units.
    """

    def __init__(self, network: Regressor, factors: ConformalFactors, further_mean: Any, further_sd: Any) -> None:
        super().__init__()
        self.network = network
        self.below, self.above = factors.below, factors.above
        self.further_mean: Tensor
        self.further_sd: Tensor
        self.register_buffer("further_mean", torch.as_tensor(further_mean, dtype=torch.float32))
        self.register_buffer("further_sd", torch.as_tensor(further_sd, dtype=torch.float32))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return predicted_dice, interval, heatmap, lesion if any, each further target, by_way, and features if any."""
        answer = self.network(image)
        middle = answer.dice.clamp(0, 1)
        lower = torch.minimum((middle - self.below * answer.spread).clamp(0, 1), middle)
        upper = torch.maximum((middle + self.above * answer.spread).clamp(0, 1), middle)
        outputs = [answer.dice, torch.stack([lower, upper], 1), answer.heatmap]
        if answer.lesion_logits is not None:
            outputs.append(answer.lesion_logits.sigmoid())
        further = answer.further * self.further_sd + self.further_mean
        outputs += [further[:, k] for k in range(further.shape[1])]
        outputs.append(answer.by_way)
        if answer.features is not None:
            outputs.append(answer.features)
        return tuple(outputs)


def output_names(network: Regressor, further: tuple[str, ...]) -> list[str]:
    """Name a network's outputs in the order of `Shipped`."""
    lesion = ["lesion"] if network.mask_head is not None else []
    features = [FEATURES] if network.feature_space is not None else []
    return ["predicted_dice", "interval", "heatmap", *lesion, *further, BY_WAY, *features]


def export(
    shipped: Shipped, names: list[str], card: ModelCard, file: Path, images: Tensor, *, compact: bool
) -> dict[str, float]:
    """Write a model file and check it against the network on real images.

    Parameters
    ----------
    shipped : Shipped
    names : list of str
        Of the outputs.
    card : ModelCard
    file : Path
    images : Tensor
        (N, 3, H, W), N >= 1, normalised, of the data the network was trained for.
    compact : bool
        Store weights in 16 bits; see `annotriage.regressors.networks.compacting.compact`.

    Returns
    -------
    dict
        The largest absolute difference between ONNX Runtime and torch, by output.

    Raises
    ------
    AnnotriageError
        Some output differs by more than 1e-4; of a further target by more than 1e-4 of its standard deviation, and of
        the heatmap and the features by more than 1e-3 of their largest value, where that is larger (a target in
        thousands has not that many digits in 32 bits).
    OSError
        The file cannot be written; nothing is left of it.
    """
    shipped.eval()
    # Two images: an example of one would be taken for a network that knows no other number.
    data = with_card(onnx_bytes(shipped, names, images[[0, -1]], compact=compact), card)
    differences = compare(shipped, names, data, images)
    allowed = dict.fromkeys(names, LARGEST_DIFFERENCE)
    allowed["heatmap"] = max(LARGEST_DIFFERENCE, LARGEST_OF_HEATMAP * _largest_of("heatmap", shipped, names, images))
    if FEATURES in names:
        allowed[FEATURES] = LARGEST_OF_FEATURES * max(1.0, _largest_of(FEATURES, shipped, names, images))
    further = names[names.index(BY_WAY) - len(shipped.further_sd) : names.index(BY_WAY)]
    for name, sd in zip(further, shipped.further_sd.tolist(), strict=True):
        allowed[name] = LARGEST_DIFFERENCE * max(1.0, sd)
    wrong = {name: value for name, value in differences.items() if not value <= allowed[name]}
    if wrong:  # so written, a difference of NaN is wrong too
        worst = next(iter(wrong))
        raise AnnotriageError(
            f"The exported model's {worst} differs from the trained network's by {differences[worst]:.2g} (at most "
            f"{allowed[worst]:.2g} is allowed), so no model file was written. The trained weights, their predictions "
            "and errors are kept in the run folder, and can be compared."
        )
    replace_file(file, data)
    return differences


def onnx_bytes(shipped: Shipped, names: list[str], example: Tensor, *, compact: bool) -> bytes:
    """Turn a network into an ONNX graph with a free number of images."""
    import contextlib
    import io
    import warnings

    count = torch.export.Dim("N", min=1)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            shipped.cpu().to(memory_format=torch.contiguous_format),
            (example.contiguous(),),
            dynamo=True,
            opset_version=OPSET,
            input_names=["image"],
            output_names=names,
            dynamic_shapes={"image": {0: count}},
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    if compact:
        halve(model)
    del model.metadata_props[:]
    for node in model.graph.node:  # the exporter notes source lines, with the paths of the machine that exported
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer):
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    return model.SerializeToString()  # type: ignore[no-any-return]


def halve(model: Any) -> None:
    """Store every large float32 weight that 16 bits hold exactly as float16, followed by a cast back.

    ONNX Runtime carries the casts out once, when it opens the file: the arithmetic stays that of 32 bits.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16)
        if values.size < FEWEST_VALUES_TO_HALVE or not np.array_equal(half.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(
            helper.make_node("Cast", [f"{name}.half"], [name], name=f"{name}.to_float32", to=TensorProto.FLOAT)
        )
    for node in reversed(casts):
        model.graph.node.insert(0, node)


@torch.no_grad()
def compare(shipped: Shipped, names: list[str], data: bytes, images: Tensor) -> dict[str, float]:
    """Return the largest absolute difference between ONNX Runtime and torch, by output."""
    session = onnx_runtime().InferenceSession(data, providers=["CPUExecutionProvider"])
    from_onnx = session.run(names, {"image": images.numpy()})
    from_torch = shipped(images)
    return {name: float(np.abs(a - b.numpy()).max()) for name, a, b in zip(names, from_onnx, from_torch, strict=True)}


@torch.no_grad()
def _largest_of(name: str, shipped: Shipped, names: list[str], images: Tensor) -> float:
    return float(shipped(images)[names.index(name)].abs().max())
