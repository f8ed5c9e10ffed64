"""The colours and sizes of the window, light and dark.

Around images everything is neutral grey, so that skin looks as it is; the accent colour is for the selection and the
primary button alone.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from annotriage.triage.decisions import Decision

UNIT = 8
"""Pixels of the one spacing unit; every distance is a multiple of it, or its half."""
_OUTLINE_DARKER = 140
"""How much darker than the window, in percent, Qt's Fusion style draws outlines."""
_DISABLED = 135
"""How much, of 255, is seen of words that cannot be used: 3 : 1 is left."""
SMALLEST_TEXT = 11
"""Pixels of the smallest text."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for.

    Attributes
    ----------
    dark : bool
    window, panel, field : QColor
        Behind toolbars and bars; behind side panels; inside text fields and lists.
    surround : QColor
        Around images.
    tile : QColor
        Behind a tile under the mouse.
    text, faint_text : QColor
        On any of these; faint for what is secondary, still at 4.5 : 1.
    line : QColor
        Thin lines between parts.
    outline : QColor
        Around boxes to tick, at 3 : 1.
    trough : QColor
        The empty part of a bar.
    accent, on_accent : QColor
        The selection and the primary button; text on it.
    expert, routine, exclude : QColor
        Behind the badges of decisions, each of which also has a letter and a shape of its own.
    warning : QColor
        Behind messages of what went wrong.
    """

    dark: bool
    window: QColor
    panel: QColor
    field: QColor
    surround: QColor
    tile: QColor
    text: QColor
    faint_text: QColor
    line: QColor
    outline: QColor
    trough: QColor
    accent: QColor
    on_accent: QColor
    expert: QColor
    routine: QColor
    exclude: QColor
    warning: QColor

    def badge(self, decision: Decision) -> QColor:
        """Return the colour behind a decision's badge."""
        colours = {Decision.EXPERT: self.expert, Decision.ROUTINE: self.routine, Decision.EXCLUDE: self.exclude}
        return colours.get(decision, self.trough)

    def edge(self, decision: Decision) -> QColor:
        """Return the colour of a decision's edge; those of Okabe and Ito, which colour-blind eyes tell apart, too."""
        return QColor({Decision.EXPERT: "#d55e00", Decision.ROUTINE: "#0072b2"}.get(decision, "#8c8c8c"))

    def palette(self) -> QPalette:
        """Return the colours for Qt's own widgets."""
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: self.window,
            QPalette.ColorRole.WindowText: self.text,
            QPalette.ColorRole.Base: self.field,
            QPalette.ColorRole.AlternateBase: self.panel,
            QPalette.ColorRole.ToolTipBase: self.panel,
            QPalette.ColorRole.ToolTipText: self.text,
            QPalette.ColorRole.Text: self.text,
            QPalette.ColorRole.PlaceholderText: self.faint_text,
            QPalette.ColorRole.Button: self.panel,
            QPalette.ColorRole.ButtonText: self.text,
            QPalette.ColorRole.BrightText: self.on_accent,
            QPalette.ColorRole.Highlight: self.accent,
            QPalette.ColorRole.HighlightedText: self.on_accent,
            QPalette.ColorRole.Accent: self.accent,
            QPalette.ColorRole.Link: self.accent,
            QPalette.ColorRole.LinkVisited: self.accent,
            QPalette.ColorRole.Light: self.field,
            QPalette.ColorRole.Midlight: self.panel,
            QPalette.ColorRole.Mid: self.line,
            QPalette.ColorRole.Dark: self.line,
            QPalette.ColorRole.Shadow: QColor("#000000"),
        }
        for role, colour in roles.items():
            palette.setColor(role, colour)
        faint = QColor(self.text)
        faint.setAlpha(_DISABLED)
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, self.trough)
        return palette

    def box_palette(self) -> QPalette:
        """Return the colours for boxes to tick: the style outlines them in what is behind them, only darker."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self.outline.lighter(_OUTLINE_DARKER))
        return palette

    def scroll_palette(self) -> QPalette:
        """Return the colours for scroll bars, whose handle is to be seen in its groove, at 3 : 1.

        The style fills a dark bar's handle as buttons, and outlines a light one's in what is behind it, only darker.
        """
        palette = self.palette()
        if self.dark:
            palette.setColor(QPalette.ColorRole.Button, self.faint_text)
            for role in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
                palette.setColor(role, self.window)
        else:
            palette.setColor(QPalette.ColorRole.Window, self.outline)
        return palette


LIGHT = Theme(
    dark=False,
    window=QColor("#ededed"),
    panel=QColor("#f7f7f7"),
    field=QColor("#ffffff"),
    surround=QColor("#c6c6c6"),
    tile=QColor("#b8b8b8"),
    text=QColor("#1b1b1b"),
    faint_text=QColor("#454545"),
    line=QColor("#c2c2c2"),
    outline=QColor("#7a7a7a"),
    trough=QColor("#a6a6a6"),
    accent=QColor("#1f5fbf"),
    on_accent=QColor("#ffffff"),
    expert=QColor("#202020"),
    routine=QColor("#fafafa"),
    exclude=QColor("#7a7a7a"),
    warning=QColor("#fbe7c6"),
)
DARK = Theme(
    dark=True,
    window=QColor("#262626"),
    panel=QColor("#2d2d2d"),
    field=QColor("#383838"),
    surround=QColor("#3a3a3a"),
    tile=QColor("#4a4a4a"),
    text=QColor("#ececec"),
    faint_text=QColor("#b9b9b9"),
    line=QColor("#505050"),
    outline=QColor("#8c8c8c"),
    trough=QColor("#565656"),
    accent=QColor("#5b9bf0"),
    on_accent=QColor("#101010"),
    expert=QColor("#f2f2f2"),
    routine=QColor("#1c1c1c"),
    exclude=QColor("#8c8c8c"),
    warning=QColor("#5a4718"),
)


def current_theme() -> Theme:
    """Return the theme that the application's palette shows now."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def system_theme() -> Theme:
    """Return the theme that the system asks for."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT
