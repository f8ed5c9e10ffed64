import sys
from pathlib import Path

import pytest

from annotriage.desktop.crash.report import redacted, report_text, traceback_text
from annotriage.errors import AnnotriageError

HOME = str(Path.home())


@pytest.mark.parametrize(
    "text",
    [
        "cannot read /data/jane doe/lesion 1.jpg: permission denied",
        "[Errno 2] No such file or directory: '/data/jane doe'",
        'opened "jane doe/batch 7/x.png" and more',
        r"C:\patients\jane\doe.TIFF is broken",
        r"\\server\share\jane\x",
        "jane.jpeg has no pixels",
        "'jane doe.png' and 'also jane.heic'",
        "the folder /mnt/jane vanished",
        "{'/home/other/jane': 3}",
    ],
)
def test_no_name_of_the_users_is_in_it(text: str) -> None:
    assert "jane" not in redacted(text)
    assert "doe" not in redacted(text)


@pytest.mark.parametrize("text", ["scored 12 of 2,681 images at 58.1/s", "n/a", "1/2 done", "and/or", "ratio 3:4"])
def test_what_is_no_name_stays(text: str) -> None:
    assert redacted(text) == text


def test_the_programs_own_paths_stay_but_not_whose_home_they_are_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", f"{HOME}/venv")
    text = redacted(f'File "{HOME}/venv/lib/annotriage/x.py", line 3')
    assert text == 'File "~/venv/lib/annotriage/x.py", line 3'


def test_a_very_long_line_takes_no_time_and_is_cut() -> None:
    assert len(redacted("/" * 50_000 + "'" * 50_000)) <= 2000


def test_a_traceback_names_places_in_the_code_and_what_led_to_it() -> None:
    try:
        try:
            raise FileNotFoundError(2, "No such file", "/data/jane.jpg")
        except OSError as error:
            raise AnnotriageError("jane.jpg is gone") from error
    except AnnotriageError as error:
        text = traceback_text(error)
    assert text.index("FileNotFoundError") < text.index("This was the cause of") < text.index("AnnotriageError")
    assert "test_report.py" in text
    assert "raise AnnotriageError" in text  # the code as it stands
    assert text.rstrip().endswith("AnnotriageError: <image> is gone")


def test_the_report_holds_versions_problems_and_the_end_of_the_log() -> None:
    text = report_text(["1 ×\nValueError: x"], [f"line {number}" for number in range(500)] + ["read a.jpg"])
    assert "Annotriage: 0." in text
    assert "ValueError: x" in text
    assert "line 499" in text
    assert "line 3\n" not in text
    assert "a.jpg" not in text
