"""How a user says where image and annotator stand in the names of masks."""

import re

from annotriage.errors import AnnotriageError
from annotriage.names import without_endings

_HOLDER = re.compile(r"\{(\w*)\}|\*")


class NamePattern:
    """A pattern of names, with named places.

    Either as names are written, ``{image}_{annotator}.png``, where ``*`` stands for anything that does not matter; or a
    regular expression with the groups ``(?P<image>...)`` and ``(?P<annotator>...)``. It must fit all of the name. With
    a ``/`` in it, it is held against the path below the folder that is searched, ``{annotator}/{image}_mask.png``, else
    against the file name. Where it ends without an ending such as ``.png``, any will do, doubled ones, too.

    Attributes
    ----------
    text : str
        As the user wrote it.
    has_annotator : bool
        It says where the annotator stands.

    Parameters
    ----------
    text : str

    Raises
    ------
    AnnotriageError
        It is no regular expression, or does not say where the image stands.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        written = text if "(?P<" in text else _translated(text)
        try:
            self._expression = re.compile(written)
        except re.error as error:
            raise AnnotriageError(
                f"The pattern {text} cannot be read ({error}). An example: {{image}}_{{annotator}}.png"
            ) from None
        groups = self._expression.groupindex
        if "image" not in groups:
            raise AnnotriageError(
                f"The pattern {text} does not say where the image stands. An example: {{image}}_{{annotator}}.png"
            )
        self.has_annotator = "annotator" in groups
        self._has_folders = "/" in text
        self._has_ending = without_endings(text) != text

    def read(self, name: str) -> tuple[str, str] | None:
        """Return image and annotator of a mask, by its path with ``/`` between its parts; None: it does not fit."""
        name = name if self._has_folders else name.rpartition("/")[2]
        bare = without_endings(name)
        tried = (name,) if self._has_ending else (bare, name)
        found = next((found for each in tried if (found := self._expression.fullmatch(each))), None)
        if found is None:
            return None
        groups = found.groupdict(default="")
        image = without_endings(groups["image"])
        return (image, groups.get("annotator", "")) if image else None


def _translated(text: str) -> str:
    pieces = []
    at = 0
    seen: set[str] = set()
    for holder in _HOLDER.finditer(text):
        pieces.append(re.escape(text[at : holder.start()]))
        at = holder.end()
        name = holder[1]
        if name is None:
            pieces.append("[^/]*")
        elif name not in ("image", "annotator"):
            raise AnnotriageError(
                f"The pattern {text} has a place {{{name}}}; there are {{image}}, {{annotator}} and * for all else."
            )
        elif name in seen:
            pieces.append(f"(?P={name})")
        else:
            seen.add(name)
            # The image's name goes as far as it can: ISIC_0000004_bob is bob's.
            pieces.append(f"(?P<{name}>[^/]+{'' if name == 'image' else '?'})")
    return "".join(pieces) + re.escape(text[at:])
