"""Numbers as the window's sentences hold them."""

from PySide6.QtCore import QCoreApplication


def number_text(count: int) -> str:
    """Write a whole number with its thousands apart: 2,681."""
    return f"{count:,}"


def images_text(count: int) -> str:
    """Write a number of images: '1 image', '2,681 images'."""
    if count == 1:
        return QCoreApplication.translate("Counting", "1 image")
    return QCoreApplication.translate("Counting", "{count} images").format(count=number_text(count))


def percent_text(part: int, whole: int) -> str:
    """Write a share in percent: below 10 % with a decimal, which a budget of a few percent is about.

    A few of many are not '0 %', nearly all are not '100 %'.
    """
    if whole == 0 or part == 0:
        return "0 %"
    percent = 100 * part / whole
    if percent < 9.95:
        return f"{max(percent, 0.1):.1f} %"
    return f"{min(round(percent), 100 if part == whole else 99)} %"
