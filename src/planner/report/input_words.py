"""What inputs of an estimate are called: by the table of quantities, a plan's keys and profiles' figures."""

from __future__ import annotations

from collections.abc import Mapping

from planner.exploring.steps import Step
from planner.exploring.streams import Spread
from planner.quantities.table import TABLE
from planner.report.key_words import key_words
from planner.report.profile_rows import label_of
from planner.report.words import words

#: Of what is drawn by no figure of the table: what chance does by itself.
_CHANCE: Mapping[str, str] = {
    "by hand": "luck: failures that people help",
    "automatic": "luck: failures that go by themselves",
    "length by hand": "luck: how long people take",
    "source": "what one source's runs share",
}
_PRICE = "price."
_STACK = "stack."


def input_label(of: Spread | Step) -> str:
    """Return what an input is called where there is little room."""
    if isinstance(of, Step):
        return key_words(of.key) if of.is_of_plan else f"{of.profile} {label_of(of.key)}"
    if of.name in _CHANCE:
        return _CHANCE[of.name]
    if of.scatters:
        return f"unexplained: {TABLE[of.scatters[0]].short}"
    leaf = of.leaves[0].id if of.leaves else ""
    if leaf and not leaf.startswith(_STACK) and (of.name.startswith(_PRICE) or len(of.leaves) == 1):
        more = f" and {len(of.leaves) - 1} more" if len(of.leaves) > 1 else ""
        return f"{TABLE[leaf].short.partition(':')[0]}{more}"
    return words(of.name.partition(".")[2] if of.name.startswith("operations.") else of.name)


def input_title(of: Spread | Step) -> str:
    """Return in full what an input is."""
    if isinstance(of, Step):
        return of.key if of.is_of_plan else input_label(of)
    if of.scatters:
        return "what is measured scatters by about the model"
    if of.leaves:
        return "; ".join(TABLE[leaf.id].title for leaf in of.leaves)
    constant = TABLE.get(f"{_STACK}{of.name}")
    return input_label(of) if constant is None else constant.title
