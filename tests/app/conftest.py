"""Stands in for the engine and the catalog, so that the app's tests need neither to be right nor fast."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from rich.console import RenderableType
from tests.app.idle import wait_by_the_loop
from tests.conftest import EXAMPLE
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.answering_picker import AnsweringPicker
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.edits import FieldPath
from planner.app.estimating import EngineEstimator, Estimator
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import Shelf
from planner.app.widgets.field_row import FieldRow
from planner.app.widgets.text_field import TextField
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Cluster, Plan, PlanModel, Pool, Targets
from planner.domain.plan_calendar import Calendar
from planner.domain.plan_site import PlanSite
from planner.domain.plan_workload import Workload
from planner.engine.arrays import FloatArray
from planner.errors import PlanError
from planner.estimate.result import Estimate, PoolEstimate, TargetVerdict
from planner.planning.compliance_result import ComplianceNote, ComplianceReport, NeedsInput
from planner.planning.resolve import ResolvedPlan
from planner.plans.plan_file import load_plan, save_plan
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band, Figure, Gap
from planner.quantities.record import Record
from planner.quantities.setting import Setting

#: Whatever a test waits for comes within that time, on the busiest machine.
PATIENCE_S = 60.0
Shown = TypeVar("Shown", bound=Screen[Any])


def make_plan(**changes: object) -> Plan:
    plan = Plan(
        name="Pangu Ultra 135B on 8,192 Ascend 910B",
        as_of=datetime.date(2026, 11, 22),
        model=PlanModel(profile="pangu-ultra-135b"),
        workload=Workload(tokens=13.2e12, global_batch_sequences=4096),
        cluster=Cluster(pools=(Pool(id="train", system="atlas-800t-a2", count=1024),)),
        site=PlanSite(profile="ulanqab-cn", power_cap_mw=6.0),
        calendar=Calendar(start=datetime.date(2026, 12, 14)),
        targets=Targets(finish_by=datetime.date(2027, 4, 1), power_mw=6.0),
    )
    return plan.model_copy(update=changes)


class FiguresByHand(Figures):
    """Figures that nobody computed; what is not among them is unknown."""

    def __init__(self, by_hand: Mapping[str, float | FloatArray | str | Figure]) -> None:
        self.by_hand = by_hand
        nothing: Any = None
        super().__init__(Setting(ResolvedPlan(make_plan(), nothing, None, None, (), ()), nothing))

    def __getitem__(self, identifier: str) -> Figure:
        value = self.by_hand.get(identifier, np.nan)
        if isinstance(value, Figure):
            return value
        assert not isinstance(value, str)
        missing = (Gap("unknown", "other", identifier),) if np.isnan(value).any() else ()
        return Figure(np.atleast_1d(value), missing)

    def words(self, identifier: str) -> str | None:
        value = self.by_hand.get(identifier)
        assert value is None or isinstance(value, str)
        return value

    def phases(self) -> tuple[Figures, ...]:
        return ()

    def record(self, identifier: str, symbol: str | None = None) -> Record:
        raise PlanError(f"nobody computed {symbol or identifier}")


def ends(p10: float, p50: float, p90: float) -> FloatArray:
    """Return the values of a figure that has just this band: the middle, then the draws."""
    return np.array([p50, p10, p10, p50, p90, p90])


def band(middle: float) -> FloatArray:
    return ends(middle * 0.9, middle, middle * 1.12)


def parts(whole: str, **values: float) -> dict[str, float]:
    return {f"{whole}.{name}": value for name, value in values.items()}


def _failures() -> dict[str, float]:
    """Return the middles of what the example's estimate says of failures and spares."""
    told: dict[str, float] = {}
    for name, value in EXAMPLE.items():
        if name.startswith(("goodput.", "spares.")):
            assert isinstance(value, Band | float)
            told[name] = value.p50 if isinstance(value, Band) else value
    return told


