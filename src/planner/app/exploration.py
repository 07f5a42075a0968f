"""What was found out about a plan's sizes, systems and inputs, and what somebody wants to see of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal, cast

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.exploring.curve import Measure, Sized, limits_of
from planner.exploring.mixes import mix_id
from planner.exploring.pareto import undominated
from planner.exploring.pools_in_step import in_step
from planner.exploring.post_answers import PostSize
from planner.exploring.sensitivity import Tornado
from planner.exploring.sizes import Progress, SystemAnswer, ranked
from planner.exploring.targets import Asked, Targets, targets_of
from planner.text import safe

#: What is found out, one after the other: `exploring.py` does it.
Work = Literal["curve", "ranking", "tornado", "more"]
Against = Literal["money", "power"]
Order = Literal["power", "money", "chips", "days"]
ORDERS: dict[Order, str] = {
    "power": "least power first",
    "money": "least money first",
    "chips": "fewest chips first",
    "days": "soonest first",
}
#: What the tornado of a measure is of; of money it is what the budget is of.
MOVED: dict[Measure, str] = {
    "days": "training_days",
    "steps": "post_training.steps_per_day",
    "power": "power.facility_w",
}


#: Of one system, or of the systems of both pools of post-training.
Answer = SystemAnswer | PostSize


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and what is drawn of it; None where nothing meets the targets."""

    answer: Answer
    sized: Sized | None = None


#: What was found: of which work and of what, and a piece of it. A text is what hindered it; False is a count
#: that cannot run, None the end of it.
Piece = Answered | Progress | Tornado | Sized | str | bool | None
News = tuple[Work, str, Piece]


#: What of the screen shows a piece.
Part = Literal["ranking", "progress", "curve", "front", "tornado"]
PARTS: tuple[Part, ...] = ("ranking", "progress", "curve", "front", "tornado")
_SHOWN_BY: dict[Work, tuple[Part, ...]] = {
    "curve": ("curve",),
    "ranking": ("ranking", "curve", "front"),
    "tornado": ("tornado",),
    "more": ("front",),
}


