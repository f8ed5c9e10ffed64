"""A run that measures what people drew, whose progress another thread may read."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from annotriage.agreement.mask_set import MaskRow, MaskSet

if TYPE_CHECKING:
    from annotriage.agreement.people.drawn import Drawn


class PeopleRun:
    """One measuring of what people drew.

    Attributes
    ----------
    found : MaskSet
    resample : bool
    label : str or None
        As in `annotriage.agreement.measuring.measure`.
    done, total : int
        Images.
    stopping : threading.Event
        Once set, no further image is begun.

    Parameters
    ----------
    rows : sequence of MaskRow
    given : sequence of Path
        As the masks were named: a table of masks says more than who drew which.
    resample, label
        As above.
    """

    def __init__(self, rows: Sequence[MaskRow], given: Sequence[Path], *, resample: bool, label: str | None) -> None:
        self.found = MaskSet(rows)
        self.resample, self.label = resample, label
        self.done = self.total = 0
        self.stopping = threading.Event()
        self._given = given

    def work(self) -> "Drawn | None":
        """Measure all; None: it was stopped. For a thread.

        Raises
        ------
        AnnotriageError
            The table of masks cannot be read any more.
        """
        from annotriage.agreement.people.mask_facts import KnownFacts
        from annotriage.agreement.people.measuring_people import Gathering, measure_people

        self.total = len(self.found.images)
        gathering = Gathering(KnownFacts(self._given))
        for image in measure_people(
            self.found, gathering.facts, resample=self.resample, label=self.label, stop=self.stopping
        ):
            gathering.add(image)
            self.done += 1
        return None if self.stopping.is_set() else gathering.done()
