"""Texts that act on the figure that stands in a field: x1.5, /2, +10 %, -5 %."""

from __future__ import annotations

import re

from planner.errors import InputError
from planner.units import Span

_NUMBER = r"(\d[\d,_]*(?:\.\d*)?|\.\d+)"
_TIMES = re.compile(rf"[x*]\s*{_NUMBER}", re.IGNORECASE)
_OVER = re.compile(rf"/\s*{_NUMBER}")
_SHARE = re.compile(rf"([+\-])\s*{_NUMBER}\s*%")
#: What somebody has typed of such a text so far, before its number.
_BEGUN = re.compile(r"[x*/+\-]", re.IGNORECASE)
#: How such texts are written, for those who ask.
HOW = "x1.5, /2, +10 % and -5 % act on the figure that stands here; =64,128 or =64..512/8 and Enter try each"
#: What a text begins with that names several values to try.
_SEVERAL = "="


def factor_of(text: str) -> float | None:
    """Return what a text multiplies a figure by; None where it states a figure of its own.

    Examples
    --------
    >>> [factor_of(text) for text in ("x1.5", "/ 2", "+10 %", "-5%", "1.5")]
    [1.5, 0.5, 1.1, 0.95, None]

    Raises
    ------
    InputError
        Where nothing would be left of the figure, or the text has only begun.
    """
    typed = text.strip()
    if match := _TIMES.fullmatch(typed):
        factor = _number(match[1])
    elif match := _OVER.fullmatch(typed):
        divisor = _number(match[1])
        if divisor == 0:
            raise InputError(f"'{typed}' divides by zero")
        factor = 1 / divisor
    elif match := _SHARE.fullmatch(typed):
        share = _number(match[2])
        factor = (100 + share if match[1] == "+" else 100 - share) / 100
    elif _BEGUN.fullmatch(typed):
        raise InputError(f"'{typed}' is not complete; {HOW}")
    else:
        return None
    if factor < 0:
        raise InputError(f"'{typed}' takes more than all of it")
    return factor


def values_of(text: str) -> str | None:
    """Return the values that a text wants to be tried, as `--vary` takes them; None where it wants none.

    Examples
    --------
    >>> values_of(" =64,128"), values_of("=64..512/8"), values_of("64"), values_of("=")
    ('64,128', '64..512/8', None, '')
    """
    typed = text.strip()
    return typed.removeprefix(_SEVERAL).strip() if typed.startswith(_SEVERAL) else None


def times(value: float | Span, factor: float, *, is_whole: bool) -> float | Span:
    """Return a figure times `factor`: both ends of a span, the nearest whole number of a count."""
    if isinstance(value, Span):
        return Span(_product(value.low, factor), _product(value.high, factor))
    return max(1, round(value * factor)) if is_whole else _product(value, factor)


def _product(value: float, factor: float) -> float:
    # a tenth more of 0.08 is 0.088, not 0.08800000000000001
    return float(f"{value * factor:.12g}")


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))
