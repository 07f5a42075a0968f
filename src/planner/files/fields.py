"""Where a key belongs: walks the fields of models along a key path."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def models_at(model_class: type[BaseModel], path: Sequence[str | int]) -> tuple[type[BaseModel], ...]:
    """Return the models whose keys may stand at `path`; several where a union allows several.

    Lists, the values of dicts, optional fields and generics such as `Figure[Watts]` are walked through.
    """
    annotations: list[Any] = [model_class]
    for part in path:
        annotations = [inner for annotation in annotations for inner in _step(annotation, part)]
    return tuple(dict.fromkeys(_models(annotations)))


def annotations_at(model_class: type[BaseModel], path: Sequence[str | int]) -> tuple[Any, ...]:
    """Return the types that a value at `path` may have, optional and union parts taken apart."""
    annotations: list[Any] = [model_class]
    for part in path:
        annotations = [inner for annotation in annotations for inner in _step(annotation, part)]
    return tuple(inner for annotation in annotations for inner in _alternatives(annotation))


def keys_of(model_class: type[BaseModel]) -> dict[str, Any]:
    """Return the keys that a model's table may hold, as files write them, with their types."""
    return {field.alias or name: field.annotation for name, field in model_class.model_fields.items()}


def paths_ending_in(model_class: type[BaseModel], key: str, *, depth: int = 3) -> Iterator[tuple[str, ...]]:
    """Yield the paths below `model_class` that end in `key`, without the index of a list on the way."""
    if depth == 0:
        return
    for name, annotation in keys_of(model_class).items():
        for inner in _models([*_alternatives(annotation), *_step(annotation, 0)]):
            if key in keys_of(inner):
                yield (name, key)
            for rest in paths_ending_in(inner, key, depth=depth - 1):
                yield (name, *rest)


def _step(annotation: Any, part: str | int) -> Iterator[Any]:
    """Yield the annotations one key or index further in."""
    for option in _alternatives(annotation):
        origin = get_origin(option)
        arguments = get_args(option)
        if _is_model(option):
            if isinstance(part, str) and part in keys_of(option):
                yield keys_of(option)[part]
        elif origin is not None and _is_subclass(origin, Mapping):
            if isinstance(part, str) and len(arguments) == 2:
                yield arguments[1]
        elif origin is not None and _is_subclass(origin, Sequence) and isinstance(part, int) and arguments:
            homogeneous = len(arguments) == 1 or (len(arguments) == 2 and arguments[1] is Ellipsis)
            if homogeneous:
                yield arguments[0]
            elif part < len(arguments):
                yield arguments[part]


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Yield the parts of a union, without `Annotated` around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for inner in get_args(annotation):
            yield from _alternatives(inner)
    elif _is_model(annotation) and annotation.__pydantic_root_model__:
        # not by its class, which pydantic builds as it is imported
        yield from _alternatives(annotation.model_fields["root"].annotation)
    elif hasattr(annotation, "__value__"):  # a `type` alias, which may be recursive
        yield from _alternatives(annotation.__value__)
    else:
        yield annotation


def _models(annotations: Sequence[Any]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        for option in _alternatives(annotation):
            if _is_model(option):
                yield option


def _is_model(annotation: Any) -> bool:
    return _is_subclass(annotation, BaseModel)


def _is_subclass(annotation: Any, parent: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, parent)
