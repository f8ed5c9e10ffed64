"""The columns of the images: one entry each, for the window's table, its sorting and filter, and for exported lists."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from annotriage.triage.decision_words import decision_text
from annotriage.triage.decisions import Decision
from annotriage.triage.next_step import NextStep, urgency
from annotriage.triage.sort_keys import ColumnKey, SortKey
from annotriage.wording import dice_text, measured_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotriage.images import ImageFile
    from annotriage.scoring.table_files import Value
    from annotriage.triage.decisions import Review
    from annotriage.triage.measured_columns import MeasuredColumns
    from annotriage.triage.ranking import ReviewedImage


class ShownImages(Protocol):
    """Images in the order in which a table shows them; a line is a place in it."""

    @property
    def cutoff(self) -> float | None:
        """The review cut-off of the predicted disagreement: numbers beside it are written with as many digits."""

    team_words: str
    """For whom predictions hold, in few words; empty: the model knows no ways of drawing."""

    def name(self, line: int) -> str:
        """Return the name of a line's image."""

    def rank(self, line: int) -> int:
        """Return the rank of a line's image; 0: no prediction yet."""

    def disagreement(self, line: int) -> float | None:
        """Return the predicted disagreement 0..1; None: not known yet."""

    def disagreement_text(self, line: int) -> str:
        """Write the predicted disagreement."""

    def interval(self, line: int) -> tuple[float, float] | None:
        """Return the interval of the predicted Dice; None: not known yet."""

    def decision(self, line: int) -> Decision:
        """Return the decision of a line's image."""

    def is_gone(self, line: int) -> bool:
        """Say whether a line's image left the folder since it was shown."""

    def is_changed(self, line: int) -> bool:
        """Say whether the file is another one than that which the decision was made on."""

    def unlike_text(self, line: int) -> str:
        """Say how far a line's image is from what the model knows; empty: it is like that, or it is not known."""

    def review(self, line: int) -> "Review":
        """Return what was said about a line's image."""

    def measured(self, line: int) -> float | None:
        """Return the measured Dice 0..1; None: fewer than two people drew the line's image."""

    def readers(self, line: int) -> int:
        """Return how many people drew a line's image."""

    def next_step(self, line: int) -> NextStep:
        """Return what comes next for a line's image."""

    def reviewed(self, line: int) -> "ReviewedImage":
        """Return all that is known and was said of a line's image."""


