"""Checkpoints on the disk: whole or not at all, and a full disk is told as what it is."""

import contextlib
import os
from pathlib import Path
from typing import IO, Any

import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from typing_extensions import override


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


def load_or_forget(path: Path) -> Any:
    """Read what `save_whole` wrote; None where there is nothing, or where it is damaged, which is then removed."""
    if not path.exists():
        return None
    try:
        return torch.load(path, weights_only=False, map_location="cpu")  # of this very run, optimiser and all
    except MemoryError:
        raise
    except Exception as error:  # a damaged archive fails in as many ways as there are damages
        if isinstance(error, OSError) or "memory" in str(error):
            raise
        path.unlink()
        return None


class WholeCheckpoints(TorchCheckpointIO):
    """Lightning's own checkpoints by `save_whole`: its way goes by another folder, and from there not in one step."""

    @override
    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_whole(checkpoint, Path(path))
