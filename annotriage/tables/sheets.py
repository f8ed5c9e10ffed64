"""How a sheet of a workbook is named after its file: ``book.xlsx#Round 2``."""

from pathlib import Path


def file_and_sheet(path: Path) -> tuple[Path, str | None]:
    """Take the name of a sheet off a path; None: it names none.

    A file that is really called so is meant itself.
    """
    file, mark, sheet = str(path).rpartition("#")
    if not mark or not file or "/" in sheet or path.exists():
        return path, None
    return Path(file), sheet
