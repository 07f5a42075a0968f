"""The schedule by which a plan's cluster is accepted: the lines that its job needs, nodes first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from statistics import NormalDist

from planner.acceptance.agreed import not_needed, with_agreed
from planner.acceptance.chip_lines import (
    MATMUL_TITLE,
    MEMORY_TITLE,
    PORT_TITLE,
    availability,
    chip_expected,
    hosts_of,
    node_line,
)
from planner.acceptance.effects import Part, cost_of_a_percent
from planner.acceptance.lines import Line, Sample, Unit, Where
from planner.acceptance.pools import untested
from planner.acceptance.rollout_lines import rollout_lines
from planner.acceptance.sampling import (
    COLLECTIVE_REPEAT_ERROR,
    GROUP_SPREAD,
    LONGEST_SOAK_H,
    REPEAT_ERROR,
    STATED_SPREAD,
    TOO_OFTEN,
    sampled,
)
from planner.acceptance.step_words import rollouts_read_it, share_words, step_of
from planner.acceptance.tools import Tool, collective_tool, matmul_tool, memory_tool, port_tool
from planner.acceptance.traffic_lines import Sent, sent_by
from planner.catalog.catalog import Catalog
from planner.domain.plan_acceptance import Acceptance
from planner.engine.acceptance_sampling import soak
from planner.engine.arrays import at_median
from planner.engine.goodput import CHECKPOINT_BYTES_PER_PARAMETER
from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.errors import InfeasibleError
from planner.estimate.result import Estimate
from planner.planning.components import traffic_tier
from planner.planning.expected_rates import Expected, expected_collective
from planner.planning.measured_rates import planned_collective, timed_points
from planner.planning.training import PhaseTraining
from planner.quantities.evaluation import Figures
from planner.units import HOURS_PER_DAY, SECONDS_PER_HOUR, percent

#: A reference run: after so many steps, for so many, or for so long. [-], [s]
WARM_UP_STEPS = 20
LEAST_STEPS = 100
REFERENCE_S = 2 * SECONDS_PER_HOUR
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Schedule:
    """All lines, node tests first."""

    plan_name: str
    #: the pool whose layout it is for; of two, one of which generates, the one that learns
    pool: str
    #: of the plan, before anything is tested
    days: float
    risk_seller: float
    risk_buyer: float
    lines: tuple[Line, ...]
    #: of each other pool, that and why it has no lines
    untested: tuple[str, ...] = ()
    #: ids of agreed lines that this job does not need
    not_needed: tuple[str, ...] = ()

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools that lines are of, where they are of several."""
        return tuple(dict.fromkeys(line.pool for line in self.lines if line.pool is not None))

    def line(self, identifier: str) -> Line | None:
        """Return a line by its id; None where the job needs no such."""
        return next((line for line in self.lines if line.id == identifier), None)

    @property
    def by_cost(self) -> tuple[Line, ...]:
        """The lines by what a missing percent costs, the dearest first."""
        return tuple(sorted(self.lines, key=lambda line: -line.cost.days))

    @property
    def asked(self) -> tuple[Line, ...]:
        """Lines whose expectation nobody measured."""
        return tuple(line for line in self.lines if line.is_asked)


