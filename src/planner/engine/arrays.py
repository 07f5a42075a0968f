"""The array types that every function of the engine takes and returns, and what asks them for a truth.

Records of arrays are frozen and not compared (`eq=False`): arrays have no one truth.

One layout alone is a record of numbers, and NumPy's `where`, `any` and `all` take ten times as long for a
number as its arithmetic does, and so does arithmetic of arrays of no dimension; what is here takes numbers
as Python does, and leaves arrays to NumPy.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

#: Arrays of float64 that broadcast against each other; a plain float is an array of no dimension.
FloatArray: TypeAlias = NDArray[np.float64]
#: What a caller may pass where an array is expected.
ArrayLike: TypeAlias = FloatArray | float
#: Masks over the same shapes.
BoolArray: TypeAlias = NDArray[np.bool_]

_NUMBERS = (float, int, bool, np.float64, np.bool_)


def as_floats(values: ArrayLike | NDArray[np.floating[Any]] | BoolArray) -> FloatArray:
    """Return values to compute with: of a number, or an array of no dimension, the number.

    Examples
    --------
    >>> as_floats(2), as_floats(np.ones(())), as_floats(np.ones(1))
    (np.float64(2.0), np.float64(1.0), array([1.]))
    """
    if values.__class__ is np.float64:
        return values  # type: ignore[return-value]
    if values.__class__ in _NUMBERS:
        return np.float64(values)  # type: ignore[return-value]
    array = np.asarray(values, dtype=np.float64)
    return array if array.ndim else array[()]


def where(condition: BoolArray | bool, yes: ArrayLike, no: ArrayLike) -> FloatArray:
    """Return `yes` where a condition holds, otherwise `no`.

    Parameters
    ----------
    condition : (...,) bool
        Of one truth alone, the side that it takes is returned as it is, in a shape that broadcasts to that of
        all three.
    yes, no : (...,) float
        In any unit, the same one.

    Examples
    --------
    >>> float(where(True, 1.0, 2.0)), where(np.array([True, False]), 1.0, 2.0).tolist()
    (1.0, [1.0, 2.0])
    """
    if condition.__class__ in _NUMBERS:
        side: Any = yes if condition else no
        return side if isinstance(side, np.ndarray) else np.float64(side)  # type: ignore[return-value]
    return np.where(condition, yes, no)


def at_median(values: ArrayLike) -> float:
    """Return the value at the medians, which stands before those of all draws.

    Examples
    --------
    >>> at_median([2.0, 3.0]), at_median(4)
    (2.0, 4.0)
    """
    return float(np.ravel(np.asarray(values, dtype=np.float64))[0])


def any_of(values: ArrayLike | BoolArray) -> bool:
    """Return whether any of some numbers or truths is not 0.

    Examples
    --------
    >>> any_of(0.0), any_of(np.array([0.0, 1.0])), any_of(np.zeros(()))
    (False, True, False)
    """
    return bool(values) if values.__class__ in _NUMBERS else bool(np.asarray(values).any())


def all_of(values: ArrayLike | BoolArray) -> bool:
    """Return whether none of some numbers or truths is 0.

    Examples
    --------
    >>> all_of(1.0), all_of(np.array([0.0, 1.0])), all_of(np.ones(()))
    (True, False, True)
    """
    return bool(values) if values.__class__ in _NUMBERS else bool(np.asarray(values).all())


Record = TypeVar("Record")


def as_numbers(record: Record) -> Record:
    """Return a record of arrays with those of no dimension as numbers, which are quicker to compute with.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Pair:
    ...     one: FloatArray
    ...     other: FloatArray
    >>> as_numbers(Pair(np.ones(()), np.ones(1)))
    Pair(one=np.float64(1.0), other=array([1.]))
    """
    values = {column.name: getattr(record, column.name) for column in fields(record)}  # type: ignore[arg-type]
    plain = {name: value[()] for name, value in values.items() if isinstance(value, np.ndarray)}
    return replace(record, **plain)  # type: ignore[type-var]
