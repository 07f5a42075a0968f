"""Three-valued evaluation of a condition: true, false, or unknown with the fields that it waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from planner.compliance.facts import UNDETERMINED, Facts, known, missing_inputs
from planner.errors import InputError
from planner.pattern import parse_pattern

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
    return _Judge(facts, groups).verdict(condition, 1)


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


class _Judge:
    """Walks one tree with the facts; counts its steps, so that a cycle ends."""

    def __init__(self, facts: Facts, groups: Groups) -> None:
        self.facts = facts
        self.groups = groups
        self.nodes = 0

    def verdict(self, node: object, depth: int) -> Verdict:
        self.nodes += 1
        if depth > MAXIMUM_DEPTH or self.nodes > MAXIMUM_NODES:
            raise InputError(_TOO_LARGE)
        if not isinstance(node, Mapping):
            raise InputError(_NO_CONDITION)
        if "all" in node:
            return _all(self.verdict(child, depth + 1) for child in _children(node, "all"))
        if "any" in node:
            parts = (_negated(self.verdict(child, depth + 1)) for child in _children(node, "any"))
            return _negated(_all(parts))
        if "not" in node:
            return _negated(self.verdict(node["not"], depth + 1))
        return _leaf(node, self.facts, self.groups)


def _negated(verdict: Verdict) -> Verdict:
    value = None if verdict.value is None else not verdict.value
    return Verdict(value, verdict.missing, verdict.could_make_false, verdict.could_make_true)


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    unknown: list[Verdict] = []
    for verdict in verdicts:
        if verdict.value is False:
            # whatever the others come to
            return _FALSE
        if verdict.value is None:
            unknown.append(verdict)
    if not unknown:
        return _TRUE
    return Verdict(
        None,
        frozenset().union(*(verdict.missing for verdict in unknown)),
        # every part that is open must come true, but one that comes false is enough
        frozenset.intersection(*(verdict.could_make_true for verdict in unknown)),
        frozenset().union(*(verdict.could_make_false for verdict in unknown)),
    )


def _leaf(node: Condition, facts: Facts, groups: Groups) -> Verdict:
    if "f" not in node or "op" not in node:
        raise InputError(_NO_CONDITION)
    field, operator, wanted = str(node["f"]), str(node["op"]), node.get("v")
    value = known(facts, field)
    if operator in ("missing", "exists"):
        return _TRUE if (value is None) == (operator == "missing") else _FALSE
    if value is None or _is_undetermined(field, value, wanted):
        # != of an unknown value is true: not known to be
        return _TRUE if operator == "!=" else _waiting(field, facts)
    answer = _compare(operator, value, wanted, groups)
    if answer is None:
        return _waiting(field, facts)
    return _TRUE if answer else _FALSE


def _is_undetermined(field: str, value: object, wanted: object) -> bool:
    """Return whether the value only says that nobody knows, and the rule does not ask for just that."""
    undetermined = UNDETERMINED.get(field)
    if undetermined is None or value != undetermined:
        return False
    return not (wanted == undetermined or (isinstance(wanted, list | tuple) and undetermined in wanted))


def _waiting(field: str, facts: Facts) -> Verdict:
    roots = frozenset(missing_inputs(field, facts) or (field,))
    alone = roots if len(roots) == 1 else _NOTHING
    return Verdict(None, roots, alone, alone)


def _compare(operator: str, value: object, wanted: object, groups: Groups) -> bool | None:
    """Return the answer of one operator, or None where the fact is of a kind that it cannot read."""
    if operator == "==":
        return _same(value, wanted)
    if operator == "!=":
        return not _same(value, wanted)
    if operator in ("in", "not_in"):
        options = wanted if isinstance(wanted, list | tuple) else (wanted,)
        return any(_same(value, option) for option in options) == (operator == "in")
    if operator == "in_group":
        if wanted not in groups:
            raise InputError(f"the condition names the unknown country group '{wanted}'")
        return value in groups[str(wanted)] if isinstance(value, str) else None
    if operator == "matches":
        return parse_pattern(str(wanted)).is_in(value) if isinstance(value, str) else None
    return _ordered(operator, value, wanted)


def _same(left: object, right: object) -> bool:
    """Return equality in which a flag never equals a number."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _ordered(operator: str, value: object, wanted: object) -> bool | None:
    if operator not in (">=", ">", "<=", "<"):
        raise InputError(f"the condition has the unknown operator '{operator}'")
    sign: int
    if isinstance(value, str) and isinstance(wanted, str):
        sign = (value > wanted) - (value < wanted)
    elif _is_number(value) and _is_number(wanted):
        sign = (value > wanted) - (value < wanted)  # type: ignore[operator]  # both are numbers
    else:
        return None
    return {">=": sign >= 0, ">": sign > 0, "<=": sign <= 0, "<": sign < 0}[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
