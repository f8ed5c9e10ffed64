"""The one door to ONNX Runtime: it is loaded here when it is first needed, and told to report nothing."""

import os
from typing import Any

TELEMETRY_VARIABLE = "ORT_DISABLE_TELEMETRY"


def onnx_runtime() -> Any:
    """Return the module `onnxruntime`, with its reports to its maker switched off.

    The variable that keeps it from beginning is set by the package itself (`annotriage/__init__.py`). A script that
    loaded ONNX Runtime before Annotriage is too late for that: what it would still report is switched off here.
    """
    os.environ[TELEMETRY_VARIABLE] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def reports_nothing() -> bool:
    """Return whether ONNX Runtime was kept from reporting before it was loaded."""
    return os.environ.get(TELEMETRY_VARIABLE) == "1"
