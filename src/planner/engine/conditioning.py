"""Draws of a rate, moved to what somebody measured: the update of a Gaussian by its own samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import standard_draws


def measured_gains(target: FloatArray, predicted: FloatArray) -> FloatArray:
    r"""Return how much of each measurement's logarithmic error is the target's too.

    .. math:: K = C_{tp} C_{pp}^{-1}

    Each draw is a world in which the target and the measured steps would have come out: what they share over
    the draws is what one says of the other.

    Parameters
    ----------
    target : (draws,) float64
        Logarithm of the rate that is asked for, :math:`t`, with its scatter. [-]
    predicted : (pilots, draws) float64
        The same of each step that was measured, :math:`p`. [-]

    Returns
    -------
    (pilots,) float64
        The gains :math:`K`. [-]

    References
    ----------
    .. [1] Evensen, The Ensemble Kalman Filter: theoretical formulation and practical implementation (Ocean
       Dynamics 53, 2003); the noise of a measurement is in its draws.

    Examples
    --------
    A pilot that scatters by itself as much as it shares with the target moves it by half of its error.

    >>> shared = np.array([-1.0, 1.0, -1.0, 1.0])
    >>> alone = np.array([-1.0, -1.0, 1.0, 1.0])
    >>> measured_gains(shared, (shared + alone)[None]).tolist()
    [0.5]
    """
    about = predicted - predicted.mean(axis=1, keepdims=True)
    together = np.linalg.pinv(about @ about.T, hermitian=True)
    return np.asarray(together @ (about @ (target - target.mean())))


def measured_shift(
    target: FloatArray, predicted: FloatArray, measured: FloatArray, gains: FloatArray
) -> FloatArray:
    r"""Return what measurements add to each draw of a target, so that it has their posterior.

    .. math:: t_i' - t_i = K (m - \bar p) - \left(1 - \sqrt{1 - R^2}\right) (t_i - \bar t),\quad
        R^2 = K C_{pt} / C_{tt}

    The draws keep their order and lie nearer together, whatever was measured: a measurement never widens.

    Parameters
    ----------
    target : (draws,) float64
        :math:`t`. [-]
    predicted : (pilots, draws) float64
        :math:`p`. [-]
    measured : (pilots,) float64
        :math:`m`. [-]
    gains : (pilots,) float64
        :math:`K`, as of `measured_gains`. [-]

    References
    ----------
    .. [1] Whitaker and Hamill, Ensemble data assimilation without perturbed observations (Monthly Weather
       Review 130, 2002): the square root of a scalar state. One that perturbs each draw by its own
       measurement has the same variance, and in a thousand draws a band that is wider by chance.

    Examples
    --------
    What a pilot of half of the variance leaves is half of it.

    >>> shared = np.array([-1.0, 1.0, -1.0, 1.0])
    >>> alone = np.array([-1.0, -1.0, 1.0, 1.0])
    >>> pilot = (shared + alone)[None]
    >>> shift = measured_shift(shared, pilot, np.zeros(1), measured_gains(shared, pilot))
    >>> (shared + shift).round(3).tolist()
    [-0.707, 0.707, -0.707, 0.707]
    """
    about = target - target.mean()
    middle = predicted.mean(axis=1)
    whole = float(about @ about)
    explained = float(gains @ ((predicted - middle[:, None]) @ about)) / whole if whole > 0 else 0.0
    left = np.sqrt(1.0 - min(max(explained, 0.0), 1.0))
    return np.asarray(gains @ (measured - middle) - (1.0 - left) * about)


def apart_from(draws: FloatArray, others: FloatArray) -> FloatArray:
    r"""Return standard normal draws without what a finite number of them shares with others by chance.

    .. math:: z' = (z - P z) / s

    with :math:`P` the projection onto the others and one, and :math:`s` the deviation of what is left.

    Parameters
    ----------
    draws : (draws,) float64
        :math:`z`. [-]
    others : (any, draws) float64
        What they have nothing to do with; fewer than draws.

    References
    ----------
    .. [1] Iman and Conover, A distribution-free approach to inducing rank correlation (Communications in
       Statistics, 1982): the same for ranks.

    Examples
    --------
    >>> normal = standard_draws(["one", "other"])
    >>> left = apart_from(normal["one"], normal["other"][None])
    >>> abs(float(np.mean(left * normal["other"]))) < 1e-12, round(float(np.std(left)), 9)
    (True, 1.0)
    """
    basis = np.vstack([np.ones(len(draws)), others]).T
    left = draws - basis @ np.linalg.lstsq(basis, draws, rcond=None)[0]
    return np.asarray(left / left.std())


def source_scatter(
    whole: FloatArray, between: float, within: float, others: Mapping[str, float]
) -> FloatArray:
    r"""Return how other steps of one source scatter, given how one of them does.

    .. math:: r_{ki} = b_i + w_{ki},\quad
        b = \frac{B^2}{B^2 + W^2} r + \frac{B W}{\sqrt{B^2 + W^2}} z,\quad w_k = W_k z_k

    Parameters
    ----------
    whole : (draws,) float64
        Standard normal draws of the step that is known, :math:`r / \sqrt{B^2 + W^2}`. [-]
    between, within : float
        Spreads of the logarithm between sources, :math:`B`, and within one, :math:`W`. [-]
    others : mapping of str to float
        Of each other step the name by which its own part is drawn, and that part's spread, :math:`W_k`. [-]

    Returns
    -------
    (steps, draws) float64
        Of each other step; the covariance with the known one is :math:`B^2`. [-]

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, section 5.4 (exchangeable normal means).

    Examples
    --------
    What sources share entirely comes out the same; what they do not share, independent.

    >>> whole = standard_draws(["residual"])["residual"]
    >>> bool(np.allclose(source_scatter(whole, 0.3, 0.0, {"first": 0.0})[0], 0.3 * whole))
    True
    >>> abs(float(np.mean(source_scatter(whole, 0.0, 0.3, {"first": 0.3})[0] * whole))) < 0.01
    True
    """
    total = max(float(np.hypot(between, within)), np.finfo(float).tiny)
    normal = standard_draws(["source", *others], len(whole))
    shared = between**2 / total * whole + between * within / total * normal["source"]
    return np.array([shared + own * normal[name] for name, own in others.items()])
