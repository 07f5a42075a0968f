"""Random small questions about sizes, and their answers by trying every count."""

from __future__ import annotations

import random
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Asked, Targets, at_confidence, targets_of

#: Systems of one to 72 chips, of several vendors.
SYSTEMS = ("dgx-a100", "dgx-h100", "atlas-800t-a2", "mi300x-8", "gb200-nvl72", "alps-gh200-4", "gaudi3-8")
MODELS = ("llama-2-7b", "llama-2-13b", "mixtral-8x7b", "qwen2-72b")
MOST_SYSTEMS = 40


@dataclass(frozen=True)
class Case:
    """A question, and what every count comes to."""

    plan: Plan
    system_id: str
    targets: Targets
    #: whether all targets are met, by count from 1
    is_met: tuple[bool, ...]

    @property
    def expected(self) -> int | None:
        """The smallest count that meets all; None where none of those tried does."""
        return next((count for count, met in enumerate(self.is_met, 1) if met), None)


def random_case(seed: int, catalog: Catalog) -> Case:
    """Return a question whose answer lies among the first few counts, mostly."""
    chance = random.Random(seed)
    system_id = chance.choice(SYSTEMS)
    plan = Plan.model_validate(
        {
            "name": f"case {seed}",
            "as_of": "2026-11-22",
            "model": {"profile": chance.choice(MODELS)},
            "workload": {
                "tokens": chance.choice([2e10, 3e11, 2e12]),
                "sequence_length": chance.choice([2048, 4096, 8192]),
                "global_batch_sequences": chance.choice([64, 96, 128, 250, 512, 1000]),
                "batch_flex": chance.choice([0.0, 0.05, 0.05, 0.1]),
            },
            "cluster": {"pools": [{"id": "train", "system": system_id, "count": 1}]},
            "calendar": {"start": "2027-01-04"},
            "targets": {"money_of": chance.choice(["purchase", "run"])},
        }
    )
    most = MOST_SYSTEMS // 4 if system_id == "gb200-nvl72" else MOST_SYSTEMS
    system = plan_on(plan, catalog, system_id)
    found = [estimate_plan(system.at(count), catalog).figures for count in range(1, most + 1)]
    able = [figures for figures in found if figures is not None]
    confidence = chance.choice([0.5, 0.8, 0.9])
    asked = Asked(deadline_days=100.0, confidence=confidence)
    if able:
        pick = chance.choice(able)
        money_of = "cost.capex" if plan.targets.money_of == "purchase" else "cost.total"
        days, power, money = (
            at_confidence(pick[name], confidence) for name in ("training_days", "power.facility_w", money_of)
        )
        assert days is not None
        asked = Asked(
            deadline_days=days * chance.uniform(0.97, 1.3),
            max_mw=power * chance.uniform(0.9, 2.0) / 1e6 if power and chance.random() < 0.3 else None,
            max_usd=money * chance.uniform(0.95, 2.0) if money and chance.random() < 0.3 else None,
            confidence=confidence,
        )
    targets = targets_of(plan, asked, catalog)
    met = tuple(
        figures is not None and all(held.is_met for held in targets.held(figures)) for figures in found
    )
    return Case(plan, system_id, targets, met)
