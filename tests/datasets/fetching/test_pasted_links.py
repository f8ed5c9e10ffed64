"""Addresses of Google Drive as people paste them."""

import pytest

from annotriage.datasets.fetching.drive_links import meant_by, names_apart
from annotriage.errors import AnnotriageError

ID = "1AbCdEfGhIjKlMnOpQrStUvWx_0000000"


@pytest.mark.parametrize(
    "pasted",
    [
        f"https://drive.usercontent.google.com/download?id={ID}&export=download&confirm=t",
        f"drive.google.com/file/d/{ID}/view",
        ID,
        f" {ID}\n",
        f"<https://drive.google.com/open?id={ID}>",
        f'"https://drive.google.com/file/d/{ID}/view?usp=sharing"',
        f"HTTPS://DRIVE.GOOGLE.COM/file/d/{ID}/view".replace("FILE", "file"),
    ],
)
def test_what_people_paste_is_understood(pasted: str) -> None:
    assert meant_by(pasted) == ("file", ID)


@pytest.mark.parametrize("pasted", ["http://[", "https://[::1", "https://example.org/file/d/" + ID, "drive", "", "<>"])
def test_what_is_no_link_is_a_sentence(pasted: str) -> None:
    with pytest.raises(AnnotriageError, match="is no"):
        meant_by(pasted)


NAMES = ["//srv/x", "C:/x", "C:x", "/etc/passwd", "..\\..\\x", "a/../../x", "\\\\srv\\x", "", "..", "/"]


@pytest.mark.parametrize("name", NAMES)
def test_names_lead_nowhere_else(name: str) -> None:
    ((_, path),) = names_apart([("id", name)])
    assert path and not path.startswith("/") and ":" not in path and "\\" not in path and ".." not in path.split("/")
