"""Three-valued evaluation of a condition: true, false, or unknown with the fields that it waits for."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from planner.compliance.facts import DERIVED, UNDETERMINED, Facts, missing_inputs, plain
from planner.errors import InputError
from planner.pattern import is_found, parse_pattern

#: A node of the tree: {"all": [...]}, {"any": [...]}, {"not": node} or {"f": ..., "op": ..., "v": ...}.
Condition = Mapping[str, Any]
Groups = Mapping[str, Collection[str]]

#: Far beyond any rule; what exceeds them, a cycle above all, is refused rather than walked.
MAXIMUM_DEPTH = 64
MAXIMUM_NODES = 4_000

_TOO_LARGE = "the condition is cyclic or absurdly large; expected a small tree"
_NO_CONDITION = "the condition holds what is no condition; expected all, any, not, or f, op, v"

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition comes to."""

    #: None: unknown
    value: bool | None
    #: fields that are unknown and matter
    missing: frozenset[str] = _NOTHING
    #: those of them that could make it true, or false, alone
    could_make_true: frozenset[str] = _NOTHING
    could_make_false: frozenset[str] = _NOTHING

    @property
    def deciding(self) -> frozenset[str]:
        """Fields of which one value alone could settle the condition."""
        return self.could_make_true | self.could_make_false


_TRUE, _FALSE = Verdict(True), Verdict(False)


#: A condition as a function of plain facts (`facts.plain`) and lists of countries.
Decision = Callable[[Facts, Groups], Verdict]


def judge(condition: Condition, facts: Facts, groups: Groups) -> Verdict:
    """Return the verdict on a condition, with the fields that it waits for.

    Raises
    ------
    InputError
        Where the tree is cyclic, absurdly large, or holds what is no condition.

    Examples
    --------
    >>> from_4800 = {"f": "chip.tpp", "op": ">=", "v": 4800}
    >>> judge(from_4800, {"chip.tpp": 6016}, {}).value
    True
    >>> judge({"not": from_4800}, {}, {}).missing
    frozenset({'chip.dense'})
    """
    return decision(condition)(plain(facts), groups)


