"""Reads the prose of published runs into the project's enumerations, by the rules of `run_table`.

Every reader takes text as sources write it, in any case, and returns what it means with a remark where
something was assumed. Text that no rule knows comes back as None with a remark; nothing here raises.
"""

from __future__ import annotations

import re
from typing import Generic, NamedTuple, TypeVar

from planner.catalog import run_table as table
from planner.domain.chip import Platform
from planner.domain.fabric import FabricKind
from planner.domain.run import (
    FlopsConvention,
    Framework,
    RecomputePart,
    Routing,
    RunPrecision,
    RunRecompute,
    ScalingRecipe,
    SoftwareFeature,
)

Meaning = TypeVar("Meaning")


class Reading(NamedTuple, Generic[Meaning]):
    """What a text means, and what was assumed in reading it."""

    value: Meaning | None
    #: absent where nothing was assumed
    remark: str | None = None
    #: the input counts as known, whatever was assumed
    is_known: bool = True


class ZeroReading(NamedTuple):
    """A ZeRO stage and the ranks that share its states."""

    stage: int
    shard_ranks: int | None = None
    #: the ranks of one host share, each host holding a copy
    is_within_host: bool = False


def _first(rules: tuple[tuple[str, Meaning], ...], text: str) -> Meaning | None:
    return next((meaning for pattern, meaning in rules if re.search(pattern, text)), None)


def _shown(text: str) -> str:
    return f"'{text}'" if len(text) <= 120 else f"'{text[:117]}...'"


def read_framework(text: str) -> Reading[Framework]:
    """Return the framework that a text names."""
    lowered = text.lower()
    if "baseline" in lowered and "megatron" in lowered:
        return Reading("megatron")
    found = _first(table.FRAMEWORKS, lowered)
    if found is None:
        return Reading("unknown", f"framework {_shown(text)} is not in the import table", is_known=False)
    return Reading(found)


def read_year(framework: str, identifier: str, location: str, date: str) -> int | None:
    """Return the year of the software: of its release, else of the benchmark round, else of the source."""
    year = _year(framework, identifier, location, date)
    return year if year is not None and year >= 2015 else None


def _year(framework: str, identifier: str, location: str, date: str) -> int | None:
    name = framework.lower()
    explicit = re.search(r"\b(20[12]\d)\b", name)
    if explicit:
        return int(explicit[1])
    release = re.search(r"(?:nemo|release|container|pytorch)\D{0,12}\b(2[0-9])\.(0[1-9]|1[0-2])\b", name)
    if release:
        return 2000 + int(release[1])
    known = _first(table.RELEASES, name)
    if known is not None:
        return known
    for pattern, years in (
        (r"mlperf-v(\d)\.\d", {"1": 2021, "2": 2022, "3": 2023, "4": 2024, "5": 2025, "6": 2026}),
        (r"-v(2[0-9])\.(?:0[1-9]|1[0-2])\b", {}),
    ):
        found = re.search(pattern, identifier.lower())
        if found:
            return years.get(found[1]) or (2000 + int(found[1]) if len(found[1]) == 2 else None)
    stated = [int(year) for year in re.findall(r"\b(20[12]\d)\b", f"{date}")]
    if not stated:
        stated = [int(year) for year in re.findall(r"\b(20[12]\d)-\d\d\b", location)]
    return (min(stated) + max(stated)) // 2 if stated else None


def read_precision(text: str) -> tuple[Reading[RunPrecision], ScalingRecipe | None]:
    """Return the precision of the matrix products and the scaling recipe, where the text says it."""
    lowered = text.lower()
    if re.search(r"\bor\b|not checked", lowered):
        # of two low precisions the wider is the safer guess
        wider = next((kind for kind in ("bf16", "fp16", "fp8") if kind in lowered), None)
        found = _first(table.PRECISIONS, wider) if wider else _first(table.PRECISIONS, lowered)
        return Reading(found, f"precision {_shown(text)}: taken as {found}", is_known=False), None
    if "bf16" in lowered and "fp16" in lowered:
        return Reading("bf16", f"precision {_shown(text)}: taken as bf16"), None
    found = _first(table.PRECISIONS, lowered)
    if found is None:
        return Reading(None, f"precision {_shown(text)} is not in the import table", is_known=False), None
    return Reading(found), _first(table.SCALINGS, lowered)


def read_platform(chip: str) -> Platform:
    """Return the software world of a chip by its id."""
    return _first(table.PLATFORMS, chip.lower()) or "other"


def read_fabric(network: str) -> FabricKind | None:
    """Return the kind of scale-out network that a text names, or None."""
    return _first(table.FABRICS, network.lower())


def read_convention(text: str) -> FlopsConvention | None:
    """Return the FLOPs convention that a source uses, or None where it does not say."""
    return table.CONVENTIONS.get(text.strip().lower().replace(" ", ""))


