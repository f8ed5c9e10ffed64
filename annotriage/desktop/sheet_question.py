"""Which sheet of a workbook is meant: asked wherever a table is chosen, where it is not plain."""

from pathlib import Path

from PySide6.QtWidgets import QInputDialog, QWidget

from annotriage.tables.sheets import sheet_names


def with_sheet(parent: QWidget, path: Path) -> Path | None:
    """Return a file that was chosen, of a workbook with several sheets the one that the person names.

    Parameters
    ----------
    parent : QWidget
        The window over which it is asked.
    path : Path
        Any file.

    Returns
    -------
    Path or None
        ``book.xlsx#Sheet``, as the readers of tables take it; the path itself where there is nothing to ask; None: the
        person chose none.
    """
    names = sheet_names(path)
    if len(names) < 2:
        return path
    chosen, wanted = QInputDialog.getItem(
        parent.window(),
        "Which sheet?",
        f"{path.name} has several sheets. Which one is meant?",
        names,
        0,
        False,
    )
    return Path(f"{path}#{chosen}") if wanted else None


def with_sheets(parent: QWidget, paths: list[Path]) -> list[Path]:
    """Return several files, each as `with_sheet` does; those of which no sheet was chosen are not among them."""
    return [found for path in paths if (found := with_sheet(parent, path)) is not None]
