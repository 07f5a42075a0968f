"""The table of quantities: one name for each, inputs that exist, formulas that print, nothing unused."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from planner.engine import parts
from planner.errors import InputError
from planner.quantities import table
from planner.quantities.families import FAMILIES
from planner.quantities.table import (
    ALIASES,
    TABLE,
    Quantity,
    Way,
    another_way,
    compared,
    declare,
    leaf,
    quantity,
    quantity_named,
)
from planner.quantities.units import Unit

SOURCE = Path(__file__).parents[3] / "src" / "planner"
#: What an equation may call beside its symbols.
FUNCTIONS = {"x", "max", "min", "sqrt", "log2", "ceil", "exp", "ln"}
WAYS = [(made, way) for made in TABLE.values() for way in made.ways]
#: Those of arithmetic alone; what does more is told in words.
FORMULAS = [(made, way) for made, way in WAYS if way.formula is not None and way.method is None]


@pytest.fixture
def empty_table(monkeypatch: pytest.MonkeyPatch) -> dict[str, Quantity]:
    """Put an empty table in place of the planner's."""
    made: dict[str, Quantity] = {}
    monkeypatch.setattr(table, "TABLE", made)
    monkeypatch.setattr(table, "ALIASES", {})
    return made


# -- what a declaration does --------------------------------------------------------------------------------


def test_a_function_becomes_a_quantity_of_its_inputs(empty_table: dict[str, Quantity]) -> None:
    @quantity("area.all_m2", "area", "mm2", {"width": "area.width", "height": "area.height"}, form="number")
    def area(width: float, height: float) -> float:
        return width * height

    made = empty_table["area.all_m2"]
    assert (made.id, made.title, made.short, made.symbol) == ("area.all_m2", "area", "area", "all_m2")
    assert made.is_published
    (way,) = made.ways
    assert way.formula is area
    assert way.equation() == "width x height"


@pytest.mark.parametrize("second", ["one", "other name of one"])
def test_two_quantities_of_one_name_are_refused(empty_table: dict[str, Quantity], second: str) -> None:
    declare("one", "first", "", aliases=("other name of one",))
    with pytest.raises(ValueError, match=f"two quantities are called {second}"):
        declare(second, "second", "")
    with pytest.raises(ValueError, match=f"two quantities are called {second}"):
        declare("its own", "second", "", aliases=(second,))
    assert list(empty_table) == ["one"]


def test_the_first_way_that_holds_is_taken(empty_table: dict[str, Quantity]) -> None:
    quantity("price", "price", "USD", {"rent": "rent"}, when=lambda setting: setting == "rented")(abs)
    another_way("price", {"machines": "machines"})(round)
    made = empty_table["price"]
    assert made.way("rented").formula is abs  # type: ignore[arg-type]  # any setting will do
    assert made.way("bought").formula is round  # type: ignore[arg-type]


def test_a_sum_over_phases_has_a_symbol_for_each() -> None:
    way = Way({"phase": "phase_s"}, lambda *phases: sum(phases), is_over_phases=True)
    assert way.equation(1) == "phase_1"
    assert way.equation(3) == "phase_1 + phase_2 + phase_3"


def test_what_is_read_has_no_equation(empty_table: dict[str, Quantity]) -> None:
    leaf("read", "read", "W", method="of the plan")(lambda _: 1.0)
    (way,) = empty_table["read"].ways
    assert way.equation() is None
    assert (way.formula, way.method) == (None, "of the plan")


def test_what_does_more_than_arithmetic_is_told_in_words(empty_table: dict[str, Quantity]) -> None:
    quantity("middle", "middle", "W", {"several": "several"}, method="the middle of several")(sorted)
    (way,) = empty_table["middle"].ways
    assert way.equation() is None
    assert (way.formula, way.method) == (sorted, "the middle of several")


# -- the planner's table ------------------------------------------------------------------------------------


def test_another_name_leads_to_one_quantity() -> None:
    assert {alias: target for alias, target in ALIASES.items() if target not in TABLE} == {}
    assert ALIASES.keys() & TABLE.keys() == set()
    listed = [alias for made in TABLE.values() for alias in made.aliases]
    assert sorted(listed) == sorted(ALIASES)


