import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotriage.names import READ_ENDINGS, as_unicode, counted, stem_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("ISIC_0000004.JPG", "ISIC_0000004"),
        ("ISIC_0000004", "ISIC_0000004"),
        ("sub/ISIC_0000004.png.jpg", "ISIC_0000004"),
        (r"C:\images\ISIC_0000004.jpeg", "ISIC_0000004"),
        ("./a.tiff", "a"),
        *((f"a{ending}", "a") for ending in sorted(READ_ENDINGS)),
        ("visit.2.jpg", "visit.2"),
        (".jpg", ".jpg"),
        ("folder/.png", ".png"),
        ("", ""),
    ],
)
def test_names_of_one_image_have_one_stem(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@pytest.mark.slow
@given(st.text(st.characters(exclude_categories=["Z", "C"])))
def test_a_stem_is_its_own_stem(name: str) -> None:
    assert stem_of(stem_of(name)) == stem_of(name)


@pytest.mark.parametrize(
    ("plural", "one", "many"),
    [
        ("images", "1 image", "2,681 images"),
        ("images that are not in this folder", "1 image that is not in this folder", None),
        ("images have a label", "1 image has a label", None),
        ("lines that could mean several images", "1 line that could mean several images", None),
        ("labelled images without metadata; each counts", "1 labelled image without metadata; each counts", None),
        ("labels that were used twice", "1 label that was used twice", None),
        ("images whose decision is none of these", "1 image whose decision is none of these", None),
        ("different patients or lesions", "1 different patient or lesion", None),
        ("contentious images", "1 contentious image", None),
        ("entries of the list", "1 entry of the list", None),
    ],
)
def test_things_are_counted_in_a_sentence(plural: str, one: str, many: str | None) -> None:
    assert counted(1, plural) == one
    assert counted(2681, plural) == (many or f"2,681 {plural}")
    assert counted(0, plural) == f"0 {plural}"


def test_names_that_are_no_unicode_are_spelled_out() -> None:
    assert as_unicode(os.fsdecode(b"l\xe4sion/\xc3\xbc")) == "l\\xe4sion/ü"
