"""Whether a job fits into a chip's memory, and what an instrument would show of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.domain.memory_case import Instrument
from planner.engine.inputs import ChipInputs, Layouts, WorkloadInputs
from planner.engine.memory import MemoryParts, memory_parts
from planner.engine.memory_terms import context_bytes
from planner.engine.work import ModelWork

#: Of what comes and goes, what an allocator with room holds beside it: the median of 67 steps of 1B to 8B
#: models on one card (profiles/memory_runs/measured.toml), between 0.02 and 0.27 for eight of ten. [-]
CACHED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """What a job needs of a chip's memory."""

    parts: MemoryParts
    capacity_bytes: float
    #: of the overhead, what no allocator sees
    context_bytes: float

    @property
    def memory_share(self) -> float:
        """What it needs over what there is. [-]."""
        return float(np.ravel(self.parts.total / self.parts.usable)[0])

    @property
    def fits(self) -> bool:
        """Whether it is called possible."""
        return self.memory_share <= 1.0

    def seen_by(self, instrument: Instrument | None, cached_share: float = CACHED_SHARE) -> float:
        """Return what an instrument shows at the peak. [B].

        Tensors are what is allocated; blocks are held until they are cut up, and the device's context is no
        block. Where nobody says what counted, it is taken to be the blocks. Blocks that nobody uses are given
        back before memory runs out: they show, and do not decide whether a job fits.
        """
        parts = self.parts
        total, overhead, usable, moving = (
            float(np.ravel(part)[0])
            for part in (
                parts.total,
                parts.overhead,
                parts.usable,
                parts.activations + parts.logits + parts.buffers,
            )
        )
        if instrument in ("allocated", "compiler"):
            return total - overhead
        cached = max(cached_share * moving - (overhead - self.context_bytes), 0.0)
        shown = max(min(total + cached, usable), total)
        return shown if instrument == "driver" else shown - self.context_bytes


def fit_of(work: ModelWork, layout: Layouts, workload: WorkloadInputs, capacity_bytes: float) -> Fit:
    """Return what a job needs of chips with so much memory."""
    chip = ChipInputs(
        matmul_peak_flops_per_s=np.inf,
        attention_peak_flops_per_s=np.inf,
        memory_bytes=capacity_bytes,
        memory_bandwidth_bytes_per_s=np.inf,
    )
    return Fit(
        memory_parts(work, layout, chip, workload),
        capacity_bytes,
        float(context_bytes(layout, workload)),
    )
