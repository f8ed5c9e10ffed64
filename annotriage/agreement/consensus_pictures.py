"""Write what the annotators of an image agree on, and where they do not, as PNG files."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotriage.agreement.consensus import Consensus, consensus, disagreement_map, need_staple
from annotriage.errors import AnnotriageError
from annotriage.writing import write_whole


@dataclass(frozen=True)
class Pictures:
    """What to write of each image, and where: ``<folder>/<image>.png``.

    Attributes
    ----------
    consensus : Consensus or None
        How the consensus mask is made: 0 and 255.
    consensus_folder : Path or None
        Where it goes; None: no consensus masks.
    maps_folder : Path or None
        Where the maps of disagreement go, 8-bit grey: 0 where all annotators agree, 255 where all pairs of them differ;
        see `disagreement_map`. None: no maps.

    Raises
    ------
    AnnotriageError
        STAPLE is asked for and SimpleITK is not installed.
    """

    consensus: Consensus | None = None
    consensus_folder: Path | None = None
    maps_folder: Path | None = None

    def __post_init__(self) -> None:
        """Refuse at once what cannot be done."""
        if self.consensus is Consensus.STAPLE:
            need_staple()

    def write(self, image: str, masks: NDArray[np.bool_]) -> None:
        """Write what is asked for of an image with the masks (A, H, W).

        Raises
        ------
        AnnotriageError
            A file cannot be written; the sentence says why.
        """
        if self.consensus is not None and self.consensus_folder is not None:
            agreed = consensus(masks, self.consensus)
            _write(self.consensus_folder, image, agreed.astype(np.uint8) * np.uint8(255))
        if self.maps_folder is not None:
            _write(self.maps_folder, image, np.rint(disagreement_map(masks) * 255).astype(np.uint8))


def _write(folder: Path, image: str, pixels: NDArray[np.uint8]) -> None:
    from PIL import Image

    # Names come from tables and patterns, too: none leads out of the folder.
    parts = [part.replace(":", "_") for part in image.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    path = folder.joinpath(*parts[:-1], f"{parts[-1] if parts else '_'}.png")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnnotriageError(
            f"The folder {path.parent} cannot be made ({error.strerror}); check the disk and its permissions."
        ) from None
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=3)
    write_whole(path, data.getvalue())
