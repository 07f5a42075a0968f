"""Campaigns: what a whole training takes beside steps and failures, by how practised its operator is."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.planning.campaign import campaign_losses
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity


@leaf(
    "campaign.factor",
    "factor on the time of a whole training: slow phases, returns and waits, beside failures",
    "",
    scope="pool",
    form="number",
)
def factor(setting: Setting) -> Leaf:
    """Return what whole trainings of such operators took over their steps and failures."""
    operator = setting.plan.operations.running_operator
    stacks = setting.pool.stacks
    loss = campaign_losses(stacks)[operator]
    if not loss.sources:
        note = "no whole training was looked at: nothing lost, give or take a tenth"
        return Leaf(loss.factors(), Grounds("assumed", "engine: PRIOR_LOG_SPREAD", (), note))
    holder = next(stack for stack in stacks if stack.campaigns)
    note = f"{loss.runs} whole trainings of {loss.sources} sources, by days and chip hours"
    return Leaf(loss.factors(), Grounds("derived", f"stacks/{holder.id}: campaigns.{operator}", (), note))


@quantity(
    "campaign.days",
    "days that a whole training takes beside steps and failures",
    "days",
    {"days": "training_days", "factor": "campaign.factor"},
    short="campaign",
    form="band",
    is_of_job=True,
)
def lost_days(days: FloatArray, factor: FloatArray) -> FloatArray:
    """Return the days that would be left over, were failures all that interrupts the steps."""
    return days * (1.0 - 1.0 / factor)