def fake_figures(plan: Plan, chips: float) -> Figures:
    days = 90 * 8192 / chips
    rate = 13.2e12 / days / 86400
    start = plan.calendar.start or datetime.date(2026, 12, 14)
    finish = [(start + datetime.timedelta(days * factor)).toordinal() for factor in (0.9, 1.0, 1.12)]
    degrees = parts("strategy", tp=8, cp=1, ep=1, pp=8, vpp=6, dp=128, microbatch=1, zero=1)
    step = parts("step.parts", compute=5.9, memory_bound=0.8, tensor=0.75, pipeline_p2p=0.2, data=0.4)
    step |= parts("step.parts", bubble=0.7, optimizer=0.1, jitter=0.55)
    traffic = parts("interconnect_overhead.by_class", tensor=0.08, pipeline_p2p=0.02, data=0.04)
    traffic |= parts("interconnect_overhead.by_tier", scale_up=0.09, scale_out=0.05)
    memory = parts("memory.parts", weights=4.2e9, optimizer=12.6e9, activations=29.8e9, overhead=5.5e9)
    power = parts("power.parts", chips=2.6e6, hosts=0.9e6, network=0.3e6, cooling=1.1e6)
    no_price = (Gap("left out", "money", "fabric"),)
    return FiguresByHand(
        {
            **degrees,
            "strategy.recompute": "selective",
            "strategy.schedule": "interleaved",
            "strategy.origin": "searched",
            "strategy.runner_up": 0.014,
            "training_days": band(days),
            "finish_date": ends(*finish),
            "tokens_per_second": band(rate),
            "tokens_per_second_per_chip": band(rate / chips),
            "mfu": ends(0.44, 0.50, 0.55),
            "mfu.convention": "causal",
            "mfu.peak_flops_per_s": 353.9e12,
            "mfu.peak_datatype": "bf16",
            "goodput": ends(0.9, 0.94, 0.97),
            **_failures(),
            "step.seconds": 9.4,
            "step.modelled_s": 9.4,
            **step,
            "interconnect_overhead.fraction": 0.14,
            **traffic,
            "memory.per_chip_bytes": 52.1e9,
            "memory.capacity_bytes": 64e9,
            "memory.usable_bytes": 64e9,
            "memory.share": 52.1 / 64,
            **memory,
            "power.facility_w": band(5.1e6 * chips / 8192),
            "power.peak_facility_w": 6.2e6 * chips / 8192,
            **power,
            "energy_mwh": band(11_000.0),
            "carbon_t": band(6_400.0),
            "joules_per_token": band(2.9),
            "cost.total": Figure(band(38e6), no_price),
            "cost.per_million_tokens": band(2.9),
            "cost.parts.depreciation": 37e6,
        }
    )


def fake_notes() -> ComplianceReport:
    def note(number: int, severity: str, title: str) -> ComplianceNote:
        return ComplianceNote(
            id=f"rule-{number}",
            severity=severity,
            subject="chip",
            pool="train",
            note=f"{title}: look into this before anything is signed.",
            citation="15 CFR 736.2(b)(10)",
            status="in_force",
            effective_from=datetime.date(2025, 5, 13),
            effective_to=None,
            source="src",
            evidence="datasheet",
            is_stale=number == 2,
            title=title,
        )

    return ComplianceReport(
        datetime.date(2026, 11, 22),
        (
            note(1, "notify", "EU: above 1e25 FLOP when placed on its market"),
            note(2, "block", "US GP10 guidance names the 910B [red]not markup[/"),
        ),
        (NeedsInput("buyer.parent_country", ("a", "b"), "parties.buyer_parent_country"),),
    )


