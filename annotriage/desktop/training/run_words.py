"""What trainings and runs are said to be doing."""

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from annotriage.desktop.counting import images_text, number_text
from annotriage.desktop.training.run_live import LiveRun, LiveTraining, RunState
from annotriage.desktop.training.training_folder import State


def _tr(text: str) -> str:
    return QCoreApplication.translate("Training", text)


def time_text(seconds: float) -> str:
    """Write how long something takes, no finer than one can know: 'less than a minute', '25 min', '3 h 10 min'."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _tr("less than a minute")
    if minutes < 60:
        return _tr("{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return _tr("{days} days").format(days=round(hours / 24))
    minutes = 10 * round(minutes / 10)
    hours, minutes = hours + minutes // 60, minutes % 60
    return _tr("{hours} h {minutes} min").format(hours=hours, minutes=minutes) if minutes else _tr("{hours} h").format(
        hours=hours
    )  # fmt: skip


def decimal_text(value: float | None) -> str:
    """Write an error or a Dice, three digits; nothing where it is not known."""
    return "" if value is None or math.isnan(value) else f"{value:.3f}"


def runs_text(count: int) -> str:
    """Write a number of runs."""
    return _tr("1 run") if count == 1 else _tr("{count} runs").format(count=number_text(count))


def run_name(run: LiveRun) -> str:
    """Return how sentences call a run."""
    words = _tr("{model}, fold {number}") if run.unit == "fold" else _tr("{model}, run {number}")
    return words.format(model=run.model, number=run.number)


def stage_text(stage: str) -> str:
    """Say what a run is at."""
    if stage.startswith("teacher-"):
        return _tr("teacher {number}").format(number=stage.removeprefix("teacher-"))
    words = {
        "": _tr("reading the images"),
        "fit": _tr("learning"),
        "masks": _tr("learning to outline"),
        "teachers": _tr("asking the teachers"),
        "student": _tr("learning from the teachers"),
        "export": _tr("testing and exporting"),
    }
    return words.get(stage, stage)


def state_text(state: State) -> str:
    """Say what a training is doing."""
    return {
        State.QUEUED: _tr("waits its turn"),
        State.RUNNING: _tr("training"),
        State.PAUSED: _tr("paused"),
        State.STOPPED: _tr("stopped"),
        State.FAILED: _tr("failed"),
        State.DONE: _tr("done"),
    }[state]


def run_state_text(run: LiveRun, *, next_one: bool = False) -> str:
    """Say what a run is doing; `next_one`: it is being made ready."""
    if next_one and run.state is not RunState.RUNNING:
        return _tr("getting ready")
    if run.state is RunState.RUNNING:
        if run.epochs and run.stage != "export":
            return _tr("epoch {epoch} of {epochs}").format(epoch=max(run.epoch, 1), epochs=run.epochs)
        return stage_text(run.stage)
    return {
        RunState.WAITING: _tr("waits"),
        RunState.STOPPED: _tr("stopped"),
        RunState.FAILED: _tr("failed"),
        RunState.DONE: _tr("done"),
    }[run.state]


def headline(live: LiveTraining) -> str:
    """Say in a line how far a training is."""
    match live.state:
        case State.QUEUED:
            return _tr("Waits its turn: another training is under way. It starts by itself.")
        case State.STOPPED:
            done = len(live.finished)
            if len(live.runs) > 1 and done:
                return _tr("Stopped, {done} of {count} runs done. What was learned is kept.").format(
                    done=done, count=len(live.runs)
                )
            return _tr("Stopped. What was learned is kept.")
        case State.FAILED:
            if any(run.state is RunState.DONE or run.counts or run.curve for run in live.runs):
                return _tr("The training could not go on. What was learned is kept.")
            return _tr("The training could not begin; nothing was learned yet.")
        case State.DONE:
            return _tr("Done: {runs} trained.").format(runs=runs_text(len(live.runs)))
    run = live.current
    if run is None:
        return _tr("Getting ready…")
    parts = [run_name(run) if len(live.runs) > 1 else run.model, stage_text(run.stage)]
    if len(live.runs) > 1:
        parts.insert(0, _tr("Run {place} of {count}").format(place=live.runs.index(run) + 1, count=len(live.runs)))
    if run.epochs and run.stage != "export":
        parts.append(run_state_text(run))
    text = "  ·  ".join(parts)
    return _tr("Paused at: {where}").format(where=text) if live.state is State.PAUSED else text


def place_text(live: LiveTraining) -> str:
    """Say in a few words what a training is at."""
    run = live.current
    if live.state is not State.RUNNING:
        return state_text(live.state)
    if run is None or run.state is not RunState.RUNNING:
        return _tr("getting ready")
    if len(live.runs) > 1:
        return _tr("run {place} of {count}").format(place=live.runs.index(run) + 1, count=len(live.runs))
    return run_state_text(run)


def pace(live: LiveTraining) -> str:
    """Say in a line how quick it goes and how long it still takes."""
    doing = {
        "pausing": _tr("Pauses after the images under way…"),
        "finishing": _tr("Ends early with its best epoch; then the model is tested and exported…"),
        "stopping": _tr("Stops; what was learned is kept…"),
    }.get(live.doing)
    if doing:
        return doing
    run = live.current
    if live.state is not State.RUNNING or run is None:
        return ""
    parts = []
    if run.images_per_second is not None and run.stage != "export":
        digits = 0 if run.images_per_second >= 10 else 1
        parts.append(_tr("{rate} images/s").format(rate=f"{run.images_per_second:.{digits}f}"))
    if run.seconds_left is not None:
        words = _tr("about {time} left in this run") if len(live.runs) > 1 else _tr("about {time} left, at most")
        parts.append(words.format(time=time_text(run.seconds_left)))
    if len(live.runs) > 1 and live.seconds_left is not None:
        parts.append(_tr("about {time} in all").format(time=time_text(live.seconds_left)))
    return "  ·  ".join(parts)


def short(live: LiveTraining) -> str:
    """Say it for the window's status line: 'Training: epoch 3 of 10, 12 min left'."""
    run = live.current
    if live.state is State.PAUSED:
        return _tr("Training: paused")
    if live.doing == "stopping":
        return _tr("Training: stopping…")
    if live.state is State.QUEUED or run is None:
        return _tr("Training: getting ready…")
    what = run_state_text(run)
    if len(live.runs) > 1:
        what = _tr("run {place} of {count}, {what}").format(
            place=live.runs.index(run) + 1, count=len(live.runs), what=what
        )
    left = live.seconds_left
    if left is None:
        return _tr("Training: {what}").format(what=what)
    return _tr("Training: {what}, {time} left").format(what=what, time=time_text(left))


