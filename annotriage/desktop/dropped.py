"""What is dragged over a window, as paths of this machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QUrl

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData


def dropped_paths(data: "QMimeData") -> list[Path]:
    """Return the files and folders of this machine; addresses of other places are left out."""
    return [_path(url) for url in data.urls() if url.isLocalFile()]


def _path(url: QUrl) -> Path:
    if os.sep == "/" and not url.host():
        # Qt's own way spoils names that are no UTF-8: the file would not be found.
        encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
        return Path(os.fsdecode(unquote_to_bytes(encoded)))
    return Path(url.toLocalFile())
