"""Reach a widget by its object name, as style sheets and assistive programs do, and not by private attributes."""

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

Kind = TypeVar("Kind", bound=QObject)


def find(root: QObject, name: str, kind: type[Kind] = QWidget) -> Kind:
    """Return the one widget (or action, or model) of this name below another, whether it is shown or not.

    Raises
    ------
    AssertionError
        There is none, or there are several; the sentence lists the names that there are.
    """
    found = root.findChildren(kind, name)
    if len(found) == 1:
        return found[0]
    names = {each.objectName() for each in root.findChildren(kind)} - {""}
    known = ", ".join(sorted(each for each in names if not each.startswith("qt_")))
    raise AssertionError(f"{len(found)} of {kind.__name__} are named {name!r}; there are {known or 'no names'}")