def best_text(run: LiveRun) -> str:
    """Say what the best epoch so far is worth beside knowing nothing."""
    best = run.best
    if best is None or math.isnan(best.validation_mae):
        return _tr("Nothing was measured on the validation images yet.")
    over = run.state is RunState.DONE
    words = _tr("Best so far: mean error {mae} on the validation images, at epoch {epoch}.")
    if over:
        words = _tr("Best epoch: {epoch}, with a mean error of {mae} on the validation images.")
    text = words.format(mae=decimal_text(best.validation_mae), epoch=best.epoch)
    nearer = min(
        (row for row in run.curve if row.stage == best.stage and row.validation_mae < best.validation_mae),
        key=lambda row: row.validation_mae, default=None,
    )  # fmt: skip
    if nearer is not None:
        words = _tr("The validation loss decides which one is kept; by the mean error alone it would be {epoch}.")
        text += " " + words.format(epoch=nearer.epoch)
    if run.median_mae is None:
        return text
    if best.validation_mae < run.median_mae:
        words = _tr("Always predicting the median Dice would give {mae}.")
    elif over:
        words = _tr("That is not better than always predicting the median Dice, which gives {mae}.")
    else:
        words = _tr("That is not yet better than always predicting the median Dice, which gives {mae}.")
    return f"{text} {words.format(mae=decimal_text(run.median_mae))}"


def event_text(run: LiveRun, event: Mapping[str, Any]) -> str:
    """Write an event for the log; empty: it is not worth a line."""
    name = run_name(run)
    match event.get("event"):
        case "start":
            text = _tr("{run}: {train} to learn from, {validation} to validate, {test} to test").format(
                run=name, **{key: images_text(run.counts.get(key, 0)) for key in ("train", "validation", "test")}
            )
            if event.get("device"):
                text += _tr(", on {device}").format(device=event["device"])
            problems = [f"{each.get('what')}: {each.get('count')}" for each in event.get("problems") or []]
            return "\n          ".join([text, *problems])
        case "stage":
            return f"{name}: {stage_text(str(event.get('stage', '')))}"
        case "epoch" if run.curve:
            row = run.curve[-1]
            text = _tr("{run}: epoch {epoch}, loss {loss}").format(
                run=name, epoch=row.epoch, loss=f"{row.train_loss:.4f}"
            )
            if not math.isnan(row.validation_loss):
                text += _tr(", validation loss {loss}").format(loss=f"{row.validation_loss:.4f}")
            if not math.isnan(row.validation_mae):
                text += _tr(", mean error {mae}").format(mae=decimal_text(row.validation_mae))
            return text
        case "done":
            return _tr("{run}: done, mean error {mae} on the test images").format(run=name, mae=decimal_text(run.mae))
        case "failed":
            return f"{name}: {event.get('reason', '')}"
        case "paused" | "going_on" | "finishing" as what:
            words = {"paused": _tr("paused"), "going_on": _tr("goes on"), "finishing": _tr("ends early")}
            return f"{name}: {words[str(what)]}"
    return ""
