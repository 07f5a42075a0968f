"""The small regular expressions of rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.pattern import MAXIMUM_LENGTH, parse_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(?i)\bH20\b", "NVIDIA h20 96GB", True),
        (r"(?i)\bH20\b", "H200 SXM", False),
        (r"(?i)ascend\s*910\s*[BCD]", "Ascend  910 b2", True),
        (r"(?i)ascend\s*910\s*[BCD]", "Ascend 910A", False),
        (r"(?i)\b(H20|MI308X?)\b", "MI308", True),
        (r"(?i)\b(H20|MI308X?)\b", "MI308XL", False),
        (r"(?i)huawei|smic|hisilicon", "HiSilicon Ltd", True),
        (r"huawei", "Huawei", False),
        (r"[^0-9]x", "1x", False),
        (r"[^0-9]x", "ax", True),
        (r"moore threads", "Moore threads", False),
        (r"a\.b", "axb", False),
        (r"a\.b", "a.b", True),
        (r"[A-]", "-", True),
        (r"(?:ab)?c", "c", True),
        (r"\s", "a\tb", True),
        (r"(?i)[a-f]", "D", True),
        (r"", "", None),
    ],
)
def test_searches_as_a_regular_expression(pattern: str, text: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(InputError):
            parse_pattern(pattern)
        return
    assert parse_pattern(pattern).is_in(text) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "a*",
        "a{3}",
        "a.b",
        "^a",
        "a$",
        "(a",
        "a)",
        "[a",
        "[]",
        "[z-a]",
        "[[:alpha:]]",
        "a||b",
        "|a",
        "()",
        r"\d",
        r"\1",
        r"\w",
        r"[\s]",
        "(?=a)",
        "(?P<n>a)",
        "a(?i)b",
        "a??",
        "?",
        "\\",
        r"\b*",
        r"\s*?",
        "(" * 30 + "a" + ")" * 30,
        "a" * (MAXIMUM_LENGTH + 1),
    ],
)
def test_refuses_everything_else(pattern: str) -> None:
    with pytest.raises(InputError, match="expected"):
        parse_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a|a)" * 50 + "b", "a?" * 90 + "a" * 90, r"\s*" * 90, r"(a|aa|aaa)?" * 25 + "b"]
)
@pytest.mark.timeout(30)
def test_ends_where_backtracking_would_not(pattern: str) -> None:
    assert not parse_pattern(pattern + "c").is_in("a" * 1_000 + " " * 1_000)


atoms = st.sampled_from(
    ["a", "b", "B", " ", r"\b", r"\s*", r"\s", "[ab]", "[^a]", "[a-c]", "a?", "b?", "(ab)?", r"\."]
)
patterns = st.recursive(
    st.lists(atoms, min_size=1, max_size=5).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("|".join), inner.map("({})".format), st.tuples(inner, inner).map("".join)
    ),
    max_leaves=5,
)


@given(pattern=patterns, text=st.text(alphabet="abcB. \t", max_size=12), ignores_case=st.booleans())
def test_agrees_with_the_standard_library(pattern: str, text: str, ignores_case: bool) -> None:
    whole = f"(?i){pattern}" if ignores_case else pattern
    assert parse_pattern(whole).is_in(text) is (re.search(whole, text) is not None)
