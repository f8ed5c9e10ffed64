"""Send the most contentious images to experts, and see before what that catches."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QCompleter,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from annotriage.desktop.background import Job
from annotriage.desktop.dialogs.budget_form import BudgetForm
from annotriage.desktop.dialogs.catch_preview import CatchPreview
from annotriage.desktop.review.image_model import ImageModel
from annotriage.desktop.widgets.buttons import PrimaryButton, push_button
from annotriage.desktop.widgets.layout import STRETCH, column, grow, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.text import caption_of
from annotriage.desktop.widgets.theme import UNIT
from annotriage.desktop.widgets.thumbnail_strip import Thumbnail
from annotriage.triage.budget import DEFAULT_CONTROL, NOTHING_KNOWN, Known, groups_of
from annotriage.triage.catalogue import Catalogue, Filter
from annotriage.triage.exports.order import still_of
from annotriage.triage.selection import DEFAULT_SHARE
from annotriage.triage.send_preview import Accuracy, Catch, catch
from annotriage.wording import cutoff_text, images_text, number_text

_REFRESH_MS = 250
_AT_ONCE = 3000
"""Images of a folder up to which the choice is found in the window's thread: it takes a few milliseconds."""
_COUNT, _SHARE, _CUTOFF = range(3)


class SendDialog(QDialog):
    """Three measures of what to send, and a preview. Not modal: scoring goes on, and the preview with it.

    What the button names is what is sent: what was typed a moment ago is shown first, and sent when asked again. The
    dialog is deleted when it is closed.

    `cutoff` is where the cut-off starts, 0..1, `share` the part of the images, 0..1, to start from instead, and
    `control` the share of a control sample. `known` is asked in a thread how different images are, where the model
    tells; None: it does not. `accuracy` says how good predictions are.
    `send_wanted` is sent with the names of the images, the most contentious first, the assignee, maybe empty, and the
    names of those of them that are the control sample.
    """

    send_wanted = Signal(list, str, list)

    def __init__(
        self,
        model: ImageModel,
        cutoff: float,
        thumbnail: Thumbnail,
        parent: QWidget | None = None,
        *,
        share: float | None = None,
        control: float = DEFAULT_CONTROL,
        known: Callable[[Catalogue], Known] | None = None,
        accuracy: Accuracy | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Send to experts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        self._catch: Catch | None = None
        self._measure = QButtonGroup(self)
        self._count, self._share, self._cutoff = (
            _count_field(),
            _share_field(share),
            named(_cutoff_field(cutoff), "cutoff"),
        )
        self._first = _CUTOFF if share is None else _SHARE
        self._of = named(QComboBox(), "of")
        self._of.setAccessibleName("Of which images the share is")
        self._of.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for of_undecided in (False, True):
            self._of.addItem("", of_undecided)
        self._shown_only = named(QCheckBox(), "shown-only")
        self._shown_only.setChecked(True)
        self._undecided_only = named(QCheckBox("Only images that are &undecided"), "undecided-only")
        self._undecided_only.setChecked(True)
        self._assignee = QLineEdit(placeholderText="nobody in particular")
        self._budget = named(BudgetForm(control, has_features=known is not None), "budget")
        self._ask_known, self._accuracy = known, accuracy
        self._job: Job | None = None
        self._again = False
        self._preview = named(CatchPreview(thumbnail), "preview")
        self._send = PrimaryButton("")
        self._send.setDefault(True)
        self._refresh_later = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh_thumbnails(self) -> None:
        """Look for thumbnails that have been made meanwhile."""
        self._preview.refresh_thumbnails()

    def refresh(self) -> None:
        """Find out anew what is caught."""
        catalogue = self._model.catalogue
        shown_only = self._is_filtered() and self._shown_only.isChecked()
        self._say_of_what(shown_only=shown_only)
        if catalogue is None:
            self._catch = None
        else:
            self._find(catalogue, shown_only=shown_only)
        self._shown_only.setVisible(self._is_filtered())
        self._shown_only.setText(f"Only images that the &filters show now ({number_text(self._model.rowCount())})")
        self._show_catch()

    def _find(self, catalogue: Catalogue, *, shown_only: bool) -> None:
        """Find out what is caught; in a thread where that takes longer than a frame of the window."""
        measure, budget, groups = self._measure.checkedId(), self._budget.budget, self._budget.groups
        asked: dict[str, Any] = {
            "count": self._count.value() if measure == _COUNT else None,
            "share": self._share.value() / 100 if measure == _SHARE else None,
            "cutoff": self._cutoff.value() if measure == _CUTOFF else None,
            "undecided_only": self._undecided_only.isChecked(),
            "of_undecided": bool(self._of.currentData()),
            "among": self._model.order.copy() if shown_only else None,
            "budget": budget,
            "accuracy": self._accuracy,
        }
        if len(catalogue) <= _AT_ONCE and not budget.different and (budget.most is None or groups is None):
            self._forget_job()
            self._catch = catch(catalogue, **asked)
            return
        self._catch = None
        if self._job is not None:
            self._again = True
            return
        still, ask = still_of(catalogue), self._ask_known if budget.different else None

        def work() -> Catch:
            known = NOTHING_KNOWN if ask is None else ask(still)
            if groups is not None and budget.most is not None:
                known = replace(known, groups=groups_of(still, groups))
            return catch(still, known=known, **asked)

        self._job = Job(work, self._found, self._found_not)

    def _found(self, caught: Catch) -> None:
        self._job = None
        if self._again:
            self._again = False
            self.refresh()
            return
        self._catch = caught
        self._show_catch()

    def _found_not(self, sentence: str) -> None:
        self._job = None
        self._again = False
        self._preview.show_problem(sentence)

    def _forget_job(self) -> None:
        self._again = False
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _is_filtered(self) -> bool:
        return self._model.filter != Filter()

    def _say_of_what(self, *, shown_only: bool) -> None:
        """Name the images that the share is of: all, or those that the filters show."""
        words = (
            ("of the scored images shown, the experts’ included", "of those shown and not decided")
            if shown_only
            else ("of all scored images, the experts’ included", "of those not decided")
        )
        for place, text in enumerate(words):
            self._of.setItemText(place, text)
        button = self._measure.button(_SHARE)
        button.setAccessibleName(" ".join([button.text().replace("&", ""), "…", self._of.currentText()]))
        self._share.setAccessibleName(button.accessibleName())

    # Building

    def _lay_out(self) -> None:
        asked = column(
            self._choice(_CUTOFF, "&All from a predicted disagreement of", self._cutoff, "upwards"),
            self._choice(_COUNT, "The &most contentious", self._count, "images"),
            self._choice(_SHARE, "The most &contentious", self._share, self._of),
            UNIT,
            self._budget,
            UNIT,
            self._undecided_only,
            self._shown_only,
            UNIT,
            row(caption_of("Assi&gnee (optional)", self._assignee), grow(self._assignee)),
            STRETCH,
        )
        # Beside each other: one below the other they are higher than a small screen.
        layout = column(
            row(asked, self._preview, spacing=2 * UNIT),
            row(STRETCH, push_button("Cancel", self.reject), self._send),
            on=self,
            margins=2 * UNIT,
        )
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    def _choice(
        self, measure: int, before: str, field: QSpinBox | QDoubleSpinBox, after: str | QComboBox
    ) -> QHBoxLayout:
        button = QRadioButton(before)
        button.setChecked(measure == self._first)
        if isinstance(after, str):
            button.setAccessibleName(" ".join([before.replace("&", ""), "…", after]))
            field.setAccessibleName(button.accessibleName())
        self._measure.addButton(button, measure)
        return row(button, field, QLabel(after) if isinstance(after, str) else after, STRETCH)

    def _connect(self) -> None:
        fields: dict[int, QSpinBox | QDoubleSpinBox] = {
            _COUNT: self._count, _SHARE: self._share, _CUTOFF: self._cutoff
        }  # fmt: skip
        self._numbers: dict[int, float] = {measure: field.value() for measure, field in fields.items()}
        for measure, field in fields.items():
            field.valueChanged.connect(lambda number, measure=measure: self._on_number(measure, number))
        self._measure.idToggled.connect(lambda _, checked: self.refresh() if checked else None)
        self._of.activated.connect(self._measure.button(_SHARE).click)
        self._of.currentIndexChanged.connect(self.refresh)
        self._undecided_only.toggled.connect(self.refresh)
        self._shown_only.toggled.connect(self.refresh)
        self._model.order_changed.connect(self._refresh_soon)
        self._refresh_later.timeout.connect(self.refresh)
        self._model.summary_changed.connect(self._refresh_soon)
        self._send.clicked.connect(self._send_them)
        self._budget.changed.connect(self._refresh_later.start)
        self.finished.connect(self._refresh_later.stop)
        self.finished.connect(self._forget_job)
        self.finished.connect(self._budget.forget)

    # What happens

    def _on_number(self, measure: int, number: float) -> None:
        """Go by a number that was changed: it is meant. Enter in its field says a number anew that is as it was."""
        if number == self._numbers[measure]:
            return
        self._numbers[measure] = number
        self._measure.button(measure).click()
        self._refresh_later.start()

    def _refresh_soon(self) -> None:
        if not self._refresh_later.isActive():
            self._refresh_later.start()

    def _send_them(self) -> None:
        if self._refresh_later.isActive():
            self._refresh_later.stop()
            shown = [] if self._catch is None else self._catch.names()
            self.refresh()
            if self._catch is None or self._catch.names() != shown:
                return
        if self._catch is not None and len(self._catch):
            caught = self._catch
            self.send_wanted.emit(caught.names(), self._assignee.text().strip(), caught.control_names())
            self.accept()

    # What it shows

    def _show_catch(self) -> None:
        caught = self._catch
        count = 0 if caught is None else len(caught)
        self._send.setEnabled(count > 0)
        text = "Send {images} to experts" if count else "Send to experts"
        self._send.setText(text.format(images=images_text(count)))
        if self._job is not None:
            self._preview.show_working()
            return
        if caught is None:
            self._preview.show_nothing()
            return
        by_cutoff = self._measure.checkedId() == _CUTOFF
        self._preview.show_catch(
            caught,
            passed_over=self._undecided_only.isChecked(),
            cutoff=self._cutoff.value() if by_cutoff else self._model.cutoff,
            team_words=self._model.team_words,
        )
        self._suggest_assignees()

    def _suggest_assignees(self) -> None:
        """Offer the names that were given before; once is enough."""
        catalogue = self._model.catalogue
        if catalogue is None or self._assignee.completer() is not None:
            return
        names = sorted({review.assignee for review in catalogue.reviews.values() if review.assignee})
        completer = QCompleter(names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._assignee.setCompleter(completer)


class _CutoffField(QDoubleSpinBox):
    """A disagreement with as many digits as it has."""

    @override
    def textFromValue(self, value: float) -> str:
        return cutoff_text(value)


def _count_field() -> QSpinBox:
    field = QSpinBox(minimum=1, maximum=9_999_999, value=50)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field


def _share_field(share: float | None) -> QDoubleSpinBox:
    percent = 100 * (DEFAULT_SHARE if share is None else share)
    return _shaped(QDoubleSpinBox(minimum=0.1, maximum=100.0, decimals=1, singleStep=1.0, value=percent, suffix=" %"))


def _cutoff_field(cutoff: float) -> QDoubleSpinBox:
    return _shaped(_CutoffField(minimum=0.0, maximum=1.0, decimals=8, singleStep=0.01, value=cutoff))


def _shaped(field: QDoubleSpinBox) -> QDoubleSpinBox:
    field.setLocale(QLocale.c())
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field
