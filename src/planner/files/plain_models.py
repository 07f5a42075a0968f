"""Validated models as plain JSON values and back, without validating them again."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from planner.units import ForeignSpan, Span

ModelType = TypeVar("ModelType", bound=BaseModel)
_ModelClasses = tuple[type[BaseModel], ...]

_SCALARS = frozenset({str, int, float, bool, type(None)})
# What a list in the plain form stands for, by its first item; a number there is one of the field's models.
_TUPLE, _LIST, _DATE, _SPAN, _FOREIGN = "tuple", "list", "date", "span", "foreign"


def plain_model(model: BaseModel) -> list[Any]:
    """Return a model as scalars, lists and dicts, from which `model_from_plain` makes its equal.

    Raises
    ------
    TypeError
        Where it holds something that has no plain form.
    """
    return _plain_model(model, (type(model),))


def model_from_plain(model_class: type[ModelType], plain: Any) -> ModelType:
    """Return the model that `plain_model` was given; what else it was made from raises whatever it likes."""
    built = _Builder().built(plain, (model_class,))
    if not isinstance(built, model_class):
        raise TypeError(f"expected the plain form of {model_class.__name__}")
    return built


def _plain_model(model: BaseModel, classes: _ModelClasses) -> list[Any]:
    """Return the number of the model's class, its values, and the fields that hold a default.

    A scalar that is a default is left out; any other is kept, for making a model needs its validator, and so
    is what a function makes.
    """
    given = model.model_fields_set
    inner = _classes_by_field(type(model))
    values: dict[str, Any] = {}
    defaults = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if name in given:
            values[name] = _plain(value, inner[name])
        elif (type(value) not in _SCALARS and value != ()) or field.default_factory is not None:
            values[name] = _plain(value, inner[name])
            defaults.append(name)
    return [classes.index(type(model)), values, *([defaults] if defaults else [])]


def _plain(value: Any, classes: _ModelClasses) -> Any:  # noqa: PLR0911 - one return per type
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        return [_TUPLE, *(_plain(item, classes) for item in value)]
    if kind is list:
        return [_LIST, *(_plain(item, classes) for item in value)]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _plain(item, classes) for key, item in value.items()}
    if kind is datetime.date:
        return [_DATE, value.isoformat()]
    if kind is Span:
        return [_SPAN, value.low, value.high]
    if kind is ForeignSpan:
        return [_FOREIGN, value.low, value.high, value.currency]
    if isinstance(value, BaseModel) and kind in classes:
        return _plain_model(value, classes)
    raise TypeError(f"{kind.__name__} has no plain form here")


class _Builder:
    """Makes models of plain values; equal parts of one file are made once, and shared: models are frozen.

    Of the shapes, programs and documents of published runs, three in four are those of another run.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, _ModelClasses], Any] = {}

    def built(self, plain: Any, classes: _ModelClasses) -> Any:
        """Return what a plain value stands for."""
        if type(plain) is dict:
            return {key: self.built(item, classes) for key, item in plain.items()}
        if type(plain) is not list:
            return plain
        # texts tell 1, 1.0 and True apart
        key = repr(plain), classes
        made = self._made.get(key)
        if made is None:
            made = self._built_list(plain, classes)
            # a list is nobody else's, as somebody may change it
            if type(made) is not list:
                self._made[key] = made
        return made

    def _built_list(self, plain: list[Any], classes: _ModelClasses) -> Any:
        mark, *items = plain
        if mark == _TUPLE:
            return tuple(self.built(item, classes) for item in items)
        if mark == _LIST:
            return [self.built(item, classes) for item in items]
        if mark == _DATE:
            return datetime.date.fromisoformat(*items)
        if mark == _SPAN:
            return Span(*items)
        if mark == _FOREIGN:
            return ForeignSpan(*items)
        return self._built_model(classes[mark], *items)

    def _built_model(
        self, model_class: type[BaseModel], values: dict[str, Any], defaults: Any = ()
    ) -> BaseModel:
        inner = _classes_by_field(model_class)
        built = {
            name: value if type(value) in _SCALARS else self.built(value, inner[name])
            for name, value in values.items()
        }
        # as `model_construct` does, which takes twice the time: it asks fields for aliases, copies defaults
        model = model_class.__new__(model_class)
        # a copy shares its keys with all models of the class
        fields = _defaults(model_class).copy()
        fields.update(built)
        for name, value in (
            ("__dict__", fields),
            ("__pydantic_fields_set__", _fields_set(frozenset(built.keys() - set(defaults)))),
            ("__pydantic_extra__", None),
            ("__pydantic_private__", None),
        ):
            object.__setattr__(model, name, value)
        return model


class _Fields:
    """Holds what the fields of a class hold."""


@lru_cache(maxsize=1_000)
def _defaults(model_class: type[BaseModel]) -> dict[str, Any]:
    """Return what each field holds of which nothing was kept, in the fields' order: a scalar, or ().

    It is an object's own, so that its copies hold values alone: keys are the class's, as of any object.
    """
    holder = type(model_class.__name__, (_Fields,), {})()
    for name, field in model_class.model_fields.items():
        setattr(holder, name, field.default)
    values: dict[str, Any] = vars(holder)
    return values


@lru_cache(maxsize=5_000)
def _fields_set(names: frozenset[str]) -> set[str]:
    """Return the one set of these names; a copy of a model has a set of its own."""
    return set(names)


@lru_cache(maxsize=1_000)
def _classes_by_field(model_class: type[BaseModel]) -> Mapping[str, _ModelClasses]:
    """Return the models that each field may hold, at any depth of lists and dicts."""
    return {
        name: tuple(dict.fromkeys(_models_in(field.annotation)))
        for name, field in model_class.model_fields.items()
    }


def _models_in(annotation: Any) -> _ModelClasses:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(model for inner in get_args(annotation) for model in _models_in(inner))
