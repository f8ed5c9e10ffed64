"""Put a theme on the program: light, dark, or whatever the system shows."""

from typing import Literal, get_args

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QToolTip

from annotriage.desktop.widgets.theme import DARK, LIGHT, Theme, system_theme

ThemeChoice = Literal["system", "light", "dark"]
THEME_CHOICES: tuple[ThemeChoice, ...] = get_args(ThemeChoice)


def apply_theme(app: QApplication, choice: ThemeChoice) -> None:
    """Show the program in a theme from now on; with 'system' it goes along when the system changes."""
    keeper = app.findChild(_ThemeKeeper)
    if keeper is None:
        keeper = _ThemeKeeper(app)
        app.setStyle("Fusion")  # the one style that looks alike everywhere and takes all its colours from the palette
    keeper.choose(choice)


def motion_allowed() -> bool:
    """Return whether things may move on the screen: not where the system asks for less motion."""
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "accessibility"):  # from Qt 6.10
        wish = getattr(hints.accessibility(), "motionPreference", None)
        if wish is not None and wish().name == "ReducedMotion":
            return False
    style = QApplication.style()
    return style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


class _ThemeKeeper(QObject):
    """Holds the choice, and listens to the system."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._choice: ThemeChoice = "system"
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: ThemeChoice) -> None:
        """Show a theme."""
        self._choice = choice
        hints = QGuiApplication.styleHints()
        # Tells the system, too, so that it draws the window's frame to match.
        match choice:
            case "light":
                hints.setColorScheme(Qt.ColorScheme.Light)
            case "dark":
                hints.setColorScheme(Qt.ColorScheme.Dark)
            case "system":
                hints.unsetColorScheme()
        self._follow()

    def _follow(self) -> None:
        theme = {"light": LIGHT, "dark": DARK}.get(self._choice) or system_theme()
        _show(theme)


def _show(theme: Theme) -> None:
    palette, boxes, bars = theme.palette(), theme.box_palette(), theme.scroll_palette()
    if (QApplication.palette(), _palette_of("QCheckBox"), _palette_of("QScrollBar")) != (palette, boxes, bars):
        QApplication.setPalette(palette)
        QToolTip.setPalette(palette)
        for kind, own in (("QCheckBox", boxes), ("QRadioButton", boxes), ("QSlider", boxes), ("QScrollBar", bars)):
            QApplication.setPalette(own, kind)  # type: ignore[arg-type]  # which takes no bytes but text


def _palette_of(kind: str) -> QPalette:
    return QApplication.palette(kind)  # type: ignore[call-overload, no-any-return]
