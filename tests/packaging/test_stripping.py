"""Only libraries that strip cannot break are stripped."""

import pytest


@pytest.mark.parametrize(
    ("target", "source", "may"),
    [
        ("libX11.so.6", "/usr/lib/libX11.so.6", True),
        ("libpython3.11.so.1.0", "/opt/python/lib/libpython3.11.so.1.0", True),
        ("python3.11/lib-dynload/math.so", "/opt/python/lib/python3.11/lib-dynload/math.so", True),
        ("kiwisolver/_cext.so", "/venv/lib/python3.11/site-packages/kiwisolver/_cext.so", True),
        ("numpy.libs/libopenblas.so", "/venv/lib/python3.11/site-packages/numpy.libs/libopenblas.so", False),
        ("libopenblas.so", "/venv/lib/python3.11/site-packages/numpy.libs/libopenblas.so", False),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/venv/lib/python3.11/site-packages/PySide6/Qt/lib/libQt6Core.so.6", False),
    ],
)
def test_patched_libraries_stay_as_they_are(target: str, source: str, may: bool) -> None:
    from stripping import _may_be_stripped

    assert _may_be_stripped(target, source) is may
