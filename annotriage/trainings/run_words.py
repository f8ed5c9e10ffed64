"""What trainings and runs are said to be doing."""

import math
from collections.abc import Mapping
from typing import Any

from annotriage.runs.states import Event, Order, State
from annotriage.trainings.progress import RunProgress, TrainingProgress
from annotriage.wording import decimal_text, duration_text, images_text, rate_text, runs_text


def run_name(run: RunProgress) -> str:
    """Return how sentences call a run."""
    words = "{model}, fold {number}" if run.unit == "fold" else "{model}, run {number}"
    return words.format(model=run.model, number=run.number)


def stage_text(stage: str) -> str:
    """Say what a run is at."""
    if stage.startswith("teacher-"):
        return f"teacher {stage.removeprefix('teacher-')}"
    words = {
        "": "reading the images",
        "fit": "learning",
        "masks-first": "learning to outline, on all folders",
        "masks": "learning to outline",
        "teachers": "asking the teachers",
        "student": "learning from the teachers",
        "export": "testing and exporting",
    }
    return words.get(stage, stage)


def state_text(state: State) -> str:
    """Say what a training is doing."""
    return {
        State.QUEUED: "waits its turn",
        State.RUNNING: "training",
        State.PAUSED: "paused",
        State.STOPPED: "stopped",
        State.FAILED: "failed",
        State.DONE: "done",
    }[state]


def progress_text(state: State, done: int, runs: int) -> str:
    """Say what a training is doing, and where it has several runs how many are done: 'failed, 1 of 2 runs done'."""
    if runs > 1 and state is not State.DONE:
        return f"{state_text(state)}, {done} of {runs} runs done"
    return state_text(state)


def run_state_text(run: RunProgress, *, next_one: bool = False) -> str:
    """Say what a run is doing; `next_one`: it is being made ready."""
    if next_one and run.state is not State.RUNNING:
        return "getting ready"
    if run.state is State.RUNNING:
        if run.epochs and run.stage != "export":
            return f"epoch {max(run.epoch, 1)} of {run.epochs}"
        return stage_text(run.stage)
    return {
        State.QUEUED: "waits",
        State.STOPPED: "stopped",
        State.FAILED: "failed",
        State.DONE: "done",
    }[run.state]


def headline_text(live: TrainingProgress) -> str:
    """Say in a line how far a training is."""
    match live.state:
        case State.QUEUED:
            return "Waits its turn: another training is under way. It starts by itself."
        case State.STOPPED:
            done = len(live.finished)
            if len(live.runs) > 1 and done:
                return f"Stopped, {done} of {len(live.runs)} runs done. What was learned is kept."
            return "Stopped. What was learned is kept."
        case State.FAILED:
            if any(run.state is State.DONE or run.counts or run.curve for run in live.runs):
                return "The training could not go on. What was learned is kept."
            return "The training could not begin; nothing was learned yet."
        case State.DONE:
            return f"Done: {runs_text(len(live.runs))} trained."
    run = live.current
    if run is None:
        return "Getting ready…"
    parts = [run_name(run) if len(live.runs) > 1 else run.model, stage_text(run.stage)]
    if len(live.runs) > 1:
        parts.insert(0, f"Run {live.runs.index(run) + 1} of {len(live.runs)}")
    if run.epochs and run.stage != "export":
        parts.append(run_state_text(run))
    text = "  ·  ".join(parts)
    return f"Paused at: {text}" if live.state is State.PAUSED else text


def place_text(live: TrainingProgress) -> str:
    """Say in a few words what a training is at."""
    run = live.current
    if live.state is not State.RUNNING:
        return state_text(live.state)
    if run is None or run.state is not State.RUNNING:
        return "getting ready"
    if len(live.runs) > 1:
        return f"run {live.runs.index(run) + 1} of {len(live.runs)}"
    return run_state_text(run)


