"""The Model page where training is possible: plain choices, every setting, the text, and what it costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from annotriage.desktop.training.recipe.choice import RecipeChoice
from annotriage.desktop.training.recipe.costs import CostBook
from annotriage.desktop.training.recipe.form import RecipeForm, problem_words
from annotriage.desktop.training.recipe.text import RecipeText
from annotriage.desktop.widgets.areas import RoomyTabs
from annotriage.desktop.widgets.icons import icon
from annotriage.desktop.widgets.layout import keep_room
from annotriage.desktop.widgets.text import SignedText, heading
from annotriage.desktop.widgets.theme import UNIT
from annotriage.errors import AnnotriageError
from annotriage.trainings.presets import Preset, own_presets, shipped_presets
from annotriage.trainings.recipe_draft import RecipeDraft, masks_lack, masks_missing
from annotriage.trainings.recipe_values import Values, value_at
from annotriage.trainings.recipe_words import backbone_words, runs_words
from annotriage.wording import duration_text

if TYPE_CHECKING:
    from annotriage.regressors.recipes.recipe import Recipe
    from annotriage.trainings.plan import TrainingPlan

_WAIT_MS = 1200
"""How long nobody must have changed anything before it is measured."""


class ModelEditor(QWidget):
    """Keeps plan, draft and what is shown the same."""

    changed = Signal()

    def __init__(self, plan: "TrainingPlan", command: Sequence[str] | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._presets: list[Preset] = []
        self._preset = "paper"
        self._devices: tuple[tuple[str, str], ...] = ()
        self._auto = True
        self._entered = False
        self.draft = RecipeDraft(shipped_presets()[0].load())
        self._original: Values = self.draft.values
        self.costs = CostBook(plan, command, self)
        self.choice, self.form, self.text = RecipeChoice(), RecipeForm(), RecipeText()
        self.tabs = RoomyTabs()
        self._total = SignedText()
        self._waiting = QProgressBar()
        self.measure = QPushButton(icon("refresh"), "&Measure how long it takes")
        self.cancel = QPushButton(icon("cancel"), "&Cancel measuring")
        self._later = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._lay_out()
        self._connect()
        self._take_plan()
        self._list_presets()
        self._apply()

    # What the page asks

    def missing(self) -> str:
        """Say in one sentence what is still missing; empty: nothing."""
        if not self.draft.backbones:
            return "Choose at least one network."
        for backbone in self.draft.backbones:
            if why := self.draft.why_not(backbone):
                return f"{backbone_words(backbone).title} {why}."
        problems = self.draft.problems()
        if problems:
            return problem_words(problems)
        if not self._plan.folds and value_at(self.draft.values, ("split", "fold")) is not None:
            return "This recipe names a fold to be tested on: choose cross-validation, or take it out."
        if why := masks_missing(self.draft, self._plan):
            return why
        if why := self._targets_missing():
            return why
        for backbone in self.draft.backbones:
            cost = self.costs.cost(self.draft, backbone)
            if cost is not None and cost.weights == "unreachable":
                return (
                    f"The ImageNet weights of {backbone_words(backbone).title} cannot be had: start from random "
                    "weights."
                )
        return ""

    def _targets_missing(self) -> str:
        """Say which further target the table does not have; a run would only find out when it begins."""
        mapping = self._plan.mapping
        targets = self.draft.values.get("further_targets")
        if mapping is None or not isinstance(targets, list | tuple):
            return ""
        lacking = [str(target) for target in targets if mapping.further(str(target)) is None]
        if not lacking:
            return ""
        words = (
            "The table of agreement has no column for the further target {name}. Take it out, or name one of its "
            "columns: {columns}."
        )
        columns = [name for name in mapping.header if name and name != mapping.column("image")]
        return words.format(name=lacking[0], columns=", ".join(columns[:12]))

    def enter(self) -> None:
        """Look at what other pages changed, and measure."""
        self._entered = True
        self._auto = True
        self._list_presets()
        self._apply()
        self.choice.preset.setFocus()

    def leave(self) -> None:
        """Measure no longer: a training would be disturbed."""
        self._entered = False
        self._later.stop()
        self.costs.cancel()

    # Building

    def _lay_out(self) -> None:
        self.tabs.addTab(self.choice, "C&hoose")
        self.tabs.addTab(self.form, "&Every setting")
        self.tabs.addTab(self.text, "As &text")
        self._waiting.setRange(0, 0)
        self._waiting.setTextVisible(False)
        self._waiting.setFixedSize(10 * UNIT, UNIT)
        self._waiting.setAccessibleName("Being measured")
        for button in (self.measure, self.cancel):
            button.setAutoDefault(False)
        self.measure.setMinimumWidth(self.measure.sizeHint().width())  # of the longer of its two texts
        for widget in (self._total, self._waiting):  # what is measured must move nothing under the mouse
            keep_room(widget)
        below = QHBoxLayout()
        below.setSpacing(UNIT)
        below.addWidget(self._total, 1)
        below.addStretch(0)
        below.addWidget(self._waiting)
        below.addWidget(self.measure)
        below.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * UNIT, 2 * UNIT, 3 * UNIT, UNIT)
        column.setSpacing(UNIT)
        column.addWidget(heading("Which model?"))
        column.addWidget(self.tabs, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        self.choice.preset_chosen.connect(self._on_preset)
        self.choice.name_edited.connect(lambda name: self._edit(("name",), name))
        self.choice.size_chosen.connect(lambda size: self._edit(("image_size",), size))
        self.choice.changed.connect(self._apply)
        for row in self.choice.rows.values():
            row.toggled.connect(self._on_backbone)
            row.random_wanted.connect(self._on_random)
            row.look_wanted.connect(self._on_look)
        self.form.edited.connect(self._on_values)
        self.text.loaded.connect(self._on_loaded)
        self.text.saved.connect(lambda _: self._list_presets())
        self.text.said.connect(lambda words: self._tell(words, "info"))
        self.measure.clicked.connect(self._on_measure)
        self.cancel.clicked.connect(self._on_cancel)
        self.costs.changed.connect(self._on_costs)
        self._later.timeout.connect(self._measure)

    def _take_plan(self) -> None:
        """Show a plan that was made before."""
        plan = self._plan
        if plan.recipes:
            self._preset = ""
            self.draft = RecipeDraft(plan.recipes[0])
            self.draft.backbones = [recipe.backbone for recipe in plan.recipes]
            self.draft.weights = {recipe.backbone: recipe.weights for recipe in plan.recipes}
            if len(plan.recipes) > 1:
                self.draft.values["name"] = _shared_name(plan.recipes)
        self.choice.show_runs(plan.runs, plan.folds)
        self.choice.show_devices((), plan.device)

    # What the person does

    def _list_presets(self) -> None:
        self._presets = [*shipped_presets(), *own_presets()]
        self.choice.show_presets(self._presets, self._preset, masks_lack=masks_lack(self._plan))

    def _on_preset(self, key: str) -> None:
        preset = next((each for each in self._presets if each.key == key), None)
        if preset is None:
            return
        try:
            recipe = preset.load()
        except AnnotriageError as error:
            self.choice.show_preset(self._preset)
            self._tell(str(error), "warning")
            return
        self._preset = key
        self.draft.take(recipe)
        self._original = self.draft.values
        self.choice.show_preset(key)
        self._apply()

    def _on_loaded(self, recipe: "Recipe") -> None:
        self._preset = ""
        self.draft.take(recipe)
        self.choice.show_preset("")
        self._apply()

    def _on_backbone(self, name: str, wanted: bool) -> None:
        self.draft.use(name, wanted)
        self._apply()

    def _on_random(self, name: str) -> None:
        self.draft.start_from_random(name)
        self._apply()

    def _on_look(self, name: str) -> None:
        self.costs.forget(self.draft, [name])
        self._on_measure()

    def _edit(self, path: tuple[str, ...], value: object) -> None:
        self.draft.set_value(path, value)
        self._apply()

    def _on_values(self, values: Values) -> None:
        self.draft.set_values(values)
        self._apply()

    def _changes(self) -> list[str]:
        """Name what is another than in the preset; its name and network are everybody's own."""
        before, now = self._original, self.draft.values
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        changed = [name.replace("_", " ") for name in names if name not in ("name", "backbone", "seed")]
        others = [name for name, weights in self.draft.weights.items() if weights != now.get("weights")]
        return changed + [
            f"weights of {backbone_words(name).title}"
            for name in others if name in self.draft.backbones
        ]  # fmt: skip

    # Plan and pages

    def _apply(self) -> None:
        """Write into the plan, show it everywhere, and see to it that it is measured."""
        recipes = self.draft.recipes()
        problems = self.draft.problems()
        self._plan.recipes = recipes
        self._plan.runs = self.choice.runs.value()
        self._plan.folds = self.choice.cross_validates
        self._plan.device = str(self.choice.device.currentData())
        wrong_name = problems.get(("name",), "")
        self.choice.show_draft(self.draft, f"The name {wrong_name}." if wrong_name else "")
        self.choice.show_changes(self._changes() if self._preset else [])
        self.form.show_values(self.draft.values, problems)
        said = "" if recipes else f"There is no recipe yet: {self.missing()}"
        self.text.show_recipes(recipes, said)
        self._show_costs()
        if self._entered and self._auto:
            self._later.start()
        self.changed.emit()

    # Cost

    def _on_measure(self) -> None:
        self._auto = True
        known = self.costs.seconds(self.draft) is not None
        self.costs.forget(self.draft, self.draft.backbones, only_failures=not known)
        self._measure()

    def _on_cancel(self) -> None:
        self._auto = False
        self._later.stop()
        self.costs.cancel()

    def _measure(self) -> None:
        self._later.stop()
        self.costs.measure(self.draft)

    def _on_costs(self) -> None:
        devices = self.costs.devices()
        if devices and devices != self._devices:
            self._devices = devices
            self.choice.show_devices(devices, self._plan.device)
        self._show_costs()
        self.changed.emit()

    def _show_costs(self) -> None:
        draft, costs = self.draft, self.costs
        for name, row in self.choice.rows.items():
            row.show_cost(
                costs.cost(draft, name),
                costs.failure(draft, name),
                measuring=costs.is_measuring(draft, name),
                from_imagenet=draft.values_for(name).get("weights") == "imagenet",
            )
        seconds = costs.seconds(draft)
        self._plan.seconds = None if seconds is None else seconds * self._plan.runs
        busy = costs.measurer.busy
        self._waiting.setVisible(busy)
        self.cancel.setEnabled(busy)  # measuring begins and ends by itself: no button may come under the mouse for it
        known = seconds is not None
        self.measure.setText("&Measure again" if known else "&Measure how long it takes")
        ready = bool(self._plan.recipes) and None not in (self._plan.images, self._plan.labels)
        self.measure.setEnabled(ready and not busy)
        self._show_total(busy)

    def _tell(self, words: str, sign: str) -> None:
        self._total.say(words, sign)
        self._total.setVisible(bool(words))

    def _show_total(self, busy: bool) -> None:
        runs = runs_words(max(len(self.draft.backbones), 1), self._plan.runs)
        if self.missing():  # which the wizard says
            self._tell("", "info")
        elif self._plan.seconds is not None:
            words = "{runs}: about {time}, at most (most end earlier); starting and exporting the model come on top"
            self._tell(words.format(runs=runs, time=duration_text(self._plan.seconds)), "check")
        elif busy:
            self._tell(f"{runs}: a few steps are being timed here…", "search")
        else:
            self._tell(f"{runs}: how long it takes is not measured yet", "info")


def _shared_name(recipes: "Sequence[Recipe]") -> str:
    """Return what recipes of several networks are called without these."""
    name = recipes[0].name
    return name.removesuffix(recipes[0].backbone).rstrip("-_. ") or name
