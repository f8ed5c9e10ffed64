"""Which installed packages the packaged program holds, told by the files that went into it."""

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path


def distributions_of(files: Iterable[str]) -> list[Distribution]:
    """Return the installed packages to which files belong, by name.

    Parameters
    ----------
    files : iterable of str
        Where the modules, libraries and data of the package were taken from.
    """
    wanted = {str(Path(file).resolve()) for file in files if file}
    found = {}
    for distribution in distributions():
        owned = (str(Path(str(distribution.locate_file(file))).resolve()) for file in distribution.files or ())
        if any(file in wanted for file in owned):
            found[distribution.metadata["Name"].casefold()] = distribution
    return [found[name] for name in sorted(found)]


def metadata_of(distribution: Distribution) -> list[tuple[str, str]]:
    """Return the metadata of a package (version, licence) as data files: name in the package, place on this disk.

    keyring finds the system's keyrings by its entry points, which belong to it.
    """
    wanted = {"METADATA", "entry_points.txt"} if distribution.name == "keyring" else {"METADATA"}
    return [
        (f"{file.parts[0]}/{file.name}", str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if file.name in wanted and len(file.parts) == 2
    ]
