"""What is known of the cost of recipes, and what is still to be measured."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.training.recipe.cost import Cost, CostMeasurer

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.recipe_draft import RecipeDraft

_FREE = ("name", "description", "seed", "card")
"""Values that cost nothing."""


class CostBook(QObject):
    """Keeps costs by what they depend on: recipe, data and device. Call `cancel` before it goes."""

    changed = Signal()

    def __init__(self, plan: "TrainingPlan", command: Sequence[str] | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._costs: dict[str, Cost] = {}
        self._failures: dict[str, str] = {}
        self.measurer = CostMeasurer(command, self)
        self.measurer.measured.connect(self._on_measured)
        self.measurer.failed.connect(self._on_failed)
        self.measurer.changed.connect(self.changed)

    def cost(self, draft: "RecipeDraft", backbone: str) -> Cost | None:
        """Return what a backbone costs; None: it is not known."""
        return self._costs.get(self._key(draft, backbone))

    def failure(self, draft: "RecipeDraft", backbone: str) -> str:
        """Return why that could not be measured; empty: it could, or was not tried."""
        return self._failures.get(self._key(draft, backbone), "")

    def is_measuring(self, draft: "RecipeDraft", backbone: str) -> bool:
        """Return whether that is measured just now."""
        return self.measurer.current == self._key(draft, backbone)

    def seconds(self, draft: "RecipeDraft") -> float | None:
        """Return what one run of each backbone takes in all, at most; None: it is not known of each."""
        costs = [self.cost(draft, backbone) for backbone in draft.backbones]
        known = [cost.seconds for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None

    def devices(self) -> tuple[tuple[str, str], ...]:
        """Return the devices that were found, name and words; empty: nothing was measured yet."""
        return next((cost.devices for cost in reversed(self._costs.values()) if cost.devices), ())

    def measure(self, draft: "RecipeDraft") -> None:
        """Have measured what is planned and not known, and nothing else."""
        plan, wanted = self._plan, {}
        if plan.images is not None and plan.labels is not None:
            for recipe in plan.recipes:
                key = self._key(draft, recipe.backbone)
                if key not in self._costs and key not in self._failures:
                    wanted[key] = (recipe, plan.data, plan.device)
        self.measurer.want(wanted)

    def forget(self, draft: "RecipeDraft", backbones: Sequence[str], *, only_failures: bool = False) -> None:
        """Know nothing of these any more, so that they are measured again."""
        for backbone in backbones:
            key = self._key(draft, backbone)
            self._failures.pop(key, None)
            if not only_failures:
                self._costs.pop(key, None)

    def cancel(self) -> None:
        """Measure nothing any more."""
        self.measurer.cancel()

    def _key(self, draft: "RecipeDraft", backbone: str) -> str:
        values = {name: value for name, value in draft.values_for(backbone).items() if name not in _FREE}
        plan = self._plan
        data = [str(each) for each in (plan.images, plan.labels, plan.clinical, plan.masks, plan.columns)]
        return json.dumps([values, data, plan.device], sort_keys=True)

    def _on_measured(self, key: str, cost: Cost) -> None:
        self._costs[key] = cost
        self.changed.emit()

    def _on_failed(self, key: str, sentence: str) -> None:
        self._failures[key] = sentence
        self.changed.emit()
