"""The catalog as the app uses it: loaded on first use, searched in pickers, quoted beside fields."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.app.drawing.vendors import SEVERAL_VENDORS
from planner.errors import PlannerError
from planner.exploring.mixes import mix_id, systems_of_mix
from planner.report.words import known_words
from planner.text import safe

if TYPE_CHECKING:
    from planner.catalog.catalog import Catalog
    from planner.domain.base import Profile
    from planner.domain.evidence import Evidence
    from planner.domain.plan import Plan, Pool
    from planner.domain.site import Site
    from planner.domain.system import System
    from planner.planning.published import PublishedRun
    from planner.report.profile_rows import Row


#: Labels of what stands under a figure in a preview: its documents, and rival figures.
QUIET_LABEL, WRONG_LABEL, DISPUTED_LABEL = " ", "  x wrong", "  ~ disputed"


@dataclass(frozen=True)
class PickItem:
    """One entry of a picker."""

    id: str
    title: str
    #: what tells it apart, in a few words
    aside: str = ""
    #: how little is known of a part, in a word or two
    mark: str = ""
    origin: str = ""
    #: everything that a filter may match
    search: str = ""
    #: why it cannot be chosen; empty: it can
    problem: str = ""
    #: why it does not go with the rest of the plan; empty: it does
    unfit: str = ""


class Shelf:
    """Profiles by kind and id; nothing is read before somebody asks."""

    def __init__(self, load: Callable[[], Catalog]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        #: the catalog as a plan pinned it, while somebody keeps to that
        self._pinned: Catalog | None = None
        self._runs: tuple[PublishedRun, ...] | None = None
        #: how often somebody changed what there is to read
        self.readings = 0

    @property
    def is_loaded(self) -> bool:
        """Whether asking costs no more than reading the profiles that were not read yet."""
        return self._catalog is not None

    def catalog(self) -> Catalog:
        """Return the catalog as the plan is estimated with; loaded on first use, safe from any thread."""
        return self._pinned or self.present_catalog()

    def present_catalog(self) -> Catalog:
        """Return the catalog of now, whatever a plan pins."""
        with self._lock:
            if self._catalog is None:
                self._catalog = self._load()
            return self._catalog

    def read_again(self) -> None:
        """Forget what was read: files of a folder changed; a plan's pinned values are kept no longer."""
        with self._lock:
            self._catalog = None
        self._pinned = None
        self._runs = None
        self.readings += 1

    def left_out(self) -> tuple[str, ...]:
        """Return a line for each file or folder that proved unusable so far."""
        with self._lock:
            return () if self._catalog is None else self._catalog.notices

    def read_added(self) -> None:
        """Read all profiles that are not the program's own (for a worker), so that broken ones are known."""
        self.catalog().read_added()

    @property
    def keeps_pins(self) -> bool:
        """Whether profiles have the values that the plan pinned."""
        return self._pinned is not None

    def keep_pins(self, plan: Plan) -> None:
        """Give profiles the values that a plan pins, until `drop_pins`."""
        from planner.planning.pins import pinned_catalog  # noqa: PLC0415 - read when first asked for

        self._pinned = pinned_catalog(plan, self.present_catalog())

    def drop_pins(self) -> None:
        """Give profiles their values of now."""
        self._pinned = None

    def published_runs(self) -> tuple[PublishedRun, ...]:
        """Return the published runs as utilisations; worked out once, for a worker's thread."""
        from planner.catalog.runs import load_runs  # noqa: PLC0415
        from planner.planning.published import published_runs  # noqa: PLC0415 - read when first asked for

        if self._runs is None:
            self._runs = tuple(published_runs(load_runs().runs, self.present_catalog()))
        return self._runs

    def profile(self, kind: str, identifier: str | None) -> Profile | None:
        """Return a profile, or None while nothing is loaded or where there is no sound one."""
        if not identifier or self._catalog is None:
            return None
        from planner.domain.base import Profile  # noqa: PLC0415 - read with the catalog

        try:
            entry = (self._pinned or self._catalog).get(kind, identifier)
        except PlannerError:
            return None
        found = entry.profile
        return found if isinstance(found, Profile) else None

    def name(self, kind: str, identifier: str | None) -> str:
        """Return what people call a profile; its id where it is unknown."""
        found = self.profile(kind, identifier)
        return safe(found.name) if found is not None else safe(identifier or "")

    def warm(self, plan: Plan) -> None:
        """Read the profiles that a plan names, so that showing them costs nothing (for the worker)."""
        self.catalog()
        for pool in plan.cluster.pools:
            system = self.system_of(pool)
            if system is not None:
                self.profile("chips", system.chip)
            self.profile("fabrics", self.fabric_of(pool))
            self.profile("stacks", pool.stack)
        self.profile("models", plan.model.profile)
        self.profile("sites", plan.site.profile)

    def system_of(self, pool: Pool) -> System | None:
        """Return the system of a pool."""
        found = self.profile("systems", pool.system)
        if found is None:
            return None
        from planner.domain.system import System  # noqa: PLC0415 - kinds of profiles are read with the first

        return found if isinstance(found, System) else None

    def marked_name(self, kind: str, identifier: str) -> str:
        """Return what people call a profile, with how little is known of it before it, where it is little."""
        found = self.profile(kind, identifier)
        mark = "" if found is None else self.describe(found)[1]
        return f"{mark}: {self.name(kind, identifier)}" if mark else self.name(kind, identifier)

    def marked_systems(self, mix: str) -> str:
        """Return what people call the systems of a mix, as of `mix_id`, or a single one."""
        return mix_id([self.marked_name("systems", system) for system in systems_of_mix(mix)])

    def vendor(self, mix: str) -> str:
        """Return who sells the chips of a system or a mix; empty where its profile was not read yet."""
        found = {self._vendor(system) for system in systems_of_mix(mix)}
        return found.pop() if len(found) == 1 else SEVERAL_VENDORS if found else ""

    def _vendor(self, system: str) -> str:
        found = self.profile("systems", system)
        if found is None:
            return ""
        from planner.domain.chip import Chip  # noqa: PLC0415 - as above
        from planner.domain.system import System  # noqa: PLC0415 - as above

        chip = self.profile("chips", found.chip) if isinstance(found, System) else None
        return chip.vendor if isinstance(chip, Chip) else ""

    def fabric_of(self, pool: Pool) -> str | None:
        """Return the fabric that a pool has: its own, or its system's usual one."""
        system = self.system_of(pool)
        return pool.fabric or (system.default_fabric if system is not None else None)

    def site_of(self, plan: Plan) -> Site | None:
        """Return the site of a plan."""
        found = self.profile("sites", plan.site.profile)
        if found is None:
            return None
        from planner.domain.site import Site  # noqa: PLC0415 - as above

        return found if isinstance(found, Site) else None

    def items(self, kind: str) -> list[PickItem]:
        """Return every profile of a kind, sorted by name; behind them the broken ones, with the reason."""
        catalog = self.catalog()
        found = []
        for entry in catalog.of_kind(kind).values():
            profile = entry.profile
            aside, mark = self.describe(profile)
            search = f"{profile.id} {profile.name} {aside}".lower()
            item = PickItem(profile.id, safe(profile.name), aside, mark, safe(entry.origin), search)
            found.append(item)
        found.sort(key=lambda item: item.title.lower())
        for problem in catalog.problems(kind):
            line, origin = safe(problem.line), safe(problem.origin)
            found.append(
                PickItem(problem.id, safe(problem.id), line, origin=origin, search=problem.id, problem=line)
            )
        return found

    def describe(self, profile: Profile) -> tuple[str, str]:
        """Return what tells a profile apart, and how little is known of it: nothing where it is proven."""
        from planner.app.profile_words import apart  # noqa: PLC0415 - as above

        chip = self.profile("chips", getattr(profile, "chip", None))
        return apart(profile, chip)

    def preview(self, kind: str, identifier: str) -> list[tuple[str, str]]:
        """Return label and text of every figure of a profile, with its evidence; a system's chip below."""
        found = self.profile(kind, identifier)
        if found is None:
            return [("", "not loaded")]
        from planner.domain.system import System  # noqa: PLC0415 - as above

        rows = list(self._head(found))
        rows += self._facts(found)
        rows += [("note", safe(note)) for note in found.notes]
        if isinstance(found, System):
            chip = self.profile("chips", found.chip)
            if chip is not None:
                rows += [("", ""), ("", f"chip: {safe(chip.name)}")]
                rows += self._facts(chip)
        return rows

    def _facts(self, profile: Profile) -> Iterator[tuple[str, str]]:
        """Yield every figure with its evidence, and under it what else is in circulation and why not that."""
        from planner.report.profile_rows import profile_rows  # noqa: PLC0415 - as above

        for row in profile_rows(profile):
            if not row.text:
                continue
            yield row.label, fact_text(row)
            yield from ((QUIET_LABEL, title) for title in self._titles(row.evidence))
            if row.chosen_because:
                yield QUIET_LABEL, f"chosen because {safe(row.chosen_because)}"
            for rival in row.rivals:
                label = WRONG_LABEL if rival.wrong_because else DISPUTED_LABEL
                because = f", because {safe(rival.wrong_because)}" if rival.wrong_because else ""
                yield label, f"{safe(rival.text)} ({evidence_text(rival.evidence)}){because}"

    def _titles(self, evidence: Evidence | None) -> Iterator[str]:
        """Yield the documents of a figure by name, with its note."""
        if evidence is None:
            return
        sources = self.catalog().sources
        yield from (safe(sources[key].title) for key in evidence.sources if key in sources)
        if evidence.note:
            yield safe(evidence.note)

    def doubt(self, plan: Plan, pool: Pool | None, field: str) -> str:
        """Return why a typed figure is known to be wrong; empty where it is not, or where nobody knows."""
        from planner.planning.disputes import warn_if_known_wrong  # noqa: PLC0415 - read when first asked for

        profile = self.site_of(plan) if pool is None else self.system_of(pool)
        value = getattr(plan.site if pool is None else pool, field)
        if profile is None or value is None:
            return ""
        return safe(warn_if_known_wrong(profile, field, value) or "")

    def _head(self, profile: Profile) -> Iterable[tuple[str, str]]:
        from planner.domain.system import System  # noqa: PLC0415 - as above

        aside, mark = self.describe(profile)
        yield "", safe(profile.name)
        yield "", aside
        if mark:
            yield mark, "not measured by others than the vendor"
        if isinstance(profile, System):
            yield "host", f"{profile.chips_per_host} chips share a host"
            yield "domain", f"{profile.chips_per_domain} chips share the scale-up network"


def fact_text(row: Row) -> str:
    """Return a fact with its evidence: `64 GB (datasheet, A910B; 1 disputed)`."""
    evidence = row.evidence
    if evidence is None:
        return safe(row.text)
    rivals = f"; {len(row.rivals)} disputed" if row.rivals else ""
    return f"{safe(row.text)} ({evidence_text(evidence)}{rivals})"


def evidence_text(evidence: Evidence) -> str:
    """Return what a figure rests on: `datasheet, A910B`."""
    return ", ".join((known_words(evidence.kind), *(safe(source) for source in evidence.sources)))
