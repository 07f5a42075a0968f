"""One system at any count: what the search finds there, and the figures of it, each worked out once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.system import System
from planner.engine.memory import usable_bytes
from planner.engine.search import Found
from planner.errors import PlanError
from planner.estimate.failures import hopeless_reasons
from planner.estimate.verdicts import infeasible_reasons
from planner.exploring.layouts import pinned
from planner.exploring.system_plans import SystemPlan
from planner.exploring.targets import Held, Targets
from planner.planning.job import Job, job_of_plan
from planner.planning.pilots import pilot_steps, split_by_measured
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import NoTraining, Training, trained_phase
from planner.planning.workload import PhaseWorkload, phase_workloads
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting
from planner.units import middle_of

#: No cluster is looked for beyond so many chips.
MOST_CHIPS = 1 << 20


@dataclass(frozen=True, eq=False)
class Trial:
    """A plan on one count of a system: its layouts at once, its figures when they are asked for."""

    count: int
    targets: Targets
    resolved: ResolvedPlan
    pool: ResolvedPool
    #: of each phase; one without a layout is the last
    phases: tuple[tuple[PhaseWorkload, Job, Found], ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """The count of each pool, of which there is one."""
        return (self.count,)

    @property
    def plan(self) -> Plan:
        """The plan of this trial."""
        return self.resolved.plan

    @property
    def fits(self) -> bool:
        """Whether every phase has a layout that fits into memory."""
        return all(len(found.rows) > 0 for _, _, found in self.phases)

    @cached_property
    def chosen_s(self) -> float:
        """Seconds of all steps in the layouts chosen, at the medians; infinite where nothing fits."""
        return self._seconds(lambda found: float(found.step_s[0])) if self.fits else math.inf

    @cached_property
    def fastest_s(self) -> float:
        """The same in the fastest layouts, whether or not people would run them."""
        return self._seconds(lambda found: found.fastest_s) if self.fits else math.inf

    def steps_of(self, place: int) -> float:
        """Return the steps of a phase on the batch as stated."""
        phase, _, _ = self.phases[place]
        return middle_of(phase.tokens) / (phase.sequence_length * phase.global_batch_sequences)

    def _seconds(self, step_s: Callable[[Found], float]) -> float:
        return sum(self.steps_of(place) * step_s(found) for place, (_, _, found) in enumerate(self.phases))

    @cached_property
    def figures(self) -> Figures | None:
        """All numbers of it; None where it cannot run."""
        if not self.fits:
            return None
        trained = tuple(trained_phase(phase, job, found, found.rows[0]) for phase, job, found in self.phases)
        training = Training(trained, *split_by_measured(pilot_steps(self.resolved, self.pool)))
        figures = Figures(main_setting(self.resolved, self.pool, training))
        return None if hopeless_reasons(self.pool, figures) else figures

    @cached_property
    def late_days(self) -> float:
        """Days beyond the deadline at the confidence; infinite where it cannot run."""
        return math.inf if self.figures is None else self.targets.lateness(self.figures)

    @property
    def runs(self) -> bool:
        """Whether it can run at all."""
        return self.late_days < math.inf

    def forget(self) -> None:
        """Keep what was found out and not the draws of all numbers, which are worked out again if asked."""
        self.__dict__.pop("figures", None)

    @property
    def days(self) -> float:
        """Days that count against the tightest deadline; infinite where it cannot run."""
        return self.late_days + self.allowed_days

    @property
    def allowed_days(self) -> float:
        """Days that the deadline leaves."""
        return self.targets.allowed_days(self.plan)

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Every target against it; nothing where it cannot run."""
        figures = self.figures
        return () if figures is None else self.targets.held(figures)

    @property
    def is_in_time(self) -> bool:
        """Whether the deadline is met."""
        return self.late_days <= 0.0

    @property
    def meets_all(self) -> bool:
        """Whether every target is met."""
        return self.runs and all(held.is_met for held in self.held)

    @property
    def missed(self) -> Held | None:
        """The target that is missed by the largest share; None where all are met or nothing runs."""
        return max(
            (held for held in self.held if not held.is_met), key=lambda held: held.excess, default=None
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot run; nothing where it can."""
        if self.runs:
            return ()
        if not self.fits:
            return infeasible_reasons(self.pool, NoTraining(*self.phases[-1]))
        training = Training(tuple(trained_phase(*phase, phase[2].rows[0]) for phase in self.phases))
        return hopeless_reasons(self.pool, Figures(main_setting(self.resolved, self.pool, training)))

    @property
    def lacking_bytes(self) -> float:
        """What the leanest layout needs beyond the memory there is; infinite where there is no layout."""
        _, job, found = self.phases[-1]
        usable = usable_bytes(np.asarray(job.machine.chip.memory_bytes), job.workload.hidden_share)
        return max(found.leanest_bytes - float(usable), 0.0)


@dataclass(eq=False)
class Trials:
    """All that was tried of one system."""

    system: SystemPlan
    catalog: Catalog
    targets: Targets
    should_stop: Callable[[], bool]
    tried: dict[int, Trial] = field(default_factory=dict)

    @cached_property
    def chips_per_system(self) -> int:
        """Chips of one system."""
        system: System = self.catalog.get("systems", self.system.system_id).profile
        return system.chips_per_system

    @cached_property
    def known(self) -> Figures:
        """What is known of it whatever the count and the layout."""
        resolved = resolve(self.system.at(1), self.catalog)
        return Figures(main_setting(resolved, resolved.pools[0]))

    @property
    def allowed_days(self) -> float:
        """Days that the deadline leaves."""
        return self.targets.allowed_days(self.system.plan)

    def at(self, count: int) -> Trial:
        """Return the trial at a count.

        Raises
        ------
        PlanError, ProfileError
            Where a profile lacks a figure that the estimate needs, or what the plan pins contradicts itself.
        """
        if count not in self.tried:
            for trial in self.tried.values():
                trial.forget()
            self.tried[count] = self._trial(count)
        return self.tried[count]

    def without_idle(self, trial: Trial) -> Trial | None:
        """Return a trial's layout given to the systems that it runs on; None where that is all of them.

        Which layout is chosen depends on what else there is: on fewer systems a search may choose another.
        The batch is the one that it trains on. Phases may each use other systems.
        """
        if trial.plan.workload.phases or not trial.fits:
            return None
        ((phase, job, found),) = trial.phases
        choice = trained_phase(phase, job, found, found.rows[0]).layout
        count = -(-choice.chips_used // self.chips_per_system)
        if count >= trial.count:
            return None
        plan = pinned(self.system.at(count), choice, None)
        workload = plan.workload.model_copy(update={"global_batch_sequences": choice.batch})
        return self._of(plan.model_copy(update={"workload": workload}), count)

    def _trial(self, count: int) -> Trial:
        return self._of(self.system.at(count), count)

    def _of(self, plan: Plan, count: int) -> Trial:
        resolved = resolve(plan, self.catalog)
        if resolved.plan.workload.is_post_training:
            raise PlanError(
                f"workload.kind = '{resolved.plan.workload.kind}': `planner size PLAN --steps-per-day N` or "
                "--deadline-days D finds the pools of such a plan"
            )
        (pool,) = resolved.pools
        phases = []
        for workload in phase_workloads(resolved.plan):
            job = job_of_plan(resolved, pool, workload)
            found = job.search(keep=1, cancelled=self.should_stop)
            phases.append((workload, job, found))
            if len(found.rows) == 0:
                break
        return Trial(count, self.targets, resolved, pool, tuple(phases))
