"""Annotriage: predict from a lesion image alone how much its annotators will disagree."""

import os

__version__ = "0.1.0"

# ONNX Runtime reports to its maker from the moment that it is loaded, unless this is set before. It stands here as all
# that runs of Annotriage (commands, the window, workers, scripts that use the library) comes through here first, and
# what it starts inherits it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
