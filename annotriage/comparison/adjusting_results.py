"""What comes of comparing groups plainly and with how their images were drawn allowed for."""

from dataclasses import dataclass

from annotriage.comparison.wording import LEVEL

PATIENT = "patient"
FACTORS = {
    "tool": "the drawing tools",
    "skill": "the annotators' skills",
    "annotators": "the number of annotators",
    PATIENT: "the patient",
}
"""What may be allowed for, and how that is called in sentences."""
DRAWN = ("tool", "skill", "annotators")
"""How the masks of an image were drawn: what is allowed for where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a group lies from another, in mean Dice, or as Cliff's delta.

    Attributes
    ----------
    group, reference : str
    value, low, high : float
        With its 95 % interval; NaN where it cannot be told.
    p : float
    """

    group: str
    reference: str
    value: float
    low: float
    high: float
    p: float

    @property
    def told(self) -> bool:
        """Whether it can be told."""
        return self.value == self.value


@dataclass(frozen=True, slots=True)
class Strata:
    """A comparison within strata: of images that were drawn alike.

    Attributes
    ----------
    effects, deltas : tuple of Effect
        Difference of mean Dice (post-stratified), and Cliff's delta in van Elteren's weights, of each group but the
        reference, as far as they can be told.
    p, f_ranks, p_ranks : float
        Of all groups together, by means and by ranks.
    strata, usable : int
        Strata, and those in which two groups or more are.
    outside : int
        Images (pairs) in the others, which say nothing.
    """

    effects: tuple[Effect, ...]
    deltas: tuple[Effect, ...]
    p: float
    f_ranks: float
    p_ranks: float
    strata: int
    usable: int
    outside: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A comparison of groups, plain and with factors allowed for, on the same images, or pairs of masks.

    Attributes
    ----------
    factors : tuple of str
        What is allowed for; empty where nothing is known, or all of it is the same in all images.
    unit : {"images", "pairs"}
    number : int
        Images (pairs) that are compared in all ways.
    left_out : int
        Those whose factors are not known.
    clusters : int
        How many there are of what is left out at a time for errors.
    cluster : {"lesion or patient", "image"}
    independent : tuple of Effect
        Plain, as if no two images were of one lesion or patient; empty where none are.
    plain, adjusted : tuple of Effect
        One for each group but the reference; `adjusted`, by regression, of those of which it can be told.
    plain_deltas : tuple of Effect
        Cliff's delta of all images together.
    f_adjusted, p_plain, p_adjusted, p_ranks : float
        Of all groups together; `p_ranks` plainly, by Cliff's delta.
    strata : Strata or None
        None where nothing is allowed for.
    alike : dict of str to str
        Factors that are the same in all images, and what they are.
    lost : tuple of str
        Groups of which too few have known factors.
    pairs : tuple of Effect
        Each two groups, the first less the second, by regression; plain where nothing is allowed for.
    reading : str
        What that says.
    """

    factors: tuple[str, ...]
    unit: str
    number: int
    left_out: int
    clusters: int
    cluster: str
    independent: tuple[Effect, ...]
    plain: tuple[Effect, ...]
    adjusted: tuple[Effect, ...]
    plain_deltas: tuple[Effect, ...]
    f_adjusted: float
    p_plain: float
    p_adjusted: float
    p_ranks: float
    strata: Strata | None
    alike: dict[str, str]
    lost: tuple[str, ...]
    pairs: tuple[Effect, ...]
    reading: str = ""

    @property
    def explained_away(self) -> bool:
        """Whether a difference is seen, in means or ranks, and in no way any more once the factors are allowed for."""
        seen = self.p_plain < LEVEL or self.ranks_explained_away
        return bool(self.factors) and seen and not (self._regression_sees or self._strata_see)

    @property
    def ranks_explained_away(self) -> bool:
        """Whether a difference is seen by ranks of all images, and not within strata."""
        return self.p_ranks < LEVEL and self.strata is not None and not self.strata.p_ranks < LEVEL

    @property
    def in_doubt(self) -> bool:
        """Whether only one of the two ways of allowing for the factors sees a difference."""
        return bool(self.factors) and self._regression_sees != self._strata_see

    @property
    def needs_caution(self) -> bool:
        """Whether a plain difference must not be told by itself."""
        return self.explained_away or self.in_doubt

    @property
    def _regression_sees(self) -> bool:
        return self.p_adjusted < LEVEL

    @property
    def _strata_see(self) -> bool:
        return self.strata is not None and self.strata.p < LEVEL