def pace_text(live: TrainingProgress) -> str:
    """Say in a line how quick it goes and how long it still takes."""
    asked: dict[Order | None, str] = {
        Order.PAUSE: "Pauses after the images under way…",
        Order.FINISH: "Ends early with its best epoch; then the model is tested and exported…",
        Order.STOP: "Stops; what was learned is kept…",
    }
    if live.asked in asked:
        return asked[live.asked]
    run = live.current
    if live.state is not State.RUNNING or run is None:
        return ""
    parts = []
    if run.images_per_second is not None and run.stage != "export":
        parts.append(rate_text(run.images_per_second))
    if run.seconds_left is not None:
        left = f"{_estimate_text(run.seconds_left)} left"
        parts.append(f"{left} in this run" if len(live.runs) > 1 else f"{left}, at most")
    if len(live.runs) > 1 and live.seconds_left is not None:
        parts.append(f"{_estimate_text(live.seconds_left)} in all")
    return "  ·  ".join(parts)


def status_text(live: TrainingProgress) -> str:
    """Say it for the window's status line: 'Training: epoch 3 of 10, 12 min left'."""
    run = live.current
    if live.state is State.PAUSED:
        return "Training: paused"
    if live.asked is Order.STOP:
        return "Training: stopping…"
    if live.state is State.QUEUED or run is None:
        return "Training: getting ready…"
    what = run_state_text(run)
    if len(live.runs) > 1:
        what = f"run {live.runs.index(run) + 1} of {len(live.runs)}, {what}"
    left = live.seconds_left
    if left is None:
        return f"Training: {what}"
    return f"Training: {what}, {_estimate_text(left, '')} left"


def _estimate_text(seconds: float, about: str = "about ") -> str:
    """Write a time that a training is expected to take; its last minute cannot be told by seconds."""
    return "under 1 min" if seconds < 60 else f"{about}{duration_text(seconds)}"


def best_text(run: RunProgress) -> str:
    """Say what the best epoch so far is worth beside knowing nothing."""
    best = run.best
    if best is None or math.isnan(best.validation_mae):
        return "Nothing was measured on the validation images yet."
    over = run.state is State.DONE
    words = "Best so far: mean error {mae} on the validation images, at epoch {epoch}."
    if over:
        words = "Best epoch: {epoch}, with a mean error of {mae} on the validation images."
    text = words.format(mae=decimal_text(best.validation_mae), epoch=best.epoch)
    nearer = min(
        (row for row in run.curve if row.stage == best.stage and row.validation_mae < best.validation_mae),
        key=lambda row: row.validation_mae, default=None,
    )  # fmt: skip
    if nearer is not None:
        words = "The validation loss decides which one is kept; by the mean error alone it would be {epoch}."
        text += " " + words.format(epoch=nearer.epoch)
    if run.median_mae is None:
        return text
    if best.validation_mae < run.median_mae:
        words = "Always predicting the median Dice would give {mae}."
    elif over:
        words = "That is not better than always predicting the median Dice, which gives {mae}."
    else:
        words = "That is not yet better than always predicting the median Dice, which gives {mae}."
    return f"{text} {words.format(mae=decimal_text(run.median_mae))}"


def event_text(run: RunProgress, event: Mapping[str, Any]) -> str:
    """Write an event for the log; empty: it is not worth a line."""
    name = run_name(run)
    match event.get("event"):
        case Event.START:
            text = "{run}: {train} to learn from, {validation} to validate, {test} to test".format(
                run=name, **{key: images_text(run.counts.get(key, 0)) for key in ("train", "validation", "test")}
            )
            if event.get("device"):
                text += f", on {event['device']}"
            problems = [f"{each.get('what')}: {each.get('count')}" for each in event.get("problems") or []]
            return "\n          ".join([text, *problems])
        case Event.STAGE:
            return f"{name}: {stage_text(str(event.get('stage', '')))}"
        case Event.EPOCH if run.curve:
            row = run.curve[-1]
            text = f"{name}: epoch {row.epoch}, loss {row.train_loss:.4f}"
            if not math.isnan(row.validation_loss):
                text += f", validation loss {row.validation_loss:.4f}"
            if not math.isnan(row.validation_mae):
                text += f", mean error {decimal_text(row.validation_mae)}"
            return text
        case Event.DONE:
            return f"{name}: done, mean error {decimal_text(run.mae)} on the test images"
        case Event.FAILED:
            return f"{name}: {event.get('reason', '')}"
        case Event.PAUSED | Event.GOING_ON | Event.FINISHING as what:
            words = {Event.PAUSED: "paused", Event.GOING_ON: "goes on", Event.FINISHING: "ends early"}
            return f"{name}: {words[Event(what)]}"
    return ""
