"""A model's card as a page to read."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from annotriage.desktop.counting import images_text

if TYPE_CHECKING:
    from annotriage.model_file import LibraryEntry, ModelCard


def entry_html(entry: "LibraryEntry") -> str:
    """Return the page of a model of the library; of one that cannot be used, what is wrong with it."""
    if entry.card is None or entry.problem is not None:
        return (
            f"<h3>{escape(entry.name)}</h3><p><b>{_tr('This model cannot be used.')}</b></p>"
            f"<p>{escape(entry.problem or '')}</p>"
        )
    return card_html(entry.card, bundled=entry.bundled)


def card_html(card: "ModelCard", *, bundled: bool) -> str:
    """Return the page of a card."""
    origin = _tr("ships with Annotriage") if bundled else _tr("your own")
    made = _tr("version {version}, made {date}").format(version=card.version, date=card.created.isoformat())
    facts = f"{card.name} · {made} · {card.architecture} · {origin}"
    sections = [
        (_tr("What it is"), escape(card.description)),
        (_tr("How well it predicts"), _quality(card)),
        (_tr("What it learned from"), _data(card)),
        (_tr("What it is for"), escape(card.intended_use)),
        (_tr("What it cannot do"), escape(card.limitations)),
        (_tr("What its heatmap means"), escape(card.heatmap.sentence)),
        (_tr("Licence"), escape(card.licence)),
    ]
    body = "".join(f"<p><b>{escape(title)}</b><br>{text}</p>" for title, text in sections if text)
    return f"<h3>{escape(card.title)}</h3><p>{escape(facts)}</p>{body}"


def _quality(card: "ModelCard") -> str:
    metrics = card.metrics
    if metrics is None:
        return escape(f"{_tr('Its errors were not measured.')} {_same_scale()}")
    lead = ""
    if metrics.mae is not None:
        lead = _tr("On {images} that it had never seen, its predicted Dice was off by {mae} on average.").format(
            images=images_text(card.data.test), mae=_number(metrics.mae)
        )
        if metrics.median_mae is not None:
            lead += " " + _tr("Always guessing the median would have been off by {median}.").format(
                median=_number(metrics.median_mae)
            )
    rows = [
        (
            _tr("Mean absolute error"),
            _spread(metrics.mae, metrics.mae_sd),
            _beside(_tr("always the median"), metrics.median_mae),
        ),
        (
            _tr("Mean squared error"),
            _spread(metrics.mse, metrics.mse_sd),
            _beside(_tr("always the mean"), metrics.mean_mse),
        ),
        (_tr("Spearman's rank correlation"), _number(metrics.spearman), _tr("a guess: 0, perfect: 1")),
        (_tr("Pearson's correlation"), _number(metrics.pearson), _tr("a guess: 0, perfect: 1")),
        (_tr("Explained variance (R²)"), _number(metrics.r2), _tr("always the mean: 0, perfect: 1")),
    ]
    table = "".join(
        f"<tr><td>{escape(name)}</td><td align='right'><b>{escape(value)}</b></td><td>{escape(other)}</td></tr>"
        for name, value, other in rows
    )
    said = f"{_interval(card)} {_same_scale()}"
    return f"{escape(lead)}<table cellspacing='0' cellpadding='4'>{table}</table>{escape(said)}"


def _same_scale() -> str:
    return _tr(
        "The window shows disagreement, which is 1 minus the Dice: an error in one is the same error in the other."
    )


def _interval(card: "ModelCard") -> str:
    interval = card.interval
    meant = _tr("Its intervals are meant to hold the true Dice of {level} of the images").format(
        level=f"{100 * interval.level:.0f} %"
    )
    if interval.coverage is None:
        return meant + _tr("; how many they do was not measured.")
    return meant + _tr("; of {images} they held {coverage}.").format(
        images=images_text(interval.coverage_images), coverage=f"{100 * interval.coverage:.1f} %"
    )


def _data(card: "ModelCard") -> str:
    data = card.data
    counts = _tr("{images} with a label: {train} to learn from, {validation} to choose by, {test} to test on.")
    counts = counts.format(
        images=images_text(data.images),
        train=f"{data.train:,}",
        validation=f"{data.validation:,}",
        test=f"{data.test:,}",
    )
    return f"{escape(data.sentence)}<br>{escape(counts)}"


def _spread(value: float | None, deviation: float | None) -> str:
    return _number(value) if value is None or deviation is None else f"{_number(value)} ± {_number(deviation)}"


def _beside(what: str, value: float | None) -> str:
    return f"{what}: {_number(value)}"


def _number(value: float | None) -> str:
    return _tr("not known") if value is None else f"{value:.3f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelCard", text)
