"""A table that lists image, annotator and mask."""

from pathlib import Path

from annotriage.agreement.mask_set import MaskRow, MaskSet
from annotriage.annotations.annotation import ReadAnnotations
from annotriage.annotations.reading import may_be_annotations, read_annotations
from annotriage.errors import AnnotriageError
from annotriage.names import key_of, posix, without_endings
from annotriage.tables import Table, column_key, read_table, says_nothing, some, united_numbers

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
OTHER_TABLES = (".xls", ".ods", ".xlsb", ".numbers")
"""Tables that are refused with the sentence that says as what to save them."""
IMAGE_COLUMNS = ("image", "img_filename", "img_id", "isic_id")
ANNOTATOR_COLUMNS = ("annotator", "rater", "reader", "observer", "expert")
MASK_COLUMNS = ("mask", "seg_filename", "segmentation", "file", "path")


def read_mask_table(path: Path) -> MaskSet:
    """Read a table of masks.

    Parameters
    ----------
    path : Path
        A text table or a workbook, with a column for the image, one for the annotator and one for the
        mask's file, or that of annotations, which is looked for from the table's folder.

    Returns
    -------
    MaskSet
        In the table's order.

    Raises
    ------
    AnnotriageError
        The file cannot be read, lacks a column, or lists no mask.
    """
    table = read_table(path, [IMAGE_COLUMNS, ANNOTATOR_COLUMNS, MASK_COLUMNS])
    table.refuse_problems()
    image_at = table.need("the image", *IMAGE_COLUMNS)
    annotator_at = table.need("the annotator", *ANNOTATOR_COLUMNS)
    mask_at = table.need("the mask", *MASK_COLUMNS)
    images = [without_endings(posix(cells[image_at])) for cells in table.rows]
    annotators = ["" if says_nothing(cells[annotator_at]) else cells[annotator_at] for cells in table.rows]
    one_image, one_person = united_numbers(images), united_numbers(annotators)
    rows = []
    exports: dict[Path, ReadAnnotations | AnnotriageError | None] = {}
    for image, annotator, cells in zip(images, annotators, table.rows, strict=True):
        mask = posix(cells[mask_at])
        image, annotator = one_image.read(image), one_person.read(annotator)
        if not mask:
            rows.append(MaskRow(image, annotator, path, "its row names no mask"))
        elif not image:
            rows.append(MaskRow("", annotator, path.parent / mask, "its row names no image"))
        elif may_be_annotations(mask):
            rows += _in_export(image, annotator, path.parent / mask, exports)
        else:
            rows.append(MaskRow(image, annotator, path.parent / mask))
    if not any(row.used for row in rows):
        raise AnnotriageError(f"{path} lists no mask: it needs a row for each, with image, annotator and mask.")
    remarks = [*_rivals(table, annotator_at, ANNOTATOR_COLUMNS), *_rivals(table, mask_at, MASK_COLUMNS)]
    return MaskSet(rows, remarks=[*remarks, *one_person.remarks("annotator"), *one_image.remarks("image")])


def lists_masks(path: Path) -> bool:
    """Say whether a file has the columns of a table of masks."""
    try:
        table = read_table(path, [IMAGE_COLUMNS, ANNOTATOR_COLUMNS, MASK_COLUMNS])
        table.need("the image", *IMAGE_COLUMNS)
        table.need("the mask", *MASK_COLUMNS)
    except AnnotriageError:
        return False
    return True


def _in_export(
    image: str, annotator: str, path: Path, exports: "dict[Path, ReadAnnotations | AnnotriageError | None]"
) -> list[MaskRow]:
    """Return what a file of annotations holds of an image; the table says who drew it."""
    if path not in exports:
        try:
            exports[path] = read_annotations(path)
        except AnnotriageError as error:
            exports[path] = error
    read = exports[path]
    if not isinstance(read, ReadAnnotations):
        note = (
            str(read).removeprefix(f"{path} ").rstrip(".") if read else "it is of no format of annotations that is read"
        )
        return [MaskRow(image, annotator, path, note)]
    alone = len({key_of(each.image) for each in read.annotations}) == 1
    of = [each for each in read.annotations if alone or key_of(each.image) == key_of(image)]
    if not of:
        return [MaskRow(image, annotator, path, "it holds no annotation of this image")]
    return [MaskRow(image, annotator or each.annotator, path, each.note, each) for each in of]


def _rivals(table: Table, place: int, names: tuple[str, ...]) -> list[str]:
    """Say of which other column the same could have been read, where it holds something else."""
    keys = {column_key(name) for name in names}
    others = [
        column
        for at, column in enumerate(table.columns)
        if at != place and column_key(column) in keys and any(row[at] and row[at] != row[place] for row in table.rows)
    ]
    if not others:
        return []
    return [f"Read from the column {table.columns[place]}; {some(others)} could be meant as well: rename it if it is."]
