"""From a plan's names to the profiles behind them, with overrides and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture, LanguageModel
from planner.domain.chip import Chip, Datatype
from planner.domain.evidence import Figure, value_of
from planner.domain.fabric import Fabric
from planner.domain.plan import Plan, Pool, Precision
from planner.domain.site import Site
from planner.domain.stack import Stack
from planner.domain.system import System
from planner.errors import PlanError, ProfileError
from planner.planning.result import ProfileUse

#: The datatype whose dense rate a precision's matmuls run at, best first.
MATMUL_DATATYPES: dict[Precision, tuple[Datatype, ...]] = {
    "bf16": ("bf16",),
    "fp16": ("fp16",),
    "tf32": ("tf32",),
    "fp8": ("fp8",),
    "mxfp8": ("fp8",),
    "fp4": ("fp4",),
    "nvfp4": ("fp4",),
}
LOW_PRECISIONS: frozenset[Precision] = frozenset({"fp8", "mxfp8", "fp4", "nvfp4"})
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ResolvedPool:
    """One pool with its profiles."""

    pool: Pool
    system: System
    chip: Chip
    fabric: Fabric
    #: the stack first, then its parents
    stacks: tuple[Stack, ...]
    chips: int
    #: may end inside a system
    systems: float
    #: the stack was not named: the platform's default
    is_default_stack: bool


@dataclass(frozen=True, slots=True)
class ResolvedPlan:
    """A plan with every profile that it names."""

    plan: Plan
    architecture: Architecture
    model: LanguageModel | None
    site: Site | None
    pools: tuple[ResolvedPool, ...]
    uses: tuple[ProfileUse, ...]


def required(figure: Figure[Value] | None, owner: Chip | System | Fabric, field: str) -> Value:
    """Return a figure's value.

    Raises
    ------
    PlanError
        Where it is unknown: the message names profile and field.
    """
    value = value_of(figure)
    if value is None:
        kind = type(owner).__name__.lower()
        raise PlanError(f"{kind} '{owner.id}' has no known {field}: this estimate needs it")
    return value


def matmul_peak_flops_per_s(chip: Chip, precision: Precision) -> tuple[float, Datatype]:
    """Return the dense rate of a chip's matmuls at a precision, and the datatype that it is for.

    Raises
    ------
    PlanError
        Where the chip has no rate for it; the message names those that it has.
    """
    for datatype in MATMUL_DATATYPES[precision]:
        value = value_of(chip.peak_dense_flops_per_s.get(datatype))
        if value is not None:
            return value, datatype
    known = sorted(name for name, figure in chip.peak_dense_flops_per_s.items() if figure.value is not None)
    has = f"it has {', '.join(known)}" if known else "it has no known rate at all"
    raise PlanError(f"workload.precision = '{precision}': chip '{chip.id}' has no rate for it; {has}")


def half_precision_peak(chip: Chip) -> tuple[float, Datatype]:
    """Return the dense 16-bit rate at which attention runs.

    Raises
    ------
    PlanError
        Where the chip has none.
    """
    datatypes: tuple[Datatype, ...] = ("bf16", "fp16")
    for datatype in datatypes:
        value = value_of(chip.peak_dense_flops_per_s.get(datatype))
        if value is not None:
            return value, datatype
    raise PlanError(f"chip '{chip.id}' has no known peak_dense_flops_per_s.bf16: this estimate needs it")


class Resolver:
    """Looks a plan's profiles up and remembers which were used."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._uses: dict[tuple[str, str], ProfileUse] = {}

    @property
    def uses(self) -> tuple[ProfileUse, ...]:
        """Every profile looked up so far, in order."""
        return tuple(self._uses.values())

    def get(self, kind: str, identifier: str, key: str) -> Any:
        """Return the profile that the plan's `key` names.

        Raises
        ------
        PlanError
            Where there is none, or its file is broken: the message names the key.
        """
        try:
            entry = self._catalog.get(kind, identifier)
        except ProfileError as error:
            raise PlanError(f"{key} = '{identifier}': {error}") from None
        self._uses.setdefault((kind, identifier), ProfileUse(kind, identifier, entry.hash, entry.origin))
        return entry.profile

    def pool(self, pool: Pool) -> ResolvedPool:
        """Return a pool with its profiles."""
        where = f"cluster.pools[{pool.id}]"
        system: System = self.get("systems", pool.system, f"{where}.system")
        chip: Chip = self.get("chips", system.chip, f"{where}.system.chip")
        fabric_id = pool.fabric or system.default_fabric
        if fabric_id is None:
            raise PlanError(f"{where}.fabric is not set and system '{system.id}' has no default fabric")
        fabric: Fabric = self.get("fabrics", fabric_id, f"{where}.fabric")
        stacks = self._stacks(pool.stack or chip.platform, f"{where}.stack")
        if stacks[0].platform != chip.platform:
            raise PlanError(
                f"{where}.stack = '{stacks[0].id}': it is for {stacks[0].platform}, "
                f"but chip '{chip.id}' is a {chip.platform} one"
            )
        chips = pool.chips if pool.chips is not None else (pool.count or 0) * system.chips_per_system
        return ResolvedPool(
            pool, system, chip, fabric, stacks, chips, chips / system.chips_per_system, pool.stack is None
        )

    def _stacks(self, identifier: str, key: str) -> tuple[Stack, ...]:
        chain: list[Stack] = []
        current: str | None = identifier
        while current is not None:
            if any(stack.id == current for stack in chain):
                raise PlanError(f"{key} = '{identifier}': the parents of that stack run in a circle")
            stack: Stack = self.get("stacks", current, key)
            chain.append(stack)
            current = stack.parent
        return tuple(chain)


def resolve(plan: Plan, catalog: Catalog) -> ResolvedPlan:
    """Return the plan with every profile that it names.

    Raises
    ------
    PlanError
        Where a profile is missing or broken.
    """
    resolver = Resolver(catalog)
    model: LanguageModel | None = None
    architecture = plan.model.architecture
    if plan.model.profile is not None:
        model = resolver.get("models", plan.model.profile, "model.profile")
        architecture = model.architecture
    if architecture is None:
        raise PlanError("model: expected either profile = '...' or [model.architecture]")
    site: Site | None = None
    if plan.site.profile is not None:
        site = resolver.get("sites", plan.site.profile, "site.profile")
    pools = tuple(resolver.pool(pool) for pool in plan.cluster.pools)
    return ResolvedPlan(plan, architecture, model, site, pools, resolver.uses)
