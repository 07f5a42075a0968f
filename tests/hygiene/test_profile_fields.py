"""No field of a profile is there for nothing: a program reads it, a person does, or it says who will."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from planner.domain.chip import Chip
from planner.domain.evidence import Remark
from planner.domain.fabric import Fabric
from planner.domain.run import Run
from planner.domain.site import Site
from planner.domain.stack import Stack
from planner.domain.system import System

SOURCE = Path(__file__).parents[2] / "src" / "planner"
#: What the comment of a field says that no program reads: who will, which test holds it, or for whom it is.
SAYS_WHO = re.compile(r"\bwill\b|\ba test holds\b|\bin words\b|\bfor whoever\b")
#: Fields whose names other things have as well, so that a use proves nothing; looked at one by one.
AMBIGUOUS = {"technology", "market", "cooling", "host", "optics", "scaling", "domain_chips"}


@cache
def read_names() -> frozenset[str]:
    """Return every attribute and every word of a text that the program uses outside `domain/`."""
    names: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if path.parent.name == "domain":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100:
                names.update(re.findall(r"\w+", node.value))
    return frozenset(names - AMBIGUOUS)


def models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model and those of its own module that its fields hold."""
    yield model
    for field in model.model_fields.values():
        for part in parts_of(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel) and part.__module__ == model.__module__:
                yield from models_in(part)


def parts_of(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


def comments(model: type[BaseModel]) -> dict[str, str]:
    """Return what the lines above each field say; two fields in a row may share a comment."""
    found: dict[str, str] = {}
    said: list[str] = []
    is_open = False
    for line in inspect.getsource(model).splitlines():
        text = line.strip()
        field = re.match(r"(\w+):", text)
        if text.startswith("#:"):
            said = [*said, text] if is_open else [text]
            is_open = True
        elif field:
            found[field.group(1)] = " ".join(said)
            is_open = False
    return found


@pytest.mark.parametrize("kind", [Chip, System, Fabric, Site, Stack, Run], ids=lambda kind: kind.__name__)
def test_each_field_is_read_or_says_who_will(kind: type[BaseModel]) -> None:
    silent = [
        f"{model.__name__}.{name}"
        for model in models_in(kind)
        for name, field in model.model_fields.items()
        if name not in read_names()
        and Remark not in parts_of(field.annotation)
        and not SAYS_WHO.search(comments(model).get(name, ""))
    ]
    assert silent == []
