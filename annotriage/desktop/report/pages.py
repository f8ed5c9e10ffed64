"""The pages of a report, each drawn by one function."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage

from annotriage.desktop.report.pictures import Pictures
from annotriage.desktop.report.sheet import Sheet, line_height, make_font, text_width, wrapped
from annotriage.desktop.widgets.theme import LIGHT
from annotriage.scoring.overlays import sequential_colour
from annotriage.triage import report_words as words
from annotriage.triage.report_content import ReportContent, TopImage
from annotriage.wording import number_text

if TYPE_CHECKING:
    from annotriage.images import ImageFile

Page = Callable[[Sheet], None]
PicturesOf = Callable[["ImageFile"], Pictures]

_HEADING = 12.0
_TEXT = 9.5
_SMALL = 8.5
_GAP = 4.0
_IMAGES_A_PAGE = 4
_TOP_OF_IMAGES = 22.0
_CAPTIONS = 52.0
_UNREADABLE_LINES = 2


def pages(content: ReportContent, pictures_of: PicturesOf, width: float, height: float) -> list[Page]:
    """Lay a report out.

    Parameters
    ----------
    content : ReportContent
    pictures_of : callable
        An image -> its pictures; asked when the image's page is drawn.
    width, height : float
        Millimetres within the margins, the footer left out.
    """
    laid_out: list[Page] = [partial(_summary, content=content)]
    for start in range(0, len(content.top), _IMAGES_A_PAGE):
        part = content.top[start : start + _IMAGES_A_PAGE]
        laid_out.append(partial(_images, content=content, part=part, pictures_of=pictures_of))
    for number, entries in enumerate(_unreadable_parts(content, width, height)):
        laid_out.append(partial(_unreadable, content=content, entries=entries, is_first=number == 0))
    return laid_out


def footer(sheet: Sheet, page: int, count: int) -> None:
    """Write what stands at the foot of every page."""
    y = sheet.height
    sheet.line(0, y, sheet.width, y, LIGHT.line)
    sheet.text(0, y + 1.5, words.disclaimer(), points=_SMALL, colour=LIGHT.faint_text)
    sheet.text(0, y + 1.5, words.page_number(page, count), points=_SMALL, colour=LIGHT.faint_text, right=True)


# The first page


def _summary(sheet: Sheet, content: ReportContent) -> None:
    y = sheet.text(0, 0, words.title(), points=17, bold=True, most=2) + _GAP
    for caption, value in words.origin_rows(content):
        sheet.text(0, y, caption, points=_TEXT, colour=LIGHT.faint_text, width=_CAPTIONS)
        y = sheet.text(_CAPTIONS, y, value, points=_TEXT, most=3) + 1
    y += 2 * _GAP
    for caption, value in words.summary_rows(content):
        sheet.text(0, y, caption, points=_TEXT, width=_CAPTIONS * 1.4)
        y = sheet.text(_CAPTIONS, y, value, points=_TEXT, width=_CAPTIONS, right=True) + 1
        sheet.line(0, y, 2 * _CAPTIONS, y, LIGHT.line)
        y += 1
    y += 2 * _GAP
    y = sheet.text(0, y, words.histogram_title(), points=_HEADING, bold=True) + 1
    y = sheet.text(0, y, words.histogram_sentence(content), points=_TEXT, most=2) + _GAP
    if content.summary.scored:
        _histogram(sheet, y, 70, content)


def _histogram(sheet: Sheet, y: float, height: float, content: ReportContent) -> None:
    counts = content.counts.tolist()
    tallest, step, foot = max(counts) or 1, sheet.width / len(counts), y + height
    for share in (0.5, 1.0):
        level = foot - height * share
        sheet.line(0, level, sheet.width, level, LIGHT.line)
        label = number_text(round(tallest * share))
        sheet.text(0, level - line_height(7.5), label, points=7.5, colour=LIGHT.faint_text, right=True)
    for number, count in enumerate(counts):
        if count:
            bar = max(0.4, height * count / tallest)
            colour = QColor(*sequential_colour((number + 0.5) / len(counts)))
            sheet.rectangle(number * step + 0.1, foot - bar, step - 0.2, bar, colour)
    sheet.line(0, foot, sheet.width, foot, LIGHT.text)
    cut = sheet.width * content.cutoff
    sheet.line(cut, y, cut, foot, LIGHT.text, dashed=True)
    low, high = words.histogram_scale()
    sheet.text(0, foot + 1, low, points=_SMALL, colour=LIGHT.faint_text)
    sheet.text(0, foot + 1, high, points=_SMALL, colour=LIGHT.faint_text, right=True)


# The images


def _images(sheet: Sheet, content: ReportContent, part: list[TopImage], pictures_of: PicturesOf) -> None:
    # On every page: a page is often shown to others without the rest.
    y = sheet.text(0, 0, words.top_title(content), points=_HEADING, bold=True) + 1
    shown = [pictures_of(top.image) for top in part]
    maps = dict.fromkeys(spec for each in shown for spec in each.maps)
    for sentence in words.legend(list(maps), content):
        y = sheet.text(0, y, sentence, points=_SMALL, colour=LIGHT.faint_text, most=2)
    height = (sheet.height - _TOP_OF_IMAGES) / _IMAGES_A_PAGE
    for place, (top, pictures) in enumerate(zip(part, shown, strict=True)):
        _image(sheet, _TOP_OF_IMAGES + place * height, height - _GAP, top, pictures, content)


def _image(sheet: Sheet, y: float, height: float, top: TopImage, pictures: Pictures, content: ReportContent) -> None:
    room = height - line_height(7.5) - 1
    places = max(2, len(pictures.drawn))
    side = (sheet.width * 0.68 - (places - 1) * _GAP) / places
    for place, (picture, caption) in enumerate(pictures.drawn):
        x = place * (side + _GAP)
        if isinstance(picture, QImage):
            sheet.picture(x, y, side, room, picture)
        elif picture:
            sheet.rectangle(x, y, side, room, LIGHT.window)
            sheet.text(x + 3, y + 3, picture, width=side - 6, points=_SMALL, most=8)
        sheet.text(x, y + room + 1, caption, width=side, points=7.5, colour=LIGHT.faint_text)
    x = places * (side + _GAP)
    _facts(sheet, x, y, sheet.width - x, y + height, top, content)


def _facts(sheet: Sheet, x: float, y: float, width: float, end: float, top: TopImage, content: ReportContent) -> None:
    y = sheet.text(x, y, words.rank_text(top), width=width, points=_HEADING, bold=True)
    y = sheet.text(x, y, top.image.name, width=width, points=_SMALL, most=2) + 1
    sheet.rectangle(x, y, width, 1.4, LIGHT.line)
    sheet.rectangle(x, y, width * top.disagreement, 1.4, QColor(*sequential_colour(top.disagreement)))
    y += 3
    for caption, value in words.image_rows(top, content):
        used = text_width(caption, _SMALL) + 2
        sheet.text(x, y, caption, width=used, points=_SMALL, colour=LIGHT.faint_text)
        y = sheet.text(x + used, y, value, width=width - used, points=_SMALL, right=True)
    lines = int((end - y - 1) // line_height(_SMALL))
    if top.review.note and lines > 0:
        sheet.text(x, y + 1, top.review.note, width=width, points=_SMALL, most=lines)


# The unreadable images


def _unreadable_parts(content: ReportContent, width: float, height: float) -> list[list[tuple[str, str]]]:
    """Share the list among pages."""
    parts: list[list[tuple[str, str]]] = []
    left = 0.0
    for name, reason in content.unreadable:
        lines = len(wrapped(reason, make_font(_SMALL), width - _CAPTIONS - _GAP, _UNREADABLE_LINES))
        needed = lines * line_height(_SMALL) + 1
        if needed > left:
            parts.append([])
            left = height - 2 * line_height(_HEADING) - 2 * line_height(_SMALL)
        parts[-1].append((name, reason))
        left -= needed
    return parts


def _unreadable(sheet: Sheet, content: ReportContent, entries: list[tuple[str, str]], is_first: bool) -> None:
    y = 0.0
    if is_first:
        y = sheet.text(0, 0, words.unreadable_title(content), points=_HEADING, bold=True) + 2
    for name, reason in entries:
        sheet.text(0, y, name, width=_CAPTIONS, points=_SMALL)
        x = _CAPTIONS + _GAP
        y = sheet.text(x, y, reason, points=_SMALL, colour=LIGHT.faint_text, most=_UNREADABLE_LINES) + 1
    more = words.unlisted(content)
    if more is not None and entries and entries[-1] == content.unreadable[-1]:
        sheet.text(0, y + 1, more, points=_SMALL)
