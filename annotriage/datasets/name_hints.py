"""Why names of a table are no image's: what a spreadsheet, a program or a person changed about them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from annotriage.names import key_of, same_letters, without_endings
from annotriage.tables import Problem
from annotriage.tables.decoding import windows_bytes

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_MONTHS = (
    "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|fev|avr|juin|juil|aoû|déc"
)
_DATE = re.compile(
    rf"\d{{4}}-\d\d-\d\d(?:[ t]\d\d:\d\d.*)?|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\d{{2,4}}"
    rf"|\d{{1,2}}[. -]+\s?(?:{_MONTHS})[a-zé]*[. -]*(?:\d{{2,4}})?|(?:{_MONTHS})[a-zé]*[. -]+\d{{2,4}}",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_SEPARATORS = re.compile(r"[-_. ]+")
_MOST_ADDED = 40
_SAMPLE = 200
_NEAR = 3
"""So many images whose names begin with a label's are looked at."""


def readings(name: str) -> list[str]:
    """Return what a name may have been before a program wrote it another way; certain enough to match by.

    UTF-8 that was read as Windows-1252 (a CSV without a byte order mark in Excel), tables in the code page of DOS or of
    an old Mac, and 12.0 for 12.
    """
    found = []
    if not name.isascii() and (data := windows_bytes(name)) is not None:
        for code in ("utf-8", "cp850", "mac_roman", "cp1250"):
            try:
                found.append(data.decode(code))
            except UnicodeDecodeError:
                continue
    if re.fullmatch(r"\d+\.0", name):
        found.append(name[:-2])
    return found


def name_hints(unmatched: Sequence[str], names: Iterable[str]) -> list[Problem]:
    """Say what seems to have happened to names that no image has. None of them is matched by it.

    Parameters
    ----------
    unmatched : sequence of str
        What the table has.
    names : iterable of str
        The names of the images.
    """
    keys = {key_of(name): name for name in names}
    found = []
    changed = [name for name in unmatched if _SCIENTIFIC.fullmatch(_bare(name)) or _DATE.fullmatch(_bare(name))]
    if changed:
        what = "names that a spreadsheet seems to have turned into numbers or dates; format that column as text first"
        found.append(Problem(what, changed, remark=True))
    rest = [name for name in unmatched if name not in set(changed)]
    padded = {_ZEROS.sub("", key): name for key, name in keys.items()}
    numbers = {digits: name for key, name in keys.items() if (digits := _number_in(key))}
    lost = []
    for name in rest:
        key = key_of(name)
        image = padded.get(_ZEROS.sub("", key)) or (numbers.get(key.lstrip("0")) if key.isdigit() else None)
        if image is not None:
            lost.append(f"{name} for {image}")
    if lost:
        what = "names that may have lost zeros or letters before a number in a spreadsheet; format that column as text"
        found.append(Problem(what, lost, remark=True))
    elif rest and (added := _addition(rest, keys)):
        found.append(added)
    return found


def _bare(name: str) -> str:
    return same_letters(without_endings(name)).strip()


def _number_in(key: str) -> str:
    digits = _DIGITS.findall(key)
    return digits[0].lstrip("0") if len(digits) == 1 else ""


def _addition(unmatched: Sequence[str], keys: Collection[str]) -> Problem | None:
    """Find an addition before or behind the names, or another separator in them, that would match most."""
    table = {key_of(name) for name in unmatched}
    plain = Counter(_SEPARATORS.sub("", key) for key in keys)
    same = [name for name in unmatched if plain[_SEPARATORS.sub("", key_of(name))] == 1]
    if len(same) > len(unmatched) / 2:
        return Problem("names that differ from an image's by separators (- _ . or space) only", same, remark=True)
    sample = sorted(table)[:_SAMPLE]
    additions: Counter[tuple[str, str, str]] = Counter()
    for name in sample:
        for where, key in (("end", name), ("begin", name[::-1])):
            turn = 1 if where == "end" else -1
            for cut in range(1, min(len(key), _MOST_ADDED)):
                if key[:-cut][::turn] in keys:
                    additions["labels", where, key[-cut:][::turn]] += 1
    for where, turn in (("end", 1), ("begin", -1)):
        ordered = sorted(key[::turn] for key in keys)
        for name in sample:
            place = bisect_left(ordered, name[::turn])
            for key in ordered[place : place + _NEAR]:
                if key.startswith(name[::turn]) and len(key) > len(name):
                    additions["images", where, key[len(name) :][::turn]] += 1
    if not additions:
        return None
    (whose, where, added), count = additions.most_common(1)[0]
    if count < max(2, len(sample) / 2) and count < len(sample):
        return None
    other = "the table's" if whose == "images" else "the images'"
    whose = "the images'" if whose == "images" else "the table's"
    what = f"names that differ only by {added}, with which {whose} names {where} and {other} do not: rename one side"
    return Problem(what, list(unmatched), remark=True)
