"""For whom a folder's predictions hold: the way of drawing that was chosen for it, and what its team measured."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, inspect, select
from sqlalchemy.dialects.sqlite import insert

from annotriage.errors import AnnotriageError
from annotriage.measures.ways import MIXED
from annotriage.model_file import calibration_of, calibration_problem
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


def team_of(model: "ModelFile", way: str | None, *, calibrated: bool = True) -> Team:
    """Return the team that draws in a way, with what was calibrated to it of a model: the one place that knows it.

    Parameters
    ----------
    model : ModelFile
    way : str or None
        None: nobody said how the team draws. Then it is the way that was calibrated, where one was.
    calibrated : bool
        Whether a calibration is looked for.

    Raises
    ------
    AnnotriageError
        The model does not know the way.
    """
    calibration = calibration_of(model) if calibrated else None
    if way is None:
        way = MIXED if calibration is None else calibration.way
    team = Team(way, calibration if calibration is not None and calibration.way == way else None)
    team.check(model.card)
    return team


def chosen_team(
    store: "SessionStore", folder: Path, model: "ModelFile", *, calibrated: bool = True
) -> tuple[Team, str]:
    """Return for whom a folder's predictions hold, and what is to be said of it; empty: nothing.

    Of a way of drawing that the model does not know, which may have been chosen under another model, nothing can be
    predicted: then they hold for everybody, and it is said.
    """
    way = chosen_way(store, folder)
    damage = calibration_problem(model) if calibrated else ""
    try:
        return team_of(model, way, calibrated=calibrated), damage
    except AnnotriageError as error:
        team = team_of(model, MIXED, calibrated=calibrated)
        return team, f"{error} Until then it is predicted for mixed or unknown ways of drawing. {damage}".strip()
