import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning

from annotriage.desktop.crash import log_book
from annotriage.desktop.crash.log_book import MOST_ENTRIES, LogBook


@pytest.fixture
def book(own_home: Path) -> Iterator[LogBook]:
    book = LogBook()
    before = logging.getLogger().level
    book.start()
    yield book
    book.stop()
    logging.getLogger().setLevel(before)


def last(book: LogBook) -> str:
    return book.entries()[-1].text


def test_records_are_in_memory_and_in_the_file(book: LogBook, own_home: Path) -> None:
    logging.getLogger("annotriage.x").info("scored %d images", 12)
    assert "INFO" in last(book)
    assert last(book).endswith("annotriage.x: scored 12 images")
    assert (own_home / "logs" / "annotriage.log").read_text(encoding="utf-8") == last(book) + "\n"


def test_what_qt_and_pythons_warnings_say_is_there_too(book: LogBook) -> None:
    qWarning("Qt is not amused")
    assert last(book).endswith("qt: Qt is not amused")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", stacklevel=1)
    assert "old ways" in last(book)


def test_tracebacks_are_kept(book: LogBook) -> None:
    try:
        raise KeyError("zebra")
    except KeyError:
        logging.getLogger("annotriage").exception("nobody caught this")
    assert "Traceback" in last(book)
    assert "KeyError: 'zebra'" in last(book)


def test_a_message_that_does_not_fit_its_arguments_is_kept_nonetheless(book: LogBook) -> None:
    book.handle(logging.LogRecord("annotriage", logging.WARNING, __file__, 1, "%d images", ("many",), None))
    assert "%d images" in last(book)


def test_memory_is_bounded(book: LogBook) -> None:
    for number in range(MOST_ENTRIES + 50):
        logging.getLogger("annotriage").info("%d", number)
    assert len(book.entries()) == MOST_ENTRIES
    assert book.entries()[0].text.endswith(": 50")
    assert book.written >= MOST_ENTRIES + 50


def test_files_are_few_and_small(book: LogBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_book, "LARGEST_FILE", 500)
    for number in range(60):
        logging.getLogger("annotriage").info("record %d", number)
    files = sorted(path.name for path in book.path.parent.iterdir())
    assert files == ["annotriage.log", "annotriage.log.1", "annotriage.log.2"]
    texts = [(book.path.parent / name).read_text(encoding="utf-8") for name in files]
    assert all(len(text) <= 500 for text in texts)
    kept = "".join(reversed(texts)).splitlines()
    assert kept == [entry.text for entry in book.entries()][-len(kept) :]  # the newest, in order, none lost between


def test_where_the_file_cannot_be_written_memory_is_enough(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    book = LogBook(tmp_path / "logs" / "annotriage.log")
    book.start()
    try:
        logging.getLogger("annotriage").warning("still heard")
    finally:
        book.stop()
    texts = [entry.text for entry in book.entries()]
    assert texts[0].endswith("still heard")
    assert "cannot be written" in texts[1]
    assert not book.in_file


def test_names_that_are_no_text_can_be_logged(book: LogBook) -> None:
    logging.getLogger("annotriage").info("caf\udce9.jpg")
    assert book.in_file
    assert "caf\\udce9.jpg" in book.path.read_text(encoding="utf-8")


def test_after_the_stop_nothing_is_taken_in(own_home: Path) -> None:
    book = LogBook()
    book.start()
    book.stop()
    logging.getLogger("annotriage").error("too late")
    assert book.entries() == []
