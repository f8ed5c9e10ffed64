"""Checkpoints on the disk: written whole or not at all, and read as numbers and words, whoever wrote them."""

import contextlib
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any

import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from typing_extensions import override

from annotriage.errors import AnnotriageError


class _Noting:
    """A file that keeps the error of a failed write: torch tells only of its own, which names no reason."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


def save_whole(value: Any, path: Path) -> None:
    """Write by `torch.save` beside ``path``, then rename.

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written; what was there before is as it was.
    """
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            noting = _Noting(file)
            try:
                torch.save(value, noting)  # type: ignore[arg-type]
            except Exception as error:
                raise (noting.error or error) from None
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise


def load_numbers(path: Path) -> dict[str, Any]:
    """Read a checkpoint of which nothing but tensors, numbers, texts, lists and dicts is taken; nothing in it is run.

    Raises
    ------
    AnnotriageError
        It holds something else, as a checkpoint that is to run a program does.
    Exception
        It is damaged; torch fails in as many ways as there are damages.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on protocols, meant for programmers
            there = torch.load(path, weights_only=True, map_location="cpu")
    except UnpicklingError as error:
        if "nsupported" in str(error) or "GLOBAL" in str(error):
            raise _foreign(path) from None
        raise
    if not isinstance(there, Mapping) or not all(isinstance(key, str) for key in there):
        raise _foreign(path)
    return dict(there)


def _foreign(path: Path) -> AnnotriageError:
    return AnnotriageError(
        f"{path} holds something else than the weights and numbers of a training; it was not opened further, because "
        "such a file can run any program. Do not trust the folder it lies in: get it anew from where it came, or train "
        "again in another folder."
    )


def load_or_forget(path: Path) -> dict[str, Any] | None:
    """Read what `save_whole` wrote; None where there is nothing, or where it is damaged, which is then removed.

    Raises
    ------
    AnnotriageError
        It holds what no training writes: see `load_numbers`.
    """
    if not path.exists():
        return None
    try:
        return load_numbers(path)
    except (MemoryError, AnnotriageError):
        raise
    except Exception as error:  # a damaged archive fails in as many ways as there are damages
        if isinstance(error, OSError) or "memory" in str(error):
            raise
        path.unlink()
        return None


def put_weights(network: torch.nn.Module, weights: object, source: Path) -> None:
    """Give a network the weights that a file of its run holds.

    Raises
    ------
    AnnotriageError
        They are those of another network.
    """
    try:
        if not isinstance(weights, Mapping):
            raise TypeError("no weights")
        network.load_state_dict(weights)
    except (TypeError, RuntimeError, AttributeError):
        raise AnnotriageError(
            f"The weights in {source} do not fit the network of this recipe: they come from another training, or the "
            "file was changed. Remove that file and resume, which trains this stage again."
        ) from None


class WholeCheckpoints(TorchCheckpointIO):
    """Lightning's own checkpoints by `save_whole`: its way goes by another folder, and from there not in one step."""

    @override
    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_whole(checkpoint, Path(path))

    @override
    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: Any = None) -> dict[str, Any]:
        there = load_numbers(Path(path))
        return there | {"callbacks": _of_this_folder(there.get("callbacks", {}), Path(path).parent)}


_PATHS = ("best_model_path", "kth_best_model_path", "last_model_path")


def _of_this_folder(states: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Let the paths in the callbacks' states be those of the checkpoint's own folder.

    Lightning deletes the file that a better epoch replaces by the path that the checkpoint names, wherever that leads;
    and a run folder that was moved keeps its best epoch.
    """

    def here(name: object) -> str:
        return str(own / str(name).replace("\\", "/").rsplit("/", 1)[-1]) if name else ""

    own = Path(os.path.realpath(folder))
    mended = {}
    for key, state in states.items():
        if isinstance(state, Mapping) and "best_model_path" in state:
            known = state.get("best_k_models")
            state = {
                **state,
                "dirpath": str(own),
                **{name: here(state.get(name)) for name in _PATHS},
                "best_k_models": {here(name): value for name, value in dict(known or {}).items()},
            }
        mended[key] = state
    return mended
