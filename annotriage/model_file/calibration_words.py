"""What a calibration says of itself, in words: the terminal, the window and the card of the model share them."""

from typing import TYPE_CHECKING

from annotriage.measures.ways import MIXED
from annotriage.names import counted
from annotriage.wording import decimal_text, share_text

if TYPE_CHECKING:
    from annotriage.measures.coverage_alarm import CoverageAlarm
    from annotriage.model_file.calibrations import CalibrationCard
    from annotriage.model_file.card import ModelCard


def basis(found: "CalibrationCard", card: "ModelCard") -> str:
    """Say what a calibration rests on, and for whom it holds."""
    together = "" if found.groups == found.images else f" of {counted(found.groups, 'patients or lesions')}"
    way = card.way_words(found.way)
    drawn = f"for “{way}”" if found.way_was_known else f"for “{way}”, the way of drawing that fits best"
    plain = " (no more is known of it)" if found.way == MIXED and not card.ways else ""
    images = f"{counted(found.images, 'images')}{together} ({found.source})"
    return f"Fitted on {found.made.isoformat()} to {images}, {drawn}{plain}."


def use_words(found: "CalibrationCard") -> str:
    """Say whether predictions are made with it."""
    if found.used:
        return "Predictions are made with it."
    return "Predictions are made without it, as it is not shown to help." if not found.helps else "It is switched off."


def rows(found: "CalibrationCard") -> list[tuple[str, str, str]]:
    """Return a table: what, before, after."""
    before, after = found.before, found.after
    return [
        ("Mean absolute error", decimal_text(before.mae), decimal_text(after.mae)),
        (
            f"Held by the {share_text(found.level)} interval",
            share_text(before.coverage),
            share_text(after.coverage),
        ),
        ("Width of the interval", decimal_text(before.width), decimal_text(after.width)),
    ]


def formula(found: "CalibrationCard") -> str:
    """Say what is done to what the model says."""
    return f"logit(Dice) = {found.shift:.2f} + {found.slope:.2f} × logit(Dice of the model)"


def alarm_in_short(alarm: "CoverageAlarm") -> str:
    """Say that intervals are left too often, and what to do."""
    share = share_text(alarm.outside / alarm.images)
    return (
        f"{alarm.outside:,} of {counted(alarm.images, 'measured images')} ({share}) lie outside their predicted "
        f"intervals, which may miss {share_text(alarm.allowed)}. Calibrate the model, or train one."
    )


def alarm_words(alarm: "CoverageAlarm") -> str:
    """Say the same, and how sure that is."""
    return (
        f"{alarm_in_short(alarm)} That the model does not hold here as it is was clear after "
        f"{counted(alarm.fired_at or 0, 'images')}; of teams for which intervals hold, at most "
        f"{share_text(alarm.rate)} ever see this."
    )
