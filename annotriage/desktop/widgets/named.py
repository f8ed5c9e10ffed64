"""The names of widgets: what style sheets and tests find them by."""

from typing import TypeVar

from PySide6.QtCore import QObject

Kind = TypeVar("Kind", bound=QObject)


def named(what: Kind, name: str) -> Kind:
    """Return a widget, or another object of Qt, under a name of its own in its window or its page."""
    what.setObjectName(name)
    return what
