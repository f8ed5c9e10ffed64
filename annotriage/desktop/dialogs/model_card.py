"""A model's card as a page to read."""

from html import escape
from typing import TYPE_CHECKING

from annotriage.wording import decimal_text, images_text, number_text, share_text

if TYPE_CHECKING:
    from annotriage.model_file import CalibrationCard, LibraryEntry, ModelCard, WayOfDrawing

_UNKNOWN = "–"


def entry_html(entry: "LibraryEntry") -> str:
    """Return the page of a model of the library; of one that cannot be used, what is wrong with it."""
    if entry.card is None or entry.problem is not None:
        return (
            f"<h3>{escape(entry.name)}</h3><p><b>{'This model cannot be used.'}</b></p>"
            f"<p>{escape(entry.problem or '')}</p>"
        )
    return card_html(entry.card, bundled=entry.bundled, calibration=entry.calibration)


def card_html(card: "ModelCard", *, bundled: bool, calibration: "CalibrationCard | None" = None) -> str:
    """Return the page of a card, with how the model was fitted to the user's team."""
    origin = "ships with Annotriage" if bundled else "your own"
    made = f"version {card.version}, made {card.created.isoformat()}"
    facts = f"{card.name} · {made} · {card.architecture} · {origin}"
    sections = [
        ("What it is", escape(card.description)),
        ("How well it predicts", _quality(card)),
        ("Calibrated to your team", _calibration(card, calibration)),
        ("For whom: by the way in which people drew", _ways(card)),
        ("What it learned from", _data(card)),
        ("What it is for", escape(card.intended_use)),
        ("What it cannot do", escape(card.limitations)),
        ("What its heatmap means", escape(card.heatmap.sentence)),
        *((spec.title, escape(spec.sentence or "; ".join(spec.words))) for spec in card.maps),
        ("Licence", escape(card.licence)),
    ]
    body = "".join(f"<p><b>{escape(title)}</b><br>{text}</p>" for title, text in sections if text)
    return f"<h3>{escape(card.title)}</h3><p>{escape(facts)}</p>{body}"


def _quality(card: "ModelCard") -> str:
    metrics = card.metrics
    if metrics is None:
        return escape(f"{'Its errors were not measured.'} {_same_scale()}")
    lead = ""
    if metrics.mae is not None:
        lead = (
            f"On {images_text(card.data.test)} that it had never seen, its predicted Dice was off by "
            f"{_number(metrics.mae)} on average."
        )
        if metrics.median_mae is not None:
            lead += f" Always guessing the median would have been off by {_number(metrics.median_mae)}."
    rows = [
        (
            "Mean absolute error",
            _spread(metrics.mae, metrics.mae_sd),
            _beside("always the median", metrics.median_mae),
        ),
        (
            "Mean squared error",
            _spread(metrics.mse, metrics.mse_sd),
            _beside("always the mean", metrics.mean_mse),
        ),
        ("Spearman's rank correlation", _number(metrics.spearman), "a guess: 0, perfect: 1"),
        ("Pearson's correlation", _number(metrics.pearson), "a guess: 0, perfect: 1"),
        ("Explained variance (R²)", _number(metrics.r2), "always the mean: 0, perfect: 1"),
    ]
    table = "".join(
        f"<tr><td>{escape(name)}</td><td align='right'><b>{escape(value)}</b></td><td>{escape(other)}</td></tr>"
        for name, value, other in rows
    )
    said = f"{_interval(card)} {_same_scale()}"
    return f"{escape(lead)}<table cellspacing='0' cellpadding='4'>{table}</table>{escape(said)}"


def _ways(card: "ModelCard") -> str:
    """Return the table by way of drawing, and what is to be known of the ways; empty: the model knows none."""
    if not card.ways:
        return ""
    lead = (
        "The figures above are those of all ways together. Each image was predicted by a network that had not met it."
    )
    titles = ("Drawn", "Images", "Mean Dice", "Error", "Of its median", "Rank", "Held", "Found")
    head = "".join(f"<th align='{'right' if place else 'left'}'>{escape(t)}</th>" for place, t in enumerate(titles))
    table = f"<table cellspacing='0' cellpadding='4'><tr>{head}</tr>{''.join(map(_way_row, card.ways))}</table>"
    meant = (
        "Error: mean absolute error of the predicted Dice; of its median: the error of always guessing that way's own "
        f"median. Rank: Spearman's correlation. Held: true Dice within {share_text(card.interval.level)} intervals. "
        "Found: of the images with a true Dice below 0.7, those among the fifth that is ranked first."
    )
    notes = "".join(f"<br>{escape(f'{way.words}: {way.note}')}" for way in card.ways if way.note)
    return f"{escape(lead)}{table}{escape(meant)}{notes}"


def _way_row(way: "WayOfDrawing") -> str:
    metrics = way.metrics
    if metrics is None:
        return f"<tr><td>{escape(way.words)}</td><td colspan='7'>not measured</td></tr>"
    found = _UNKNOWN
    if metrics.found_in_fifth is not None:
        found = f"{share_text(metrics.found_in_fifth)} of {number_text(metrics.contentious)}"
    cells = (
        number_text(metrics.images),
        decimal_text(metrics.mean_dice, 2),
        decimal_text(metrics.mae),
        decimal_text(metrics.median_mae),
        decimal_text(metrics.spearman, 2, unknown=_UNKNOWN),
        _UNKNOWN if metrics.coverage is None else share_text(metrics.coverage),
        found,
    )
    values = "".join(f"<td align='right'>{escape(cell)}</td>" for cell in cells)
    return f"<tr><td>{escape(way.words)}</td>{values}</tr>"


def _calibration(card: "ModelCard", found: "CalibrationCard | None") -> str:
    if found is None:
        return ""
    from annotriage.model_file.calibration_words import basis, use_words

    return escape(f"{basis(found, card)} {found} {use_words(found)}")


def _same_scale() -> str:
    return "The window shows disagreement, which is 1 minus the Dice: an error in one is the same error in the other."


def _interval(card: "ModelCard") -> str:
    interval = card.interval
    meant = f"Its intervals are meant to hold the true Dice of {share_text(interval.level)} of the images"
    if interval.coverage is None:
        return meant + "; how many they do was not measured."
    return meant + f"; of {images_text(interval.coverage_images)} they held {share_text(interval.coverage, 1)}."


def _data(card: "ModelCard") -> str:
    data = card.data
    counts = "{images} with a label: {train} to learn from, {validation} to choose by, {test} to test on."
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
    return "not known" if value is None else f"{value:.3f}"
