"""What a plan's operations say, and what its operator's class stands in with: the leaves of goodput."""

from __future__ import annotations

from planner.domain.team import TEAM_WORDS
from planner.engine.goodput import checkpoint_s, snapshot_s
from planner.engine.operators import OPERATORS, Assumption
from planner.engine.uncertainty import drawn_about
from planner.quantities.leaves import Leaf, absent, nothing, typed
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.quantities.units import Unit


def states(setting: Setting, key: str) -> bool:
    """Return whether the plan's `[operations]` say something under a key."""
    return getattr(setting.plan.operations, key) is not None


def stated(setting: Setting, key: str) -> Leaf:
    """Return what the plan's `[operations]` say under a key; unknown where they say nothing."""
    value = getattr(setting.plan.operations, key)
    if value is None:
        return absent("other", f"operations.{key}: the plan states none")
    return typed(value, f"operations.{key}")


def as_stated(key: str, title: str, unit: Unit) -> None:
    """Declare a leaf that is what the plan's `[operations]` say under a key, and nothing where they don't."""

    @leaf(f"operations.{key}", title, unit, scope="plan")
    def read(setting: Setting) -> Leaf:
        return stated(setting, key)


def assumed(assumption: Assumption, stream: str, where: str) -> Leaf:
    """Return what others found, drawn between its ends."""
    grounds = Grounds("assumed" if assumption.is_assumed else "derived", where, (), assumption.note)
    ends = (assumption.middle, assumption.low, assumption.high)
    return Leaf(drawn_about(*ends, f"operations.{stream}"), grounds)


#: What does not hang on the operator's skill; all else of one operator is drawn together.
_OF_ITS_OWN = ("maintenance_share",)


def _of_operator(setting: Setting, field: str) -> Leaf:
    """Return what the operator's class has for a figure that the plan does not state."""
    operations = setting.plan.operations
    name = operations.running_operator
    assumption: Assumption = getattr(OPERATORS[name], field)
    team = TEAM_WORDS[operations.running_team]
    why = "as the plan says" if operations.operator else f"assumed of {team}"
    stream = field if field in _OF_ITS_OWN else "operator"
    return assumed(assumption, stream, f"engine: OPERATORS, '{name}' ({why})")


def _figure(identifier: str, key: str, title: str, unit: Unit, field: str = "") -> None:
    @leaf(identifier, title, unit, scope="plan")
    def read(setting: Setting) -> Leaf:
        return stated(setting, key) if states(setting, key) else _of_operator(setting, field or key)


_figure("goodput.detection_s", "detection_s", "seconds until a failure is noticed", "s")
_figure("goodput.diagnosis_s", "diagnosis_s", "seconds until it is known what failed", "s")
_figure(
    "goodput.replacement_s", "replacement_s", "seconds until another server has joined, if none is warm", "s"
)
_figure("goodput.warm_up_s", "warm_up_s", "seconds until the first step that counts", "s")
_figure("goodput.by_hand_share", "by_hand_share", "share of restarts that people would help", "share")
_figure("goodput.by_hand_s", "by_hand_s", "seconds that a restart by hand waits for people", "s")
_figure("goodput.maintenance", "maintenance_share", "share of the time that is planned maintenance", "share")
_figure("goodput.hidden_share", "hidden_share", "share of a write that is done beside the steps", "share")
_figure(
    "goodput.own_failures_per_day",
    "own_failures_per_day",
    "failures a day of software, storage or settings",
    "",
)


as_stated("checkpoint_bytes_per_s", "rate at which chips are rid of a checkpoint", "B/s")
as_stated("storage_bytes_per_s", "rate of the storage", "B/s")
# of an offer, not of the run: what is paid for before it trains, and what is lost beside its goodput
as_stated("setup_days", "days until the first step that counts", "days")
as_stated("debugging_share", "share of the time in which faults are looked for", "share")


quantity(
    "goodput.checkpoint_s",
    "seconds that a checkpoint stops training",
    "s",
    {
        "snapshot": "goodput.snapshot_s",
        "written": "goodput.written_s",
        "hidden": "goodput.hidden_share",
    },
    scope="plan",
)(checkpoint_s)

quantity(
    "goodput.snapshot_s",
    "seconds in which all chips are rid of a checkpoint",
    "s",
    {"parameters": "facts.parameters", "bytes_per_s": "operations.checkpoint_bytes_per_s"},
    scope="plan",
    when=lambda setting: states(setting, "checkpoint_bytes_per_s"),
)(snapshot_s)


@another_reading("goodput.snapshot_s")
def usual_snapshot(setting: Setting) -> Leaf:
    """Return the stall of one checkpoint where the plan states no rate."""
    key = "checkpoint_s"
    return stated(setting, key) if states(setting, key) else _of_operator(setting, key)


def _of_storage(identifier: str, title: str, otherwise: str) -> None:
    quantity(
        identifier,
        title,
        "s",
        {"parameters": "facts.parameters", "bytes_per_s": "operations.storage_bytes_per_s"},
        scope="plan",
        when=lambda setting: states(setting, "storage_bytes_per_s"),
    )(snapshot_s)

    @another_reading(identifier)
    def unknown_storage(_: Setting) -> Leaf:
        return nothing(f"{otherwise}: the plan states no rate of its storage")


_of_storage(
    "goodput.written_s", "seconds until a checkpoint is on the storage", "it is taken to keep up with all"
)
_of_storage("goodput.load_s", "seconds in which all chips load a checkpoint", "it is a part of the warm-up")
