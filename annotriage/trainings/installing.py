"""What is done with the model file of a run: its name, into the library, out into the world. No Qt here."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.errors import AnnotriageError

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelCard, ModelFile, ModelLibrary

LONGEST_NAME = 64


def name_is_valid(name: str) -> bool:
    """Say whether a model can have this name; see `annotriage.model_file.card.Name`."""
    from pydantic import TypeAdapter, ValidationError

    from annotriage.model_file.card_parts import Name

    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        return False
    return True


def free_name(name: str, taken: list[str]) -> str:
    """Return a name, with a number behind it where the library has it already."""
    known = {each.casefold() for each in taken}
    found, number = name, 2
    while found.casefold() in known:
        ending = f"-{number}"
        found, number = name[: LONGEST_NAME - len(ending)] + ending, number + 1
    return found


def installed_as(model: "ModelFile", entries: "list[LibraryEntry]") -> "LibraryEntry | None":
    """Find a run's model in the library, under whatever name; None: it is not there."""
    own = _nameless(model.card)
    return next((each for each in entries if each.card is not None and _nameless(each.card) == own), None)


def _nameless(card: "ModelCard") -> "ModelCard":
    return card.model_copy(update={"name": "", "title": ""})


def named(model: "ModelFile", name: str) -> bytes:
    """Return a model's file with a name on its card; byte by byte the same where that is its name."""
    from annotriage.model_file import ModelCard, with_card

    card = model.card
    if name == card.name:
        return model.data()
    # The title follows where nobody has thought of one.
    title = name if card.title == card.name else card.title
    changed = ModelCard.model_validate(card.model_dump() | {"name": name, "title": title})
    return with_card(model.data(), changed)


def install(library: "ModelLibrary", model: "ModelFile", name: str, *, replace: bool = False) -> "LibraryEntry | str":
    """Put a model into the library; where the name is another model's, return that name and do nothing.

    Raises
    ------
    AnnotriageError
        The file cannot be used, the name is that of a model that ships, or the library cannot be written.
    """
    data = named(model, name)
    for entry in library.list():
        if entry.name.casefold() != name.casefold():
            continue
        if entry.bundled:
            raise AnnotriageError(
                f"A model that ships with Annotriage is called {entry.name}; give yours another name."
            )
        if not replace and (entry.card is None or _nameless(entry.card) != _nameless(model.card)):
            return entry.name
    try:
        with tempfile.TemporaryDirectory(prefix="annotriage-") as folder:
            copy = Path(folder, f"{name}.onnx")
            copy.write_bytes(data)
            return library.import_model(copy, replace=True)
    except OSError as error:
        raise AnnotriageError(
            f"{name} cannot be installed ({error.strerror}): make room on the disk, then try again."
        ) from None


def export(model: "ModelFile", name: str, target: Path) -> Path:
    """Write a model's file to a place, whole or not at all.

    Raises
    ------
    AnnotriageError
        It cannot be written.
    """
    from annotriage.writing import refuse_overwriting, write_whole

    refuse_overwriting({"The copy": target}, [model.path])
    write_whole(target, named(model, name))
    return target
