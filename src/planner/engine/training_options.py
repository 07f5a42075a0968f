"""What a training holds of each parameter and of each token: its options, one record each with its bytes.

A plan, a published run and a stack's defaults may name exactly the options of these tables: adding one is one
record. What an option costs in time is said here too; where no simple term is known, it says so and costs
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

#: Matrices of a layer that adapters may stand beside: queries and values (Hu 2021, section 4.2), or all.
AdapterTargets = Literal["attention", "all"]

_ADAPTERS = "Hu et al., LoRA (arXiv 2106.09685), section 4.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Which parameters are trained, and in how many bytes the others are held."""

    #: what it does, in a few words for a list of choices
    words: str
    #: every parameter has a gradient and an optimizer state; else only adapters do
    trains_all: bool
    #: of one parameter of a layer; None: as the precision says. [B]
    weight_bytes: float | None = None
    #: whether a product keeps what it reads though its weight has no gradient
    keeps_inputs: bool = False
    citation: str


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "full": Method(
            words="every parameter",
            trains_all=True,
            citation="Rajbhandari et al., ZeRO (arXiv 1910.02054), section 3.1",
        ),
        # weights stand still: their gradients are not computed, which saves a third of the matmuls
        "lora": Method(words="adapters beside frozen weights", trains_all=False, citation=_ADAPTERS),
        # 4 bits, and a scale in single precision for each 64 of them; what dequantising takes has no term. A
        # product by itself saves its input with the weight (bitsandbytes, `MatMul4Bit.forward`)
        "qlora": Method(
            words="adapters beside frozen 4-bit weights",
            trains_all=False,
            weight_bytes=0.5 + 4.0 / 64.0,
            keeps_inputs=True,
            citation="Dettmers et al., QLoRA (arXiv 2305.14314), section 3",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """How many numbers an optimizer keeps of one parameter, and in how many bytes each."""

    words: str
    #: numbers kept of a parameter in a matrix of a layer, and of one in embedding or head. [-]
    matrix_moments: float
    end_moments: float
    #: of one number; None: as `state_dtype` says. [B]
    moment_bytes: float | None = None
    #: whether the updates of the layers' matrices are orthogonalised
    is_orthogonal: bool = False
    #: of a parameter, beside its states, what its update reads and writes at the width of the weight that is
    #: updated, where no kernel does all of it at once. [-]
    passes: float = 0.0
    citation: str


OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {
        "adamw": Optimizer(
            words="two moments",
            matrix_moments=2.0,
            end_moments=2.0,
            citation="Loshchilov and Hutter (arXiv 1711.05101); ZeRO (arXiv 1910.02054), section 3.1",
        ),
        # a scale in single precision for each block of 256, and embeddings in 32 bit, as bitsandbytes does
        "adamw-8bit": Optimizer(
            words="two moments in 8 bit",
            matrix_moments=2.0,
            end_moments=2.0,
            moment_bytes=1.0 + 4.0 / 256.0,
            citation="Dettmers et al., 8-bit Optimizers (arXiv 2110.02861), section 2",
        ),
        "muon": Optimizer(
            words="one momentum, AdamW at the ends",
            matrix_moments=1.0,
            end_moments=2.0,
            is_orthogonal=True,
            citation="Liu et al., Muon is Scalable (arXiv 2502.16982), section 2",
        ),
        # the second moment by rows and columns alone: next to nothing
        "adafactor": Optimizer(
            words="a factored second moment",
            matrix_moments=0.0,
            end_moments=0.0,
            # PyTorch's: 38 ms for 1e9 parameters of 4 bytes, 21 ms for those of 2, at 2.8 TB/s
            passes=22.0,
            citation="Shazeer and Stern, Adafactor (arXiv 1804.04235), section 4; its time measured: "
            "profiles/runs/measured-options.toml",
        ),
        "lion": Optimizer(
            words="one momentum",
            matrix_moments=1.0,
            end_moments=1.0,
            citation="Chen et al., Symbolic Discovery (arXiv 2302.06675), section 3",
        ),
        "sgd": Optimizer(
            words="one momentum, no scale",
            matrix_moments=1.0,
            end_moments=1.0,
            citation="Sutskever et al., On the importance of initialization and momentum (ICML 2013)",
        ),
    }
)

