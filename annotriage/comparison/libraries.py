"""The statistics libraries: what they are, which versions, and what to do where they are missing."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from annotriage.errors import AnnotriageError

_MODULES = {
    "statsmodels": "statsmodels",
    "scikit_posthocs": "scikit-posthocs",
    "baycomp": "baycomp",
    "matplotlib": "matplotlib",
}
_NAMED = ("annotriage", "numpy", "scipy", "pandas", *_MODULES.values())


def need_libraries() -> None:
    """Make sure that the statistics libraries are installed.

    Raises
    ------
    AnnotriageError
        One is missing; the sentence says how to install it.
    """
    missing = [name for module, name in _MODULES.items() if find_spec(module) is None]
    if missing:
        raise AnnotriageError(
            f"Statistics need more than the light install ({', '.join(missing)} missing). Install it with: "
            'python -m pip install "annotriage[statistics]"'
        )


def versions() -> dict[str, str]:
    """Return the versions of all that takes part in a result."""
    import platform

    found = {"python": platform.python_version()}
    for name in _NAMED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
