"""The reference run as a file of runs: the next plans know their own source by it."""

from __future__ import annotations

from typing import Any

from planner.acceptance.after import After
from planner.acceptance.results import Judged
from planner.domain.evidence import value_of
from planner.files.writing import toml_text


def run_file_text(after: After, *, where: str) -> str | None:
    """Return the reference run as `planner validate --runs` reads it; None where there was none.

    Raises
    ------
    FileError
        Where it would not read back.
    """
    reference = next((one for one in after.lines if one.line.id == "reference"), None)
    if reference is None or reference.measured is None or after.before.figures is None:
        return None
    return toml_text(_file(after, reference), where=where)


def _file(after: After, reference: Judged) -> dict[str, Any]:
    figures = after.before.figures
    assert figures is not None  # as asked
    assert reference.measured is not None
    setting = figures.of_phase(figures.setting.phase_index).setting
    layout, pool, plan = setting.phase.layout, setting.pool, setting.plan
    architecture = setting.resolved.architecture.model_dump(
        mode="json", exclude_defaults=True, exclude_none=True
    )
    hardware: dict[str, Any] = {
        "chip": pool.chip.id,
        "platform": pool.chip.platform,
        "chip_count": layout.chips_used,
        "chips_per_host": pool.system.chips_per_host,
        "chips_per_domain": pool.system.chips_per_domain,
    }
    port = value_of(pool.fabric.port_bytes_per_s)
    if port is not None and (ports := value_of(pool.system.ports_per_host)) is not None:
        hardware["scale_out_bytes_per_s"] = port * ports / pool.system.chips_per_host
    recompute = "selective" if layout.recompute not in ("none", "full") else layout.recompute
    return {
        "documents": {
            "acceptance": {"title": f"reference run: {after.schedule.plan_name}", "team": "single"}
        },
        "architectures": {"reference": architecture},
        "run": [
            {
                "id": f"acceptance-{pool.chip.id}-{layout.chips_used}",
                "group": "acceptance/reference",
                "tier": "A",
                "quality": "measured by its own team",
                "model": plan.model.profile or after.schedule.plan_name,
                "architecture": "reference",
                "sequence_length": int(setting.phase.workload.sequence_length),
                "global_batch_sequences": layout.batch,
                "precision": plan.workload.precision or "bf16",
                "layout": {
                    "tensor": layout.tp,
                    "context": layout.cp,
                    "expert": layout.ep,
                    "pipeline": layout.pp,
                    "virtual_stages": layout.vpp,
                    "data": layout.dp,
                    "microbatch": layout.microbatch,
                    "zero": layout.zero,
                },
                "recompute": {"kind": recompute},
                "hardware": hardware,
                "result": {
                    "tokens_per_s_per_chip": reference.measured.value / layout.chips_used,
                    "rate_from": "throughput",
                },
                "source": {"document": "acceptance", "location": reference.measured.file},
            }
        ],
    }