#: Bytes of one number of the optimizer's state, of a master weight and of a gradient, by name. [B]
STATE_BYTES: Mapping[str, float] = MappingProxyType({"fp32": 4.0, "bf16": 2.0, "fp8": 1.0})
MASTER_BYTES: Mapping[str, float] = MappingProxyType({"fp32": 4.0, "none": 0.0})
GRADIENT_BYTES: Mapping[str, float] = MappingProxyType({"fp32": 4.0, "bf16": 2.0, "bf16+fp32": 6.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offload:
    """What lies in the host's memory between its uses."""

    words: str
    has_optimizer: bool = False
    has_weights: bool = False
    has_activations: bool = False
    citation: str


_OFFLOAD = "Ren et al., ZeRO-Offload (arXiv 2101.06840), section 4"

OFFLOADS: Mapping[str, Offload] = MappingProxyType(
    {
        "none": Offload(words="nothing", citation="Rajbhandari et al., ZeRO (arXiv 1910.02054)"),
        "optimizer": Offload(words="optimizer states", has_optimizer=True, citation=_OFFLOAD),
        "activations": Offload(
            words="what layers keep",
            has_activations=True,
            citation="Rajbhandari et al., ZeRO-Infinity (arXiv 2104.07857), section 5.1.2",
        ),
        # with its gradients and states: no implementation moves weights alone
        "weights": Offload(
            words="weights and optimizer states",
            has_optimizer=True,
            has_weights=True,
            citation="Rajbhandari et al., ZeRO-Infinity (arXiv 2104.07857), section 5",
        ),
        "all": Offload(
            words="weights, states and what layers keep",
            has_optimizer=True,
            has_weights=True,
            has_activations=True,
            citation="Rajbhandari et al., ZeRO-Infinity (arXiv 2104.07857), section 5",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the loss holds of the logits, and what it moves."""

    words: str
    #: of one token and entry of the vocabulary. [B]
    logit_bytes: float
    #: tokens whose logits are there at once; None: those of a microbatch. [-]
    chunk_tokens: float | None = None
    #: whole 16-bit gradients of the head beside them. [-]
    head_gradients: float = 0.0
    #: of a logit, moved to and from memory, forward and backward. [B]
    traffic_bytes: float = 36.0
    citation: str


#: Peaks and times of single steps of 1B to 8B models on one card, each loss by itself.
_MEASURED = "measured: profiles/memory_runs/measured.toml"

#: Of a logit of 16 bit, read for the softmax and its gradient, and that written; the others' extra to it was
#: measured.
_ONE_KERNEL = 3.0 * 2.0

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        # a softmax in single precision, its gradient, and that of the logits, which then lies in 16 bit
        "plain": Loss(
            words="logits in single precision",
            logit_bytes=4.0 + 4.0 + 4.0,
            traffic_bytes=_ONE_KERNEL + 35.0,
            citation=f"{_MEASURED}; PyTorch, `cross_entropy` of a cast of the logits",
        ),
        # a model that returns its logits keeps them in 16 bit until the step is over
        "transformers": Loss(
            words="plain, and 16-bit logits returned",
            logit_bytes=4.0 + 4.0 + 4.0 + 2.0,
            traffic_bytes=_ONE_KERNEL + 35.0,
            citation="Transformers, `ForCausalLMLoss` and `CausalLMOutputWithPast.logits`",
        ),
        # the gradient takes the place of the 16-bit logits, while that of the head is made
        "compiled": Loss(
            words="one compiled kernel",
            logit_bytes=2.0,
            head_gradients=1.0,
            traffic_bytes=_ONE_KERNEL,
            citation=f"{_MEASURED}; torchtitan, `build_cross_entropy_loss` under `torch.compile`",
        ),
        # single precision, where softmax and gradient take the place of logits, and that in 16 bit; three
        # passes in single precision, assumed: kernels move a third of it, single operations twice as much
        "fused": Loss(
            words="one kernel in place",
            logit_bytes=4.0 + 2.0,
            citation=f"{_MEASURED}; FlashAttention, `CrossEntropyLoss` with `inplace_backward`",
        ),
        "chunked": Loss(
            words="some tokens at a time",
            logit_bytes=4.0 + 2.0,
            chunk_tokens=1024.0,
            # what a chunk adds, and the sum of all
            head_gradients=2.0,
            traffic_bytes=_ONE_KERNEL + 20.0,
            citation=f"{_MEASURED}; Hsu et al., Liger (arXiv 2410.10989), section 3.2",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """In how many bytes layers that multiply in 8 bit keep an element for their backward pass."""

    words: str
    #: of what a matmul reads, and of what an activation function reads. [B]
    matmul_bytes: float
    activation_bytes: float
    citation: str


KEPT: Mapping[str, Kept] = MappingProxyType(
    {
        "bf16": Kept(
            words="in 16 bit, cast again",
            matmul_bytes=2.0,
            activation_bytes=2.0,
            citation="torchao, `Float8Linear`: the 16-bit input is saved (arXiv 2410.06511, section 2.2)",
        ),
        "fp8-matmuls": Kept(
            words="what matmuls read in 8 bit",
            matmul_bytes=1.0,
            activation_bytes=2.0,
            citation="Transformer Engine, `_Linear.forward`: the 8-bit input is saved",
        ),
        "fp8": Kept(
            words="what matmuls and activations read in 8 bit",
            matmul_bytes=1.0,
            activation_bytes=1.0,
            citation="DeepSeek-V3 (arXiv 2412.19437), section 3.3.3; Megatron-LM, "
            "`--activation-func-fp8-input-store`",
        ),
    }
)

#: What holds where neither the recipe nor its stack says: mixed precision as of ZeRO (arXiv 1910.02054),
#: section 3.1, and adapters as of QLoRA (arXiv 2305.14314), section 5.
USUAL_RECIPE: Mapping[str, Any] = MappingProxyType(
    {
        "method": "full",
        "lora_rank": 16,
        "lora_targets": "all",
        "optimizer": "adamw",
        "state_dtype": "fp32",
        "master_weights": "fp32",
        "gradient_dtype": "fp32",
        "offload": "none",
        "offload_share": 1.0,
        "loss": "plain",
        "kept_dtype": "bf16",
    }
)
