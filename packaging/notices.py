"""The notice of third parties: every package that is bundled, its licence, and what the licence asks for.

    python packaging/notices.py > THIRD-PARTY-NOTICES.txt

prints it for all that is installed; the spec writes it for what went into the package.
"""

import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

_LINE = "=" * 100
_NAMES = ("licen", "copying", "notice", "authors", "copyright")
_ENDINGS = ("", ".txt", ".md", ".rst", ".apache", ".bsd", ".mit", ".apache2", ".psf", ".lesser")

_HEAD = """Annotriage is under the BSD 3-Clause License (LICENSE.txt beside this file). It is made from the parts below,
which their authors give under the licences that stand with them.
"""
_QT = """Qt and PySide6 {version}, Shiboken

Copyright (C) The Qt Company Ltd. and other contributors. Used under the GNU Lesser General Public License, version 3.

What that licence gives you:
- The libraries are those of the Qt Company's wheels for Python, unchanged, and lie on their own in the folders PySide6
  and shiboken6 of the package. You may replace them by your own build of the same version: the program loads whatever
  lies there, and nothing checks or locks them.
- Their source code is at https://download.qt.io/official_releases/QtForPython/ and
  https://download.qt.io/official_releases/qt/, under the same version. Whoever gives the package to others offers them
  that source code as well.
- You may change the program for your own use and take it apart to find faults in your changes.
- The text of the licence: https://www.gnu.org/licenses/lgpl-3.0.html and https://www.gnu.org/licenses/gpl-3.0.html

Qt holds parts of others (FreeType, HarfBuzz, libjpeg-turbo, libpng, PCRE2, zlib, ICU and more), with their licences:
https://doc.qt.io/qt-6/licenses-used-in-qt.html
"""
_LIBRARIES = {
    "libgcc_s": "GCC's runtime: GPL 3 with the GCC Runtime Library Exception, which lets any program use it",
    "libstdc++": "GCC's C++ library: GPL 3 with the GCC Runtime Library Exception",
    "libgfortran": "GCC's Fortran library: GPL 3 with the GCC Runtime Library Exception",
    "libquadmath": "GCC's library of long numbers: LGPL 2.1 or later",
    "libglib": "GLib: LGPL 2.1 or later; https://gitlab.gnome.org/GNOME/glib",
    "libgthread": "GLib: LGPL 2.1 or later",
    "libpcre2": "PCRE2: BSD",
    "libX": "X11: MIT",
    "libxcb": "X11: MIT",
    "libxkbcommon": "libxkbcommon: MIT",
    "libfontconfig": "Fontconfig: MIT",
    "libfreetype": "FreeType: FreeType License",
    "libpng": "libpng: libpng License",
    "libexpat": "Expat: MIT",
    "libdbus": "D-Bus: Academic Free License 2.1 or GPL 2 or later; used under the former",
    "libsystemd": "systemd: LGPL 2.1 or later; https://github.com/systemd/systemd",
    "libgcrypt": "Libgcrypt: LGPL 2.1 or later; https://gnupg.org/software/libgcrypt",
    "libgpg-error": "Libgpg-error: LGPL 2.1 or later; https://gnupg.org/software/libgpg-error",
    "libcap": "libcap: BSD 3-Clause",
    "liblz4": "LZ4: BSD 2-Clause",
    "liblzma": "XZ Utils: public domain",
    "libzstd": "Zstandard: BSD 3-Clause",
    "libbz2": "bzip2: bzip2 License",
    "libz": "zlib: zlib License",
    "libffi": "libffi: MIT",
    "libssl": "OpenSSL: Apache 2.0",
    "libcrypto": "OpenSSL: Apache 2.0",
    "libsqlite3": "SQLite: public domain",
    "libuuid": "util-linux's libuuid: BSD 3-Clause",
    "libbrotli": "Brotli: MIT",
    "libbsd": "libbsd: BSD",
    "libmd": "libmd: BSD",
    "libtinfo": "ncurses: MIT",
    "libwayland": "Wayland: MIT",
    "libpython": "Python: see below",
}


