"""Joint draws of the efficiency constants, with a fixed seed, and the bands that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps
from statistics import NormalDist
from typing import ParamSpec, TypeVar

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.inputs import StackConstants
from planner.errors import OutOfRangeError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

#: Draws behind a band: the P10 of 1,000 is itself known to about 2 % of the band's width (its standard
#: error; less, as the draws are stratified). [-]
DRAWS = 1000
#: Of all streams; any number would do, the same one always. [-]
SEED = 20_261_122
#: No share of a peak has a higher median, whatever a profile says. Assumed: far above what is published. [-]
HIGHEST_SHARE = 0.97
#: Widest spread of a share's logit: from a half, 80 % of the draws lie between 0.16 and 0.84.
#: Assumed: a share of which next to nothing is known. [-]
WIDEST_LOGIT = 1.3
#: Of the standard normal distribution. [-]
_NORMAL_P90 = NormalDist().inv_cdf(0.9)
#: Constants that are shares of a peak or of a traffic.
SHARES = frozenset(
    {
        "matmul_efficiency",
        "low_precision_efficiency",
        "expert_efficiency",
        "attention_efficiency",
        "memory_efficiency",
        "scale_up_efficiency",
        "scale_out_efficiency",
        "point_to_point_efficiency",
        "tensor_overlap",
        "fused_tensor_overlap",
        "context_overlap",
        "expert_overlap",
        "scheduled_expert_overlap",
        "pipeline_overlap",
        "data_overlap",
        "data_exposed_share",
    }
)


@dataclass(eq=False)
class OneAtATime:
    """Draws in which each stream leaves its middle twice, alone: first for its P10, then for its P90.

    Whatever is computed of the draws is then told of each stream by itself.
    """

    #: the pairs of draws of each stream, by its name, in the order in which they were first asked for
    places: dict[str, int] = field(default_factory=dict)

    def rows(self, name: str) -> tuple[int, int]:
        """Return which draws are the stream's at its P10 and at its P90."""
        return 2 * self.places[name], 2 * self.places[name] + 1

    def values(self, name: str, draws: int, ends: tuple[float, float], middle: float) -> FloatArray:
        """Return a stream's draws.

        Raises
        ------
        OutOfRangeError
            Where there are more streams than draws for them; one draw at least is at all middles.
        """
        place = self.places.setdefault(name, len(self.places))
        if 2 * place + 2 >= draws:
            raise OutOfRangeError(f"{len(self.places)} streams: expected fewer than {draws // 2}")
        values = np.full(draws, middle)
        values[2 * place : 2 * place + 2] = ends
        return values


# As a parameter it would go through every function that draws, and through all that call them.
_ONE_AT_A_TIME: ContextVar[OneAtATime | None] = ContextVar("one_at_a_time", default=None)


@contextmanager
def one_at_a_time() -> Iterator[OneAtATime]:
    """Let all streams leave their middles one at a time, in this thread and inside the block alone.

    Examples
    --------
    >>> with one_at_a_time() as streams:
    ...     found = [uniform_draws(name, draws=5).tolist() for name in ("first", "second")]
    >>> found
    [[0.1, 0.9, 0.5, 0.5, 0.5], [0.5, 0.5, 0.1, 0.9, 0.5]]
    >>> streams.rows("second")
    (2, 3)
    """
    streams = OneAtATime()
    token = _ONE_AT_A_TIME.set(streams)
    try:
        yield streams
    finally:
        _ONE_AT_A_TIME.reset(token)