def schedule_of(estimate: Estimate, catalog: Catalog, acceptance: Acceptance) -> Schedule:
    """Return the schedule of a plan's cluster.

    Parameters
    ----------
    estimate
        Of the plan. Of several pools the one that sets the pace is tested so; where another one generates for
        it, both are.
    catalog
        Where measured rates are found.
    acceptance
        Both sides' risks, and what was agreed.

    Raises
    ------
    InfeasibleError
        Where the plan cannot run: nothing says what is needed of the cluster then.
    PlanError
        Where an agreed amount is of another unit than its line.
    """
    whole = estimate.whole_pool
    if estimate.figures is None or whole is None or whole.figures is None:
        raise InfeasibleError("the plan cannot run: there is no job to accept its cluster for")
    joined = estimate.joined
    generates = joined is not None and joined.generates
    figures = estimate.figures if generates else whole.figures
    found = _Maker(figures, whole.figures, catalog, acceptance).lines()
    if generates:
        learning = (replace(line, pool=whole.id) for line in found)
        found = chain(learning, rollout_lines(figures, catalog, acceptance))
    lines = with_agreed(found, acceptance)
    return Schedule(
        estimate.plan_name,
        whole.id,
        figures.number("training_days"),
        acceptance.risk_seller,
        acceptance.risk_buyer,
        lines,
        tuple(untested(estimate, whole)),
        not_needed(lines, acceptance),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    #: of the plan, and of the pool by itself, which differ where another pool generates for it
    figures: Figures
    own: Figures
    catalog: Catalog
    acceptance: Acceptance

    @property
    def phase(self) -> PhaseTraining:
        return self.figures.of_phase(self.figures.setting.phase_index).setting.phase

    def lines(self) -> Iterator[Line]:
        """Yield all lines, those of single nodes first."""
        yield self._matmul()
        yield self._memory()
        sent = [one for one in sent_by(self.phase) if one.message_bytes > 0]
        tiers = [(one, traffic_tier(self.phase, one.component)[0]) for one in sent]
        if any(crosses for _, crosses in tiers):
            yield self._port([one for one, crosses in tiers if crosses])
        for one, _ in sorted(tiers, key=lambda pair: pair[1]):
            yield self._collective(one)
        yield self._checkpoint()
        yield self._reference()
        yield from self._soak()
        yield from availability("availability", self.own, cost_of_a_percent(self.figures, "step"))

    # -- chips

    def _matmul(self) -> Line:
        setting = self.figures.setting
        datatype = PRECISIONS[setting.plan.workload.precision or USUAL_PRECISION].datatype
        work, layout, terms = self.phase.job.work, self.phase.layout, self.phase.estimate.step.terms
        width = at_median(work.feed_forward_width) or at_median(work.expert_width)
        shape = (
            round(at_median(terms.tokens)),
            round(at_median(work.hidden)),
            max(round(width / layout.tp), 1),
        )
        return self._node(
            "matmul",
            MATMUL_TITLE.format(datatype, *shape),
            "matmul",
            "FLOP/s",
            matmul_tool(setting.pool.chip.platform, datatype, shape),
            chip_expected(setting.pool, "matmul", datatype, self.catalog),
            f"matmuls and attention are {share_words(self.phase, 'compute')}; "
            "this is the shape of a layer's on one chip",
        )

    def _memory(self) -> Line:
        pool = self.figures.setting.pool
        return self._node(
            "memory",
            MEMORY_TITLE,
            "memory",
            "B/s",
            memory_tool(pool.chip.platform),
            chip_expected(pool, "memory", None, self.catalog),
            "norms, activations and the optimizer's update wait for it: "
            f"{share_words(self.phase, 'memory_bound')}{rollouts_read_it(self.phase)}",
        )

    def _port(self, crossing: list[Sent]) -> Line:
        pool = self.figures.setting.pool
        names = " and ".join(one.title for one in crossing)
        most = max(crossing, key=lambda one: one.exposed_s)
        return self._node(
            "port",
            PORT_TITLE,
            most.component,
            "B/s",
            port_tool(pool.fabric.kind),
            chip_expected(pool, "port", None, self.catalog),
            f"{names} {'leaves' if len(crossing) == 1 else 'leave'} a scale-up domain through it: "
            "one slow port slows every collective",
        )

    def _node(
        self,
        identifier: str,
        title: str,
        part: Part,
        unit: Unit,
        tool: Tool | None,
        expected: Expected | None,
        why: str,
    ) -> Line:
        return node_line(
            identifier,
            title,
            part,
            unit,
            pool=self.figures.setting.pool,
            tool=tool,
            expected=expected,
            acceptance=self.acceptance,
            cost=cost_of_a_percent(self.figures, part),
            why=why,
        )

    @property
    def _hosts(self) -> int:
        return hosts_of(self.figures.setting.pool)

    # -- collectives

    def _collective(self, sent: Sent) -> Line:
        pool, network = self.figures.setting.pool, self.phase.job.machine.network
        timed = planned_collective(sent.collective, pool.chip, network, ranks=sent.ranks, stride=sent.stride)
        expected = expected_collective(timed, sent.message_bytes, timed_points(self.catalog))
        nodes = timed.nodes
        groups = max(round(pool.chips / sent.ranks), 1)
        where: Where = "whole" if groups == 1 else "group"
        what = "the whole cluster" if groups == 1 else f"each of {groups:,} groups"
        return Line(
            sent.component.removesuffix("_p2p"),
            f"{sent.collective.replace('_', '-')} of {sent.ranks:,.0f} ranks: {sent.title}",
            sent.component,
            where,
            "B/s",
            collective_tool(pool.chip.platform, sent.collective, sent.message_bytes, sent.ranks),
            expected,
            sampled(self.acceptance, expected.log_spread, GROUP_SPREAD, COLLECTIVE_REPEAT_ERROR, what),
            cost_of_a_percent(self.figures, sent.component),
            f"{sent.purpose}; {step_of(self.phase)} waits for it {percent(sent.share, 1)} of its time",
            size_bytes=sent.message_bytes,
            ranks=sent.ranks,
            nodes=nodes,
            collective=sent.collective,
        )

    # -- the whole

    def _checkpoint(self) -> Line:
        operations = self.figures.setting.plan.operations
        parameters = self.figures.number("facts.parameters")
        size = parameters * CHECKPOINT_BYTES_PER_PARAMETER
        rate = operations.storage_bytes_per_s or operations.checkpoint_bytes_per_s
        expected = sample = None
        if rate is not None:
            expected = Expected(float(rate), STATED_SPREAD, "plan", "as the plan states it", ())
            sample = sampled(
                self.acceptance, STATED_SPREAD, GROUP_SPREAD, COLLECTIVE_REPEAT_ERROR, "all nodes at once"
            )
        interval = self.figures.p50("goodput.interval_s")
        often = f" every {interval / 60:,.0f} minutes" if interval and math.isfinite(interval) else ""
        return Line(
            "checkpoint",
            f"checkpoint of {size / 1e12:,.3g} TB written from all nodes",
            "storage",
            "whole",
            "B/s",
            Tool(
                "fio, or the trainer's own writer",
                "save a checkpoint of that size from all nodes and time it",
            ),
            expected,
            sample,
            cost_of_a_percent(self.figures, "storage"),
            f"training stops for it{often}",
            size_bytes=size,
            nodes=float(self._hosts),
        )

    def _reference(self) -> Line:
        figures = self.figures
        band, step_s = figures.band("tokens_per_second"), figures.number("step.seconds")
        assert band is not None  # known wherever a layout trains
        spread = math.log(band.p90 / band.p10) / (2.0 * _NORMAL.inv_cdf(0.9))
        steps = max(LEAST_STEPS, math.ceil(REFERENCE_S / step_s))
        layout = self.phase.layout
        hours = steps * step_s / SECONDS_PER_HOUR
        return Line(
            "reference",
            f"reference run: {steps:,} steps of {layout.batch:,} sequences, about {hours:,.1f} h",
            "step",
            "whole",
            "tokens/s",
            Tool(
                "the trainer", f"{layout.words}; the mean of steps {WARM_UP_STEPS} to {WARM_UP_STEPS + steps}"
            ),
            Expected(band.p50, spread, "plan", "the plan's own estimate", ()),
            sampled(self.acceptance, spread, GROUP_SPREAD, REPEAT_ERROR, f"{steps:,} steps"),
            cost_of_a_percent(figures, "step"),
            "components pass and systems fail: it alone shows the rate that the date rests on",
            nodes=float(self._hosts),
        )

    def _soak(self) -> Iterator[Line]:
        per_day = self.figures.band("goodput.failures_per_day")
        if per_day is None or per_day.p50 <= 0:
            return
        good = per_day.p50 / HOURS_PER_DAY
        seller, buyer = self.acceptance.risk_seller, self.acceptance.risk_buyer
        plan = soak(good, good * TOO_OFTEN, seller_risk=seller, buyer_risk=buyer, longest_h=LONGEST_SOAK_H)
        keeps = plan.buyer_risk <= buyer + 1e-6
        expected = good * plan.hours
        spread = math.log(max(per_day.p90, 1e-12) / max(per_day.p10, 1e-12)) / (2.0 * _NORMAL.inv_cdf(0.9))
        yield Line(
            "soak",
            f"soak: the reference run for {plan.hours:,.0f} h, interruptions counted",
            "failures",
            "whole",
            "failures",
            Tool("the trainer's log", f"run on for {plan.hours:,.0f} h; count what stops the job"),
            Expected(expected, spread, "plan", "the failures that the plan assumes", ()),
            Sample(
                f"{plan.hours:,.0f} h, {plan.allowed} failures allowed",
                plan.allowed / expected,
                plan.seller_risk,
                plan.buyer_risk,
                plan.seller_risk,
                keeps,
            ),
            cost_of_a_percent(self.figures, "failures"),
            f"the plan's goodput assumes {per_day.p50:,.2g} interruptions a day; "
            + ("twice that has to be found" if keeps else f"twice that hardly shows in {plan.hours:,.0f} h"),
            nodes=float(self._hosts),
            is_ceiling=True,
            hours=plan.hours,
        )
