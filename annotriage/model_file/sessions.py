"""ONNX Runtime sessions: the devices they use, made once, tried out."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from annotriage.image_maps import LESION
from annotriage.model_file.card import BY_WAY, FEATURES, ModelCard
from annotriage.model_file.errors import ModelFileError, shown
from annotriage.model_file.inspection import FLOAT, Port, check_ports
from annotriage.model_file.runtime import onnx_runtime

InferenceSession: TypeAlias = Any
"""An `onnxruntime.InferenceSession`; ONNX Runtime has no types, and is loaded when the first one is made."""

PROVIDERS_VARIABLE = "ANNOTRIAGE_PROVIDERS"
# Best first. The CPU is always last: it takes what the device before it cannot compute.
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "cpu": "CPUExecutionProvider",
}


# Its own second attempt after a device failed is told on stdout, where results stand; ours is below.
_QUIET = {"enable_fallback": 0}
LEAST_DICE, MOST_DICE = -0.5, 1.5
"""A network's prediction may overshoot 0..1 a little; beyond, it is no Dice."""
LARGEST_MAP = 1024
"""Places on a side of a map: as many as pixels of the largest input."""
_ROUNDING = 1e-3


def choose_providers(available: list[str]) -> list[str]:
    """Choose the devices to compute on.

    Parameters
    ----------
    available : list of str
        What ONNX Runtime offers.

    Returns
    -------
    list of str
        ONNX Runtime's names, best first, the CPU last. The environment variable ``ANNOTRIAGE_PROVIDERS``
        (``cpu``, or several of ``cuda,coreml,directml,cpu``) narrows the choice.

    Raises
    ------
    ModelFileError
        The variable names a device that does not exist.
    """
    wanted = [name.strip().lower() for name in os.environ.get(PROVIDERS_VARIABLE, "").split(",") if name.strip()]
    unknown = [name for name in wanted if name not in PROVIDERS]
    if unknown:
        raise ModelFileError(
            f"The environment variable {PROVIDERS_VARIABLE} names {shown(unknown[0], 40)}; "
            f"known are {', '.join(PROVIDERS)}."
        )
    names = [PROVIDERS[name] for name in (wanted or PROVIDERS) if name != "cpu"]
    return [*(name for name in names if name in available), PROVIDERS["cpu"]]


class SessionHolder:
    """Holds a model file's checked bytes until a session is made of them, and then the session.

    Parameters
    ----------
    data : bytes or None
        The checked bytes; None: they have to be read again.
    """

    def __init__(self, data: bytes | None = None) -> None:
        self.data = data
        self._lock = threading.Lock()
        self._threads = 0
        self._session: Any = None

    def session(self, path: Path, read: Callable[[], bytes], card: ModelCard, threads: int) -> InferenceSession:
        """Return the session for so many threads; see `ModelFile.session`."""
        if threads < 1:
            raise ValueError("a session needs at least one thread")
        with self._lock:
            if self._threads != threads:
                self._session = make_session(path, read(), card, threads)
                self._threads = threads
                self.data = None  # the session has its own copy of the weights
            return self._session


def make_session(path: Path, data: bytes, card: ModelCard, threads: int) -> InferenceSession:
    """Make a session of a model file's checked bytes; see `ModelFile.session`."""
    onnxruntime = onnx_runtime()
    providers = choose_providers(onnxruntime.get_available_providers())
    try:
        try:
            session = onnxruntime.InferenceSession(data, _options(threads, providers), providers=providers, **_QUIET)
        except Exception:
            if len(providers) == 1:
                raise
            # A device that is listed may still be unusable: an old driver, no memory left.
            cpu = providers[-1:]
            session = onnxruntime.InferenceSession(data, _options(threads, cpu), providers=cpu, **_QUIET)
    except Exception as error:  # ONNX Runtime's errors share no narrower class
        reason = shown(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__, 200)
        raise ModelFileError(
            f"{shown(path)} cannot be computed by ONNX Runtime {onnxruntime.__version__} ({reason}); "
            "update onnxruntime or export the model again."
        ) from error
    try:
        check_ports(_ports(session.get_inputs()), _ports(session.get_outputs()), card)
    except ModelFileError as error:
        raise ModelFileError(f"{shown(path)} {error}") from None
    return session


