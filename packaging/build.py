"""Build a package of this checkout.

    python packaging/build.py --edition light --out DIR
    python packaging/build.py --edition light --out DIR --archives

makes the folder DIR/light/annotriage, ready to run; with --archives also what is given to others: on Linux a .tar.xz
and a .deb, on Windows a .zip and a setup program (with Inno Setup), on macOS a .dmg.

A virtual environment DIR/EDITION/venv is made with what the edition needs (again where it is there: kept up to date).
`--installed` takes the environment that runs this script instead; it must hold PyInstaller.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {"light": "statistics,fetch,serve,package", "full": "statistics,fetch,serve,train,package"}


def main() -> None:
    """Build what the command line asks for."""
    choices = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choices.add_argument("--edition", choices=tuple(EXTRAS), default="light")
    choices.add_argument("--out", type=Path, required=True, help="folder for all that is made")
    choices.add_argument("--archives", action="store_true", help="make what is given to others, too")
    # On Linux pip's own torch brings 3 GB of CUDA's libraries; PyTorch's site names an index of wheels without them.
    choices.add_argument("--torch-index", help="of the full edition: where pip takes torch and torchvision from")
    choices.add_argument("--installed", action="store_true", help="build from the environment that runs this")
    chosen = choices.parse_args()
    place = chosen.out.resolve() / chosen.edition
    place.mkdir(parents=True, exist_ok=True)
    python = Path(sys.executable) if chosen.installed else environment(place / "venv", chosen)
    begun = time.monotonic()
    folder = build(python, chosen.edition, place)
    print(f"{folder}: {size_of(folder) / 1e6:.0f} MB, built in {time.monotonic() - begun:.0f} s")
    if chosen.archives:
        # With the environment's Python: icons are drawn by its Qt.
        made = [str(python), str(ROOT / "packaging" / "archives.py"), str(folder), str(place), chosen.edition]
        subprocess.run(made, check=True)


def environment(folder: Path, chosen: argparse.Namespace) -> Path:
    """Make a virtual environment that holds this checkout and what the edition needs; return its Python."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if sys.platform == "linux" and not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        sys.exit("PyInstaller needs a Python with a shared library: build Python with --enable-shared.")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if chosen.edition == "full" and chosen.torch_index:
        subprocess.run([*install, "torch", "torchvision", "--index-url", chosen.torch_index], check=True)
    subprocess.run([*install, f"{ROOT}[{EXTRAS[chosen.edition]}]"], check=True)
    return python


def build(python: Path, edition: str, place: Path) -> Path:
    """Run PyInstaller; return the folder that it made."""
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(place), "--workpath", str(place / "work")]
    spec = ROOT / "packaging" / "annotriage.spec"
    own = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONHASHSEED": "1"}  # the same order each time
    subprocess.run([*command, str(spec), "--", "--edition", edition], check=True, cwd=ROOT, env=own)
    shutil.rmtree(place / "work", ignore_errors=True)
    return place / ("Annotriage.app" if sys.platform == "darwin" else "annotriage")


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder, links not followed."""
    return sum(each.lstat().st_size for each in folder.rglob("*") if each.is_symlink() or each.is_file())


if __name__ == "__main__":
    main()
