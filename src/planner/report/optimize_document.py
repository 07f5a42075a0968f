"""The best layouts of a plan as a document: side by side, by the parts of a step, and why the first wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.estimate.best_published import BestOfClass
from planner.estimate.idle_chips import idle_warnings
from planner.exploring.layouts import LayoutRanking, RankedLayout
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.document import Block, Entries, Entry, Heading, Paragraph, Table, cells, document

_LABEL_WIDTH = 12
#: Columns of a layout: the title, and the degree that it shows; those left out where all of them are 1.
_DEGREES = (
    ("tensor", "tp"),
    ("context", "cp"),
    ("experts", "ep"),
    ("in them", "etp"),
    ("data", "dp"),
    ("micro", "microbatch"),
)
_ALWAYS = frozenset({"tp", "dp", "microbatch"})
#: A part of a step that is nowhere more than this of the first's step has no column.
_NEGLIGIBLE = 0.005
#: What two layouts' parts differ by at least where it is told; of the first's step.
_TOLD = 0.0005
#: Columns of layouts that a page of 80 has room for.
_COLUMNS_OF_80 = 10
#: Layouts beside the ranking, by the mark that stands for their number.
_BESIDE = {"own": "plan's", "unpinned": "no pins", "fastest": "fastest"}
#: Above the best published by more than this share, the answer says that nobody has reached it.
UNHEARD_OF = 0.1


@document
def optimize_document(ranking: LayoutRanking) -> Iterator[Block]:
    """Yield the ranking: layouts, parts of their steps, why the first wins, and what is published."""
    yield Paragraph(f"{ranking.plan.name}: layouts", indent=0, role="title")
    if not ranking.layouts:
        reasons = ranking.reasons or ("no layout that was tried can run it",)
        rows = [Entry("" if place else "x No layout", text, "bad") for place, text in enumerate(reasons)]
        yield Entries(tuple(rows), _LABEL_WIDTH)
        return
    yield from _tables(ranking)
    yield Heading("Why the first wins")
    yield Entries(tuple(why_entries(ranking)), _LABEL_WIDTH)


def layout_names(ranking: LayoutRanking) -> list[tuple[str, RankedLayout]]:
    """Return every layout of a ranking by its number, and by a word those that stand beside it."""
    named = [(str(place), layout) for place, layout in enumerate(ranking.layouts, start=1)]
    for name, word in _BESIDE.items():
        beside: RankedLayout | None = getattr(ranking, name)
        if beside is not None and beside.choice.words not in (layout.choice.words for _, layout in named):
            named.append((word, beside))
    return named


def _tables(ranking: LayoutRanking) -> Iterator[Block]:
    named = layout_names(ranking)
    tried = f"{numbers.count(ranking.candidates)} tried, {numbers.count(ranking.feasible)} fit"
    of_phase = "" if ranking.phase is None else f"of phase {ranking.phase + 1}; "
    yield Heading("Layouts", f"{of_phase}{tried}")
    header, rows = layout_table([layout for _, layout in named])
    yield Table(
        ("", *header),
        cells((name, *row) for (name, _), row in zip(named, rows, strict=True)),
        right=frozenset(range(1, len(header) + 1)),
        spare=2 if len(header) > _COLUMNS_OF_80 else 0,
    )
    yield Paragraph("again: what is computed twice to save memory; memory: of the fullest chip", role="quiet")
    yield Heading("One step", "its parts over the step of the first, in percent")
    names = _told_parts(ranking)
    first_s = ranking.layouts[0].step_s
    yield Table(
        ("", *(name.partition("_")[0] for name in names), "all"),
        cells(
            (
                name,
                *(f"{100 * layout.parts[part] / first_s:.1f}" for part in names),
                _percent(layout, first_s),
            )
            for name, layout in named
        ),
        right=frozenset(range(1, len(names) + 2)),
    )


def _percent(layout: RankedLayout, first_s: float) -> str:
    return f"{100 * layout.step_s / first_s:.1f}"


def _told_parts(ranking: LayoutRanking) -> list[str]:
    first = ranking.layouts[0]
    layouts = [layout for _, layout in layout_names(ranking)]
    return [
        name
        for name in first.parts
        if max(layout.parts[name] for layout in layouts) >= _NEGLIGIBLE * first.step_s
    ]


def layout_table(layouts: Sequence[RankedLayout]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return header and rows of layouts side by side: degrees, step, days, utilisation and memory."""
    choices = [layout.choice for layout in layouts]
    degrees = [
        (title, name)
        for title, name in _DEGREES
        if name in _ALWAYS or any(getattr(choice, name) > 1 for choice in choices)
    ]
    before = [(title, name) for title, name in degrees if name not in ("dp", "microbatch")]
    after = [(title, name) for title, name in degrees if name in ("dp", "microbatch")]
    header = (
        *(title for title, _ in before),
        "pipeline",
        *(title for title, _ in after),
        "ZeRO",
        "again",
        "step",
        "days",
        "MFU",
        "memory",
    )
    rows = []
    for layout in layouts:
        choice, figures = layout.choice, layout.figures
        virtual = f" x {choice.vpp}" if choice.vpp > 1 else ""
        rows.append(
            (
                *(str(getattr(choice, name)) for _, name in before),
                f"{choice.pp}{virtual}",
                *(str(getattr(choice, name)) for _, name in after),
                str(choice.zero),
                choice.again,
                numbers.quantity(layout.step_s, numbers.DURATION, 3),
                numbers.decimal(figures.number("training_days"), 3),
                numbers.percent(figures.number("mfu")),
                numbers.percent(figures.number("memory.share")),
            )
        )
    return header, rows


