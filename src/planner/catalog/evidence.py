"""Walks a profile for its figures and for every place that names a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from planner.domain.evidence import Evidence, Rival, Sourced

Path = tuple[str | int, ...]


def evidence_of(profile: BaseModel) -> Iterator[tuple[Path, Evidence]]:
    """Yield everything with evidence in a profile, rivals included, with its key path."""
    for path, value in _walk(profile, ()):
        if isinstance(value, Evidence):
            yield path, value


def figures_of(profile: BaseModel) -> Iterator[tuple[str, Sourced[Any]]]:
    """Yield every figure of a profile with its dotted key, such as `memory.capacity_bytes`.

    The order is that of the model's fields. A figure that the profile does not mention is not yielded; one
    that it calls unknown is, with the value None.
    """
    for path, value in _walk(profile, ()):
        if isinstance(value, Sourced):
            yield ".".join(map(str, path)), value


def kinds_of(profile: BaseModel) -> dict[str, int]:
    """Return how many figures of a profile are known in which way; fitted constants count too."""
    counts: Counter[str] = Counter()
    for _, evidence in evidence_of(profile):
        if not isinstance(evidence, Rival):
            is_unknown = isinstance(evidence, Sourced) and evidence.value is None
            counts["unknown" if is_unknown else evidence.kind] += 1
    return dict(counts)


def figure_at(profile: BaseModel, path: str) -> Sourced[Any] | None:
    """Return the figure at a dotted key, such as `memory.capacity_bytes`; None where there is none.

    A datatype or another name may be the last part, of a mapping: `peak_dense_flops_per_s.bf16`.
    """
    value: Any = profile
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return value if isinstance(value, Sourced) else None


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, BaseModel):
        if path:
            yield path, value
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))