class ImageRows(Protocol):
    """All images of a folder, a row each, as a `Catalogue` holds them: what is computed for all of them at once."""

    images: "list[ImageFile]"
    sizes: "NDArray[np.int64]"
    modified_ns: "NDArray[np.int64]"
    disagreement: "NDArray[np.float32]"
    stood_at: "NDArray[np.float32]"
    unlikeness: "NDArray[np.float32]"
    decision: "NDArray[np.uint8]"
    reviews: "dict[str, Review]"
    measured: "MeasuredColumns"

    @property
    def unlike(self) -> "NDArray[np.bool_]":
        """The (N,) mask of images unlike what the model knows."""

    def __len__(self) -> int:
        """Return N."""

    def row_of(self, name: str) -> int | None:
        """Return the row of a name; None: no such image."""

    def interval_width(self) -> "NDArray[np.float32]":
        """Return the (N,) widths of intervals; NaN: not known."""

    def next_steps(self) -> "NDArray[np.uint8]":
        """Return the (N,) places in `NEXT_STEPS`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes
    ----------
    key : str
        Its name in exported lists, which never changes.
    title : str
        What stands above it in the window; empty: the window's table has none.
    tip : str
        What it means.
    value : callable or None
        What a list holds of an image; None: what `ReviewedImage` calls by the key.
    text : callable or None
        What stands in the table at a line, written fast, because it is asked whenever the table is painted; None: the
        value.
    on_the_right : bool
        Values stand on the right.
    width, narrow : int or None
        Steps of the window's grid of 8 pixels that it takes at first, and in the narrowest windows, where it is to be
        seen, too; None: as it comes, and as wide.
    sort : SortKey or None
        What a click on the title sorts by; None: `values`, or nothing.
    falls : bool
        The largest first.
    values : callable or None
        The (N,) values of all images of a catalogue, to sort and to filter by; "" and NaN: not known.
    in_lists : bool
        Exported lists have it.
    is_free_text : bool
        A person's words, which lists keep as they are.
    in_filter : bool
        The filter offers each of the `values`.
    is_predicted : bool
        It says what is predicted, which holds for some way of drawing.
    beside : str
        The key of the column behind which the window's table shows it; empty: it stands where it is listed.
    is_shown : callable or None
        Whether the window's table shows it for a folder; None: always.
    for_annotators : bool
        Lists that go along with images to those who draw have it, too.
    """

    key: str
    title: str = ""
    tip: str = ""
    value: "Callable[[ReviewedImage], Value] | None" = None
    text: Callable[[ShownImages, int], str] | None = None
    on_the_right: bool = False
    width: int | None = None
    narrow: int | None = None
    sort: SortKey | None = None
    falls: bool = False
    values: "Callable[[ImageRows], NDArray[Any]] | None" = None
    in_lists: bool = True
    is_free_text: bool = False
    in_filter: bool = False
    is_predicted: bool = False
    beside: str = ""
    is_shown: "Callable[[ImageRows], bool] | None" = None
    for_annotators: bool = True

    @property
    def sorts_by_values(self) -> bool:
        """Whether images are sorted by the column's own values."""
        return self.sort is None and self.values is not None and self.title != ""

    @property
    def sorted_by(self) -> "SortKey | ColumnKey | None":
        """What a click on the title sorts by; None: nothing."""
        return ColumnKey(self.key) if self.sorts_by_values else self.sort

    def cell(self, images: ShownImages, line: int) -> str:
        """Return what stands in the table."""
        if self.text is not None:
            return self.text(images, line)
        value = self.value_of(images.reviewed(line))
        return "" if value is None else str(value)

    def value_of(self, image: "ReviewedImage") -> "Value":
        """Return what a list holds."""
        value: Value = attrgetter(self.key)(image) if self.value is None else self.value(image)
        return value


def _dice(images: ShownImages, line: int) -> str:
    disagreement = images.disagreement(line)
    return "" if disagreement is None else dice_text(1 - disagreement, images.cutoff)


def _interval(images: ShownImages, line: int) -> str:
    interval = images.interval(line)
    return "" if interval is None else f"{1 - interval[1]:.2f} – {1 - interval[0]:.2f}"


def _decision(images: ShownImages, line: int) -> str:
    decision = images.decision(line)
    text = "" if decision is Decision.UNDECIDED else decision_text(decision)
    return f"{text} (of another file)" if images.is_changed(line) else text


def _measured(images: ShownImages, line: int) -> str:
    dice = images.measured(line)
    return "" if dice is None else measured_text(dice)


def _is_drawn(images: ImageRows) -> bool:
    return bool(images.measured.count.any())


def _readers(images: ImageRows) -> "NDArray[Any]":
    import numpy as np

    return np.where(images.measured.count > 0, images.measured.count, np.float32(np.nan))


def _unlike(images: ImageRows) -> "NDArray[Any]":
    import numpy as np

    return np.where(np.isnan(images.unlikeness), "", np.where(images.unlike, "yes", "no"))


def _urgency(images: ImageRows) -> "NDArray[Any]":
    return urgency(images.next_steps(), images.measured.of_file(), images.disagreement)


