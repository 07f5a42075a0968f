"""The stack's constants: base, framework's and chip generation's factors, each with the runs behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from planner.domain.stack import FittedConstant, Stack
from planner.engine.inputs import StackConstants
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.planning.kernels import kernel_generation, planned_year
from planner.planning.stack import COMPUTE
from planner.quantities.leaves import Leaf, absent, product
from planner.quantities.record import Grounds, Record
from planner.quantities.setting import Setting
from planner.quantities.table import leaf
from planner.quantities.units import Unit

_COMPUTE_TARGETS = ("matmul_efficiency", "attention_efficiency")
_TITLES = {
    "matmul_efficiency": "share of the peak that large matmuls reach",
    "low_precision_efficiency": "of that, share that is left below 16 bit",
    "expert_efficiency": "of that, share that experts' matmuls reach",
    "attention_efficiency": "share of the peak that attention reaches",
    "memory_efficiency": "share of the memory bandwidth that element-wise work reaches",
    "layer_overhead_s": "host seconds that no kernel hides, per layer",
    "scale_up_efficiency": "share of the scale-up bandwidth that collectives reach",
    "scale_out_efficiency": "share of the network's rate that collectives reach",
    "point_to_point_efficiency": "share of the rate that transfers reach",
    "tensor_overlap": "share of tensor-parallel traffic that compute hides",
    "fused_tensor_overlap": "the same where matmuls are fused with their collectives",
    "context_overlap": "share of attention under which context traffic hides",
    "expert_overlap": "share of expert traffic that compute hides",
    "scheduled_expert_overlap": "the same where a schedule runs it beside other work",
    "eager_host_s": "host seconds to start an eager layer's kernels, one pass",
    "mixture_host_s": "host seconds to start a mixture layer's kernels, one pass",
    "expert_load_spread": "spread of experts' loads over their mean, where nothing evens them",
    "pipeline_overlap": "share of transfers between stages that compute hides",
    "data_overlap": "share of compute under which gradient traffic hides",
    "data_exposed_share": "share of gradient traffic that nothing hides",
    "jitter_per_doubling": "loss per doubling of the hosts",
    "step_overhead_s": "seconds that every step loses",
}


def _declare(target: str) -> None:
    unit: Unit = "s" if target.endswith("_s") else ""

    @leaf(f"stack.{target}", _TITLES.get(target, target.replace("_", " ")), unit)
    def read(setting: Setting) -> Leaf:
        return fitted(target, setting)


for _field in fields(StackConstants):
    _declare(_field.name)


@leaf("stack.release", "release of the stack's software", "words", scope="pool", form="words")
def release(setting: Setting) -> Leaf:
    """Return the month of the software: the plan's, else the newest that published runs have."""
    stacks, stated = setting.pool.stacks, setting.pool.pool.stack_release
    if stated is not None:
        return Leaf(stated, Grounds("plan", f"plan: cluster.pools[{setting.pool.pool.id}].stack_release"))
    for stack in stacks:
        if stack.newest_release is not None:
            note = "the newest of the published runs on it"
            return Leaf(
                stack.newest_release, Grounds("derived", f"stacks/{stack.id}: newest_release", (), note)
            )
    return absent("other", "release of the software: no published run states one")


def fitted(target: str, setting: Setting) -> Leaf:
    """Return a constant of the stack with its factors; the first stack of the chain that has one counts."""
    values = np.atleast_1d(np.asarray(getattr(setting.phase.estimate.constants, target), dtype=np.float64))
    children = [_base(target, setting), *_factors(target, setting)]
    if len(children) == 1:
        return Leaf(values, children[0].grounds)
    equation = product(children)
    if target in SHARES:
        equation = f"min({equation}, {HIGHEST_SHARE:g})"
    return Leaf(values, equation=equation, children=tuple(children))


def _base(target: str, setting: Setting) -> Record:
    for stack in setting.pool.stacks:
        if target in stack.constants:
            place = f"stacks/{stack.id}: constants.{target}"
            return _factor("base", f"{target} of the stack", stack.constants[target], place)
    default = float(getattr(StackConstants(), target))
    grounds = Grounds("assumed", f"engine: {target}", (), "the engine's prior; no stack has its own")
    return Record("base", f"{target}, prior", default, "", grounds=grounds)


def _factors(target: str, setting: Setting) -> list[Record]:
    stacks, generation = setting.pool.stacks, setting.pool.chip.generation
    is_compute = target in _COMPUTE_TARGETS
    found: list[Record] = []
    of_chip = next((stack for stack in stacks if generation in stack.generations), None)
    for key in (target, COMPUTE) if is_compute else (target,):
        if of_chip is not None and key in of_chip.generations[generation]:
            place = f"stacks/{of_chip.id}: generations.{generation}.{key}"
            constant = of_chip.generations[generation][key]
            found.append(_factor(f"chip_{key}", f"chip generation's factor on {key}", constant, place))
    if target == "attention_efficiency":
        found.extend(_kernels(setting))
    framework = _with_compute(stacks) if is_compute else None
    if framework is not None:
        place = f"stacks/{framework.id}: constants.{COMPUTE}"
        name = "framework's factor on compute"
        found.append(_factor("framework", name, framework.constants[COMPUTE], place))
    team = setting.plan.operations.running_team
    of_team = next((stack for stack in stacks if team in stack.teams), None) if is_compute else None
    if of_team is not None and COMPUTE in of_team.teams[team]:
        place = f"stacks/{of_team.id}: teams.{team}.{COMPUTE}"
        found.append(_factor("team", "factor of who runs it", of_team.teams[team][COMPUTE], place))
    return found


def _kernels(setting: Setting) -> Iterator[Record]:
    stacks = setting.pool.stacks
    year = planned_year(stacks, setting.pool.pool.stack_release)
    name = kernel_generation(stacks[0].year, year, setting.pool.chip.generation)
    of_kernels = next((stack for stack in stacks if name in stack.kernels), None)
    if of_kernels is not None:
        place = f"stacks/{of_kernels.id}: kernels.{name}"
        yield _factor(
            "kernels", f"factor of the {name} generation of kernels", of_kernels.kernels[name], place
        )


def _with_compute(stacks: tuple[Stack, ...]) -> Stack | None:
    return next((stack for stack in stacks if COMPUTE in stack.constants), None)


def _factor(symbol: str, name: str, value: FittedConstant, where: str) -> Record:
    grounds = Grounds(value.kind, where, value.sources, value.note, value.runs)
    return Record(symbol, name, value.median, "", grounds=grounds)
