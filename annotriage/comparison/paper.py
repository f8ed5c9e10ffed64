"""The numbers of the paper that this program grew from, shown beside its own.

Bravo Iriarte, Tung, Tsai, Foroughizadeh, Can: "Deep Regression for Predicting Annotation Variability in Skin Lesion
Segmentation" (2025).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperModel:
    """A line of the paper's Table 2: one run; standard deviations are over its test images."""

    title: str
    mse: float
    mse_sd: float
    mae: float
    mae_sd: float


@dataclass(frozen=True, slots=True)
class PaperTest:
    """A test as the paper prints it."""

    statistic: float
    p: float


TABLE_2 = {
    "resnet18": PaperModel("ResNet-18", 0.0340, 0.0603, 0.1380, 0.1223),
    "efficientnet_b0": PaperModel("EfficientNet-B0", 0.0382, 0.0654, 0.1498, 0.1254),
    "vit_b_32": PaperModel("ViT-B/32", 0.0418, 0.0996, 0.1391, 0.1499),
}
TABLE_3 = {"mse": PaperTest(0.09319, 0.95447), "mae": PaperTest(0.11104, 0.94599)}
TABLE_4 = PaperTest(0.005, 0.828)
RUNS_A_MODEL = 10
IMAGES = 2261


def paper_model(name: str) -> PaperModel | None:
    """Return the paper's line for a backbone or a model whose name holds it (``paper-resnet18``), else None."""
    plain = _letters(name)
    return next(
        (line for key, line in TABLE_2.items() if _letters(key) in plain or _letters(line.title) in plain), None
    )


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
