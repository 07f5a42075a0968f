"""From a plan's names to the profiles behind them, with overrides and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.catalog.architecture import architecture_of
from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture, LanguageModel
from planner.domain.chip import Chip
from planner.domain.fabric import Fabric
from planner.domain.plan import Plan, Pool, missing_in_plan
from planner.domain.price import Price
from planner.domain.site import Site
from planner.domain.stack import Stack
from planner.domain.system import System
from planner.errors import InputError, PlanError, ProfileError
from planner.planning.plausible_architecture import plausible_architecture
from planner.planning.prices import prices_of


@dataclass(frozen=True, slots=True)
class ProfileUse:
    """A profile that the estimate read."""

    kind: str
    id: str
    hash: str
    origin: str


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

    @property
    def needs_network(self) -> bool:
        """Whether it is larger than one scale-up domain, inside which nothing else need join its chips."""
        return self.chips > self.system.chips_per_domain


@dataclass(frozen=True, slots=True)
class ResolvedPlan:
    """A plan with every profile that it names."""

    plan: Plan
    architecture: Architecture
    model: LanguageModel | None
    site: Site | None
    pools: tuple[ResolvedPool, ...]
    uses: tuple[ProfileUse, ...]
    #: those that its lines of money may read, by id
    prices: Mapping[str, Price] = field(default_factory=dict)

    @property
    def has_assumed_shape(self) -> bool:
        """Whether the plan knows the model's parameters alone, and its shape is assumed from them."""
        return self.plan.model.parameters is not None


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

    def price(self, identifier: str) -> Price | None:
        """Return a price, where there is one of that id; nothing is wrong where there is none."""
        entry = self._catalog.find("prices", identifier)
        if entry is None:
            return None
        price: Price = self.get("prices", identifier, "prices")
        return price

    def pool(self, pool: Pool) -> ResolvedPool:
        """Return a pool with its profiles."""
        where = f"cluster.pools[{pool.id}]"
        assert pool.system is not None  # `resolve` asked whether the plan says it
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
        Where a profile is missing or broken, or where the plan does not say yet what an estimate needs.
    """
    if lacks := ", ".join(f"{missing.key.title} ({missing.name})" for missing in missing_in_plan(plan)):
        raise PlanError(f"the plan does not say yet: {lacks}")
    resolver = Resolver(catalog)
    model: LanguageModel | None = None
    architecture = plan.model.architecture
    if plan.model.profile is not None:
        model = resolver.get("models", plan.model.profile, "model.profile")
        try:
            architecture = architecture_of(model)
        except ProfileError as error:
            raise PlanError(f"model.profile = '{model.id}': {error}") from None
    if plan.model.parameters is not None:
        architecture = assumed_architecture(plan.model.parameters, plan.model.active_parameters)
    assert architecture is not None  # as asked above
    architecture = _with_encoded_share(architecture, plan.workload.encoded_share)
    site: Site | None = None
    if plan.site.profile is not None:
        site = resolver.get("sites", plan.site.profile, "site.profile")
    pools = tuple(resolver.pool(pool) for pool in plan.cluster.pools)
    country = plan.site.country or (None if site is None else site.country)
    parts = [(pool.system, pool.chip, pool.fabric) for pool in pools]
    prices = prices_of(plan, parts, country, resolver.price)
    return ResolvedPlan(plan, architecture, model, site, pools, resolver.uses, prices)


def assumed_architecture(parameters: float, active_parameters: float | None) -> Architecture:
    """Return the shape that is assumed of a plan's parameters.

    Raises
    ------
    PlanError
        Where no such model can be thought of.
    """
    try:
        return plausible_architecture(parameters, active_parameters)
    except InputError as error:
        raise PlanError(f"model.{error}") from None


def _with_encoded_share(architecture: Architecture, share: float | None) -> Architecture:
    """Return the architecture whose encoder makes that share of the tokens; None: as its file says."""
    if share is None or (share == 0 and not architecture.encoders):
        return architecture
    if len(architecture.encoders) != 1:
        raise PlanError(
            f"workload.encoded_share = {share:g}: the model has {len(architecture.encoders)} encoders; "
            "expected one whose tokens it can be a share of"
        )
    (encoder,) = architecture.encoders
    encoders = (encoder.model_copy(update={"tokens_share": share}),)
    return architecture.model_copy(update={"encoders": encoders})