COLUMNS: tuple[Column, ...] = (
    Column(
        "rank", "Rank", "1 is predicted to be the most contentious", on_the_right=True, width=7, narrow=6,
        sort=SortKey.DISAGREEMENT, text=lambda images, line: str(images.rank(line) or ""),
    ),
    Column("image", "Image", width=27, narrow=25, sort=SortKey.NAME, text=lambda images, line: images.name(line)),
    Column("predicted_dice"),
    Column(
        "disagreement", "Predicted disagreement", "1 − predicted Dice", width=22, narrow=8, sort=SortKey.DISAGREEMENT,
        falls=True, is_predicted=True, text=lambda images, line: images.disagreement_text(line),
    ),
    Column(
        "dice", "Predicted Dice", "How well annotators’ masks are predicted to agree", on_the_right=True, width=14,
        sort=SortKey.DISAGREEMENT, text=_dice, in_lists=False, is_predicted=True,
    ),
    Column(
        "interval", "Interval", "Of the disagreement; how often it holds the truth stands on the model’s card",
        on_the_right=True, width=18, sort=SortKey.INTERVAL, falls=True, text=_interval, in_lists=False,
        is_predicted=True,
    ),
    Column("lower"),
    Column("upper"),
    Column(
        "decision", "Decision", width=21, narrow=14, sort=SortKey.DECISION, text=_decision, beside="measured_dice",
        value=lambda image: image.decision.value,
    ),
    Column(
        "assignee", "Assignee", "Who is to outline it", width=12, sort=SortKey.ASSIGNEE, is_free_text=True,
        text=lambda images, line: images.review(line).assignee,
    ),
    Column("note", "Note", text=lambda images, line: images.review(line).note.replace("\n", " "), is_free_text=True),
    Column("error"),
    Column(
        "measured_dice", "Measured Dice", "How well what people drew agrees: mean of all pairs of them",
        on_the_right=True, width=14, narrow=9, text=_measured, values=lambda images: images.measured.of_file(),
        beside="disagreement", is_shown=_is_drawn,
    ),
    Column(
        "readers", "Readers", "How many people drew it", on_the_right=True, width=9, falls=True, values=_readers,
        text=lambda images, line: str(images.readers(line) or ""), beside="next_step", is_shown=_is_drawn,
    ),
    Column(
        "next_step", "Next step", "What comes next, by a rule that you can change: what is surprising first",
        width=24, values=_urgency, text=lambda images, line: images.next_step(line).value, beside="decision",
        is_shown=_is_drawn,
    ),
    Column(
        "unlike", "Unlike", "Unlike what the model knows: its numbers must not be trusted, and it stands last",
        width=9, values=_unlike, text=lambda images, line: images.unlike_text(line), beside="interval",
        is_shown=lambda images: bool(images.unlike.any()),
    ),
    Column("unlikeness"),
    Column("group"),
    Column("control", value=lambda image: "yes" if image.control else "", for_annotators=False),
)  # fmt: skip
"""All columns, in the order in which tables and lists have them. A new one stands last, so that lists stay readable."""


def table_columns() -> tuple[Column, ...]:
    """Return the columns of the window's table."""
    return tuple(column for column in COLUMNS if column.title)


def table_place(key: str) -> int:
    """Return the place of a column in the window's table."""
    return [column.key for column in table_columns()].index(key)


def list_columns(*, for_annotators: bool = False) -> tuple[Column, ...]:
    """Return the columns of exported lists, or of those that go to annotators."""
    return tuple(column for column in COLUMNS if column.in_lists and (column.for_annotators or not for_annotators))


def sorting_columns() -> tuple[Column, ...]:
    """Return the columns by whose own values images can be sorted."""
    return tuple(column for column in COLUMNS if column.sorts_by_values)


def filter_columns() -> tuple[Column, ...]:
    """Return the columns by whose values images can be filtered."""
    return tuple(column for column in COLUMNS if column.in_filter and column.values is not None)


def sorting_of(name: str | None) -> "SortKey | ColumnKey":
    """Return what a name in the settings sorts by; the predicted disagreement where nothing does."""
    known: dict[str, SortKey | ColumnKey] = {key.value: key for key in SortKey}
    known |= {column.key: ColumnKey(column.key) for column in sorting_columns()}
    return known.get(name or "", SortKey.DISAGREEMENT)


def column_of(key: str) -> Column:
    """Return the column of a key."""
    return next(column for column in COLUMNS if column.key == key)


def values_of(catalogue: "ImageRows", key: str) -> "NDArray[np.generic]":
    """Return the (N,) values of a column."""
    values = column_of(key).values
    assert values is not None
    return values(catalogue)
