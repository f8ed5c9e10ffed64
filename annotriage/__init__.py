"""Annotriage: predict from a lesion image alone how much its annotators will disagree.

    import annotriage

    ranking = annotriage.score("photos").sort_values("disagreement", ascending=False)

What is here is loaded when it is first asked for: the import itself takes no time.
"""

import os

from annotriage._version import __version__ as __version__

TYPE_CHECKING = False  # as type checkers know it; to import typing takes longer than all else here
if TYPE_CHECKING:
    from annotriage.api import AgreementTables, agree, calibrate, compare, diagnosis, models, people, score, train
    from annotriage.errors import AnnotriageError

__all__ = [
    "AgreementTables", "AnnotriageError", "agree", "calibrate", "compare", "diagnosis", "models", "people", "score",
    "train",
]  # fmt: skip

# ONNX Runtime reports to its maker from the moment that it is loaded, unless this is set before. It stands here as all
# that runs of Annotriage (commands, the window, workers, scripts that use the library) comes through here first, and
# what it starts inherits it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from annotriage import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
