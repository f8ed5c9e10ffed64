"""What `annotriage train` tells while it works: lines for a person, or JSON for a program."""

import os
import sys
from typing import Any

from annotriage.commands.console import say
from annotriage.json_text import json_line
from annotriage.measures.thresholds import INTERVAL_LEVEL
from annotriage.names import counted
from annotriage.runs.states import Event
from annotriage.wording import duration_text, share_text


def events(event: dict[str, Any]) -> None:
    """Tell a program what happens, a line of JSON an event.

    Raises
    ------
    KeyboardInterrupt
        Nobody listens any more: the run is stopped, and can be taken up again.
    """
    try:
        # In one piece and in ASCII: names of files can hold what no encoding of standard output has.
        sys.stdout.write(json_line(event) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise KeyboardInterrupt from None


def words(event: dict[str, Any]) -> None:
    """Tell a person what happens, a line an event."""
    kind = event["event"]
    if kind == Event.START:
        say(
            f"{counted(event['train'], 'images')} to train on, {event['validation']:,} to validate, "
            f"{event['test']:,} to test; {event['images'] - event['train'] - event['validation'] - event['test']:,} "
            f"without a label."
        )
        say(f"  columns: {'; '.join(event['columns'])}")
        for problem in event["problems"]:
            names = ", ".join(problem["names"])
            say(
                f"  {'note' if problem.get('remark') else 'left out'}: {counted(problem['count'], problem['what'])} "
                f"({names}{', ...' if problem['count'] > 5 else ''})"
            )
        for doubt in event.get("doubts", ()):
            say(f"  note: {doubt}")
    elif kind == Event.STAGE:
        say(f"{event['stage']}:")
    elif kind == Event.EPOCH:
        measured = [
            f"{k.replace('_', ' ')} {event[k]:.4f}" for k in ("train_loss", "mask_loss", "validation_mae") if k in event
        ]
        say(
            f"  epoch {event['epoch']} of {event['epochs']}: {', '.join(measured)} "
            f"({event['seconds']:.0f} s{_left(event)})"
        )
    elif kind == Event.FINISHING:
        say("  ends with its best epoch")
    elif kind == Event.ESTIMATE:
        say(
            f"A run of {event['recipe']} takes at most about {duration_text(event['seconds'])} on "
            f"{event['device_words']}: {event['images_per_second']:.0f} images a second, "
            f"{duration_text(event['seconds_per_epoch'])} an epoch. "
            f"{event['left_out']}\n{event['weights']['sentence']}"
        )
    elif kind == Event.DONE:
        m = event["metrics"]
        level = share_text(m.get("interval_level", INTERVAL_LEVEL))
        rho = "-" if m["spearman"] is None else f"{m['spearman']:.3f}"
        say(
            f"Test on {counted(m['images'], 'images')}: MAE {m['mae']:.4f} (predict the median: "
            f"{m['median_mae']:.4f}), MSE {m['mse']:.4f} (predict the mean: {m['mean_mse']:.4f}), Spearman {rho}, "
            f"coverage of the {level} interval {share_text(m['coverage'], 1)}."
        )
        if few := too_few_sentence(m):
            say(f"  note: {few}")
        say(f"Model file: {event['model']}")


def too_few_sentence(metrics: dict[str, Any]) -> str:
    """Say that a run's intervals rest on too few images; empty: they do not, or it is not known."""
    from annotriage.measures.intervals import too_few_sentence as sentence

    images = metrics.get("interval_images")
    return sentence(images, metrics.get("interval_level", INTERVAL_LEVEL)) if isinstance(images, int) else ""


def _left(event: dict[str, Any]) -> str:
    return f", at most about {duration_text(event['seconds_left'])} left" if "seconds_left" in event else ""
