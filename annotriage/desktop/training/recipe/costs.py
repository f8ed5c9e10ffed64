"""What is known of the cost of recipes, and what is still to be measured."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from annotriage.desktop.background import Job
from annotriage.trainings.cost import Cost, CostProcess

if TYPE_CHECKING:
    from annotriage.trainings.plan import TrainingPlan
    from annotriage.trainings.recipe_draft import RecipeDraft

_FREE = ("name", "description", "seed", "card")
"""Values that cost nothing."""


class CostBook(QObject):
    """Measures one recipe after the other, so that none disturbs another, and keeps what was found.

    Costs are kept by what they depend on: recipe, data and device. Call `cancel` before it goes.
    """

    changed = Signal()
    """Something is known, or is measured, that was not; or no longer is."""

    def __init__(
        self,
        plan: "TrainingPlan",
        draft: "RecipeDraft",
        command: Sequence[str] | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._plan, self._draft, self._command = plan, draft, command
        self._costs: dict[str, Cost] = {}
        self._failures: dict[str, str] = {}
        self._waiting: dict[str, CostProcess] = {}
        self._current = ""  # key of what is under way
        self._process: CostProcess | None = None
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether something is measured or waits for it."""
        return bool(self._current or self._waiting)

    def cost(self, backbone: str) -> Cost | None:
        """Return what a backbone costs; None: it is not known."""
        return self._costs.get(self._key(backbone))

    def failure(self, backbone: str) -> str:
        """Return why that could not be measured; empty: it could, or was not tried."""
        return self._failures.get(self._key(backbone), "")

    def is_measuring(self, backbone: str) -> bool:
        """Return whether that is measured just now."""
        return self._current == self._key(backbone)

    def seconds(self) -> float | None:
        """Return what one run of each backbone takes in all, at most; None: it is not known of each."""
        costs = [self.cost(backbone) for backbone in self._draft.backbones]
        known = [cost.seconds for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None

    def devices(self) -> tuple[tuple[str, str], ...]:
        """Return the devices that were found, name and words; empty: nothing was measured yet."""
        return next((cost.devices for cost in reversed(self._costs.values()) if cost.devices), ())

    def measure(self) -> None:
        """Have measured what is planned and not known, and nothing else."""
        plan = self._plan
        there = plan.recipes if None not in (plan.images, plan.labels) else ()
        wanted = {self._key(recipe.backbone): recipe for recipe in there}
        if self._current not in wanted:
            self._end_process()
        self._waiting = {
            key: CostProcess(recipe, plan.data, plan.device, self._command)
            for key, recipe in wanted.items()
            if key not in self._costs and key not in self._failures and key != self._current
        }
        self._begin_next()
        self.changed.emit()

    def forget(self, backbones: Sequence[str], *, only_failures: bool = False) -> None:
        """Know nothing of these any more, so that they are measured again."""
        for key in map(self._key, backbones):
            self._failures.pop(key, None)
            if not only_failures:
                self._costs.pop(key, None)

    def cancel(self) -> None:
        """Measure nothing any more."""
        self._waiting.clear()
        self._end_process()
        self.changed.emit()

    def _key(self, backbone: str) -> str:
        values = {name: value for name, value in self._draft.values_for(backbone).items() if name not in _FREE}
        plan = self._plan
        data = None if None in (plan.images, plan.labels) else str(plan.data)
        return json.dumps([values, data, plan.device], sort_keys=True)

    def _begin_next(self) -> None:
        if self._process is None and self._waiting:
            self._current, process = next(iter(self._waiting.items()))
            del self._waiting[self._current]
            self._process, costs, failures = process, self._costs, self._failures
            self._job = Job(
                process.measure,
                lambda cost: self._keep(costs, cost),
                lambda sentence: self._keep(failures, sentence),
            )

    def _keep(self, book: "dict[str, Cost] | dict[str, str]", found: "Cost | str") -> None:
        book[self._current] = found  # type: ignore[assignment]
        self._process, self._job, self._current = None, None, ""
        self._begin_next()
        self.changed.emit()

    def _end_process(self) -> None:
        if self._process is not None and self._job is not None:
            self._job.forget()
            self._process.kill()
        self._process, self._job, self._current = None, None, ""
