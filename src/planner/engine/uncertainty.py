"""Joint draws of the efficiency constants, with a fixed seed, and the bands that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.inputs import StackConstants

#: Draws behind a band: the P10 of 1,000 is itself known to about 5 % of the band's width.
DRAWS = 1000
SEED = 20_261_122
#: No share of a peak exceeds this, whatever is drawn. [-]
HIGHEST_SHARE = 0.97
#: Widest spread of a share's logit: from a half, 80 % of the draws lie between 0.16 and 0.84. [-]
WIDEST_LOGIT = 1.3
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
        "pipeline_overlap",
        "data_overlap",
        "data_exposed_share",
    }
)


def standard_draws(names: list[str], draws: int = DRAWS, seed: int = SEED) -> dict[str, FloatArray]:
    """Return standard normal draws by name; each name has its own stream, so that draws are shared.

    The same name gets the same draws in every plan: two plans on one stack differ by what differs, not by
    chance. Draws are stratified (one per quantile, in random order), which steadies the percentiles.
    """
    return {name: _stream(name, draws, seed) for name in names}


@lru_cache(maxsize=256)
def _stream(name: str, draws: int, seed: int) -> FloatArray:
    standard = NormalDist()
    quantiles = [standard.inv_cdf((index + 0.5) / draws) for index in range(draws)]
    shuffled = np.random.default_rng([seed, *name.encode()]).permutation(np.array(quantiles))
    shuffled.flags.writeable = False
    return shuffled


def uniform_draws(name: str, draws: int = DRAWS, seed: int = SEED) -> FloatArray:
    """Return stratified draws between 0 and 1 from the name's own stream."""
    stream = np.random.default_rng([seed, *name.encode()])
    return np.asarray((stream.permutation(draws) + 0.5) / draws)


def drawn_constants(
    stack: StackConstants, log_spreads: Mapping[str, float], draws: int = DRAWS
) -> StackConstants:
    """Return the constants as columns of draws about their medians: log-normal, shares logit-normal.

    A share's spread is that of its logarithm at the median; its logit keeps it between nothing and all, so
    that the median of the draws stays the median. A constant without a spread stays a number.
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
    """Return the 10th percentile, `middle` and the 90th percentile of draws, in order.

    The middle is the estimate at the medians of the constants; it is kept inside the band.
    """
    low, high = np.quantile(values, [0.1, 0.9])
    return float(min(low, middle)), float(middle), float(max(high, middle))
