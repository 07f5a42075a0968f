"""Least squares about priors: Levenberg and Marquardt's descent, from the priors' means and no nearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray

#: A step that lowers the cost by less than this share of it is the last.
TOLERANCE = 1e-5
MOST_STEPS = 80
#: Damping of the first step, and beyond which no step can lower the cost: at a kink, say.
FIRST_DAMPING = 1e-2
HIGHEST_DAMPING = 1e9
#: Share of what a step promises that it must keep to be taken.
LEAST_KEPT = 1e-4

#: Residuals at a point, (n,).
Residuals = Callable[[FloatArray], FloatArray]
#: Residuals and their derivatives, (n,) and (n, parameters).
Linearised = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where the descent ended, and the derivatives there."""

    at: FloatArray
    jacobian: FloatArray
    cost: float


def pseudo_huber(raw: FloatArray) -> FloatArray:
    """Return the signed root of twice the pseudo-Huber loss: linear near zero, its root far from it."""
    return np.asarray(np.sign(raw) * np.sqrt(2.0 * (np.sqrt(1.0 + raw**2) - 1.0)))


def pseudo_huber_slope(raw: FloatArray) -> FloatArray:
    """Return the derivative of `pseudo_huber`, which is 1 at zero."""
    value = np.abs(pseudo_huber(raw))
    return np.where(value > 1e-9, np.abs(raw) / np.sqrt(1.0 + raw**2) / np.maximum(value, 1e-9), 1.0)


def minimum(residuals: Residuals, linearised: Linearised, parameters: int) -> Minimum:
    r"""Return a local minimum of the residuals' squares and the parameters' own, from zero.

    .. math:: \min_x \tfrac12 \left(|r(x)|^2 + |x|^2\right),\quad
        \left(J^T J + (1 + \lambda) I\right) \delta = -\left(J^T r + x\right)

    Parameters
    ----------
    residuals, linearised
        Of a point, (parameters,), in units of the priors' spreads.
    parameters : int
        How many numbers are sought, >= 1. [-]

    Returns
    -------
    Minimum
        From a cold start, so that what is held out of one fit leaks into none.

    References
    ----------
    .. [1] Madsen, Nielsen and Tingleff, Methods for Non-Linear Least Squares Problems (2004), algorithm 3.16.

    Examples
    --------
    One measurement of 2 against a prior of 0, as sure of itself, meets it half way.

    >>> found = minimum(lambda x: x - 2.0, lambda x: (x - 2.0, np.eye(1)), 1)
    >>> round(float(found.at[0]), 3)
    1.0
    """
    at, damping, growth = np.zeros(parameters), FIRST_DAMPING, 2.0
    found, jacobian = linearised(at)
    cost = _cost(found, at)
    for _ in range(MOST_STEPS):
        curvature = jacobian.T @ jacobian + np.eye(parameters)
        slope = jacobian.T @ found + at
        step = np.linalg.solve(curvature + damping * np.eye(parameters), -slope)
        promised = -float(slope @ step + 0.5 * step @ curvature @ step)
        dropped = cost - _cost(residuals(at + step), at + step)
        if dropped <= LEAST_KEPT * promised:
            damping, growth = damping * growth, growth * 2.0
            if damping > HIGHEST_DAMPING:
                break
            continue
        damping *= max(1.0 / 3.0, 1.0 - (2.0 * dropped / promised - 1.0) ** 3)
        growth = 2.0
        at = at + step
        found, jacobian = linearised(at)
        cost -= dropped
        if dropped < TOLERANCE * cost:
            break
    return Minimum(at, jacobian, cost)


def _cost(residuals: FloatArray, at: FloatArray) -> float:
    return float(residuals @ residuals + at @ at) / 2.0
