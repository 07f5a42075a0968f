"""Which generation of attention kernels software runs: by the year of its release, its stack and the chip."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from planner.domain.stack import KernelGeneration, Stack
from planner.planning.reach import known_release

#: Stacks from this year on have attention kernels of the second generation (FlashAttention-2, arXiv
#: 2307.08691) tuned for their chips.
SECOND_KERNELS_YEAR = 2024
#: Years after which such kernels are in every release of a framework, whatever the year of its stack. Chosen
#: held out.
SECOND_KERNELS_SPREAD_YEARS = 2
#: Software from this year on calls kernels that were written for a chip's own asynchronous copies and matrix
#: units (FlashAttention-3, arXiv 2407.08608; cuDNN) without being told to: 0.62 of an H200's peak in place of
#: 0.33, measured of what PyTorch 2.11 calls and of FlashAttention-2 (profiles/runs/measured-options.toml).
THIRD_KERNELS_YEAR = 2026
#: Chip generations that have such units.
THIRD_KERNELS_ON = frozenset({"hopper", "blackwell", "blackwell-ultra"})
#: The feature of a run that calls kernels of the second generation by name, whatever its year.
SECOND_BY_NAME = "flash-attention-2"
#: FlashAttention-2 itself multiplies by its warps' own instructions, which do as much a cycle and SM on later
#: chips as on Hopper, where the peak of an SM and cycle doubled (4,096 to 8,192 FLOPs in 16 bit). What it
#: reaches there, of what the chip's own kernels of its generation do. [-]
SECOND_BY_NAME_SHARE = {"blackwell": 0.5, "blackwell-ultra": 0.5}


def kernel_generation(
    stack_year: int, software_year: int | None, generation: str, features: Collection[str] = ()
) -> KernelGeneration:
    """Return the generation of the kernels that software runs on a chip.

    Parameters
    ----------
    stack_year
        Of the stack's profile: its releases are of then and later.
    software_year
        Of the release; None where nobody says.
    generation
        Of the chip.
    features
        What a published run says that its software did.

    Examples
    --------
    >>> kernel_generation(2023, 2026, "hopper"), kernel_generation(2023, 2026, "ampere")
    ('third', 'second')
    >>> kernel_generation(2023, None, "hopper")
    'first'
    >>> kernel_generation(2023, 2026, "hopper", ["flash-attention-2"])
    'second'
    """
    if SECOND_BY_NAME in features:
        return "second"
    released = software_year or stack_year
    if released >= THIRD_KERNELS_YEAR and generation in THIRD_KERNELS_ON:
        return "third"
    spread = max(stack_year, released - SECOND_KERNELS_SPREAD_YEARS)
    return "second" if spread >= SECOND_KERNELS_YEAR else "first"


def named_kernels_share(generation: str, features: Collection[str]) -> float:
    """Return what attention reaches by kernels that a run names, of the chip's own of their generation. [-].

    Examples
    --------
    >>> named_kernels_share("blackwell", ["flash-attention-2"]), named_kernels_share("hopper", ["compile"])
    (0.5, 1.0)
    """
    return SECOND_BY_NAME_SHARE.get(generation, 1.0) if SECOND_BY_NAME in features else 1.0


def planned_year(stacks: Sequence[Stack], release: str | None) -> int | None:
    """Return the year of a plan's software: of the release that it states, else of the newest that is known.

    `stacks` are the stack and its parents.
    """
    month = release or known_release(stacks)
    return int(month[:4]) if month else None
