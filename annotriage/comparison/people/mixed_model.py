"""A linear model of values with an intercept of its own for each image, and differences in it with their intervals.

The share of the images in the variance is that of statsmodels' MixedLM (REML), and so are the estimates. Its intervals
take for granted that everybody varies alike and that values are normal. People do not: so intervals here leave out one
image at a time (`annotriage.comparison.jackknife`).
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np

from annotriage.comparison.jackknife import Difference, Floats, Integers, difference_of

MOST_IMAGES = 300
"""From which the share of the images is estimated: MixedLM takes a third of a second for these."""
_SAME = 1e-9


class ImageModel:
    """A fitted model.

    Attributes
    ----------
    coefficients : (P,) array of float64
        Where columns are sums of others, one of many solutions: only what `tells` accepts is known.
    between : float
        Variance between images over the variance within them; infinite: the images were taken out whole.
    note : str
        What was done where MixedLM found no answer; empty: it did.

    Parameters
    ----------
    values : (N,) array of float64
    columns : (N, P) array of float64
        What may explain the values, the intercept among them or implied by them.
    images : (N,) array of int64
        The image of each value.
    """

    def __init__(self, values: Floats, columns: Floats, images: Integers) -> None:
        self._columns = columns
        self._images = np.unique(images, return_inverse=True)[1].ravel()
        self.image_count = int(self._images.max(initial=-1)) + 1
        self.between, self.note = _share_of_images(values, columns, self._images)
        self._sizes = np.bincount(self._images, minlength=self.image_count)
        x, y = self._whitened(columns), self._whitened(values[:, None])[:, 0]
        self._inverse: Floats = np.asarray(np.linalg.pinv(x.T @ x, hermitian=True, rcond=_SAME), np.float64)
        self.coefficients: Floats = self._inverse @ (x.T @ y)
        self._shifts = _left_out(x, y - x @ self.coefficients, self._images, self._sizes, self._inverse)
        demeaned = columns - self._means(columns)[self._images]
        self._within, self._plain = _nothing_told(demeaned), _nothing_told(columns)

    def tells(self, weights: Floats, *, within: bool = True) -> bool:
        """Say whether a difference can be told from these columns.

        Parameters
        ----------
        weights : (P,) array of float64
            Of the coefficients.
        within : bool
            Whether it must be told within images, so that no image's own share is taken for it.
        """
        nothing = self._within if within else self._plain
        return bool(np.abs(weights @ nothing).max(initial=0.0) < 1e-6)

    def difference(self, weights: Floats, most_df: float) -> Difference:
        """Return a difference of coefficients.

        Parameters
        ----------
        weights : (P,) array of float64
        most_df : float
            As for `annotriage.comparison.jackknife.difference_of`, of the images that it rests on.
        """
        return difference_of(float(weights @ self.coefficients), self._shifts @ weights, most_df)

    def _means(self, columns: Floats) -> Floats:
        sums = np.zeros((self.image_count, columns.shape[1]))
        np.add.at(sums, self._images, columns)
        return sums / np.maximum(self._sizes, 1)[:, None]

    def _whitened(self, columns: Floats) -> Floats:
        """Take so much of each image's mean out that what is left is independent (generalised least squares)."""
        inflated = self._sizes * self.between
        shares = np.ones(self.image_count) if math.isinf(self.between) else 1 - 1 / np.sqrt(1 + inflated)
        return columns - (shares[:, None] * self._means(columns))[self._images]


def comparable(model: ImageModel, people: Sequence[int], width: int, *, within: bool = True) -> list[list[int]]:
    """Put those together whose differences can be told.

    Parameters
    ----------
    model : ImageModel
    people : sequence of int
        Their columns.
    width : int
        P, how many columns there are.
    within : bool
        See `ImageModel.tells`.
    """
    groups: list[list[int]] = []
    for person in people:
        weights = np.zeros(width)
        weights[person] = 1
        for group in groups:
            weights[group[0]] = -1
            if model.tells(weights, within=within):
                group.append(person)
                break
            weights[group[0]] = 0
        else:
            groups.append([person])
    return groups


def against_others(person: int, group: Sequence[int], width: int) -> Floats:
    """Return the weights of a person less the mean of the others of a group, each of them counted alike."""
    weights = np.zeros(width)
    weights[list(group)] = -1 / (len(group) - 1)
    weights[person] = 1
    return weights


def independent(columns: Floats) -> Integers:
    """Return the places of columns that are no sums of those before them."""
    kept: list[int] = []
    base = np.zeros((len(columns), 0))
    for place in range(columns.shape[1]):
        column = columns[:, place]
        left = column - base @ (base.T @ column)
        left -= base @ (base.T @ left)
        size = float(np.linalg.norm(left))
        if size > 1e-8 * max(1.0, float(np.linalg.norm(column))):
            kept.append(place)
            base = np.column_stack([base, left / size])
    return np.array(kept, np.int64)


def _share_of_images(values: Floats, columns: Floats, images: Integers) -> tuple[float, str]:
    """Return the variance between images over that within, by MixedLM, and what to say where it found none."""
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    count = int(images.max(initial=-1)) + 1
    if count > MOST_IMAGES:
        some = np.random.default_rng(0).permutation(count)[:MOST_IMAGES]
        kept = np.isin(images, some)
        values, columns, images = values[kept], columns[kept], images[kept]
    columns = columns[:, independent(columns)]
    if len(values) <= columns.shape[1] + 1 or float(np.ptp(values)) < _SAME:
        return math.inf, ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            fit = MixedLM(values, columns, groups=images).fit(reml=True)
        between, within = float(fit.cov_re[0, 0]), float(fit.scale)
        if fit.converged and math.isfinite(between) and between >= 0 and within > _SAME**2:
            return between / within, ""
    except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
        pass
    return math.inf, "The mixed model found no answer: people are compared within each image, with nothing between."


def _left_out(x: Floats, residuals: Floats, images: Integers, sizes: Integers, inverse: Floats) -> Floats:
    """Return by how much the coefficients change when each image is left out: (G, P)."""
    shifts = np.zeros((len(sizes), x.shape[1]))
    order = np.argsort(images, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        rows = order[starts[alike][:, None] + np.arange(size)]  # (g, size)
        blocks, left = x[rows], residuals[rows]
        hats = np.einsum("gip,pq,gjq->gij", blocks, inverse, blocks, optimize=True)
        solved = np.linalg.pinv(np.eye(size) - hats, hermitian=True, rcond=1e-8) @ left[:, :, None]
        shifts[alike] = np.einsum("gip,gi->gp", blocks, solved[:, :, 0]) @ inverse
    return shifts


def _nothing_told(columns: Floats) -> Floats:
    """Return the combinations of coefficients of which the columns tell nothing: (P, Q)."""
    values, vectors = np.linalg.eigh(columns.T @ columns)
    return np.asarray(vectors[:, values < 1e-9 * max(float(values.max(initial=0.0)), 1e-300)], np.float64)
