"""Which column of a metrics table is which: guessed by name and content, shown, and corrected by the user."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from annotriage.errors import AnnotriageError
from annotriage.names import stem_of, without_endings
from annotriage.tables import column_key, number, says_nothing, some

CONFIDENT = 0.5
"""A guess at or above this is used; one below is only suggested."""
CHOSEN = "chosen"
"""The reason of a column that the user named."""
_DOUBTED = 0.4
SAMPLE_ROWS = 200
"""So many rows say enough of what a column holds."""

_MEAN = {"mean", "avg", "average"}
_OTHER_STATISTIC = set(
    (
        "std sd sem min max median var variance ci low lower high upper q1 q3 iqr rank pred predicted "
        "p pvalue disagreement"
    ).split()
)
_NOT_AN_IMAGE = {"width", "height", "size", "type", "count", "quality", "url", "mask"}


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be for.

    Attributes
    ----------
    name : str
        The word that users write: ``dice``.
    known : tuple of str
        The usual names of such a column, the first as this program writes it.
    words : frozenset of str
        Words in an unusual name that point to it.
    highest : float
        Its values go from 0 (kappa: -1) to this; NaN where it holds no numbers.
    """

    name: str
    known: tuple[str, ...]
    words: frozenset[str]
    highest: float = 1.0

    @property
    def lowest(self) -> float:
        """The lowest value that makes sense."""
        return -1.0 if self.name == "kappa" else 0.0


