r"""Searching text by small regular expressions that cannot run away: no backtracking, linear time.

What may stand in one: plain characters, alternation, groups, character classes, `?`, `\b`, `\s`, `\s*`,
escaped punctuation, and `(?i)` at the very start to ignore case.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from planner.errors import InputError

#: The longest expression; one that needs more should be two rules.
MAXIMUM_LENGTH = 300
#: Groups inside groups.
MAXIMUM_NESTING = 20

_SPECIAL = frozenset(".^$*+?{}[]\\|()")
_CONSTRUCTS = "expected only plain text, |, groups, [classes], ?, \\b, \\s* and (?i) at the start"


@dataclass(frozen=True, slots=True)
class _Characters:
    """One character out of ranges, or out of what is beside them."""

    ranges: tuple[tuple[str, str], ...]
    is_negated: bool = False
    is_space: bool = False

    def holds(self, variants: tuple[str, ...]) -> bool:
        if self.is_space:
            return variants[0].isspace()
        inside = any(low <= variant <= high for variant in variants for low, high in self.ranges)
        return inside is not self.is_negated


@dataclass(slots=True)
class _State:
    """One place in the automaton: consume a character, pass a word boundary, or go on freely."""

    characters: _Characters | None = None
    is_boundary: bool = False
    following: tuple[int, ...] = ()


class _Parser:
    """Reads one expression from left to right and lays out its automaton back to front."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 4 if text.startswith("(?i)") else 0
        self.nesting = 0
        self.states: list[_State] = [_State()]

    def fail(self, what: str) -> InputError:
        return InputError(f"at character {self.position + 1} {what}; {_CONSTRUCTS}")

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.fail("ends too early")
        self.position += 1
        return character

    def add(self, state: _State) -> int:
        self.states.append(state)
        return len(self.states) - 1

    def alternation(self) -> tuple[int, int]:
        """Return the first and last state of `a|b|...`."""
        branches = [self.sequence()]
        while self.peek() == "|":
            self.take()
            branches.append(self.sequence())
        end = self.add(_State())
        for _, last in branches:
            self.states[last].following += (end,)
        return self.add(_State(following=tuple(first for first, _ in branches))), end

    def sequence(self) -> tuple[int, int]:
        """Return the first and last state of what stands between bars."""
        first = last = self.add(_State())
        begins_at = self.position
        while self.peek() not in ("", "|", ")"):
            start, end = self.item()
            self.states[last].following += (start,)
            last = end
        if self.position == begins_at:
            raise self.fail("has an empty alternative, which would match any text")
        return first, last

    def item(self) -> tuple[int, int]:
        r"""Return the first and last state of one atom with its `?` or, after `\s`, its `*`."""
        start, end, may_repeat = self.atom()
        out = self.add(_State())
        self.states[end].following += (out,)
        if self.peek() == "?":
            self.take()
            return self.add(_State(following=(start, out))), out
        if self.peek() == "*" and may_repeat:
            self.take()
            entry = self.add(_State(following=(start, out)))
            self.states[end].following = (entry,)
            return entry, out
        return start, out

    def atom(self) -> tuple[int, int, bool]:
        character = self.take()
        if character == "(":
            return (*self.group(), False)
        if character == "[":
            return (*self.consume(self.character_class()), False)
        if character == "\\":
            return self.escape()
        if character in _SPECIAL:
            self.position -= 1
            raise self.fail(f"holds '{character}'")
        return (*self.consume(_Characters(((character, character),))), False)

    def group(self) -> tuple[int, int]:
        if self.text.startswith("?:", self.position):
            self.position += 2
        self.nesting += 1
        if self.nesting > MAXIMUM_NESTING:
            raise self.fail(f"nests more than {MAXIMUM_NESTING} groups")
        first, last = self.alternation()
        if self.take() != ")":
            raise self.fail("misses a closing parenthesis")
        self.nesting -= 1
        return first, last

    def escape(self) -> tuple[int, int, bool]:
        character = self.take()
        if character == "b":
            state = self.add(_State(is_boundary=True))
            return state, state, False
        if character == "s":
            return (*self.consume(_Characters((), is_space=True)), True)
        if character.isalnum() or character.isspace():
            raise self.fail(f"holds '\\{character}'")
        return (*self.consume(_Characters(((character, character),))), False)

    def consume(self, characters: _Characters) -> tuple[int, int]:
        last = self.add(_State())
        return self.add(_State(characters=characters, following=(last,))), last

    def character_class(self) -> _Characters:
        is_negated = self.peek() == "^"
        if is_negated:
            self.take()
        ranges: list[tuple[str, str]] = []
        while self.peek() != "]":
            low = high = self.class_character()
            following = self.text[self.position : self.position + 2]
            if following.startswith("-") and following != "-]":
                self.take()
                high = self.class_character()
            if high < low:
                raise self.fail(f"has the range {low}-{high}, which runs backwards")
            ranges.append((low, high))
        self.take()
        if not ranges:
            raise self.fail("has an empty character class")
        return _Characters(tuple(ranges), is_negated)

    def class_character(self) -> str:
        character = self.take()
        if character == "[":
            raise self.fail("has '[' inside a character class")
        if character == "\\":
            character = self.take()
            if character.isalnum():
                raise self.fail(f"holds '\\{character}' inside a character class")
        return character


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked expression, ready to search."""

    states: tuple[_State, ...]
    first: int
    last: int
    ignores_case: bool

    def is_in(self, text: str) -> bool:
        """Return whether the expression matches anywhere in `text`."""
        current: set[int] = set()
        for position in range(len(text) + 1):
            current.add(self.first)
            reached = self._spread(current, _is_boundary(text, position))
            if self.last in reached:
                return True
            if position == len(text):
                break
            variants = self._variants(text[position])
            current = {
                following
                for index in reached
                if (characters := self.states[index].characters) is not None and characters.holds(variants)
                for following in self.states[index].following
            }
        return False

    def _variants(self, character: str) -> tuple[str, ...]:
        if not self.ignores_case:
            return (character,)
        return (character, *(v for v in (character.lower(), character.upper()) if len(v) == 1))

    def _spread(self, states: set[int], at_boundary: bool) -> set[int]:
        """Return what can be reached without consuming a character."""
        reached = set(states)
        waiting = list(states)
        while waiting:
            state = self.states[waiting.pop()]
            if state.characters is not None or (state.is_boundary and not at_boundary):
                continue
            for following in state.following:
                if following not in reached:
                    reached.add(following)
                    waiting.append(following)
        return reached


def _is_word(text: str, position: int) -> bool:
    return 0 <= position < len(text) and (text[position].isalnum() or text[position] == "_")


def _is_boundary(text: str, position: int) -> bool:
    return _is_word(text, position - 1) is not _is_word(text, position)


@functools.lru_cache(maxsize=1024)
def parse_pattern(text: str) -> Pattern:
    r"""Return the checked expression.

    Raises
    ------
    InputError
        Where it is too long or holds a construct beyond those named at the top of this module.

    Examples
    --------
    >>> parse_pattern(r"(?i)ascend\s*910\s*[BCD]").is_in("Huawei Ascend 910C")
    True
    >>> parse_pattern(r"\bH20\b").is_in("H200 SXM")
    False
    """
    if len(text) > MAXIMUM_LENGTH:
        raise InputError(f"is longer than {MAXIMUM_LENGTH} characters; expected a shorter expression")
    parser = _Parser(text)
    first, last = parser.alternation()
    if parser.peek():
        raise parser.fail("closes a group that was never opened")
    return Pattern(tuple(parser.states), first, last, text.startswith("(?i)"))


@functools.lru_cache(maxsize=1024)
def is_found(expression: str, text: str) -> bool:
    """Return whether a checked expression matches anywhere in a text.

    Raises
    ------
    InputError
        As `parse_pattern`.
    """
    return parse_pattern(expression).is_in(text)