def counter_convention(framework: str) -> FlopsConvention | None:
    """Return what a framework's own FLOPs counter counts under full recomputation, where that is known."""
    return _first(table.COUNTERS, framework.lower())


def read_source(text: str) -> str:
    """Return where a row is from, without the names that a list's author gave private copies."""
    return re.sub(r",?\s*\(?a public repository file(, held-out study \w+)?\)?", "", text).strip()


def read_address(text: str) -> str | None:
    """Return an address that leads further than to a host's front page, or None."""
    return None if re.fullmatch(r"(https?://[^/]*/?)?", text) else text


def runs_eagerly(software: str) -> bool:
    """Return whether software compiles and fuses nothing, as its own recipes show."""
    return bool(_first(table.EAGER, software.lower()))


def find_recipe(identifier: str) -> table.Recipe | None:
    """Return the recipe behind a row whose list leaves open what it recomputes, where it is known."""
    return _first(table.RECIPES, identifier)


def read_routing(text: str) -> Routing | None:
    """Return how tokens reach experts, or None."""
    return _first(table.ROUTINGS, text.lower())


def read_features(text: str) -> tuple[SoftwareFeature, ...]:
    """Return the software features that a text names, in the table's order."""
    lowered = text.lower()
    if "baseline" in lowered:
        return ()
    found = [
        feature for pattern, features in table.FEATURES if re.search(pattern, lowered) for feature in features
    ]
    if lowered.lstrip().startswith("+"):
        steps = [index for index, step in enumerate(table.CUMULATIVE) if set(step) & set(found)]
        if steps:
            found = [feature for step in table.CUMULATIVE[: max(steps) + 1] for feature in step]
    return tuple(dict.fromkeys(found))


def read_zero(text: str | int) -> Reading[ZeroReading]:
    """Return the ZeRO stage that a text or a number names."""
    if isinstance(text, int):
        if 0 <= text <= 3:
            return Reading(ZeroReading(text))
        return Reading(None, f"ZeRO stage {text} does not exist", is_known=False)
    lowered = text.lower()
    ranks = re.search(r"(?:fsdp ?|over |within (?:a |the |one )?(?:node|host) ?\()(\d+)", lowered)
    shard = int(ranks[1]) if ranks and int(ranks[1][:9]) > 0 else None
    is_hybrid = bool(re.search(r"hsdp|hybrid.?shard|hpz|zero\+\+|within", lowered))
    stage = _zero_stage(lowered)
    if stage is None:
        return Reading(None, f"ZeRO stage {_shown(text)} is not in the import table", is_known=False)
    remark = None
    if re.search(r"/0|per config|unclear|\?", lowered):
        remark = f"ZeRO stage {_shown(text)}: taken as {stage}"
    return Reading(ZeroReading(stage, shard, is_hybrid and shard is None), remark, is_known=remark is None)


def _zero_stage(lowered: str) -> int | None:
    numbered = re.search(r"(?:zero|stage)[ _-]?([0-3])\b", lowered) or re.fullmatch(r"\s*([0-3])\s*", lowered)
    if numbered:
        return int(numbered[1])
    rules = (
        (r"shard.?grad.?op", 2),
        (r"full.?shard|fully.?shard|fsdp|hsdp|hybrid.?shard|zero\+\+", 3),
        (r"replicated|^none|no.?shard|^no\b", 0),
        (r"distributed.{0,3}optim|optimizer.{0,3}(parallel|shard|states)|dist.?opt|weight.?update.?shard", 1),
        (r"\bddp\b", 0),
    )
    return _first(rules, lowered)


def read_recompute(
    text: str, *, chip: str = "", layers: int | None = None, stages: int = 1, framework: str = "unknown"
) -> Reading[RunRecompute]:
    """Return what a text says is recomputed.

    Parameters
    ----------
    text
        As the source writes it.
    chip
        The row's chip: some texts state one policy per chip.
    layers, stages
        Layers of the model, and pipeline stages with their virtual ones, for counts per stage.
    framework
        A selective policy means every second matrix product in torchtitan, the attention core elsewhere.
    """
    lowered = _for_chip(re.sub(r"\([^)]*\.(?:py|sh|ya?ml)[^)]*\)", "", text.lower()), chip.lower())
    share = _layers_share(lowered, layers, stages)
    if re.match(r"\s*(none|no|off|false|disabled|without)\b(?!t)", lowered):
        return Reading(RunRecompute(kind="none"))
    if re.search(r"not (recorded|stated|known|checked|published)|unknown|unclear", lowered):
        return Reading(None, f"recompute {_shown(text)}: unknown", is_known=False)
    if share is not None and share < 1:
        parts = _parts(lowered.split("+", 1)[1]) if "+" in lowered else ()
        return Reading(RunRecompute(kind="partial", layers_fraction=share, parts=parts))
    if share == 1 or re.match(r"\s*(full|yes|true|on|all|uniform)\b", lowered):
        return Reading(RunRecompute(kind="full"))
    return _read_selective(text, lowered, framework)


