"""Parses each style sheet once for all apps of a process, of which each would parse the same ones."""

from __future__ import annotations

from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parsed = Stylesheet._parse_rules
#: rules by the theme's variables, the sheet and where it stands
_kept: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parsed_once(sheet: Stylesheet, css: str, read_from: Any, *given: Any, **named: Any) -> list[RuleSet]:
    """Return the rules that a sheet came to before under these variables, else parse it."""
    theme = tuple(sorted(sheet._variables.items()))
    key = (theme, css, read_from, given, tuple(sorted(named.items())))
    if key not in _kept:
        _kept[key] = _parsed(sheet, css, read_from, *given, **named)
    return _kept[key]


def parse_once(patch: pytest.MonkeyPatch) -> None:
    """Have all apps share what was parsed."""
    patch.setattr(Stylesheet, "_parse_rules", _parsed_once)
