"""What the bundled model does where a border is made harder: 100 real lesions, target: 80 of them for a blur of 0.05.

Prints how many get a higher predicted disagreement when their border is smeared (by the blur's standard deviation as a
share of the side) or they are redrawn smaller; in how many the heatmap's pull towards disagreement grows more in the
half whose border was smeared than in the other; and how closely the heatmap's mean goes with the prediction.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from annotriage.model_file import ModelLibrary
from annotriage.scoring.prediction import Prediction
from annotriage.scoring.scorer import Scorer
from tests.benchmarks.common import SHARED_DATA, Options, say, verdict
from tests.perturbations import RGB, blur_border, blur_half, grew_on_the_right, shrink_lesion, some_lesions

NAME = "borders"
BLURS = (0.02, 0.035, 0.05, 0.07, 0.10, 0.14)
OF_THE_TARGET = 0.05
TARGET = 0.8


def measure(options: Options) -> bool:
    """Print the shares."""
    lesions = [(image, mask) for _, image, mask in some_lesions(SHARED_DATA / "isic", options.images or 100)]
    scorer = Scorer(ModelLibrary().find("bundled"))
    before = _score(scorer, (image for image, _ in lesions))
    raised = {
        sigma: _raised(before, _score(scorer, (blur_border(image, mask, sigma) for image, mask in lesions)))
        for sigma in BLURS
    }
    say(NAME, "disagreement raised by a blur of " + ", ".join(f"{s:g}: {share:.0%}" for s, share in raised.items()))
    shrunk = _raised(before, _score(scorer, (shrink_lesion(image, mask) for image, mask in lesions)))
    say(NAME, f"disagreement raised by shrinking: {shrunk:.0%}")
    halves = [blur_half(image, mask, OF_THE_TARGET) for image, mask in lesions]
    after = _score(scorer, (image for image, _ in halves))
    there = np.mean(
        [
            grew_on_the_right(was.heatmap, became.heatmap, middle)
            for was, became, (_, middle) in zip(before, after, halves, strict=True)
            if was.heatmap is not None and became.heatmap is not None
        ]
    )
    say(NAME, f"heatmap shows which half was smeared: {there:.0%}")
    means = [each.heatmap.mean() for each in before if each.heatmap is not None]
    together = np.corrcoef(means, [each.predicted_dice for each in before])[0, 1]
    say(NAME, f"mean of the heatmap and predicted Dice: Pearson {together:.3f} ({len(lesions)} images)")
    met = min(raised[OF_THE_TARGET], shrunk) >= TARGET
    return verdict(NAME, met, f"at least {TARGET:.0%} for a blur of {OF_THE_TARGET:g} and for shrinking")


def _score(scorer: Scorer, images: Iterable[RGB]) -> list[Prediction]:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, image in enumerate(images):
            paths.append(Path(folder) / f"{number}.png")
            Image.fromarray(image).save(paths[-1], compress_level=1)
        return list(scorer.score(paths))


def _raised(before: list[Prediction], after: list[Prediction]) -> float:
    pairs = zip(before, after, strict=True)
    return float(np.mean([(became.disagreement or 0) > (was.disagreement or 0) for was, became in pairs]))
