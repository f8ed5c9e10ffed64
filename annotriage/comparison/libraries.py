"""The statistics libraries: what they are, which versions, and what to do where they are missing."""

from importlib.metadata import PackageNotFoundError, version

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
    from annotriage.version import how_to_get, lacking

    missing = [_MODULES[module] for module in lacking("statistics")]
    if missing:
        raise AnnotriageError(
            f"Statistics need more than the light install ({', '.join(missing)} missing). "
            + how_to_get("statistics", what="The library of statistics")
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