def estimate_by_hand(plan: Plan, cancelled: Callable[[], bool]) -> Estimate:
    sizes = [float(pool.chips or (pool.count or 0) * 8) for pool in plan.cluster.pools]
    all_figures = [fake_figures(plan, size) for size in sizes]
    pools = tuple(
        PoolEstimate(
            pool.id,
            pool.system or "",
            "Atlas 800T A2",
            "ascend-910b",
            "Ascend 910B",
            int(size),
            size / 8,
            "roce-200",
            "cann",
            "proven",
            figures,
            figures,
        )
        for pool, size, figures in zip(plan.cluster.pools, sizes, all_figures, strict=True)
    )
    is_mixed = len(sizes) > 1
    targets = (
        TargetVerdict("finish_by", "met", "done by 14 Mar 2027, target 1 Apr 2027"),
        TargetVerdict("power_mw", "likely", "5.1 MW at the meter, target 6 MW"),
    )
    return Estimate(
        plan_name=plan.name,
        is_feasible=not is_mixed,
        reasons=("strategy.split = 'pipeline': no stages of the pools hold their layers",)
        if is_mixed
        else (),
        warnings=("the band rests on a datasheet prior only",),
        known=all_figures[0],
        figures=None if is_mixed else all_figures[0],
        pools=pools,
        targets=() if is_mixed else targets,
        compliance=fake_notes(),
        candidates=4096,
        seconds=0.01,
        profiles=(),
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep drafts and reports of a test out of the real home."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PLANNER_PROFILES", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plan_path(home: Path) -> Path:
    path = home / "pangu.toml"
    save_plan(path, make_plan(), None)
    return path


MakeApp = Callable[..., PlannerApp]


@pytest.fixture(scope="session")
def shipped() -> Catalog:
    """Return the shipped profiles; each is read once for all tests of a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PLANNER_PROFILES", raising=False)
        return load_catalog(include_user=False)


@pytest.fixture
def make_app(plan_path: Path, shipped: Catalog) -> MakeApp:
    def make(estimator: Estimator = estimate_by_hand, *, has_profiles: bool = True) -> PlannerApp:
        shelf = Shelf(lambda: shipped if has_profiles else Catalog([]))
        return PlannerApp(open_session(plan_path), estimator, shelf)

    return make


MakeRealApp = Callable[[], PlannerApp]


@pytest.fixture
def make_real_app(plan_path: Path, shipped: Catalog) -> MakeRealApp:
    """Make the app with the engine, and with the very catalog that the test looks at."""

    def make() -> PlannerApp:
        shelf = Shelf(lambda: shipped)
        return PlannerApp(open_session(plan_path), EngineEstimator(shelf), shelf)

    return make


@pytest.fixture
def fake_estimate() -> Estimator:
    """An estimator that knows no physics: days fall with the chips."""
    return estimate_by_hand


@pytest.fixture
def plan(plan_path: Path) -> Plan:
    return load_plan(plan_path)


_painted = Compositor.render_update


def _not_painted(compositor: Compositor, *, full: bool = False, **options: Any) -> RenderableType | None:
    """Paint only pictures: without a terminal nobody sees the rest, and it is a third of the tests' time."""
    if full:
        return _painted(compositor, full=True, **options)
    compositor._dirty_regions.clear()
    return None


@pytest.fixture(autouse=True)
def painted_where_it_is_looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint what a test looks at, and what comes after every key only of a test with the marker `paints`."""
    wait_by_the_loop(monkeypatch)
    if request.node.get_closest_marker("paints") is None:
        monkeypatch.setattr(Compositor, "render_update", _not_painted)


#: Kinds of screens that were painted, with their sizes, whatever the test.
_seen: set[tuple[type[Screen[Any]], Size]] = set()


class User:
    """Somebody at the app: presses keys, and waits for what comes of them by its messages."""

    def __init__(self, pilot: Pilot[int], changed: asyncio.Event) -> None:
        self.pilot = pilot
        self.changed = changed
        self.press = pilot.press
        self.click = pilot.click
        self.pause = pilot.pause

    @property
    def paints_once(self) -> bool:
        """Whether the test lacks the marker `paints`, so that nothing is painted unless it is looked at."""
        return vars(Compositor)["render_update"] is _not_painted

    @property
    def app(self) -> PlannerApp:
        assert isinstance(self.pilot.app, PlannerApp)
        return self.pilot.app

    @property
    def planning(self) -> PlanningScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, PlanningScreen))

    def look(self) -> None:
        """Paint the screen on top: what lies dimmed behind a dialog was painted when it was there."""
        screen = self.app.screen
        _seen.add((type(screen), screen.size))
        visible_screen_stack.set([])
        screen._compositor.render_full_update()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so: looked at whenever a message was handled anywhere in the app."""
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError("it did not happen")
            self.changed.clear()
            with suppress(TimeoutError):
                # some things are told by no message: that a file was written, that the app is left
                await asyncio.wait_for(self.changed.wait(), 0.05)
        await self.pause()

    async def resize(self, width: int, height: int, is_drawn: Callable[[], bool]) -> None:
        """Make the terminal another size, and wait until what follows it is drawn anew.

        A size changes classes, these the layout, and only then rows are drawn for their room.
        """
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: self.app.screen.size == (width, height) and is_drawn())

    async def settled(self) -> PlanningScreen:
        """Wait for the estimate of the newest revision to be painted."""
        await self.until(lambda: any(isinstance(screen, PlanningScreen) for screen in self.app.screen_stack))
        screen = self.planning
        await self.until(lambda: screen.bench.live.revision > 0)
        await screen.bench.live.settled(PATIENCE_S)
        assert not screen.bench.live.is_busy
        await self.pause()
        return screen

    async def shown(self, kind: type[Shown]) -> Shown:
        """Wait for a screen of that very kind to lie on top; a list may be one that answers."""
        kinds = (kind, AnsweringPicker) if kind is Picker else (kind,)
        await self.until(lambda: type(self.app.screen) in kinds and self.app.screen.is_current)
        screen = self.app.screen
        assert isinstance(screen, kind)
        if self.paints_once and (type(screen), screen.size) not in _seen:
            await self.pause()
            self.look()
        return screen

    async def asked(self) -> str:
        """Wait for a question that takes answers, and return what it says."""
        question = await self.shown(Question)
        await self.until(lambda: question.takes_answers)
        return f"{question.question_title}\n{question.query_one('.dialog-text', Static).content}"

    async def worked(self, *groups: str) -> None:
        """Wait until workers of these groups have come to their ends."""
        found = [worker for worker in self.app.workers if worker.group in groups]
        if found:
            await self.app.workers.wait_for_complete(found)
        await self.pause()

    def row(self, path: FieldPath) -> FieldRow:
        """Return the row of a field of the plan."""
        found = self.planning.form.row_at(path)
        assert found is not None
        return found

    async def type_into(self, path: FieldPath, text: str) -> None:
        """Type into a field of the plan in place of what stands there."""
        await self.type_over(self.row(path), text)

    async def type_over(self, row: FieldRow, text: str) -> None:
        """Type into a field in place of what stands there."""
        assert isinstance(row.control, TextField)
        row.control.focus()
        await self.pause()
        row.control.value = ""
        await self.press(*["space" if character == " " else character for character in text])
        await self.pause()

    async def focused_on(self, path: FieldPath) -> None:
        """Wait until a field of the plan has the focus."""
        await self.until(lambda: getattr(self.planning.focused, "path", None) == path)

    async def edit_count(self, text: str = "512") -> None:
        """Type another number of systems."""
        self.planning.action_go_plan()
        await self.pause()
        await self.press("ctrl+u", *text)
        await self.until(lambda: self.planning.session.is_dirty or text.startswith("="))

    async def saved(self) -> None:
        """Wait until the plan lies on disk, and that is said."""
        await self.until(lambda: self.planning.key_bar.status.startswith("saved"))
        assert not self.planning.session.is_dirty


OpenApp = Callable[..., AbstractAsyncContextManager[User]]


@pytest.fixture
def open_app(make_app: MakeApp) -> OpenApp:
    """Return what opens an app, one made for the test or any other, with somebody at it."""

    @asynccontextmanager
    async def opened(
        app: PlannerApp | None = None, *, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[User]:
        changed = asyncio.Event()
        app = app or make_app(**options)
        app.animation_level = "none"
        async with app.run_test(size=size, message_hook=lambda _message: changed.set()) as pilot:
            user = User(pilot, changed)
            await user.settled()
            yield user
            if user.paints_once and app.is_running:
                # what it all came to
                user.look()
        # as whoever runs the app does: what drafts it leaves are those of a crash
        app.session.drafts.release()

    return opened