def decision(condition: Condition) -> Decision:
    """Return a condition as a function, for who asks it of many facts.

    Raises
    ------
    InputError
        As `judge`; the function itself, where the condition names an unknown country group.
    """
    # what has an end, and holds conditions alone
    for _ in walk(condition):
        pass
    return _decision(condition)


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield every node, without recursion; InputError where there is no end to them."""
    waiting: list[tuple[object, int]] = [(condition, 1)]
    nodes = 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if depth > MAXIMUM_DEPTH or nodes > MAXIMUM_NODES:
            raise InputError(_TOO_LARGE)
        if not isinstance(node, Mapping):
            raise InputError(_NO_CONDITION)
        yield node
        for key in ("all", "any"):
            if key in node:
                waiting.extend((child, depth + 1) for child in _children(node, key))
        if "not" in node:
            waiting.append((node["not"], depth + 1))


def _children(node: Condition, key: str) -> list[object] | tuple[object, ...]:
    children = node[key]
    if not isinstance(children, list | tuple):
        raise InputError(f"the condition's '{key}' is no list; expected a list of conditions")
    if len(children) > MAXIMUM_NODES:
        raise InputError(_TOO_LARGE)
    return children


def fields_of(condition: Condition) -> frozenset[str]:
    """Return the fields that a condition reads."""
    return frozenset(str(node["f"]) for node in walk(condition) if "f" in node)


def _decision(node: Any) -> Decision:
    for key, settling in (("all", False), ("any", True)):
        if key in node:
            # what is quickly read comes first; the answer is the same in any order
            children = sorted(node[key], key=lambda child: "f" not in child)
            return _joined([_decision(child) for child in children], settling=settling)
    if "not" in node:
        part = _decision(node["not"])
        return lambda facts, groups: _negated(part(facts, groups))
    return _leaf(node)


def _negated(verdict: Verdict) -> Verdict:
    if verdict.value is None:
        return Verdict(None, verdict.missing, verdict.could_make_false, verdict.could_make_true)
    return _FALSE if verdict.value else _TRUE


def _joined(parts: Sequence[Decision], *, settling: bool) -> Decision:
    """Return what one part that comes to `settling` settles, whatever the others come to."""
    settled, otherwise = (_TRUE, _FALSE) if settling else (_FALSE, _TRUE)

    def decide(facts: Facts, groups: Groups) -> Verdict:
        unknown: list[Verdict] = []
        for part in parts:
            verdict = part(facts, groups)
            # what is known is one of the two
            if verdict is settled:
                return settled
            if verdict is not otherwise:
                unknown.append(verdict)
        if len(unknown) < 2:
            return unknown[0] if unknown else otherwise
        missing = _NOTHING.union(*(one.missing for one in unknown))
        makes_true = [one.could_make_true for one in unknown]
        makes_false = [one.could_make_false for one in unknown]
        # one part is enough to settle it; for the contrary every part that is open must come to it
        if settling:
            return Verdict(None, missing, _NOTHING.union(*makes_true), frozenset.intersection(*makes_false))
        return Verdict(None, missing, frozenset.intersection(*makes_true), _NOTHING.union(*makes_false))

    return decide


def _leaf(node: Condition) -> Decision:
    if "f" not in node or "op" not in node:
        raise InputError(_NO_CONDITION)
    field, operator, wanted = str(node["f"]), str(node["op"]), node.get("v")
    if operator in ("missing", "exists"):
        where_unknown, where_known = (_TRUE, _FALSE) if operator == "missing" else (_FALSE, _TRUE)
        return lambda facts, _: where_unknown if facts.get(field) is None else where_known
    compare = _comparison(operator, wanted)
    undetermined = _undetermined(field, wanted)
    # != of an unknown value is true: not known to be
    # what a field waits for hangs on the facts where it follows from others alone
    where_open = None if field in DERIVED else _waiting(field, {})
    where_absent = _TRUE if operator == "!=" else where_open

    def decide(facts: Facts, groups: Groups) -> Verdict:
        value = facts.get(field)
        if value is None or (undetermined is not None and value == undetermined):
            return _waiting(field, facts) if where_absent is None else where_absent
        answer = compare(value, groups)
        if answer is None:
            return _waiting(field, facts)
        return _TRUE if answer else _FALSE

    return decide


def _undetermined(field: str, wanted: object) -> str | None:
    """Return the value that only says that nobody knows, unless the rule asks for just that."""
    undetermined = UNDETERMINED.get(field)
    is_asked = wanted == undetermined or (isinstance(wanted, list | tuple) and undetermined in wanted)
    return None if is_asked else undetermined


def _waiting(field: str, facts: Facts) -> Verdict:
    return _open(missing_inputs(field, facts) or (field,))


@lru_cache(maxsize=256)
def _open(fields: tuple[str, ...]) -> Verdict:
    """Return what waits for some fields."""
    roots = frozenset(fields)
    alone = roots if len(roots) == 1 else _NOTHING
    return Verdict(None, roots, alone, alone)


def _comparison(operator: str, wanted: object) -> Callable[[object, Groups], bool | None]:
    """Return one operator's answer, which is None where the fact is of a kind that it cannot read."""
    if operator == "==":
        return lambda value, _: _same(value, wanted)
    if operator == "!=":
        return lambda value, _: not _same(value, wanted)
    if operator in ("in", "not_in"):
        return _among(wanted if isinstance(wanted, list | tuple) else (wanted,), is_in=operator == "in")
    if operator == "in_group":
        return lambda value, groups: _is_in_group(value, wanted, groups)
    if operator == "matches":
        # what is no expression is told when the condition is read
        parse_pattern(str(wanted))
        return lambda value, _: is_found(str(wanted), value) if isinstance(value, str) else None
    if operator not in _ORDERS:
        raise InputError(f"the condition has the unknown operator '{operator}'")
    return _ordered(operator, wanted)


def _among(options: Sequence[object], *, is_in: bool) -> Callable[[object, Groups], bool]:
    if all(isinstance(option, str) for option in options):
        texts = frozenset(options)
        return lambda value, _: (isinstance(value, str) and value in texts) is is_in
    return lambda value, _: any(_same(value, option) for option in options) is is_in


def _is_in_group(value: object, wanted: object, groups: Groups) -> bool | None:
    if wanted not in groups:
        raise InputError(f"the condition names the unknown country group '{wanted}'")
    return value in groups[str(wanted)] if isinstance(value, str) else None


def _same(left: object, right: object) -> bool:
    """Return equality in which a flag never equals a number."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operators.ge,
    ">": operators.gt,
    "<=": operators.le,
    "<": operators.lt,
}


def _ordered(operator: str, wanted: object) -> Callable[[object, Groups], bool | None]:
    holds = _ORDERS[operator]
    if isinstance(wanted, str):
        return lambda value, _: holds(value, wanted) if isinstance(value, str) else None
    if _is_number(wanted):
        return lambda value, _: holds(value, wanted) if _is_number(value) else None
    return lambda _value, _groups: None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
