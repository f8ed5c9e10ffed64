"""The notice names every part with its licence, and refuses what it knows nothing of."""

from importlib.metadata import Distribution, PathDistribution, distribution, distributions
from pathlib import Path

import pytest


def made(folder: Path, name: str, *lines: str) -> Distribution:
    """Return a package whose metadata have these lines."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines]))
    return PathDistribution(info)


@pytest.mark.slow
def test_every_installed_package_has_a_licence() -> None:
    from notices import notices_text

    text = notices_text(distributions())
    for part in ("numpy", "onnxruntime", "SQLAlchemy", "pillow", "scipy", "pydantic"):
        version = distribution(part).version
        assert f"\n{part} {version}\nLicence: " in text.replace("sqlalchemy ", "SQLAlchemy "), part


@pytest.mark.slow
def test_the_conditions_of_the_lgpl_are_named() -> None:
    from notices import notices_text

    text = notices_text(distributions())
    words = " ".join(text.split())
    for condition in ("GNU Lesser General Public License, version 3", "replace them by your own build", "source code"):
        assert condition in words
    assert f"Qt and PySide6 {distribution('pyside6-essentials').version}" in words


def test_the_text_of_a_licence_is_taken_from_the_package() -> None:
    from notices import notices_text

    text = notices_text([distribution("numpy")])
    assert "Copyright (c) 2005-" in text and "NumPy Developers" in text


def test_a_package_without_a_licence_stops_the_build(tmp_path: Path) -> None:
    from notices import notices_text

    with pytest.raises(ValueError, match="mystery"):
        notices_text([made(tmp_path, "mystery"), made(tmp_path, "fine", "License-Expression: MIT")])


def test_libraries_of_the_system_are_named_or_stop_the_build() -> None:
    from notices import notices_text

    assert "libX11.so.6" in notices_text([], ["libX11.so.6"])
    with pytest.raises(ValueError, match=r"libreadline\.so\.8"):
        notices_text([], ["libX11.so.6", "libreadline.so.8"])


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT"], "MIT"),
        (["Classifier: License :: OSI Approved :: BSD License"], "BSD License"),
        (["License: Apache 2"], "Apache 2"),
        ([], ""),
    ],
)
def test_a_licence_is_found_wherever_it_is_said(tmp_path: Path, lines: list[str], licence: str) -> None:
    from notices import licence_of

    assert licence_of(made(tmp_path, "part", *lines)) == licence
