from annotriage.annotations.formats.listed import FORMATS


def test_every_format_has_a_name_of_its_own_and_endings():
    assert len({each.name for each in FORMATS}) == len(FORMATS)
    assert all(ending.startswith(".") and ending == ending.lower() for each in FORMATS for ending in each.endings)
