"""For whom a folder's predictions hold: the way of drawing that was chosen for it, and what its team measured."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, inspect, select
from sqlalchemy.dialects.sqlite import insert

from annotriage.errors import AnnotriageError
from annotriage.measures.ways import MIXED
from annotriage.scoring.team import Team
from annotriage.triage.store import folder_id, identity
from annotriage.triage.stored_values import check_text
from annotriage.triage.tables import chosen_ways, folders

if TYPE_CHECKING:
    from annotriage.model_file import ModelFile
    from annotriage.triage.store import SessionStore


def chosen_way(store: "SessionStore", folder: Path) -> str | None:
    """Return the way of drawing that was chosen for a folder, by its key; None: none was.

    Raises
    ------
    AnnotriageError
        The store cannot be read.
    """
    with store.reading() as connection:
        if not inspect(connection).has_table(chosen_ways.name):
            return None
        query = select(chosen_ways.c.way).join(folders).where(folders.c.path == identity(folder))
        way = connection.execute(query).scalar()
        return None if way is None else check_text(way)


def choose_way(store: "SessionStore", folder: Path, way: str | None) -> None:
    """Note how the people draw who annotate a folder; None: nothing is known of it any more.

    Raises
    ------
    AnnotriageError
        The store cannot be written.
    """
    with store.writing() as connection:
        chosen_ways.create(connection, checkfirst=True)
        number = folder_id(connection, identity(folder))
        connection.execute(delete(chosen_ways).where(chosen_ways.c.folder_id == number))
        if way is not None:
            connection.execute(insert(chosen_ways).values(folder_id=number, way=way))


def team_of(model: "ModelFile", way: str) -> Team:
    """Return the team that draws in a way, with what was calibrated to it of a model.

    Raises
    ------
    AnnotriageError
        The model does not know the way.
    """
    team = Team(way)
    team.check(model.card)
    return team


def chosen_team(store: "SessionStore", folder: Path, model: "ModelFile") -> tuple[Team, str]:
    """Return for whom a folder's predictions hold, and what is to be said of it; empty: nothing.

    Of a way of drawing that the model does not know, which may have been chosen under another model, nothing can be
    predicted: then they hold for everybody, and it is said.
    """
    way = chosen_way(store, folder)
    try:
        return team_of(model, way or MIXED), ""
    except AnnotriageError as error:
        return team_of(model, MIXED), f"{error} Until then it is predicted for mixed or unknown ways of drawing."
