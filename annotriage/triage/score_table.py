"""Images of any kind, in folders, files or memory -> their predictions as a data frame."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    import pandas as pd

    from annotriage.model_file import ModelFile
    from annotriage.scoring.preparing import LesionImage

_COLUMNS = ("image", "predicted_dice", "disagreement", "lower", "upper")


def score_table(
    images: Any, chosen: "ModelFile", *, heatmaps: bool, threads: int | None, drawn: str | None = None
) -> "pd.DataFrame":
    """Score images; see `annotriage.api.score`."""
    import pandas as pd

    from annotriage.agreement.masks_among import called_a_mask
    from annotriage.scoring.prediction import Prediction
    from annotriage.scoring.scorer import Scorer
    from annotriage.scoring.team import way_named
    from annotriage.scoring.team_words import PREDICTED_FOR, team_text
    from annotriage.triage.ranking import UNLIKE
    from annotriage.triage.team_choice import team_of

    team = team_of(chosen, None if drawn is None else way_named(drawn, chosen.card))
    whom = team_text(chosen.card, team)
    texts = ["error", "note", *([PREDICTED_FOR] if whom else [])]
    unlike = list(UNLIKE if chosen.card.features is not None else ())
    further = list(chosen.card.further_targets)
    maps = [spec.name for spec in chosen.card.all_maps] if heatmaps else []
    entries = _entries(images)
    taken: deque[tuple[str, LesionImage | str]] = deque()
    rows: list[dict[str, Any]] = []

    def readable() -> "Iterator[LesionImage]":
        for entry in entries:
            taken.append(entry)
            if not isinstance(entry[1], str):
                yield entry[1]

    def add(name: str, prediction: Prediction) -> None:
        values = {column: getattr(prediction, column) for column in (*_COLUMNS[1:], "error")}
        values |= {name: prediction.maps.get(name) for name in maps}
        values |= {"note": prediction.note or None, PREDICTED_FOR: whom if prediction.error is None else None}
        values |= dict(zip(UNLIKE, (prediction.is_unlike, prediction.unlikeness), strict=True))
        rows.append({"image": name, **values, **prediction.further})

    def add_unreadable() -> None:
        while taken and isinstance(reason := taken[0][1], str):
            add(taken.popleft()[0], Prediction(Path(), error=reason))

    scorer = Scorer(chosen, threads=threads, heatmaps=heatmaps, called_a_mask=called_a_mask)
    with closing(scorer.score(readable())) as scored:
        for prediction in scored:
            add_unreadable()
            add(taken.popleft()[0], team.of(chosen.card, prediction))
    add_unreadable()
    table = pd.DataFrame(rows, columns=[*_COLUMNS, *further, *texts, *unlike, *maps])
    numbers = [*_COLUMNS[1:], *further, *unlike[1:]]
    table[numbers] = table[numbers].astype(float)
    table[unlike[:1]] = table[unlike[:1]].astype(bool)
    for column in texts:  # None stays None beside texts
        table[column] = pd.Series([row[column] for row in rows], dtype=object)
    table.attrs.update(model=chosen.card.name, level=chosen.card.interval.level)
    if whom:
        table.attrs[PREDICTED_FOR] = whom
    return table


def _entries(images: Any) -> "Iterator[tuple[str, LesionImage | str]]":
    """Yield what each image is called, and the image, or why it cannot be scored."""
    from annotriage.images import find_images
    from annotriage.scoring.prediction import A_MASK
    from annotriage.triage.folder_scoring import lesions_and_masks

    if isinstance(images, str | os.PathLike):
        if not os.fspath(images):
            raise AnnotriageError('images is empty: name a file or a folder, "." for the one that Python runs in.')
        path = Path(os.fspath(images))
        if os.path.isdir(path):  # of a name that is too long Path.is_dir raises
            found = find_images(path)
            lesions, masks = (({image.name for image in part}) for part in lesions_and_masks(found))
            if not found:
                raise AnnotriageError(f"There are no images in {path}; name a folder that holds JPEG, PNG, TIFF, ...")
            for image in found:
                if image.name in masks:
                    yield image.name, A_MASK
                elif image.name in lesions:
                    yield image.name, image.problem or image.path
            return
        if not os.path.exists(path):
            raise AnnotriageError(f"There is no file and no folder {path}.")
        images = [images]
    elif _is_one(images):
        images = [images]
    for place, image in enumerate(images):
        if isinstance(image, str | os.PathLike):
            yield os.fspath(image), Path(os.fspath(image))
        else:
            yield str(place), image  # what is none is refused where it is scored


def _is_one(images: Any) -> bool:
    """Say whether something is one image, or nothing that holds images: the keys of a mapping are none."""
    from annotriage.scoring.preparing import is_lesion_image

    if is_lesion_image(images) or not isinstance(images, Iterable) or isinstance(images, bytes | Mapping):
        return True
    holds_files = getattr(getattr(images, "dtype", None), "kind", "") in "OUT" and getattr(images, "ndim", 0) == 1
    return not holds_files and getattr(images, "ndim", 4) < 4  # a column of a table, or an array, of files
