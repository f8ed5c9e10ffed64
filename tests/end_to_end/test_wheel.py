"""The wheel holds all that the light install needs, and runs outside the checkout where there is no torch."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
TRAINING_ONLY = ("torch", "torchvision", "lightning", "torchmetrics", "captum", "pytorch_grad_cam", "onnx", "sklearn")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack a wheel of this checkout, with stand-ins that fail for what the light install lacks."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(CHECKOUT)],
        check=True,
        timeout=280,
    )
    site = folder / "site"
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    for name in TRAINING_ONLY:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(
            f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n"
        )
    return site


def run(site: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "annotriage", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1", "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_the_demo_runs_from_the_wheel(site: Path, tmp_path: Path) -> None:
    said = run(site, tmp_path, "demo", "--count", "6")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "annotriage-demo" / "contact_sheet.png").is_file()


def test_the_bundled_model_and_recipes_are_in_it(site: Path, tmp_path: Path) -> None:
    said = run(site, tmp_path, "models")
    assert said.returncode == 0, said.stderr
    assert "bundled" in said.stdout
    assert {"paper.toml", "bundled.toml"} <= {file.name for file in (site / "annotriage/resources/recipes").iterdir()}
    assert (site / "annotriage" / "py.typed").is_file()


def test_training_says_what_is_missing(site: Path, tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("image,dice_mean\n")
    said = run(site, tmp_path, "train", "paper", "--images", ".", "--labels", "metrics.csv")
    assert said.returncode == 1
    assert "annotriage[train]" in said.stderr and "Traceback" not in said.stderr


def test_a_folder_is_scored_from_python(site: Path, shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "lesion.jpg").symlink_to(shared_data / "isic" / "images" / "ISIC_0000000.jpg")
    said = subprocess.run(
        [sys.executable, "-c", "import annotriage; print(annotriage.score('.'))"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert said.returncode == 0, said.stderr
    assert "predicted_dice" in said.stdout and "lesion.jpg" in said.stdout
