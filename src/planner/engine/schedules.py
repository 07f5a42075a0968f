"""Pipeline schedules: one record each, with the paper that its figures come from.

A plan may name exactly the schedules of this table: adding one is one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: Whether a rank's layers are cut into several virtual stages: never; only where the plan pins their number;
#: always, so that the search tries two and more.
VirtualStages = Literal["never", "pinned", "always"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSchedule:
    """The order in which a pipeline works, against plain 1F1B. [-]."""

    #: what it does, in a few words for a list of choices
    words: str
    #: share of the 1F1B bubble that it leaves
    bubble_share: float
    #: microbatches in flight beyond those of 1F1B
    in_flight_more: float = 0.0
    #: copies of its stage's parameters that a rank holds
    stage_copies: float = 1.0
    virtual_stages: VirtualStages
    #: runs a microbatch's forward pass beside another's backward pass, so that one computes while the other's
    #: tokens travel to their experts
    overlaps_experts: bool = False
    citation: str


SCHEDULES: Mapping[str, PipelineSchedule] = MappingProxyType(
    {
        "1f1b": PipelineSchedule(
            words="one forward, one backward",
            bubble_share=1.0,
            virtual_stages="never",
            citation="Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2.1",
        ),
        # fill and drain shrink by the virtual stages themselves, which `step_cut` divides by
        "interleaved": PipelineSchedule(
            words="with virtual stages",
            bubble_share=1.0,
            virtual_stages="always",
            citation="Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2.2",
        ),
        # ZB-H1: the memory of 1F1B and a third of its bubble
        "zero-bubble": PipelineSchedule(
            words="weight gradients fill the bubble",
            bubble_share=1.0 / 3.0,
            virtual_stages="pinned",
            citation="Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), table 2, ZB-H1",
        ),
        # holds p + 1 microbatches and the parameters of two stages; idles for half of what zero bubble leaves
        "dualpipe": PipelineSchedule(
            words="from both ends",
            bubble_share=1.0 / 6.0,
            in_flight_more=1.0,
            stage_copies=2.0,
            virtual_stages="pinned",
            overlaps_experts=True,
            citation="DeepSeek-V3 technical report (arXiv 2412.19437), table 2",
        ),
    }
)


def plainest_schedule(virtual_stages: float) -> str:
    """Return the schedule of a layout that names none: the first of the table that its virtual stages allow.

    Examples
    --------
    >>> plainest_schedule(1), plainest_schedule(4)
    ('1f1b', 'interleaved')
    """
    wanted: VirtualStages = "always" if virtual_stages > 1 else "never"
    return next(name for name, record in SCHEDULES.items() if record.virtual_stages == wanted)
