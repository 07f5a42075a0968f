"""What a whole training takes over its steps and its failures, by how practised its operator is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from planner.domain.stack import Stack
from planner.engine.arrays import FloatArray
from planner.engine.operators import OPERATORS
from planner.engine.uncertainty import DRAWS, standard_draws

#: What campaigns lose beside failures before any was looked at: nothing, give or take a tenth. Assumed; some
#: phases run slower, training goes back a checkpoint after a spike of the loss, or waits between phases.
PRIOR_LOG_SPREAD = 0.10


@dataclass(frozen=True, slots=True)
class CampaignLoss:
    """A factor on the time of whole trainings, at least 1: its median, and the spread of its logarithm."""

    median: float = 1.0
    log_spread: float = PRIOR_LOG_SPREAD
    #: whole trainings that say so, and the sources that they are of; 0: assumed
    runs: int = 0
    sources: int = 0
    #: of the way from nothing lost to where those trainings alone would put it, how much it could go. [-]
    share: float = 0.0

    def factors(self, draws: int = DRAWS) -> FloatArray:
        """Return the factor at the median and over draws, (1 + draws,); no training gains time. [-]."""
        normal = standard_draws(["campaign"], draws)["campaign"]
        logarithms = math.log(self.median) + self.log_spread * np.concatenate([[0.0], normal])
        return np.exp(np.maximum(logarithms, 0.0))


#: Where no whole training was looked at.
NO_CAMPAIGNS: Mapping[str, CampaignLoss] = MappingProxyType(dict.fromkeys(OPERATORS, CampaignLoss()))


def campaign_losses(stacks: Sequence[Stack]) -> Mapping[str, CampaignLoss]:
    """Return what campaigns lose by operator: of the first stack of a chain that knows, else the prior."""
    known = next((stack.campaigns for stack in stacks if stack.campaigns), None)
    if known is None:
        return NO_CAMPAIGNS
    fitted = {
        name: CampaignLoss(it.median, it.log_spread, it.runs, it.run_sources) for name, it in known.items()
    }
    return {**NO_CAMPAIGNS, **fitted}
