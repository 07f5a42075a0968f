"""Symbols that record the arithmetic done with them: a formula is written once and printed from itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

#: How tightly the outermost operation of a text binds.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_FUNCTIONS: dict[Any, str] = {
    np.maximum: "max",
    np.minimum: "min",
    np.sqrt: "sqrt",
    np.log2: "log2",
    np.ceil: "ceil",
    np.exp: "exp",
}


class Symbol:
    """A name, or arithmetic of names, that arithmetic makes longer.

    Examples
    --------
    >>> chips, tdp, share = (Symbol(name) for name in ("chips", "tdp", "share"))
    >>> str(chips * tdp * (0.25 + share)), str(np.maximum(tdp - 1, 0) / (chips * 2))
    ('chips x tdp x (0.25 + share)', 'max(tdp - 1, 0) / (chips x 2)')
    """

    __slots__ = ("_binding", "text")

    def __init__(self, text: str, binding: int = _ATOM) -> None:
        self.text = text
        self._binding = binding

    def __str__(self) -> str:
        """Return the arithmetic as people write it: `x` multiplies, `^` raises."""
        return self.text

    def within(self, least: int) -> str:
        """Return the text, in parentheses where an operation around it binds more tightly than `least`."""
        return self.text if self._binding >= least else f"({self.text})"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        """Record a NumPy function of symbols and numbers."""
        if method != "__call__":
            return NotImplemented
        symbols = [as_symbol(one) for one in inputs]
        if ufunc in _OPERATIONS:
            return _OPERATIONS[ufunc](*symbols)
        if ufunc in _FUNCTIONS:
            return Symbol(f"{_FUNCTIONS[ufunc]}({', '.join(map(str, symbols))})")
        return NotImplemented

    def __add__(self, other: Any) -> Symbol:
        return _sum(self, as_symbol(other))

    def __radd__(self, other: Any) -> Symbol:
        return _sum(as_symbol(other), self)

    def __sub__(self, other: Any) -> Symbol:
        return _difference(self, as_symbol(other))

    def __rsub__(self, other: Any) -> Symbol:
        return _difference(as_symbol(other), self)

    def __mul__(self, other: Any) -> Symbol:
        return _product(self, as_symbol(other))

    def __rmul__(self, other: Any) -> Symbol:
        return _product(as_symbol(other), self)

    def __truediv__(self, other: Any) -> Symbol:
        return _quotient(self, as_symbol(other))

    def __rtruediv__(self, other: Any) -> Symbol:
        return _quotient(as_symbol(other), self)

    def __pow__(self, other: Any) -> Symbol:
        return _power(self, as_symbol(other))


def as_symbol(value: Any) -> Symbol:
    """Return a number as a symbol of itself, in as few digits as give it back."""
    if isinstance(value, Symbol):
        return value
    number = float(value)
    short = f"{number:.12g}"
    # a sign binds like a product: (-2) ^ a is not -(2 ^ a)
    return Symbol(short if float(short) == number else f"{number:.17g}", _PRODUCT if number < 0 else _ATOM)


def _sum(first: Symbol, second: Symbol) -> Symbol:
    if "0" in (first.text, second.text):
        return second if first.text == "0" else first
    return Symbol(f"{first} + {second}", _SUM)


def _difference(first: Symbol, second: Symbol) -> Symbol:
    return Symbol(f"{first} - {second.within(_PRODUCT)}", _SUM)


def _product(first: Symbol, second: Symbol) -> Symbol:
    # of three factors the second product needs no parentheses, of a quotient the divisor's does
    return Symbol(f"{first.within(_PRODUCT)} x {second.within(_PRODUCT)}", _PRODUCT)


def _quotient(first: Symbol, second: Symbol) -> Symbol:
    return Symbol(f"{first.within(_PRODUCT)} / {second.within(_POWER)}", _PRODUCT)


def _power(first: Symbol, second: Symbol) -> Symbol:
    return Symbol(f"{first.within(_ATOM)} ^ {second.within(_ATOM)}", _POWER)


_OPERATIONS: dict[Any, Callable[..., Symbol]] = {
    np.add: _sum,
    np.subtract: _difference,
    np.multiply: _product,
    np.divide: _quotient,
    np.power: _power,
    np.expm1: lambda value: Symbol(f"exp({value}) - 1", _SUM),
    np.log1p: lambda value: Symbol(f"ln(1 + {value})"),
}
