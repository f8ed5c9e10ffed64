"""Small buttons for actions."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton


def tool_button(action: QAction, *, text: bool = False) -> QToolButton:
    """Make a flat button for an action; without `text` its icon stands for it, and its tip says the key."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else Qt.ToolButtonStyle.ToolButtonIconOnly
    if action.icon().isNull():
        style = Qt.ToolButtonStyle.ToolButtonTextOnly
    button.setToolButtonStyle(style)
    button.setAccessibleName(plain_text(action))
    return button


def plain_text(action: QAction) -> str:
    """Return an action's words without the mark of its mnemonic."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


def tip_with_key(action: QAction) -> str:
    """Return an action's words, or its own tip, with its key behind them."""
    said = action.toolTip() or plain_text(action)
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{said} ({keys})" if keys and f"({keys})" not in said else said