def _options(threads: int, providers: list[str]) -> Any:
    onnxruntime = onnx_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # its errors are raised as well; on the terminal they would stand twice
    # The bytes were checked as ONNX; do not let the runtime guess that they are something else.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    if PROVIDERS["directml"] in providers:
        options.enable_mem_pattern = False  # DirectML's own requirement
    return options


def _ports(nodes: list[Any]) -> list[Port]:
    """Translate what ONNX Runtime inferred; names of free dimensions become None."""
    return [
        Port(
            node.name,
            FLOAT if node.type == "tensor(float)" else 0,
            tuple(size if isinstance(size, int) else None for size in node.shape) or None,
        )
        for node in nodes
    ]


def compute_made_up(path: Path, session: InferenceSession, card: ModelCard) -> None:
    """Compute two made-up images, one grey and one noise, and check what comes out; see `ModelFile.try_out`."""
    images = np.zeros((2, 3, card.input_height, card.input_width), dtype=np.float32)
    images[1] = np.random.default_rng(0).normal(size=images.shape[1:])
    try:
        outputs = dict(zip(card.outputs, session.run(list(card.outputs), {"image": images}), strict=True))
    except Exception as error:  # ONNX Runtime's errors share no narrower class
        raise ModelFileError(f"{shown(path)} fails on a made-up image ({shown(str(error), 200)}).") from error
    ranks = {"interval": 2, BY_WAY: 3, FEATURES: 2} | {spec.name: 3 for spec in card.all_maps}
    for name, values in outputs.items():
        if values.ndim != ranks.get(name, 1) or len(values) != 2:
            raise ModelFileError(f"{shown(path)} computes {name} in the shape {values.shape}; export it again.")
        if max(values.shape) > LARGEST_MAP:
            raise ModelFileError(
                f"{shown(path)} computes {name} of {values.shape[1:]}, larger than any image; export it again."
            )
        if not np.isfinite(values).all():
            raise ModelFileError(f"{shown(path)} computes {name} that is not finite; train it again.")
    interval = outputs["interval"]
    if interval.shape != (2, 2) or (interval[:, 0] > interval[:, 1]).any() or interval.min() < 0 or interval.max() > 1:
        raise ModelFileError(f"{shown(path)} computes an interval that is none within 0..1; export it again.")
    dice = outputs["predicted_dice"]
    # Noise is like nothing that a network has seen, so one image may be far off; not both.
    if ((dice < LEAST_DICE) | (dice > MOST_DICE)).all():
        raise ModelFileError(f"{shown(path)} predicts {dice[0]:.3g}, which is no Dice (0 to 1); train it again.")
    held = np.clip(dice, 0, 1)
    if (held < interval[:, 0] - _ROUNDING).any() or (held > interval[:, 1] + _ROUNDING).any():
        raise ModelFileError(f"{shown(path)} predicts a Dice outside its own interval; export it again.")
    if card.ways and (outputs[BY_WAY].shape[1:] != (len(card.ways), 2) or outputs[BY_WAY][:, :, 1].min() <= 0):
        raise ModelFileError(f"{shown(path)} computes no Dice and spread for each way of drawing; export it again.")
    for spec in card.all_maps:
        low, high = spec.range or (-np.inf, np.inf)
        if not low <= outputs[spec.name].min() <= outputs[spec.name].max() <= high:
            what = "lesion probabilities" if spec.name == LESION else spec.name
            raise ModelFileError(f"{shown(path)} computes {what} outside {low:g}..{high:g}; export it again.")
