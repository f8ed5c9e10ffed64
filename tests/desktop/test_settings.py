import os
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from annotriage.desktop.settings import MOST_RECENT, TILE_SIZES, RecentFolder, Setting, Settings
from annotriage.triage.sort_keys import SortKey


@pytest.fixture
def file(own_home: Path) -> Path:
    return own_home / "settings.ini"


def test_what_is_set_is_there_at_the_next_start(file: Path) -> None:
    before = Settings()
    before.geometry = QByteArray(b"\x00\x01,;\xff")
    before.window_state = QByteArray(b"state")
    before.theme = "dark"
    before.view = "table"
    before.tile_size = 256
    before.sort_key = SortKey.NAME
    before.sort_reversed = True
    before.overlays = ["heatmap", "band, light"]
    before.overlay_opacity = 0.25
    before.last_export = Path("/data/out, ü")
    before.save()
    assert file.is_file()
    after = Settings()
    assert after.geometry == QByteArray(b"\x00\x01,;\xff")
    assert after.window_state == QByteArray(b"state")
    assert (after.theme, after.view, after.tile_size) == ("dark", "table", 256)
    assert (after.sort_key, after.sort_reversed) == (SortKey.NAME, True)
    assert (after.overlays, after.overlay_opacity) == (["heatmap", "band, light"], 0.25)
    assert after.last_export == Path("/data/out, ü")


def test_another_setting_is_a_line(file: Path) -> None:
    class More(Settings):
        columns = Setting("table/columns", lambda value: int(value or 3))

    assert More().columns == 3
    before = More()
    before.columns = 5
    before.save()
    assert More().columns == 5


def assert_defaults(settings: Settings) -> None:
    assert settings.geometry is None
    assert settings.window_state is None
    assert (settings.theme, settings.view, settings.tile_size) == ("system", "grid", 192)
    assert (settings.sort_key, settings.sort_reversed) == (SortKey.DISAGREEMENT, False)
    assert (settings.overlays, settings.overlay_opacity) == ([], 0.6)
    assert settings.last_export is None
    assert settings.recent_folders() == []


def test_defaults() -> None:
    assert_defaults(Settings())


@pytest.mark.parametrize("value", ["", "nan", "-", "{", "[1, 2", "a, b, c", "@ByteArray()", '"[[1], {}]"', "[" * 9999])
def test_values_that_make_no_sense_are_the_defaults(file: Path, value: str) -> None:
    keys = {
        "window": ("geometry", "state", "theme"),
        "gallery": ("view", "tile_size", "sort", "reversed"),
        "inspector": ("overlays", "opacity"),
        "work": ("last_export", "recent"),
    }
    lines = [f"[{group}]\n" + "".join(f"{key}={value}\n" for key in names) for group, names in keys.items()]
    file.write_text("".join(lines), encoding="utf-8")
    assert_defaults(Settings())


def test_numbers_stay_within_their_range(file: Path) -> None:
    file.write_text("[gallery]\ntile_size=100000\n", encoding="utf-8")
    assert Settings().tile_size == TILE_SIZES[1]


@pytest.mark.parametrize("cut_off", ["-3", "NaN", '"much"', "[0.5]", "2"])
def test_work_that_makes_no_sense_is_not_known(file: Path, tmp_path: Path, cut_off: str) -> None:
    Settings().remember_folder(tmp_path, 3)
    Settings().remember_work(tmp_path, 2, 0.25)
    text = file.read_text(encoding="utf-8")
    assert "0.25" in text
    file.write_text(text.replace("0.25", cut_off.replace('"', '\\"')), encoding="utf-8")
    assert Settings().recent_folder(tmp_path).cut_off is None


def test_how_far_the_work_on_a_folder_is_stays_when_it_is_opened_again(tmp_path: Path) -> None:
    settings = Settings()
    settings.remember_folder(tmp_path, 12)
    settings.remember_work(tmp_path, 5, 0.3)
    settings.remember_folder(tmp_path / "other")
    settings.remember_folder(tmp_path)
    assert settings.recent_folders()[0] == RecentFolder(tmp_path.resolve(), 12, 5, 0.3)
    settings.remember_work(tmp_path / "unknown", 1, None)
    assert len(settings.recent_folders()) == 2


def test_a_damaged_file_is_put_aside_and_written_anew(file: Path) -> None:
    file.write_bytes(b"[window\ntheme=dark\n\x00\xff]==[[")
    settings = Settings()
    assert_defaults(settings)
    settings.theme = "light"
    settings.save()
    assert Settings().theme == "light"
    assert file.with_name("settings.ini.damaged").read_bytes().startswith(b"[window")


def test_where_the_file_cannot_be_written_settings_last_as_long_as_the_program(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    settings = Settings(tmp_path / "blocked" / "settings.ini")
    settings.theme = "dark"
    settings.save()
    assert settings.theme == "dark"


def test_recent_folders_are_few_unique_and_the_last_one_first(tmp_path: Path) -> None:
    settings = Settings()
    folders = [tmp_path / str(number) for number in range(MOST_RECENT + 3)]
    for folder in folders:
        folder.mkdir()
        settings.remember_folder(folder)
    (tmp_path / "link").symlink_to(folders[5])
    settings.remember_folder(tmp_path / "link", 12)
    settings.save()
    recent = Settings().recent_folders()
    assert recent[0] == RecentFolder(folders[5].resolve(), 12)
    assert [folder.path for folder in recent[1:3]] == [folders[-1], folders[-2]]
    assert len(recent) == len({folder.path for folder in recent}) == MOST_RECENT


def test_a_folder_is_forgotten(tmp_path: Path) -> None:
    settings = Settings()
    settings.remember_folder(tmp_path / "a")
    settings.remember_folder(tmp_path / "b")
    settings.forget_folder(tmp_path / "a")
    assert [folder.path.name for folder in settings.recent_folders()] == ["b"]


def test_names_that_are_no_text_come_back(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    settings = Settings()
    settings.remember_folder(folder)
    settings.save()
    assert Settings().recent_folders() == [RecentFolder(folder)]
