"""Sort many names naturally, without taking each of them apart."""

from collections import defaultdict
from collections.abc import Iterable

from annotriage.images.natural_order import natural_key

_ANY_DIGIT = str.maketrans("123456789", "0" * 9)


def natural_sorted(names: Iterable[str]) -> list[str]:
    """Sort names as ``sorted(names, key=natural_key)`` does, many times faster for the names that cameras give.

    Names that differ in their digits only, and not in how many these are, have plain order as natural order. So names
    are sorted by such kinds; only kinds whose ranges overlap are sorted by `natural_key`.
    """
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    count = 0
    for name in names:
        kinds[name.translate(_ANY_DIGIT)].append(name)
        count += 1
    if len(kinds) > count // 4:  # names of words: nothing is gained
        return sorted((name for alike in kinds.values() for name in alike), key=natural_key)
    for alike in kinds.values():
        alike.sort()
    runs = sorted((natural_key(alike[0]), natural_key(alike[-1]), alike) for alike in kinds.values())
    result: list[str] = []
    at = 0
    while at < len(runs):
        _, last, together = runs[at]
        at += 1
        overlap = False
        while at < len(runs) and runs[at][0] < last:
            last = max(last, runs[at][1])
            together = together + runs[at][2]
            overlap = True
            at += 1
        result += sorted(together, key=natural_key) if overlap else together
    return result
