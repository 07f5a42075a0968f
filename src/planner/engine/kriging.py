"""Interpolation between scattered measurements: the conditional mean and spread of a Gaussian process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """What measurements say of a point that nobody measured."""

    mean: FloatArray
    #: standard deviation
    spread: FloatArray
    #: (points, measurements): of each measurement's deviation, the part that is carried over
    weights: FloatArray


def conditional(
    covariance: FloatArray, across: FloatArray, own: FloatArray, values: FloatArray, noise: float
) -> Conditional:
    r"""Return the mean and spread of points, given noisy measurements of others about zero.

    .. math:: W = C_{pm} (C_{mm} + \epsilon^2 I)^{-1},\quad \mu = W v,\quad
        \sigma^2 = c_{pp} - \mathrm{diag}(W C_{mp})

    Parameters
    ----------
    covariance : (m, m) float64
        Between the measurements, without their noise, :math:`C_{mm}`.
    across : (p, m) float64
        Between points and measurements, :math:`C_{pm}`.
    own : (p,) float64
        Variance of each point before anything was measured, :math:`c_{pp}`.
    values : (m,) float64
        What was measured, :math:`v`.
    noise : float
        Standard deviation of one repetition, :math:`\epsilon`.

    References
    ----------
    .. [1] Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equations 2.23 and 2.24.

    Examples
    --------
    A measurement of the very point, as uncertain as the point was: half of it is believed.

    >>> one = np.ones((1, 1))
    >>> found = conditional(one, one, np.ones(1), np.array([0.4]), noise=1.0)
    >>> round(float(found.mean[0]), 3), round(float(found.spread[0]) ** 2, 3)
    (0.2, 0.5)
    """
    if values.size == 0:
        return Conditional(np.zeros(len(own)), np.sqrt(own), np.zeros((len(own), 0)))
    weights = np.asarray(np.linalg.solve(covariance + noise**2 * np.eye(len(values)), across.T).T, np.float64)
    explained = np.einsum("pm,pm->p", weights, across)
    return Conditional(weights @ values, np.sqrt(np.maximum(own - explained, 0.0)), weights)
