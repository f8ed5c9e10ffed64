"""Every schedule that a recipe may name runs to the end of a fit of any length."""

import math
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from annotriage.regressors.fitting.optimisers import build_optimiser, with_schedule
from annotriage.regressors.recipes.sections import Optimiser, Schedule

pytestmark = pytest.mark.slow


def rates(schedule: Schedule, steps: int, kind: str = "adamw") -> list[float]:
    """Return the learning rate of each step of a fit."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    how = Optimiser.model_validate({"name": kind, "learning_rate": 0.01})
    optimiser = build_optimiser([{"params": [parameter], "lr": how.learning_rate}], how)
    found = with_schedule(optimiser, schedule, steps, "validation_loss")["lr_scheduler"]["scheduler"]
    used = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            used.append(float(optimiser.param_groups[0]["lr"]))
            parameter.grad = torch.ones(1)
            optimiser.step()
            found.step()
    return used


@given(
    st.integers(1, 60),
    st.one_of(st.just(0.0), st.floats(0, 1, exclude_max=True), st.integers(2, 61).map(lambda k: 1 / k)),
    st.sampled_from(["adam", "adamw", "sgd"]),
)
def test_one_cycle_takes_every_warm_up_for_every_number_of_steps(steps: int, warm_up: float, kind: str) -> None:
    used = rates(Schedule(name="one_cycle", warm_up=warm_up), steps, kind)
    assert all(math.isfinite(rate) and 0 < rate <= 0.01 * (1 + 1e-6) for rate in used)


@pytest.mark.parametrize("steps", [2, 3, 5, 6, 30])
def test_one_cycle_reaches_its_highest_rate_after_one_step_where_nothing_warms_up(steps: int) -> None:
    used = rates(Schedule(name="one_cycle", warm_up=0), steps)
    assert used[1] == pytest.approx(0.01, rel=1e-3) and used[0] < used[1]
    assert used[2:] == sorted(used[2:], reverse=True)
