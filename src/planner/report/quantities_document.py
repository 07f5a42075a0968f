"""The table of quantities as a document and JSON: what each is called, and how it comes about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.table import TABLE, Quantity, Way
from planner.report.document import Block, Heading, Item, Items, Paragraph, document

_BETTER = {"less": "less is better", "more": "more is better", "neither": "compared"}


@document
def quantities_document() -> Iterator[Block]:
    """Yield what `estimate --json` tells, then what `explain` comes to besides."""
    published = [made for made in TABLE.values() if made.is_published]
    inner = [made for made in TABLE.values() if not made.is_published]
    yield Heading("Quantities", f"{len(published)} that an estimate tells; planner explain PLAN ID")
    yield Items(tuple(item for made in published for item in _items(made)))
    yield Heading("Inner", f"{len(inner)} more that these are made of")
    yield Items(tuple(item for made in inner for item in _items(made)))
    yield Paragraph("x multiplies, ^ raises", role="quiet")


def _items(made: Quantity) -> Iterator[Item]:
    told: list[str] = [made.unit] if made.unit not in ("", "words") else []
    told += [_BETTER[made.better]] if made.better is not None else []
    aside = f" [{', '.join(told)}]" if told else ""
    yield Item(f"{made.id}: {made.title}{aside}")
    for way in made.own_ways:
        yield from (Item(text, depth=1, role="quiet") for text in _way_words(way))
    if made.aliases:
        yield Item(f"also: {', '.join(made.aliases)}", depth=1, role="quiet")


def _way_words(way: Way) -> Iterator[str]:
    """Yield a way's equation or method, and what its symbols stand for."""
    equation = way.equation()
    if equation is not None:
        yield f"= {equation}{', and so on over the phases' if way.is_over_phases else ''}"
    elif way.method is not None:
        yield f"by {way.method}"
    if way.inputs:
        yield f"of {', '.join(_input_words(*given) for given in way.inputs.items())}"


def _input_words(symbol: str, identifier: str) -> str:
    """Return an input's id, and its symbol where the id does not end in it."""
    return identifier if TABLE[identifier].symbol == symbol else f"{symbol} ({identifier})"


def quantities_to_list() -> list[dict[str, Any]]:
    """Return the table as records for JSON, in the order in which it is told."""
    return [_quantity_to_dict(made) for made in TABLE.values()]


def _quantity_to_dict(made: Quantity) -> dict[str, Any]:
    return {
        "id": made.id,
        "title": made.title,
        "short": made.short,
        "unit": made.unit,
        "better": made.better,
        "of_whole_job": made.is_of_job,
        "form": made.form,
        "scope": made.scope,
        "aliases": list(made.aliases),
        "ways": [
            {
                "equation": way.equation(),
                "method": way.method,
                "over_phases": way.is_over_phases,
                "inputs": dict(way.inputs),
                "optional": sorted(way.optional),
            }
            for way in made.own_ways
        ],
    }