ROLES = (
    Role(
        "image",
        ("image", "img_id", "isic_id", "image_id", "image_name", "img_filename", "filename", "file_name"),
        frozenset({"image", "img", "picture", "photo", "file", "filename", "isic"}),
        math.nan,
    ),
    Role("dice", ("dice_mean", "dc_mean", "dice_score_mean"), frozenset({"dice", "dsc", "dc", "f1"})),
    Role("jaccard", ("jaccard_mean", "jaccard_score_mean", "iou_mean"), frozenset({"jaccard", "iou"})),
    Role("kappa", ("fleiss_kappa", "kappa"), frozenset({"kappa"})),
    Role(
        "count",
        ("count", "annotators", "n_annotators", "num_annotators"),
        frozenset({"annotators", "raters", "masks"}),
        math.inf,
    ),
)
CLINICAL = ("lesion_id", "patient_id", "clinical_image")
"""Roles of columns of the clinical metadata, which a user may choose beside those of the labels."""


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """The column that a role seems to be in.

    Attributes
    ----------
    role : str
        ``image``, ``dice``, ``jaccard``, ``kappa`` or ``count``.
    column : str
        Its name in the table's header.
    confidence : float
        0..1: 1 for a usual name or a user's choice; below `CONFIDENT` the user has to confirm it.
    reason : str
        Why, in a few words.
    rival : str
        Another column that could be it as well, which does not hold the same; empty: there is none.
    """

    role: str
    column: str
    confidence: float
    reason: str
    rival: str = ""

    def __str__(self) -> str:
        """Return a line for a person: "dice = dc (named so; 0 to 1)"."""
        return f"{self.role} = {self.column} ({self.reason})"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The columns of one table by role.

    Attributes
    ----------
    header : tuple of str
        All columns of the table.
    guesses : tuple of ColumnGuess
        At most one a role, in the order of `ROLES`.
    """

    header: tuple[str, ...] = ()
    guesses: tuple[ColumnGuess, ...] = ()

    def guess(self, role: str) -> ColumnGuess | None:
        """Return what is known of a role, however unsure."""
        return next((each for each in self.guesses if each.role == role), None)

    def column(self, role: str) -> str | None:
        """Return the column of a role, None where there is none that can be relied on."""
        found = self.guess(role)
        return found.column if found is not None and found.confidence >= CONFIDENT else None

    def further(self, target: str) -> str | None:
        """Return the column of a further target: of that name, else the one whose role has such a name; None: none.

        ``jaccard`` and ``jaccard_score_mean`` are the column ``jaccard_mean``.
        """
        column = _spelled_or_alike(target, self.header)
        if column is not None:
            return column
        named = column_key(target)
        role = next((each.name for each in ROLES if named in map(column_key, (each.name, *each.known))), "")
        return self.column(role)

    def corrected(self, chosen: Mapping[str, str]) -> "ColumnMapping":
        """Return the mapping with a user's choices in place of the guesses.

        Parameters
        ----------
        chosen : mapping of str to str
            Role to column, compared by `annotriage.tables.column_key`.

        Raises
        ------
        AnnotriageError
            There is no such role or no such column, or several could be meant.
        """
        guesses = {each.role: each for each in self.guesses}
        for written, name in chosen.items():
            role = role_named(written)
            if role in CLINICAL:
                continue
            column = _spelled_or_alike(name, self.header)
            if column is None:
                raise AnnotriageError(f"There is no column {name}. The table's columns are: {', '.join(self.header)}.")
            guesses[role] = ColumnGuess(role, column, 1.0, CHOSEN)
        return replace(self, guesses=tuple(guesses[role.name] for role in ROLES if role.name in guesses))


def guess_columns(header: Sequence[str], sample: Sequence[Sequence[str]]) -> ColumnMapping:
    """Guess which column is which.

    A usual name decides; else the words in the names and the values of the sample do. One column has one role.

    Parameters
    ----------
    header : sequence of str
        The names of the C columns.
    sample : sequence of sequence of str
        Some rows of C cells; none at all is allowed.

    Returns
    -------
    ColumnMapping
    """
    guesses: list[ColumnGuess] = []
    for role in ROLES:
        taken = {each.column for each in guesses}
        found = [
            guess
            for place, column in enumerate(header)
            if column and column not in taken
            for guess in [_guess(role, column, [row[place] for row in sample if place < len(row)])]
            if guess is not None
        ]
        if found:
            best = max(found, key=lambda each: each.confidence)  # the first of equals
            guesses.append(_doubted(best, found, header, sample) if role.name == "dice" else best)
    mapping = ColumnMapping(tuple(header), tuple(guesses))
    return mapping if mapping.guess("dice") else _with_only_shares(mapping, sample)


def chosen_columns(choices: Iterable[str]) -> dict[str, str]:
    """Read what a user wrote as ``role=column``, several of it.

    Raises
    ------
    AnnotriageError
        A choice is not written so, or names no role.
    """
    chosen = {}
    for choice in choices:
        role, equals, column = choice.partition("=")
        if not equals or not column.strip():
            raise AnnotriageError(f"{choice!r} names no column; write the role and the column: dice=my_column.")
        chosen[role_named(role)] = column.strip()
    return chosen


def _spelled_or_alike(name: str, header: Sequence[str]) -> str | None:
    """Return the column that a user means: the one spelled so, else the only one alike; None: there is none."""
    name = name.strip()
    if name in header:
        return name
    alike = [column for column in header if column_key(column) == column_key(name)]
    if len(alike) > 1:
        raise AnnotriageError(f"{name} could mean {len(alike)} columns, {some(alike)}: write one as it stands there.")
    return alike[0] if alike else None


def role_named(written: str) -> str:
    """Return the role that a user means: by its own name, or by a usual name of its column."""
    name = column_key(written)
    for role_of_metadata in CLINICAL:
        if name == column_key(role_of_metadata):
            return role_of_metadata
    for role in ROLES:
        if name in map(column_key, (role.name, *role.known)):
            return role.name
    roles = ", ".join([*(role.name for role in ROLES), *CLINICAL])
    raise AnnotriageError(f"{written!r} is no role of a column; use one of {roles}.")


def _guess(role: Role, column: str, cells: list[str]) -> ColumnGuess | None:
    plain, known = column_key(column), [column_key(name) for name in role.known]
    filled = [cell for cell in cells if not says_nothing(cell)]
    if plain in known:
        # Earlier names win; all are far above what is guessed.
        return ColumnGuess(role.name, column, 1.0 - 0.001 * known.index(plain), "a usual name")
    words = _words(column)
    if role.name == "image":
        return _image_guess(role, column, words, filled)
    if not words & role.words or words & _OTHER_STATISTIC:
        return None
    wrong = [cell for cell in filled if not _within(role, cell)]
    if wrong and _per_cent(role, filled):
        return ColumnGuess(role.name, column, 0.8, "named so; in per cent")
    if wrong:
        return ColumnGuess(role.name, column, 0.2, f"named so, but holds {wrong[0]}")
    said = f"named so; {_range_of(role)}" if filled else "named so"
    return ColumnGuess(role.name, column, 0.9 if words & _MEAN else 0.8, said)


def _doubted(
    best: ColumnGuess, found: Sequence[ColumnGuess], header: Sequence[str], sample: Sequence[Sequence[str]]
) -> ColumnGuess:
    """Leave it to the user where another column has a name as usual and does not hold the same.

    Names that are spelled alike are left to `annotriage.tables.Table.find`, which asks whatever the columns hold.
    """

    def values(guess: ColumnGuess) -> list[str]:
        place = header.index(guess.column)
        return [str(number(row[place], ";")) if place < len(row) else "" for row in sample]

    for other in found:
        usual_alike = column_key(other.column) != column_key(best.column) and round(other.confidence, 1) == round(
            best.confidence, 1
        )
        if usual_alike and best.confidence >= CONFIDENT and values(other) != values(best):
            reason = f"{best.reason}; but {other.column} is as well, and they differ"
            return replace(best, confidence=_DOUBTED, reason=reason, rival=other.column)
    return best


def _words(column: str) -> set[str]:
    """Return the words in a name: of "meanDice" mean and dice; of "IoU" also iou."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column)
    return set(re.findall(r"[a-z]+[0-9]?|[0-9]+", f"{column} {apart}".casefold()))


