"""Images of the test part that look like images which a run learns from, in whichever folder these lie."""

import numpy as np
from numpy.typing import NDArray

from annotriage.images.likeness import ALONE, groups_of
from annotriage.images.looks import NUMBERS, PARTS, look_of
from annotriage.names import counted
from annotriage.parallel import ordered_map, usable_cores
from annotriage.regressors.data.run_data import RunData


def doubt_of_copies(data: RunData, pixels: NDArray[np.uint8]) -> str:
    """Say how many images of the test part are nearly the same picture as one that is learned from; empty: none.

    Nothing is moved: whether two images are of one lesion, people know. About 1 % of the images look like another one
    that they are no copy of: see `annotriage.images.likeness`.

    Parameters
    ----------
    data : RunData
    pixels : ndarray
        (N, S, S, 3), a row an image of it.
    """
    test = set(data.rows(data.split.test))
    nothing = np.full(PARTS * NUMBERS, np.nan, np.float32)
    looks = [
        nothing if look is None else look
        for look in ordered_map(look_of, (pixels[row] for row in range(len(data.stems))), threads=usable_cores())
    ]
    group = groups_of(np.stack(looks))
    learned_of: dict[int, int] = {}
    for row, number in enumerate(group.tolist()):
        if number != ALONE and row not in test:
            learned_of.setdefault(number, row)
    pairs = [(row, learned_of[number]) for row in sorted(test) if (number := int(group[row])) in learned_of]
    if not pairs:
        return ""
    first, other = (data.names[row] for row in pairs[0])
    look = "looks" if len(pairs) == 1 else "look"
    return (
        f"{counted(len(pairs), 'images')} of the test part {look} like images that are learned from (first: {first} "
        f"and {other}): where they are copies or of one lesion, the result looks better than it is. Give metadata with "
        "lesion ids, which keep these together, or take one of each out."
    )
