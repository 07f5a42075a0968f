"""Precisions of training: one record each of the rate its matmuls run at and of what its gradients take.

A plan or a published run may name exactly the precisions of this table: adding one is one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: Datatypes whose dense rates a chip's profile gives.
Datatype = Literal["tf32", "bf16", "fp16", "fp8", "int8", "fp6", "fp4"]
#: Block-scaled formats, which a chip multiplies only where its matmul units know the scales.
BlockFormat = Literal["mxfp8", "nvfp4"]

#: Bits of one operand; of TF32 those that its multiplication reads. [-]
DATATYPE_BITS: Mapping[Datatype, int] = MappingProxyType(
    {"tf32": 19, "bf16": 16, "fp16": 16, "fp8": 8, "int8": 8, "fp6": 6, "fp4": 4}
)
#: Datatypes whose rate is the 16-bit one, which attention runs at and utilisations refer to, best first.
HALF_DATATYPES: tuple[Datatype, ...] = ("bf16", "fp16")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPrecision:
    """What the matmuls of a training multiply, and what follows from it."""

    #: what it is, in a few words for a list of choices
    words: str
    #: whose dense rate the matmuls run at
    datatype: Datatype
    #: bytes in which one gradient is held, whatever the stack; None: the stack's own. [B]
    gradient_bytes: float | None = None
    #: the format of blocks with a common scale that the chip must have; None: a plain datatype
    block_format: BlockFormat | None = None
    #: attention runs at no more than the rate of the matmuls, not at the 16-bit one
    bounds_attention: bool = False
    #: a plan may ask for it; else only published runs name it
    is_for_plans: bool = True
    citation: str

    @property
    def is_low(self) -> bool:
        """Whether its matmuls run below 16 bit."""
        return DATATYPE_BITS[self.datatype] < 16


_MICROSCALING = "Rouhani et al., Microscaling Data Formats for Deep Learning (arXiv 2310.10537)"

PRECISIONS: Mapping[str, TrainingPrecision] = MappingProxyType(
    {
        "bf16": TrainingPrecision(
            words="the usual choice",
            datatype="bf16",
            citation="Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training (arXiv 1905.12322)",
        ),
        # gradients stay in 16 bit under a loss scale
        "fp16": TrainingPrecision(
            words="older chips without bf16",
            datatype="fp16",
            gradient_bytes=2.0,
            citation="Micikevicius et al., Mixed Precision Training (arXiv 1710.03740), section 3",
        ),
        "fp8": TrainingPrecision(
            words="8-bit matmuls, as in DeepSeek-V3",
            datatype="fp8",
            citation="Micikevicius et al., FP8 Formats for Deep Learning (arXiv 2209.05433)",
        ),
        "mxfp8": TrainingPrecision(
            words="8-bit with block scales", datatype="fp8", block_format="mxfp8", citation=_MICROSCALING
        ),
        "fp4": TrainingPrecision(words="4-bit matmuls", datatype="fp4", citation=_MICROSCALING),
        "nvfp4": TrainingPrecision(
            words="NVIDIA's 4-bit with block scales",
            datatype="fp4",
            block_format="nvfp4",
            citation="NVIDIA, Pretraining Large Language Models with NVFP4 (arXiv 2509.25149)",
        ),
        # nothing is held in 16 bit, so that attention multiplies in TF32 too
        "tf32": TrainingPrecision(
            words="19-bit, for old recipes",
            datatype="tf32",
            bounds_attention=True,
            citation="NVIDIA A100 Tensor Core GPU Architecture (2020), TF32",
        ),
        "int8": TrainingPrecision(
            words="8-bit integers",
            datatype="int8",
            is_for_plans=False,
            citation="Wortsman et al., Stable and low-precision training (arXiv 2304.13013), SwitchBack",
        ),
    }
)
#: The names that a plan may use.
PLAN_PRECISIONS: tuple[str, ...] = tuple(name for name, record in PRECISIONS.items() if record.is_for_plans)
#: What a run or a claim that names none is taken to train at.
USUAL_PRECISION = "bf16"
