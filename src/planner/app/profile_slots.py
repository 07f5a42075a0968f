"""The rows of a profile's form, made of its kind's model: where each stands in the file, what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from planner.app.field_spec import FieldSpec, spec_from
from planner.domain.evidence import Evidence, Source, Sourced
from planner.domain.keys import Key, KeyField
from planner.report.profile_rows import label_of

TablePath = tuple[str | int, ...]
#: plain: a value by itself; figure: a value with its evidence; item: a table of a list, such as a quote;
#: lines: a list of texts
Form = Literal["plain", "figure", "item", "lines"]
#: What every file says of itself first; an id is its file's name.
_FIXED = ("id",)
#: A new document that a figure names, beside the figure.
DOCUMENT_FIELDS = ("document", "where")


@dataclass(frozen=True)
class Slot:
    """One row of the form."""

    path: TablePath
    form: Form
    spec: FieldSpec
    #: the fields of its dialog, by the key under which each stands in the table at `path`
    fields: tuple[tuple[str, FieldSpec], ...]


def slots_of(model: type[BaseModel], data: Mapping[str, Any]) -> list[Slot]:
    """Return the rows of a kind's form, in the order of its model; items as many as the data have."""
    return list(_slots(model, (), data))


def list_keys(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the keys that hold a list of tables, each with the model of one."""
    return {
        name: items
        for name, info in model.model_fields.items()
        if (items := _items(info)) is not None and issubclass(items, Evidence)
    }


def new_item(model: type[BaseModel], key: str, place: int) -> Slot:
    """Return the row of an item that the data do not have yet."""
    return _item(list_keys(model)[key], (key, place))


def _slots(model: type[BaseModel], path: TablePath, data: Any) -> Iterator[Slot]:
    for name, info in model.model_fields.items():
        if path == () and name in _FIXED:
            continue
        here = (*path, name)
        inner = data.get(name) if isinstance(data, Mapping) else None
        kind = _kind(info)
        if kind is None:
            yield from _of_other_form(info, here, inner)
        elif issubclass(kind, Sourced):
            yield _figure(info, kind, here)
        elif issubclass(kind, Evidence):
            continue  # of a stack: what a fit writes
        else:
            yield from _slots(kind, here, inner)


def _of_other_form(info: FieldInfo, path: TablePath, data: Any) -> Iterator[Slot]:
    """Yield the rows of a plain value, of a table of figures by their name, or of a list."""
    items = _items(info)
    if items is not None:
        if issubclass(items, Evidence):
            held = data if isinstance(data, Sequence) else ()
            yield from (_item(items, (*path, place)) for place in range(len(held)))
        return
    origin = _bare(info.annotation)
    if get_origin(origin) is dict:
        names, held = get_args(origin)
        if get_origin(names) is Literal and isinstance(held, type) and issubclass(held, Sourced):
            known = [str(name) for name in get_args(names)]
            given = [name for name in known if isinstance(data, Mapping) and name in data]
            for name in dict.fromkeys([*given, *known]):
                yield _figure(info, held, (*path, name))
    elif get_origin(origin) is tuple:
        spec = _spec(info, KeyField("", _key(path, info), info))
        yield Slot(path, "lines", spec, ((str(path[-1]), spec),))
    elif get_origin(origin) is None or get_origin(origin) is Literal:
        spec = _spec(info, KeyField(_dotted(path), _key(path, info), info))
        yield Slot(path, "plain", spec, ((str(path[-1]), spec),))


def _figure(info: FieldInfo, kind: type[BaseModel], path: TablePath) -> Slot:
    key = _key(path, info)
    value = kind.model_fields["value"]
    spec = spec_from(KeyField(_dotted(path), key, value))
    return Slot(path, "figure", spec, (("value", spec), *_evidence_fields(kind), *document_fields()))


def _item(model: type[BaseModel], path: TablePath) -> Slot:
    own = [name for name in model.model_fields if name not in Evidence.model_fields]
    fields = [(name, _named(model, name)) for name in own]
    number = path[-1] + 1 if isinstance(path[-1], int) else path[-1]
    singular = str(path[-2]).removesuffix("s")
    key = Key(f"{singular} {number}", f"One of the {path[-2]}, with how it is known.")
    spec = spec_from(KeyField(_dotted(path), key, FieldInfo.from_annotation(str)))
    return Slot(path, "item", spec, (*fields, *_evidence_fields(model), *document_fields()))


@cache
def _evidence_fields(model: type[BaseModel]) -> tuple[tuple[str, FieldSpec], ...]:
    names = [*Evidence.model_fields, *(["chosen_because"] if "chosen_because" in model.model_fields else [])]
    return tuple((name, _named(model, name)) for name in names)


@cache
def document_fields() -> tuple[tuple[str, FieldSpec], ...]:
    """Return the fields of a document that the catalog does not know yet."""
    told = (("document", "title"), ("where", "where"))
    fields = []
    for name, attribute in told:
        info = Source.model_fields[attribute]
        fields.append((name, spec_from(KeyField(name, _key((attribute,), info), info), may_be_empty=True)))
    return tuple(fields)


def _named(model: type[BaseModel], name: str) -> FieldSpec:
    info = model.model_fields[name]
    return _spec(info, KeyField(name, _key((name,), info), info))


def _spec(info: FieldInfo, found: KeyField) -> FieldSpec:
    return spec_from(found, may_be_empty=not info.is_required())


def _key(path: TablePath, info: FieldInfo) -> Key:
    """Return what a key says of itself, named by its format where it is one of a table."""
    said = next((part for part in info.metadata if isinstance(part, Key)), None)
    if said is None:
        return Key(label_of(_dotted(path)), f"{label_of(_dotted(path)).capitalize()}.")
    is_of_table = get_origin(_bare(info.annotation)) is dict
    if not is_of_table:
        return said
    return Key(f"{said.title} {path[-1]}", said.help, find=said.find, example=said.example)


def _dotted(path: TablePath) -> str:
    return ".".join(map(str, path))


def _bare(annotation: Any) -> Any:
    """Return a type without what is annotated to it, and without that it may be absent."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(inner[0]) if len(inner) == 1 else annotation
    return annotation


def _kind(info: FieldInfo) -> type[BaseModel] | None:
    bare = _bare(info.annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _items(info: FieldInfo) -> type[BaseModel] | None:
    bare = _bare(info.annotation)
    if get_origin(bare) is not tuple:
        return None
    item = get_args(bare)[0]
    return item if isinstance(item, type) and issubclass(item, BaseModel) else None