def notices_text(parts: Iterable[Distribution], libraries: Sequence[str] = ()) -> str:
    """Return the whole notice.

    Parameters
    ----------
    parts : iterable of Distribution
        The packages that are bundled.
    libraries : sequence of str
        File names of the system's libraries that are bundled.

    Raises
    ------
    ValueError
        A part says nothing of its licence: find out, before it is given to others.
    """
    parts = [part for part in parts if part.metadata["Name"].casefold() not in ("annotriage", *_BUILDERS)]
    qt = next((part.version for part in parts if _is_qt(part)), None)
    sections = [_HEAD, *([_QT.format(version=qt)] if qt else []), _libraries(libraries), _python()]
    unknown = []
    for part in parts:
        licence, texts = licence_of(part), _texts(part)
        if not licence and not texts:
            unknown.append(part.metadata["Name"])
        head = f"{part.metadata['Name']} {part.version}\nLicence: {licence or 'as follows'}"
        home = _home(part)
        sections.append("\n".join([head, *([home] if home else []), "", *texts]))
    if unknown:
        raise ValueError(f"No licence is known of: {', '.join(unknown)}")
    return f"\n{_LINE}\n\n".join(section for section in sections if section)


_STATED = {"cuda-toolkit": "NVIDIA CUDA Toolkit End User License Agreement, https://docs.nvidia.com/cuda/eula"}
"""What packages say elsewhere than in their metadata."""
_BUILDERS = ("pyinstaller", "pyinstaller-hooks-contrib", "pip", "setuptools", "wheel")


def licence_of(part: Distribution) -> str:
    """Return a licence in few words, wherever the metadata have it; empty: they do not."""
    metadata = part.metadata
    expressions = metadata.get_all("License-Expression") or []
    if expressions:
        return expressions[0]
    names = [
        line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License :: ")
    ]
    names = [name for name in names if name != "OSI Approved"]
    stated = (metadata.get_all("License") or [""])[0].strip().splitlines()
    return ", ".join(names) or (stated[0][:100] if stated else _STATED.get(metadata["Name"], ""))


def _is_qt(part: Distribution) -> bool:
    return part.metadata["Name"].casefold().replace("_", "-") in ("pyside6-essentials", "shiboken6", "pyside6")


def _texts(part: Distribution) -> list[str]:
    """Return the texts of licences that lie in a package."""
    texts = []
    for file in part.files or ():
        name = file.name.casefold()
        is_text = any(name.startswith(word) for word in _NAMES) and Path(name).suffix in _ENDINGS
        if is_text or ("licenses" in file.parts[:-1] and ".dist-info" in file.parts[0]):
            place = Path(str(part.locate_file(file)))
            if place.is_file():
                texts.append(f"--- {file} ---\n\n{place.read_text(encoding='utf-8', errors='replace').strip()}\n")
    return texts


def _home(part: Distribution) -> str:
    urls = [line.partition(", ")[2] for line in part.metadata.get_all("Project-URL") or []]
    return next((url for url in [part.metadata.get("Home-page") or "", *urls] if url.startswith("http")), "")


def _libraries(names: Sequence[str]) -> str:
    """Return the section on libraries of the system that were taken along."""
    by_length = sorted(_LIBRARIES, key=len, reverse=True)
    words = {name: next((_LIBRARIES[word] for word in by_length if name.startswith(word)), "") for name in names}
    unknown = sorted(name for name, licence in words.items() if not licence)
    if unknown:
        raise ValueError(f"No licence is known of {', '.join(unknown)}: add them to notices.py or leave them out.")
    if not words:
        return ""
    what = "Libraries of the system that built the package, unchanged, each in a file of its own that may be replaced:"
    return "\n".join([what, "", *(f"  {name:<32} {words[name]}" for name in sorted(words)), ""])


def _python() -> str:
    place = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    text = (
        place.read_text(encoding="utf-8", errors="replace")
        if place.is_file()
        else "https://docs.python.org/3/license.html"
    )
    return f"Python {sys.version.split()[0]}\nLicence: PSF-2.0\nhttps://www.python.org\n\n{text}"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(notices_text(distributions()))
