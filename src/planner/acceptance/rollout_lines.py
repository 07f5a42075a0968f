"""The lines of a pool that generates for another: chips, a copy's collectives, its weights and rollout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner.acceptance.chip_lines import (
    MATMUL_TITLE,
    MEMORY_TITLE,
    PORT_TITLE,
    availability,
    chip_expected,
    hosts_of,
    node_line,
)
from planner.acceptance.effects import Cost, Part, cost_of_a_percent
from planner.acceptance.lines import ROLLOUT_PREFIX, Line, Unit
from planner.acceptance.sampling import (
    COLLECTIVE_REPEAT_ERROR,
    GROUP_SPREAD,
    REPEAT_ERROR,
    STATED_SPREAD,
    sampled,
)
from planner.acceptance.tools import (
    Tool,
    cache_tool,
    collective_tool,
    matmul_tool,
    memory_tool,
    port_tool,
)
from planner.catalog.catalog import Catalog
from planner.domain.plan_acceptance import Acceptance
from planner.engine.arrays import at_median
from planner.engine.key_value_cache import cached_bytes
from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.engine.work import HALF_BYTES
from planner.planning.expected_rates import Expected, expected_collective
from planner.planning.machine_parts import cache_of
from planner.planning.measured_rates import planned_collective, timed_points
from planner.planning.post_training import Generating
from planner.planning.post_training_plan import PostPhase
from planner.planning.resolve import ResolvedPool
from planner.planning.training import PhaseTraining
from planner.quantities.evaluation import Figures
from planner.quantities.setting import main_setting
from planner.units import SECONDS_PER_HOUR, percent

#: Of the logarithm of what a transfer of weights reaches of its ports: published ones reach 0.08 to 0.4 of
#: them (verl, docs/advance/fully_async.md), the ends of a band of 80 %. [-]
TRANSFER_SPREAD = 0.63
#: Rollouts of a step that the reference rollout times. [-]
ROLLOUTS = 5


def rollout_lines(figures: Figures, catalog: Catalog, acceptance: Acceptance) -> Iterator[Line]:
    """Yield the lines of the pool that generates, in the order of those of the pool that learns.

    Parameters
    ----------
    figures
        Of a plan one of whose two pools generates.
    catalog
        Where measured rates are found.
    acceptance
        Both sides' risks.
    """
    joined = figures.setting.joined
    assert joined is not None  # as whoever asks knows
    phase = figures.of_phase(figures.setting.phase_index).setting.phase
    member = joined.members[1]
    own = Figures(main_setting(figures.setting.resolved, member.pool, member.training))
    assert phase.post is not None
    assert phase.post.generating is not None
    maker = _Maker(figures, own, phase, phase.post, phase.post.generating, member.pool, catalog, acceptance)
    for line in maker.lines():
        yield replace(line, pool=member.pool.pool.id)


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    #: of the plan, and of the pool by itself
    figures: Figures
    own: Figures
    phase: PhaseTraining
    post: PostPhase
    side: Generating
    pool: ResolvedPool
    catalog: Catalog
    acceptance: Acceptance

    def lines(self) -> Iterator[Line]:
        yield self._matmul()
        yield self._memory()
        yield self._port()
        if self.post.found.tensor > 1:
            yield self._tensor()
        yield self._cache()
        yield self._transfer()
        yield self._reference()
        yield from availability(f"{ROLLOUT_PREFIX}availability", self.own, self._cost("step"))

    def _cost(self, part: Part) -> Cost:
        return cost_of_a_percent(self.figures, part, self.pool.pool.id)

    def _share(self, *names: str) -> str:
        """Return how much of a rollout some of its phases are: `65 % of a rollout`."""
        rollout = self.post.found.rollout
        share = sum(at_median(getattr(rollout, name)) for name in names) / at_median(rollout.total)
        return f"{percent(share, 1)} of a rollout"

    @property
    def _copies(self) -> int:
        return max(int(self.post.rollout_chips // self.post.found.tensor), 1)

    # -- chips

    def _matmul(self) -> Line:
        work, found = self.phase.job.work, self.post.found
        datatype = PRECISIONS[self.side.precision or USUAL_PRECISION].datatype
        width = at_median(work.feed_forward_width) or at_median(work.expert_width)
        rows = max(round(found.lengths.prompt), 1)
        shape = (rows, round(at_median(work.hidden)), max(round(width / found.tensor), 1))
        return self._node(
            "matmul",
            MATMUL_TITLE.format(datatype, *shape),
            "matmul",
            "FLOP/s",
            matmul_tool(self.pool.chip.platform, datatype, shape),
            chip_expected(self.pool, "matmul", datatype, self.catalog),
            f"prompts are read at its rate ({self._share('prefill')}), and large batches are decoded at it; "
            "this is the shape of a layer's on one chip, of one prompt",
        )

    def _memory(self) -> Line:
        return self._node(
            "memory",
            MEMORY_TITLE,
            "memory",
            "B/s",
            memory_tool(self.pool.chip.platform),
            chip_expected(self.pool, "memory", None, self.catalog),
            "weights and caches are read for every token: decoding and its tail are "
            f"{self._share('decode', 'tail')}",
        )

    def _port(self) -> Line:
        return self._node(
            "port",
            PORT_TITLE,
            "transfer",
            "B/s",
            port_tool(self.pool.fabric.kind),
            chip_expected(self.pool, "port", None, self.catalog),
            "the weights of every step come through it: one slow port and its copy generates late",
        )

    def _node(
        self,
        name: str,
        title: str,
        part: Part,
        unit: Unit,
        tool: Tool | None,
        expected: Expected | None,
        why: str,
    ) -> Line:
        return node_line(
            f"{ROLLOUT_PREFIX}{name}",
            title,
            part,
            unit,
            pool=self.pool,
            tool=tool,
            expected=expected,
            acceptance=self.acceptance,
            cost=self._cost(part),
            why=why,
        )

    # -- copies

    def _tensor(self) -> Line:
        ranks, chip = self.post.found.tensor, self.pool.chip
        size = at_median(self.post.found.rollout.live) * at_median(self.phase.job.work.hidden) * HALF_BYTES
        timed = planned_collective("all_reduce", chip, self.side.network, ranks=ranks)
        expected = expected_collective(timed, size, timed_points(self.catalog))
        what = f"each of {self._copies:,} copies"
        return Line(
            f"{ROLLOUT_PREFIX}tensor",
            f"all-reduce of {ranks:,.0f} ranks: tensor parallelism of a copy",
            "tensor",
            "group",
            "B/s",
            collective_tool(chip.platform, "all_reduce", size, ranks),
            expected,
            sampled(self.acceptance, expected.log_spread, GROUP_SPREAD, COLLECTIVE_REPEAT_ERROR, what),
            self._cost("tensor"),
            "the activations of the live batch go through it twice in every layer of every token",
            size_bytes=size,
            ranks=ranks,
            nodes=timed.nodes,
            collective="all_reduce",
        )

    def _cache(self) -> Line:
        found, lengths = self.post.found, self.post.found.lengths
        context = lengths.prompt + lengths.response
        each = (
            at_median(cached_bytes(self.phase.job.architecture, context, found.tensor, HALF_BYTES)) / context
        )
        share = percent(at_median(self.post.constants.decoding.memory_share))
        basis = f"{share} of a copy's memory less the weights, as recipes set it"
        return Line(
            f"{ROLLOUT_PREFIX}cache",
            f"memory for keys and values of a copy of {found.tensor:,.0f} chips",
            "cache",
            "group",
            "tokens",
            cache_tool(self.post.spec.rollout_engine),
            Expected(cache_of(self.post) / each, STATED_SPREAD, "plan", basis, ()),
            sampled(
                self.acceptance, STATED_SPREAD, GROUP_SPREAD, REPEAT_ERROR, f"each of {self._copies:,} copies"
            ),
            self._cost("cache"),
            f"it bounds how many responses of {lengths.response:,.0f} tokens a copy decodes at once: the "
            f"plan counts on {at_median(found.rollout.live):,.0f}",
        )

    # -- the whole

    def _transfer(self) -> Line:
        weights, seconds = self.post.found.weights_bytes, at_median(self.post.found.step.transfer)
        stated = self.figures.setting.plan.cluster.link_bytes_per_s
        is_link = weights / seconds >= float(self.post.updating.shared_bytes_per_s) * (1.0 - 1e-9)
        if is_link and stated is not None:
            expected = Expected(
                weights / seconds, STATED_SPREAD, "plan", "the link, as the plan states it", ()
            )
        elif is_link:
            basis = "the link between the pools is assumed"
            expected = Expected(weights / seconds, TRANSFER_SPREAD, "engine", basis, ())
        else:
            reached = percent(self.post.constants.transfer_efficiency)
            basis = f"{reached} of a port's rate, as fitted on published steps"
            expected = Expected(weights / seconds, TRANSFER_SPREAD, "engine", basis, ())
        return Line(
            f"{ROLLOUT_PREFIX}transfer",
            f"weights of {weights / 1e9:,.3g} GB from the pool that learns to every copy",
            "transfer",
            "whole",
            "B/s",
            Tool(
                "the trainer",
                "synchronise the weights once, and time it until the last copy can generate with them",
            ),
            expected,
            sampled(
                self.acceptance, expected.log_spread, GROUP_SPREAD, COLLECTIVE_REPEAT_ERROR, "all copies"
            ),
            self._cost("transfer"),
            f"the chips that generate wait for it {seconds:,.3g} s of every step",
            size_bytes=weights,
            nodes=float(hosts_of(self.pool)),
        )

    def _reference(self) -> Line:
        spec, found = self.post.spec, self.post.found
        seconds = at_median(found.rollout.total)
        samples = float(spec.samples_per_step or 0)
        spread = self.post.log_spread
        lengths, hours = found.lengths, ROLLOUTS * seconds / SECONDS_PER_HOUR
        return Line(
            f"{ROLLOUT_PREFIX}reference",
            f"reference rollout: {ROLLOUTS} steps of {samples:,.0f} responses, about {hours:,.1f} h",
            "step",
            "whole",
            "tokens/s",
            Tool(
                "the trainer",
                f"{self._copies:,} copies of {found.tensor:,.0f} chips, responses of {lengths.response:,.0f} "
                f"tokens in the mean and {lengths.longest:,.0f} at most; their tokens over the time from the "
                "first prompt to the last response, after a step of warming up",
            ),
            Expected(samples * lengths.response / seconds, spread, "plan", "the plan's own estimate", ()),
            sampled(self.acceptance, spread, GROUP_SPREAD, REPEAT_ERROR, f"{ROLLOUTS} steps"),
            self._cost("step"),
            "components pass and rollouts drag: it alone shows the engine, the tail and the lengths together",
            nodes=float(hosts_of(self.pool)),
        )