def why_entries(ranking: LayoutRanking) -> Iterator[Entry]:
    """Yield why the first comes first: against the second, what is faster, pins, and what is published."""
    first = ranking.layouts[0]
    yield Entry("first", first.choice.words)
    setting = first.figures.setting
    for warning in idle_warnings(setting.pool, setting.phase):
        yield Entry("held back", warning)
    if len(ranking.layouts) > 1:
        second = ranking.layouts[1]
        yield Entry("the second", why_words(second))
    faster = min((layout for _, layout in layout_names(ranking)), key=lambda layout: layout.step_s)
    if faster.seldom and faster.longer < 0.0:
        yield Entry("the fastest", f"{faster.choice.words}: {why_words(faster)}")
    if ranking.own is not None:
        yield Entry("the plan's", f"gives its layout whole: {why_words(ranking.own)}")
    if ranking.pins:
        pins = ", ".join(f"{key} = {value}" for key, value in ranking.pins.items())
        yield Entry("pinned", f"{pins}; {_cost_of_pins(ranking)}")
    if ranking.best_published is not None:
        yield Entry("published", published_words(ranking.best_published, first.figures.number("mfu")))


def _cost_of_pins(ranking: LayoutRanking) -> str:
    free = ranking.unpinned
    if free is None:
        return "a search without them finds none other"
    return f"without them {free.choice.words}: {why_words(free)}"


def published_words(best: BestOfClass, mfu: float) -> str:
    """Return how a layout's utilisation lies to the best that was published of its class."""
    text = (
        f"the best of {best.label} is {numbers.percent(best.mfu)} MFU ({best.run}); the first comes to "
        f"{numbers.percent(mfu)}"
    )
    above = best.exceeded_by(mfu)
    if above > UNHEARD_OF:
        return f"{text}, {numbers.percent(above)} above it: nobody has published as much"
    return f"{text}, above it" if above > 0.0 else text


def why_words(layout: RankedLayout) -> str:
    """Return how much longer a layout's step is, what makes it so, and what of it people seldom run."""
    whole = abs(layout.longer)
    step = "as long a step" if whole < _TOLD else f"a step {numbers.percent(whole)} {_longer(layout.longer)}"
    told = ", ".join(loss_words(layout))
    seldom = f"; people seldom run such jobs with {', '.join(layout.seldom)}" if layout.seldom else ""
    return f"{step}{f' ({told})' if told else ''}{seldom}"


def _longer(value: float) -> str:
    return "longer" if value > 0.0 else "shorter"


def loss_words(layout: RankedLayout, most: int = 4) -> list[str]:
    """Return the parts in which a layout differs from the first, the weightiest first: `bubble +1.2 %`."""
    first_s = layout.step_s / (1.0 + layout.longer)
    shares = {name: seconds / first_s for name, seconds in layout.loses.items()}
    told = sorted(shares, key=lambda name: -abs(shares[name]))
    return [
        f"{TABLE[f'step.parts.{name}'].short} {100 * shares[name]:+.1f} %"
        for name in told[:most]
        if abs(shares[name]) >= _TOLD
    ]