@dataclass
class Exploration:
    """Answers about one plan, kept while it stays the same."""

    plan: Plan
    asked: Asked
    #: the readings of the profiles that answers rest on
    readings: int
    #: ids of all systems, or of mixes of them, the plan's own first; nothing until the worker knows them
    systems: tuple[str, ...] = ()
    targets: Targets | None = None
    #: why there are no targets, in words; empty where there are
    lacks: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    #: what is drawn of those that meet the targets
    sizes: dict[str, Sized] = field(default_factory=dict)
    progress: Progress | None = None
    #: of each system that was looked at, by the counts of its pools
    curves: dict[str, dict[tuple[int, ...], Sized]] = field(default_factory=dict)
    #: more of a system than the fewest that meet the targets, by system
    more: dict[str, list[Sized]] = field(default_factory=dict)
    tornados: dict[Measure, Tornado] = field(default_factory=dict)
    #: what is done, and of what: a system or a measure
    done: set[tuple[Work, str]] = field(default_factory=set)
    problems: dict[tuple[Work, str], str] = field(default_factory=dict)
    #: what hindered all of it
    problem: str = ""
    #: somebody wants nothing more to be found out for now
    is_held: bool = False
    #: systems that were marked, in this order
    marked: list[str] = field(default_factory=list)
    #: whose curve is looked at; empty: nobody's
    system: str = ""
    measure: Measure = "days"
    against: Against = "money"
    order: Order = "power"
    words: str = ""

    @classmethod
    def of(cls, plan: Plan, asked: Asked, readings: int) -> Exploration:
        """Begin to explore a plan."""
        found = cls(plan, asked, readings)
        found.system = found.own
        found.aim(None)
        found.measure = found.first_measure
        return found

    def aim(self, catalog: Catalog | None) -> None:
        """Find out what must hold: with the catalog's rates, where a budget is in another currency."""
        try:
            self.targets, self.lacks = targets_of(self.plan, self.asked, catalog), ""
        except InputError as error:
            self.targets, self.lacks = None, str(error)

    def is_of(self, plan: Plan, asked: Asked, readings: int) -> bool:
        """Whether these are answers about that."""
        return (self.plan, self.asked, self.readings) == (plan, asked, readings)

    def asked_again(self, asked: Asked) -> Exploration:
        """Begin anew with other targets; what somebody wants to see stays, and what no target changes."""
        other = Exploration.of(self.plan, asked, self.readings)
        for wish in ("systems", "system", "against", "order", "words", "tornados"):
            setattr(other, wish, getattr(self, wish))
        if other.first_measure == self.first_measure:
            other.measure = self.measure
        other.done = {key for key in self.done if key[0] == "tornado"}
        other.problems = {key: problem for key, problem in self.problems.items() if key[0] == "tornado"}
        return other

    def take(self, news: News) -> tuple[Part, ...]:
        """Keep a piece of what was found out; return what shows it, nothing where only the progress does."""
        work, of, piece = news
        if isinstance(piece, Progress):
            self.progress = piece
            return ("progress",)
        if piece is None or isinstance(piece, str):
            self.done.add((work, of))
        if isinstance(piece, str):
            self.problems[work, of] = piece
        elif isinstance(piece, Answered):
            system = piece.answer.system_id
            self.answers[system] = piece.answer
            if piece.sized is not None:
                self.sizes[system] = piece.sized
            # of a plan that names no system the first that is answered is looked at
            self.system = self.system or system
        elif isinstance(piece, Tornado):
            self.tornados[cast("Measure", of)] = piece
        elif isinstance(piece, Sized) and work == "curve":
            self.curves.setdefault(of, {})[piece.counts] = piece
        elif isinstance(piece, Sized):
            self.more.setdefault(piece.system_id, []).append(piece)
        return _SHOWN_BY[work]

    @property
    def is_post_training(self) -> bool:
        """Whether steps are counted, and pools of two kinds are found together."""
        return self.plan.workload.is_post_training

    @property
    def is_several(self) -> bool:
        """Whether the plan has several pools, of which no smallest count can be asked."""
        return self.plan.is_shared

    @property
    def is_mixed(self) -> bool:
        """Whether each answer is of a mix of systems."""
        return self.plan.is_split

    @property
    def own(self) -> str:
        """The plan's own system, or mix of them; empty where it does not say."""
        systems = [pool.system for pool in self.plan.cluster.pools if pool.system is not None]
        if self.is_several:
            return systems[0] if systems else ""
        return mix_id(systems) if self.has_systems else ""

    @property
    def first_measure(self) -> Measure:
        """What is drawn first: what is asked for."""
        return "days" if self.targets is None or self.targets.steps_per_day is None else "steps"

    @property
    def has_systems(self) -> bool:
        """Whether the plan says what it runs on: only then is there anything to move in it."""
        return all(pool.system is not None for pool in self.plan.cluster.pools)

    @property
    def base(self) -> tuple[int, ...]:
        """The counts that a curve begins with, of each pool: of the plan, else of the answer, else one."""
        pools = self.plan.cluster.pools if not self.is_several else self.plan.cluster.pools[:1]
        own = [pool.count for pool in pools if pool.count is not None]
        if self.own == self.system and len(own) == len(pools):
            return tuple(own)
        answer = self.answers.get(self.system)
        counts = () if answer is None else answer.nearest_counts
        return counts or (1,) * len(pools)

    def is_on_curve(self, sized: Sized) -> bool:
        """Whether a size is one of those between which a curve is drawn: of several pools, in step."""
        return sized.counts == in_step(self.base, sized.count)

    def due(self, ended: Collection[tuple[Work, str]] = ()) -> tuple[Work, str] | None:
        """Return what is to be found out next, and of what; None where nothing is.

        The curve takes least and stands first; the tornado waits for the first answer alone. `ended` is what
        came to its end and was not told yet.
        """
        has_one_pool = not self.is_several
        ranking: tuple[Work, str] = ("ranking", "")
        # the curve of another system goes about its answer
        is_own = self.own == self.system
        order: list[tuple[Work, str]] = []
        if has_one_pool and self.system and (is_own or self.system in self.answers):
            order.append(("curve", self.system))
        is_ranked = has_one_pool and self.targets is not None
        if is_ranked and not self.answers:
            order.append(ranking)
        if self.has_systems:
            order.append(("tornado", self.measure))
        if is_ranked:
            order += [ranking, ("more", "")]
        return next((key for key in order if key not in self.done and key not in ended), None)

    def said(self, work: Work, of: str) -> str:
        """Return what hindered a piece of the work; empty where nothing did."""
        return safe(self.problems.get((work, of), "") or self.problem)

    def unanswered(self) -> list[str]:
        """Return the systems that were not asked about yet."""
        return [system for system in self.systems if system not in self.answers]

    def shown(self) -> list[Answer]:
        """Return the answers that hold every word, in the order that is wanted; what cannot comes last."""
        typed = self.words.lower().split()
        kept = [
            answer
            for answer in ranked(self.answers.values())
            if all(word in f"{answer.system_id} {answer.system_name}".lower() for word in typed)
        ]
        if self.order == "power":
            return kept
        value = _ORDERED[self.order]
        return sorted(kept, key=lambda answer: (not answer.is_feasible, value(self, answer)))

    def front(self) -> tuple[list[Sized], set[int]]:
        """Return all that meets the targets, and the places of what nothing beats in both."""
        found = list(self.sizes.values())
        found += [sized for each in self.more.values() for sized in each if sized.meets_all]
        placed = [sized for sized in found if sized.bands["days"] and sized.bands[self.against]]
        pairs = [(_middle(sized, "days"), _middle(sized, self.against)) for sized in placed]
        return placed, set(undominated(pairs))

    def curve_shown(self) -> list[Sized]:
        """Return the points of the curve that is looked at by their size, and the answer among them."""
        points = dict(self.curves.get(self.system, {}))
        smallest = self.sizes.get(self.system)
        if points and smallest is not None:
            points[smallest.counts] = smallest
        return sorted(points.values(), key=lambda sized: (sized.chips, sized.counts))

    def mark(self, system: str) -> None:
        """Mark a system, or take its mark away."""
        if system in self.marked:
            self.marked.remove(system)
        else:
            self.marked.append(system)

    def marks(self) -> list[Sized]:
        """Return the smallest clusters of the systems that were marked."""
        return [self.sizes[system] for system in self.marked if system in self.sizes]

    def turn_order(self) -> None:
        """Want the next order."""
        orders = list(ORDERS)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]

    def within(self, measure: Measure) -> list[tuple[str, float]]:
        """Return the targets of a measure by name, each with its value there."""
        return [(limit.name, value) for limit, value in limits_of(self.targets, self.plan, measure)]


def _middle(sized: Sized, measure: Measure) -> float:
    band = sized.bands[measure]
    return math.inf if band is None else band.p50


def _money(exploration: Exploration, answer: Answer) -> float:
    sized = exploration.sizes.get(answer.system_id)
    return math.inf if sized is None else _middle(sized, "money")


_ORDERED: dict[Order, Callable[[Exploration, Answer], float]] = {
    "money": _money,
    "chips": lambda _, answer: float(answer.chips or 0),
    "days": lambda _, answer: answer.days or math.inf,
}
