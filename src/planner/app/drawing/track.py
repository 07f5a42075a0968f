"""A run against its plan as a plot: the plan's band, what was trained by week, and what is left."""

from __future__ import annotations

from collections.abc import Iterator

from planner.acceptance.progress import weeks_between
from planner.acceptance.track import Track, expected_tokens
from planner.app.drawing.pieces import QUIET
from planner.app.drawing.plot import Band, Curve, Plot, Point, Target
from planner.app.drawing.plot_axis import Axis
from planner.quantities.evaluation import Figures
from planner.report import numbers

#: Points of a band that bends.
_STEPS = 60
_AHEAD = "\u2592"


def track_plot(track: Track, figures: Figures) -> Plot | None:
    """Return percent of all tokens over days; None where no line says a time."""
    weeks = list(weeks_between(track.progress))
    if not weeks or track.progress.elapsed_days is None:
        return None
    last = max(track.planned_days.p90, track.days.p90)
    days = [last * step / _STEPS for step in range(_STEPS + 1)]
    planned = [expected_tokens(figures, day) for day in days]
    total = track.tokens_in_all
    return Plot(
        Axis("days since the first step", low=0.0, high=last),
        Axis("% of all tokens", low=0.0, high=104.0),
        curves=[
            Curve("the plan", days, [_share(middle, total) for _, middle, _ in planned], QUIET),
            Curve("", [0.0, *(day for day, _ in weeks)], [0.0, *(_share(one, total) for _, one in weeks)]),
        ],
        bands=[
            Band(
                "planned",
                days,
                [_share(low, total) for low, _, _ in planned],
                [_share(high, total) for _, _, high in planned],
            ),
            *_ahead(track, days),
        ],
        points=list(_points(track, figures, weeks)),
        targets=[Target(track.progress.elapsed_days, "now", "x")],
        # by its points: two curves would be told apart by their colours alone
        legend=[(Point.sign, "the run", Point.style)],
    )


def _ahead(track: Track, days: list[float]) -> Iterator[Band]:
    """Yield the band from here to the end: straight, as whatever is left is done at one pace."""
    now, done = track.progress.elapsed_days or 0.0, track.share_done
    left = [now, *(day for day in days if day > now)]
    if done >= 1.0 or len(left) < 2:
        return

    def at(day: float, end: float) -> float:
        share = 1.0 if end <= now else min((day - now) / (end - now), 1.0)
        return 100.0 * (done + (1.0 - done) * share)

    lows, highs = ([at(day, end) for day in left] for end in (track.days.p90, track.days.p10))
    yield Band("as it goes on", left, lows, highs, "$part-2", _AHEAD)


def _points(track: Track, figures: Figures, weeks: list[tuple[float, float]]) -> Iterator[Point]:
    for day, tokens in weeks:
        low, middle, high = expected_tokens(figures, day)
        share = _share(tokens, track.tokens_in_all)
        ends = ", ".join(numbers.percent(one / track.tokens_in_all) for one in (low, middle, high))
        words = f"day {day:.0f}: {numbers.count(tokens)} tokens, {share:.3g} % of all; planned: {ends}"
        yield Point(f"day {day:.0f}", day, share, words=words, is_strong=day == weeks[-1][0])


def _share(tokens: float, total: float) -> float:
    return 100.0 * tokens / total
