import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QPageSize
from pytestqt.qtbot import QtBot

from annotriage.desktop.report.pdf import write_report
from annotriage.errors import AnnotriageError
from annotriage.images import ImageFile
from annotriage.scoring.prediction import Prediction
from annotriage.triage.catalogue import Catalogue
from annotriage.triage.decisions import Decision, Review
from annotriage.triage.report_content import MOST_UNREADABLE, ReportContent, report_content
from tests.desktop.report.pdf_text import page_size, page_texts
from tests.tiny_models import tiny_card

pytestmark = pytest.mark.usefixtures("qapp")
NOW = datetime(2026, 3, 4, 5, 6)


def no_maps(image: ImageFile) -> None:
    return None


def with_maps(image: ImageFile) -> Prediction:
    lesion = np.full((24, 24), 0.02, dtype=np.float32)
    lesion[8:16, 8:16] = 0.98
    heatmap = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
    return Prediction(image.path, 0.3, maps={"heatmap": heatmap, "lesion": lesion})


def content(catalogue: Catalogue, **options: object) -> ReportContent:
    return report_content(catalogue, tiny_card(), cutoff=0.5, created=NOW, **options)  # type: ignore[arg-type]


def written(content: ReportContent, folder: Path) -> list[str]:
    path = folder / "report.pdf"
    assert write_report(content, path, maps_of=with_maps, page_size=QPageSize.PageSizeId.A4)
    return page_texts(path)