def test_every_input_is_a_quantity() -> None:
    missing = [(made.id, name) for made, way in WAYS for name in way.inputs.values() if name not in TABLE]
    assert missing == []


def test_every_way_is_a_formula_or_a_reading() -> None:
    assert [made.id for made in TABLE.values() if not made.ways] == []
    assert [made.id for made, way in WAYS if (way.formula is None) == (way.reading is None)] == []
    # a last way that always holds: nothing is without one
    assert [made.id for made in TABLE.values() if made.ways[-1].when is not None] == []


@pytest.mark.parametrize(("made", "way"), FORMULAS, ids=[made.id for made, _ in FORMULAS])
def test_every_formula_prints_in_the_symbols_of_its_inputs(made: Quantity, way: Way) -> None:
    equation = way.equation(2)
    assert equation is not None
    symbols = set(re.findall(r"(?<![\d.])[A-Za-z_]\w*", equation)) - FUNCTIONS
    assert symbols == set(way.phase_symbols(2) if way.is_over_phases else way.inputs)


def test_what_is_left_out_or_called_otherwise_is_an_input() -> None:
    assert [made.id for made, way in WAYS if not way.optional <= way.inputs.keys()] == []
    assert [made.id for made, way in WAYS if not way.missing.keys() <= way.inputs.keys()] == []


def test_no_quantity_needs_itself() -> None:
    def needed(identifier: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if identifier in path:
            yield (*path, identifier)
        elif identifier not in seen:
            for way in TABLE[identifier].ways:
                for name in way.inputs.values():
                    yield from needed(name, (*path, identifier))
            seen.add(identifier)

    seen: set[str] = set()
    assert [circle for identifier in TABLE for circle in needed(identifier, ())] == []


def test_every_quantity_has_a_title_a_unit_and_a_way_to_be_told() -> None:
    for made in TABLE.values():
        assert made.title, made.id
        assert made.short, made.id
        assert made.unit in get_args(Unit), made.id
        assert (made.form == "words") <= (made.unit == "words"), made.id
    # what a split loses stands in the list of all ways
    assert all(made.is_published or made.id == "split.loss" for made in compared())
    # a bare number cannot be better or worse by chance
    assert {made.form for made in compared() if made.is_published} <= {"band", "number", "date", "part"}


def test_every_function_of_a_family_is_declared_or_called() -> None:
    declared = {function for _, way in WAYS for function in (way.formula, way.reading)}
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    unused = []
    for family in FAMILIES:
        module = importlib.import_module(f"planner.quantities.{family}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_") or function in declared:
                continue
            if not re.search(rf"(?<!def )\b{name}[(,)]", source):
                unused.append(f"{family}.{name}")
    assert unused == []


def test_every_formula_of_a_step_is_the_formula_of_a_quantity() -> None:
    formulas = {way.formula for _, way in FORMULAS}
    of_engine = [
        function
        for _, function in inspect.getmembers(parts, inspect.isfunction)
        if function.__module__ == parts.__name__
    ]
    assert of_engine
    assert [function.__name__ for function in of_engine if function not in formulas] == []


# -- names that people type ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("training_days", "training_days"),
        ("days", "training_days"),
        (" Training Days ", "training_days"),
        ("step.parts.bubble", "step.parts.bubble"),
        ("bubble", "step.parts.bubble"),
        ("capex", "cost.capex"),
        ("tpp", "compliance.classifications.total_processing_performance"),
    ],
)
def test_a_quantity_is_found_by_what_people_call_it(text: str, identifier: str) -> None:
    assert quantity_named(text).id == identifier


def test_a_part_that_two_have_is_asked_for_in_full() -> None:
    with pytest.raises(InputError) as refused:
        quantity_named("optimizer")
    assert str(refused.value).endswith(": expected one of step.parts.optimizer, memory.parts.optimizer")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'goodput'"):
        quantity_named("goodputt")
    with pytest.raises(InputError, match="`planner quantities` lists them all"):
        quantity_named("zzzzzzzz")
