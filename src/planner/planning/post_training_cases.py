"""From a published run of post-training to its step: the update by the training engine, the rest by ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.catalog.architecture import architecture_of
from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture, LanguageModel
from planner.domain.post_training import POST_TRAINING_KINDS
from planner.domain.post_training_run import FINE_TUNING, PostTrainingRun
from planner.domain.run import Framework, RunRecompute
from planner.engine.inputs import ArchitectureInputs
from planner.engine.memory import memory_parts
from planner.engine.step import step_times
from planner.engine.work import ModelWork
from planner.errors import PlannerError
from planner.planning.chip import chip_inputs
from planner.planning.job import Job
from planner.planning.network import network_inputs
from planner.planning.post_training import Generating, Updating
from planner.planning.run_cases import RunCase, Unpredictable, run_case
from planner.planning.run_job import job_of_run
from planner.planning.sample_lengths import Lengths, lengths_of
from planner.planning.stack import stack_chain, stack_constants
from planner.planning.systems import systems_by_chip

#: Frameworks whose fine-tuning trainers run all layers again unless they are told otherwise, as their recipes
#: do (torchtune, Axolotl, LLaMA-Factory, llama-recipes, ms-swift, Qwen's): of twelve sources of
#: profiles/memory_runs that fine-tune by them ten do.
RUN_AGAIN_BY: frozenset[Framework] = frozenset({"fsdp", "pytorch", "deepspeed"})


@dataclass(frozen=True, slots=True, eq=False)
class StepCase:
    """One run as the engine takes it; what the constants of post-training decide is still open."""

    run: PostTrainingRun
    architecture: ArchitectureInputs
    work: ModelWork
    generating: Generating | None
    updating: Updating
    lengths: Lengths | None
    generation: str
    #: what trainings of the stack scatter by about the training engine, in logarithms
    training_log_spread: float
    #: of one chip, at 16 bit. [FLOP/s]
    half_peak_flops_per_s: float
    #: of the step, measured. [s]
    measured_s: float
    #: responses or pairs, and tokens of a step. [-], [tokens]
    samples: float
    tokens: float
    assumed: tuple[str, ...]

    @property
    def pace(self) -> str:
        """Rollout engine and generation of the chips, which share fitted factors."""
        return f"{self.run.post_training.rollout_engine}:{self.generation}"


@dataclass(frozen=True, slots=True)
class UnscoredStep:
    """A run that cannot be predicted, and why."""

    run: PostTrainingRun
    reason: str


def step_case(run: PostTrainingRun, catalog: Catalog) -> StepCase | UnscoredStep:
    """Return a run as a case: the update in its published layout, or in the fastest that fits."""
    if run.inexpressible is not None:
        return UnscoredStep(run, f"it cannot be said: {run.inexpressible}")
    try:
        with np.errstate(all="ignore"):
            return _step_case(run, catalog)
    except (PlannerError, ArithmeticError, ValueError) as error:
        return UnscoredStep(run, " ".join(str(error).split()))


def _step_case(run: PostTrainingRun, catalog: Catalog) -> StepCase | UnscoredStep:
    architecture = run.architecture or _shape_of(run.model, catalog)
    spec, chips = run.post_training, run.hardware.chip_count
    if (lacks := _lacks(run, architecture)) is not None:
        return UnscoredStep(run, lacks)
    assert architecture is not None
    assert chips is not None
    assumed_split: tuple[str, ...] = ()
    if spec.pools == "split" and spec.rollout_chips is None:
        spec = spec.model_copy(update={"rollout_chips": chips // 2})
        assumed_split = ("half of the chips generate",)
    is_stepped = run.kind in POST_TRAINING_KINDS
    generates = run.kind == "reinforcement"
    lengths = lengths_of(spec, generates=generates) if is_stepped else None
    learning = chips if spec.rollout_chips is None else chips - spec.rollout_chips
    sequence = run.sequence_length or round(lengths.sequence if lengths else 0)
    batch = run.global_batch_sequences or (spec.samples_per_step if is_stepped else None)
    if not batch:
        return UnscoredStep(run, "the samples of a step are unknown")
    as_training = run.model_copy(
        update={
            "architecture": architecture,
            "sequence_length": sequence,
            "global_batch_sequences": batch,
            "hardware": run.hardware.model_copy(update={"chip_count": learning}),
        }
    )
    assumed_again: tuple[str, ...] = ()
    if run.kind == FINE_TUNING and run.recompute is None and run.software.framework in RUN_AGAIN_BY:
        as_training = as_training.model_copy(update={"recompute": RunRecompute(kind="full")})
        assumed_again = ("layers run again, as fine-tuning trainers of the framework do by themselves",)
    case = run_case(as_training, catalog, systems_by_chip(catalog))
    if isinstance(case, Unpredictable):
        return UnscoredStep(run, case.reason)
    samples = float(spec.samples_per_step or 0) if is_stepped else float(batch)
    if run.kind == "preference":
        samples *= 2.0
    tokens = samples * float(sequence)
    # a rate of pairs counts pairs
    measured = _measured_s(run, float(spec.samples_per_step or samples), tokens, float(chips))
    if measured is None:
        return UnscoredStep(run, "neither a step's time nor a rate over a known step is stated")
    updating, job = _updating(case, catalog)
    generating = None
    if generates:
        precision = spec.rollout_precision or run.precision
        generating = Generating(
            chips=float(spec.rollout_chips or chips),
            chip=chip_inputs(case.chip_profile, precision),
            network=network_inputs(
                case.chip_profile,
                systems_by_chip(catalog).get(case.chip_profile.id),
                None,
                chips=float(spec.rollout_chips or chips),
            ),
            stack=job.machine.stack,
            precision=precision,
            tensor=None if spec.rollout_tensor is None else float(spec.rollout_tensor),
        )
    return StepCase(
        run=run,
        architecture=case.architecture,
        work=job.work,
        generating=generating,
        updating=updating,
        lengths=lengths,
        generation=case.generation,
        training_log_spread=job.residual_log_spread,
        half_peak_flops_per_s=case.published_peak_flops_per_s,
        measured_s=measured,
        samples=samples,
        tokens=tokens,
        assumed=(*case.assumed, *assumed_split, *assumed_again, *(lengths.assumed if lengths else ())),
    )


def _lacks(run: PostTrainingRun, architecture: Architecture | None) -> str | None:
    """Return what nothing can be predicted without."""
    spec, chips = run.post_training, run.hardware.chip_count
    if architecture is None:
        return f"the architecture is unknown: no profile is called '{run.model}'"
    if chips is None:
        return "the chip count is unknown"
    if spec.pools == "split" and not 0 < (spec.rollout_chips or chips // 2) < chips:
        return f"{spec.rollout_chips or 0:,} of {chips:,} chips generate: expected some of them"
    return None


def _shape_of(model: str, catalog: Catalog) -> Architecture | None:
    if catalog.find("models", model) is None:
        return None
    profile: LanguageModel = catalog.get("models", model).profile
    return architecture_of(profile)


def _measured_s(run: PostTrainingRun, samples: float, tokens: float, chips: float) -> float | None:
    """Return the measured step: as stated, or what a rate makes of its tokens. [s]."""
    measured = run.measured
    if measured.step_s is not None:
        return measured.step_s
    if measured.tokens_per_s_per_chip is not None and tokens > 0:
        return tokens / (measured.tokens_per_s_per_chip * chips)
    if measured.samples_per_s is not None and samples > 0:
        return samples / measured.samples_per_s
    return None


def _updating(case: RunCase, catalog: Catalog) -> tuple[Updating, Job]:
    """Return one optimizer step of a run, under the constants of its stack as they ship, and its job."""
    fitted = stack_constants(
        stack_chain(case.stack, catalog),
        case.generation,
        case.run.team,
        case.run.software.year,
        case.run.software.features,
    )
    job = job_of_run(case, fitted)
    layout = case.layout
    if not case.known.is_complete:
        found = job.search(keep=1)
        if len(found.rows) == 0:
            # it did run: what it held is not what the memory model thinks, and must not bound the search
            found = job.without_memory_limit.search(keep=1)
        if len(found.rows):
            layout = job.space.layouts(found.rows[0])
    step = step_times(job.work, layout, case.chip, case.network, fitted.constants, case.workload)
    memory = memory_parts(job.work, layout, case.chip, case.workload)
    network = case.network
    is_inside = case.chips <= float(network.domain_chips)
    updating = Updating(
        step_s=np.asarray(np.ravel(step.total)[0]),
        optimizer_s=np.asarray(np.ravel(step.optimizer)[0]),
        batch_sequences=float(case.workload.global_batch_sequences),
        again=float(np.ravel(layout.recompute_layers)[0]),
        backward=1.0 + float(np.ravel(case.workload.trains_all)[0]),
        states_bytes=float(np.ravel(memory.weights + memory.gradients + memory.optimizer)[0]),
        host_bytes_per_s=float(case.chip.host_bytes_per_s),
        link_bytes_per_s=float(network.scale_up_bytes_per_s if is_inside else network.scale_out_bytes_per_s),
    )
    return updating, job
