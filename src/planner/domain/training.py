"""How a model is trained: what is trained, by which optimizer, and what is held in how many bits."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import model_validator

from planner.domain.base import Model
from planner.domain.keys import Key
from planner.domain.ranges import Range
from planner.engine.training_options import (
    GRADIENT_BYTES,
    KEPT,
    LOSSES,
    MASTER_BYTES,
    METHODS,
    OFFLOADS,
    OPTIMIZERS,
    STATE_BYTES,
    USUAL_RECIPE,
    AdapterTargets,
)

# The words that a training may use are those of the engine's tables, which a type checker cannot read.
if TYPE_CHECKING:
    MethodName = str
    OptimizerName = str
    StateType = str
    MasterType = str
    GradientType = str
    OffloadName = str
    LossName = str
    KeptType = str
else:
    MethodName = Literal[tuple(METHODS)]
    OptimizerName = Literal[tuple(OPTIMIZERS)]
    StateType = Literal[tuple(STATE_BYTES)]
    MasterType = Literal[tuple(MASTER_BYTES)]
    GradientType = Literal[tuple(GRADIENT_BYTES)]
    OffloadName = Literal[tuple(OFFLOADS)]
    LossName = Literal[tuple(LOSSES)]
    KeptType = Literal[tuple(KEPT)]

LayersShare = Annotated[float, Range(0.001, 1, "none says that nothing is offloaded")]
AdapterRank = Annotated[int, Range(1, 100_000, "an adapter has a rank")]
#: What a plan or a run says of none of this.
OF_THE_STACK = "the stack's default"
_RECIPE = "The training recipe; what it leaves out is the framework's default."
_IN_BYTES = {
    name: f"{size:g} bytes" for name, size in {**GRADIENT_BYTES, **STATE_BYTES, **MASTER_BYTES}.items()
}


class TrainingRecipe(Model):
    """`[training]` of a plan, `training` of a run, and what a stack does where they are silent."""

    method: Annotated[
        MethodName | None,
        Key(
            "method",
            "Whether all parameters are trained, or adapters beside frozen ones.",
            absent=USUAL_RECIPE["method"],
            find=_RECIPE,
            answers={name: record.words for name, record in METHODS.items()},
        ),
    ] = None
    lora_rank: Annotated[
        AdapterRank | None,
        Key(
            "adapter rank",
            "Inner width of an adapter.",
            absent=str(USUAL_RECIPE["lora_rank"]),
            find=_RECIPE,
            example="16",
        ),
    ] = None
    lora_targets: Annotated[
        AdapterTargets | None,
        Key(
            "adapters at",
            "The matrices of a layer that have an adapter.",
            absent=USUAL_RECIPE["lora_targets"],
            find=_RECIPE,
            answers={"attention": "queries and values", "all": "every matrix"},
        ),
    ] = None
    optimizer: Annotated[
        OptimizerName | None,
        Key(
            "optimizer",
            "What turns gradients into steps, and what it keeps of each parameter.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={name: record.words for name, record in OPTIMIZERS.items()},
        ),
    ] = None
    state_dtype: Annotated[
        StateType | None,
        Key(
            "states",
            "The datatype of the optimizer's moments.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={name: _IN_BYTES[name] for name in STATE_BYTES},
        ),
    ] = None
    master_weights: Annotated[
        MasterType | None,
        Key(
            "master copy",
            "Whether a second copy of the weights is kept in single precision.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={"fp32": "single precision", "none": "the 16-bit weights alone"},
        ),
    ] = None
    gradient_dtype: Annotated[
        GradientType | None,
        Key(
            "gradients",
            "The datatype in which gradients are held and summed.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={name: _IN_BYTES[name] for name in GRADIENT_BYTES},
        ),
    ] = None
    offload: Annotated[
        OffloadName | None,
        Key(
            "offload",
            "What lies in the host's memory between its uses.",
            absent=USUAL_RECIPE["offload"],
            find=_RECIPE,
            answers={name: record.words for name, record in OFFLOADS.items()},
        ),
    ] = None
    offload_share: Annotated[
        LayersShare | None,
        Key(
            "offloaded",
            "Share of the layers whose activations are offloaded.",
            absent="all of them",
            find=_RECIPE,
            example="0.5",
        ),
    ] = None
    loss: Annotated[
        LossName | None,
        Key(
            "loss",
            "How the loss is computed, which decides what is held of the logits.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={name: record.words for name, record in LOSSES.items()},
        ),
    ] = None
    kept_dtype: Annotated[
        KeptType | None,
        Key(
            "kept inputs",
            "In how many bits layers keep their inputs for the backward pass, where matmuls are in 8 bit.",
            absent=OF_THE_STACK,
            find=_RECIPE,
            answers={name: record.words for name, record in KEPT.items()},
        ),
    ] = None

    @model_validator(mode="after")
    def _keys_go_together(self) -> Self:
        if self.method in (None, "full"):
            for key in ("lora_rank", "lora_targets"):
                if getattr(self, key) is not None:
                    raise ValueError(f"{key} belongs to an adapter; expected method = 'lora' or 'qlora'")
        own = OPTIMIZERS[self.optimizer].moment_bytes if self.optimizer else None
        if own is not None and self.state_dtype is not None:
            raise ValueError(f"state_dtype: {self.optimizer} has states of its own; expected it absent")
        offload = OFFLOADS[self.offload] if self.offload else None
        if self.offload_share is not None and not (offload and offload.has_activations):
            raise ValueError("offload_share is of activations; expected offload = 'activations' or 'all'")
        return self
