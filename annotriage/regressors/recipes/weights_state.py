"""Whether the ImageNet weights that a recipe starts from are there, can be had, or neither."""

import http.client
import urllib.request
from typing import Any

from annotriage.regressors.backbones.registry import backbone, weights_file
from annotriage.regressors.recipes.recipe import Recipe

CONNECT_SECONDS = 4.0


def weights_state(recipe: Recipe) -> dict[str, Any]:
    """Look for a recipe's weights; nothing is downloaded.

    Returns
    -------
    dict
        ``state`` (``"none"``: the recipe wants none; ``"present"``, ``"download"``, ``"unreachable"``), ``file`` (where
        they lie, or would) and ``sentence``, with the way out where there is need of one.
    """
    if recipe.weights == "none":
        return {"state": "none", "file": "", "sentence": "This recipe starts from random weights; nothing is needed."}
    file = weights_file(recipe.backbone)
    if file.is_file():
        state, sentence = "present", f"The ImageNet weights of {recipe.backbone} are there."
    elif not (url := backbone(recipe.backbone).weights.url()):
        state, way_out = "unreachable", backbone(recipe.backbone).weights.way_out()
        sentence = f"The ImageNet weights of {recipe.backbone} are not installed. {way_out}"
    else:
        size = _download_size(url)
        if size is None:
            state = "unreachable"
            sentence = (
                f"The ImageNet weights of {recipe.backbone} are not on this computer, and {url} cannot be reached. "
                f"Connect it, or put {file.name} (fetched from that address on a computer that has "
                f'a connection) into {file.parent}, or start from random weights (weights = "none").'
            )
        else:
            state = "download"
            amount = f", {size / 1e6:.0f} MB," if size else ""
            sentence = f"The ImageNet weights of {recipe.backbone}{amount} will be downloaded when training starts."
    return {"state": state, "file": str(file), "sentence": sentence}


def _download_size(url: str) -> int | None:
    """Ask their server for the size of weights; 0 where it does not say, None where it does not answer."""
    try:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except (OSError, ValueError, http.client.HTTPException):
        return None