def kept(
    most: int,
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Keep the last results of a function that draws, but of the usual draws alone."""

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def call(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
            if _ONE_AT_A_TIME.get() is not None:
                return function(*arguments, **named)
            return cached(*arguments, **named)  # type: ignore[arg-type]  # hashable, as lru_cache asks

        return call

    return decorate


def standard_draws(names: list[str], draws: int = DRAWS, seed: int = SEED) -> dict[str, FloatArray]:
    r"""Return standard normal draws by name; each name has its own stream, so that draws are shared.

    .. math:: z_i = \Phi^{-1}\left(\frac{\pi(i) + 1/2}{n}\right)

    with a random order :math:`\pi` of 0 to :math:`n - 1`: one draw per quantile, which steadies the
    percentiles. The same name gets the same draws in every plan: two plans on one stack differ by what
    differs, not by chance.

    Parameters
    ----------
    names : list of str
        What is drawn.
    draws : int
        How many of each, :math:`n` >= 1. [-]
    seed : int
        Of all streams; a name's own is made of the seed and the name.

    Returns
    -------
    dict of str to (draws,) float64
        Read-only, as they are shared. [-]

    References
    ----------
    .. [1] McKay, Beckman and Conover, A Comparison of Three Methods for Selecting Values of Input
       Variables (Technometrics, 1979): stratified and Latin hypercube sampling.

    Examples
    --------
    Two draws lie at the quartiles of the normal distribution.

    >>> sorted(round(float(draw), 4) for draw in standard_draws(["anything"], draws=2)["anything"])
    [-0.6745, 0.6745]
    """
    if (streams := _ONE_AT_A_TIME.get()) is not None:
        ends = (-_NORMAL_P90, _NORMAL_P90)
        return {name: streams.values(name, draws, ends, 0.0) for name in names}
    return {name: _stream(name, draws, seed) for name in names}


@lru_cache(maxsize=256)
def _stream(name: str, draws: int, seed: int) -> FloatArray:
    shuffled = np.random.default_rng([seed, *name.encode()]).permutation(_normal_quantiles(draws))
    shuffled.flags.writeable = False
    return shuffled


@lru_cache(maxsize=8)
def _normal_quantiles(draws: int) -> FloatArray:
    """Return the middle of each of `draws` equally likely parts of the standard normal distribution."""
    standard = NormalDist()
    quantiles = np.array([standard.inv_cdf((index + 0.5) / draws) for index in range(draws)])
    quantiles.flags.writeable = False
    return quantiles


def uniform_draws(name: str, draws: int = DRAWS, seed: int = SEED) -> FloatArray:
    r"""Return stratified draws between 0 and 1 from the name's own stream.

    .. math:: u_i = (\pi(i) + 1/2) / n

    Parameters
    ----------
    name : str
        What is drawn.
    draws : int
        How many, :math:`n` >= 1. [-]
    seed : int
        Of all streams.

    Returns
    -------
    (draws,) float64
        One in the middle of each of :math:`n` equal parts, in random order; read-only, as they are shared.
        [-]

    References
    ----------
    .. [1] McKay, Beckman and Conover (Technometrics, 1979): stratified sampling.

    Examples
    --------
    >>> sorted(float(draw) for draw in uniform_draws("anything", draws=4))
    [0.125, 0.375, 0.625, 0.875]
    """
    if (streams := _ONE_AT_A_TIME.get()) is not None:
        return streams.values(name, draws, (0.1, 0.9), 0.5)
    return _uniform_stream(name, draws, seed)


@lru_cache(maxsize=64)
def _uniform_stream(name: str, draws: int, seed: int) -> FloatArray:
    stream = np.random.default_rng([seed, *name.encode()])
    uniform = np.asarray((stream.permutation(draws) + 0.5) / draws)
    uniform.flags.writeable = False
    return uniform


@kept(64)
def drawn_about(middle: float, low: float, high: float, stream: str) -> FloatArray:
    r"""Return a figure and its draws, of which 80 % lie between two ends: log-normal to either side.

    .. math:: x_i = m\,(h/m)^{z_i / z_{0.9}} \text{ above } m,\quad m\,(m/l)^{z_i / z_{0.9}} \text{ below}

    Parameters
    ----------
    middle, low, high : float
        Median :math:`m`, 10th percentile :math:`l` and 90th percentile :math:`h`, all above 0 or all equal.
    stream : str
        What is drawn.

    Returns
    -------
    (1 + draws,) or (1,) float64
        The median first; alone where low and high are one. Read-only, as it is shared.

    References
    ----------
    .. [1] Wallis, The Two-Piece Normal, Binormal, or Double Gaussian Distribution (Statistical Science,
       2014).

    Examples
    --------
    >>> [round(float(end), 1) for end in np.quantile(drawn_about(10.0, 5.0, 20.0, "anything"), [0.1, 0.9])]
    [5.0, 20.0]
    """
    if low == high:
        return np.array([middle])
    normal = standard_draws([stream])[stream] / _NORMAL_P90
    side = np.where(normal > 0, np.log(high / middle), np.log(middle / low))
    values = np.concatenate([[middle], middle * np.exp(side * normal)])
    values.flags.writeable = False
    return values


def drawn_constants(
    stack: StackConstants, log_spreads: Mapping[str, float], draws: int = DRAWS
) -> StackConstants:
    r"""Return the constants as columns of draws about their medians: log-normal, shares logit-normal.

    .. math:: c_i = m\,e^{\sigma z_i};\quad
        \operatorname{logit} c_i = \operatorname{logit} m + \frac{\sigma}{1 - m} z_i \text{ for a share}

    A share's spread is that of its logarithm at the median; its logit keeps it between nothing and all, so
    that the median of the draws stays the median.

    Parameters
    ----------
    stack : StackConstants
        The medians :math:`m`.
    log_spreads : mapping of str to float
        Standard deviation of the logarithm by constant, :math:`\sigma` >= 0; names that are none of the
        stack's are left out. [-]
    draws : int
        How many. [-]

    Returns
    -------
    StackConstants
        With a (draws,) column for every constant with a spread; the others stay numbers.

    Notes
    -----
    A share's median is taken as `HIGHEST_SHARE` at most, and the spread of its logit as `WIDEST_LOGIT` at
    most: the logit of a share near 1 would else spread without bound.

    References
    ----------
    .. [1] Aitchison and Shen, Logistic-normal distributions (Biometrika, 1980).

    Examples
    --------
    At the quartiles a constant of 30 us with a spread of 0.2 lies 0.6745 x 0.2 in the logarithm away.

    >>> drawn = drawn_constants(StackConstants(layer_overhead_s=30e-6), {"layer_overhead_s": 0.2}, draws=2)
    >>> [round(float(draw) * 1e6, 2) for draw in np.sort(drawn.layer_overhead_s)]
    [26.21, 34.33]
    """
    spread = {name: sigma for name, sigma in log_spreads.items() if sigma > 0 and hasattr(stack, name)}
    normal = standard_draws(sorted(spread), draws)
    columns = {}
    for name, sigma in spread.items():
        median = np.asarray(getattr(stack, name), dtype=np.float64)
        if name in SHARES:
            below = np.minimum(median, HIGHEST_SHARE)
            spread_of_logit = np.minimum(sigma / (1.0 - below), WIDEST_LOGIT)
            odds = below / (1.0 - below) * np.exp(spread_of_logit * normal[name])
            columns[name] = odds / (1.0 + odds)
        else:
            columns[name] = median * np.exp(sigma * normal[name])
    return replace(stack, **columns)


def band(values: FloatArray, middle: float) -> tuple[float, float, float]:
    r"""Return the 10th percentile, `middle` and the 90th percentile of draws, in order.

    .. math:: (\min(Q_{0.1}, m), m, \max(Q_{0.9}, m))

    Parameters
    ----------
    values : (draws,) float64
        Draws of one quantity, in its unit.
    middle : float
        The estimate at the medians of the constants, :math:`m`; it is kept inside the band.

    Returns
    -------
    tuple of three float
        Low, middle and high, in the unit of the draws.

    References
    ----------
    .. [1] Hyndman and Fan, Sample Quantiles in Statistical Packages (The American Statistician, 1996),
       definition 7: percentiles between draws.

    Examples
    --------
    >>> band(np.arange(101.0), 50.0)
    (10.0, 50.0, 90.0)
    >>> band(np.arange(101.0), 95.0)
    (10.0, 95.0, 95.0)
    """
    below = [int(_place(share, values.size)) for share in (0.1, 0.9)]
    # sorted where it is read, and at its end, where what is no number goes: a third of sorting it all
    read = (min(index + more, values.size - 1) for index in below for more in (0, 1))
    ordered = np.partition(values, [*read, values.size - 1], axis=None)
    low, high = (_quantile(ordered, share) for share in (0.1, 0.9))
    return float(min(low, middle)), float(middle), float(max(high, middle))


def _place(share: float, count: int) -> float:
    """Return where a quantile lies among so many values in order."""
    return share * (count - 1)


def _quantile(ordered: FloatArray, share: float) -> float:
    """Return what `np.quantile` returns, to the last bit, of values that are sorted where it reads them.

    NumPy's own imports masked arrays, which takes a fifth of what a whole estimate does.
    """
    if np.isnan(ordered[-1]):
        return float("nan")
    place = _place(share, len(ordered))
    below = int(place)
    weight = place - below
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    # from the nearer end, as NumPy does, so that the result never leaves the two
    return high - (high - low) * (1 - weight) if weight >= 0.5 else low + (high - low) * weight
