"""What a person must know of a key of a file in order to fill it in; it stands beside the key's type.

Pydantic is read with the first model that is asked about: the words alone need none.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Key:
    """A key in words. Its unit, range and default are those of its type, which is what files are read by."""

    #: what it is called, in a word or two
    title: str
    #: what it means, in whole sentences
    help: str
    #: what holds where it is absent and its default says nothing, in a few words
    absent: str = ""
    #: what follows from its absence
    consequence: str = ""
    #: where a person finds the figure
    find: str = ""
    #: what may be written
    example: str = ""
    #: the kind of profile that it names
    profile_kind: str = ""
    #: what each answer means, for keys with few of them; what the type takes decides which there are
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: the keys that may stand in its place, never beside it
    rivals: tuple[str, ...] = ()
    #: no estimate does without it; a plan that is only begun may lack it all the same
    is_needed: bool = False


def unknown(title: str, meaning: str, *, find: str = "", example: str = "", **more: Any) -> Key:
    """Return a key of which absence is no answer, but a question."""
    return Key(
        title,
        meaning,
        absent="unknown",
        consequence="the rules that need it say so",
        find=find,
        example=example,
        **more,
    )


@dataclass(frozen=True)
class KeyField:
    """A key with its field: what a person must know, and how a file's value is read."""

    #: dotted, `[]` standing for a place in a list: `cluster.pools[].count`
    path: str
    key: Key
    info: FieldInfo

    @property
    def is_required(self) -> bool:
        """Whether something must be said: here, or by the key that may stand in its place."""
        return self.key.is_needed or not _takes_nothing(self.info.annotation)

    @property
    def default(self) -> object:
        """What holds where it is absent; None where that is nothing."""
        return None if self.info.is_required() else self.info.get_default(call_default_factory=True)

    @property
    def answers(self) -> dict[str, str]:
        """What may be answered, with its meaning, for keys with few answers."""
        for part in self.parts():
            if get_origin(part) is Literal:
                return {str(value): self.key.answers.get(str(value), "") for value in get_args(part)}
        return dict(self.key.answers)

    def parts(self) -> Iterator[Any]:
        """Yield the types that the field is made of, with what is annotated to each."""
        yield from self.info.metadata
        yield from _parts(self.info.annotation)


def find_key(model: type[BaseModel], path: str) -> KeyField:
    """Return a key of a model by its dotted path.

    Raises
    ------
    KeyError
        Where the model has no such key, or one that says nothing of itself.
    """
    *outer, name = path.split(".")
    for part in outer:
        inner = model.model_fields[part.removesuffix("[]")].annotation
        model = next(filter(_is_model, _parts(inner)))
    info = model.model_fields[name]
    key = next((item for item in info.metadata if isinstance(item, Key)), None)
    if key is None:
        raise KeyError(path)
    return KeyField(path, key, info)


@cache
def profile_keys(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Return each key below a model that names a profile, dotted, with the profile's kind."""
    return tuple(_profile_keys(model, ""))


def _profile_keys(model: type[BaseModel], before: str) -> Iterator[tuple[str, str]]:
    for name, info in model.model_fields.items():
        for part in (*info.metadata, *_parts(info.annotation)):
            if isinstance(part, Key) and part.profile_kind:
                yield before + name, part.profile_kind
            elif _is_model(part):
                is_list = get_origin(info.annotation) is tuple
                yield from _profile_keys(part, f"{before}{name}{'[]' if is_list else ''}.")


def rivals(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Return the keys of a model that exclude one another, each with the others."""
    said = [
        (name, other)
        for name, info in model.model_fields.items()
        for item in info.metadata
        if isinstance(item, Key)
        for other in item.rivals
    ]
    pairs = dict.fromkeys([*said, *((other, name) for name, other in said)])
    return {name: tuple(other for own, other in pairs if own == name) for name, _ in pairs}


@dataclass(frozen=True)
class MissingKey:
    """A needed key that says nothing."""

    #: as the file's tables hold it
    path: tuple[str | int, ...]
    #: dotted, an item of a list by its id where it has one: `cluster.pools[train].system`
    name: str
    key: Key


def missing_keys(model: BaseModel) -> Iterator[MissingKey]:
    """Yield each needed key of a model, and below it, that says nothing."""
    yield from _missing_keys(model, (), "")


def _missing_keys(model: BaseModel, path: tuple[str | int, ...], before: str) -> Iterator[MissingKey]:
    for name, key in _needed_keys(type(model)):
        value = getattr(model, name)
        if value is None:
            if key is not None and not any(getattr(model, other) for other in key.rivals):
                yield MissingKey((*path, name), before + name, key)
        elif _is_model(type(value)):
            yield from _missing_keys(value, (*path, name), f"{before}{name}.")
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if _is_model(type(item)):
                    where = getattr(item, "id", place)
                    yield from _missing_keys(item, (*path, name, place), f"{before}{name}[{where}].")


@cache
def _needed_keys(model: type[BaseModel]) -> tuple[tuple[str, Key | None], ...]:
    """Return the fields of a model that are needed, each with its key, and those that hold models."""
    keys = (
        (name, info, next((item for item in info.metadata if isinstance(item, Key) and item.is_needed), None))
        for name, info in model.model_fields.items()
    )
    return tuple((name, key) for name, info, key in keys if key is not None or _holds_models(info.annotation))


def _holds_models(kind: Any) -> bool:
    return any(map(_is_model, _parts(kind)))


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    from pydantic import BaseModel  # noqa: PLC0415 - see above

    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _parts(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        inner, *metadata = get_args(kind)
        yield from metadata
        yield from _parts(inner)
    elif get_origin(kind) in (Union, types.UnionType, tuple):
        for inner in get_args(kind):
            yield from _parts(inner)
    elif kind not in (None, type(None), Ellipsis):
        yield kind


def _takes_nothing(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)
