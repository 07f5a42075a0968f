"""The app's style sheet: what was parsed once is not parsed again while the colours stay the same."""

from __future__ import annotations

from collections.abc import Mapping

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

#: What identifies a source: its text, where it was read, whether it is a default, its rank and its scope.
_Source = tuple[str, CSSLocation, bool, int, str]


class _Parsed:
    """Rules by source, parsed with the variables of now, for all style sheets of a process."""

    def __init__(self) -> None:
        self.variables: Mapping[str, str] = {}
        self.rules: dict[_Source, list[RuleSet]] = {}

    def with_variables(self, variables: Mapping[str, str]) -> dict[_Source, list[RuleSet]]:
        """Return the rules by source; those that were parsed with other variables are forgotten."""
        if variables != self.variables:
            self.variables = dict(variables)
            self.rules = {}
        return self.rules


_PARSED = _Parsed()


class KeptStylesheet(Stylesheet):
    """A style sheet that Textual may parse as often as it likes.

    It does so at the start, once more for the theme, and with each screen that brings rules of its own: each
    time all rules, in a style sheet of its own, so that nothing that it keeps by itself is of use.
    """

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        parsed = _PARSED.with_variables(self._variables)
        source = (css, read_from, is_default_rules, tie_breaker, scope)
        if source not in parsed:
            parsed[source] = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
        return parsed[source]

    def reparse(self) -> None:
        """Parse all sources with the variables of now."""
        self.parse()
