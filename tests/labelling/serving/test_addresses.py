"""Addresses of tasks: what lies below the root is found, nothing else ever is."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.labelling.serving.addresses import (
    AddressError,
    MissingFileError,
    file_below,
    image_address,
    image_fields,
    local_part,
    on_server,
    origin,
)


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    """A root with a file, a folder, links inside and out; and secrets beside the root."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        (top / "root" / "photos").mkdir(parents=True)
        (top / "root-2").mkdir()
        for secret in (top / "secret.jpg", top / "root-2" / "secret.jpg"):
            secret.write_bytes(b"secret")
        (top / "root" / "photos" / "a b+ä%20.jpg").write_bytes(b"1234")
        os.symlink(top, top / "root" / "out")
        os.symlink(top / "secret.jpg", top / "root" / "out.jpg")
        os.symlink(top / "root" / "photos", top / "root" / "inside")
        os.symlink("loop", top / "root" / "loop")
        yield top


def test_a_name_with_any_letters_is_found(places: Path) -> None:
    address = "/data/local-files/?d=" + quote("photos/a b+ä%20.jpg")
    part = local_part(address)
    assert part == "photos/a b+ä%20.jpg"
    found = file_below(places / "root", part)
    assert (found.name, found.size) == ("photos/a b+ä%20.jpg", 4)
    assert local_part("http://studio.example:8080" + address) == part
    assert file_below(places / "root", "inside/a b+ä%20.jpg").size == 4


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_bytes_that_are_no_unicode_come_back_as_they_were(tmp_path: Path) -> None:
    raw = b"l\xe4sion.jpg"
    try:
        (tmp_path / os.fsdecode(raw)).write_bytes(b"1")
    except OSError:
        pytest.skip("this disk holds Unicode names only")
    part = local_part("/data/local-files/?d=" + quote(raw))
    assert part is not None and file_below(tmp_path, part).name == r"l\xe4sion.jpg"


@pytest.mark.parametrize(
    "part",
    [
        "../secret.jpg",
        "photos/../../secret.jpg",
        "../root-2/secret.jpg",
        "/etc/passwd",
        "//etc/passwd",
        "out/secret.jpg",
        "out.jpg",
        "photos/../photos/a b+ä%20.jpg",  # nobody who means well writes it so
    ],
)
def test_what_leads_out_is_refused(places: Path, part: str) -> None:
    with pytest.raises(AddressError, match="leads out") as refused:
        file_below(places / "root", part)
    assert not isinstance(refused.value, MissingFileError)


@pytest.mark.parametrize("part", ["photos", ".", "nothing.jpg", "loop", "a\0b", "x" * 5000, "photos/" + "y" * 300])
def test_what_is_no_file_is_refused(places: Path, part: str) -> None:
    with pytest.raises(AddressError):
        file_below(places / "root", part)


_STEPS = st.sampled_from(
    ["..", ".", "", "photos", "out", "out.jpg", "inside", "secret.jpg", "root-2", "%2e%2e", "..%2f", "\\", "\0", "~"]
)


@pytest.mark.slow
@given(st.lists(_STEPS | st.text(max_size=8), max_size=8).map("/".join), st.integers(0, 3))
def test_no_address_leads_out_however_it_is_written(places: Path, path: str, quoted: int) -> None:
    for _ in range(quoted):
        path = quote(path, safe="")
    try:
        part = local_part("/data/local-files/?d=" + path)
        found = file_below(places / "root", "" if part is None else part)
    except AddressError:
        return
    assert Path(os.path.realpath(found.path)).is_relative_to(places.resolve() / "root")
    assert found.path.read_bytes() != b"secret"


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused_in_words(text: str) -> None:
    for read in (local_part, origin, lambda given: on_server(given, "http://studio.example:8080")):
        try:
            read(text)
        except AddressError as error:
            assert str(error).endswith((".", ")."))


SERVER = "http://studio.example:8080"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("/data/upload/1/a.jpg", f"{SERVER}/data/upload/1/a.jpg"),
        (f"{SERVER}/data/upload/1/a.jpg", f"{SERVER}/data/upload/1/a.jpg"),
        ("http://STUDIO.example:8080/x", "http://STUDIO.example:8080/x"),
    ],
)
def test_what_lies_on_the_server_is_fetched(address: str, whole: str) -> None:
    assert on_server(address, SERVER) == whole


def test_a_server_below_a_path() -> None:
    server = "https://team.example/studio"
    assert on_server("/data/upload/1/a.jpg", server) == f"{server}/data/upload/1/a.jpg"
    assert on_server("/studio/data/upload/1/a.jpg", server) == f"{server}/data/upload/1/a.jpg"


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8080/x",
        "http://studio.example/x",
        "https://studio.example:8080/x",
        "http://studio.example:8080@evil.example/x",
        "http://user@studio.example:8080/x",
        "http://studio.example.evil.example:8080/x",
        "//evil.example/x",
        "/\\evil.example/x",
        "file:///etc/passwd",
        "s3://bucket/a.jpg",
        "data:image/png;base64,AAAA",
        "ftp://studio.example/x",
        "http://studio.example:99999/x",
        "http://[::1",
        "photos/a.jpg",
        "",
    ],
)
def test_no_other_server_is_asked(address: str) -> None:
    with pytest.raises(AddressError):
        on_server(address, SERVER)


def test_the_labelling_set_up_says_which_field_is_the_image() -> None:
    config = '<View><Image name="i" value="$photo"/><Image name="c" value="$clinical"/><Text value="$image"/></View>'
    assert image_fields(config) == ["photo", "clinical"]
    assert image_fields("no xml <") == [] and image_fields('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>') == []
    data = {"photo": "/data/upload/1/a.jpg", "clinical": "/data/upload/1/b.jpg", "image": "x"}
    assert image_address(data, ["photo"]) == "/data/upload/1/a.jpg"
    with pytest.raises(AddressError, match=r"clinical, photo.*--field"):
        image_address(data, ["photo", "clinical"])
    assert image_address({"image": "x", "y": "/data/1"}, []) == "x"
    assert image_address({"url": "/data/upload/1/a.jpg", "name": "a"}, []) == "/data/upload/1/a.jpg"
    for nothing in (None, [], {}, {"name": "a"}, {"image": 3}):
        with pytest.raises(AddressError):
            image_address(nothing, [])
