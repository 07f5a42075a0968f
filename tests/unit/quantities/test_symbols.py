"""A formula printed from itself: the text, evaluated as people read it, is the arithmetic that was done."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.quantities.symbols import Symbol, as_symbol

# as formulas see them: as numbers
A: Any
B: Any
C: Any
A, B, C = Symbol("a"), Symbol("b"), Symbol("c")
Arithmetic = Callable[..., Any]


def stand_in_root(value: Fraction) -> Fraction:
    """Stand in for a root, exactly: what is tested is how a text is put together."""
    return value * value + 1


def stand_in_logarithm(value: Fraction) -> Fraction:
    return 2 * value + 7


def stand_in_exponential(value: Fraction) -> Fraction:
    return 3 * value - 5


#: By what it does to symbols: what the same does to exact numbers.
BINARY: dict[Arithmetic, Arithmetic] = {
    operator.add: operator.add,
    operator.sub: operator.sub,
    operator.mul: operator.mul,
    operator.truediv: operator.truediv,
    np.maximum: max,
    np.minimum: min,
}
UNARY: dict[Arithmetic, Arithmetic] = {
    np.exp: stand_in_exponential,
    np.expm1: lambda value: stand_in_exponential(value) - 1,
    np.sqrt: stand_in_root,
    np.log2: stand_in_logarithm,
    np.log1p: lambda value: stand_in_logarithm(1 + value),
    np.ceil: lambda value: Fraction(math.ceil(value)),
}
#: What a reader makes of the printed functions.
READ: dict[str, Arithmetic] = {
    "max": max, "min": min, "sqrt": stand_in_root, "log2": stand_in_logarithm, "ceil": UNARY[np.ceil],
    "exp": stand_in_exponential, "ln": stand_in_logarithm,
}  # fmt: skip
READ_OPERATORS: dict[type, Arithmetic] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Traced:
    """The same arithmetic on symbols and on exact numbers."""

    symbol: Any
    value: Callable[[dict[str, Fraction]], Any]


def named(name: str) -> Traced:
    return Traced(Symbol(name), lambda values: values[name])


NUMBERS = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0, 1e12])


@st.composite
def longer(draw: st.DrawFn, shorter: st.SearchStrategy[Traced]) -> Traced:
    one = draw(shorter)
    kind = draw(st.sampled_from(["both", "number after", "number before", "power", "function"]))
    if kind == "function":
        function = draw(st.sampled_from(list(UNARY)))
        return Traced(function(one.symbol), lambda values: UNARY[function](one.value(values)))
    if kind == "power":
        exponent = draw(st.sampled_from([1, 2, 3]))
        return Traced(one.symbol**exponent, lambda values: one.value(values) ** exponent)
    function = draw(st.sampled_from(list(BINARY)))
    exact = BINARY[function]
    if kind == "both":
        other = draw(shorter)
        return Traced(
            function(one.symbol, other.symbol), lambda values: exact(one.value(values), other.value(values))
        )
    number = draw(NUMBERS)
    if kind == "number after":
        return Traced(function(one.symbol, number), lambda values: exact(one.value(values), Fraction(number)))
    return Traced(function(number, one.symbol), lambda values: exact(Fraction(number), one.value(values)))


@st.composite
def shortest(draw: st.DrawFn) -> Traced:
    """Draw a symbol, or a number raised to it."""
    traced = named(draw(st.sampled_from("abc")))
    if draw(st.booleans()):
        return traced
    base = draw(NUMBERS)
    return Traced(np.power(base, traced.symbol), lambda values: Fraction(base) ** traced.value(values))


EXPRESSIONS = st.recursive(shortest(), longer, max_leaves=8)


def read(text: str, values: dict[str, Fraction]) -> Fraction:
    """Evaluate a printed equation as people read it, exactly."""

    def walk(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            result: Fraction = READ_OPERATORS[type(node.op)](walk(node.left), walk(node.right))
            return result
        if isinstance(node, ast.UnaryOp):
            assert isinstance(node.op, ast.USub)
            return -walk(node.operand)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            called: Fraction = READ[node.func.id](*map(walk, node.args))
            return called
        if isinstance(node, ast.Name):
            return values[node.id]
        assert isinstance(node, ast.Constant)
        return Fraction(node.value)  # type: ignore[arg-type]  # numbers are all that is printed

    return walk(ast.parse(text.replace(" x ", " * ").replace("^", "**"), mode="eval").body)


@settings(max_examples=150)
@given(
    traced=EXPRESSIONS,
    values=st.fixed_dictionaries({name: st.integers(-4, 5).map(Fraction) for name in "abc"}),
)
def test_the_text_evaluated_is_the_arithmetic_it_was_traced_from(
    traced: Traced, values: dict[str, Fraction]
) -> None:
    try:
        expected = traced.value(values)
    except ZeroDivisionError:
        assume(False)
    assert read(str(traced.symbol), values) == expected


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (A + B + C, "a + b + c"),
        (A - (B + C), "a - (b + c)"),
        (A - (B - C), "a - (b - c)"),
        (A + (B - C), "a + b - c"),
        (A * (B + C), "a x (b + c)"),
        (A * (B / C), "a x b / c"),
        (A / (B * C), "a / (b x c)"),
        (A / B / C, "a / b / c"),
        (A / (B / C), "a / (b / c)"),
        ((A * B) ** 2, "(a x b) ^ 2"),
        ((A**2) ** 3, "(a ^ 2) ^ 3"),
        (A * B**2, "a x b ^ 2"),
        (A / B**2, "a / b ^ 2"),
        (np.power(-2.0, A), "(-2) ^ a"),
        (A / -2.0, "a / (-2)"),
        (2 * A - 1, "2 x a - 1"),
        (1 - A, "1 - a"),
        (1 / A, "1 / a"),
        (np.maximum(A - 1, 0.0) * B, "max(a - 1, 0) x b"),
        (np.sqrt(A * B) + np.log2(C), "sqrt(a x b) + log2(c)"),
    ],
)
def test_parentheses_stand_where_a_reader_needs_them(made: Symbol, text: str) -> None:
    assert str(made) == text


def test_a_sum_that_begins_with_nothing_does_not_say_so() -> None:
    assert str(sum([A, B])) == "a + b"


def test_numbers_and_arrays_of_one_number_mix_with_symbols() -> None:
    assert str(np.float64(2.0) * A) == "2 x a"
    assert str(A + np.float64(0.1)) == "a + 0.1"
    assert str(np.asarray(0.25) * A) == "0.25 x a"


@pytest.mark.parametrize("number", [0.1, 1e-30, 86_400.0, 1 / 3, 0.1 + 0.2, 1e12, 6.02214076e23])
def test_a_number_is_printed_in_as_few_digits_as_give_it_back(number: float) -> None:
    text = str(as_symbol(number))
    assert float(text) == number
    assert len(text) <= len(repr(number)) + 2


def test_what_no_reader_could_follow_is_refused() -> None:
    with pytest.raises(TypeError):
        np.tanh(A)
    with pytest.raises(TypeError):
        np.multiply.outer(A, B)
