"""Days, power and money against size as a plot, and the front of systems over days and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from planner.app.drawing.field_help import LABEL_WIDTH
from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, line, wrapped
from planner.app.drawing.plot import FILL, Band, Curve, Plot, Point, Target
from planner.app.drawing.plot_axis import Axis
from planner.app.drawing.sizes import CANNOT, MARKED
from planner.app.drawing.vendors import vendor_sign, vendors_legend
from planner.app.exploration import Against, Exploration
from planner.exploring.curve import Measure, Sized
from planner.exploring.mixes import mix_id, systems_of_mix
from planner.report import numbers
from planner.report.numbers import Scale
from planner.units import WATTS_PER_MW

NOW, SMALLEST, OTHER = "\u25cb", "\u25c6", "\u25cf"
_UNITS: dict[Measure, tuple[str, float]] = {
    "days": ("days", 1.0),
    "steps": ("steps a day", 1.0),
    "power": ("MW", WATTS_PER_MW),
    "money": ("M USD", 1e6),
}
_SCALES: dict[Measure, tuple[Scale, ...]] = {
    "days": (Scale(1.0, "days"),),
    "steps": (Scale(1.0, "steps a day"),),
    "power": numbers.POWER,
    "money": numbers.MONEY,
}
#: What more systems take more of.
_GROWING: tuple[Measure, ...] = ("power", "money")
_TITLES: dict[str, str] = {
    "deadline_days": "deadline",
    "finish_by": "deadline",
    "steps_per_day": "asked",
    "power_mw": "power",
    "site.power_cap_mw": "site's cap",
    "money_usd": "budget",
}


def point_id(sized: Sized) -> str:
    """Return by what a point is chosen."""
    return f"{sized.system_id} {' '.join(map(str, sized.counts))}"


def sized_words(sized: Sized, name: str) -> str:
    """Return a point in words: count, chips, days with their band, power, money."""
    power, money = (_middle(sized, measure) for measure in ("power", "money"))
    names = systems_of_mix(name) if len(sized.counts) > 1 else (name,)
    systems = [f"{numbers.count(count)} x {one}" for count, one in zip(sized.counts, names, strict=False)]
    told = [f"{mix_id(systems)}, {numbers.count(sized.chips)} chips"]
    if sized.bands.get("steps") is not None:
        told.append(f"{numbers.days(sized.bands['steps'])} steps a day")
    told.append(f"{numbers.days(sized.bands['days'])} days")
    told.append(numbers.quantity(power, numbers.POWER, 3))
    mark = numbers.ASSUMED_MARK if sized.without else ""
    told.append(f"{numbers.quantity(money, numbers.MONEY, 3)}{mark}")
    if sized.meets_all is False:
        told.append("x misses a target")
    return "; ".join(told)


def _middle(sized: Sized, measure: Measure) -> float | None:
    band = sized.bands[measure]
    return None if band is None else band.p50


def curve_plot(exploration: Exploration, name: str) -> Plot | None:
    """Return the curve of the system that is looked at; None where nothing is known of it yet."""
    measure = exploration.measure
    title, unit = _UNITS[measure]
    points = [sized for sized in exploration.curve_shown() if sized.bands[measure] is not None]
    if not points:
        return None
    # a mix of counts that are not in step is a point beside the line
    line_of = [sized for sized in points if exploration.is_on_curve(sized)]
    counts = [_size(sized) for sized in line_of]
    bands = [band for sized in line_of if (band := sized.bands[measure]) is not None]
    sure = [
        (value / unit if (value := sized.sure[measure]) is not None else float("nan")) for sized in line_of
    ]
    middles = [band.p50 / unit for band in bands]
    targets = exploration.targets
    curves = [Curve("median", counts, middles)]
    if targets is not None and targets.confidence > 0.5:
        lower, upper = ("upper", "lower") if measure == "steps" else ("lower", "upper")
        curves = [
            Curve(f"median, the {lower} line", counts, middles),
            Curve(f"P{100 * targets.confidence:.0f}, the {upper}", counts, sure, "$part-5"),
        ]
    pools = exploration.plan.cluster.pools
    now = tuple(pool.count for pool in pools) if exploration.own == exploration.system else ()
    answer = exploration.answers.get(exploration.system)
    smallest = () if answer is None else answer.counts
    # what stands across is drawn last, with its words
    lines = _crossings(exploration, line_of, measure)
    lines += [
        Target(value / unit, _target_label(limit, measure, value))
        for limit, value in exploration.within(measure)
    ]
    return Plot(
        Axis("chips, both pools in step" if exploration.is_mixed else "systems", is_log=True),
        Axis(title, is_log=True),
        curves=curves,
        bands=[Band("P10..P90", counts, [b.p10 / unit for b in bands], [b.p90 / unit for b in bands])],
        points=[_point(sized, measure, name, now=now, smallest=smallest) for sized in points],
        targets=lines,
        legend=[(NOW, "this plan", "$override"), (SMALLEST, "fewest that meet all", "$good")],
    )


def _size(sized: Sized) -> float:
    """Return where a size stands: systems of one pool, chips of several."""
    return float(sized.count if len(sized.counts) == 1 else sized.chips)


def _point(
    sized: Sized, measure: Measure, name: str, *, now: tuple[int | None, ...], smallest: tuple[int, ...]
) -> Point:
    band = sized.bands[measure]
    assert band is not None  # as kept
    is_now, is_smallest = sized.counts == now, sized.counts == smallest
    sign = SMALLEST if is_smallest else NOW if is_now else OTHER
    style = "$good" if is_smallest else "$override" if is_now else "$part-1"
    state = "; this plan" if is_now else ""
    state += "; the fewest that meet all targets" if is_smallest else ""
    words = sized_words(sized, name) + state
    middle = band.p50 / _UNITS[measure][1]
    return Point(point_id(sized), _size(sized), middle, sign, style, words, is_strong=is_now or is_smallest)


def _target_label(limit: str, measure: Measure, value: float) -> str:
    return f"{_TITLES[limit]} {numbers.trimmed(value, _SCALES[measure])}"


def _crossings(exploration: Exploration, points: Sequence[Sized], measure: Measure) -> list[Target]:
    """Return where other targets are reached along the sizes: what more systems would break."""
    found: list[Target] = []
    for other in _GROWING:
        if other == measure:
            continue
        values = [(_size(sized), value) for sized in points if (value := sized.sure[other]) is not None]
        tightest = sorted(exploration.within(other), key=lambda one: one[1])[:1]
        for limit, most in tightest:
            for (count, value), (next_count, next_value) in pairwise(values):
                if value <= most < next_value:
                    share = (most - value) / (next_value - value)
                    at = count + share * (next_count - count)
                    found.append(Target(at, _target_label(limit, other, most), "x"))
                    break
    return found


def front_plot(exploration: Exploration, names: dict[str, str], vendors: dict[str, str]) -> Plot | None:
    """Return all that meets the targets by its days and what it takes; None where nothing is known yet."""
    against: Against = exploration.against
    placed, on_front = exploration.front()
    if not placed:
        return None
    title, unit = _UNITS[against]
    points: list[Point] = []
    along: list[tuple[float, float]] = []
    for place, sized in enumerate(placed):
        days, other = sized.bands["days"], sized.bands[against]
        assert days is not None  # as placed
        assert other is not None
        at = (other.p50 / unit, days.p50)
        is_best = place in on_front
        sign, style = vendor_sign(vendors.get(sized.system_id, ""))
        words = sized_words(sized, names.get(sized.system_id, sized.system_id))
        words += "; on the front" if is_best else "; another is sooner and takes less"
        points.append(
            Point(
                point_id(sized),
                *at,
                sign if is_best else sign.lower(),
                style if is_best else QUIET,
                words,
                is_strong=is_best,
            )
        )
        if is_best:
            along.append(at)
    along.sort()
    return Plot(
        Axis(title, is_log=True),
        Axis("days", is_log=True),
        curves=[Curve("front", [x for x, _ in along], [y for _, y in along], "$part-1")],
        points=points,
        targets=[
            *(
                Target(value, _target_label(limit, "days", value))
                for limit, value in exploration.within("days")
            ),
            *(
                Target(value / unit, _target_label(limit, against, value), "x")
                for limit, value in exploration.within(against)
            ),
        ],
        legend=_legend(placed, vendors),
    )


def _legend(placed: Sequence[Sized], vendors: dict[str, str]) -> list[tuple[str, str, str]]:
    seen = {vendors.get(sized.system_id, "") for sized in placed}
    return [*vendors_legend(seen), ("a", "small letters: off the front", QUIET)]


def size_signs(width: int) -> Lines:
    """Return what the signs of ranking, curve and front stand for."""
    told = (
        (MARKED, "in the ranking: marked, to be held side by side"),
        (CANNOT, "no count of this system meets the targets: which limit binds, and why"),
        (numbers.ASSUMED_MARK, "money that leaves out something without a price"),
        (NOW, "on the curve: the plan as it is"),
        (SMALLEST, "the fewest systems that meet all targets"),
        (OTHER, "any other size"),
        ("A..", "on the front: who sells the chip; small letters: another is sooner and takes less"),
        (FILL, "P10 to P90"),
        ("\u254c", "a target"),
    )
    lines: Lines = [line(("SIGNS", HEADING))]
    for sign, meaning in told:
        lines += wrapped(meaning, width, first=(f"{sign:<{LABEL_WIDTH}}", STRONG))
    return [*lines, line("")]
