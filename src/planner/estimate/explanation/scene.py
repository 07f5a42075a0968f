"""What every explanation reads: a pool of the plan, trained again, and leaves with their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planner.catalog.evidence import figures_of
from planner.domain.base import Profile
from planner.domain.evidence import Evidence, Figure
from planner.domain.stack import FittedConstant
from planner.engine.inputs import ArchitectureInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.search import Machine
from planner.engine.uncertainty import HIGHEST_SHARE, SHARES
from planner.engine.work import ModelWork
from planner.estimate.explanation.node import Grounds, Node, Unit
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.result import Performance
from planner.planning.stack import COMPUTE, FittedStack
from planner.planning.training import PhaseTraining, Training
from planner.units import Span

_KIND_FOLDERS = {
    "Chip": "chips",
    "System": "systems",
    "Fabric": "fabrics",
    "Stack": "stacks",
    "LanguageModel": "models",
    "Site": "sites",
}


@dataclass(frozen=True, slots=True)
class ModelScene:
    """What is known of a plan without any training: its model, and one pool."""

    resolved: ResolvedPlan
    pool: ResolvedPool
    architecture: ArchitectureInputs


@dataclass(frozen=True, slots=True)
class Scene:
    """One pool of a plan with its training and its figures."""

    model: ModelScene
    performance: Performance
    training: Training
    machine: Machine
    fitted: FittedStack
    #: of the main phase
    layout: Layouts
    work: ModelWork
    workload: WorkloadInputs

    @property
    def resolved(self) -> ResolvedPlan:
        """The plan with its profiles."""
        return self.model.resolved

    @property
    def pool(self) -> ResolvedPool:
        """The pool with its profiles."""
        return self.model.pool

    @property
    def main(self) -> PhaseTraining:
        """The phase whose step is shown."""
        return self.training.main


def of_profile(profile: Profile, path: str, evidence: Evidence | None) -> Grounds:
    """Return the grounds of a profile's field; a plain fact of the profile is as good as a datasheet's."""
    where = f"{_KIND_FOLDERS.get(type(profile).__name__, 'profiles')}/{profile.id}: {path}"
    if evidence is None:
        return Grounds("datasheet", where)
    return Grounds(evidence.kind, where, evidence.sources, evidence.note)


def field(symbol: str, name: str, profile: Profile, path: str, unit: Unit) -> Node:
    """Return a profile's figure as a leaf; a span stands as its middle."""
    figure: Figure[Any] | None = next((f for key, f in figures_of(profile) if key == path), None)
    value = None if figure is None else figure.value
    if isinstance(value, Span):
        name, value = f"{name} ({value.low:g} to {value.high:g}, its middle)", value.middle
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return Node(symbol, name, value, unit, grounds=of_profile(profile, path, figure))


def fact(symbol: str, name: str, profile: Profile, path: str, value: float, unit: Unit = "") -> Node:
    """Return a plain number of a profile as a leaf."""
    return Node(symbol, name, float(value), unit, grounds=of_profile(profile, path, None))


def typed(symbol: str, name: str, value: float | Span, unit: Unit, key: str) -> Node:
    """Return what was typed into the plan as a leaf; a span stands as its middle."""
    if isinstance(value, Span):
        name, value = f"{name} ({value.low:g} to {value.high:g}, its middle)", value.middle
    return Node(symbol, name, float(value), unit, grounds=Grounds("plan", f"plan: {key}"))


def constant(symbol: str, name: str, value: float, unit: Unit, where: str, note: str | None = None) -> Node:
    """Return a constant of the engine that rests on a published figure named in `note`, or on nothing."""
    grounds = Grounds("assumed", where, (), note) if note is None else Grounds("derived", where, (), note)
    return Node(symbol, name, float(value), unit, grounds=grounds)


def chosen(symbol: str, name: str, value: float, scene: Scene, unit: Unit = "") -> Node:
    """Return a part of the layout as a leaf."""
    is_given = scene.main.layout.origin == "given"
    grounds = (
        Grounds("plan", "plan: strategy") if is_given else Grounds("layout", "found by the layout search")
    )
    return Node(symbol, name, float(value), unit, grounds=grounds)


def fitted(symbol: str, name: str, target: str, scene: Scene, unit: Unit = "") -> Node:
    """Return a constant of the stack: base, framework's and generation's factors, each with its runs."""
    value = float(getattr(scene.fitted.constants, target))
    children = [_base(target, scene)]
    stacks, generation = scene.pool.stacks, scene.pool.chip.generation
    factors = next(
        ((stack, stack.generations[generation]) for stack in stacks if generation in stack.generations), None
    )
    is_compute = target in ("matmul_efficiency", "attention_efficiency")
    if factors is not None:
        stack, by_name = factors
        for key in (target, COMPUTE) if is_compute else (target,):
            if key in by_name:
                place = f"stacks/{stack.id}: generations.{generation}.{key}"
                children.append(
                    _factor(f"chip_{key}", f"chip generation's factor on {key}", by_name[key], place)
                )
    if is_compute:
        stack_of = next((stack for stack in stacks if COMPUTE in stack.constants), None)
        if stack_of is not None:
            place = f"stacks/{stack_of.id}: constants.{COMPUTE}"
            children.append(
                _factor("framework", "framework's factor on compute", stack_of.constants[COMPUTE], place)
            )
    if len(children) == 1:
        return Node(symbol, name, value, unit, grounds=children[0].grounds)
    product = " x ".join(child.symbol for child in children)
    equation = f"min({product}, {HIGHEST_SHARE:g})" if target in SHARES else product
    return Node(symbol, name, value, unit, equation=equation, children=tuple(children))


def _base(target: str, scene: Scene) -> Node:
    for stack in scene.pool.stacks:
        if target in stack.constants:
            return _factor(
                "base",
                f"{target} of the stack",
                stack.constants[target],
                f"stacks/{stack.id}: constants.{target}",
            )
    default = float(getattr(StackConstants(), target))
    note = "the engine's prior; no stack has its own"
    return Node(
        "base", f"{target}, prior", default, "", grounds=Grounds("assumed", f"engine: {target}", (), note)
    )


def _factor(symbol: str, name: str, value: FittedConstant, where: str) -> Node:
    grounds = Grounds(value.kind, where, value.sources, value.note, value.runs)
    return Node(symbol, name, value.median, "", grounds=grounds)
