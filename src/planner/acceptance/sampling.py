"""What a line's sample is, by what sound nodes and repetitions scatter, and what both sides risk by it."""

from __future__ import annotations

import math
from statistics import NormalDist

from planner.acceptance.lines import Sample
from planner.domain.plan_acceptance import Acceptance
from planner.engine.acceptance_sampling import node_test

#: Sound chips of one kind, about their mean: between the ends of all 8 % on five clusters of thousands (Sinha
#: et al., Not All GPUs Are Created Equal, SC22), which is four standard deviations. [-]
NODE_SPREAD = 0.02
#: Groups of one cluster about theirs, and one repetition on the same chips; a collective over many nodes
#: differs more from one repetition to the next. Assumed. [-]
GROUP_SPREAD = 0.02
REPEAT_ERROR = 0.01
COLLECTIVE_REPEAT_ERROR = 0.03
#: What a node or group lacks that has to be found. [-]
SLOW_BY = 0.10
#: What fails that much more often than is planned has to be found. [-]
TOO_OFTEN = 2.0
#: No soak is longer: stability is asked for over weeks, burn-in over 72 to 168 hours. [h]
LONGEST_SOAK_H = 720.0
#: Of a value that the plan states, where nothing says how sure it is. Assumed. [-]
STATED_SPREAD = 0.05


def sampled(acceptance: Acceptance, log_spread: float, spread: float, error: float, what: str) -> Sample:
    """Return the sample of a line.

    Parameters
    ----------
    acceptance
        Both sides' risks.
    log_spread
        Of the logarithm of what sound systems of the kind reach: what the base value may yet be. [-]
    spread, error
        Of sound nodes or groups about the base value, and of one repetition. [-]
    what
        What is measured, in words.
    """
    seller, buyer = acceptance.risk_seller, acceptance.risk_buyer
    test = node_test(spread, error, SLOW_BY, seller_risk=seller, buyer_risk=buyer)
    scatter = math.sqrt(spread**2 + error**2 / test.repetitions)
    unsigned = NormalDist().cdf(math.log(test.threshold_share) / math.hypot(log_spread, scatter))
    times = "once" if test.repetitions == 1 else f"{test.repetitions} times"
    return Sample(
        f"{what}, {times}",
        test.threshold_share,
        test.seller_risk,
        test.buyer_risk,
        unsigned,
        test.is_possible and test.buyer_risk <= buyer,
    )
