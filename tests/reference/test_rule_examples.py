"""The shipped rules against their examples: every rule fires somewhere and stays silent somewhere."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.rules import RuleBook, load_rule_book
from planner.domain.rule_example import RuleExamples
from planner.planning.rule_examples import load_rule_examples, run_rule_examples

OWN = Path(__file__).with_name("rule_examples.json")
#: What the rules that were added and corrected in November 2026 came with.
NOVEMBER = Path(__file__).with_name("rule_examples_november.json")
#: The examples that the first rules came with, where a checkout lies beside them.
GIVEN = Path(__file__).parents[3] / "shared" / "data" / "rule_examples.json"
TODAY = datetime.date(2026, 11, 22)


@functools.cache
def book_on(day: datetime.date) -> RuleBook:
    return load_rule_book(load_catalog(include_user=False), day).checked()


@functools.cache
def examples(path: Path) -> RuleExamples:
    return load_rule_examples(path)


def failures(of: RuleExamples) -> list[str]:
    results = run_rule_examples(of, book_on, today=TODAY)
    assert results
    return [f"{result.name}: {line}" for result in results for line in result.failures]


@pytest.mark.parametrize("path", [OWN, NOVEMBER], ids=lambda path: path.stem)
def test_every_own_example_passes(path: Path) -> None:
    assert failures(examples(path)) == []


def test_every_example_on_the_edges_of_the_format_passes() -> None:
    edges = load_rule_examples(OWN.with_name("rule_examples_edges.json"))
    assert len(edges.chips) + len(edges.scenarios) == 27
    assert failures(edges) == []


def test_every_example_that_the_rules_came_with_passes() -> None:
    if not GIVEN.is_file():
        pytest.skip("the examples that the rules came with are not beside this checkout")
    assert failures(load_rule_examples(GIVEN)) == []


def test_every_rule_has_a_scenario_that_fires_it_and_one_that_does_not() -> None:
    scenarios = [scenario for path in (OWN, NOVEMBER) for scenario in examples(path).scenarios]
    fired = {rule for scenario in scenarios for rule in scenario.must_fire}
    silent = {rule for scenario in scenarios for rule in scenario.must_not_fire}
    rules = set(book_on(TODAY).rules)
    assert len(rules) == 103
    assert rules - fired == set()
    assert rules - silent == set()


def test_every_chip_says_where_its_numbers_come_from_unless_it_is_made_up() -> None:
    silent = [chip.name for path in (OWN, NOVEMBER) for chip in examples(path).chips if not chip.numbers_from]
    assert all(name.startswith("boundary: ") for name in silent)


def test_a_wrong_expectation_fails() -> None:
    """The runner itself must be able to fail, each kind of expectation once."""
    wrong = RuleExamples.model_validate(
        {
            "meta": {"built": "2026-11-22"},
            "chips": [
                {"name": "a", "input": {"chip.tpp": 4800, "chip.datacenter": True}, "expect": {"tpp": 4801}},
                {"name": "b", "input": {"chip.tpp": 4800}, "expect": {"eccn": "3A090.a.1"}},
                {"name": "c", "input": {"chip.tpp": 4800}, "expect": {"tpp": None}},
                {"name": "d", "input": {"chip.tpp": 4800.04}, "expect": {"tpp": 4800}},
            ],
            "scenarios": [
                {"id": "1", "input": {"site.country": "JP"}, "must_not_fire": ["JP-AI"]},
                {"id": "2", "input": {}, "must_fire": ["JP-AI"]},
                {"id": "3", "input": {"site.country": "DE"}, "needs_input": ["JP-AI"]},
                {"id": "4", "input": {}, "must_fire": ["NO-SUCH-RULE"]},
                {"id": "5", "input": {}, "needs_input": ["JP-AI"]},
            ],
        }
    )
    results = run_rule_examples(wrong, book_on, today=TODAY)
    assert [result.name for result in results if result.failures] == ["a", "b", "c", "1", "2", "3", "4"]
    assert results[5].failures == ("JP-AI: must fire, but waits for site.country",)


def test_country_groups_follow_from_each_other() -> None:
    groups = {name: set(codes) for name, codes in book_on(TODAY).groups.groups.items()}
    assert groups["D5M"] == groups["D:5"] | {"MO"}
    assert (
        groups["AC_DEST"] == (groups["D:1"] | groups["D:4"] | groups["D:5"]) - groups["A:5"] - groups["A:6"]
    )
    assert groups["AC_DEST_NOT_D5M"] == groups["AC_DEST"] - groups["D5M"]
    assert groups["AC_DEST@2023-11-17"] == (groups["AC_DEST"] | {"AE"}) - {"NI"}


#: What would tell a reader that something is allowed.
PERMISSION = re.compile(
    r"""(?ix) \b (
        allow(s|ed|ing)? | permitted | permissible | lawful(ly)? | legal\ to | cleared
        | free\ to | is\ fine
        | (may|can)\ (freely\ )? (be\ )?
          (buy|bought|export(ed)?|go|import(ed)?|s[eo]ld|sell|sen[dt]|ship(ped)?|used?)
        | you\ (may|can) | licen[cs]e-free
        | (no|without\ a)\ (US\ )? licen[cs]e\ (is\ )? (needed|required)
        | licen[cs]e\ is\ not\ (needed|required) | (is|are)\ (exempt|not\ controlled)
    ) \b"""
)


@pytest.mark.parametrize(
    "text",
    [
        "This is allowed.",
        "It is permitted there.",
        "The chip may be exported.",
        "This item may go to Vietnam.",
        "Parts can be used under an exception.",
        "No licence is needed.",
        "You can buy it.",
        "Such kit is exempt.",
    ],
)
def test_a_permission_is_noticed(text: str) -> None:
    assert PERMISSION.search(text)


def test_no_note_says_that_something_is_allowed() -> None:
    for rule in book_on(TODAY).rules.values():
        for text in (rule.title, rule.note, rule.caveat or ""):
            assert not PERMISSION.findall(text), f"{rule.id}: {text}"


def test_rules_keep_what_their_maintainers_ask_for() -> None:
    for rule in book_on(TODAY).rules.values():
        assert len(re.findall(r"[.!?](?= [A-Z])", rule.note)) <= 1, f"{rule.id}: more than two sentences"
        if rule.status == "superseded":
            assert rule.superseded_by, rule.id
            assert rule.effective_to is not None, rule.id


#: A dot that ends no sentence.
ABBREVIATION = re.compile(r"\b(Art|No|Supp|Sec|ch|s|H\.R|U\.S)\.(?= )")
#: Words with which no sentence ends.
DANGLING = re.compile(
    r"(?<![.\w])(a|an|and|as|at|but|by|for|from|in|of|on|or|the|then|to|under|until|where|which|with)\W*$"
)
#: What follows the last comma and hangs on nothing: `..., to be directed from November`, `..., then 3`.
HANGING = re.compile(r"[,;:] (?:to be \w+[^,;:]*|then [\d.]+)$")
#: Verbs of the notes, one of which each sentence has: a sentence without any is a fragment, or adds one here.
VERBS = re.compile(
    r"""(?ix) \b (
        applied | applies | apply | approved | are | ask | asked | asks | be | bring | budget | called |
        came | can | capped | carry | check | classify | closed | costs? | could | counts? | deferred |
        delayed | demanded | demands | did | do | does | drops | expect | extend | falls? | fire(s)? |
        follow | get | governs | grades | had | has | have | is | makes | may | meets | moved | must |
        names | needs? | ordered | owe | passed | pay | plan | plans | pointed | presumes | put |
        reach(es)? | report(s|ed)? | required | restated | run | screen | see | sets? | shall | should |
        sits? | spares? | tell | tells | told | treat | waives | want(s|ed)? | was | weakens | were |
        will | would
    ) \b"""
)


def fragments(text: str) -> list[str]:
    """Return the sentences of a text that are none, each with what tells it."""
    sentences = re.split(r"(?<=[.!?]) +(?=[\w'(])", ABBREVIATION.sub(r"\1", text))
    faults: dict[str, Callable[[str], object]] = {
        "no full stop": lambda it: it[-1:] not in ".!?",
        "no capital letter": lambda it: it[:1].islower(),
        "brackets open or closed once": lambda it: it.count("(") != it.count(")"),
        "ends in the middle": lambda it: DANGLING.search(it.rstrip(".")),
        "hangs on nothing": lambda it: HANGING.search(it.rstrip(".")),
        "no verb": lambda it: not VERBS.search(it),
    }
    return [f"{why}: {it}" for it in sentences for why, is_so in faults.items() if is_so(it)]


@pytest.mark.parametrize(
    "text",
    [
        "They face duties; above that summaries and registration, to be directed from November 2026.",
        "Fines reach USD 1 million, then 3.",
        "A licence is needed from",
        "It is needed (in part.",
        "It is needed. and nothing else.",
        "Check the text. A second search.",
        "",
    ],
)
def test_a_fragment_is_noticed(text: str) -> None:
    assert fragments(text)


def test_no_note_ends_in_a_fragment() -> None:
    faults = {rule.id: fragments(rule.note) for rule in book_on(TODAY).rules.values()}
    assert {rule: found for rule, found in faults.items() if found} == {}


#: Names that a reader can't look up: of somebody's own research, of a search, of a tool's folder.
INTERNAL = re.compile(
    r"(?i)scout note|research note|event register|evidence log|search excerpt|quoted text '.*hits"
    r"|@[0-9a-f]{7}|\.(json|ts|js|md)\b|^\W"
)
#: Whoever wrote it speaks of themselves.
FIRST_PERSON = re.compile(r"(?<![./])\b(I|I'm|me|my|we|our)\b(?!/)")


def test_where_a_rule_was_seen_names_documents_and_nobody_speaks_of_themselves() -> None:
    for rule in book_on(TODAY).rules.values():
        assert not INTERNAL.search(rule.verified_at or "documents"), f"{rule.id}: {rule.verified_at}"
        for text in (rule.title, rule.note, rule.caveat or "", rule.verified_at or ""):
            assert not FIRST_PERSON.search(text), f"{rule.id}: {text}"
            assert not INTERNAL.search(text), f"{rule.id}: {text}"
