"""Numbers of masks and people, and how long it takes, as the sentences hold them."""

from annotriage.wording import images_text, number_text


def masks_text(count: int) -> str:
    """Write a number of masks: '1 mask', '2,681 masks'."""
    return "1 mask" if count == 1 else f"{number_text(count)} masks"


def annotators_text(count: int) -> str:
    """Write a number of annotators."""
    return "1 annotator" if count == 1 else f"{number_text(count)} annotators"


def looks_text(count: int) -> str:
    """Say how many rows a person should look at."""
    if not count:
        return "nothing needs a look"
    return "1 row needs a look" if count == 1 else f"{number_text(count)} rows need a look"


def counts_text(images: int, annotators: int) -> str:
    """Write '312 images, 3 annotators'; no annotators where none is named."""
    if not annotators:
        return images_text(images)
    return f"{images_text(images)}, {annotators_text(annotators)}"
