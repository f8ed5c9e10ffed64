"""The folder of a training run, written: set up or resumed, and each file put beside its place, then moved there."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.datasets.splits import Split
from annotriage.errors import AnnotriageError
from annotriage.plain_files import read_plain_text
from annotriage.regressors.recipes.recipe import Recipe, is_recipe_of, recipe_toml
from annotriage.runs.files import PARTS, RunFiles
from annotriage.runs.notes import OR_ANEW, damaged, lists_of_names, read_note
from annotriage.tables import csv_bytes
from annotriage.writing import write_whole

if TYPE_CHECKING:
    from annotriage.regressors.data.run_data import RunData

_LATER = ("unlabelled_sha256", "pairs_sha256")
"""What split.json did not say before: of all images without a label, and of the table of pairs (empty: no table)."""
VERSIONS_OF = ("annotriage", "torch", "torchvision", "lightning", "numpy", "onnx", "onnxruntime", "pillow")


class RunFolder(RunFiles):
    """A run's folder for the run itself.

    Where its files lie is said by `annotriage.runs.files.RunFiles`; here is how they are written.
    """

    __slots__ = ()

    @property
    def pixels(self) -> Path:
        """Decoded pixels."""
        return self.work / "pixels.npy"

    @property
    def masks(self) -> Path:
        """Decoded masks."""
        return self.work / "masks.npy"

    def begin(self, recipe: Recipe, data: "RunData", resume: bool, device: str = "") -> None:
        """Set the folder up, or make sure that it holds the run to resume; `device` is what it is trained on.

        Raises
        ------
        AnnotriageError
            It holds something else, another run, or a finished one.
        """
        resolved = recipe_toml(recipe)
        if resume:
            self._keep_split(data)
        split = {"train": data.split.train, "validation": data.split.validation, "test": data.split.test}
        identity = {"table_sha256": data.table_sha256, "grouped_by": data.grouped_by, **split}
        identity |= {"unlabelled_sha256": _digest(sorted(data.stems[k] for k in data.unlabelled))}
        identity |= {"pairs_sha256": "" if data.pairs is None else data.pairs.sha256}
        if self.folder.exists() and any(self.folder.iterdir()):
            if not self.recipe.is_file():
                raise AnnotriageError(
                    f"The folder {self.folder} holds other files. Choose a new folder for the run with --out."
                )
            if not resume:
                raise AnnotriageError(
                    f"The folder {self.folder} holds a training run already. Add --resume to go on with it, or choose "
                    "another folder with --out."
                )
            if not is_recipe_of(self._recipe_there(), recipe):
                raise AnnotriageError(
                    f"The run in {self.folder} was started with another recipe (see {self.recipe}). Resume it with "
                    "that one, or choose another folder with --out."
                )
            if self.split.is_file():
                # What runs of before did not note is not asked of them.
                self._refuse_other_data(dict.fromkeys(_LATER, None) | read_note(self.split, OR_ANEW), identity)
        self.work.mkdir(parents=True, exist_ok=True)
        self.checkpoints.mkdir(exist_ok=True)
        # The recipe comes last: a folder that has one has everything that a resume checks.
        self.write_json(self.split, identity)
        self.write_json(self.versions, {"seed": recipe.seed, "device": device, **versions()})
        # What packing has found in an earlier process stays known.
        self.write_json(self.problems, self.problems_known() | {each.what: each.names for each in data.problems})
        self.write_text(self.recipe, resolved)

    def _keep_split(self, data: "RunData") -> None:
        """Go on with the run's own split of the same images: another version may draw another one."""
        if not self.split.is_file():
            return
        known = read_note(self.split, OR_ANEW)
        if (known.get("table_sha256"), known.get("grouped_by")) == (data.table_sha256, data.grouped_by):
            parts = lists_of_names(self.split, known, PARTS, OR_ANEW)
            data.keep_split(Split(*(parts[name] for name in PARTS)))

    def _refuse_other_data(self, known: dict[str, Any], found: dict[str, Any]) -> None:
        """Say what has changed since the run was started, if anything has."""
        found = {key: known[key] if key in _LATER and known[key] is None else value for key, value in found.items()}
        if known == found:
            return
        before, now = (
            {stem for names in lists_of_names(self.split, each, PARTS, OR_ANEW).values() for stem in names}
            for each in (known, found)
        )
        gone, new = sorted(before - now), sorted(now - before)
        if known.get("table_sha256") != found["table_sha256"]:
            what = "The table of labels has"
        elif known["pairs_sha256"] != found["pairs_sha256"]:
            what = (
                "The table of pairs has"
                if known["pairs_sha256"] and found["pairs_sha256"]
                else ("Whether a table of pairs is given (--pairs) has")
            )
        elif gone or new:
            told = [f"{len(gone)} are gone, first {gone[0]}"] if gone else []
            told += [f"{len(new)} are new, first {new[0]}"] if new else []
            what = f"The images with a label ({'; '.join(told)}) have"
        elif known["unlabelled_sha256"] != found["unlabelled_sha256"]:
            what = "The images without a label, of all folders together, have"
        else:
            what = "The metadata, or how the images are split by them, have"
        raise AnnotriageError(
            f"{what} changed since the run in {self.folder} was started. Bring them back as they were and resume it, "
            "or start a new run in another folder with --out."
        )

    def _recipe_there(self) -> str:
        try:
            return read_plain_text(self.recipe)
        except UnicodeDecodeError as error:
            raise damaged(self.recipe, error, OR_ANEW) from None

    def has_fits(self) -> bool:
        """Return whether a fit has kept something already."""
        return any(self.checkpoints.glob("*/*"))

    def problems_known(self) -> dict[str, list[str]]:
        """Return what was left out so far, and the names of it."""
        if not self.problems.is_file():
            return {}
        return lists_of_names(self.problems, read_note(self.problems, OR_ANEW), otherwise=OR_ANEW)

    def add_problem(self, what: str, names: list[str]) -> None:
        """Note one more thing that was left out."""
        self.write_json(self.problems, self.problems_known() | {what: names})

    def note_version(self, name: str, value: Any) -> None:
        """Note one more thing on how the run was made."""
        self.write_json(self.versions, read_note(self.versions, OR_ANEW) | {name: value})

    def write_text(self, file: Path, text: str) -> None:
        """Write a file whole or not at all."""
        write_whole(file, text.encode())

    def write_json(self, file: Path, values: Any) -> None:
        """Write JSON whole or not at all."""
        self.write_text(file, json.dumps(values, indent=1, ensure_ascii=False) + "\n")

    def write_predictions(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write a line a labelled image; all rows have the same columns."""
        rows = list(rows)
        write_whole(self.predictions, csv_bytes(list(rows[0]), (row.values() for row in rows)))

    def forget_work(self) -> None:
        """Delete the decoded pixels of a finished run."""
        shutil.rmtree(self.work, ignore_errors=True)


def _digest(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode("utf-8", "backslashreplace")).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of what takes part in a run."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
