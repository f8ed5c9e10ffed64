"""Charts of plots: what reports draw by matplotlib is drawn here on the screen, from the same series."""

from dataclasses import fields

from annotriage.comparison.explained.plot import Plot
from annotriage.desktop.charts.chart import Chart


def chart_of(plot: Plot, title: str) -> Chart:
    """Return a chart as tall as its plot asks for."""
    chart = Chart(title, plot.x_label, plot.y_label)
    if not plot.axes:
        chart.hide_axes(x=True, y=True)
    _draw(chart, plot)
    chart.setFixedHeight(plot.height)
    return chart


def redraw(chart: Chart, plot: Plot) -> None:
    """Draw a plot in place of what was there."""
    chart.clear()
    _draw(chart, plot)


def _draw(chart: Chart, plot: Plot) -> None:
    """Draw each part by the chart's method of its name."""
    for part in plot.parts:
        draw = getattr(chart, type(part).__name__.lower())
        draw(**{field.name: getattr(part, field.name) for field in fields(part)})
    if plot.x_range is not None or plot.y_range is not None:
        chart.set_range(plot.x_range, plot.y_range)