def looks_like_data(header: Sequence[str]) -> bool:
    """Tell whether a header is a row of data: a number in one cell, the name of an image in another."""
    return any(number(cell, ";") is not None for cell in header) and any(map(_is_image_name, header))


def _is_image_name(cell: str) -> bool:
    return without_endings(cell) != cell or stem_of(cell).upper().startswith("ISIC_")


def _image_guess(role: Role, column: str, words: set[str], filled: list[str]) -> ColumnGuess | None:
    """Weigh a name with an image in it, and values that look like images' names."""
    looks = sum(map(_is_image_name, filled))
    share = looks / len(filled) if filled else 0.0
    named = bool(words & role.words) and not words & _NOT_AN_IMAGE
    if "mask" in words or not (named or share > 0.9):
        return None
    if named and share > 0.9:
        return ColumnGuess(role.name, column, 0.95, "named so; holds names of images")
    if named:
        return ColumnGuess(role.name, column, 0.6, "named so")
    return ColumnGuess(role.name, column, 0.7, "holds names of images")


def _with_only_shares(mapping: ColumnMapping, sample: Sequence[Sequence[str]]) -> ColumnMapping:
    """Suggest the only column of numbers between 0 and 1 as the Dice; it may well be something else."""
    taken = {each.column for each in mapping.guesses}
    dice = ROLES[1]
    shares, others = [], 0
    something_else = _OTHER_STATISTIC.union(*(role.words for role in ROLES if role is not dice))
    for place, column in enumerate(mapping.header):
        filled = [row[place] for row in sample if place < len(row) and not says_nothing(row[place])]
        if column and column not in taken and filled and all(_within(dice, cell) for cell in filled):
            if _words(column) & something_else:
                others += 1
            else:
                shares.append(column)
    if len(shares) != 1:
        return mapping
    reason = "the only column of numbers from 0 to 1" + (" whose name says nothing else" if others else "")
    guess = ColumnGuess("dice", shares[0], 0.3, reason)
    return replace(mapping, guesses=(*mapping.guesses, guess))


def _within(role: Role, cell: str) -> bool:
    value = number(cell, ";")
    return value is not None and role.lowest <= value <= role.highest


def _per_cent(role: Role, cells: list[str]) -> bool:
    """Tell whether shares are written from 0 to 100; the reader of labels asks for other ones then."""
    values = [number(cell, ";") for cell in cells]
    known = [value for value in values if value is not None]
    return (
        role.highest == 1
        and len(known) == len(values)
        and median(known) >= 10
        and all(0 <= value <= 100 for value in known)
        and sum(value > 1 for value in known) > 0.8 * len(known)
    )


def _range_of(role: Role) -> str:
    return "0 or more" if math.isinf(role.highest) else f"{role.lowest:g} to {role.highest:g}"
