"""The parallel layout of a plan: searched, pinned in parts, or given whole."""

from typing import TYPE_CHECKING, Annotated, Literal

from planner.domain.base import Model
from planner.domain.keys import Key
from planner.domain.ranges import Range
from planner.engine.dispatchers import DISPATCHERS
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import SCHEDULES

# The words that a plan may use are those of the engine's tables, which a type checker cannot read.
if TYPE_CHECKING:
    Recompute = str
    Schedule = str
    DispatcherName = str
else:
    Recompute = Literal[tuple(RECOMPUTE)]
    Schedule = Literal[tuple(SCHEDULES)]
    DispatcherName = Literal[tuple(DISPATCHERS)]

_RECOMPUTES = {name: mode.words for name, mode in RECOMPUTE.items()}
_SCHEDULES = {name: schedule.words for name, schedule in SCHEDULES.items()}
_DISPATCHERS = {name: dispatcher.words for name, dispatcher in DISPATCHERS.items()}
_ZERO_STAGES = {
    "0": "nothing",
    "1": "optimizer states",
    "2": "and gradients",
    "3": "and weights (FSDP)",
}

#: How the pools of a cluster share one training, with its meaning.
SplitChoice = Literal["auto", "data", "pipeline", "alone"]
_SPLITS = {
    "auto": "whichever trains fastest",
    "data": "each pool trains copies of the model on its share of the batch",
    "pipeline": "the pools are consecutive stages, each with its share of the layers",
    "alone": "the fastest pool trains, the others do not",
}

Degree = Annotated[int, Range(1, 100_000, "1 says that nothing is split")]
Copies = Annotated[int, Range(1, 100_000_000, "1 says that there is one copy")]
VirtualStages = Annotated[int, Range(1, 10_000, "1 says that a stage is one slice")]
LayersAgain = Annotated[int, Range(1, 100_000, "without it no layer is computed twice whole")]
Microbatch = Annotated[int, Range(1, 1_000_000, "a microbatch has a sequence")]
ZeroStage = Annotated[int, Range(0, 3, "0 says that nothing is sharded", "3 shards all there is")]


def _degree(title: str, meaning: str) -> Key:
    return Key(title, meaning, absent="searched", find="Leave it out to let the search choose.")


class Strategy(Model):
    """The parallel layout: searched (`auto`, with any part pinned) or given whole."""

    mode: Annotated[
        Literal["auto", "given"],
        Key(
            "mode",
            "Whether the layout is searched (what is given of it stays pinned) or given whole.",
            answers={"auto": "search the best layout", "given": "use the layout that is given"},
        ),
    ] = "auto"
    tensor: Annotated[
        Degree | None, _degree("tensor", "Chips that split every matrix (tensor parallel).")
    ] = None
    context: Annotated[
        Degree | None, _degree("context", "Chips that split every sequence (context parallel).")
    ] = None
    expert: Annotated[
        Degree | None, _degree("expert", "Chips over which experts are spread (expert parallel).")
    ] = None
    expert_tensor: Annotated[
        Degree | None, _degree("in experts", "Chips that split every expert's matrices, as tensor does.")
    ] = None
    pipeline: Annotated[
        Degree | None, _degree("pipeline", "Stages that split the layers (pipeline parallel).")
    ] = None
    virtual_stages: Annotated[
        VirtualStages | None, _degree("virtual", "Slices of a stage in an interleaved schedule.")
    ] = None
    data: Annotated[Copies | None, _degree("data", "Copies of the model (data parallel).")] = None
    microbatch: Annotated[
        Microbatch | None, _degree("microbatch", "Sequences that pass the pipeline at once.")
    ] = None
    zero: Annotated[
        ZeroStage | None,
        Key(
            "zero",
            "What is sharded over the copies of the model.",
            absent="searched",
            answers=_ZERO_STAGES,
        ),
    ] = None
    recompute: Annotated[
        Recompute | None,
        Key("recompute", "What is computed twice to save memory.", absent="searched", answers=_RECOMPUTES),
    ] = None
    recompute_layers: Annotated[
        LayersAgain | None,
        Key(
            "layers again",
            "Layers of each stage that are computed twice whole; recompute then says what of the others is.",
            absent="searched",
            find="Megatron's --recompute-num-layers with --recompute-method block.",
            example="3",
        ),
    ] = None
    schedule: Annotated[
        Schedule | None,
        Key("schedule", "The order in which the pipeline works.", absent="searched", answers=_SCHEDULES),
    ] = None
    dispatcher: Annotated[
        DispatcherName | None,
        Key(
            "dispatcher",
            "What takes tokens to their experts and back, which decides how many copies of a token move.",
            absent="as the stack's recipes have it",
            answers=_DISPATCHERS,
        ),
    ] = None
    split: Annotated[
        SplitChoice,
        Key(
            "split",
            "How several pools train one model together; of a single pool it says nothing.",
            find="Leave it out: all ways are computed, and the fastest is taken.",
            answers=_SPLITS,
        ),
    ] = "auto"
