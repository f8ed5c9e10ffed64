"""Groups compared by pairs of masks: each with its own tools, an image once, clustered by image or patient."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from annotriage.commands.app import app
from annotriage.comparison.image_groups import diagnosis
from annotriage.comparison.pair_groups import PairTable
from annotriage.errors import AnnotriageError

HEAD = "image,annotator1,annotator2,dice,tool1,skill_level1,tool2,skill_level2"
COST = {("T1", "T1"): 0.0, ("T1", "T2"): 0.3, ("T2", "T2"): 0.05}


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """Three people draw 80 images; on malignant ones two of them mostly fill, which costs 0.3 in a mixed pair."""
    draw = np.random.default_rng(0)
    lines, clinical = [HEAD], ["isic_id,benign_malignant,patient_id"]
    for k in range(80):
        malignant = k % 2 == 1
        clinical.append(f"im{k},{'malignant' if malignant else 'benign'},{'' if k % 4 else f'p{k // 8}'}")
        tools = ["T2" if draw.random() < (0.6 if malignant else 0.2) else "T1" for _ in "ABC"]
        for a, b in ((0, 1), (0, 2), (1, 2)):
            dice = 0.9 - COST[tuple(sorted((tools[a], tools[b])))] - draw.gamma(1, 0.03)  # type: ignore[index]
            lines.append(f"im{k}.jpg,{'ABC'[a]},{'ABC'[b]},{dice:.4f},{tools[a]},S1,{tools[b]},S1")
    lines += ["im0.jpg,A,ST,0.9,T1,S1,ST,ST", "im0.jpg,A,A,0.95,T1,S1,T1,S1", "other.jpg,A,B,0.5,T1,S1,T2,S1"]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    (tmp_path / "clinical.csv").write_text("\n".join(clinical))
    return tmp_path / "pairs.csv", tmp_path / "clinical.csv"


def test_a_pair_has_its_own_tools_and_an_image_counts_once(tables: tuple[Path, Path]) -> None:
    pairs, clinical = tables
    found = diagnosis(None, clinical, pairs=pairs)
    assert found.images == 81 and [len(group.dice) for group in found.groups] == [40, 40]
    of_images, of_pairs = found.adjusted, found.in_pairs
    assert of_images is not None and of_pairs is not None and of_pairs.strata is not None
    assert (of_images.unit, of_pairs.unit, of_pairs.number) == ("images", "pairs", 240)
    assert of_pairs.plain[0].value == pytest.approx(of_images.plain[0].value)  # three pairs each: the same mean
    assert of_pairs.strata.strata == 3  # T1 + T1, T1 + T2, T2 + T2, all of three people with one skill
    assert of_pairs.factors == ("tool",) and of_pairs.alike == {"skill": "S1 + S1", "annotators": "3"}
    assert of_pairs.explained_away
    assert found.notes[-2:] == (
        "Of the pairs: 1 pair with a consensus, which is no person's mask, is left out.",
        "Of the pairs: 1 pair is one person's with itself: left out.",
    )


def test_pairs_of_one_image_are_not_independent(tables: tuple[Path, Path], tmp_path: Path) -> None:
    pairs, clinical = tables
    found = diagnosis(None, clinical, pairs=pairs, adjust=["tool"]).in_pairs
    assert found is not None and found.cluster == "lesion or patient" and found.clusters == 70  # 20 of 10 patients
    nothing = tmp_path / "kinds.csv"
    nothing.write_text("\n".join(",".join(line.split(",")[:2]) for line in clinical.read_text().splitlines()))
    alone = diagnosis(None, nothing, pairs=pairs, adjust=["tool"]).in_pairs
    assert alone is not None and (alone.cluster, alone.clusters) == ("image", 80)


def test_pairs_beside_labels_are_those_of_labelled_images(tables: tuple[Path, Path], tmp_path: Path) -> None:
    pairs, clinical = tables
    labels = tmp_path / "labels.csv"
    dice = PairTable.read(pairs).mean_dice()
    labels.write_text("\n".join(["image,dice_mean", *(f"im{k}.jpg,{dice[f'im{k}']}" for k in range(60))]))
    found = diagnosis(labels, clinical, pairs=pairs)
    assert found.images == 60 and found.in_pairs is not None and found.in_pairs.number == 180
    assert "Of the pairs: 61 pairs are of images without a label: left out." in found.notes


def test_the_command_needs_labels_or_pairs(tables: tuple[Path, Path]) -> None:
    pairs, clinical = tables
    nothing = CliRunner().invoke(app, ["diagnosis", "--clinical", str(clinical)])
    assert "give a metrics table by --labels, or of pairs by --pairs" in str(nothing.exception)
    same = CliRunner().invoke(app, ["diagnosis", "--pairs", str(pairs), "--by", "tool", "--adjust", "tool"])
    assert "tool cannot be allowed for as well" in str(same.exception)
    with pytest.raises(AnnotriageError, match="column lesion_id or patient_id"):
        diagnosis(None, pairs=pairs, by="annotators", adjust=["patient"])


@pytest.mark.slow
def test_malignancy_by_real_pairs(shared_data: Path) -> None:
    ima = shared_data / "ima"
    found = diagnosis(None, ima / "image_metadata.csv", pairs=ima / "pairwise_metrics.csv").in_pairs
    assert found is not None and found.number > 2500
    assert found.plain[0].value == pytest.approx(-0.049, abs=2e-3) and found.p_plain < 1e-3
    assert found.adjusted[0].value == pytest.approx(-0.010, abs=3e-3) and found.p_adjusted > 0.3
    assert found.explained_away