def test_the_first_page_says_where_it_comes_from_and_sums_up(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.set_reviews({"0.png": Review(Decision.EXPERT), "1.png": Review(Decision.ROUTINE)})
    first = written(content(catalogue), tmp_path)[0]
    assert "4 March 2026, 05:06" in first
    assert "A tiny model for tests, version 1.0" in first
    assert "0.080 mean absolute error" in first and "0.150 by always guessing the median" in first.replace("\n", " ")
    assert "1 (8.3 %)" in first and "10 (83 %)" in first
    assert "6 of 12 images have a predicted disagreement of 0.50 or more" in first


def test_every_page_is_numbered_and_says_that_it_is_no_diagnosis(catalogue: Catalogue, tmp_path: Path) -> None:
    texts = written(content(catalogue), tmp_path)
    assert len(texts) == 1 + 3
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of 4" in text
        assert "Predicted from the image alone; not a diagnosis." in text


def test_images_come_with_rank_numbers_and_what_was_said(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.set_reviews({"0.png": Review(Decision.EXPERT, "Dr Moss", "Hair over\nthe border")})
    _, images = written(content(catalogue, top=2), tmp_path)
    assert "The most contentious images: 2 of 12" in images
    lines = images.split("\n")
    assert {"Rank 1", "0.png", "0.90", "0.10", "Its interval (90 %)", "0.80 – 1.00", "Expert review", "Dr Moss",
            "Hair over", "the border", "Rank 2", "1.png"} <= set(lines)  # fmt: skip
    assert "2.png" not in lines


def test_top_images_can_come_from_a_choice_and_keep_their_rank(catalogue: Catalogue, tmp_path: Path) -> None:
    _, images = written(content(catalogue, rows=np.array([9, 4])), tmp_path)
    assert "The most contentious images: 2 of 2" in images
    assert images.index("Rank 5") < images.index("Rank 10")


def test_long_names_and_notes_stay_in_their_place(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.set_reviews({"0.png": Review(Decision.EXPERT, "N" * 300, "word " * 2000 + "END")})
    _, images = written(content(catalogue, top=1), tmp_path)
    lines = images.split("\n")
    assert any(line.startswith("NNN") and line.endswith("…") for line in lines)
    note = [line for line in lines if line.startswith("word")]
    assert 2 <= len(note) <= 12
    assert note[-1].endswith("…") and "END" not in images


def test_without_any_image_or_model_it_is_one_page(tmp_path: Path) -> None:
    empty = report_content(Catalogue(tmp_path, []), None, cutoff=0.5, created=NOW)
    path = tmp_path / "report.pdf"
    write_report(empty, path, maps_of=no_maps)
    (text,) = page_texts(path)
    assert "No image is scored yet." in text and "not known" in text


@pytest.mark.slow
def test_unreadable_images_are_listed_up_to_a_bound(catalogue: Catalogue, tmp_path: Path) -> None:
    many = [
        ImageFile(tmp_path / f"{n}.jpg", f"{n}.jpg", 0, 0, "It is damaged: " + "far too long " * n) for n in range(2000)
    ]
    texts = written(content(Catalogue(tmp_path, many)), tmp_path)
    assert len(texts) < 12
    assert "Images that cannot be read: 2,000" in texts[1]
    listed = sum(line.endswith(".jpg") for text in texts for line in text.split("\n"))
    assert listed == MOST_UNREADABLE
    assert texts[-1].count("And 1,800 more.") == 1
    assert not any("more." in text for text in texts[:-1])


def test_an_image_that_went_away_leaves_a_sentence(catalogue: Catalogue, folder: Path, tmp_path: Path) -> None:
    (folder / "0.png").unlink()
    _, images = written(content(catalogue, top=2), tmp_path)
    assert "Cannot be shown now" in images
    assert "Rank 2" in images


def test_pictures_are_in_it_and_captions_fit_what_the_model_gives(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_report(content(catalogue, top=1), path, maps_of=with_maps)
    assert path.read_bytes().count(b"/Subtype /Image") == 2
    assert "Where the border is uncertain" in page_texts(path)[1]
    write_report(content(catalogue, top=1), path, maps_of=no_maps)
    assert path.read_bytes().count(b"/Subtype /Image") == 1
    assert "Where the border is uncertain" not in page_texts(path)[1]


@pytest.mark.parametrize(("lesion", "heatmap"), [(True, True), (False, True), (True, False), (False, False)])
def test_only_what_is_drawn_is_explained(catalogue: Catalogue, tmp_path: Path, lesion: bool, heatmap: bool) -> None:
    def maps(image: ImageFile) -> Prediction:
        shown = {"heatmap": heatmap, "lesion": lesion}
        return Prediction(
            image.path, 0.3, maps={name: map_ for name, map_ in with_maps(image).maps.items() if shown[name]}
        )

    write_report(content(catalogue, top=1), tmp_path / "report.pdf", maps_of=maps)
    text = " ".join(page_texts(tmp_path / "report.pdf")[1].split())
    assert ("cyan" in text) == lesion and ("red places" in text) == heatmap


def test_progress_is_told_and_a_stop_leaves_the_old_file(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")
    stop = threading.Event()
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        stop.set()

    assert not write_report(content(catalogue), path, maps_of=no_maps, progress=progress, stop=stop)
    assert path.read_bytes() == b"old"
    assert told == [(1, 12), (2, 12), (3, 12), (4, 12)]  # the page that was begun is finished
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["report.pdf"]


def test_a_folder_that_is_not_there_is_a_sentence(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(AnnotriageError, match=r"gone.*cannot be written"):
        write_report(content(catalogue, top=0), tmp_path / "gone" / "report.pdf", maps_of=no_maps)


def test_it_is_a4_or_letter(catalogue: Catalogue, tmp_path: Path) -> None:
    for size, points in ((QPageSize.PageSizeId.A4, (595, 842)), (QPageSize.PageSizeId.Letter, (612, 792))):
        path = tmp_path / "report.pdf"
        write_report(content(catalogue), path, maps_of=no_maps, page_size=size)
        assert page_size(path) == pytest.approx(points, abs=1)
        assert "Page 4 of 4" in page_texts(path)[-1]


def test_it_can_be_written_in_another_thread(qtbot: QtBot, catalogue: Catalogue, tmp_path: Path) -> None:
    still = content(catalogue)
    done: list[bool] = []
    path = tmp_path / "report.pdf"
    thread = threading.Thread(target=lambda: done.append(write_report(still, path, maps_of=with_maps)))
    thread.start()
    qtbot.waitUntil(lambda: bool(done))
    thread.join()
    assert "Rank 12" in page_texts(path)[-1]
