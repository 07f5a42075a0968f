"""Goodput: what failures, checkpoints, restarts and upkeep leave of the time."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.failures import chance_s
from planner.engine.goodput import (
    by_hand_share,
    checkpoint_interval_s,
    failures_per_second_of_work,
    lost_s,
    progress,
    wait_s,
    working_share,
)
from planner.engine.operators import BY_HAND_PER_DAY
from planner.quantities.leaves import Leaf, constant, nothing, typed
from planner.quantities.operations import states
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.units import SECONDS_PER_DAY

#: Nothing can be divided by never. [1/day]
LEAST_FAILURES_PER_DAY = 1e-6
_HOLDS_ALL = "the restart that the plan states (operations.restart_s) holds it"
_DALY: dict[str, str] = {
    "interval": "goodput.interval_s",
    "checkpoint": "goodput.checkpoint_s",
    "between": "goodput.between_s",
}

quantity(
    "goodput",
    "share of the time that makes progress",
    "share",
    {
        "working": "goodput.working",
        "chance": "goodput.chance_s",
        "training": "training_s",
        "maintenance": "goodput.maintenance",
        "missing": "spares.missing_share",
    },
    short="goodput",
    form="band",
    better="more",
)(progress)

quantity(
    "goodput.working",
    "share of the time that counts, as failures are expected and nothing is planned",
    "share",
    {**_DALY, "wait": "goodput.wait_s", "reload": "goodput.reload_s"},
)(working_share)

quantity(
    "goodput.interval_s",
    "seconds of work between two checkpoints",
    "s",
    {
        "checkpoint": "goodput.checkpoint_s",
        "between": "goodput.between_s",
        "written": "goodput.written_s",
    },
    method="Daly's optimum, in full: sqrt(2 d M) (1 + sqrt(d / 2M) / 3 + d / 18M) - d for a stall d below "
    "2 M, else M; no less than the write takes",
    short="checkpoint every",
    form="number",
)(checkpoint_interval_s)


@quantity(
    "goodput.between_s",
    "seconds between failures of the job while it runs",
    "s",
    {"failures": "goodput.failures_per_day"},
    short="fails every",
    form="band",
)
def between_s(failures: FloatArray) -> FloatArray:
    """Return the mean time between failures; what never fails does so in a million days. [s]."""
    return SECONDS_PER_DAY / np.maximum(failures, LEAST_FAILURES_PER_DAY)


quantity(
    "goodput.wait_s",
    "seconds after a failure in which nothing runs, on the mean",
    "s",
    {
        "by_hand": "goodput.by_hand",
        "by_hand_s": "goodput.by_hand_s",
        "automatic": "goodput.automatic_s",
    },
    when=lambda setting: not states(setting, "restart_s"),
)(wait_s)


@another_reading("goodput.wait_s")
def no_wait(_: Setting) -> Leaf:
    """Return that a stated restart holds all."""
    return nothing(_HOLDS_ALL)


@quantity(
    "goodput.automatic_s",
    "seconds of a restart that nobody helps, until the checkpoint is loaded",
    "s",
    {
        "detection": "goodput.detection_s",
        "diagnosis": "goodput.diagnosis_s",
        "replacement": "goodput.replacement_s",
        "repaired": "spares.repaired_share",
        "none": "spares.none_share",
    },
    when=lambda setting: not states(setting, "restart_s"),
)
def automatic_s(
    detection: FloatArray,
    diagnosis: FloatArray,
    replacement: FloatArray,
    repaired: FloatArray,
    none: FloatArray,
) -> FloatArray:
    """Return the wait of a restart by itself: for another server only where no spare is warm. [s]."""
    return detection + diagnosis + replacement * repaired * none


@another_reading("goodput.automatic_s")
def no_automatic(_: Setting) -> Leaf:
    """Return that a stated restart holds all."""
    return nothing(_HOLDS_ALL)


quantity(
    "goodput.by_hand",
    "share of restarts that people help",
    "share",
    {
        "share": "goodput.by_hand_share",
        "between": "goodput.between_s",
        "limit": "goodput.by_hand_per_day",
    },
    when=lambda setting: not states(setting, "restart_s"),
)(by_hand_share)


@another_reading("goodput.by_hand")
def nobody(_: Setting) -> Leaf:
    """Return that a stated restart holds all."""
    return nothing(_HOLDS_ALL)


@leaf("goodput.by_hand_per_day", "restarts a day that people help, at most", "", scope="plan")
def by_hand_per_day(_: Setting) -> Leaf:
    """Return how many restarts by hand a day people bear before they automate them."""
    return constant(BY_HAND_PER_DAY, "engine: BY_HAND_PER_DAY")


@quantity(
    "goodput.reload_s",
    "seconds from then to the next step, which a further failure begins anew",
    "s",
    {"load": "goodput.load_s", "warm_up": "goodput.warm_up_s"},
    when=lambda setting: not states(setting, "restart_s"),
)
def reload_s(load: FloatArray, warm_up: FloatArray) -> FloatArray:
    """Return the load of the checkpoint and what goes with it. [s]."""
    return load + warm_up


@another_reading("goodput.reload_s")
def whole_restart(setting: Setting) -> Leaf:
    """Return the restart that the plan states: as in Daly's form, any failure in it begins it anew."""
    return typed(setting.plan.operations.restart_s or 0.0, "operations.restart_s")


quantity(
    "goodput.failures_per_work_s",
    "failures for each second of steps that count",
    "",
    {**_DALY, "reload": "goodput.reload_s"},
)(failures_per_second_of_work)
quantity(
    "goodput.lost_s",
    "seconds that a failure costs beside its wait: work done again, and reloads",
    "s",
    {**_DALY, "failures_per_s": "goodput.failures_per_work_s"},
)(lost_s)


@quantity(
    "goodput.failures",
    "failures that stop the job until all is trained",
    "",
    {"training": "training_s", "failures_per_s": "goodput.failures_per_work_s"},
    short="failures",
    form="band",
    is_of_job=True,
)
def failures(training: FloatArray, failures_per_s: FloatArray) -> FloatArray:
    """Return how many failures are expected in all. [-]."""
    return training * failures_per_s


quantity(
    "goodput.chance_s",
    "seconds that failures cost beyond what is expected of them",
    "s",
    {
        "failures": "goodput.failures",
        "by_hand": "goodput.by_hand",
        "by_hand_s": "goodput.by_hand_s",
        "automatic_s": "goodput.automatic_s",
        "lost": "goodput.lost_s",
    },
    method="nothing at the medians; in each draw, failures that restart by hand and by themselves are "
    "counted by Poisson's law, those by hand last longer or shorter, and what is expected is taken off",
)(chance_s)


@leaf("goodput.chips", "chips that must all work: of the phase that uses most", "chips")
def chips(setting: Setting) -> Leaf:
    """Return the most chips that any phase uses."""
    most = max(phase.layout.chips_used for phase in setting.trained.phases)
    return Leaf(np.array([float(most)]), method="the most that any phase's layout uses")
