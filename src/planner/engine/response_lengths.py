"""How long the responses of a batch are: mean and maximum to how many still run, and the expected longest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where

#: Points at which a distribution is summed over its lengths; the mean then holds to a part in a thousand.
POINTS = 400
#: Halvings of the interval in which the scale of a distribution is looked for.
_HALVINGS = 50
#: Times the maximum that a scale is looked for: above it, next to all responses are cut.
_MOST_SCALE = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class ResponseLengths:
    """Lengths of responses, cut at a maximum: what has a last axis runs over `lengths`. [tokens]."""

    mean: FloatArray
    #: (..., points), the middles of equal intervals from nothing to the maximum, and their width
    lengths: FloatArray
    width: FloatArray
    #: (..., points), the share of the responses that are longer. [-]
    survival: FloatArray

    def any_alive(self, samples: ArrayLike) -> FloatArray:
        r"""Return the chance that one of so many responses is longer than each length, (..., points). [-].

        .. math:: 1 - (1 - S(x))^n

        Examples
        --------
        >>> lengths = response_lengths(100.0, 100.0, np.inf)
        >>> float(lengths.any_alive(8.0)[..., 0])
        1.0
        """
        each = np.asarray(samples, dtype=np.float64)[..., None]
        return np.asarray(1.0 - (1.0 - self.survival) ** each)

    def longest(self, samples: ArrayLike) -> FloatArray:
        r"""Return the expected longest of so many responses. [tokens].

        .. math:: E[\max] = \int_0^{M} 1 - (1 - S(x))^n\, dx

        Parameters
        ----------
        samples : (...,) float
            Responses, :math:`n` >= 1. [-]

        Examples
        --------
        Of one it is the mean; of many it nears the maximum.

        >>> lengths = response_lengths(100.0, 400.0, 1.0)
        >>> round(float(lengths.longest(1.0))), round(float(lengths.longest(1e6)))
        (100, 400)
        """
        return np.asarray(self.any_alive(samples).sum(axis=-1) * self.width)


def response_lengths(mean: ArrayLike, maximum: ArrayLike, shape: ArrayLike) -> ResponseLengths:
    r"""Return the distribution of lengths of a mean, a maximum and a shape.

    .. math:: S(x) = e^{-(x / \lambda)^k} \text{ for } x < M,\quad
        \int_0^M S(x)\,dx = \bar x

    Parameters
    ----------
    mean : (...,) float
        Of the responses as they are cut, :math:`0 \le \bar x \le M`. [tokens]
    maximum : (...,) float
        At which a response is cut, :math:`M`. [tokens]
    shape : (...,) float
        :math:`k` > 0: 1 is exponential, infinite says that all are as long as the mean. [-]

    Returns
    -------
    ResponseLengths
        With an axis of `POINTS` lengths in the end.

    Notes
    -----
    A Weibull distribution, of which :math:`\lambda` is found by halving an interval: it has one parameter for
    its spread, and its survival needs no special function. That responses are spread so is assumed.

    Examples
    --------
    All of one length: nobody is longer, and all are as long.

    >>> lengths = response_lengths(100.0, 400.0, np.inf)
    >>> float(lengths.longest(64.0)), float(lengths.survival[..., 0])
    (100.0, 1.0)
    """
    middle, most, k = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64), np.asarray(maximum, dtype=np.float64), np.asarray(shape, float)
    )
    is_even = ~np.isfinite(k) | (middle >= most)
    ends = where(is_even, middle, most)
    width = ends / POINTS
    lengths = (np.arange(POINTS) + 0.5) * width[..., None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = _scale(middle, lengths, width, where(is_even, 1.0, k), most)
        survival = _survival(lengths, scale, where(is_even, 1.0, k))
    survival = np.where(is_even[..., None], 1.0, survival)
    return ResponseLengths(middle, lengths, np.asarray(width), survival)


def _survival(lengths: FloatArray, scale: FloatArray, shape: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-((lengths / np.asarray(scale)[..., None]) ** np.asarray(shape)[..., None])))


def _scale(
    mean: FloatArray, lengths: FloatArray, width: FloatArray, shape: FloatArray, most: FloatArray
) -> FloatArray:
    """Return the scale at which the mean of the cut distribution is the mean that is asked for."""
    low, high = np.zeros_like(mean) + 1e-9, most * _MOST_SCALE
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        is_long = _survival(lengths, middle, shape).sum(axis=-1) * width > mean
        low, high = np.where(is_long, low, middle), np.where(is_long, middle, high)
    return np.asarray(np.sqrt(low * high))
