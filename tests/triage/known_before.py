"""What a listing knew, in another one of the same folder: as if the store had been read again."""

from annotriage.triage.catalogue import Catalogue


def know_as_before(catalogue: Catalogue, before: Catalogue) -> None:
    """Give a catalogue the decisions, numbers and problems of an earlier one, of images whose file is the same."""
    catalogue.set_reviews(before.reviews)
    catalogue.measured.replace(before.measured.by_name)
    catalogue.team = before.team
    for old, image in enumerate(before.images):
        row = catalogue.row_of(image.name)
        if row is None or (image.size, image.modified_ns) != (catalogue.sizes[row], catalogue.modified_ns[row]):
            continue
        for column in ("disagreement", "lower", "upper", "unlikeness"):
            getattr(catalogue, column)[row] = getattr(before, column)[old]
        if old in before.problems:
            catalogue.problems.setdefault(row, before.problems[old])
