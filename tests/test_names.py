import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.names import stem_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("ISIC_0000004.JPG", "ISIC_0000004"),
        ("ISIC_0000004", "ISIC_0000004"),
        ("sub/ISIC_0000004.png.jpg", "ISIC_0000004"),
        (r"C:\images\ISIC_0000004.jpeg", "ISIC_0000004"),
        ("./a.tiff", "a"),
        ("visit.2.jpg", "visit.2"),
        (".jpg", ".jpg"),
        ("folder/.png", ".png"),
        ("", ""),
    ],
)
def test_names_of_one_image_have_one_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@given(st.text(st.characters(exclude_categories=["Z", "C"])))
def test_a_stem_is_its_own_stem(name: str) -> None:
    assert stem_of(stem_of(name)) == stem_of(name)