def _read_selective(text: str, lowered: str, framework: str) -> Reading[RunRecompute]:
    policy = _first(table.POLICIES, lowered)
    if policy is not None:
        remark = f"recompute {_shown(text)}: taken as all but the projections of attention"
        return Reading(RunRecompute(kind="selective", parts=policy), remark if "custom" in lowered else None)
    if re.search(r"per.?op|\bop\b", lowered) or ("selective" in lowered and framework == "torchtitan"):
        return Reading(
            RunRecompute(kind="selective", parts=("normalisation", "activation", "alternate-matmuls"))
        )
    if re.search(r"custom backward|costly|expensive activations", lowered):
        # saves what matrix products give and computes the cheap rest again
        return Reading(
            RunRecompute(kind="selective", parts=("attention-core", "normalisation", "activation")),
            f"recompute {_shown(text)}: taken as all but the matrix products",
        )
    parts = _parts(lowered)
    if parts:
        return Reading(RunRecompute(kind="selective", parts=parts))
    if "selective" in lowered:
        return Reading(RunRecompute(kind="selective"))
    return Reading(None, f"recompute {_shown(text)} is not in the import table", is_known=False)


def _parts(lowered: str) -> tuple[RecomputePart, ...]:
    return tuple(dict.fromkeys(part for pattern, part in table.PARTS if re.search(pattern, lowered)))


def _for_chip(lowered: str, chip: str) -> str:
    """Return the clause of `X on A/B, Y on C` that speaks of the chip, or the text itself."""
    clauses = re.split(r"[,;]\s*", lowered)
    if not chip or not all(re.search(r"\bon \w", clause) for clause in clauses) or len(clauses) < 2:
        return lowered
    for clause in clauses:
        what, _, where = clause.rpartition(" on ")
        if any(name and name in chip.split("-") for name in re.split(r"[/\s]+", where)):
            return what
    return lowered


def _layers_share(lowered: str, layers: int | None, stages: int) -> float | None:
    """Return the share of the layers that is recomputed whole, or None where the text names no share."""
    if re.search(r"every other|half (of )?the (layers|blocks)|1 of 2|one in two", lowered):
        return 0.5
    percent = re.search(r"(\d{1,3})\s*% of (?:the )?(?:layers|blocks)", lowered)
    if percent and 0 < int(percent[1]) <= 100:
        return int(percent[1]) / 100.0
    if layers is None or "uniform" in lowered:
        return None
    block = re.search(r"(\d{1,4}) layers?\s*(?:/|per)\s*(?:\w+ ){0,2}stage", lowered)
    if block and int(block[1]) > 0:
        return min(1.0, int(block[1]) * stages / layers)
    some = re.search(r"(\d{1,4}) (?:of (\d{1,4}) )?(?:layers|blocks)", lowered)
    if some and int(some[1]) > 0:
        return min(1.0, int(some[1]) / int(some[2] or layers or 1)) if int(some[2] or layers) else None
    return None


class NoteReading(NamedTuple):
    """What a note on the layout says."""

    degrees: dict[str, int]
    shard_ranks: int | None
    #: copies of the sharded states: slices, or data-parallel replicas
    replicas: int | None
    counts_cores: bool
    has_no_folding: bool


def read_layout_note(text: str) -> NoteReading:
    """Return the degrees, the sharding and the counting that a note on the layout states."""
    lowered = text.lower()
    degrees: dict[str, int] = {}
    for key in ("tp", "pp", "cp", "ep", "vpp"):
        found = {int(number) for number in re.findall(rf"\b{key}[ =]?(\d{{1,6}})\b", lowered)} - {0}
        if len(found) == 1:
            degrees[key] = found.pop()
    shard = re.search(r"\bfsdp ?=?(\d{1,6})\b", lowered)
    slices = re.search(r"(\d{1,6}) (?:slices|pods|replicas)", lowered)
    replicas = slices or (re.search(r"\bdp ?=?(\d{1,6})\b", lowered) if "fsdp" in lowered else None)
    return NoteReading(
        degrees,
        int(shard[1]) or None if shard else None,
        int(replicas[1]) or None if replicas else None,
        counts_cores="core" in lowered and "two per chip" in lowered,
        has_no_folding="no folding" in lowered or "expert tp = attention tp" in lowered,
    )


def read_domain(scale_up: str, system: str) -> int | None:
    """Return the chips of one scale-up domain, where the text states more than a host."""
    found = re.search(r"\b(\d{2,5})-(?:gpu|npu|chip) domain|nvl(\d{2,3})\b", f"{scale_up} {system}".lower())
    return int(found[1] or found[2]) or None if found else None
