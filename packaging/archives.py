"""Make of a built folder what is given to others.

build.py calls this; by hand:

python packaging/archives.py FOLDER OUT EDITION
"""

import lzma
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from icons import PNG, ico_file, png_file  # noqa: E402
from platforms import SVG  # noqa: E402

import annotriage  # noqa: E402

LINUX = HERE / "linux"
# What Qt needs and no package may bring along: it belongs to the graphics driver and to the display.
_DEPENDS = "libc6 (>= {libc}), libegl1, libgl1, libxcb1, fontconfig, fonts-dejavu-core | fonts-freefont-ttf"


def share_files(folder: Path) -> None:
    """Write what a Linux desktop wants to know into a `share` folder: entry, icons, kinds of files, AppStream."""
    for target, source in (
        ("applications/annotriage.desktop", LINUX / "annotriage.desktop"),
        ("metainfo/org.annotriage.Annotriage.metainfo.xml", LINUX / "org.annotriage.Annotriage.metainfo.xml"),
        ("mime/packages/annotriage.xml", LINUX / "annotriage-mime.xml"),
        ("icons/hicolor/scalable/apps/annotriage.svg", SVG),
    ):
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / target)
    for size in PNG:
        place = folder / f"icons/hicolor/{size}x{size}/apps"
        place.mkdir(parents=True, exist_ok=True)
        png_file(SVG, place / "annotriage.png", size)


def tarball(built: Path, out: Path, name: str) -> Path:
    """Pack the folder with install.sh, which puts it on its place; return the .tar.xz."""
    path = out / f"{name}.tar.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 64 << 20}]
    if platform.machine() == "x86_64":
        filters.insert(0, {"id": lzma.FILTER_X86})  # code is packed better; every xz unpacks it
    with (
        tempfile.TemporaryDirectory() as work,
        lzma.open(path, "wb", filters=filters) as file,
        tarfile.open(fileobj=file, mode="w") as packed,
    ):
        share = Path(work) / "share"
        share_files(share)
        packed.add(built, f"{name}/annotriage", filter=_nobodys)
        packed.add(share, f"{name}/share", filter=_nobodys)
        packed.add(LINUX / "install.sh", f"{name}/install.sh", filter=_nobodys)
    return path


def debian_package(built: Path, out: Path, name: str) -> Path:
    """Make a .deb that installs into /opt; return it. It has no scripts: what users made stays when it is removed."""
    path = out / f"{name}.deb"
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "root"
        root.mkdir(mode=0o755)
        shutil.copytree(built, root / "opt/annotriage", symlinks=True)
        share_files(root / "usr/share")
        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/annotriage").symlink_to("/opt/annotriage/annotriage")
        copyright_ = root / "usr/share/doc/annotriage/copyright"
        copyright_.parent.mkdir(parents=True)
        resources = built / "_internal/annotriage/resources"
        texts = (resources / "LICENSE.txt", resources / "THIRD-PARTY-NOTICES.txt")
        copyright_.write_text("\n\n".join(each.read_text(encoding="utf-8") for each in texts), encoding="utf-8")
        control = root / "DEBIAN/control"
        control.parent.mkdir()
        control.write_text(_control(root), encoding="utf-8")
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", "-Zxz", "-z6", str(root), str(path)], check=True)
    return path


def _control(root: Path) -> str:
    size = sum(each.lstat().st_size for each in root.rglob("*") if not each.is_dir()) // 1024
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return (
        f"Package: annotriage\nVersion: {annotriage.__version__}\nArchitecture: {machine}\n"
        "Maintainer: The Annotriage developers <annotriage@users.noreply.github.com>\n"
        f"Installed-Size: {size}\nSection: science\nPriority: optional\n"
        f"Depends: {_DEPENDS.format(libc=platform.libc_ver()[1] or '2.35')}\n"
        "Homepage: https://github.com/annotriage/annotriage\n"
        "Description: find the lesion images on which annotators will disagree\n"
        " Predicts from a lesion image alone how much the people who outline it will\n"
        " disagree, so that an annotation coordinator can send the few contentious\n"
        " images to the experts. It never diagnoses.\n"
    )


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _windows(built: Path, out: Path, name: str) -> None:
    shutil.make_archive(str(out / name), "zip", built.parent, built.name)
    compiler = shutil.which("iscc") or r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe"
    if not Path(compiler).exists():
        print("No setup program was made: Inno Setup is not installed.")
        return
    icon = ico_file(SVG, out / "annotriage.ico")
    subprocess.run(
        [
            compiler,
            f"/DVersion={annotriage.__version__}",
            f"/DBuilt={built}",
            f"/DIcon={icon}",
            f"/O{out}",
            f"/F{name}-setup",
            str(HERE / "windows" / "annotriage.iss"),
        ],
        check=True,
    )


def _macos(built: Path, out: Path, name: str) -> None:
    """Make a disk image from which the program is dragged into the folder of applications."""
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(built, Path(work) / built.name, symlinks=True)
        os.symlink("/Applications", Path(work) / "Applications")
        image = ["hdiutil", "create", "-volname", "Annotriage", "-srcfolder", work, "-ov", "-format", "ULMO"]
        subprocess.run([*image, str(out / f"{name}.dmg")], check=True)


def main(built: Path, out: Path, edition: str) -> None:
    """Make all archives of this platform, and print their sizes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    name = f"annotriage-{annotriage.__version__}-{edition}-{system}-{platform.machine().lower()}"
    if system == "windows":
        _windows(built, out, name)
    elif system == "macos":
        _macos(built, out, name)
    else:
        tarball(built, out, name)
        if shutil.which("dpkg-deb"):
            debian_package(built, out, name)
    for path in sorted(out.glob(f"{name}*.*")):
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
