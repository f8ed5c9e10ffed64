"""Whatever a tool makes of an image's name, it is found again."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.annotations.image_names import file_of, image_of


@pytest.mark.parametrize(
    ("address", "image"),
    [
        ("a.jpg", "a"),
        ("a", "a"),
        (" a.JPG ", "a"),
        ("visit.2.jpg", "visit.2"),
        ("lesions/a.png.jpg", "lesions/a"),
        ("./lesions/a.jpg", "lesions/a"),
        ("../lesions//a.jpg", "lesions/a"),
        (r"..\images\a b.jpg", "images/a b"),
        (r"C:\lesions\a.jpg", "lesions/a"),
        ("/home/bob/a.jpg", "home/bob/a"),
        # A plain name's per cent signs are its own.
        ("a%201.jpg", "a%201"),
        ("50%.jpg", "50%"),
        # Label Studio
        ("/data/local-files/?d=lesions/a%201.jpg", "lesions/a 1"),
        ("/data/local-files/?d=lesions/a 1.jpg", "lesions/a 1"),
        ("/data/local-files/?d=lesions%2Fa%26b%20%23%3F.jpg", "lesions/a&b #?"),
        ("/data/local-files/?d=a%2520.jpg", "a%20"),
        ("/data/local-files/?d=100%25.jpg", "100%"),
        ("/data/local-files/?d=a+b.jpg", "a+b"),
        ("/data/local-files/?d=a & b.jpg", "a & b"),
        ("/data/local-files/?d=a.jpg&v=3", "a"),
        ("/data/local-files/?v=3&d=a.jpg", "a"),
        (r"/data/local-files/?d=lesions\a.jpg", "lesions/a"),
        ("http://localhost:8080/data/local-files/?d=lesions/a.jpg", "lesions/a"),
        ("/data/local-files/?d=%C3%BC 1.png", "ü 1"),
        ("/data/upload/1/0a1b2c3d-a.jpg", "a"),
        ("/data/upload/2/0a1b2c3d-ISIC_0000004.JPG", "ISIC_0000004"),
        ("http://localhost:8080/data/upload/1/0a1b2c3d-a%201.jpg", "a 1"),
        ("/data/upload/1/a.jpg", "a"),
        # Stores: per cent signs are the key's own
        ("s3://bucket/lesions/a%20#1.jpg", "lesions/a%20#1"),
        ("gs://bucket/a.jpg", "a"),
        ("azure-blob://container/lesions/a.jpg", "lesions/a"),
        # The web
        ("https://host/lesions/a%20b.jpg?sig=1&x=y.png#top", "lesions/a b"),
        ("https://host/x/deadbeef-9.jpg?sig=1", "x/deadbeef-9"),
        ("https://host/view?id=3&file=lesions%2Fa.jpg", "lesions/a"),
        ("file:///home/bob/a%20b.jpg", "home/bob/a b"),
        ("file:///C:/lesions/a.jpg", "lesions/a"),
        # None
        ("data:image/png;base64,iVBORw0KGgo=", ""),
        ("", ""),
        ("/", ""),
        ("http://[oops/a.jpg", "http:/[oops/a"),
    ],
)
def test_addresses_lead_to_names(address: str, image: str) -> None:
    assert image_of(address) == image


def test_composed_and_decomposed_letters_are_one() -> None:
    assert image_of("u\u0308ber.jpg") == image_of("\u00fcber.jpg") == "\u00fcber"


NAMES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\"), min_size=1, max_size=12).map(
    lambda name: image_of(f"x{name}.jpg")
)


@given(NAMES)
def test_what_label_studio_is_told_comes_back(name: str) -> None:
    assert image_of(f"/data/local-files/?d={quote(f'lesions/{name}.jpg')}") == f"lesions/{name}"
    assert file_of(f"https://host/{quote(name)}.jpg") == f"{name}.jpg"


@given(st.text())
def test_no_address_breaks_anything(address: str) -> None:
    for each in (address, f"http://{address}", f"/data/{address}", f"/data/local-files/?d={address}"):
        assert not {".", "..", ""}.intersection(image_of(each).split("/")) or image_of(each) in ("", ".", "..")
