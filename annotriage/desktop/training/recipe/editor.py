"""The Model page where training is possible: plain choices, every setting, the text, and what it costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget
from typing_extensions import override

from annotriage.desktop.training.recipe.choice import RecipeChoice
from annotriage.desktop.training.recipe.costs import CostBook
from annotriage.desktop.training.recipe.form import RecipeForm
from annotriage.desktop.training.recipe.text import RecipeText
from annotriage.desktop.widgets.areas import RoomyTabs
from annotriage.desktop.widgets.buttons import push_button
from annotriage.desktop.widgets.layout import Stretch, column, grow, keep_room, row
from annotriage.desktop.widgets.named import named
from annotriage.desktop.widgets.step_page import WizardPage
from annotriage.desktop.widgets.text import SignedText, heading
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.regressors.backbones.registry import BACKBONES
from annotriage.trainings.presets import Preset, own_presets, shipped_presets
from annotriage.trainings.recipe_draft import RecipeDraft, masks_lack, runs_words
from annotriage.wording import duration_text

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan

_WAIT_MS = 1200
"""How long nobody must have changed anything before it is measured."""


class ModelEditor(WizardPage):
    """Keeps plan, draft and what is shown the same."""

    def __init__(self, plan: "TrainingPlan", command: Sequence[str] | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = "Model"
        self._plan = plan
        self._presets: list[Preset] = []
        self._devices: tuple[tuple[str, str], ...] = ()
        self._auto = True
        self._entered = False
        first = shipped_presets()[0]
        self.draft = draft = RecipeDraft(first.load(), first.key)
        if plan.recipes:
            draft.take_all(plan.recipes)
        self.costs = CostBook(plan, draft, command, self)
        self.choice, self.form, self.text = RecipeChoice(draft), RecipeForm(draft), RecipeText(draft)
        self.tabs = RoomyTabs()
        self._total = named(SignedText(), "total")
        self._waiting = named(QProgressBar(textVisible=False), "waiting")
        self.measure = push_button("&Measure how long it takes", self._on_measure, sign="refresh")
        self.cancel = push_button("&Cancel measuring", self._on_cancel, sign="cancel")
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._lay_out()
        self._connect()
        self.choice.show_runs(plan.runs, plan.folds)
        self.choice.show_devices((), plan.device)
        self._list_presets()
        self._apply()

    # What the page asks

    @override
    def missing(self) -> str:
        if why := self.draft.missing(self._plan):
            return why
        for backbone in self.draft.backbones:
            cost = self.costs.cost(backbone)
            if cost is not None and cost.weights == "unreachable":
                title = BACKBONES[backbone].title
                return f"The ImageNet weights of {title} cannot be had: start from random weights."
        return ""

    @override
    def enter(self) -> None:
        self._entered = True
        self._auto = True
        self._list_presets()
        self._apply()
        self.choice.preset.setFocus()

    @override
    def leave(self) -> None:
        self._entered = False
        self._later.stop()
        self.costs.cancel()  # a training would be disturbed

    @override
    def shut_down(self) -> None:
        self.leave()

    # Building

    def _lay_out(self) -> None:
        self.tabs.addTab(self.choice, "C&hoose")
        self.tabs.addTab(self.form, "&Every setting")
        self.tabs.addTab(self.text, "As &text")
        self._waiting.setRange(0, 0)
        self._waiting.setFixedSize(10 * UNIT, UNIT)
        self._waiting.setAccessibleName("Being measured")
        self.measure.setMinimumWidth(self.measure.sizeHint().width())  # of the longer of its two texts
        for widget in (self._total, self._waiting):  # what is measured must move nothing under the mouse
            keep_room(widget)
        below = row(grow(self._total), Stretch(0), self._waiting, self.measure, self.cancel)
        column(heading("Which model?"), grow(self.tabs), below, on=self, margins=(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT))

    def _connect(self) -> None:
        self.draft.observers.append(self._apply)
        self.choice.preset_chosen.connect(self._on_preset)
        self.choice.changed.connect(self._apply)
        for each in self.choice.rows.values():
            each.look_wanted.connect(self._on_look)
        self.text.saved.connect(lambda _: self._list_presets())
        self.text.said.connect(lambda words: self._tell(words, "info"))
        self.costs.changed.connect(self._on_costs)
        self._later.timeout.connect(self.costs.measure)

    # What the person does

    def _list_presets(self) -> None:
        self._presets = [*shipped_presets(), *own_presets()]
        self.choice.show_presets(self._presets, masks_lack=masks_lack(self._plan))

    def _on_preset(self, key: str) -> None:
        preset = next((each for each in self._presets if each.key == key), None)
        if preset is None:
            return
        try:
            self.draft.take(preset.load(), key)
        except AnnotriageError as error:
            self.choice.refresh()
            self._tell(str(error), "warning")

    def _on_look(self, name: str) -> None:
        self.costs.forget([name])
        self._on_measure()

    # Plan and pages

    def _apply(self) -> None:
        """Write into the plan, show it everywhere, and see to it that it is measured."""
        self._plan.recipes = self.draft.recipes()
        self._plan.runs = self.choice.runs.value()
        self._plan.folds = self.choice.cross_validates
        self._plan.device = str(self.choice.device.currentData())
        self.choice.refresh()
        self.form.refresh()
        self.text.refresh("" if self._plan.recipes else f"There is no recipe yet: {self.missing()}")
        self._show_costs()
        if self._entered and self._auto:
            self._later.start()
        self.changed.emit()

    # Cost

    def _on_measure(self) -> None:
        self._auto = True
        known = self.costs.seconds() is not None
        self.costs.forget(self.draft.backbones, only_failures=not known)
        self._later.stop()
        self.costs.measure()

    def _on_cancel(self) -> None:
        self._auto = False
        self._later.stop()
        self.costs.cancel()

    def _on_costs(self) -> None:
        devices = self.costs.devices()
        if devices and devices != self._devices:
            self._devices = devices
            self.choice.show_devices(devices, self._plan.device)
        self._show_costs()
        self.changed.emit()

    def _show_costs(self) -> None:
        costs = self.costs
        for name, each in self.choice.rows.items():
            each.show_cost(
                costs.cost(name),
                costs.failure(name),
                measuring=costs.is_measuring(name),
                from_imagenet=self.draft.values_for(name)["weights"] == "imagenet",
            )
        seconds = costs.seconds()
        self._plan.seconds = None if seconds is None else seconds * self._plan.runs
        self._waiting.setVisible(costs.busy)
        # Measuring begins and ends by itself: no button may come under the mouse for it.
        self.cancel.setEnabled(costs.busy)
        self.measure.setText("&Measure how long it takes" if seconds is None else "&Measure again")
        ready = bool(self._plan.recipes) and None not in (self._plan.images, self._plan.labels)
        self.measure.setEnabled(ready and not costs.busy)
        self._show_total()

    def _tell(self, words: str, sign: str) -> None:
        self._total.say(words, sign)
        self._total.setVisible(bool(words))

    def _show_total(self) -> None:
        runs = runs_words(max(len(self.draft.backbones), 1), self._plan.runs)
        if self.missing():  # which the wizard says
            self._tell("", "info")
        elif self._plan.seconds is not None:
            time = duration_text(self._plan.seconds)
            words = f"{runs}: about {time}, at most (most end earlier); starting and exporting the model come on top"
            self._tell(words, "check")
        elif self.costs.busy:
            self._tell(f"{runs}: a few steps are being timed here…", "search")
        else:
            self._tell(f"{runs}: how long it takes is not measured yet", "info")
