"""What asking back costs: CPU of the smallest clusters of all systems, system by system, on one core.

Run by hand: python tests/benchmarks/size_speed.py [PLAN] [DEADLINE_DAYS]

Seconds of CPU, not of the clock, so that what else runs on the machine weighs little. The first answer is
the plan's own system's. What should come out for Llama 3.1 405B in 100 days: all systems that can be planned
in 60 s, the first in 5 s.
"""

from __future__ import annotations

import sys
import time

from planner.catalog.catalog import load_catalog
from planner.cli.inputs import load_named_plan
from planner.exploring.sizes import SystemAnswer, sizes
from planner.exploring.targets import Asked, targets_of

_PLAN, _DAYS = "llama-3.1-405b-h100", 100.0
#: What should come out. [s]
FIRST_S, ALL_S = 5.0, 60.0


def main(arguments: list[str]) -> None:
    """Print the CPU of each answer, of the first and of all."""
    name = arguments[0] if arguments else _PLAN
    days = float(arguments[1]) if len(arguments) > 1 else _DAYS
    catalog = load_catalog(include_user=False)
    plan = load_named_plan(name)
    own = [pool.system for pool in plan.cluster.pools if pool.system is not None]
    systems = [*own, *(system for system in catalog.systems if system not in own)]
    targets = targets_of(plan, Asked(deadline_days=days), catalog)
    began = last = time.process_time()
    first = 0.0
    planned = 0
    for step in sizes(plan, catalog, targets, systems):
        if not isinstance(step, SystemAnswer):
            continue
        now = time.process_time()
        first = first or now - began
        planned += step.binds != "profile"
        found = f"{step.count:,}" if step.count is not None else f"none ({step.binds})"
        print(f"{step.system_id:28} {found:>22} {step.tried:4} counts {now - last:6.2f} s")
        last = now
    print(f"first answer {first:.2f} s of {FIRST_S:.0f}")
    print(f"{planned} systems planned, of {len(systems)}: {last - began:.1f} s of {ALL_S:.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
