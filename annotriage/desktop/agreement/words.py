"""Numbers of masks and people, and how long it takes, as the sentences hold them."""

from PySide6.QtCore import QCoreApplication

from annotriage.desktop.counting import images_text, number_text


def _tr(text: str) -> str:
    return QCoreApplication.translate("Agreement", text)


def masks_text(count: int) -> str:
    """Write a number of masks: '1 mask', '2,681 masks'."""
    return _tr("1 mask") if count == 1 else _tr("{count} masks").format(count=number_text(count))


def annotators_text(count: int) -> str:
    """Write a number of annotators."""
    return _tr("1 annotator") if count == 1 else _tr("{count} annotators").format(count=number_text(count))


def looks_text(count: int) -> str:
    """Say how many rows a person should look at."""
    if not count:
        return _tr("nothing needs a look")
    return _tr("1 row needs a look") if count == 1 else _tr("{count} rows need a look").format(count=number_text(count))


def counts_text(images: int, annotators: int) -> str:
    """Write '312 images, 3 annotators'; no annotators where none is named."""
    if not annotators:
        return images_text(images)
    return f"{images_text(images)}, {annotators_text(annotators)}"
